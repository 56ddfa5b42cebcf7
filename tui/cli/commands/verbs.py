"""One command for each verb, for people, scripts and other agents: `lanewatch pause LANE...`."""

from __future__ import annotations

import argparse
from functools import partial
from typing import cast

from tui.cli import arguments
from tui.cli.command import Command, Given
from tui.control.verbs.base import VerbSpec
from tui.control.verbs.registry import all_verbs

FIRST = 100
"""The place of the first verb in help and docs (`Command.order`)."""
COMMON = frozenset({"text", "file", "template", "now", "lasts", "within", "calls"})
"""Options of verbs that are fields of `VerbArgs`. A verb reads the values of its other options with `Order.option`."""
CODES = (
    "Exit codes: 0 it took effect (without --wait: it was asked for), 1 refused, expired or undone, 2 wrong usage,"
    " 4 not seen to take effect in time"
)
WAITING = "While it waits, each step is a line on stderr; stdout holds only the result or the JSON."


def _declare(spec: VerbSpec, parser: argparse.ArgumentParser) -> None:
    from tui.model.control import RouteKind

    parser.add_argument("lanes", nargs="*", metavar="LANE", help="a lane's id, or a part of it that no other lane has")
    parser.add_argument("--in", dest="paths", action="append", default=[], metavar="PATH",
                        help="look for lanes in these transcripts or folders instead of the agents' homes")  # fmt: skip
    arguments.demo(parser)
    parser.add_argument("--tree", action="store_true", help="also all lanes below the named ones")
    parser.add_argument(
        "--family", metavar="ID", help="all lanes of a family (a group of similar actions, as `explain` names it)"
    )
    parser.add_argument(
        "--route",
        choices=[kind.value for kind in RouteKind],
        help="force a specific route [default: the safest that works]",
    )
    parser.add_argument("--reason", default="", metavar="TEXT", help="the reason, for the audit log")
    parser.add_argument("--dry-run", action="store_true", help="print what would be done, and do nothing")
    parser.add_argument("--wait", nargs="?", type=arguments.length, const=-1.0, metavar="TIME",
                        help="wait until it is seen to take effect, at most TIME: 30s, 10m;"
                             " close always waits")  # fmt: skip
    arguments.json(parser)
    parser.add_argument("--since", metavar="TIME", help="only lanes whose transcripts changed within TIME")
    arguments.config(parser)
    parser.add_argument("--read-only", action="store_true", help="look only: every verb is refused")
    arguments.add_options(parser, spec.options)


def _run(spec: VerbSpec, given: Given) -> int:
    from tui.cli.common import Common
    from tui.cli.verbs import VerbArgs, run

    args = VerbArgs(
        lanes=tuple(given.lanes),
        text=getattr(given, "text", None),
        file=getattr(given, "file", None),
        template=getattr(given, "template", None),
        route=given.route,
        reason=given.reason,
        now=getattr(given, "now", False),
        tree=given.tree,
        family=given.family,
        lasts_s=getattr(given, "lasts", None),
        within_s=getattr(given, "within", None),
        calls=getattr(given, "calls", None),
        wait=given.wait is not None,
        wait_s=given.wait if given.wait is not None and given.wait >= 0 else None,
        dry_run=given.dry_run,
        as_json=given.json,
        read_only=given.read_only,
        options=_own(spec, given),
    )
    return run(spec.verb, Common.of(given), args)


def _own(spec: VerbSpec, given: Given) -> dict[str, str]:
    """The values of the verb's own options as text; `true` for a switch that was given."""
    named = {option.name: getattr(given, option.name) for option in spec.options if option.name not in COMMON}
    texts = {name: _as_text(value) for name, value in named.items()}
    return {name: text for name, text in texts.items() if named[name] is not None and named[name] is not False}


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return ";".join(map(str, cast("list[object]", value)))
    return "true" if value is True else str(value)


def _command(spec: VerbSpec) -> Command:
    codes = "".join(f", {code} {meaning}" for code, meaning in spec.exit_codes)
    return Command(
        name=spec.verb.value, order=FIRST + spec.place, arguments="LANE...", options=spec.shown_options,
        summary=spec.summary, description=spec.description, epilog=f"{CODES}{codes}. {WAITING}",
        declare=partial(_declare, spec), run=partial(_run, spec),
        examples=spec.examples,
    )  # fmt: skip


COMMANDS = tuple(map(_command, all_verbs()))
