"""`lanewatch lanes`: prints a table of all lanes once, like `ps`."""

from __future__ import annotations

import argparse

from tui.cli import arguments
from tui.cli.command import Command, Given


def _declare(parser: argparse.ArgumentParser) -> None:
    arguments.paths(parser)
    arguments.json(parser)
    arguments.judge(parser)
    parser.add_argument("--at", type=arguments.at, metavar="TIME", help="states and burn at this time instead of now")


def _run(given: Given) -> int:
    from tui.cli.lanes import print_lanes
    from tui.cli.session import Common

    return print_lanes(Common.of(given), as_json=given.json, at=given.at, judge=arguments.JudgeWhat(given.judge))


COMMANDS = (
    Command(
        name="lanes", order=40, arguments="[PATH...]", options="--json",
        summary="A table of all lanes, printed once, like ps",
        description="A table of all lanes, printed once, like ps.", declare=_declare, run=_run,
    ),
)  # fmt: skip
