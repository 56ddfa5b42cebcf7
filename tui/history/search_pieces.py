"""Pieces: the documents that were put into the search index at once, each in few bytes, and the order of their hits.

Documents have consecutive numbers, since the differences of numbers are most of what the index holds. So numbers are
not in the order of times. Pieces that are newer than all others come at the upper end, others at the lower end: a
history that is read newest first is nearly in order, and what is not is put in order while hits are listed.
"""

from __future__ import annotations

import heapq
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

import orjson

from tui.history.documents import Document

START = 1 << 20
"""The number of the first document. Smaller numbers take fewer bytes, but older documents need room below it."""
_ROLES = 4


class Entry(NamedTuple):
    """A document that the index names: its transcript's number, its place, and its second."""

    file: int
    offset: int
    role: int
    lane: str
    second: int


class Piece(NamedTuple):
    """Documents with consecutive numbers, of one transcript."""

    first: int
    size: int
    file: int
    last: int
    """The second of the newest one."""


def packed(documents: Iterable[tuple[Document, int]]) -> bytes:
    """Documents with their seconds, in the order of their numbers."""
    lanes: dict[str, int] = {}
    kinds, offsets, seconds = list[int](), list[int](), list[int]()
    offset = second = 0
    for document, at in documents:
        kinds.append(document.role + _ROLES * lanes.setdefault(document.lane, len(lanes)))
        offsets.append(document.offset - offset)  # differences are short
        seconds.append(at - second)
        offset, second = document.offset, at
    return zlib.compress(orjson.dumps((list(lanes), kinds, offsets, seconds)))


def unpacked(file: int, data: bytes) -> list[Entry]:
    """The documents of a piece.

    Raises:
        zlib.error, ValueError, TypeError, IndexError: the data are damaged.
    """
    columns: tuple[list[str], list[int], list[int], list[int]] = orjson.loads(zlib.decompress(data))
    lanes, kinds, offsets, seconds = columns
    return [
        Entry(file, offset, kind % _ROLES, lanes[kind // _ROLES], second)
        for kind, offset, second in zip(kinds, accumulate(offsets), accumulate(seconds), strict=True)
    ]


def newest_first(
    pieces: Sequence[Piece], numbers: Iterable[int], load: Callable[[Piece], list[Entry]], least: float
) -> Iterator[Entry]:
    """The documents with these numbers, the newest first.

    Args:
        pieces: all pieces, by their numbers.
        numbers: from the greatest on.
        load: gives the documents of a piece.
        least: the least second.
    """
    firsts = [piece.first for piece in pieces]
    newest = _newest_up_to(pieces)
    waiting: list[tuple[int, int, Entry]] = []
    place, entries = -1, list[Entry]()
    for number in numbers:
        found = bisect_right(firsts, number) - 1
        if found < 0 or number >= pieces[found].first + pieces[found].size:
            continue  # it was added meanwhile
        if found != place:
            place = found
            while waiting and -waiting[0][0] > newest[place]:
                yield heapq.heappop(waiting)[2]
            if newest[place] < least:
                break
            entries = load(pieces[place]) if pieces[place].last >= least else []
        at = number - pieces[place].first
        if at < len(entries) and entries[at].second >= least:
            heapq.heappush(waiting, (-entries[at].second, -number, entries[at]))
    while waiting:
        yield heapq.heappop(waiting)[2]


def _newest_up_to(pieces: Sequence[Piece]) -> list[int]:
    """For each piece the newest second of it and of all pieces before it: what is still to come."""
    found: list[int] = []
    for piece in pieces:
        found.append(max(piece.last, found[-1]) if found else piece.last)
    return found
