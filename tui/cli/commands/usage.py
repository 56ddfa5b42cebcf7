"""`lanewatch usage`: what was used by day, week or month, and by whom."""

from __future__ import annotations

import argparse

from tui.cli import arguments
from tui.cli.command import Command, Given, UsageError

_PERIODS = ("day", "week", "month")
_GROUPS = ("agent", "model", "project", "lane")


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="transcripts or folders of them")
    parser.add_argument("--per", choices=_PERIODS, metavar="PERIOD", help="sum by day, week (from Monday) or month")
    parser.add_argument("--by", choices=_GROUPS, metavar="WHAT", help="sum by agent, model, project or lane")
    parser.add_argument("--since", metavar="TIME", help=f"only calls from TIME on: {arguments.SINCE}, 2026-05-09")
    parser.add_argument("--until", type=arguments.at, metavar="TIME", help="only calls before TIME")
    arguments.json(parser)
    parser.add_argument("--csv", action="store_true", help="print comma-separated values to stdout")
    parser.add_argument(
        "--no-index", action="store_true", help="read all transcripts, and neither use nor keep what was read before"
    )
    arguments.config(parser)


def _run(given: Given) -> int:
    from tui.cli.common import Common
    from tui.cli.usage import print_usage
    from tui.history.usage import By, Per

    if given.json and given.csv:
        raise UsageError("--json and --csv exclude each other")
    return print_usage(
        Common.of(given), Per(given.per) if given.per else None, By(given.by) if given.by else None, given.until,
        form="json" if given.json else "csv" if given.csv else "table", keep=not given.no_index,
    )  # fmt: skip


COMMANDS = (
    Command(
        name="usage", order=45, arguments="[PATH...]", options="--per --by --json",
        summary="Tokens and cost by day, week or month, and by whom",
        description="Tokens and cost by day, week or month, and by agent, model, project or lane, in local time. What"
        " was read is kept in the cache folder, so that the next time only what is new is read.",
        examples=(
            ("", "each of the last 30 days with usage"),
            ("--per week --by model", "the models of each week"),
            ("--by project --since 7d", "the projects of the last seven days"),
            ("--per month --csv", "each month, for a spreadsheet"),
        ),
        declare=_declare, run=_run,
    ),
)  # fmt: skip
