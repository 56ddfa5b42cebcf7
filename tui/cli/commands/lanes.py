"""`lanewatch lanes`: prints a table of all lanes once, like `ps`."""

from __future__ import annotations

import argparse

from tui.cli import arguments
from tui.cli.command import Command, Given


def _sorts() -> list[str]:
    from tui.view.columns.registry import all_sorts

    return [sort.name for sort in all_sorts()]


def _groups() -> list[str]:
    from tui.view.columns.registry import all_groupings

    return [group.name for group in all_groupings()]


def _columns() -> list[str]:
    from tui.view.columns.registry import all_columns

    return [column.name for column in all_columns()]


def _declare(parser: argparse.ArgumentParser) -> None:
    arguments.paths(parser)
    arguments.demo(parser)
    arguments.json(parser)
    arguments.judge(parser)
    parser.add_argument("--at", type=arguments.at, metavar="TIME", help="states and burn at this time instead of now")
    parser.add_argument(
        "--filter", metavar="TEXT", help="only lanes that match, as on the screen: 'needs you', 'cost>1 project:shop'"
    )
    parser.add_argument("--state", metavar="STATES", help="only lanes in these states: working,'needs you'")
    parser.add_argument(
        "--sort", action=arguments.NameOption, load=_sorts, metavar="ORDER",
        help="sort the lanes: attention, burn, cost, ... (see docs/columns.md)",
    )  # fmt: skip
    parser.add_argument("--reverse", action="store_true", help="reverse that order")
    parser.add_argument(
        "--group", action=arguments.NameOption, load=_groups, metavar="BY",
        help="group the lanes by project, agent, state, ... (only in the table)",
    )  # fmt: skip
    parser.add_argument(
        "--columns", type=arguments.names(_columns), metavar="NAMES",
        help="these columns from left to right, with commas between them: state,name,cost",
    )  # fmt: skip


def _run(given: Given) -> int:
    from tui.cli.common import Common
    from tui.cli.lanes import Shown, print_lanes

    shown = Shown.of(given.filter, given.state, given.sort, given.group, given.columns, reverse=given.reverse)
    judge = arguments.JudgeWhat(given.judge)
    return print_lanes(Common.of(given), as_json=given.json, at=given.at, judge=judge, shown=shown)


COMMANDS = (
    Command(
        name="lanes", order=40, arguments="[PATH...]", options="--json",
        summary="A table of all lanes, printed once, like ps",
        description="A table of all lanes, printed once, like ps. --filter takes what the screen's filter (/) takes:"
        " see docs/columns.md.",
        examples=(
            ("--sort cost --group project", "the dearest first, by project"),
            ("--state working --since 2h", "what works, and changed in the last two hours"),
            ('--filter "burn>5M" --columns state,name,burn', "the fast ones, three columns"),
        ),
        declare=_declare, run=_run,
    ),
)  # fmt: skip
