"""Clocks that differ between a parent and its child are told of, with the lines that show it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.replay.playing import SAMPLES, loaded, player, recorded
from tests.replay.written import SESSIONS, START, Claude
from tui.fleet.clock_skew import Descent, Spawn, skews
from tui.model.evidence import LaneId

SPAWN = Spawn("/p.jsonl", "", "call-1", "child", 100.0, 7, 200.0, 9)
DESCENT = Descent(LaneId("claude:p"), LaneId("claude:p/c"), "/p.jsonl", "", ("child",), "/c.jsonl", 101.0, 199.0)


def test_times_within_the_call_are_no_skew():
    assert not skews([DESCENT], [SPAWN])
    assert not skews([replace(DESCENT, started=98.5, last_event=201.5)], [SPAWN])


def test_a_child_that_began_before_it_was_started():
    [found] = skews([replace(DESCENT, started=40.0)], [SPAWN])
    assert (found.parent, found.child, found.seconds) == ("claude:p", "claude:p/c", -60.0)
    assert [(one.at, one.path, one.offset) for one in found.evidence] == [(100.0, "/p.jsonl", 7), (40.0, "/c.jsonl", 0)]


def test_a_child_that_went_on_after_its_result():
    [found] = skews([replace(DESCENT, last_event=260.0)], [SPAWN])
    assert found.seconds == 60.0
    assert [(one.at, one.path, one.offset) for one in found.evidence] == [
        (200.0, "/p.jsonl", 9),
        (260.0, "/c.jsonl", None),
    ]


def test_a_child_that_may_go_on_says_nothing():
    assert not skews([replace(DESCENT, last_event=900.0)], [replace(SPAWN, ended=None)])


def test_a_child_that_may_have_been_woken_says_nothing():
    later = replace(SPAWN, call="call-2", agent=None, began=300.0, ended=400.0)
    assert not skews([replace(DESCENT, last_event=390.0)], [SPAWN, later])


def test_lanes_that_no_call_names_say_nothing():
    assert not skews([replace(DESCENT, names=("other",), started=1.0)], [SPAWN])


@pytest.mark.parametrize("behind", [0.0, 90.0])
def test_transcripts_of_two_hosts(tmp_path, behind):
    parent, child = Claude(SESSIONS[0]), Claude(SESSIONS[0], "feedbeef")
    parent.op("prompt", START, 0)
    said = {"description": "Look", "prompt": "Look on.", "subagent_type": "Explore"}
    parent.answer(START + 1, "spawn", {"type": "tool_use", "id": "toolu_spawn", "name": "Task", "input": said})
    child.op("prompt", START + 1.5 - behind, 3)
    child.op("end", START + 60 - behind, 1)
    block = {"type": "tool_result", "tool_use_id": "toolu_spawn", "content": "done", "is_error": False}
    told = {"agentId": "feedbeef", "status": "completed"}
    parent.put(START + 61, "user", message={"role": "user", "content": [block]}, toolUseResult=told)
    project = tmp_path / "claude" / "projects" / "-home-mara-harbor"
    parent.write(project / f"{SESSIONS[0]}.jsonl")
    child.write(project / SESSIONS[0] / "subagents" / "agent-feedbeef.jsonl")
    found = loaded(recorded(tmp_path)).skews()
    assert [(round(one.seconds, 1), one.child) for one in found] == (
        [(0.5 - behind, "claude:aaaaaaaa/feedbeef")] if behind else []
    )


def test_clocks_of_one_host_agree():
    assert not player(recorded(SAMPLES / "morning")).skews()
