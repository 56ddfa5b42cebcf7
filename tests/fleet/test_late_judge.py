"""Lanes that are judged after they were read have exactly the findings that they would have had otherwise."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.property.test_chain import START, encode, homes, message, prompt
from tui.fleet.deferral import ALL_AT_ONCE, EndedDeferred
from tui.fleet.live import LiveFleet
from tui.fleet.supervisor import Supervisor
from tui.judge.ended import EndedJudge
from tui.ledger.prices import PriceTable
from tui.model.finding import QUIET, FindingKind
from tui.model.snapshot import Fleet, Judging, LaneState, ProcessFact
from tui.sources.discover import Root, RootKind

SAMPLES = Path(__file__).resolve().parents[2] / "sample_logs"
FOLDERS = [
    SAMPLES / "morning",
    *(SAMPLES / "findings" / name for name in ("spiral", "collision", "repetition", "double_planning", "stop", "hard_stop")),
]  # fmt: skip
NOW = 1_778_335_200.0
MIDNIGHT = NOW - 12 * 3600
LATER = EndedDeferred(since=float("inf"), whole_bytes=0)
"""Every lane is judged later."""
BESIDE = {FindingKind.NEEDS_INPUT, FindingKind.STALLED, FindingKind.COLLISION, FindingKind.DETACHED, FindingKind.SPIRAL}
"""Kinds that are found by a lane's state or by other lanes."""
SESSION = "00000001-0000-4000-8000-000000000000"


def fleet_of(folder: Path, deferral=LATER) -> LiveFleet:
    live = LiveFleet(
        [Root(str(folder), None, RootKind.FOLDER)], Supervisor(PriceTable.shipped()), deferral=deferral
    )  # fmt: skip
    live.add(*live.find(None))
    return live


def judged(live: LiveFleet) -> Fleet:
    while live.judging:
        live.judge_step(1 << 30)
    return told(live)


def told(live: LiveFleet) -> Fleet:
    """The fleet without the progress of judging."""
    return replace(live.snapshot(NOW, MIDNIGHT), judging=Judging(), version=0)


@cache
def at_once(folder: Path) -> Fleet:
    live = fleet_of(folder, ALL_AT_ONCE)
    live.read_all()
    return told(live)


def looping(session: str = SESSION, rounds: int = 12) -> list[dict[str, object]]:
    """A lane that runs one failing command again and again."""
    lines = [prompt(session, 0, "make the tests pass")]
    for number in range(rounds):
        second = 10 + number * 10
        block = {"type": "tool_use", "id": f"t{number}", "name": "Bash", "input": {"command": "npm test"}}
        lines.append(message(session, second, f"call{number}", 20, block))
        result = {
            "type": "tool_result",
            "tool_use_id": f"t{number}",
            "is_error": True,
            "content": "Error: no such module",
        }
        lines.append(
            {**prompt(session, second + 4, ""), "uuid": f"r{number}", "message": {"role": "user", "content": [result]}}
        )
    return lines


def loops(fleet: Fleet) -> list[FindingKind]:
    return [finding.kind for finding in fleet.findings if finding.kind is FindingKind.REPETITION]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / f"{SESSION}.jsonl").write_bytes(encode(looping()))
    yield tmp_path


def test_a_lane_that_had_ended_is_judged_anew_when_it_goes_on(folder):
    lines, path = looping(), folder / f"{SESSION}.jsonl"
    path.write_bytes(encode(lines[:4]))
    roots = [Root(str(folder), None, RootKind.FOLDER)]
    live = LiveFleet(roots, Supervisor(PriceTable.shipped()), ended_before=float("inf"))
    live.add(*live.find(None))
    live.read_all()
    before = told(live)
    assert not loops(before)
    assert all(isinstance(one.judge, EndedJudge) for one in live.supervisor._shard.records.values())
    path.write_bytes(encode(lines))
    live.changed([str(path)])
    after, whole = judged(live), at_once(folder)
    assert loops(after)
    assert replace(after, scan=whole.scan) == whole


# -- the same findings, whatever the order ----------------------------------------------------------


def test_the_samples_hold_findings_of_lanes_families_and_between_lanes():
    kinds = {one.kind for folder in FOLDERS for one in (*at_once(folder).findings, *at_once(folder).past_findings)}
    assert kinds >= {FindingKind.SPIRAL, FindingKind.COLLISION, FindingKind.STOP, FindingKind.REPETITION}


