"""What a recording states makes no finding on one of the operator's own lanes, and directs no verb at it."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from tests.fleet.test_past_findings import writes
from tests.judge import foremen
from tests.judge.lanes import Script
from tui.fleet.policy import Rules, wanted
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.model.event import LaneInfo, UsageReported
from tui.model.finding import FindingKind, Severity

NAMED = "a file that was named"
FAMILY = frozenset(map(FindingKind, foremen.FAMILY))


def rounds(recordings: set[str]) -> tuple[Supervisor, float]:
    """A foreman, and a fresh session for each of six rounds; these of them are recordings."""
    supervisor = foremen.sessions(foremen.numbered, foremen.proof, rounds=6)
    for name in ("f-1", *(f"w-{number}" for number in range(6))):
        supervisor.apply_owner(f"{name}.jsonl", NAMED if name in recordings else "")
    last = max(lane.last_event or 0.0 for lane in supervisor.snapshot(1e9, 0.0).lanes)
    return supervisor, last


ALL = {"f-1", *(f"w-{number}" for number in range(6))}


@pytest.mark.parametrize("recordings", [set(), ALL])
def test_among_own_lanes_and_among_recordings_the_verb_is_for_who_starts_the_rounds(recordings):
    supervisor, last = rounds(recordings)
    [stop] = [one for one in supervisor.snapshot(last + 1, 0.0).findings if one.kind is FindingKind.STOP]
    assert (stop.lane, stop.suggest_for) == ("codex:w-5", "claude:f-1")


def test_a_lane_that_wrote_the_words_of_one_prompt_by_chance_is_directed_nothing():
    supervisor, last = rounds(ALL)
    chance = Script(last - 1000.0)
    chance.prompt("Mend the docs.")
    chance.run(f"git commit -m '{foremen.numbered(Random(1), 5, foremen.LABELS[5])}'", "done")
    supervisor.forget("f-1.jsonl")
    info = LaneInfo("", last - 1001.0, 0, session="chance", cwd="/elsewhere")
    supervisor.feed("chance.jsonl", "claude", [info, *chance.events])
    [stop] = [one for one in supervisor.snapshot(last + 1, 0.0).findings if one.kind is FindingKind.STOP]
    assert (stop.lane, stop.suggest_for) == ("codex:w-5", None)


def test_the_verb_for_a_recording_is_never_for_an_own_lane():
    supervisor, last = rounds(ALL - {"f-1"})
    [stop] = [one for one in supervisor.snapshot(last + 1, 0.0).findings if one.kind is FindingKind.STOP]
    assert (stop.lane, stop.suggest_for) == ("codex:w-5", None)


def test_an_own_lane_is_no_member_of_a_family_of_recordings():
    supervisor, last = rounds(ALL - {"f-1", "w-5"})
    fleet = supervisor.snapshot(last + 1, 0.0)
    assert [one.kind for one in fleet.findings if one.lane == "codex:w-5"] == []
    assert not [family for family in fleet.families if {"codex:w-5", "codex:w-4"} <= {m.lane for m in family.members}]
    rules = Rules(close=FAMILY, min_severity=Severity.WARN, typing_s=0.0)
    assert wanted(fleet, rules, lambda _: False) == []


def test_a_transcript_that_turns_out_to_be_a_recording_leaves_the_family():
    supervisor, last = rounds(set())
    assert [one.lane for one in supervisor.snapshot(last + 1, 0.0).findings if one.kind is FindingKind.STOP]
    for number in range(5):
        supervisor.apply_owner(f"w-{number}.jsonl", NAMED)
    assert not [one for one in supervisor.snapshot(last + 2, 0.0).findings if one.lane == "codex:w-5"]


@pytest.mark.parametrize(("recording", "told"), [(set(), 2), ({"one", "two"}, 2), ({"two"}, 0)])
def test_an_own_lane_does_not_collide_with_a_recording(recording, told):
    supervisor = Supervisor(PriceTable({}, {}))
    for name, start in (("one", 1000.0), ("two", 1010.0)):
        supervisor.feed(f"{name}.jsonl", "claude", [LaneInfo("", 900.0, 0, session=name, cwd="/repo"), *writes(start)])
        supervisor.apply_owner(f"{name}.jsonl", NAMED if name in recording else "")
    fleet = supervisor.snapshot(1060.0, 0.0)
    assert len([one for one in fleet.findings if one.kind is FindingKind.COLLISION]) == told


@pytest.mark.parametrize(("recording", "burns"), [("", 2), (NAMED, 1)])
def test_what_a_recording_below_a_lane_spends_is_not_the_lanes_burn(recording, burns):
    supervisor = Supervisor(PriceTable({}, {}))
    for name, parent in (("root", None), ("below", "root")):
        script = Script()
        script.prompt("Go")
        script.run("true", "")
        script.spend(100_000)
        info = LaneInfo("", script.events[0].at, 0, session=name, parent_session=parent)
        # A call is counted once, wherever it stands: each lane has calls of its own.
        own = [replace(one, key=name) if isinstance(one, UsageReported) else one for one in script.events]
        supervisor.feed(f"{name}.jsonl", "codex", [info, *own])
        supervisor.apply_owner(f"{name}.jsonl", recording if parent else "")
    fleet = supervisor.snapshot(script.at + 1, 0.0)
    root = next(lane for lane in fleet.lanes if lane.id == "codex:root")
    below = next(lane for lane in fleet.lanes if lane.id == "codex:below")
    assert below.parent == root.id
    assert root.tree_burn[1].tokens == burns * root.burn[1].tokens > 0
    limit = int(1.5 * root.burn[1].tokens_per_hour)
    acts = wanted(fleet, Rules(lane_hourly_tokens=limit, typing_s=0.0), lambda _: False)
    assert [one.lane for one in acts if one.lane == root.id] == [root.id][: burns - 1]
