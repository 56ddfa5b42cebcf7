"""The facts of calls as rows of bytes: a call takes about 80 bytes for good, as an object it would take 500."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from struct import Struct, error
from typing import NamedTuple

from tui.model.usage import Usage, classes

_ROW = Struct("<qdIBII7I")
"""Key, time, owner, flags, action, model, the classes of the usage."""
_HEAD = Struct("<dIB")
_USAGE = Struct("<7I")
_KEY = Struct("<q")
_SIZE, _HEAD_AT, _USAGE_AT = _ROW.size, _KEY.size, _ROW.size - _USAGE.size
_PROVISIONAL, _FREE, _LARGE = 1, 2, 4
NOBODY = 0
"""The owner of a row that holds no call."""


class CallRow(NamedTuple):
    """The facts of a call."""

    key: int
    at: float | None
    owner: int
    """A number of the one who keeps the rows, greater than `NOBODY`."""
    action: int
    model: str | None
    usage: Usage
    provisional: bool
    free: bool


class CallRows:
    """Calls by the number of their row, and the numbers by key."""

    __slots__ = ("_data", "_large", "_models", "_names", "_places", "_unused")

    def __init__(self) -> None:
        self._data = bytearray()
        self._places = Places()
        self._unused: list[int] = []
        self._large: dict[int, Usage] = {}
        """The usage of calls whose counts do not fit into a row."""
        self._names: list[str | None] = [None]
        self._models: dict[str | None, int] = {None: 0}
        """The place of each model in `_names`."""

    def __len__(self) -> int:
        return len(self._data) // _SIZE - len(self._unused)

    def find(self, key: int) -> int:
        """The row of a call; -1 if there is none."""
        return self._places.get(key)

    def add(self, call: CallRow) -> int:
        """Adds a call whose key is new. Returns its row."""
        if self._unused:
            row = self._unused.pop()
        else:
            row = len(self._data) // _SIZE
            self._data += bytes(_SIZE)
        self.put(row, call)
        self._places.add(call.key, row)
        return row

    def put(self, row: int, call: CallRow) -> None:
        """Replaces the facts of a call. Its key stays."""
        key, at, owner, action, model, usage, provisional, free = call
        number = self._models.get(model)
        if number is None:
            number = self._models[model] = len(self._names)
            self._names.append(model)
        flags = _PROVISIONAL * provisional | _FREE * free
        when = math.nan if at is None else at
        self._large.pop(row, None)
        try:
            _ROW.pack_into(self._data, row * _SIZE, key, when, owner, flags, action, number, *classes(usage))
        except error:
            self._large[row] = usage
            _ROW.pack_into(self._data, row * _SIZE, key, when, owner, flags | _LARGE, action, number, *(0,) * 7)

    def get(self, row: int) -> CallRow:
        """The facts of a call."""
        key, at, owner, flags, action, model, *counts = _ROW.unpack_from(self._data, row * _SIZE)
        usage = self._large[row] if flags & _LARGE else Usage(*counts)
        return CallRow(
            key, None if at != at else at, owner, action, self._names[model], usage,  # noqa: PLR0124 (not a number)
            bool(flags & _PROVISIONAL), bool(flags & _FREE),
        )  # fmt: skip

    def remove(self, row: int) -> None:
        """Removes a call."""
        self._places.remove(self.key(row))
        _ROW.pack_into(self._data, row * _SIZE, 0, math.nan, NOBODY, 0, 0, 0, *(0,) * 7)
        self._large.pop(row, None)
        self._unused.append(row)

    def key(self, row: int) -> int:
        """The key of a call."""
        return _KEY.unpack_from(self._data, row * _SIZE)[0]

    def owner(self, row: int) -> int:
        """The owner of a call."""
        return _HEAD.unpack_from(self._data, row * _SIZE + _HEAD_AT)[1]

    def paid(self, rows: Iterable[int], owner: int | None = None) -> Iterator[tuple[float, int]]:
        """The time (seconds UTC) and row of each of these calls that is not free and has a time.

        With `owner`, only of those that it owns.
        """
        data, head = self._data, _HEAD.unpack_from
        for row in rows:
            at, holder, flags = head(data, row * _SIZE + _HEAD_AT)
            if not flags & _FREE and at == at and (owner is None or holder == owner):  # noqa: PLR0124 (not a number)
                yield at, row

    def usage(self, row: int) -> Usage:
        """The usage of a call."""
        known = self._large.get(row) if self._large else None
        return known if known is not None else Usage(*_USAGE.unpack_from(self._data, row * _SIZE + _USAGE_AT))

    def all(self) -> Iterator[int]:
        """The rows of all calls."""
        return (row for row in range(len(self._data) // _SIZE) if self.owner(row) != NOBODY)


_ENTRY = Struct("<qI")
_BUCKET = 48
"""Entries in a bucket, on the average: it is searched from its beginning."""


class Places:
    """A number for each 64-bit key, in about 14 bytes; a dictionary takes ten times as much.

    A linear hash table: as it grows, one bucket after the other is divided in two, so that no single call is slow.
    """

    __slots__ = ("_buckets", "_count", "_divided", "_size")

    def __init__(self) -> None:
        self._buckets = [bytearray()]
        self._count = 0
        self._size = 1
        """The buckets at the beginning of this round: a power of two."""
        self._divided = 0
        """The buckets that were divided in this round."""

    def get(self, key: int) -> int:
        """The number of a key; -1 if it has none."""
        bucket = self._bucket(key)
        at = _place(bucket, key)
        return _ENTRY.unpack_from(bucket, at)[1] if at >= 0 else -1

    def add(self, key: int, number: int) -> None:
        """Gives a new key its number."""
        bucket = self._bucket(key)
        bucket += _ENTRY.pack(key, number)
        self._count += 1
        if self._count > _BUCKET * len(self._buckets):
            self._divide()

    def remove(self, key: int) -> None:
        """Removes a key, if it is there."""
        bucket = self._bucket(key)
        at = _place(bucket, key)
        if at >= 0:
            del bucket[at : at + _ENTRY.size]
            self._count -= 1

    def _bucket(self, key: int) -> bytearray:
        at = key & (self._size - 1)
        return self._buckets[at if at >= self._divided else key & (2 * self._size - 1)]

    def _divide(self) -> None:
        stay, move = bytearray(), bytearray()
        for key, number in _ENTRY.iter_unpack(self._buckets[self._divided]):
            part = move if key & self._size else stay
            part += _ENTRY.pack(key, number)
        self._buckets[self._divided] = stay
        self._buckets.append(move)
        self._divided += 1
        if self._divided == self._size:
            self._size, self._divided = 2 * self._size, 0


def _place(bucket: bytearray, key: int) -> int:
    """Where the entry of a key begins; -1 if there is none."""
    wanted = _KEY.pack(key)
    at = bucket.find(wanted)
    while at >= 0 and at % _ENTRY.size:
        at = bucket.find(wanted, at + 1)
    return at
