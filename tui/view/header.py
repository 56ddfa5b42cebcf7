"""The header: the burn now, today's cost, and what needs a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import field

from tui.model.finding import Severity
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, LaneState, LimitState
from tui.text.format import compact, duration, money, number, percent, rate
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, bar, joined, line_width, own, spark, spread, word
from tui.view.doubt import at_least
from tui.view.finding_text import SEVERITIES
from tui.view.states import COUNTED, glyph_of, word_of

NAMES_FROM = 100
"""On narrower screens only glyphs and numbers are shown."""
BAR_CELLS = 10
SPARK_CELLS, SPARK_LEAST = 24, 8
SOURCE_FROM = 100
"""On narrower screens the limits take the place of the source."""


@frozen
class HeaderFacts:
    """What the header shows besides the fleet."""

    since: SafeText
    """How far back history was read, in words."""
    source: SafeText
    """live, demo or the paths that were given."""
    window: int = 1
    hourly_budget: int = 0
    """The budget of all lanes together in tokens per hour; 0: none."""
    ascii: bool = False
    findings: Mapping[Severity, int] = field(default_factory=dict[Severity, int])
    """The number of open findings that are not muted, by severity, gravest first."""


def header_lines(fleet: Fleet, facts: HeaderFacts, cells: int) -> list[Line]:
    """Two lines: burn and states; then today, limits and the progress of reading."""
    return [_first(fleet, facts, cells), _second(fleet, facts, cells)]


def _first(fleet: Fleet, facts: HeaderFacts, cells: int) -> Line:
    burn = fleet.burn[facts.window] if fleet.burn else None
    hot = burn is not None and burn.tokens > 0
    left: list[Span] = [word(" lanewatch ", "brand"), word("  ")]
    over = burn is not None and 0 < facts.hourly_budget < burn.tokens_per_hour
    left += [
        Span(rate(burn.tokens_per_hour) if burn and hot else own("0/h"), "stop" if over else "burn.total"),
        word("  "),
    ]
    if over:
        left += [Span(joined(own("over the budget of "), rate(facts.hourly_budget)), "stop"), word("  ")]
    needs = _needs(fleet, facts, cells)
    room = min(SPARK_CELLS, cells - line_width(left) - line_width(needs) - 2)
    if room >= SPARK_LEAST:
        left += [spark(fleet.spark, room, "burn.2" if hot else "dim"), word("  ")]
    return spread(tuple(left), needs, cells)


def _needs(fleet: Fleet, facts: HeaderFacts, cells: int) -> Line:
    counts = Counter(lane.state for lane in fleet.lanes)
    spans: list[Span] = _findings(facts, cells)
    for state in COUNTED:
        count = counts[state]
        if not count:
            continue
        glyph = glyph_of(state, ascii=facts.ascii)
        name = joined(own(" "), word_of(state)) if cells >= NAMES_FROM or state is LaneState.NEEDS_INPUT else own("")
        loud = state in (LaneState.NEEDS_INPUT, LaneState.LIMITED, LaneState.STALLED)
        role = f"pill.{state}" if loud else f"state.{state}"
        spans += [Span(joined(own(" "), glyph, own(" "), number(count), name, own(" ")), role), word(" ")]
    return tuple(spans)


def _findings(facts: HeaderFacts, cells: int) -> list[Span]:
    """`⊗ 2 stop ▲ 1 warn`; empty if there are none."""
    spans: list[Span] = []
    for severity, count in facts.findings.items():
        look = SEVERITIES[severity]
        glyph = look.ascii if facts.ascii else look.glyph
        name = joined(own(" "), look.word) if cells >= NAMES_FROM or severity is Severity.STOP else own("")
        role = f"pill.{look.role}" if severity is Severity.STOP else f"loud.{look.role}"
        spans += [Span(joined(own(" "), glyph, own(" "), number(count), name, own(" ")), role), word(" ")]
    return spans


def _second(fleet: Fleet, facts: HeaderFacts, cells: int) -> Line:
    today = fleet.totals_today
    total = at_least(compact(today.total), is_lower_bound=fleet.today_is_lower_bound)
    left: list[Span] = [word(" today ", "dim"), Span(total, "strong"), word(" ")]
    left.append(Span(money(fleet.cost_today_usd), "text" if fleet.cost_today_usd is not None else "warn"))
    right = _progress(fleet, facts, cells)
    limits: list[list[Span]] = [[word("   "), *_limit(limit, fleet.at)] for limit in _shown_limits(fleet, 2)]
    fresh: list[Span] = []
    if today.total:
        fresh = [word("  fresh ", "dim"), Span(compact(today.fresh), "text"), word(" · cache reads ", "dim")]
        fresh.append(Span(percent(today.cache_read / today.total), "text"))
    # By importance, and only whole: half a limit would mislead.
    for part in (*limits[:1], fresh, *limits[1:]):
        if line_width(left) + line_width(part) + line_width(right) <= cells:
            left += part
    return spread(tuple(left), right, cells)


def _shown_limits(fleet: Fleet, count: int) -> list[LimitState]:
    alive = [limit for limit in fleet.limits if limit.resets_at is None or limit.resets_at > fleet.at]
    return sorted(alive, key=lambda limit: -(limit.used_percent or 0.0))[:count]


def limit_name(limit: LimitState) -> SafeText:
    """`codex 5h`, `codex week`: named by the stated window, not by its place in the message."""
    agent = safe_text(limit.agent, limit=12)
    minutes = limit.window_minutes
    if minutes is None:
        return joined(agent, own(" limit"))
    if minutes == 10080:
        return joined(agent, own(" week"))
    return joined(agent, own(" "), duration(minutes * 60))


def _limit(limit: LimitState, now: float) -> list[Span]:
    used = (limit.used_percent or 0.0) / 100
    role = "stop" if used >= 0.9 else "warn" if used >= 0.7 else "good"
    spans = [
        Span(limit_name(limit), "dim"),
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
        spans += [word("judging ", "dim"), Span(count, "text"), word("  ")]
    if fleet.skipped_lines:
        plural = own(" skip") if fleet.skipped_lines == 1 else own(" skips")
        spans += [Span(joined(number(fleet.skipped_lines), plural), "warn"), word("  ")]
    lanes = own(" lane") if len(fleet.lanes) == 1 else own(" lanes")
    spans.append(Span(joined(number(len(fleet.lanes)), lanes), "text"))
    if cells >= SOURCE_FROM:
        spans += [word(" · ", "dim"), Span(facts.since, "dim"), word(" · ", "dim"), Span(facts.source, "dim")]
    spans.append(word(" "))
    return tuple(spans)
