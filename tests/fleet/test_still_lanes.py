"""The burn of lanes that are still: they burn nothing now, and the sums of rows, trees and fleet agree."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.judge.lanes import Script
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.model.control import Held, LaneControl
from tui.model.event import LaneInfo, UsageReported
from tui.model.evidence import LaneId
from tui.model.snapshot import Fleet, LaneState

ROOT, BELOW, ALONE = LaneId("codex:root"), LaneId("codex:below"), LaneId("codex:alone")


def three_lanes(held: dict[LaneId, Held]) -> Fleet:
    """A lane with one below it, and one alone; each has spent tokens of its own in the last minute."""
    supervisor = Supervisor(PriceTable({}, {}))
    at = 0.0
    for name, parent in (("root", None), ("below", "root"), ("alone", None)):
        script = Script()
        script.prompt("Go")
        script.run("true", "")
        script.spend(100_000)
        at = script.at
        info = LaneInfo("", script.events[0].at, 0, session=name, parent_session=parent)
        own = [replace(one, key=name) if isinstance(one, UsageReported) else one for one in script.events]
        supervisor.feed(f"{name}.jsonl", "codex", [info, *own])
        supervisor.apply_owner(f"{name}.jsonl", "")
    supervisor.apply_control({lane: LaneControl(held=state, since=at) for lane, state in held.items()})
    return supervisor.snapshot(at + 1, 0.0)


@pytest.mark.parametrize("state", [Held.PAUSED, Held.CLOSED])
def test_a_lane_that_is_still_burns_nothing_and_the_fleet_agrees(state):
    busy = three_lanes({})
    spent = {lane.id: lane.burn[1].tokens for lane in busy.lanes}
    assert all(spent.values())
    assert busy.burn[1].tokens == sum(spent.values())
    fleet = three_lanes({ALONE: state})
    by_id = {lane.id: lane for lane in fleet.lanes}
    assert by_id[ALONE].state is LaneState.of(state)
    assert [burn.tokens for burn in by_id[ALONE].burn] == [0, 0, 0]
    assert [burn.tokens for burn in by_id[ALONE].tree_burn] == [0, 0, 0]
    assert fleet.burn[1].tokens == spent[ROOT] + spent[BELOW]
    assert sum(by_id[ALONE].spark) == sum(spent.values()) // 3, "the rhythm tells what was"


def test_a_lane_below_that_is_still_stays_in_the_burn_of_the_lane_that_may_start_others():
    busy = {lane.id: lane for lane in three_lanes({}).lanes}
    fleet = three_lanes({BELOW: Held.CLOSED})
    by_id = {lane.id: lane for lane in fleet.lanes}
    assert by_id[BELOW].burn[1].tokens == 0
    assert by_id[ROOT].tree_burn == busy[ROOT].tree_burn
    assert fleet.burn[1].tokens == by_id[ROOT].tree_burn[1].tokens + by_id[ALONE].burn[1].tokens


def test_of_a_lane_that_is_still_only_what_works_below_it_burns():
    busy = {lane.id: lane for lane in three_lanes({}).lanes}
    fleet = three_lanes({ROOT: Held.PAUSED})
    by_id = {lane.id: lane for lane in fleet.lanes}
    assert by_id[ROOT].tree_burn == by_id[BELOW].burn == busy[BELOW].burn
    assert fleet.burn[1].tokens == by_id[BELOW].burn[1].tokens + by_id[ALONE].burn[1].tokens
