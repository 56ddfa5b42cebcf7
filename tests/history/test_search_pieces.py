"""Documents with consecutive numbers: the same come back, the newest first, wherever their pieces were put."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agents.builders import claude_user
from tests.history.test_search import on_disk, write
from tui.history.documents import Document
from tui.history.search_build import SearchBuilder
from tui.history.search_index import NAME, Damaged, SearchIndex
from tui.history.search_pieces import START, Entry, Piece, newest_first, packed, unpacked
from tui.history.search_words import read_query

seconds = st.integers(0, 1 << 40)
documents = st.lists(
    st.tuples(
        st.builds(Document, st.sampled_from(["", "a", "b"]), st.none(), st.integers(0, 1 << 40), st.integers(0, 3), st.just("")),
        seconds,
    ),
    max_size=20,
)  # fmt: skip


@given(documents)
def test_a_piece_gives_back_its_documents(given_documents: list[tuple[Document, int]]):
    expected = [Entry(7, one.offset, one.role, one.lane, at) for one, at in given_documents]
    assert unpacked(7, packed(given_documents)) == expected


def test_damaged_documents_make_a_damaged_index(tmp_path: Path):
    (tmp_path / "logs").mkdir()
    write(tmp_path / "logs" / "a.jsonl", [claude_user("salt harbor")])
    builder = SearchBuilder(tmp_path / "cache")
    for found in on_disk(tmp_path / "logs"):
        builder.take(found)
    builder.close()
    with closing(sqlite3.connect(tmp_path / "cache" / NAME)) as db, db:
        db.execute("UPDATE piece SET documents = x'00'")
    index = SearchIndex(tmp_path / "cache")
    with pytest.raises(Damaged):
        list(index.find(read_query("salt", 0.0, ()), None))
    index.close()


@given(st.lists(st.lists(st.integers(0, 50), min_size=1, max_size=5), max_size=12), st.integers(0, 60), st.data())
def test_the_newest_documents_come_first(times: list[list[int]], least: int, data: st.DataObject):
    starts = list(accumulate((len(one) for one in times), initial=START))
    pieces = [Piece(first, len(one), n, max(one)) for n, (first, one) in enumerate(zip(starts, times, strict=False))]
    held = {
        piece.first: [Entry(piece.file, n, 0, "", at) for n, at in enumerate(times[piece.file])] for piece in pieces
    }
    every = [first + n for first, one in held.items() for n in range(len(one))]
    asked = [number for number in every if data.draw(st.booleans())]
    unknown = [starts[-1] + 5, START - 1]
    found = list(
        newest_first(pieces, sorted(asked + unknown, reverse=True), lambda piece: held[piece.first], float(least))
    )
    expected = [held[piece.first][number - piece.first] for piece in pieces for number in asked
                if piece.first <= number < piece.first + piece.size]  # fmt: skip
    assert sorted(found) == sorted(one for one in expected if one.second >= least)
    assert [one.second for one in found] == sorted((one.second for one in found), reverse=True)


def test_what_is_in_order_needs_no_look_at_older_pieces():
    pieces = [Piece(START + n, 1, n, 100 + n) for n in range(50)]
    loaded: list[int] = []

    def load(piece: Piece) -> list[Entry]:
        loaded.append(piece.file)
        return [Entry(piece.file, 0, 0, "", piece.last)]

    numbers = [piece.first for piece in reversed(pieces)]
    assert next(newest_first(pieces, numbers, load, 0.0)).file == 49
    assert loaded == [49]
    loaded.clear()
    assert [one.file for one in newest_first(pieces, numbers, load, 147.0)] == [49, 48, 47]
    assert loaded == [49, 48, 47]
