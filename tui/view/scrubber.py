"""The scrubber of a replay: the run as one line of burn, with what was found and done, and where one stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from tui.model.finding import Severity
from tui.model.frozen import frozen
from tui.text.format import duration
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import SPARKS, Line, Span, blank, fit_line, joined, line_width, own, word
from tui.view.finding_text import SEVERITIES

MARGIN = 1
"""Cells left and right of the line of burn."""
SHORTEST_S = 0.001
"""A shorter run is one moment."""


@frozen
class ScrubMark:
    """A thing on the line at `at` (seconds UTC): a finding by its severity, or (None) what an operator did."""

    at: float
    severity: Severity | None


@frozen
class ScrubberFacts:
    """What the scrubber draws. Times are seconds UTC; `burn[i]` is tokens from `burn_start + i * step_s` on."""

    start: float
    end: float
    at: float
    burn_start: float
    step_s: float
    burn: Sequence[int]
    marks: tuple[ScrubMark, ...]
    speed: float
    """Recorded seconds in one second; infinity: as fast as it can."""
    playing: bool
    known: float = 0.0
    """Up to where the recording has been read; at `end` or later: all of it."""
    ascii: bool = False


def scrubber_lines(facts: ScrubberFacts, cells: int) -> list[Line]:
    """Three lines: burn with the place on it, the marks, and the times with the pace."""
    room = max(8, cells - 2 * MARGIN)
    return [
        fit_line(_burn(facts, room), cells),
        fit_line(_marks(facts, room), cells),
        fit_line(_times(facts, cells), cells),
    ]


def time_at(column: int, facts: ScrubberFacts, cells: int) -> float:
    """The moment (seconds UTC) that a column of the scrubber stands for."""
    room = max(8, cells - 2 * MARGIN)
    share = (column - MARGIN + 0.5) / room
    return facts.start + min(1.0, max(0.0, share)) * (facts.end - facts.start)


def column_of(at: float, facts: ScrubberFacts, room: int) -> int:
    """The column, of `room`, in which a moment stands."""
    span = facts.end - facts.start
    if span < SHORTEST_S:
        return 0
    return min(room - 1, max(0, int((at - facts.start) / span * room)))


def _burn(facts: ScrubberFacts, room: int) -> Line:
    values = _columns(facts, room)
    here = column_of(facts.at, facts, room)
    top = max(values, default=0)
    spans: list[Span] = [blank(MARGIN)]
    for at, value in enumerate(values):
        level = 0 if top <= 0 or value <= 0 else max(1, min(8, round(8 * value / top)))
        role = "accent" if at == here else "dim" if at > here else "burn.2"
        glyph = SPARKS[level]
        if at == here:
            # The place is seen without colour too: it has a ground of its own.
            spans.append(Span(SafeText(glyph) if level else own("│"), "scrub.here"))
            continue
        spans.append(Span(SafeText(glyph), role))
    return _packed(spans)


def _marks(facts: ScrubberFacts, room: int) -> Line:
    """The gravest thing of each column; what an operator did gives way to a stop alone."""
    rank = {Severity.INFO: 1, Severity.WARN: 2, None: 3, Severity.STOP: 4}
    gravest: dict[int, Severity | None] = {}
    for mark in facts.marks:
        column = column_of(mark.at, facts, room)
        if column not in gravest or rank[mark.severity] > rank[gravest[column]]:
            gravest[column] = mark.severity
    here = column_of(facts.at, facts, room)
    spans: list[Span] = [blank(MARGIN)]
    for at in range(room):
        if at not in gravest:
            place = word("|", "accent") if facts.ascii else word("↑", "accent")
            spans.append(place if at == here else word(" "))
            continue
        spans.append(_glyph(gravest[at], ascii_only=facts.ascii))
    return _packed(spans)


def _glyph(severity: Severity | None, *, ascii_only: bool) -> Span:
    if severity is None:
        return word("@", "accent")
    look = SEVERITIES[severity]
    return Span(look.ascii if ascii_only else look.glyph, look.role)


def _times(facts: ScrubberFacts, cells: int) -> Line:
    state = word("▶ ", "good") if facts.playing else word("‖ ", "accent")
    now = Span(clock(facts.at, with_day=True), "strong")
    left = (word(" "), state, now, word("  "), Span(speed_words(facts.speed), "accent"), word("  "))
    into = Span(joined(duration(facts.at - facts.start), own(" of "), duration(facts.end - facts.start)), "dim")
    right: list[Span] = []
    if facts.known < facts.end:
        right += [word("still reading  ", "warn")]
    same_day = clock(facts.start, with_day=True)[:10] == clock(facts.end, with_day=True)[:10]
    window = joined(clock(facts.start), own(" to "), clock(facts.end, with_day=not same_day), own(" UTC "))
    right.append(Span(window, "dim"))
    room = cells - line_width(left) - line_width(right)
    middle = fit_line((into,), max(0, room))
    return (*left, *middle, *right)


def clock(at: float, *, with_day: bool = False) -> SafeText:
    """`07:12:03`, or `2026-05-09 07:12:03`: UTC, as the report says it."""
    try:
        moment = datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return own("?")
    return safe_text(f"{moment:%Y-%m-%d %H:%M:%S}" if with_day else f"{moment:%H:%M:%S}")


def speed_words(speed: float) -> SafeText:
    """`60×`, `max`."""
    if speed == float("inf"):
        return own("max")
    return safe_text(f"{speed:,.0f}×" if speed >= 1 else f"{speed:g}×")


def _columns(facts: ScrubberFacts, room: int) -> list[float]:
    """The histogram in as many columns as there are cells; a bucket that lies in two is shared out between them.

    Counted where each begins, buckets would fall four into one column and five into the next, and make a pattern.
    """
    values = [0.0] * room
    span = facts.end - facts.start
    if span < SHORTEST_S:
        return values
    per_s, width = room / span, facts.step_s * room / span
    for number, tokens in enumerate(facts.burn):
        first = (facts.burn_start + number * facts.step_s - facts.start) * per_s
        if tokens <= 0 or first + width <= 0 or first >= room:
            continue
        for column in range(max(0, int(first)), min(room, int(first + width) + 1)):
            share = (min(column + 1, first + width) - max(column, first)) / width
            values[column] += tokens * max(0.0, share)
    return values


def _packed(spans: Sequence[Span]) -> Line:
    """Neighbours of one role as one span: the terminal pays for each."""
    made: list[Span] = []
    for span in spans:
        if made and made[-1].role == span.role:
            made[-1] = Span(joined(made[-1].text, span.text), span.role)
        else:
            made.append(span)
    return tuple(made)
