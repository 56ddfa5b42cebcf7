"""What a comparison of the disk with what was told gives, without any notices and at times of the test's own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.tailing.fakes import folder
from tui.model.event import UnreadableLine
from tui.sources.discover import Root, RootKind, find
from tui.sources.sweep import HOT_FOR, YOUNG_FOR, Sweep


class World:
    """A folder and a sweep over it, with a clock that stands still."""

    def __init__(self, root: Path, **more: object) -> None:
        self.root = root
        self.now = 1e9
        self.refused: list[UnreadableLine] = []
        self.roots = [folder(root)]
        self.sweep = Sweep(
            lambda: self.roots, clock=lambda: self.now, refuse=self.refused.append, **more  # type: ignore[arg-type]
        )  # fmt: skip
        self.sweep.arm()

    def put(self, name: str, data: str = "x", mtime: float = 1e9) -> str:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data)
        os.utime(path, (mtime, mtime))
        return str(path)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def test_each_difference_is_given_once(world):
    path = world.put("a/1.jsonl")
    assert world.sweep.everything() == {path}
    assert world.sweep.everything() == set()
    world.put("a/1.jsonl", "xy")
    assert world.sweep.everything() == {path}
    os.chmod(path, 0o600)
    assert world.sweep.everything() == {path}
    os.unlink(path)
    assert world.sweep.everything() == {path}
    assert world.sweep.everything() == set()


def test_a_file_in_place_of_another_is_a_difference_though_it_looks_alike(world):
    path = world.put("1.jsonl")
    world.sweep.everything()
    os.replace(world.put("2.jsonl"), path)
    assert path in world.sweep.everything()


def test_notices_are_hints(world):
    path, notes, journal = world.put("1.jsonl"), world.put("notes.txt"), world.put("history.jsonl")
    assert world.sweep.named([path, path, notes, journal, str(world.root / "never-there.jsonl")]) == {path}
    assert world.sweep.named([path]) == set()
    assert world.sweep.everything() == set()


def test_a_new_folder_is_listed_whole_and_again_for_a_while(world):
    first = world.put("new/deep/1.jsonl")
    assert world.sweep.named([str(world.root / "new")]) == {first}
    assert world.sweep.has_young
    second = world.put("new/deep/2.jsonl")
    assert world.sweep.young() == {second}
    world.now += YOUNG_FOR + 1
    world.sweep.young()
    assert not world.sweep.has_young


def test_files_that_changed_lately_are_looked_at_more_often(world):
    hot, cold = world.put("hot.jsonl"), world.put("cold.jsonl", mtime=1e9 - HOT_FOR - 1)
    assert world.sweep.everything() == {hot, cold}
    world.put("hot.jsonl", "xy")
    world.put("cold.jsonl", "xy")
    assert world.sweep.hot() == {hot}
    assert world.sweep.everything() == {cold}
    world.now += HOT_FOR + 1
    world.put("hot.jsonl", "xyz")
    assert world.sweep.hot() == set()


def test_old_files_are_left_out_until_they_change(tmp_path):
    world = World(tmp_path, since=5e8)
    path = world.put("a.jsonl", mtime=4e8)
    assert world.sweep.everything() == set()
    world.put("a.jsonl", "xy")
    assert world.sweep.everything() == {path}


def test_files_that_the_caller_knows_are_given_when_they_differ(tmp_path):
    before = World(tmp_path)
    same, other = before.put("same.jsonl"), before.put("other.jsonl")
    world = World(tmp_path, known=find(before.roots))
    world.put("other.jsonl", "xy")
    assert world.sweep.everything() == {other}
    os.unlink(same)
    assert world.sweep.everything() == {same}


def test_a_link_to_a_folder_does_not_give_its_files_twice(world):
    path = world.put("real/1.jsonl")
    (world.root / "link").symlink_to(world.root / "real")
    assert world.sweep.everything() == {path}
    world.put("real/1.jsonl", "xy")
    assert world.sweep.named([str(world.root / "link" / "1.jsonl")]) == set()
    assert world.sweep.named([path]) == {path}


def test_refusals_are_told_once(world):
    os.mkfifo(world.root / "fifo.jsonl")
    for _ in range(3):
        assert world.sweep.everything() == set()
    assert [skip.path for skip in world.refused] == [str(world.root / "fifo.jsonl")]


def test_a_root_that_is_a_file_is_looked_at_whatever_its_name(world):
    log = world.put("session.log")
    world.roots = [Root(log, None, RootKind.FILE)]
    assert world.sweep.roots_changed()
    world.sweep.arm()
    assert world.sweep.has_files
    assert world.sweep.files() == {log}
    os.replace(world.put("new.log", "xy"), log)
    assert world.sweep.files() == {log}
    assert not world.sweep.roots_changed()


def test_a_root_that_was_made_anew_must_be_armed_again(world):
    assert not world.sweep.roots_changed()
    world.root.rename(world.root.with_name("moved"))
    assert world.sweep.roots_changed()
    world.root.mkdir()
    assert world.sweep.roots_changed()
    assert world.sweep.arm() == [str(world.root)]
    assert not world.sweep.roots_changed()


def test_sidecars_are_told_of_too(world):
    path = world.put("subagents/agent-1.meta.json")
    assert world.sweep.everything() == {path}
