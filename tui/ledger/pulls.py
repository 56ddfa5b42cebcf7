"""The pull request that a lane made or works on, by what its transcript states."""

from __future__ import annotations

import re

from tui.model.snapshot import PullRequest

URL_CHARS = 300
_URL = re.compile(r"https?://[^\s<>\"'`|\\()\[\]{}]{1,200}?/(?:pull|pulls|merge_requests)/(\d{1,9})\b")
_COMMAND = re.compile(
    r"\b(?:gh\s+pr|glab\s+mr)\s+(create|new|checkout|co|edit|merge|ready|comment|review)\b([^\n;&|]*)"
)
_MAKES = ("create", "new")
_NUMBER = re.compile(r"(?:^|\s)#?(\d{1,9})(?=\s|$)")


def pull_of_url(url: str, *, is_made: bool = False) -> PullRequest | None:
    """The pull request with this address; None if it is the address of something else."""
    found = _URL.match(url.strip())
    return PullRequest(int(found[1]), found[0][:URL_CHARS], is_made) if found is not None else None


def pull_of_run(command: str, output: str) -> PullRequest | None:
    """The pull request of a shell command that made one or works on one, such as `gh pr create`; None: there is none.

    Commands that only look at pull requests are not counted: agents look at many.
    """
    asked = _COMMAND.search(command)
    if asked is None:
        return None
    is_made = asked[1] in _MAKES
    stated = asked[2] if not is_made else ""
    named = _URL.search(stated)
    if named is None and (number := _NUMBER.search(stated)) is not None:
        known = next((found for found in _URL.finditer(output[-3000:]) if found[1] == number[1]), None)
        return PullRequest(int(number[1]), known[0] if known is not None else "", is_made)
    for found in _URL.finditer(output[-3000:]) if named is None else ():
        named = found  # the last one: the command prints the address at its end
    return PullRequest(int(named[1]), named[0], is_made) if named is not None else None
