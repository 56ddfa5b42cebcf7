"""`lanewatch doctor`: prints what was found, what was skipped, and why."""

from __future__ import annotations

from tui.cli import arguments
from tui.cli.command import Command, Given


def _run(given: Given) -> int:
    from tui.cli.common import Common
    from tui.cli.doctor import run

    return run(Common.of(given))


COMMANDS = (
    Command(
        name="doctor", order=230, arguments="[PATH...]", summary="What was found, what was skipped, and why",
        description="What was found, what was skipped, and why.", declare=arguments.paths, run=_run,
        examples=(
            ("", "the homes of all agents, the last day"),
            ("sample_logs", "a folder of transcripts"),
        ),
    ),
)  # fmt: skip
