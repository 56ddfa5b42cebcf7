"""Alarms on real transcripts, each listed to be read by eye. LANEWATCH_CORPUS names their folder; not shipped."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tui.fleet.live import LiveFleet
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.sources.discover import places

CIRCLES = ("repetition", "stop", "family_too_long", "substitution_name", "owed_output", "low_novelty")


def report(print_line: Callable[[str], None]) -> None:
    """Prints alarms per 1,000 tool steps, and each alarm."""
    corpus = os.environ.get("LANEWATCH_CORPUS")
    if not corpus:
        print_line("real transcripts: not here (LANEWATCH_CORPUS names their folder)")
        return
    roots, _ = places(
        [str(path) for path in sorted(Path(corpus).iterdir()) if path.is_dir() and path.name != "labelled"]
    )
    live = LiveFleet(roots, Supervisor(PriceTable({}, {})))
    found, refused = live.find(None)
    live.add(found, refused)
    live.read_all()
    last = max((lane.last_event or 0.0 for lane in live.snapshot(0.0, 0.0).lanes), default=0.0)
    fleet = live.snapshot(last, 0.0)
    steps = sum(lane.tool_calls for lane in fleet.lanes)
    alarms = [one for one in (*fleet.findings, *fleet.past_findings) if one.kind in CIRCLES]
    rate = 1000 * len(alarms) / steps if steps else 0.0
    print_line(
        f"| real transcripts ({len(fleet.lanes)} lanes, {steps:,} tool steps) | {rate:.2f} alarms in 1,000 steps |"
    )
    for one in alarms:
        print_line(f"    {one.severity} {one.kind} {one.lane}: {one.title[:120]}")
