"""`lanewatch lanes`: one picture of all lanes, like `ps`."""

from __future__ import annotations

import argparse

from tui.cli import arguments
from tui.cli.command import Command, Given


def _declare(parser: argparse.ArgumentParser) -> None:
    arguments.paths(parser)
    arguments.json(parser)
    parser.add_argument(
        "--at", type=arguments.at, metavar="TIME", help="the picture at this time instead of now (states, burn)"
    )


def _run(given: Given) -> int:
    from tui.cli.lanes import print_lanes
    from tui.cli.session import Common

    return print_lanes(Common.of(given), as_json=given.json, at=given.at)


COMMANDS = (
    Command(
        name="lanes", order=40, arguments="[PATH...]", options="--json", summary="One picture of all lanes, like ps",
        description="One picture of all lanes, like ps.", declare=_declare, run=_run,
    ),
)  # fmt: skip
