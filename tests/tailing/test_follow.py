"""Reading what is new in files, one path at a time: what a batch says after everything that may happen to a file."""

from __future__ import annotations

import os
import pickle
import socket
import tempfile
import tracemalloc
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.tailing.fakes import lines, said, tailer
from tui.io import compressed, files
from tui.model.event import UnreadableLine
from tui.sources import tail
from tui.sources.tail import Batch, Tailer
from tui.sources.transcript import SNIFF_LINES

ALL = 1 << 30


def write(path: Path, data: bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def words(following: Tailer, path: Path | str) -> list[str]:
    return said(following.read_new(str(path), ALL).events)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 10**6), max_size=12), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(1, 64), st.booleans()), max_size=40),
)
def test_any_pieces_of_any_files_in_any_order_give_what_reading_at_once_gives(numbers, steps):
    with tempfile.TemporaryDirectory() as scratch:
        contents = [lines(*each) for each in numbers]
        paths = [Path(write(Path(scratch, f"{index}.jsonl"), b"")) for index in range(len(contents))]
        following, got, at = tailer(Path(scratch)), [[] for _ in paths], [0] * len(paths)
        for which, size, limit, moved_to_other in steps:
            index = which % len(paths)
            append(paths[index], contents[index][at[index] : at[index] + size])
            at[index] += size
            got[index] += said(following.read_new(str(paths[index]), limit).events)
            if moved_to_other:
                following, old = tailer(Path(scratch)), following
                following.attach(
                    pickle.loads(pickle.dumps([old.detach(str(path)) for path in paths if str(path) in seen(old)]))
                )
        for index, path in enumerate(paths):
            append(path, contents[index][at[index] :])
            got[index] += words(following, path)
        assert got == [[str(number) for number in each] for each in numbers]


def seen(following: Tailer) -> set[str]:
    return set(following._by_path)


def test_slices_add_up_and_say_that_there_is_more(tmp_path):
    path = write(tmp_path / "a.jsonl", lines(*range(1000)))
    following = tailer(tmp_path)
    batches = [following.read_new(path, 100)]
    while batches[-1].more:
        batches.append(following.read_new(path, 100))
    assert [word for batch in batches for word in said(batch.events)] == [str(number) for number in range(1000)]
    assert len(batches) > 50
    assert following.read_new(path, 100) == Batch(path, agent="fake")


def test_what_is_written_during_the_read_is_read_or_announced(tmp_path, monkeypatch):
    path = Path(write(tmp_path / "a.jsonl", lines(*range(100))))
    pread, written = os.pread, []

    def grows(fd: int, size: int, at: int) -> bytes:
        if len(written) < 5:
            written.append(len(written))
            append(path, lines("more"))
        return pread(fd, size, at)

    monkeypatch.setattr(tail.os, "pread", grows)
    following = tailer(tmp_path)
    batch = following.read_new(str(path), 300)
    got = said(batch.events)
    while batch.more:
        batch = following.read_new(str(path), 300)
        got += said(batch.events)
    assert got == [*map(str, range(100)), *["more"] * 5]


def test_an_inode_that_is_used_again_is_another_file(tmp_path):
    path = write(tmp_path / "a.jsonl", lines("a"))
    following = tailer(tmp_path)
    following.read_new(path, ALL)
    os.rename(path, tmp_path / "b.jsonl")  # the same inode, as a new file may be given it
    write(tmp_path / "b.jsonl", lines("another", "file"))
    batch = following.read_new(str(tmp_path / "b.jsonl"), ALL)
    assert (said(batch.events), batch.moved_from, batch.reset) == (["another", "file"], None, False)
    assert following.read_new(path, ALL).gone


def test_copytruncate_restarts_the_file(tmp_path):
    path = Path(write(tmp_path / "a.jsonl", lines("a", "b")))
    following = tailer(tmp_path)
    words(following, path)
    os.truncate(path, 0)
    assert following.read_new(str(path), ALL) == Batch(str(path), reset=True)
    append(path, lines("c"))
    assert words(following, path) == ["c"]


def test_a_rewrite_between_two_reads_is_seen_though_the_file_grew_and_begins_alike(tmp_path):
    same = lines("x" * 100)
    path = write(tmp_path / "a.jsonl", same + lines("a"))
    following = tailer(tmp_path)
    words(following, path)
    write(tmp_path / "a.jsonl", same + lines("other", "and", "longer"))
    batch = following.read_new(path, ALL)
    assert batch.reset
    assert said(batch.events)[1:] == ["other", "and", "longer"]


