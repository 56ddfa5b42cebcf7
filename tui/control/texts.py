"""The operator's text: checks it, and puts it into the form that an agent gets.

By whatever route it is given, every text begins with `FROM`. So the model sees who wrote it, and no client treats the
text as a command of its own: Claude Code 2.1.329 and 2.1.197 and Codex 0.169.0 look for `!`, `/` and similar signs only
at the beginning (tried with the sign at the beginning, after a space, and at the beginning of a later line).

A mention (`@file`, `$skill`) is different: the client looks for it in the whole message, reads the file or skill that
it names, and gives the content to the model too. The operator may have copied one from an agent's words by accident. So
a text with a mention is refused, with advice on what to write instead. Claude Code 2.1.197 follows a mention even in
the text that it gets from a hook which wakes it.
"""

from __future__ import annotations

import re

from tui.agents.registry import find
from tui.control.refused import Refused
from tui.control.routes.gate_client import LONGEST_TEXT

FROM = "From the operator of this session:\n\n"
"""The beginning of every text that a model receives."""

_SHOWN = 40


def checked_text(text: str) -> str:
    """The text as it may be given.

    Raises:
        Refused: it is empty, too long, or contains control characters; the message says which and where.
    """
    text = text.replace("\r\n", "\n").strip("\n")
    if not text.strip():
        raise Refused("there is no text to give")
    if len(text) > LONGEST_TEXT:
        raise Refused(
            f"the text has {len(text):,} characters; {LONGEST_TEXT:,} are allowed (agents cut a hook's text at 10,000)"
        )
    for place, char in enumerate(text):
        if (ord(char) < 0x20 and char not in "\n\t") or 0x7F <= ord(char) < 0xA0:
            raise Refused(
                f"the text holds a control character (U+{ord(char):04X}, at character {place + 1}): it is not given"
            )
        if 0xD800 <= ord(char) < 0xE000:
            raise Refused(
                f"the text holds an incomplete character (U+{ord(char):04X}, at character {place + 1}): it is not given"
            )
    return text


def full_text(text: str, agent: str) -> str:
    """The complete text that an agent receives: who wrote it, and the text.

    Raises:
        Refused: it may not be given, or it contains a mention that the agent's client would follow.
    """
    text = checked_text(text)
    known = find(agent)
    mention = known.mention if known is not None else None
    found = mention.pattern.search(text) if mention is not None else None
    if mention is not None and found is not None:
        raise Refused(
            f"{found[0][:_SHOWN]!r} is a mention: {mention.effect}; write the name without the {_sign(found)}"
        )
    return FROM + text


def _sign(found: re.Match[str]) -> str:
    return next(char for char in found[0] if char in "@$")
