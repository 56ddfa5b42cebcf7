"""`lanewatch install|uninstall AGENT`: the gate in an agent's settings, with the exact change shown."""

from __future__ import annotations

import argparse
from functools import partial

from tui.cli.command import Command, Given


def _declare(parser: argparse.ArgumentParser) -> None:
    from tui.agents.registry import gated

    parser.add_argument("agent", choices=tuple(agent.name for agent in gated()))
    parser.add_argument("--project", action="store_true", help="the settings of the project in this folder alone")
    parser.add_argument("--dry-run", action="store_true", help="show the exact change, and make none")


def _run(what: str, given: Given) -> int:
    from tui.cli.install import run

    return run(what, given.agent, project=given.project, dry_run=given.dry_run)


COMMANDS = (
    Command(
        name="install", order=210, arguments="AGENT", options="--dry-run",
        summary="Put the gate into the settings of an agent",
        description="Put the gate into an agent's settings; all else stays as it is.",
        declare=_declare, run=partial(_run, "install"),
    ),
    Command(
        name="uninstall", order=220, arguments="AGENT", options="--dry-run",
        summary="Take it out again, byte for byte",
        description="Take the gate out of an agent's settings; all else stays as it is.",
        declare=_declare, run=partial(_run, "uninstall"),
    ),
)  # fmt: skip