def test_a_rename_is_told_and_goes_on(tmp_path):
    path = write(tmp_path / "a.jsonl", lines("a") + b"fake hal")
    following = tailer(tmp_path)
    words(following, path)
    new = tmp_path / "b.jsonl"
    os.rename(path, new)
    append(new, b"f\n")
    batch = following.read_new(str(new), ALL)
    assert (batch.moved_from, batch.reset, said(batch.events)) == (path, False, ["half"])


def test_a_known_file_moved_over_another_voids_both(tmp_path):
    one, two = write(tmp_path / "1.jsonl", lines("one")), write(tmp_path / "2.jsonl", lines("two"))
    following = tailer(tmp_path)
    words(following, one)
    words(following, two)
    os.replace(two, one)
    batch = following.read_new(one, ALL)
    assert (batch.moved_from, batch.reset, said(batch.events)) == (two, True, ["two"])


def test_a_deleted_file_is_gone_once_and_stands(tmp_path):
    path = write(tmp_path / "a.jsonl", lines("a"))
    following = tailer(tmp_path)
    words(following, path)
    os.unlink(path)
    assert following.read_new(path, ALL) == Batch(path, agent="fake", gone=True)
    assert following.read_new(path, ALL) == Batch(path, agent="fake")


ROLLOUT = "rollout-2026-05-09T09-00-00-019e0bf7-0007-7ae8-bc12-000000000007.jsonl"


def test_a_rollout_that_is_compressed_goes_on_where_it_was(tmp_path):
    plain = Path(write(tmp_path / ROLLOUT, lines(*range(2000))))
    packed = tmp_path / f"{ROLLOUT}.zst"
    following = tailer(tmp_path)
    first = following.read_new(str(plain), 5000)
    packed.write_bytes(zstandard.compress(plain.read_bytes()))
    assert following.read_new(str(packed), ALL) == Batch(str(packed))  # the plain one counts while it is there
    plain.unlink()
    assert following.read_new(str(plain), ALL).gone
    batch = following.read_new(str(packed), 3000)
    assert (batch.moved_from, batch.reset) == (str(plain), False)
    got = said(first.events) + said(batch.events)
    while batch.more:
        batch = following.read_new(str(packed), 3000)
        got += said(batch.events)
    assert got == [*map(str, range(2000))]
    plain.write_bytes(lines(*range(2000), "resumed"))
    back = following.read_new(str(plain), ALL)
    assert (back.moved_from, back.reset, said(back.events)) == (str(packed), False, ["resumed"])


def test_a_compressed_file_of_other_content_is_read_anew(tmp_path):
    plain = Path(write(tmp_path / ROLLOUT, lines("a", "b")))
    following = tailer(tmp_path)
    words(following, plain)
    plain.unlink()
    packed = write(tmp_path / f"{ROLLOUT}.zst", zstandard.compress(lines("c", "d", "e")))
    batch = following.read_new(packed, ALL)
    assert (batch.reset, batch.more) == (True, True)
    assert words(following, packed) == ["c", "d", "e"]
    following.close()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda data: data[:-5], "ends in the middle of its zstd data"),
        (lambda data: data + b"junk", "broken zstd data"),
    ],
)
def test_a_broken_archive_keeps_what_could_be_read_and_says_why(tmp_path, spoil, why):
    data = zstandard.compress(lines(*range(50_000)))
    path = write(tmp_path / "a.jsonl.zst", spoil(data))
    following = tailer(tmp_path)
    batch = following.read_new(path, ALL)
    assert said(batch.events)[:3] == ["0", "1", "2"]
    assert [why in skip.why for skip in batch.skips] == [True]
    assert following.read_new(path, ALL).skips == []


def test_a_bomb_is_stopped_before_it_is_held(tmp_path):
    packer = zstandard.ZstdCompressor().compressobj()
    data = b"".join(packer.compress(b"\0" * (1 << 20)) for _ in range(500)) + packer.flush()
    path = write(tmp_path / "a.jsonl.zst", lines() + data)
    tracemalloc.start()
    batch = tailer(tmp_path).read_new(path, ALL)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [skip.why for skip in batch.skips] == [
        f"expands past the cap of {compressed.OUTPUT_CAP >> 20} MiB and {compressed.RATIO_CAP} times its size; "
        "the rest was not read"
    ]
    assert peak < 80 << 20


