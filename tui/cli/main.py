"""The command line: finds the command, parses its options and runs it.

Only commands that need the screen import it.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.command import NAME, PROGRAM, UsageError, all_commands, command_named, watch
from tui.text.secrets.compiled import keep_compiled_in

if TYPE_CHECKING:
    from tui.io.cache import Cache

_COLLECT_AT = 50_000, 20, 100
"""Thresholds of the garbage collector. Reading creates many objects and few cycles, so the usual 700 is far too low."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Returns the exit code: 0 done, 1 refused or failed, 2 wrong usage, 3 findings."""
    args = list(sys.argv[1:] if argv is None else argv)
    # The first word is a command if one has this name; a path with the same name is written ./demo.
    command = command_named(args[0]) if args else None
    rest = args if command is None else args[1:]
    wrong = _misplaced(args) if command is None else ""
    command = command or watch()
    parser = command.parser()
    if wrong:
        parser.error(wrong)
    given = parser.parse_intermixed_args(rest)
    gc.set_threshold(*_COLLECT_AT)
    keep_compiled_in(_cache)
    try:
        code = command.run(given)
        sys.stdout.flush()  # a reader that has ended is noticed here, not when Python ends
        return code
    except BrokenPipeError:
        # The program that reads the output has ended (`lanewatch lanes | head`): this is not an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except UsageError as error:
        parser.error(str(error))
    except _failures() as error:
        from tui.text.safe_text import safe_text

        sys.stderr.write(f"lanewatch: {safe_text(str(error), limit=2000)}\n")
        return 1


def _misplaced(args: Sequence[str]) -> str:
    """The mistake in arguments that begin with no command; empty if they are options and paths.

    A word that is no path may be a misspelt command, or a command behind options.
    """
    words = [word for word in args if not word.startswith("-") and not os.path.lexists(word)]
    behind = next((word for word in words if command_named(word) is not None), None)
    if behind is not None:
        return f"the command comes first: {PROGRAM} {behind} ..., with the options after it"
    if not words or words[0] != args[0] or NAME.match(args[0]) is None:
        return ""
    from tui.text.messages import nearest, quoted

    hint = nearest(args[0], [command.name for command in all_commands()])
    return f"no command or path {quoted(args[0])}{hint.rstrip('?')}" if hint else ""


def _cache() -> Cache | None:
    """The cache for the compiled secret patterns, so that the next command starts faster."""
    from tui.config.paths import Paths
    from tui.io.cache import Cache

    try:
        return Cache(Paths.of(os.environ, Path.home()).cache)
    except RuntimeError:  # the home folder is unknown
        return None


def _failures() -> tuple[type[Exception], ...]:
    from tui.cli.common import CommandError
    from tui.config.load import ConfigError

    return CommandError, ConfigError
