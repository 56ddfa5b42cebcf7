"""What happened, as marks under a time axis: findings, and below them what an operator or the service did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

from tui.model.finding import Severity
from tui.model.frozen import frozen
from tui.report.document import Moment, MomentKind
from tui.report.html.chart_scale import TimeScale
from tui.report.html.markup import Markup, Token, area, classes, element, link_to, percent
from tui.report.html.places import Places
from tui.report.shown import shown
from tui.report.windowed import held_before
from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, number, own
from tui.view.findings import KINDS

ROW_PX = 20
MERGED = 0.045
"""Marks nearer to each other than this part of the width are one."""
TOLD = 6
"""Of those that are one, so many are told in words."""


@frozen
class _Look:
    """How a kind of mark is drawn: its outline around the origin, its colour, how much it asks for."""

    shape: Token
    look: LiteralString
    rank: int


@frozen
class _Event:
    """One thing at one place of the axis."""

    place: float
    look: _Look
    words: SafeText
    to: Token | None


_FINDINGS: dict[Severity, _Look] = {
    Severity.STOP: _Look(
        area(((-6, -2.5), (-2.5, -6), (2.5, -6), (6, -2.5), (6, 2.5), (2.5, 6), (-2.5, 6), (-6, 2.5))), "stop", 3
    ),
    Severity.WARN: _Look(area(((0, -6), (6, 5), (-6, 5))), "warn", 2),
    Severity.INFO: _Look(area(((0, -5), (5, 0), (0, 5), (-5, 0))), "info", 1),
}
_MOMENTS: dict[MomentKind, _Look] = {
    MomentKind.ORDER: _Look(area(((-6, -5), (6, -5), (0, 6))), "order", 3),
    MomentKind.FAULT: _Look(
        area((
            (-5, -3), (-3, -5), (0, -2), (3, -5), (5, -3), (2, 0),
            (5, 3), (3, 5), (0, 2), (-3, 5), (-5, 3), (-2, 0),
        )),
        "fault", 2,
    ),
    MomentKind.LIMIT: _Look(area(((-4.5, -4.5), (4.5, -4.5), (4.5, 4.5), (-4.5, 4.5))), "limit", 1),
}  # fmt: skip


def marks(places: Places, scale: TimeScale, y: float) -> list[Markup]:
    """Rows of marks below `y`, each `ROW_PX` high; `mark_rows` says how many."""
    rows = _rows(places, scale)
    return [
        _drawn(group, y + ROW_PX * (index + 0.5), following)
        for index, events in enumerate(rows)
        for group, following in _groups(events)
    ]


def mark_rows(places: Places, scale: TimeScale) -> int:
    """How many rows there are: findings, and what was done; none of nothing."""
    return len(_rows(places, scale))


def has_moments(moments: Sequence[Moment]) -> bool:
    """True if there is a row of what an operator or the service did."""
    return any(moment.kind in _MOMENTS for moment in moments)


def _rows(places: Places, scale: TimeScale) -> list[list[_Event]]:
    return [events for events in (_found(places, scale), _done(places, scale)) if events]


def _found(places: Places, scale: TimeScale) -> list[_Event]:
    made: list[_Event] = []
    for place, found in places.found:
        finding = found.finding
        if finding.since is None or held_before(finding, places.report.head.window):
            continue
        words = joined(KINDS[finding.kind], own(": "), shown(finding.title, limit=120))
        made.append(_Event(scale.at(finding.since), _FINDINGS[finding.severity], words, place))
    return made


def _done(places: Places, scale: TimeScale) -> list[_Event]:
    made: list[_Event] = []
    for moment in places.report.timeline.moments:
        look = _MOMENTS.get(moment.kind)
        if look is None:
            continue
        by = joined(own(" by "), shown(moment.by, limit=40)) if moment.by else own("")
        made.append(_Event(scale.at(moment.at), look, joined(shown(moment.text, limit=120), by), None))
    return made


def _groups(events: Sequence[_Event]) -> list[tuple[list[_Event], float]]:
    """Events that are one mark, each group with the place of the next one."""
    groups: list[list[_Event]] = []
    for event in sorted(events, key=lambda each: each.place):
        if groups and event.place - groups[-1][0].place < MERGED:
            groups[-1].append(event)
        else:
            groups.append([event])
    following = [group[0].place for group in groups[1:]]
    return list(zip(groups, [*following, 2.0], strict=True))


def _drawn(events: Sequence[_Event], y: float, following: float) -> Markup:
    """One mark: the gravest of its events, how many there are, the first of them in words."""
    gravest = max(events, key=lambda each: each.look.rank)
    told = [part for each in events[:TOLD] for part in (own("\n"), each.words)]
    words = joined(*told[1:])
    is_near = following - events[0].place < 3 * MERGED  # on a narrow page the count would stand under the next mark
    count = element("text", number(len(events)), x=9, y=4, class_="tick wide" if is_near else "tick")
    shape = element("path", d=gravest.look.shape, class_=classes("mark", gravest.look.look))
    picture = element(
        "svg", element("title", words), shape, count if len(events) > 1 else None, x=percent(events[0].place), y=y,
        class_="over",
    )  # fmt: skip
    return picture if gravest.to is None else element("a", picture, href=link_to(gravest.to), aria_label=words)
