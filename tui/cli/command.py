"""Commands: each is declared by a module of `cli/commands`, and found there."""

from __future__ import annotations

import argparse
import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from tui.cli import commands

NAME = re.compile(r"[a-z][a-z-]*\Z")
PROGRAM = "lanewatch"
COMMAND = "command"
"""Where the tree of all commands puts the one that was named."""

Given = argparse.Namespace
"""What the command line gave: a field for each option and positional argument of the command."""


class UsageError(Exception):
    """Options that do not go together. Exit code 2."""


class Parser(argparse.ArgumentParser):
    """A parser for which wrong usage is one clear line and exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Ends the program."""
        self.exit(2, f"{PROGRAM}: {message}; see `{self.prog} --help`\n")


def no_options(parser: argparse.ArgumentParser) -> None:
    """Adds nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command of the command line.

    The module that declares it is imported for each help page and completion script, so it imports what the command
    needs in `run` alone.
    """

    name: str
    """Its first word; empty for the live screen, which has none."""
    order: int
    """Place in help and docs; the smallest comes first."""
    summary: str
    """One line for tables, without a full stop."""
    description: str
    """One sentence or two for its own help page."""
    run: Callable[[Given], int]
    """Does it and returns the exit code. Raises CommandError, ConfigError or UsageError."""
    arguments: str = ""
    """Its positional arguments in tables: `[PATH...]`."""
    options: str = ""
    """Its most wanted options in tables: `--json --verify`."""
    declare: Callable[[argparse.ArgumentParser], None] = no_options
    """Adds its options and arguments to a parser."""
    epilog: str = ""

    @property
    def usage(self) -> str:
        """How it is called, in tables."""
        return " ".join(filter(None, (self.name or PROGRAM, self.arguments)))

    def parser(self) -> Parser:
        """A parser for this command alone."""
        # The live screen's `--help` is the page of the whole program, so it declares that option by itself.
        made = Parser(
            prog=f"{PROGRAM} {self.name}".strip(), add_help=bool(self.name), description=self.description,
            epilog=self.epilog or None,
        )  # fmt: skip
        self.declare(made)
        return made


def all_commands() -> list[Command]:
    """All commands in the order of the help page. The live screen is not among them: see `watch`."""
    import pkgutil

    modules = [module.name for module in pkgutil.iter_modules(commands.__path__)]
    found = [command for name in modules for command in _declared(name) if command.name]
    return sorted(found, key=lambda command: (command.order, command.name))


def command_named(word: str) -> Command | None:
    """The command of that name, None if there is none. The others are imported only if no module has its name."""
    if NAME.match(word) is None:
        return None
    try:
        found = _declared(word.replace("-", "_"))
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith(commands.__name__):
            raise
        found = ()
    for command in found:
        if command.name in (word, ""):  # the live screen, which has no name, is called by that of its module too
            return command
    return next((command for command in all_commands() if command.name == word), None)


def watch() -> Command:
    """The live screen: what is done when no command is named."""
    return _declared("watch")[0]


def tree() -> Parser:
    """One parser of everything: the live screen's options, and each command below it. It serves completion alone."""
    root = Parser(prog=PROGRAM, add_help=False)
    below = root.add_subparsers(dest=COMMAND, metavar="COMMAND", parser_class=Parser)
    for command in all_commands():
        command.declare(below.add_parser(command.name, help=command.summary, description=command.summary))
    watch().declare(root)
    return root


def _declared(module: str) -> tuple[Command, ...]:
    return importlib.import_module(f"{commands.__name__}.{module}").COMMANDS
