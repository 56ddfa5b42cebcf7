"""The scrubber of a replay: the burn of the whole run in one line, with findings, orders and the present moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from tui.model.finding import Severity
from tui.model.frozen import frozen
from tui.text.format import duration, time_in_form
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import SPARKS, Line, Span, blank, fit_line, joined, line_width, own, spread, word
from tui.view.finding_text import SEVERITIES

MARGIN = 1
"""The margin left and right of the burn, in cells."""
SHORTEST_S = 0.001
"""A shorter run, in seconds, counts as one moment."""


@frozen
class ScrubMark:
    """A mark at `at` (seconds UTC): a finding with its severity, or an order (severity None)."""

    at: float
    severity: Severity | None


@frozen
class ScrubberFacts:
    """The data of the scrubber.

    Times are seconds UTC; `burn[i]` is the number of tokens in the `step_s` seconds from `burn_start + i * step_s` on.
    """

    start: float
    end: float
    at: float
    burn_start: float
    step_s: float
    burn: Sequence[int]
    marks: tuple[ScrubMark, ...]
    speed: float
    """Recorded seconds per second; infinity: as fast as possible."""
    playing: bool
    known: float = 0.0
    """The time up to which the recording was read. If it is `end` or later, all was read."""
    ascii: bool = False


def scrubber_lines(facts: ScrubberFacts, cells: int) -> list[Line]:
    """Three lines: the burn with the present moment, the marks, and the times with the speed."""
    room = max(8, cells - 2 * MARGIN)
    return [
        fit_line(_burn(facts, room), cells),
        fit_line(_marks(facts, room), cells),
        fit_line(_times(facts, cells), cells),
    ]


def time_at(column: int, facts: ScrubberFacts, cells: int) -> float:
    """The moment (seconds UTC) of a column of the scrubber."""
    room = max(8, cells - 2 * MARGIN)
    share = (column - MARGIN + 0.5) / room
    return facts.start + min(1.0, max(0.0, share)) * (facts.end - facts.start)


def column_of(at: float, facts: ScrubberFacts, room: int) -> int:
    """The column, out of `room`, of a moment."""
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
            # The present moment has a background of its own, so that it is also visible without colour.
            spans.append(Span(SafeText(glyph) if level else own("│"), "scrub.here"))
            continue
        spans.append(Span(SafeText(glyph), role))
    return _packed(spans)


def _marks(facts: ScrubberFacts, room: int) -> Line:
    """The most important mark of each column: a stop, then an order, then a warning, then an info."""
    rank = {Severity.INFO: 1, Severity.WARN: 2, None: 3, Severity.STOP: 4}
    most_severe: dict[int, Severity | None] = {}
    for mark in facts.marks:
        column = column_of(mark.at, facts, room)
        if column not in most_severe or rank[mark.severity] > rank[most_severe[column]]:
            most_severe[column] = mark.severity
    here = column_of(facts.at, facts, room)
    spans: list[Span] = [blank(MARGIN)]
    for at in range(room):
        if at not in most_severe:
            place = word("|", "accent") if facts.ascii else word("↑", "accent")
            spans.append(place if at == here else word(" "))
            continue
        spans.append(_glyph(most_severe[at], ascii_only=facts.ascii))
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
    if line_width((*left, into, *right)) + 2 > cells:
        right = right[:-1]  # a narrow screen has no room for the whole window
    return spread((*left, into), tuple(right), cells)


def clock(at: float, *, with_day: bool = False) -> SafeText:
    """A time in UTC as in the report: `07:12:03`, or `2026-05-09 07:12:03`."""
    return time_in_form(at, "%Y-%m-%d %H:%M:%S" if with_day else "%H:%M:%S", UTC)


def speed_words(speed: float) -> SafeText:
    """A speed as text: `60×`, `max`."""
    if speed == float("inf"):
        return own("max")
    return safe_text(f"{speed:,.0f}×" if speed >= 1 else f"{speed:g}×")


def _columns(facts: ScrubberFacts, room: int) -> list[float]:
    """One value of the histogram per column. A bucket that lies in two columns is divided between them.

    If each bucket counted only in the column where it begins, columns would get alternately four and five buckets,
    which would make a pattern.
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
    """Joins neighbouring spans of one role, since each span costs the terminal time."""
    made: list[Span] = []
    for span in spans:
        if made and made[-1].role == span.role:
            made[-1] = Span(joined(made[-1].text, span.text), span.role)
        else:
            made.append(span)
    return tuple(made)
