"""Findings of lanes that ended: they suggest no verb that comes too late, and a day later they are past."""

from __future__ import annotations

import pytest

from tests.judge.lanes import Script
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.model.event import Call, Edit, Event, LaneInfo, Origin, Prompt, Result, ToolKind
from tui.model.finding import Finding
from tui.model.snapshot import NOT_LOOKED, LaneState

DAY_S = 86_400.0


def writes(start: float) -> list[Event]:
    events: list[Event] = []
    for number in range(3):
        at = start + 20 * number
        call = f"{start}-{number}"
        events.append(Call("", at, number * 100 + 1, call, "Edit", ToolKind.EDIT, '{"new_string":"x"}', "/repo/a.py"))
        events.append(Edit("", at + 1, number * 100 + 2, "/repo/a.py", call, "update"))
        events.append(Result("", at + 1, number * 100 + 3, call, True, "updated", 7))
    return events


def looped(own: bool) -> tuple[Supervisor, float]:
    """A lane that fails again and again, and two that collide."""
    supervisor = Supervisor(PriceTable({}, {}))
    script = Script()
    script.prompt("Install it")
    for _ in range(9):
        script.run("npm install", "npm error code EINTEGRITY", ok=False)
    supervisor.feed("loop.jsonl", "claude", [LaneInfo("", 900.0, 0, session="loop", cwd="/repo"), *script.events])
    for name, start in (("one", 1000.0), ("two", 1010.0)):
        supervisor.feed(f"{name}.jsonl", "claude", [LaneInfo("", 900.0, 0, session=name, cwd="/repo"), *writes(start)])
    for name in ("loop", "one", "two"):
        supervisor.apply_owner(f"{name}.jsonl", "" if own else "a file that was named")
    return supervisor, script.at


def told(findings: tuple[Finding, ...]) -> dict[str, set[str | None]]:
    made: dict[str, set[str | None]] = {}
    for one in findings:
        made.setdefault(one.kind.value, set()).add(one.suggest.value if one.suggest is not None else None)
    return made


@pytest.mark.parametrize("own", [True, False])
def test_while_they_live_the_verbs_are_suggested(own):
    supervisor, end = looped(own)
    assert told(supervisor.snapshot(end + 1, 0.0).findings) == {"repetition": {"close"}, "collision": {"pause"}}


def test_lanes_that_ended_an_hour_ago_are_suggested_nothing():
    supervisor, end = looped(own=True)
    assert told(supervisor.snapshot(end + 5000, 0.0).findings) == {"repetition": {None}, "collision": {None}}


def test_a_day_later_their_findings_are_past():
    supervisor, end = looped(own=True)
    supervisor.snapshot(end + 5000, 0.0)
    fleet = supervisor.snapshot(end + 10 * DAY_S, 0.0)
    assert not fleet.findings
    assert told(fleet.past_findings) == {"repetition": {None}, "collision": {None}}
    assert all(one.until is not None and one.until <= end + 1 for one in fleet.past_findings)


def test_a_recording_still_says_what_held_at_its_end_but_suggests_nothing():
    supervisor, end = looped(own=False)
    assert told(supervisor.snapshot(end + 10 * DAY_S, 0.0).findings) == {"repetition": {None}, "collision": {None}}


def test_in_a_replay_the_end_shows_what_would_have_helped_but_no_pause():
    supervisor, end = looped(own=False)
    for name in ("loop", "one", "two"):
        supervisor.apply_owner(f"{name}.jsonl", NOT_LOOKED)
    assert told(supervisor.snapshot(end + 10 * DAY_S, 0.0).findings) == {"repetition": {"close"}, "collision": {None}}


@pytest.mark.parametrize(("owner", "state"), [
    ("a file that was named", LaneState.ENDED), ("", LaneState.WORKING), (NOT_LOOKED, LaneState.WORKING),
])  # fmt: skip
def test_a_recording_without_times_is_over(owner: str, state: LaneState):
    supervisor = Supervisor(PriceTable({}, {}))
    supervisor.feed("old.jsonl", "claude", [LaneInfo("", None, 0, session="old", cwd="/repo"),
                                            Prompt("", None, 1, "Install it", Origin.PERSON)])  # fmt: skip
    supervisor.apply_owner("old.jsonl", owner)
    [lane] = supervisor.snapshot(1e9, 0.0).lanes
    assert lane.state is state
