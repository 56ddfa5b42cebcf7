"""`lanewatch export`: writes redacted transcripts into one file."""

from __future__ import annotations

import argparse

from tui.cli import arguments
from tui.cli.command import Command, Given, UsageError


def _declare(parser: argparse.ArgumentParser) -> None:
    arguments.paths(parser)
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="write the bundle to FILE, such as NAME.tar.zst"
    )
    parser.add_argument("--force", action="store_true", help="overwrite an existing file")
    parser.add_argument(
        "--from", dest="start", type=arguments.at, metavar="TIME", help="only transcripts changed after TIME"
    )
    parser.add_argument("--to", dest="end", type=arguments.at, metavar="TIME", help="each transcript as it was at TIME")
    parser.add_argument("--json", action="store_true", help="print the bundle's manifest as JSON to stdout")


def _run(given: Given) -> int:
    if not given.output.endswith(".tar.zst"):
        raise UsageError("-o takes a name that ends in .tar.zst: bundles are recognised by it")
    if given.since is not None and given.start is not None:
        raise UsageError("--since and --from exclude each other")
    from pathlib import Path

    from tui.cli.common import Common
    from tui.cli.export import ExportArgs, run

    wanted = ExportArgs(
        out=Path(given.output), force=given.force, start=given.start, end=given.end, as_json=given.json
    )  # fmt: skip
    return run(Common.of(given), wanted)


COMMANDS = (
    Command(
        name="export", order=90, arguments="[PATH...]", options="-o FILE",
        summary="Write redacted transcripts into one file that every command reads",
        description="Write redacted transcripts into one file, which every command reads like the transcripts.",
        declare=_declare, run=_run,
        examples=(
            ("-o week.tar.zst --since 7d", "the last week, without secrets and names"),
        ),
    ),
)  # fmt: skip
