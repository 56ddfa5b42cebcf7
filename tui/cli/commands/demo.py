"""`lanewatch demo`: the live screen over sample logs."""

from __future__ import annotations

import argparse

from tui.cli import arguments
from tui.cli.command import Command, Given, UsageError


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--speed", type=float, default=20.0, metavar="N", help="play N times faster than real time [default: 20]"
    )
    arguments.config(parser)
    arguments.looks(parser)
    arguments.live(parser)


def _run(given: Given) -> int:
    if not 0.1 <= given.speed <= 1000:
        raise UsageError("--speed takes a number from 0.1 to 1000")
    from tui.cli.demo import run
    from tui.cli.live import ScreenArgs

    return run(given.speed, given.config, ScreenArgs.of(given))


COMMANDS = (
    Command(
        name="demo", order=10, summary="The live screen over sample logs, written as if they happened now",
        description="The live screen over sample logs, as if they happened now.", declare=_declare, run=_run,
        examples=(
            ("", "all of it, 20 times faster than real"),
            ("--speed 5 --theme lanewatch-light", "slower, on light ground"),
        ),
    ),
)  # fmt: skip