def test_a_line_of_100_mb_is_not_held(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines("a"))
    os.truncate(path, 100 << 20)  # NUL bytes that lie on no disk
    append(path, b"\n" + lines("b"))
    following = tailer(tmp_path)
    tracemalloc.start()
    batch = following.read_new(str(path), ALL)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert said(batch.events) == ["a", "b"]
    assert batch.skips == [UnreadableLine(str(path), 2, 7, "a line of more than 1 MiB, the cap for one line")]
    assert peak < 8 << 20


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket may not be long
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path.name)
    finally:
        os.chdir(here)


def make_loop(path: Path) -> None:
    path.symlink_to(path)


def make_link_outside(path: Path) -> None:
    outside = path.parent.parent / "outside.jsonl"
    outside.write_bytes(lines("secret"))
    path.symlink_to(outside)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (make_fifo, "a named pipe, not a file"),
        (make_socket, "a socket, not a file"),
        (make_loop, "a link that leads back to itself"),
        (lambda path: path.symlink_to("/dev/zero"), "a device, not a file"),
        (make_link_outside, "a link that leads out of the watched folders"),
        (lambda path: path.mkdir(), "a folder, not a file"),
    ],
)
def test_what_is_no_transcript_is_refused_once_and_read_when_it_becomes_one(tmp_path, make, why):
    root = tmp_path / "root"
    root.mkdir()
    path = root / "a.jsonl"
    make(path)
    following = tailer(root)
    batch = following.read_new(str(path), ALL)
    assert batch.events == []
    assert [skip.why.startswith(why) for skip in batch.skips] == [True]
    assert following.read_new(str(path), ALL).skips == []
    path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    path.write_bytes(lines("a"))
    assert words(following, path) == ["a"]


def test_a_file_that_may_not_be_read_is_told_once_and_read_when_it_may(tmp_path, monkeypatch):
    path = write(tmp_path / "a.jsonl", lines("a"))
    opened = os.open

    def closed(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    following = tailer(tmp_path)
    monkeypatch.setattr(files.os, "open", closed)
    assert [skip.why for skip in following.read_new(path, ALL).skips] == ["no permission to read it"]
    assert following.read_new(path, ALL).skips == []
    monkeypatch.setattr(files.os, "open", opened)
    assert words(following, path) == ["a"]


def test_a_disk_that_fails_during_the_read_loses_nothing(tmp_path, monkeypatch):
    path = write(tmp_path / "a.jsonl", lines(*range(10)))
    pread, reads = os.pread, []

    def fails(fd: int, size: int, at: int) -> bytes:
        reads.append(at)
        if len(reads) == 3:
            raise OSError(5, "Input/output error")
        return pread(fd, min(size, 20), at)

    monkeypatch.setattr(tail.os, "pread", fails)
    following = tailer(tmp_path)
    first = following.read_new(path, ALL)
    assert [skip.why for skip in first.skips] == ["cannot be read (Input/output error)"]
    monkeypatch.setattr(tail.os, "pread", pread)
    assert said(first.events) + words(following, path) == [*map(str, range(10))]


def test_a_link_within_the_roots_is_the_same_file(tmp_path):
    path = write(tmp_path / "a.jsonl", lines("a"))
    link = tmp_path / "link.jsonl"
    link.symlink_to(path)
    following = tailer(tmp_path)
    assert words(following, path) == ["a"]
    append(Path(path), lines("b"))
    batch = following.read_new(str(link), ALL)
    assert (batch.path, said(batch.events)) == (path, ["b"])


def test_a_file_of_no_known_format_is_given_up_and_not_read_on(tmp_path):
    path = Path(write(tmp_path / "a.jsonl", b"what\n" * SNIFF_LINES))
    following = tailer(tmp_path)
    assert len(following.read_new(str(path), ALL).skips) == 1
    append(path, lines("late"))
    assert following.read_new(str(path), ALL) == Batch(str(path))
    assert following.unread() == []


def test_a_file_that_has_not_told_yet_can_be_named(tmp_path):
    path = write(tmp_path / "a.jsonl", b"what\n")
    following = tailer(tmp_path)
    assert following.read_new(path, ALL) == Batch(path)
    assert [skip.path for skip in following.unread()] == [path]
