"""Mutes: kept after a restart, shared by several processes, and safe if the file is damaged or cannot be written."""

from __future__ import annotations

import fcntl
import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.findings import finding
from tui.config import mutes as module
from tui.config import state_file
from tui.config.mutes import Mute, Mutes
from tui.model.evidence import LaneId

ROOT = Path(__file__).resolve().parents[2]
AT = 1_778_320_800.0


class Told(list[str]):
    """The lines for the operator."""

    def __call__(self, text: str) -> None:
        self.append(text)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "lanewatch" / "mutes.json"


def opened(file: Path | None) -> tuple[Mutes, Told]:
    told = Told()
    return Mutes(file, told), told


def test_a_mute_survives_a_restart(file: Path) -> None:
    mutes, told = opened(file)
    assert mutes.muted(finding()) is None
    assert not file.exists()  # a read writes nothing
    mutes.mute(finding(), "it is a poll", AT)
    made = Mute(finding().lane, finding().key, "it is a poll", AT)
    again, _ = opened(file)
    assert again.muted(finding()) == mutes.muted(finding()) == made
    assert again.all() == (made,)
    assert told == []


def test_a_mute_applies_to_one_lane_and_one_key(file: Path) -> None:
    mutes, _ = opened(file)
    mutes.mute(finding(), "", AT)
    assert mutes.muted(replace(finding(), lane=LaneId("claude:other"))) is None
    assert mutes.muted(replace(finding(), lane=None)) is None
    assert mutes.muted(replace(finding(), key="another")) is None
    assert mutes.muted(replace(finding(), title="other words", since=1.0, severity=finding().severity)) is not None


def test_a_finding_without_a_lane_is_muted_by_its_key(file: Path) -> None:
    mutes, _ = opened(file)
    mutes.mute(replace(finding(), lane=None), "", AT)
    again, _ = opened(file)
    assert again.muted(replace(finding(), lane=None)) is not None
    assert again.muted(finding()) is None


def test_a_mute_can_be_removed(file: Path) -> None:
    mutes, _ = opened(file)
    mutes.mute(finding(), "", AT)
    mutes.unmute(finding())
    assert not mutes.forget(finding().lane, finding().key)
    assert mutes.muted(finding()) is None
    assert opened(file)[0].all() == ()


def test_only_the_owner_can_read_the_file(file: Path) -> None:
    mutes, _ = opened(file)
    mutes.mute(finding(), "", AT)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert sorted(path.name for path in file.parent.iterdir()) == ["mutes.json", "mutes.lock"]


def test_mutes_of_another_lanewatch_are_read_and_kept(file: Path) -> None:
    one, _ = opened(file)
    two, _ = opened(file)
    one.mute(finding("a"), "", AT)
    two.mute(finding("b"), "", AT + 1)
    assert two.muted(finding("a")) is not None
    assert one.muted(finding("b")) is None
    one.refresh()
    assert one.muted(finding("b")) is not None
    two.unmute(finding("a"))
    one.mute(finding("c"), "", AT + 2)
    assert [mute.key for mute in opened(file)[0].all()] == ["b", "c"]


WRITER = """
import sys
from pathlib import Path
from tests.findings import finding
from tui.config import state_file
from tui.config.mutes import Mutes
state_file._TRIES = 3000  # the test is of what is lost, not of how long a writer waits on a busy machine
mutes = Mutes(Path(sys.argv[1]), sys.exit)
sys.stdin.readline()
for count in range(40):
    mutes.mute(finding(f"{sys.argv[2]}-{count}"), "", 1.0)
"""


