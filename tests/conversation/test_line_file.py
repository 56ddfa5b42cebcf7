"""Lines of a file from any offset, forwards and backwards, are the lines that a split of the whole file gives."""

from __future__ import annotations

import os

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tui.conversation import line_file
from tui.conversation.line_file import LineFile
from tui.io.compressed import BrokenArchive
from tui.io.files import Refused

LINES = st.lists(st.binary(max_size=40).map(lambda text: text.replace(b"\n", b"").replace(b"\r", b"")), max_size=30)


def whole(content: bytes) -> list[tuple[int, bytes]]:
    """Offset and text of every line with its newline that is not empty."""
    found, offset = [], 0
    for text in content.split(b"\n")[:-1]:
        if text:
            found.append((offset, text))
        offset += len(text) + 1
    return found


@given(LINES, st.integers(1, 50))
def test_forwards_and_backwards_give_the_same_lines(tmp_path_factory, lines, wanted):
    content = b"".join(line + b"\n" for line in lines)
    path = tmp_path_factory.mktemp("lines") / "a.jsonl"
    path.write_bytes(content)
    file = LineFile(str(path))
    forwards, at = [], 0
    while at < file.size:
        part, end = file.after(at, wanted)
        assert end > at
        forwards += part
        at = end
    backwards, at = [], file.size
    while at > 0:
        part, start = file.before(at, wanted)
        assert start < at
        backwards = part + backwards
        at = start
    file.close()
    expected = whole(content)
    if content.startswith(b"\xef\xbb\xbf"):
        return  # the mark is no part of the first line: its offset differs
    assert [(line.offset, line.data) for line in forwards] == expected
    assert [(line.offset, line.data) for line in backwards] == expected


@given(LINES.filter(any), st.data())
def test_the_line_of_a_byte_is_the_line_that_holds_it(tmp_path_factory, lines, data):
    content = b"".join(line + b"\n" for line in lines)
    path = tmp_path_factory.mktemp("lines") / "a.jsonl"
    path.write_bytes(content)
    file = LineFile(str(path))
    offset = data.draw(st.integers(0, len(content) - 1))
    start = content.rfind(b"\n", 0, offset) + 1
    assert file.start_of(offset) == start
    file.close()


def test_a_last_line_counts_without_its_newline_only_if_it_is_whole(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a":1}\n{"b":{}')
    file = LineFile(str(path))
    assert [line.data for line in file.after(0, 1000)[0]] == [b'{"a":1}']
    with path.open("ab") as more:
        more.write(b"}")
    assert file.look()
    assert [line.data for line in file.after(8, 1000)[0]] == [b'{"b":{}}']


def test_a_line_beyond_the_cap_is_left_out_in_both_directions(tmp_path, monkeypatch):
    monkeypatch.setattr(line_file, "LINE_CAP", 1000)
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a":1}\n' + b"x" * 50_000 + b'\n{"b":2}\n')
    file = LineFile(str(path))
    found, at = [], 0
    while at < file.size:
        part, at = file.after(at, 16)
        found += part
    assert [line.data for line in found] == [b'{"a":1}', b'{"b":2}']
    found, at = [], file.size
    while at > 0:
        part, at = file.before(at, 16)
        found = part + found
    assert [line.data for line in found] == [b'{"a":1}', b'{"b":2}']


def test_of_many_short_lines_only_some_are_read_at_once_in_both_directions(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(b"%d" % number for number in range(1000)) + b"\n")
    whole = [b"%d" % number for number in range(1000)]
    file = LineFile(str(path))
    found, at = [], 0
    while at < file.size:
        part, at = file.after(at, 1 << 16, 70)
        assert len(part) <= 70
        found += part
    assert [line.data for line in found] == whole
    found, at = [], file.size
    while at > 0:
        part, at = file.before(at, 1 << 16, 70)
        assert len(part) <= 70
        found = part + found
    assert [line.data for line in found] == whole


def test_a_compressed_transcript_beyond_the_cap_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(line_file, "UNPACKED_CAP", 10_000)
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(zstandard.compress(b'{"a":1}\n' * 2_000))
    with pytest.raises(BrokenArchive, match="expands past the cap"):
        LineFile(str(path))


def test_a_compressed_transcript_is_read_like_a_plain_one(tmp_path):
    content = b'{"a":1}\n{"b":2}\n'
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(zstandard.compress(content))
    file = LineFile(str(path))
    assert [line.data for line in file.before(file.size, 1000)[0]] == [b'{"a":1}', b'{"b":2}']
    assert not file.was_replaced


def test_what_took_the_place_of_the_file_is_noticed(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a":1}\n')
    file = LineFile(str(path))
    assert not file.was_replaced
    other = tmp_path / "b"
    other.write_bytes(b'{"c":1}\n')
    other.replace(path)
    assert file.was_replaced
    path.unlink()
    assert not file.was_replaced  # what is open can still be read


def test_a_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "a.jsonl")
    with pytest.raises(Refused):
        LineFile(str(tmp_path / "a.jsonl"))
