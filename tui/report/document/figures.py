"""Figures of the report: sums, rows of tables, windows, and doubts about them."""

from __future__ import annotations

from tui.model.evidence import LaneId
from tui.model.frozen import frozen
from tui.model.usage import ZERO, Usage


@frozen
class Figures:
    """What something used within the window. A model call is counted once, at the lane that owns it."""

    usage: Usage = ZERO
    cost_usd: float | None = 0.0
    """US dollars at list price; None if a model in it has no known price."""
    calls: int = 0
    """Model calls."""
    tool_calls: int = 0
    errors: int = 0
    """Tool calls that failed."""
    start: float | None = None
    """Of its first event within the window."""
    end: float | None = None

    @property
    def duration_s(self) -> float | None:
        """From its first event to its last."""
        return None if self.start is None or self.end is None else max(0.0, self.end - self.start)


@frozen
class Row:
    """One line of a table of figures: an agent, a model, a command, an issue."""

    name: str
    figures: Figures
    share: float | None
    """Of all tokens of the report, 0 to 1; None if there are none."""
    burn: float | None
    """Tokens per hour over the whole window of the report, so that rows add up; None without a duration."""
    count: int = 0
    """What it was summed over: lanes of an agent, runs of a command, actions of an issue."""


@frozen
class Table:
    """Rows of one sort, the largest first. `left_out` rows are not listed, their sum is `rest`."""

    rows: tuple[Row, ...] = ()
    left_out: int = 0
    rest: Figures = Figures()


@frozen
class Numbered:
    """Numbered actions of one prefix, as the line of work that spent most on them has them: S085 to S172."""

    prefix: str
    run: str
    """Name of that line of work."""
    first: str
    last: str
    count: int
    """Different numbers that were seen."""
    missing: tuple[str, ...]
    """Numbers between first and last that were not seen, at most twenty."""
    missing_count: int
    lanes: tuple[LaneId, ...]
    """Lanes most of whose actions have such a number: who worked on them, and who handed them out."""
    tokens_each: float | None
    """All tokens of these lanes for each number."""
    seconds_each: float | None
    """From their first event to their last, for each number."""
    per_hour: float | None
    """Numbers in an hour."""


@frozen
class Window:
    """What the report is about: the first and the last event in it, and what was asked for."""

    start: float | None
    end: float | None
    asked_from: float | None = None
    asked_to: float | None = None

    @property
    def duration_s(self) -> float | None:
        """From the first event to the last."""
        return None if self.start is None or self.end is None else max(0.0, self.end - self.start)


@frozen
class Note:
    """A doubt about the figures, in words: why, and about which lanes."""

    kind: str
    """suspect, provisional, unpriced, untimed, clock, window, bounded."""
    text: str
    lanes: tuple[LaneId, ...] = ()


def burn_of(tokens: int, duration_s: float | None) -> float | None:
    """Tokens per hour; None where the duration is unknown or nothing."""
    return tokens * 3600 / duration_s if duration_s else None


def share_of(tokens: int | None, total: int) -> float | None:
    """Part of a whole, 0 to 1; None where either is unknown or the whole is nothing."""
    return tokens / total if tokens is not None and total > 0 else None