def test_two_processes_lose_none_of_their_mutes(file: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(file), name], cwd=ROOT, stdin=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    assert {mute.key for mute in opened(file)[0].all()} == {
        f"{name}-{count}" for name in ("one", "two") for count in range(40)
    }


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"schema": 2, "mutes": []}', b'{"schema": 1}', b"\xff\xfe", b"[" * 100_000],
)
def test_a_damaged_file_is_reported_once_and_kept_aside(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    mutes, told = opened(file)
    assert len(told) == 1
    assert "mutes.json" in told[0]
    assert file.read_bytes() == content  # a read changes nothing
    mutes.mute(finding(), "", AT)
    assert file.with_suffix(".broken").read_bytes() == content
    assert "mutes.broken" in told[1]
    mutes.mute(finding("b"), "", AT)
    assert len(told) == 2
    assert len(opened(file)[0].all()) == 2


@pytest.mark.parametrize(
    "entry",
    ['1', '{}', '{"lane": 1, "key": "a", "reason": "", "at": 1}', '{"lane": null, "key": "a", "reason": "", "at": NaN}',
     '{"lane": null, "key": "a", "reason": "", "at": true}', '{"lane": null, "key": "a", "reason": "", "at": 1e999}',
     '{"lane": null, "key": "a", "reason": null, "at": 1}'],
)  # fmt: skip
def test_one_damaged_mute_does_not_lose_the_others(file: Path, entry: str) -> None:
    file.parent.mkdir(parents=True)
    good = json.dumps({"lane": finding().lane, "key": finding().key, "reason": "why", "at": 5})
    file.write_text(f'{{"schema": 1, "mutes": [{entry}, {good}]}}')
    mutes, told = opened(file)
    assert len(told) == 1
    assert mutes.muted(finding()) == Mute(finding().lane, finding().key, "why", 5.0)
    mutes.mute(finding("b"), "", AT)
    assert [mute.key for mute in opened(file)[0].all()] == [finding().key, "b"]
    assert entry in file.with_suffix(".broken").read_text()


def test_a_mute_that_cannot_be_written_holds_until_the_process_ends(tmp_path: Path) -> None:
    wall = tmp_path / "file"
    wall.write_text("not a folder")
    mutes, told = opened(wall / "lanewatch" / "mutes.json")
    mutes.mute(finding(), "why", AT)
    mutes.mute(finding("b"), "", AT)
    mutes.refresh()
    assert mutes.muted(finding()) is not None
    mutes.unmute(finding("b"))
    assert mutes.muted(finding("b")) is None
    assert len(told) == 1
    assert "until lanewatch ends" in told[0]


def test_an_unwritten_mute_is_written_with_the_next_change(file: Path) -> None:
    file.parent.parent.mkdir()
    file.parent.write_text("in the way")
    mutes, _ = opened(file)
    mutes.mute(finding("a"), "", AT)
    file.parent.unlink()
    mutes.mute(finding("b"), "", AT + 1)
    assert [mute.key for mute in opened(file)[0].all()] == ["a", "b"]


def test_a_lock_that_is_never_released_does_not_block(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_file, "_TRIES", 2)
    file.parent.mkdir(parents=True)
    mutes, told = opened(file)
    with file.with_suffix(".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        mutes.mute(finding(), "", AT)
        assert "another lanewatch" in told[0]
        assert mutes.muted(finding()) is not None
        assert not file.exists()
    mutes.mute(finding("b"), "", AT)
    assert len(opened(file)[0].all()) == 2


def test_without_a_file_mutes_are_kept_in_memory() -> None:
    mutes, told = opened(None)
    mutes.mute(finding(), "", AT)
    mutes.refresh()
    assert mutes.muted(finding()) is not None
    assert told == []


def test_the_number_of_mutes_is_limited(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    mutes, _ = opened(file)
    for count in range(5):
        mutes.mute(finding(str(count)), "x" * 2000, AT + count)
    assert [mute.key for mute in mutes.all()] == ["2", "3", "4"]
    assert {len(mute.reason) for mute in mutes.all()} == {module.REASON_CHARS}


def test_a_reader_sees_only_whole_files(file: Path) -> None:
    # The file is replaced, not rewritten: a reader that opened the old file reads it to its end.
    mutes, _ = opened(file)
    mutes.mute(finding("a"), "", AT)
    with file.open("rb") as stream:
        before = os.fstat(stream.fileno()).st_ino
        mutes.mute(finding("b"), "", AT)
        assert len(json.loads(stream.read())["mutes"]) == 1
    assert file.stat().st_ino != before


@settings(max_examples=examples(50), deadline=None)
@given(key=st.text(max_size=50), lane=st.none() | st.text(max_size=50), reason=st.text(max_size=600))
def test_any_text_is_read_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, key, lane, reason) -> None:
    file = tmp_path_factory.mktemp("mutes") / "mutes.json"
    mutes, told = opened(file)
    mutes.mute(replace(finding(), key=key, lane=lane), reason, AT)
    assert opened(file)[0].all() == (Mute(lane, key, reason[: module.REASON_CHARS], AT),)
    assert told == []
