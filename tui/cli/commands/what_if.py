"""`lanewatch what-if`: prints where a policy would have acted in a recording."""

from __future__ import annotations

import argparse

from tui.cli import arguments
from tui.cli.command import Command, Given


def _declare(parser: argparse.ArgumentParser) -> None:
    arguments.paths(parser)
    parser.add_argument(
        "--policy", metavar="FILE", help="a file with a [policy] [default: your own, else pause on stop]"
    )
    arguments.json(parser)


def _run(given: Given) -> int:
    from tui.cli.common import Common
    from tui.cli.what_if import run

    return run(Common.of(given), given.policy, as_json=given.json)


COMMANDS = (
    Command(
        name="what-if", order=30, arguments="[PATH...]", options="--policy",
        summary="Where a policy would have acted, and what was spent after it",
        description="Where a policy would have acted in recorded transcripts, and what was spent after it.",
        declare=_declare, run=_run,
        examples=(
            ("sample_logs/loop", "if a policy had paused on stop"),
            ("sample_logs/loop --policy mine.toml --json", "another policy, as JSON"),
        ),
    ),
)  # fmt: skip
