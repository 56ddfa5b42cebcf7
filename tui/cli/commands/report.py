"""`lanewatch report`: writes a postmortem of recorded lanes."""

from __future__ import annotations

import argparse

from tui.cli import arguments
from tui.cli.command import Command, Given, UsageError


def _declare(parser: argparse.ArgumentParser) -> None:
    arguments.paths(parser)
    parser.add_argument("--format", choices=("md", "html", "json"), help="[default: by the ending of -o, else md]")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of standard output (-)")
    parser.add_argument(
        "--from", dest="from_", type=arguments.at, metavar="TIME", help="leave out what happened before TIME"
    )
    parser.add_argument("--to", type=arguments.at, metavar="TIME", help="leave out what happened after TIME")
    parser.add_argument("--title", default="", metavar="TEXT", help="the report's title [default: the project]")
    parser.add_argument(
        "--open", action="store_true", help="show the report in a browser; without -o: HTML in a private file"
    )
    parser.add_argument(
        "--compare", nargs=2, type=arguments.side, metavar=("A", "B"),
        help="two runs side by side: PATH, PATH@FROM..TO, or @FROM..TO for the agents' homes",
    )  # fmt: skip
    parser.add_argument("--schema", action="store_true", help="only print the JSON Schema of --format json")


def _run(given: Given) -> int:
    if given.from_ is not None and given.to is not None and given.from_ >= given.to:
        raise UsageError("--from must lie before --to")
    if given.compare and (given.paths or given.from_ is not None or given.to is not None):
        raise UsageError("--compare takes its paths and windows itself: --compare PATH@FROM..TO PATH@FROM..TO")
    from tui.cli import report
    from tui.cli.common import Common

    if given.schema:
        return report.print_schema()
    asked = report.ReportArgs(
        format=given.format, output=given.output, since=given.from_, until=given.to, title=given.title,
        opens=given.open,
    )  # fmt: skip
    if given.compare:
        return report.run_compare(Common.of(given), asked, (given.compare[0], given.compare[1]))
    return report.run(Common.of(given), asked)


COMMANDS = (
    Command(
        name="report", order=70, arguments="[PATH...]", options="--format",
        summary="The postmortem: what happened, what would have stopped it",
        description="The postmortem of what was recorded: figures, phases, findings, what would have stopped it.",
        declare=_declare, run=_run,
        examples=(
            ("sample_logs/loop -o loop.html --open", "a page to read"),
            ("--since 24h --format md", "the last day, as Markdown"),
            ("--compare monday/ tuesday/", "two runs side by side"),
        ),
    ),
)  # fmt: skip
