"""What was spent after a finding, counted within the window of a report alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tui.model.finding import Family, Finding
from tui.report.document import Window
from tui.report.sums import own_calls
from tui.report.work import LaneWork

EARLY_S = 1.0
"""A family counts its tokens from the member that begins within this before the finding."""


def held_before(finding: Finding, window: Window) -> bool:
    """True if it held already before the part of the time that was asked for."""
    return finding.since is not None and window.asked_from is not None and finding.since < window.asked_from


def counted_from(finding: Finding, window: Window) -> float | None:
    """From when on its tokens are counted (seconds UTC): the window's first event if it held before."""
    if not held_before(finding, window):
        return finding.since
    return window.start if window.start is not None else window.asked_from


def within(finding: Finding, families: Sequence[Family], lanes: Sequence[LaneWork], window: Window) -> Finding:
    """The finding with its tokens as the window has them; as it is where the window has no beginning."""
    if window.asked_from is None or finding.tokens_since is None or finding.since is None:
        return finding
    family = next((one for one in families if one.id == finding.family), None)
    tokens = _of_family(finding, family, lanes, window) if family is not None else _of_lane(finding, lanes, window)
    return replace(finding, tokens_since=tokens)


def _of_lane(finding: Finding, lanes: Sequence[LaneWork], window: Window) -> int:
    start = counted_from(finding, window)
    end = finding.until if finding.until is not None else window.asked_to
    return sum(
        call.usage.total
        for lane in lanes
        if lane.lane.id == finding.lane
        for call in own_calls(lane.ledger, start, end)
    )


def _of_family(finding: Finding, family: Family, lanes: Sequence[LaneWork], window: Window) -> int:
    """As the family counts: whole members, of which the window may hold a part."""
    since = finding.since or 0.0
    members = {
        (member.lane, member.action)
        for member in family.members
        if member.started is not None
        and member.started >= since - EARLY_S
        and (finding.until is None or member.started < finding.until)
    }
    return sum(
        call.usage.total
        for lane in lanes
        for call in own_calls(lane.ledger, window.asked_from, window.asked_to)
        if (lane.lane.id, call.action) in members
    )
