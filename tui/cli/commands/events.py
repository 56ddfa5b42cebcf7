"""`lanewatch events PATH`: what the reader made of a transcript."""

from __future__ import annotations

import sys

from tui.cli.session import CommandError, say
from tui.model.event import Skip
from tui.sources.discover import find, places
from tui.sources.tail import Tailer
from tui.view.event_lines import event_json, event_line
from tui.view.json_out import dumps

SLICE = 4 * 1024 * 1024


def run(paths: tuple[str, ...], *, as_json: bool) -> int:
    """Prints the canonical events of each transcript, in its order.

    Raises:
        CommandError: nothing could be read.
    """
    roots, refused = places(paths)
    skips: list[Skip] = list(refused)
    found = find(roots, None, skips.append)
    tailer = Tailer(lambda: roots)
    for file in sorted(found, key=lambda each: each.path):
        more = True
        while more:
            batch = tailer.read_new(file.path, SLICE)
            more = batch.more
            for event in (*batch.events, *batch.skips):
                if as_json:
                    sys.stdout.write(dumps({"path": batch.path, **event_json(event)}) + "\n")
                else:
                    say([event_line(event)])
    tailer.close()
    if skips and not found:
        raise CommandError("; ".join(f"{skip.path}: {skip.why}" for skip in skips))
    return 0
