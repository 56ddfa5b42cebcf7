"""The header: the present burn, today's cost, and the lanes that need a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field

from tui.model.finding import Severity
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, LaneState, LimitState
from tui.model.trust import Trust
from tui.text.format import compact, duration, number, percent, rate
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, bar, fit_line, joined, line_width, own, spark, spread, word
from tui.view.doubt import at_least, cost_role, cost_words, priced_words
from tui.view.finding_text import SEVERITIES
from tui.view.states import COUNTED, NEEDING, glyph_of, word_of

LEFT_LEAST = 8
"""Anything beside the counters is only shown if it has at least this many cells."""
BAR_CELLS = 10
SPARK_CELLS, SPARK_LEAST = 24, 8
_NEEDED = (LaneState.NEEDS_INPUT, LaneState.LIMITED)
"""The states whose lanes go on only if the operator does something. They are the first that are counted."""
SOURCE_FROM = 100
"""On screens narrower than this, the limits replace the source."""


@frozen
class HeaderFacts:
    """The facts that the header shows besides the fleet."""

    since: SafeText
    """How far back history was read, in words."""
    source: SafeText
    """live, demo or the paths that were given."""
    window: int = 1
    hourly_budget: int = 0
    """The budget of all lanes together in tokens per hour; 0: none."""
    ascii: bool = False
    findings: Mapping[Severity, int] = field(default_factory=dict[Severity, int])
    """The number of open findings that are not muted, by severity, most severe first."""
    budget: Line = ()
    """The fullest budget."""
    history: float | None = None
    """The share of all transcripts that is in the indexes; None: nothing is being read into them."""


def header_lines(fleet: Fleet, facts: HeaderFacts, cells: int) -> list[Line]:
    """Two lines: burn and states; then today (of recordings of other days: all), limits and the progress of reading."""
    return [_first(fleet, facts, cells), _second(fleet, facts, cells)]


def _first(fleet: Fleet, facts: HeaderFacts, cells: int) -> Line:
    """The name, the burn and the counts of lanes that need a person. These counts stay on the narrowest screen."""
    burn = fleet.burn[facts.window] if fleet.burn else None
    hot = burn is not None and burn.tokens > 0
    over = burn is not None and 0 < facts.hourly_budget < burn.tokens_per_hour
    shown = rate(burn.tokens_per_hour) if burn and hot else own("0/h")
    figure = (word(" "), Span(shown, "stop" if over else "burn.total"), word("  "))
    budget: Line = ()
    if over:
        budget = (Span(joined(own("over the budget of "), rate(facts.hourly_budget)), "stop"), word("  "))
    brand = (word(" lanewatch ", "brand"), word(" "))
    counters = _counters(fleet, facts)
    lefts = ((*brand, *figure, *budget), (*brand, *figure), figure)
    left, needs = _fitting(lefts, counters, cells)
    room = min(SPARK_CELLS, cells - line_width(left) - line_width(needs) - 2)
    if left != figure and room >= SPARK_LEAST:
        left = (*left, spark(fleet.spark, room, "burn.2" if hot else "dim"), word("  "))
    room = cells - line_width(needs)
    return (*fit_line(left, room), *needs) if room >= LEFT_LEAST else fit_line(needs, cells)


@frozen
class _Counter:
    """One count of the header: in words, or in a glyph and a number."""

    long: Line
    short: Line
    is_needed: bool
    """True for stop, warn, needs you and limited, which are shown at any width."""


def _fitting(lefts: Sequence[Line], counters: Sequence[_Counter], cells: int) -> tuple[Line, Line]:
    """The left part and the counters that fit beside each other, with as much of both as possible.

    Words go first, from the end; then counts that are not needed; then the left part; then the words of the rest.
    """
    needed = sum(one.is_needed for one in counters)
    named = [_partly_named(counters, count) for count in range(len(counters), needed - 1, -1)]
    fewer = [_partly_named(counters[:count], needed) for count in range(len(counters) - 1, needed - 1, -1)]
    for left in lefts:
        for line in (*named, *fewer):
            if line_width(left) + line_width(line) <= cells:
                return left, line
    for count in range(needed - 1, -1, -1):
        line = _partly_named(counters[:needed], count)
        if line_width(lefts[-1]) + line_width(line) <= cells:
            return lefts[-1], line
    return (), _partly_named(counters[:needed], 0)


def _partly_named(counters: Sequence[_Counter], count: int) -> Line:
    """The counters in one line, the first `count` of them in words."""
    parts = [one.long if place < count else one.short for place, one in enumerate(counters)]
    return tuple(span for part in parts for span in (*part, word(" ")))


def _counters(fleet: Fleet, facts: HeaderFacts) -> list[_Counter]:
    """The counts of findings and states, the most important first."""
    made: list[_Counter] = []
    for severity, count in facts.findings.items():
        look = SEVERITIES[severity]
        role = f"pill.{look.role}" if severity is Severity.STOP else f"loud.{look.role}"
        glyph = look.ascii if facts.ascii else look.glyph
        made.append(_counter(glyph, count, look.word, role, is_needed=True))
    counts = Counter(lane.state for lane in fleet.lanes)
    for state in COUNTED:
        if counts[state]:
            role = f"pill.{state}" if state in NEEDING else f"state.{state}"
            glyph = glyph_of(state, ascii=facts.ascii)
            needed = state in _NEEDED
            made.append(_counter(glyph, counts[state], word_of(state), role, is_needed=needed))
    return made


def _counter(glyph: SafeText, count: int, name: SafeText, role: str, *, is_needed: bool) -> _Counter:
    short = joined(own(" "), glyph, own(" "), number(count), own(" "))
    return _Counter((Span(joined(short, name, own(" ")), role),), (Span(short, role),), is_needed)


def _second(fleet: Fleet, facts: HeaderFacts, cells: int) -> Line:
    usage, cost, is_lower_bound = fleet.totals_today, fleet.cost_today, fleet.today_is_lower_bound
    is_old = not usage.total and bool(fleet.totals.total) and all(lane.recording for lane in fleet.lanes)
    if is_old:
        usage, cost, is_lower_bound = fleet.totals, fleet.cost, Trust.PROVISIONAL in fleet.trust
    total = at_least(compact(usage.total), is_lower_bound=is_lower_bound)
    left: list[Span] = [word(" total " if is_old else " today ", "dim"), Span(total, "strong")]
    left += [word(" tok  ", "dim"), Span(cost_words(cost, is_lower_bound=is_lower_bound), cost_role(cost))]
    right = _progress(fleet, facts, cells)
    limits: list[list[Span]] = [[word("   "), *_limit(limit, fleet)] for limit in _shown_limits(fleet, 2)]
    fresh: list[Span] = []
    if usage.total:
        fresh = [word("  fresh ", "dim"), Span(compact(usage.fresh), "text"), word(" · cache reads ", "dim")]
        fresh.append(Span(percent(usage.cache_read / usage.total), "text"))
    priced: list[Span] = []
    if not cost.is_whole:
        priced = [word(", ", "dim"), Span(priced_words(cost), "dim")]
    waited = sum(lane.waited_until(fleet.at) for lane in fleet.lanes)
    waits = [word("  waited for you ", "dim"), Span(duration(waited), "text")] if waited >= 1 else []
    budget = [word("   "), *facts.budget] if facts.budget else []
    parts = (priced, budget, waits, *limits[:1], fresh, *limits[1:])
    # Only as a whole, since half a limit would mislead; the budget first, since the user asked for it.
    room = cells - line_width(left) - line_width(right)
    kept: list[int] = []
    for at in sorted(range(len(parts)), key=lambda at: parts[at] is not budget):
        if line_width(parts[at]) <= room:
            kept.append(at)
            room -= line_width(parts[at])
    left += [span for at in sorted(kept) for span in parts[at]]
    return spread(tuple(left), right, cells)


def _shown_limits(fleet: Fleet, count: int) -> list[LimitState]:
    alive = [limit for limit in fleet.limits if limit.resets_at is None or limit.resets_at > fleet.at]
    return sorted(alive, key=lambda limit: -(limit.used_percent or 0.0))[:count]


def _account(limit: LimitState, limits: Sequence[LimitState]) -> SafeText:
    """What tells the limit's account from the others of its agent, with a blank before it; empty if there is one."""
    others = [one for one in limits if one.agent == limit.agent]
    if limit.home and len({one.home for one in others}) > 1:
        return joined(own(" "), safe_text(limit.home.lstrip("."), limit=16))
    if limit.plan and len({one.plan for one in others}) > 1:
        return joined(own(" "), safe_text(limit.plan, limit=12))
    return own("")


