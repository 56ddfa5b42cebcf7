"""Whatever happens to a file on disk: nothing is lost and nothing counted twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import zstandard

from tests.bench.corpus import codex_rollout
from tests.property.test_chain import encode, message, prompt
from tui.fleet.live import LiveFleet
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.sources.discover import Root, RootKind

SESSION = "00000001-0000-4000-8000-000000000000"


def tokens(*keys: str) -> int:
    return sum(3 + 900 + len(key) * 7 + 40 + 10 for key in keys)


def lines(*keys: str) -> bytes:
    return encode([message(SESSION, 5 + number, key, 10) for number, key in enumerate(keys)])


class World:
    """A home, and the fleet that reads it when told what changed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.live = LiveFleet([Root(str(home), None, RootKind.FOLDER)], Supervisor(PriceTable.shipped()))
        self.file = home / "projects" / f"{SESSION}.jsonl"
        self.file.parent.mkdir(parents=True)
        self.file.write_bytes(encode([prompt(SESSION, 1, "go")]))

    def total(self, *changed: Path) -> int:
        self.live.changed([str(path) for path in changed or (self.file,)])
        while self.live.reading:
            self.live.step()
        return self.live.snapshot(2e9, 0).totals.total


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_appends_partial_lines_and_repeated_notices(world):
    append(world.file, lines("a"))
    assert world.total() == tokens("a")
    half = lines("b")
    append(world.file, half[:50])
    assert world.total() == tokens("a")
    append(world.file, half[50:])
    assert world.total() == world.total() == tokens("a", "b")


def test_truncation_begins_anew(world):
    append(world.file, lines("a", "b"))
    assert world.total() == tokens("a", "b")
    world.file.write_bytes(lines("c"))
    assert world.total() == tokens("c")


def test_a_rewrite_in_place_of_the_same_length_begins_anew(world):
    append(world.file, lines("a", "b"))
    world.total()
    world.file.write_bytes(encode([prompt(SESSION, 1, "no")]) + lines("c", "d"))
    assert world.total() == tokens("c", "d")


def test_an_atomic_replacement_counts_what_is_there_now(world):
    append(world.file, lines("a"))
    world.total()
    other = world.file.with_suffix(".tmp")
    other.write_bytes(encode([prompt(SESSION, 1, "go")]) + lines("a", "b"))
    other.replace(world.file)
    assert world.total() == tokens("a", "b")


def test_rotation_keeps_the_old_and_reads_the_new(world):
    append(world.file, lines("a"))
    world.total()
    old = world.file.with_name("old.jsonl")
    world.file.rename(old)
    world.file.write_bytes(lines("b"))
    assert world.total(old, world.file) == tokens("a", "b")
    append(old, lines("c"))
    append(world.file, lines("d"))
    assert world.total(world.file, old) == tokens("a", "b", "c", "d")


def test_a_rename_is_the_same_file(world):
    append(world.file, lines("a"))
    world.total()
    new = world.file.with_name("renamed.jsonl")
    world.file.rename(new)
    append(new, lines("b"))
    assert world.total(world.file, new) == tokens("a", "b")


def test_a_deleted_file_keeps_what_was_spent(world):
    append(world.file, lines("a"))
    world.total()
    world.file.unlink()
    assert world.total() == tokens("a")


def test_a_deleted_file_that_comes_back_is_read_anew(world):
    append(world.file, lines("a"))
    world.total()
    world.file.unlink()
    world.total()
    world.file.write_bytes(encode([prompt(SESSION, 1, "go")]) + lines("a", "b"))
    assert world.total() == tokens("a", "b")


def test_a_second_name_of_the_same_file_is_not_a_second_lane(world):
    append(world.file, lines("a"))
    world.total()
    twin = world.file.with_name("twin.jsonl")
    os.link(world.file, twin)
    assert world.total(world.file, twin) == tokens("a")


def test_a_large_file_is_read_in_slices(world):
    append(world.file, lines(*(f"k{number}" for number in range(3000))))
    world.live.add(*world.live.find(None))
    looks = 0
    while world.live.reading:
        world.live.step(64 * 1024)
        looks += 1
    assert looks > 10
    assert world.total() == tokens(*(f"k{number}" for number in range(3000)))


def test_an_archived_and_a_compressed_rollout_count_once(tmp_path):
    import random

    data = codex_rollout(random.Random(1), 7, 30)
    name = "rollout-2026-05-09T09-00-00-019e0bf7-0007-7ae8-bc12-000000000007.jsonl"
    active = tmp_path / "sessions" / "2026" / "05" / "09" / name
    active.parent.mkdir(parents=True)
    active.write_bytes(data)

    def total() -> int:
        live = LiveFleet([Root(str(tmp_path), None, RootKind.FOLDER)], Supervisor(PriceTable.shipped()))
        live.add(*live.find(None))
        live.read_all()
        return live.snapshot(2e9, 0).totals.total

    alone = total()
    assert alone > 0
    packed = active.with_name(name + ".zst")
    packed.write_bytes(zstandard.compress(data))
    (tmp_path / "archived_sessions").mkdir()
    (tmp_path / "archived_sessions" / name).write_bytes(data)
    assert total() == alone
    active.unlink()
    (tmp_path / "archived_sessions" / name).unlink()
    assert total() == alone


def test_a_compressed_bomb_is_bounded_and_named(tmp_path):
    bomb = tmp_path / "rollout-2026-05-09T09-00-00-x.jsonl.zst"
    bomb.write_bytes(zstandard.compress(b"\0" * 600_000_000, 19))
    live = LiveFleet([Root(str(tmp_path), None, RootKind.FOLDER)], Supervisor(PriceTable.shipped()))
    live.add(*live.find(None))
    live.read_all()
    fleet = live.snapshot(2e9, 0)
    assert fleet.skipped
    assert any(str(bomb) == skip.path for skip in fleet.skipped)