def test_an_action_that_ran_when_its_lane_ended_is_cut_off():
    outcomes = {
        (one.outcome, lane.state)
        for fleet in map(at_once, FOLDERS)
        for family in fleet.families
        for one in family.members
        for lane in fleet.lanes
        if lane.id == one.lane
    }
    assert ("running", LaneState.ENDED) not in outcomes
    assert ("cut_off", LaneState.ENDED) in outcomes


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(0, 1 << 32), st.sampled_from(FOLDERS))
def test_judged_later_in_any_order_and_any_slices_is_as_judged_at_once(seed, folder):
    random = Random(seed)
    live = fleet_of(folder)
    while live.reading:
        live.step(random.choice((5_000, 50_000, 1 << 20)))
    live.read_all()
    paths = sorted(str(path) for path in folder.rglob("*.jsonl"))
    slices = random.choice(((2_000, 20_000), (20_000, 80_000)))
    while live.judging:
        live.judge_first(random.sample(paths, min(len(paths), random.randint(0, 3))))
        live.judge_step(random.randint(*slices))
        if random.random() < 0.2:
            for lane in told(live).lanes:
                if not lane.judged:
                    assert (lane.repetition, lane.novelty) == (QUIET, ())
                    assert {one.kind for one in lane.findings} <= BESIDE
    assert told(live) == at_once(folder)


