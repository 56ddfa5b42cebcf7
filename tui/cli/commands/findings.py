"""`lanewatch findings`: prints the findings that hold now. Exit code 3 if one of them is not muted, for scripts."""

from __future__ import annotations

import argparse

from tui.cli import arguments
from tui.cli.command import Command, Given, UsageError


def _kind_names() -> tuple[str, ...]:
    from tui.judge.findings.registry import kind_names

    return tuple(kind_names())


def _screen_names() -> dict[str, str]:
    """The names of kinds on the screen, with those that commands use."""
    from tui.judge.findings.registry import all_findings

    return {str(spec.words): spec.kind.value for spec in all_findings()}


def _declare(parser: argparse.ArgumentParser) -> None:
    from tui.model.finding import Severity

    arguments.paths(parser)
    arguments.json(parser)
    parser.add_argument("--at", type=arguments.at, metavar="TIME", help="the findings at this time instead of now")
    parser.add_argument("--all", action="store_true", help="also muted and past findings")
    parser.add_argument(
        "--kind", action=arguments.NamesOption, load=_kind_names, aliases=_screen_names, metavar="KIND",
        help="only findings of this kind, also by its name on the screen (looping); may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--severity", choices=[severity.value for severity in Severity], default=Severity.INFO.value,
        metavar="SEVERITY", help="only findings of at least this severity: info, warn or stop",
    )  # fmt: skip
    parser.add_argument(
        "--lane", metavar="LANE", help="only findings of this lane: its id, or a part of it that no other lane has"
    )
    parser.add_argument("--mute", metavar="KEY", help="mute the finding with this key")
    parser.add_argument("--unmute", metavar="KEY", help="no longer mute the finding with this key")
    parser.add_argument("--reason", default="", metavar="TEXT", help="the reason for --mute")


def _run(given: Given) -> int:
    if given.mute is not None and given.unmute is not None:
        raise UsageError("--mute and --unmute exclude each other")
    from tui.cli import findings
    from tui.cli.common import Common
    from tui.model.finding import FindingKind, Severity

    common = Common.of(given)
    if given.mute is not None:
        return findings.mute(common, given.mute, given.lane, given.reason, given.at)
    if given.unmute is not None:
        return findings.unmute(given.unmute, given.lane)
    wanted = findings.Wanted(
        kinds=tuple(map(FindingKind, given.kind or ())), severity=Severity(given.severity), lane=given.lane,
        all=given.all,
    )  # fmt: skip
    return findings.run(common, wanted, as_json=given.json, at=given.at)


COMMANDS = (
    Command(
        name="findings", order=50, arguments="[PATH...]", options="--json",
        summary="What an operator should know, with evidence",
        description="The active findings with their evidence. Exit code 3 if one of them is not muted.",
        examples=(
            ("--severity stop", "only what should be stopped"),
            ("sample_logs --kind looping", "loops in a folder of transcripts"),
            ('--mute repetition:17999 --reason "known flaky test"', "mute one"),
        ),
        declare=_declare, run=_run,
    ),
)  # fmt: skip
