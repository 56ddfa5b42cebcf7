"""`lanewatch audit`: prints the audit log: who requested what of which lane, and the result."""

from __future__ import annotations

import argparse
import sys

from tui.cli import arguments
from tui.cli.command import Command, Given


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", type=arguments.at, metavar="TIME", help="only entries since TIME: 24h (ago), 07:12")
    parser.add_argument("--lane", metavar="LANE", help="only lanes whose id contains LANE")
    parser.add_argument("--verify", action="store_true", help="check that no line was changed or removed")
    arguments.json(parser)


def _run(given: Given) -> int:
    """Prints the audit log. Exit code 1 if `--verify` finds that it was changed."""
    from tui.cli.ansi import output_cells
    from tui.cli.common import say
    from tui.cli.control import control_folder
    from tui.control import audit
    from tui.text.safe_text import safe_text
    from tui.view.control_lines import audit_page
    from tui.view.json_out import dumps
    from tui.view.order_lines import audit_json, audit_lines

    folder = control_folder()
    entries = audit.read(folder, given.since)
    if given.lane is not None:
        entries = [entry for entry in entries if given.lane in entry.lane or given.lane in entry.session]
    problems = audit.problems(folder) if given.verify else []
    if given.json:
        sys.stdout.write(dumps(audit_json(entries, problems)) + "\n")
    else:
        if sys.stdout.isatty():
            say(audit_page(entries, output_cells()))
        else:
            say(audit_lines(entries) or [safe_text("no lane was asked for anything")])
        if given.verify:
            say(
                [safe_text(line) for line in problems]
                or [safe_text("the log is complete: every line is chained to the one before it, and none is missing")]
            )
    return 1 if problems else 0


COMMANDS = (
    Command(
        name="audit", order=200, options="--json --verify",
        summary="Who asked what of which lane, and the result",
        description="Who asked what of which lane, why, and the result.", declare=_declare, run=_run,
        examples=(
            ("--since 24h", "the last day"),
            ("--lane 7d90c18f --verify", "one lane, and check the log"),
        ),
    ),
)  # fmt: skip
