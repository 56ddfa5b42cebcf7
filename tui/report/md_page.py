"""What all parts of the Markdown page share: references to transcripts, names of lanes, sums in words."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.evidence import Evidence, LaneId
from tui.report.document import Figures, Report
from tui.report.md_text import code, prose
from tui.report.shown import time_of_day
from tui.text.format import money

NAME = 60
TITLE = 100
ROWS = 20
"""Rows of a table of figures that are listed."""
MEMBERS = 8
_BARS = "▁▂▃▄▅▆▇█"


class Page:
    """One report while it is drawn."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.several = len(report.lanes) > 1
        """Whether a lane has to be named at all."""
        self.total = report.head.figures.usage.total
        self._refs = {source.path: source.ref for source in report.sources}

    def of(self, lanes: Sequence[LaneId]) -> str:
        """` (lane, lane)` of those that something is about; empty where there is one lane alone."""
        if not lanes or not self.several:
            return ""
        shown = ", ".join(code(lane, limit=NAME) for lane in lanes[:5])
        return f" ({shown}{f' and {len(lanes) - 5} more' if len(lanes) > 5 else ''})"

    def ref(self, evidence: Evidence | None) -> str:
        """`T1:4711`; empty for what points nowhere."""
        if evidence is None or evidence.path is None or evidence.offset is None:
            return ""
        ref = self._refs.get(evidence.path)
        return f"{ref}:{evidence.offset}" if ref else ""

    def at(self, *evidence: Evidence | None) -> str:
        """` (T1:4711)` of everything that points somewhere."""
        refs = [ref for ref in map(self.ref, evidence) if ref]
        return f" ({', '.join(refs)})" if refs else ""

    def evidence(self, evidence: Evidence) -> str:
        """A piece of evidence with its time and its place."""
        at = f"{time_of_day(evidence.at)} " if evidence.at is not None else ""
        return f"{at}{prose(evidence.text, limit=300)}{self.at(evidence)}"


def money_of(figures: Figures) -> str:
    """What something cost."""
    return cost_of(figures.cost_usd)


def cost_of(usd: float | None) -> str:
    """US dollars; `$ ?` if unknown."""
    return money(usd)


def more(count: int, shown: int, what: str) -> list[str]:
    """How many are not listed, if any."""
    return [f"{count - shown} more {what} are not listed; the JSON has them.", ""] if count > shown else []


def spark(values: Sequence[float]) -> str:
    """A bar for each value, the largest full; nothing is a blank."""
    most = max(values, default=0.0)
    if most <= 0:
        return " " * len(values)
    return "".join(" " if value <= 0 else _BARS[min(7, int(value / most * 8))] for value in values)
