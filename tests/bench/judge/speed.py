"""Steps per second, and memory of one lane after a million steps."""

from __future__ import annotations

import gc
import time
import tracemalloc

from tests.bench.judge.generator import DEVELOPMENT, QUIET, Writer
from tui.judge.lane import LaneJudge
from tui.model.event import Event

MIX = ("feature_work", "exploration", "edit_test_moves", "compile_debug", "commits", "conversion", "growing_log")


def stream(steps: int) -> list[Event]:
    """Work of all kinds, one after the other."""
    writer = Writer(DEVELOPMENT, "speed", 1)
    while len(writer.made.events) < 3 * steps:
        for kind in MIX:
            QUIET[kind](writer, 0.0, 20)
    return writer.made.events


def steps_per_second(events: list[Event], rounds: int = 5) -> float:
    """The best of some rounds."""
    best = float("inf")
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        judge = LaneJudge()
        began = time.process_time()
        for event in events:
            judge.apply(event)
        best = min(best, (time.process_time() - began) / judge.steps)
    gc.unfreeze()
    return 1 / best


def lane_kilobytes(events: list[Event], steps: int) -> float:
    """Memory of one judge after so many steps, in kB."""
    judge = LaneJudge()
    for event in events[:3000]:  # what is loaded once is no lane's
        judge.apply(event)
    gc.collect()
    tracemalloc.start()
    fed = LaneJudge()
    before = tracemalloc.get_traced_memory()[0]
    while fed.steps < steps:
        for event in events:
            fed.apply(event)
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del judge
    return (after - before) / 1000
