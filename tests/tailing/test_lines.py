"""Lines from bytes: the same whatever the pieces, and never held beyond the cap."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from tui.io.lines import LineSplitter, LongLine

bodies = st.lists(st.binary(max_size=30).map(lambda data: data.replace(b"\n", b"")), max_size=12)


@given(bodies, st.lists(st.integers(0, 40), max_size=30), st.booleans(), st.sampled_from([b"\n", b"\r\n"]))
def test_any_split_gives_the_same_lines(lines, cuts, ended, newline):
    data = newline.join(lines) + (newline if ended else b"")
    whole = LineSplitter(cap=20).feed(data)
    pieces, splitter, at = [], LineSplitter(cap=20), 0
    for cut in cuts:
        pieces += splitter.feed(data[at : at + cut])
        at += cut
    pieces += splitter.feed(data[at:])
    assert pieces == whole
    for line in whole:
        if not isinstance(line, LongLine):
            assert data[line.offset : line.offset + len(line.data)] == line.data
            assert data[: line.offset].count(b"\n") == line.number - 1


def test_a_long_line_is_passed_over_without_being_held():
    splitter = LineSplitter(cap=1_000_000)
    tracemalloc.start()
    out = splitter.feed(b'{"a":1}\n')
    for _ in range(1600):
        out += splitter.feed(b"x" * 65_536)
    out += splitter.feed(b'\n{"b":2}\n')
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [type(line).__name__ for line in out] == ["Line", "LongLine", "Line"]
    assert out[1].number == 2
    assert peak < 4_000_000
