"""Pictures of ended lanes give exactly what reading their transcripts gives, whatever happened to files and pictures."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.history.test_index import rollout, trees
from tests.property.test_chain import encode, message, prompt
from tui.cli import lanes
from tui.cli.arguments import JudgeWhat
from tui.cli.lanes import read_once
from tui.cli.session import Common
from tui.history import pictures
from tui.ledger.ended import KEPT, LEFT
from tui.ledger.lane import LaneLedger
from tui.sources.tail import Tailer

ROOT = Path(__file__).resolve().parents[2]
NOW = 2_000_000_000.0


class Home:
    """An agent's home below a folder, with a cache, as the environment names them."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / "cache" / "lanewatch"
        self.sessions = folder / ".claude" / "projects" / "harbor"
        self.sessions.mkdir(parents=True)
        for name, value in {
            "HOME": folder, "CLAUDE_CONFIG_DIR": folder / ".claude", "CODEX_HOME": folder / ".codex",
            "XDG_CACHE_HOME": folder / "cache", "XDG_CONFIG_HOME": folder / "config", "XDG_STATE_HOME": folder / "state",
        }.items():  # fmt: skip
            os.environ[name] = str(value)

    def keep(self, *, yes: bool) -> None:
        config = Path(os.environ["XDG_CONFIG_HOME"]) / "lanewatch" / "config.toml"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text("" if yes else "[judge]\nkeep_ended = false\n")

    @property
    def file(self) -> Path:
        (found,) = self.cache.glob("*.pictures")
        return found


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fixed time, and an environment that is restored."""
    monkeypatch.setattr(lanes, "now", lambda: NOW)
    for name in ("HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, os.environ.get(name, "/nonexistent"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The transcripts that were read."""
    paths: list[str] = []
    read_new = Tailer.read_new

    def counted(tailer: Tailer, path: str, limit: int) -> object:
        paths.append(os.path.basename(path))
        return read_new(tailer, path, limit)

    monkeypatch.setattr(Tailer, "read_new", counted)
    return paths


def said(judge: JudgeWhat = JudgeWhat.ALL) -> str:
    """Everything that a snapshot of all history says."""
    return repr(read_once(Common(since="all"), None, judge))


def check(home: Home, judge: JudgeWhat = JudgeWhat.ALL) -> None:
    """With the pictures that there are, and with those that are made now, a snapshot says the same as without."""
    home.keep(yes=False)
    cold = said(judge)
    home.keep(yes=True)
    assert said(judge) == cold
    assert said(judge) == cold


def test_each_attribute_of_a_ledger_is_kept_or_left():
    assert set(LaneLedger.__slots__) == KEPT.keys() | LEFT


@pytest.mark.parametrize(("folder", "judge"), [("morning", JudgeWhat.RECENT), ("findings", JudgeWhat.ALL)])
def test_pictures_of_the_samples_say_what_their_transcripts_say(home, opened, folder, judge):
    shutil.copytree(ROOT / "sample_logs" / folder, home.sessions, dirs_exist_ok=True)
    home.keep(yes=True)
    cold = said(judge)
    opened.clear()
    assert said(judge) == cold
    assert opened == []
    assert home.file.stat().st_mode & 0o077 == 0