def limit_name(limit: LimitState, limits: Sequence[LimitState] = ()) -> SafeText:
    """`codex 5h`, `codex week`, and if `limits` has several accounts: `codex team 5h`.

    The name comes from the stated window, not from the place in the message.
    """
    agent = joined(safe_text(limit.agent, limit=12), _account(limit, limits))
    minutes = limit.window_minutes
    if minutes is None:
        return joined(agent, own(" limit"))
    if minutes == 10080:
        return joined(agent, own(" week"))
    return joined(agent, own(" "), duration(minutes * 60))


def _limit(limit: LimitState, fleet: Fleet) -> list[Span]:
    now = fleet.at
    used = (limit.used_percent or 0.0) / 100
    role = "stop" if used >= 0.9 else "warn" if used >= 0.7 else "good"
    spans = [
        Span(limit_name(limit, fleet.limits), "dim"),
        word(" "),
        *bar(used, BAR_CELLS, role),
        word(" "),
        Span(percent(used), role),
    ]
    if limit.resets_at is not None:
        spans += [word(" ↻", "dim"), Span(duration(limit.resets_at - now), "dim")]
    return spans


def _progress(fleet: Fleet, facts: HeaderFacts, cells: int) -> Line:
    scan = fleet.scan
    spans: list[Span] = [word("  ")]
    if not scan.complete and scan.total_bytes:
        share = scan.done_bytes / scan.total_bytes
        spans += [
            word("reading ", "dim"),
            *bar(share, 8, "accent"),
            word(" "),
            Span(percent(share), "text"),
            word("  "),
        ]
    elif not fleet.judging.complete:
        judging = fleet.judging
        count = joined(number(judging.done), own(" of "), number(judging.total))
        spans += [word("judging ", "dim"), Span(count, "text")]
        spans.append(word(" transcripts  " if cells >= SOURCE_FROM else "  ", "dim"))
    elif facts.history is not None:
        spans += [word("history ", "dim"), Span(percent(min(facts.history, 0.99)), "text"), word("  ")]
    if fleet.skipped_lines:
        plural = own(" skip") if fleet.skipped_lines == 1 else own(" skips")
        spans += [Span(joined(number(fleet.skipped_lines), plural), "warn"), word("  ")]
    lanes = own(" lane") if len(fleet.lanes) == 1 else own(" lanes")
    spans.append(Span(joined(number(len(fleet.lanes)), lanes), "text"))
    if cells >= SOURCE_FROM:
        spans += [word(" · ", "dim"), Span(facts.since, "dim"), word(" · ", "dim"), Span(facts.source, "dim")]
    spans.append(word(" "))
    return tuple(spans)
