"""Transcripts on recorded time: order, copies, skips, compressed files, what cannot be read, reading in slices."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import zstandard
from hypothesis import HealthCheck, given, settings

from tests.effort import examples
from tests.replay.playing import SAMPLES, loaded, plain, player, read_at_once, recorded, roots
from tests.replay.written import SESSIONS, START, Claude, Codex, scripts, stamp, write
from tui.fleet.refresh import EXACT
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.replay.cursor import feed_between
from tui.replay.recording import REWRITTEN, Recording
from tui.sources.discover import Root, RootKind

PROJECT = Path("claude/projects/-home-mara-harbor")


def session(tmp_path, name=SESSIONS[0]):
    made = Claude(name)
    made.op("prompt", START, 0)
    return made, tmp_path / PROJECT / f"{name}.jsonl"


def test_a_line_without_a_time_or_with_an_old_one_has_the_latest_before_it(tmp_path):
    made, path = session(tmp_path)
    made.op("say", START + 10, 1)
    made.op("timeless", START + 10, 2)
    made.op("say", START + 5, 3)
    made.op("say", START + 20, 4)
    made.write(path)
    [log] = recorded(tmp_path).logs
    assert list(log.times) == sorted(log.times)
    assert sorted(set(log.times)) == [START, START + 10, START + 20]


def test_what_a_fork_copied_is_seen_when_it_was_forked(tmp_path):
    made, path = session(tmp_path)
    for number in range(1, 100):
        made.op("tool", START + number, number)
    made.write(path)
    fork = Claude(SESSIONS[1])
    fork.lines = list(made.lines)
    fork.op("prompt", START + 500, 1)
    fork.op("say", START + 501, 2)
    fork.write(tmp_path / PROJECT / f"{SESSIONS[1]}.jsonl")
    recording = recorded(tmp_path)
    assert min(recording.logs[1].times) == START + 500
    played = player(recording)
    played.seek(START + 499)
    assert [lane.session for lane in played.snapshot().lanes] == [SESSIONS[0]]
    played.seek(played.last)
    assert plain(played.snapshot()) == plain(read_at_once(tmp_path, played.at))


def test_a_bad_line_is_told_of_when_it_was_written(tmp_path):
    made, path = session(tmp_path)
    made.op("say", START + 100, 1)
    made.op("bad", START + 100, 2)
    made.op("say", START + 200, 3)
    made.write(path)
    played = loaded(recorded(tmp_path))
    seen = []
    for at in (START, START + 99, START + 100, START + 200):
        played.seek(at)
        seen.append(played.snapshot().skipped_lines)
    assert seen == [0, 0, 1, 1]
    played.seek(START)
    assert not played.snapshot().skipped


def test_a_file_that_is_no_transcript_is_told_of_from_the_start(tmp_path):
    made, path = session(tmp_path)
    made.write(path)
    (path.parent / "other.jsonl").write_text('{"what": "else"}\n')
    played = player(recorded(tmp_path))
    assert [skip.path.rsplit("/", 1)[-1] for skip in played.snapshot().skipped] == ["other.jsonl"]
    assert plain(played.snapshot()).skipped == read_at_once(tmp_path, played.at).skipped


def test_a_link_that_leads_out_is_told_of(tmp_path):
    made, path = session(tmp_path / "in")
    made.write(path)
    outside = tmp_path / "outside.jsonl"
    outside.write_text("{}\n")
    (path.parent / "link.jsonl").symlink_to(outside)
    played = player(recorded(tmp_path / "in"))
    assert played.snapshot().skipped == read_at_once(tmp_path / "in", played.at).skipped
    assert len(played.snapshot().skipped) == 1


def test_compressed_rollouts_play_like_others(tmp_path):
    thread = Codex(1)
    thread.begin(START, None, copied=False)
    for number in range(200):
        thread.op("tool", START + number, number)
    name = f"rollout-2026-05-09T09-00-00-{thread.thread}.jsonl"
    thread.write(tmp_path / "plain" / name)
    packed = tmp_path / "packed" / f"{name}.zst"
    packed.parent.mkdir()
    packed.write_bytes(zstandard.compress((tmp_path / "plain" / name).read_bytes()))
    one, other = recorded(tmp_path / "plain"), recorded(tmp_path / "packed")
    assert one.logs[0].times == other.logs[0].times
    assert other.start == START
    played = loaded(other)
    played.seek(START + 100)
    assert plain(played.snapshot()).totals.total == 100 * 400_000 + 400_000


def test_a_file_that_is_rewritten_while_it_is_read_ends_there(tmp_path):
    made, path = session(tmp_path)
    for number in range(400):
        made.op("tool", START + number, number)
    made.write(path)
    recording = Recording(roots(tmp_path))
    recording.open()
    recording.step(1)
    path.write_text(json.dumps({"type": "summary", "timestamp": stamp(START)}) + "\n")
    recording.read_all()
    played = player(recording)
    played.seek(played.last)
    assert [skip.why for skip in played.snapshot().skipped] == [REWRITTEN]


def test_nothing_to_read_is_no_error(tmp_path):
    recording = recorded(tmp_path)
    assert recording.start is None
    played = player(recording)
    played.seek(1e9)
    assert played.snapshot().lanes == ()
    assert played.next_event() is None
    assert played.next_finding() is None
    assert not played.marks().findings


def test_a_root_that_is_not_there_holds_nothing(tmp_path):
    recording = Recording([Root(str(tmp_path / "none"), None, RootKind.FOLDER)])
    recording.open()
    recording.read_all()
    assert recording.scan.complete


def test_marks_know_the_whole_recording():
    played = loaded(recorded(SAMPLES / "loop"))
    marks = played.marks()
    assert marks is played.marks()
    assert sum(marks.burn) == 1_190_826_256
    assert len(marks.actions) == 176
    assert [finding.since for finding in marks.findings] == sorted(finding.since for finding in marks.findings)
    played.seek(marks.start)
    assert played.next_finding() == marks.findings[0].since
    lane = marks.actions[-1].lane
    played.seek(played.last)
    assert played.previous_action(lane) == max(
        one.at for one in marks.actions if one.lane == lane and one.at < played.at
    )


def test_time_goes_on_after_the_last_line_where_that_is_asked_for():
    from tests.replay.playing import midnight, supervisor
    from tui.replay.player import Player

    folder = SAMPLES / "findings" / "stalled" / "raised"
    recording = recorded(folder)
    played = Player(recording, supervisor, midnight, until=recording.end + 1000)
    played.seek(1e12)
    assert played.at == recording.end + 1000
    assert plain(played.snapshot()) == plain(read_at_once(folder, played.at))


@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(scripts())
def test_a_restored_shard_goes_on_like_the_saved_one(script):
    prices = PriceTable.shipped()
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), script)
        recording = recorded(Path(name))
        if recording.end is None:
            return
        at = recording.end
        for members in recording.groups.all():
            logs = [recording.logs[index] for index in members]
            half = (recording.start + at) / 2
            first, middle = tuple(0 for _ in logs), tuple(log.until(half) for log in logs)
            end = tuple(len(log) for log in logs)
            pictures = []
            for is_saved in (False, True):
                supervisor = Supervisor(prices, refresh=EXACT)
                shard = supervisor.new_shard()
                feed_between(supervisor, shard, logs, first, middle)
                supervisor.snapshot(half, half)
                if is_saved:
                    old, shard = shard, supervisor.factory.restored(supervisor.factory.save(shard))
                    supervisor.exchange_shards((), drop=[old], own=[shard])
                feed_between(supervisor, shard, logs, middle, end)
                fleet = plain(supervisor.snapshot(at, half))
                pictures.append((fleet.lanes, fleet.findings, fleet.totals, fleet.burn, fleet.limits, fleet.families))
            assert pictures[0] == pictures[1]