CHANGES: dict[str, Callable[[Path, bytes], object]] = {
    "nothing": lambda path, data: None,
    "a line more": lambda path, data: path.write_bytes(data + data[data.rfind(b"\n", 0, -1) + 1 :]),
    "truncated": lambda path, data: path.write_bytes(data[: len(data) // 2]),
    "replaced": lambda path, data: (path.unlink(), path.write_bytes(data[data.find(b"\n") + 1 :])),
    "renamed": lambda path, data: path.rename(path.with_name("0" + path.name)),
    "deleted": lambda path, data: path.unlink(),
    "older": lambda path, data: os.utime(path, (1e9, 1e9)),
    "copied": lambda path, data: path.with_name("c" + path.name).write_bytes(data),
}


@settings(max_examples=examples(60), deadline=None)
@given(trees(), st.data())
def test_pictures_say_what_changed_transcripts_say(files, data):
    with tempfile.TemporaryDirectory() as place:
        home = Home(Path(place))
        names = sorted(files)
        later = {name for name in names[1:] if data.draw(st.booleans(), label=f"{name} comes later")}
        for name in names:
            if name not in later:
                (home.sessions / name).write_bytes(files[name])
        home.keep(yes=True)
        said()
        changed = home.sessions / names[0]
        CHANGES[data.draw(st.sampled_from(sorted(CHANGES)))](changed, files[names[0]])
        for name in later:
            (home.sessions / name).write_bytes(files[name])
        check(home)


def test_a_fork_and_its_parent_decide_together_whichever_comes_later(home):
    parent, child = rollout("t0", None, [3, 4, 5], 0, 1), rollout("t1", "t0", [3, 4, 9], 2, 3)
    for first, data, second, other in (("t0", parent, "t1", child), ("t1", child, "t0", parent)):
        home.keep(yes=True)
        (home.sessions / f"{first}.jsonl").write_bytes(data)
        said()
        (home.sessions / f"{second}.jsonl").write_bytes(other)
        check(home)
        for path in home.sessions.iterdir():
            path.unlink()


def test_a_call_of_two_sessions_counts_once_whatever_becomes_of_one_of_them(home):
    first, second = (
        encode(
            [prompt(session, at, "do it"), message(session, at + 1, "shared", 100), message(session, at + 2, own, 7)]
        )
        for session, at, own in (("00000000", 1, "a"), ("11111111", 5, "b"))
    )
    one, other = home.sessions / "00000000.jsonl", home.sessions / "11111111.jsonl"
    home.keep(yes=True)
    for known, data, later, more in ((one, first, other, second), (other, second, one, first)):
        known.write_bytes(data)
        said()
        later.write_bytes(more)
        check(home)  # the other one came later
        known.unlink()
        check(home)  # one of a group is gone
        known.write_bytes(data)
        check(home)
        known.unlink()
        later.unlink()


def some(home: Home) -> str:
    """Two transcripts with their pictures, and what they say."""
    for name, counts in (("t0", [3, 4]), ("t2", [5, 6])):
        (home.sessions / f"{name}.jsonl").write_bytes(rollout(name, None, counts, 0, 1))
    home.keep(yes=True)
    return said()


def overwritten(file: Path) -> None:
    data = bytearray(file.read_bytes())
    for at in range(4096, len(data), 97):
        data[at] ^= 255
    file.write_bytes(bytes(data))


def newer(file: Path) -> None:
    sql = sqlite3.connect(file)
    sql.execute("PRAGMA user_version = 99")
    sql.close()


def other_picture(file: Path) -> None:
    sql = sqlite3.connect(file)
    sql.execute("UPDATE picture SET data = (SELECT data FROM picture AS b WHERE b.path <> picture.path)")
    sql.commit()
    sql.close()


@pytest.mark.parametrize("damage", [
    overwritten, newer, other_picture, lambda file: file.write_bytes(b""), lambda file: file.write_bytes(b"x" * 9000),
    lambda file: file.write_bytes(file.read_bytes()[:5000]), lambda file: file.chmod(0o644),
    lambda file: file.parent.chmod(0o755), lambda file: (file.unlink(), file.symlink_to("/dev/null")),
    lambda file: (file.unlink(), file.mkdir()),
])  # fmt: skip
def test_a_file_that_cannot_be_trusted_is_not_used(home, damage):
    before = some(home)
    damage(home.file)
    assert said() == before
    assert said() == before


def test_a_full_disk_costs_only_time(home, monkeypatch):
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(pictures.KeptPictures, "_put", full)
    before = some(home)
    assert said() == before


def test_writers_that_are_killed_leave_no_wrong_picture(home):
    before = some(home)
    home.file.unlink()
    code = "from tui.cli import lanes; lanes.now = lambda: 2e9; from tests.history.test_pictures import said; said()"
    writers = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(2)]
    while not list(home.cache.glob("*.pictures")) and writers[0].poll() is None:
        time.sleep(0.001)
    writers[0].kill()
    for writer in writers:
        writer.wait()
    assert said() == before
    assert said() == before
