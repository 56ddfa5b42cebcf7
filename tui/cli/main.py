"""The command line: finds the command, parses its options and runs it.

Only the commands that need it import the screen.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.command import UsageError, command_named, watch
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
    command = command or watch()
    parser = command.parser()
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


def _cache() -> Cache | None:
    """The cache for the compiled secret patterns, so that the next command starts faster."""
    from tui.config.paths import Paths
    from tui.io.cache import Cache

    try:
        return Cache(Paths.of(os.environ, Path.home()).cache)
    except RuntimeError:  # the home folder is unknown
        return None


def _failures() -> tuple[type[Exception], ...]:
    from tui.cli.session import CommandError
    from tui.config.load import ConfigError

    return CommandError, ConfigError
