"""Doubts about the figures, in words: why a number is not the whole truth, and of which lanes."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.evidence import LaneId
from tui.model.snapshot import Trust
from tui.report.document import Note
from tui.report.work import LaneWork
from tui.text.format import tokens

_WORDS = {
    Trust.SUSPECT: "the counts cannot be whole: turns without usage, or implausibly little output",
    Trust.PROVISIONAL: "a lower bound: some usage was never stated in full, or was left out",
    Trust.UNPRICED: "the cost is unknown: a model without a known price",
}


def notes_of(lanes: Sequence[LaneWork], *, bounded: bool) -> tuple[Note, ...]:
    """`bounded`: the report is about a part of the time only."""
    notes = [
        Note(trust.value, words, mine)
        for trust, words in _WORDS.items()
        if (mine := tuple(lane.lane.id for lane in lanes if trust in lane.lane.trust))
    ]
    untimed = [lane for lane in lanes if any(call.at is None for call in lane.ledger.calls.values())]
    if untimed:
        words = "calls without a time " + ("are not counted" if bounded else "are counted and not on the timeline")
        notes.append(Note("untimed", words, _ids(untimed)))
    copied = [lane for lane in lanes if lane.lane.inherited.total]
    if copied:
        total = sum(lane.lane.inherited.total for lane in copied)
        words = f"{tokens(total)} tokens stand here as copies of another lane's history and are counted there alone"
        notes.append(Note("inherited", words, _ids(copied)))
    odd = [lane for lane in lanes if lane.facts.extent.odd]
    if odd:
        count = sum(lane.facts.extent.odd for lane in odd)
        lines = "1 line states a time" if count == 1 else f"{count} lines state times"
        words = f"{lines} more than ten years from all others: not part of the window, nor of the timeline"
        notes.append(Note("clock", words, _ids(odd)))
    return tuple(notes)


def _ids(lanes: Sequence[LaneWork]) -> tuple[LaneId, ...]:
    return tuple(lane.lane.id for lane in lanes)
