"""`lanewatch completion SHELL`: prints a completion script that is made from the declared commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import cast

from tui.cli.command import COMMAND, PROGRAM, Command, Given, Parser

SHELLS = ("bash", "zsh", "fish")
FILES = ("PATH", "FILE")
"""Arguments (by their metavar in help) that are completed with file names."""

_FISH_FILES = f"""\
complete -c {PROGRAM} -n _shtab_{PROGRAM}_using -ka "(__fish_complete_path (commandline -ct))"
"""
_ZSH_COMMANDS = f"_describe '{PROGRAM} commands' _commands"


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS)


def _run(given: Given) -> int:
    sys.stdout.write(completion_script(given.shell))
    return 0


def completion_script(shell: str) -> str:
    """The completion script for bash, zsh or fish."""
    import shtab

    from tui.cli.command import tree

    root = tree()
    for parser in _parsers(root):
        for action in parser._actions:  # pyright: ignore[reportPrivateUsage]
            if action.metavar in FILES:
                action.complete = shtab.FILE  # pyright: ignore[reportAttributeAccessIssue]
            if parser is root and action.metavar == "PATH":
                action.help = argparse.SUPPRESS  # shtab takes the first word for a command; files are added below
    script = shtab.complete(root, shell, root_prefix=PROGRAM)
    if shell == "zsh":
        script = script.replace(_ZSH_COMMANDS, f"{_ZSH_COMMANDS}\n  _files")
    if shell == "fish":
        script += _FISH_FILES
    return script  # bash offers files by itself if no command matches


def _parsers(parser: Parser) -> Iterator[Parser]:
    """The parser itself and the parsers of the commands below it."""
    yield parser
    for action in parser._actions:  # pyright: ignore[reportPrivateUsage]
        if action.dest == COMMAND:
            yield from cast("dict[str, Parser]", action.choices).values()  # pyright: ignore[reportUnknownMemberType]


COMMANDS = (
    Command(
        name="completion", order=250, arguments="SHELL", summary="Completion for bash, zsh or fish",
        description="Completion for a shell, on stdout.", declare=_declare, run=_run,
        examples=(
            ("bash", "for: source <(lanewatch completion bash)"),
        ),
    ),
)  # fmt: skip
