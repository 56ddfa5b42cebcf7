"""Commands of the user: programs that a key runs for the lane at the cursor, as `[[command]]` in the configuration."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

from tui.model.frozen import frozen
from tui.settings.declare import setting
from tui.settings.kinds import Argv, Choice, Switch, Text
from tui.text.messages import nearest

NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
MOST = 50
"""The most commands of a configuration."""
PLACEHOLDERS: Mapping[str, str] = {
    "id": "the lane's id, as `lanewatch` commands take it",
    "session": "the id of its session",
    "transcript": "the path of its transcript",
    "folder": "the folder in which it works: one that exists and belongs to you",
    "pane": "the id of its tmux pane",
}
"""The names that may be in braces, each with a description of its value."""
REFUSED: Mapping[str, str] = {
    "title": "an agent wrote it, and there is no way to check it",
    "doing": "an agent wrote it, and there is no way to check it",
    "prompt": "an agent wrote it, and there is no way to check it",
    "branch": "its transcript names it, and there is no way to check it",
    "model": "its transcript names it, and there is no way to check it",
}
"""Placeholders that are refused although a user may expect them, each with the reason."""
SHELLS = frozenset(("sh", "ash", "bash", "csh", "dash", "fish", "ksh", "mksh", "nu", "pwsh", "tcsh", "xonsh", "zsh"))
HOWS = ("background", "screen", "pane", "window")
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_CODE = re.compile(r"-[A-Za-z]*c|--command(=.*)?")
"""Options of shells that are followed by code."""


@frozen
class UserCommand:
    """A program that a key runs for the lane at the cursor, without a shell. `[[command]]` may be repeated.

    Only the usual configuration file may contain commands, not one that `--config` names.
    """

    name: str = setting("", Text("a short name"), "Its name on the command line, in messages and in the audit log.")
    key: str = setting("", Text("a key"), "The key that runs it; empty: only the command line does.")
    argv: tuple[str, ...] = setting(
        (),
        Argv(),
        "The program and its arguments. {id}, {session}, {transcript}, {folder} and {pane} stand for the lane's; {{ and"
        " }} stand for braces.",
    )
    run: str = setting(
        "background",
        Choice(HOWS),
        'In the "background"; on the whole "screen" until it ends; or in a new tmux "pane" or "window".',
    )
    in_folder: bool = setting(False, Switch(), "Run it in the lane's folder; else in the folder of lanewatch.")
    confirm: bool = setting(False, Switch(), "Ask before it is run.")

    @property
    def needs(self) -> frozenset[str]:
        """The placeholders that it uses."""
        words = {match[1] for word in self.argv for match in _BRACES.finditer(word) if match[1] is not None}
        return frozenset(words | ({"folder"} if self.in_folder else set()))

    @property
    def parts_of_words(self) -> frozenset[str]:
        """The placeholders that stand within a longer word."""
        return frozenset(name for word in self.argv for name in _names(word) if word != f"{{{name}}}")


@frozen
class PlacedCommand:
    """A command and the place of its key in the configuration, for messages."""

    command: UserCommand
    file: str | None = None
    line: int | None = None


def filled(argv: Collection[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """The arguments with values in place of the placeholders. A word stays one word, whatever its value contains."""

    def value(match: re.Match[str]) -> str:
        return values[match[1]] if match[1] is not None else match[0][0]

    return tuple(_BRACES.sub(value, word) for word in argv)


def mistakes(argv: tuple[str, ...]) -> Iterator[str]:
    """The mistakes in the placeholders of a command."""
    if not argv:
        yield "a program is missing"
        return
    if _names(argv[0]):
        yield "the program itself may not be a placeholder"
    # `env bash -c` is a shell, too.
    is_shell = any(word.rpartition("/")[2] in SHELLS for word in argv)
    for before, word in pairwise(argv):
        for name in _names(word):
            if name in REFUSED:
                yield f"{{{name}}} is refused: {REFUSED[name]}"
            elif name not in PLACEHOLDERS:
                known = tuple(PLACEHOLDERS)
                yield f"there is no placeholder {{{name}}}{nearest(name, known) or '; known: ' + ', '.join(known)}"
            elif is_shell and (_CODE.fullmatch(before) or word != f"{{{name}}}"):
                yield f'{{{name}}} would become part of a shell\'s code: pass it as a word of its own and use "$1"'


def _names(word: str) -> list[str]:
    return [match[1] for match in _BRACES.finditer(word) if match[1] is not None]
