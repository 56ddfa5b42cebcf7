"""`lanewatch budgets`: how much of each budget is used."""

from __future__ import annotations

import argparse

from tui.cli import arguments
from tui.cli.command import Command, Given


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="transcripts or folders of them")
    arguments.budget(parser)
    arguments.json(parser)
    arguments.config(parser)
    parser.set_defaults(since=None)


def _run(given: Given) -> int:
    from tui.cli.budgets import print_budgets
    from tui.cli.common import Common

    return print_budgets(Common.of(given), tuple(given.budget), as_json=given.json)


COMMANDS = (
    Command(
        name="budgets", order=46, arguments="[PATH...]", options="--budget --json",
        summary="How much of each budget is used, and when it ends",
        description="How much of each [[budget]] of the configuration and each --budget is used, and when it will be"
        " used up at the pace of the last 15 minutes and of the last hour. Exit code 1: one is used up.",
        examples=(
            ("", "the budgets of the configuration"),
            ("--budget 200M/week --budget '$20'", "two more: a week's tokens, and today's dollars"),
            ("--budget 'project:*=$5/day'", "each project on its own"),
        ),
        declare=_declare, run=_run,
    ),
)  # fmt: skip
