"""`lanewatch install|uninstall AGENT`: adds the gate to an agent's settings or removes it, and prints the change."""

from __future__ import annotations

import argparse
from functools import partial

from tui.cli.command import Command, Given


def _declare(parser: argparse.ArgumentParser) -> None:
    from tui.agents.registry import gated

    parser.add_argument("agent", choices=tuple(agent.name for agent in gated()))
    parser.add_argument("--project", action="store_true", help="change only the settings of the project in this folder")
    parser.add_argument("--dry-run", action="store_true", help="print the exact change without making it")


def _run(what: str, given: Given) -> int:
    from tui.cli.install import run

    return run(what, given.agent, project=given.project, dry_run=given.dry_run)


COMMANDS = (
    Command(
        name="install", order=210, arguments="AGENT", options="--dry-run",
        summary="Add the gate to the settings of an agent",
        description="Add the gate to an agent's settings; all else stays as it is.",
        declare=_declare, run=partial(_run, "install"),
        examples=(
            ("{agent} --dry-run", "print the change, do nothing"),
            ("{agent}", "make it"),
        ),
    ),
    Command(
        name="uninstall", order=220, arguments="AGENT", options="--dry-run",
        summary="Remove the gate; the file gets its old bytes",
        description="Remove the gate from an agent's settings; all else stays as it is.",
        declare=_declare, run=partial(_run, "uninstall"),
        examples=(
            ("{agent}", "the file gets its old bytes"),
        ),
    ),
)  # fmt: skip
