"""A part of a fleet: transcripts that share no call with others, their lanes, calls and limits. It can be put aside.

Live, all transcripts are one part. A replay has one for each transcript, or for several where calls stand in more than
one of them, so that going to another moment touches only the lanes that differ.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterable
from typing import Any

from tui.fleet.event_codec import TABLE, Table, opened, packed
from tui.fleet.lane_record import Entry
from tui.fleet.lane_snapshot import Prices
from tui.judge.lane import LaneJudge
from tui.judge.limits import Limits
from tui.ledger.calls import CallBook
from tui.ledger.lane import LaneLedger
from tui.model.snapshot import LimitState

LimitKey = tuple[str, str | None, int | None]


class Part:
    """All that was learnt from some transcripts."""

    __slots__ = ("agents", "book", "entries", "limits")

    def __init__(self, book: CallBook) -> None:
        self.book = book
        self.entries: dict[tuple[str, str], Entry] = {}
        """By path, and the lane's name within it."""
        self.agents: dict[str, str] = {}
        """Who writes each path."""
        self.limits: dict[LimitKey, LimitState] = {}

    def set_day(self, midnight: float) -> None:
        """Counts `today` from `midnight` (seconds UTC) on, in every lane that counts from another day."""
        for entry in self.entries.values():
            if entry.ledger.day != midnight:
                entry.ledger.set_day(midnight)

    def save(self, shared: Shared) -> bytes:
        """All of it but the lanes' pictures and their place in the tree, which belong to a fleet."""
        lanes = [(key, entry.ledger, entry.judge) for key, entry in self.entries.items()]
        return packed((self.book, self.agents, self.limits, lanes), shared.table)

    @classmethod
    def restored(cls, saved: bytes, shared: Shared) -> Part:
        """What `save` gave, as a part that goes on from there exactly as the one that was saved."""
        book, agents, limits, lanes = _Unpickler(io.BytesIO(opened(saved)), shared).load()
        part = cls(book)
        part.agents, part.limits = agents, limits
        _fill(part, lanes)
        return part


def _fill(part: Part, lanes: Iterable[tuple[tuple[str, str], LaneLedger, LaneJudge]]) -> None:
    for key, ledger, judge in lanes:
        part.entries[key] = Entry(ledger, judge)


class Shared:
    """What all parts refer to and none of them holds a copy of: the prices and the judge's limits."""

    def __init__(self, prices: Prices, limits: Limits) -> None:
        self.prices = prices
        self.limits = limits
        self.table: Table = {
            **TABLE,
            type(prices): lambda _: (_the_prices, ()),
            Limits: lambda _: (_the_limits, ()),
        }


def _the_prices() -> Prices:
    """Stands in what was saved for the prices that it is restored with."""
    raise NotImplementedError


def _the_limits() -> Limits:
    """Stands in what was saved for the limits that it is restored with."""
    raise NotImplementedError


class _Unpickler(pickle.Unpickler):
    """Reads only what this process wrote to its own memory."""

    def __init__(self, file: io.BytesIO, shared: Shared) -> None:
        super().__init__(file)
        self._shared = shared

    def find_class(self, module: str, name: str) -> Any:
        if module == __name__ and name == _the_prices.__name__:
            return lambda: self._shared.prices
        if module == __name__ and name == _the_limits.__name__:
            return lambda: self._shared.limits
        return super().find_class(module, name)
