"""`lanewatch tour`: five steps over the demo."""

from __future__ import annotations

import argparse

from tui.cli import arguments
from tui.cli.command import Command, Given


def _declare(parser: argparse.ArgumentParser) -> None:
    arguments.looks(parser)


def _run(given: Given) -> int:
    from tui.cli.demo import run_tour
    from tui.cli.live import ScreenArgs

    return run_tour(ScreenArgs.of(given))


COMMANDS = (
    Command(
        name="tour", order=15, summary="Five steps over the demo: find a loop, read it, pause it, replay one",
        description="A tour of a minute over the demo. Each step says what to press; esc skips it, q ends the tour.",
        declare=_declare, run=_run,
        examples=(
            ("", "about a minute"),
        ),
    ),
)  # fmt: skip
