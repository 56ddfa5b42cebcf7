"""Where things stand in the page, so that one part can point at another: lanes, actions, findings, transcripts.

Anchors are numbers of ours: no text of a transcript is ever a part of one.
"""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.evidence import Evidence, LaneId
from tui.model.frozen import frozen
from tui.report.document import ActionRow, Found, LaneRow, Report, Run
from tui.report.html.markup import Markup, Token, anchor, element, group, link_to
from tui.report.html.times import is_one_day, timed
from tui.report.shown import shown
from tui.text.safe_text import SafeText
from tui.text.styled_text import own

RUNS_SHOWN = 12
"""Lines of work in full; the others are summed in one table."""
ACTIONS_SHOWN = 200
"""Actions of a line of work in its table, those that spent most."""
LANES_SHOWN = 60
"""Lanes by name, those that spent most; the others are summed."""
FINDINGS_SHOWN = 80
"""Findings with their evidence, the gravest and dearest."""

_RANKS = {"stop": 2, "warn": 1}


@frozen
class Places:
    """The report, what of it is shown, and the anchors of that."""

    report: Report
    one_day: bool
    lanes: dict[LaneId, LaneRow]
    listed: frozenset[LaneId]
    lane_anchors: dict[LaneId, Token]
    actions: dict[tuple[LaneId, int], Token]
    named_actions: dict[tuple[LaneId | None, str], Token]
    """By lane and name, and by name alone (lane None): the first one of that name."""
    found: tuple[tuple[Token, Found], ...]
    """Those that are shown, in the order of time."""
    families: dict[str, Token]
    sources: dict[str, tuple[Token, str]]
    """Anchor and ref by path."""

    def time(self, at: float | None) -> Markup:
        """A time, short if the report is of one day."""
        return timed(at, one_day=self.one_day)

    def lane_name(self, lane: LaneId | None, limit: int = 48) -> SafeText:
        """What a lane is called: its title, else its id."""
        if lane is None:
            return own("all lanes")
        row = self.lanes.get(lane)
        return shown(row.title if row and row.title else lane, limit=limit)

    def lane_link(self, lane: LaneId | None, limit: int = 48) -> Markup:
        """A lane's name; a link if the lane is listed."""
        name = element("bdi", self.lane_name(lane, limit))
        place = self.lane_anchors.get(lane) if lane is not None else None
        return group(name) if place is None else element("a", name, href=link_to(place))

    def action_link(self, lane: LaneId | None, name: str, limit: int = 40) -> Markup:
        """An action's name; a link if the action is listed."""
        words = element("bdi", shown(name, limit=limit))
        place = self.named_actions.get((lane, name)) or self.named_actions.get((None, name))
        return group(words) if place is None else element("a", words, href=link_to(place))

    def ref(self, evidence: Evidence) -> Markup | None:
        """Where it stands: `T2:48213`, a link to the transcript's line in the list; None if it points nowhere."""
        if evidence.path is None or evidence.offset is None or evidence.path not in self.sources:
            return None
        place, ref = self.sources[evidence.path]
        words = element("bdi", shown(ref, limit=12))
        return element("a", words, shown(f":{evidence.offset}"), href=link_to(place), class_="ref")

    def refs(self, evidence: Sequence[Evidence]) -> list[Markup]:
        """Where these stand, each once, with a space before each."""
        made = {(each.path, each.offset): self.ref(each) for each in evidence}
        return [group(own(" "), ref) for ref in made.values() if ref is not None]


def places_of(report: Report) -> Places:
    """All places of a report's page."""
    listed = _biggest_lanes(report.lanes)
    anchors = {row.id: anchor("lane", index) for index, row in enumerate(report.lanes, 1) if row.id in listed}
    actions: dict[tuple[LaneId, int], Token] = {}
    named: dict[tuple[LaneId | None, str], Token] = {}
    for number_of_run, run in enumerate(report.runs[:RUNS_SHOWN], 1):
        for index, row in listed_actions(run):
            place = anchor("action", number_of_run, index + 1)
            actions[row.lane, row.index] = place
            named.setdefault((row.lane, row.name), place)
            named.setdefault((None, row.name), place)
    return Places(
        report=report,
        one_day=is_one_day(report.head.window),
        lanes={row.id: row for row in report.lanes},
        listed=listed,
        lane_anchors=anchors,
        actions=actions,
        named_actions=named,
        found=_shown_findings(report.findings),
        families={family.id: anchor("family", index) for index, family in enumerate(report.families, 1)},
        sources={
            source.path: (anchor("transcript", index), source.ref) for index, source in enumerate(report.sources, 1)
        },
    )


def listed_actions(run: Run) -> list[tuple[int, ActionRow]]:
    """Those of a run's actions that its table shows, in order, each with its place in the run."""
    rows = list(enumerate(run.actions))
    if len(rows) <= ACTIONS_SHOWN:
        return rows
    dearest = sorted(rows, key=lambda row: -row[1].figures.usage.total)[:ACTIONS_SHOWN]
    return sorted(dearest, key=lambda row: row[0])


def _biggest_lanes(lanes: Sequence[LaneRow]) -> frozenset[LaneId]:
    if len(lanes) <= LANES_SHOWN:
        return frozenset(row.id for row in lanes)
    biggest = sorted(lanes, key=lambda row: -row.figures.usage.total)[:LANES_SHOWN]
    return frozenset(row.id for row in biggest)


def _shown_findings(findings: Sequence[Found]) -> tuple[tuple[Token, Found], ...]:
    numbered = list(enumerate(findings, 1))
    if len(numbered) > FINDINGS_SHOWN:
        gravest = sorted(numbered, key=lambda each: _gravity(each[1]), reverse=True)[:FINDINGS_SHOWN]
        numbered = sorted(gravest, key=lambda each: each[0])
    return tuple((anchor("finding", index), found) for index, found in numbered)


def _gravity(found: Found) -> tuple[int, int]:
    return _RANKS.get(found.finding.severity, 0), found.finding.tokens_since or 0
