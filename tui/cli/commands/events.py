"""`lanewatch events PATH...`: prints the events that the readers find in transcripts."""

from __future__ import annotations

import argparse
import sys

from tui.cli.command import Command, Given

SLICE = 4 * 1024 * 1024


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="transcripts or folders of them")
    parser.add_argument("--json", action="store_true", help="print JSON lines")


def _run(given: Given) -> int:
    """Prints the events of each transcript in the order of the file.

    Raises:
        CommandError: no path could be read.
    """
    from tui.cli.common import CommandError, say
    from tui.model.event import UnreadableLine
    from tui.sources.discover import find, places
    from tui.sources.tail import Tailer
    from tui.view.event_lines import event_json, event_line
    from tui.view.json_out import dumps

    roots, refused = places(given.paths)
    skips: list[UnreadableLine] = list(refused)
    found = find(roots, None, skips.append)
    tailer = Tailer(lambda: roots)
    for file in sorted(found, key=lambda each: each.path):
        more = True
        while more:
            batch = tailer.read_new(file.path, SLICE)
            more = batch.more
            for event in (*batch.events, *batch.skips):
                if given.json:
                    sys.stdout.write(dumps({"path": batch.path, **event_json(event)}) + "\n")
                else:
                    say([event_line(event)])
    tailer.close()
    if skips and not found:
        raise CommandError("; ".join(f"{skip.path}: {skip.why}" for skip in skips))
    return 0


COMMANDS = (
    Command(
        name="events", order=80, arguments="PATH...", options="--json",
        summary="The events in transcripts, as the readers see them",
        description="The events in transcripts, as the readers see them, in the order of each file.",
        declare=_declare, run=_run,
        examples=(
            ("sample_logs/loop --json", "one JSON object per event"),
        ),
    ),
)  # fmt: skip
