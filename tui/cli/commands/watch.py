"""The live screen, which runs when no command is named."""

from __future__ import annotations

import argparse
import sys

from tui import __version__
from tui.cli import arguments
from tui.cli.command import Command, Given

SINCE = f"read transcripts changed within TIME: {arguments.SINCE} [default: 24h for agent homes, all for paths]"


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="transcripts or folders of them")
    parser.add_argument("--since", metavar="TIME", help=SINCE)
    arguments.config(parser)
    arguments.looks(parser)
    arguments.live(parser)
    parser.add_argument("-V", "--version", action="store_true", help="print the version")
    parser.add_argument(
        "-h", "--help", action="store_true", help="print this help; `lanewatch COMMAND --help` for a command"
    )


def _run(given: Given) -> int:
    if given.help:
        from tui.cli.help_page import help_page

        sys.stdout.write(help_page())
        return 0
    if given.version:
        sys.stdout.write(f"lanewatch {__version__}\n")
        return 0
    from tui.cli.common import Common
    from tui.cli.live import ScreenArgs, run

    return run(Common.of(given), ScreenArgs.of(given))


COMMANDS = (
    Command(
        name="", order=0, arguments="[PATH...]", summary="The live screen (this is the default)",
        description="The live screen.", declare=_declare, run=_run,
        examples=(
            ("--since 7d", "lanes of the last week"),
            ("sample_logs/morning --theme lanewatch-light", "a folder of transcripts, on light ground"),
        ),
    ),
)  # fmt: skip
