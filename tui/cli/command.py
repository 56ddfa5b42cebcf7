"""The declaration of commands, and the search for them in the modules of `cli/commands`."""

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
"""The field of the parsed arguments that contains the command's name, in the parser of all commands."""

Given = argparse.Namespace
"""The parsed command line: a field for each option and positional argument of the command."""


class UsageError(Exception):
    """An error for options that exclude each other or have wrong values. Exit code 2."""


class Parser(argparse.ArgumentParser):
    """A parser that reports wrong usage in one line, with exit code 2."""

    examples: Callable[[], tuple[str, ...]] = tuple
    """Returns the lines at the end of the help page."""

    def format_help(self) -> str:
        """The help page, with the examples at its end."""
        lines = "".join(f"  {line}\n" for line in self.examples())
        return super().format_help() + (f"\nexamples:\n{lines}" if lines else "")

    def error(self, message: str) -> NoReturn:
        """Prints the line, with a hint at the option that was probably meant, and ends the program."""
        self.exit(2, f"{PROGRAM}: {message}{self._hint(message)}; see `{self.prog} --help`\n")

    def _hint(self, message: str) -> str:
        """A hint at the option that is nearest to an unknown one; empty if none is near."""
        unknown = message.removeprefix("unrecognized arguments: ").split(" ", 1)[0]
        if unknown == message or not unknown.startswith("--"):
            return ""
        from tui.text.messages import nearest

        return nearest(unknown.partition("=")[0], list(self._option_string_actions)).rstrip("?")


def no_options(parser: argparse.ArgumentParser) -> None:
    """Adds nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command of the command line.

    Its module is imported for each help page and completion script, so imports that only the command needs are inside
    `run`.
    """

    name: str
    """The word that names it; empty for the live screen."""
    order: int
    """Its place in help and docs; the smallest comes first."""
    summary: str
    """One line for tables, without a full stop."""
    description: str
    """One or two sentences for its own help page."""
    run: Callable[[Given], int]
    """Runs the command and returns the exit code. Raises CommandError, ConfigError or UsageError."""
    arguments: str = ""
    """Its positional arguments as shown in tables, such as `[PATH...]`."""
    options: str = ""
    """Its most used options as shown in tables, such as `--json --verify`."""
    declare: Callable[[argparse.ArgumentParser], None] = no_options
    """Adds its options and arguments to a parser."""
    epilog: str = ""
    examples: tuple[tuple[str, str], ...] = ()
    """Examples for help and docs: the arguments after the command's name, and what they do.

    `{agent}` stands for the name of an agent; the registry of agents is imported only for help.
    """

    @property
    def usage(self) -> str:
        """The command and its arguments, as shown in tables."""
        return " ".join(filter(None, (self.name or PROGRAM, self.arguments)))

    def parser(self) -> Parser:
        """A parser for this command alone."""
        # The live screen declares `--help` itself, because its help page is the one of the whole program.
        made = Parser(
            prog=f"{PROGRAM} {self.name}".strip(), add_help=bool(self.name), description=self.description,
            epilog=self.epilog or None,
        )  # fmt: skip
        made.examples = self.example_lines
        self.declare(made)
        return made

    def example_args(self) -> tuple[tuple[str, str], ...]:
        """The examples: the arguments, and what they do."""
        if not any("{agent}" in args for args, _ in self.examples):
            return self.examples
        from tui.agents.registry import gated

        return tuple((args.replace("{agent}", gated()[0].name), what) for args, what in self.examples)

    def example_lines(self) -> tuple[str, ...]:
        """The examples as they are typed, each with what it does behind a `#`."""
        typed = [
            (f"{PROGRAM} {self.name} {args}".replace("  ", " ").strip(), what) for args, what in self.example_args()
        ]
        cells = max((len(line) for line, _ in typed), default=0)
        return tuple(f"{line:<{cells}}  # {what}" for line, what in typed)


def all_commands() -> list[Command]:
    """All commands in the order of the help page, without the live screen (see `watch`)."""
    import pkgutil

    modules = [module.name for module in pkgutil.iter_modules(commands.__path__)]
    found = [command for name in modules for command in _declared(name) if command.name]
    return sorted(found, key=lambda command: (command.order, command.name))


def command_named(word: str) -> Command | None:
    """The command with this name; None if there is none.

    Other modules are imported only if no module has this name.
    """
    if NAME.match(word) is None:
        return None
    try:
        found = _declared(word.replace("-", "_"))
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith(commands.__name__):
            raise
        found = ()
    for command in found:
        if command.name in (word, ""):  # the live screen has no name; the name of its module works too
            return command
    return next((command for command in all_commands() if command.name == word), None)


def watch() -> Command:
    """The command of the live screen, which runs when no command is named."""
    return _declared("watch")[0]


def tree() -> Parser:
    """One parser for the live screen and all commands below it. Used only for completion."""
    root = Parser(prog=PROGRAM, add_help=False)
    below = root.add_subparsers(dest=COMMAND, metavar="COMMAND", parser_class=Parser)
    for command in all_commands():
        command.declare(below.add_parser(command.name, help=command.summary, description=command.summary))
    watch().declare(root)
    return root


def _declared(module: str) -> tuple[Command, ...]:
    return importlib.import_module(f"{commands.__name__}.{module}").COMMANDS