@settings(max_examples=examples(90), deadline=None)
@given(st.data(), homes())
def test_lanes_that_go_on_while_they_are_judged_are_as_judged_at_once(data, files):
    """Some of the sessions repeat calls of others, as resumed and forked ones do."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        contents = {folder / path.rpartition("/")[2]: content for path, content in files.items()}
        written = {path: data.draw(st.integers(0, len(content))) for path, content in contents.items()}
        for path, size in written.items():
            path.write_bytes(contents[path][:size])
        live = fleet_of(folder)
        while live.reading:
            live.step(1 << 20)
        for _ in range(data.draw(st.integers(0, 12))):
            if data.draw(st.booleans()):
                live.judge_step(data.draw(st.integers(100, 3000)))
                continue
            path = data.draw(st.sampled_from(sorted(contents)))
            more = contents[path][written[path] : written[path] + data.draw(st.integers(1, 900))]
            written[path] += len(more)
            with path.open("ab") as out:
                out.write(more)
            live.changed([str(path)])
        for path, content in contents.items():
            with path.open("ab") as out:
                out.write(content[written[path] :])
        live.changed(map(str, contents))
        while live.reading:
            live.step(1 << 20)
        assert sum(lane.usage.total for lane in told(live).lanes) == told(live).totals.total
        at_once = fleet_of(folder, ALL_AT_ONCE)
        at_once.read_all()
        live.take_last_lines()
        assert judged(live).lanes == told(at_once).lanes


def test_a_lane_that_goes_on_is_judged_from_its_beginning_before_its_first_finding_is_told(folder):
    path = next(folder.iterdir())
    path.write_bytes(encode(looping(rounds=11)))
    for number in range(5):
        other = f"0000000{number + 2}-0000-4000-8000-000000000000"
        (folder / f"{other}.jsonl").write_bytes(encode(looping(other, rounds=3)))
    live = fleet_of(folder)
    live.read_all()
    assert loops(told(live)) == []
    path.write_bytes(encode(looping(rounds=12)))
    live.changed([str(path)])
    assert loops(told(live)) == []  # nothing is told of the last rounds alone
    while not live.judge_step(4000):
        assert loops(told(live)) == []
    lane = next(lane for lane in told(live).lanes if lane.judged)
    assert (lane.path, lane.repetition.repeats) == (str(path), 12)
    assert live.judging  # it was judged before the others


# -- what can happen to a file in between ---------------------------------------------------------------


def test_a_last_line_without_its_newline_is_judged_once(folder):
    path = next(folder.iterdir())
    path.write_bytes(path.read_bytes().removesuffix(b"\n"))
    live, other = fleet_of(folder), fleet_of(folder, ALL_AT_ONCE)
    live.read_all()
    other.read_all()
    with path.open("ab") as out:
        out.write(b"\n" + encode([message(SESSION, 300, "more", 10)]))
    for each in (live, other):
        each.changed([str(path)])
    assert judged(live) == told(other)
    assert loops(told(live))


def test_a_compressed_transcript_is_judged_later(folder):
    path = next(folder.iterdir())
    packed = path.with_name(f"{path.name}.zst")
    packed.write_bytes(zstandard.ZstdCompressor().compress(path.read_bytes()))
    path.unlink()
    live = fleet_of(folder)
    live.read_all()
    assert not told(live).lanes[0].judged
    while live.judging:
        live.judge_step(700)
    assert loops(told(live))


def test_a_transcript_that_was_replaced_while_it_was_judged_is_judged_anew(folder):
    path = next(folder.iterdir())
    live = fleet_of(folder)
    live.read_all()
    live.judge_step(2000)
    path.write_bytes(encode(looping(rounds=3)))
    live.changed([str(path)])
    assert judged(live).lanes[0].repetition.severity is None
    assert told(live).lanes[0].judged
    assert live.snapshot(NOW, MIDNIGHT).judging.complete


def test_a_transcript_that_was_renamed_while_it_was_judged_keeps_its_findings(folder):
    path = next(folder.iterdir())
    live = fleet_of(folder)
    live.read_all()
    live.judge_step(2000)
    moved = path.rename(path.with_name(f"archived-{path.name}"))
    live.changed([str(moved)])
    assert loops(judged(live))


def test_a_transcript_that_is_gone_stays_unjudged_and_holds_nothing_up(folder):
    path = next(folder.iterdir())
    live = fleet_of(folder)
    live.read_all()
    path.unlink()
    fleet = judged(live)
    assert [lane.judged for lane in fleet.lanes] == [False]
    assert live.snapshot(NOW, MIDNIGHT).judging == Judging(1, 1)


def test_a_transcript_with_other_content_than_was_read_is_not_judged_by_it(folder):
    path = next(folder.iterdir())
    live = fleet_of(folder)
    live.read_all()
    path.write_bytes(b" " + path.read_bytes()[:-1])  # the watch has not noticed it yet
    live.judge_step(1 << 20)
    assert [lane.judged for lane in told(live).lanes] == [False]


# -- which are judged first, and which at once ----------------------------------------------------------


def test_lanes_with_a_process_are_judged_first(folder):
    other = "00000009-0000-4000-8000-000000000000"
    (folder / f"{other}.jsonl").write_bytes(encode(looping(other)))
    for session in (SESSION, other):
        live = fleet_of(folder)
        live.read_all()
        live.observe([ProcessFact(7, session, None, None, "claude", None, None, None, "registry")], [])
        live.judge_step(1)
        while not live.judge_step(4000):
            pass
        assert [lane.session for lane in told(live).lanes if lane.judged] == [session]


def touched(path: Path, at: float) -> None:
    os.utime(path, (at, at))


@pytest.mark.parametrize(
    ("changed", "since", "is_judged"),
    [(NOW, START - 3600, True), (NOW, NOW - 3600, False), (START - 7200, START - 3600, False)],
    ids=["recent", "only copied lately", "old"],
)
def test_a_lane_is_recent_if_file_and_last_event_are(folder, changed, since, is_judged):
    touched(next(folder.iterdir()), changed)
    live = fleet_of(folder, EndedDeferred(since, 0))
    live.read_all()
    assert told(live).lanes[0].judged is is_judged


def test_small_histories_are_judged_at_once_and_others_as_a_whole_later(tmp_path):
    shutil.copytree(SAMPLES / "morning", tmp_path / "a")
    size = sum(path.stat().st_size for path in tmp_path.rglob("*.jsonl"))
    for whole, is_judged in ((size, {True}), (size - 1, {False})):
        live = fleet_of(tmp_path, EndedDeferred(float("inf"), whole))
        live.read_all()
        assert {lane.judged for lane in told(live).lanes} == is_judged


def test_the_line_of_work_of_a_recent_lane_is_judged_with_it(tmp_path):
    folder = tmp_path / "spiral"
    shutil.copytree(SAMPLES / "findings/spiral/raised", folder)
    stranger = "00000009-0000-4000-8000-000000000000"
    (folder / f"{stranger}.jsonl").write_bytes(encode(looping(stranger)))
    for path in folder.rglob("*.jsonl"):
        touched(path, NOW if "subagents" not in str(path) and stranger not in path.name else NOW - 90_000)
    live = fleet_of(folder, EndedDeferred(1_778_310_000.0, 0))
    live.read_all()
    live.snapshot(NOW, MIDNIGHT)
    assert sum(lane.judged for lane in told(live).lanes) == 1
    live.judge_related()
    assert {lane.session for lane in told(live).lanes if not lane.judged} == {stranger}
    assert FindingKind.SPIRAL in {finding.kind for finding in told(live).findings}


def test_a_step_judges_no_more_than_its_budget(tmp_path):
    for number in range(20):
        session = f"{number:08d}-0000-4000-8000-000000000000"
        (tmp_path / f"{session}.jsonl").write_bytes(encode(looping(session)))
    size = next(tmp_path.iterdir()).stat().st_size
    live = fleet_of(tmp_path)
    live.read_all()
    live.judge_step(3 * size)
    assert live.snapshot(NOW, MIDNIGHT).judging == Judging(3, 20)


def test_a_transcript_that_comes_back_is_judged_when_it_goes_on(folder):
    path = next(folder.iterdir())
    live = fleet_of(folder)
    live.read_all()
    away = path.rename(folder / "away")
    assert not judged(live).lanes[0].judged
    away.rename(path)
    with path.open("ab") as out:
        out.write(encode([message(SESSION, 300, "more", 10)]))
    live.changed([str(path)])
    assert loops(judged(live))
