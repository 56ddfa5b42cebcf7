"""Counts each model call once, however many lines and files repeat it.

A call is known by its key. Later lines correct it in place: of each token class the largest value of any line is kept,
since clients write a growing count while they stream. If several lanes hold a call (they were resumed, forked or
replayed), one of them owns it, and the others inherit it at no cost. The owner does not depend on the order in which
files are read.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterable
from typing import Protocol

from tui.ledger.burn import BurnMeter
from tui.model.event import UsageReported
from tui.model.usage import Usage


class Holder(Protocol):
    """The part of a lane that the call book uses."""

    @property
    def rank(self) -> tuple[int, float, str]:
        """The rank of the lane. Among the lanes that hold a call, the one with the smallest rank owns it."""
        ...

    def gain(self, call: CallRecord, usage: Usage, action: int, calls: int) -> None:
        """Adds usage of a call that the lane owns; negative usage is subtracted.

        `calls` (1, 0 or -1) is added to the number of calls.
        """
        ...

    def inherit(self, call: CallRecord, usage: Usage) -> None:
        """Adds usage of a call that another lane owns."""
        ...


class CallRecord:
    """One model call: its usage, the lane that owns it, and the lanes that repeat it."""

    __slots__ = ("action", "at", "copies", "free", "key", "model", "owner", "provisional", "usage")

    def __init__(self, key: str, at: float | None, model: str | None) -> None:
        self.key = key
        self.at = at
        # Each line has a string of its own for the model: one of them for all calls saves an eighth of the memory.
        self.model = sys.intern(model) if model is not None else None
        self.usage = Usage()
        self.provisional = False
        self.free = False
        """True if the owner too only inherited it (a fork's copied counter). It then costs nothing."""
        self.owner: Holder | None = None
        self.action = 0
        self.copies: tuple[tuple[Holder, int, bool], ...] = ()
        """The other lanes that hold it: each with its action, and with the value of `free` in case it becomes the
        owner.
        """


class CallBook:
    """All calls of all lanes."""

    __slots__ = ("_calls", "_contested", "_unsettled", "meter")

    def __init__(self) -> None:
        self.meter = BurnMeter()
        """The burn of all lanes together."""
        self._calls: dict[str, CallRecord] = {}
        self._contested: dict[str, None] = {}
        self._unsettled = False

    def __len__(self) -> int:
        return len(self._calls)

    def spend(self, lane: Holder, event: UsageReported, action: int, *, free: bool) -> CallRecord:
        """Takes what one line states about a call. Returns the call's record."""
        call = self._calls.get(event.key)
        if call is None:
            call = CallRecord(event.key, event.at, event.model)
            call.owner, call.action, call.free = lane, action, free
            call.usage, call.provisional = event.usage, event.provisional
            self._calls[event.key] = call
            self._credit(call, event.usage, 1)
            return call
        if call.owner is not lane and all(copy[0] is not lane for copy in call.copies):
            call.copies = (*call.copies, (lane, action, free))
            lane.inherit(call, call.usage)
            self._contested[call.key] = None
            self._unsettled = True
        self._correct(call, event)
        return call

    def set_free(self, lane: Holder, call: CallRecord, free: bool) -> None:
        """Sets whether the lane only inherited the call. This is known once a fork's parent is known."""
        if call.owner is not lane:
            call.copies = tuple(
                (holder, action, free if holder is lane else old) for holder, action, old in call.copies
            )
            return
        if call.free == free:
            return
        self._credit(call, -call.usage, -1)
        call.free = free
        self._credit(call, call.usage, 1)

    @property
    def is_unsettled(self) -> bool:
        """True if a shared call was added, or a rank changed, since `settle`."""
        return self._unsettled

    def unsettle(self) -> None:
        """Notes that a lane's rank changed, so that shared calls may have another owner."""
        self._unsettled = True

    def settle(self) -> None:
        """Gives each shared call to its lane of the smallest rank."""
        if not self._unsettled:
            return
        self._unsettled = False
        for key in self._contested:
            self._settle_one(self._calls[key])

    def release(self, lane: Holder, keys: list[str]) -> None:
        """Removes the lane, because it is read again or is gone.

        Each of its calls goes to another lane that holds it, or is removed.
        """
        for key in keys:
            call = self._calls.get(key)
            if call is None:
                continue
            if call.owner is not lane:
                call.copies = tuple(copy for copy in call.copies if copy[0] is not lane)
            elif call.copies:
                self._credit(call, -call.usage, -1)
                call.owner, call.action, call.free = min(call.copies, key=lambda copy: copy[0].rank)
                call.copies = tuple(copy for copy in call.copies if copy[0] is not call.owner)
                call.owner.inherit(call, -call.usage)
                self._credit(call, call.usage, 1)
            else:
                self._credit(call, -call.usage, -1)
                del self._calls[key]
                self._contested.pop(key, None)

    def shared(self) -> Iterable[CallRecord]:
        """The calls that several lanes state."""
        return (call for key in self._contested if (call := self._calls[key]).copies)

    def keys(self) -> Iterable[str]:
        """The keys of all calls."""
        return self._calls.keys()

    def each(self, do: Callable[[CallRecord], None]) -> None:
        """Calls `do` for every call."""
        for call in self._calls.values():
            do(call)

    def burn_over(self, start: float, step_s: float, burnt: array[int]) -> None:
        """Adds to `burnt` the tokens of each interval of `step_s` seconds, from `start` (seconds UTC) on."""
        for call in self._calls.values():
            if call.at is None or call.free:
                continue
            cell = int((call.at - start) // step_s)
            if 0 <= cell < len(burnt):
                burnt[cell] += call.usage.total

    def _correct(self, call: CallRecord, event: UsageReported) -> None:
        usage = larger(call.usage, event.usage)
        call.provisional = call.provisional and event.provisional
        if call.model is None and event.model is not None:
            self._rename(call, event.model)
        if usage == call.usage:
            return
        delta = usage - call.usage
        if delta.total == delta.output:
            call.usage = usage
            self._credit(call, delta, 0)
        else:
            # Removed and added again: the price of the whole call may change with the size of its prompt.
            self._credit(call, -call.usage, -1)
            call.usage = usage
            self._credit(call, usage, 1)
        for holder, _, _ in call.copies:
            holder.inherit(call, delta)

    def _rename(self, call: CallRecord, model: str) -> None:
        self._credit(call, -call.usage, -1)
        call.model = model
        self._credit(call, call.usage, 1)

    def _settle_one(self, call: CallRecord) -> None:
        owner = call.owner
        if owner is None or not call.copies:
            return
        best = min(call.copies, key=lambda copy: copy[0].rank)
        if best[0].rank >= owner.rank:
            return
        self._credit(call, -call.usage, -1)
        owner.inherit(call, call.usage)
        others = (copy for copy in call.copies if copy[0] is not best[0])
        call.copies = (*others, (owner, call.action, call.free))
        call.owner, call.action, call.free = best
        best[0].inherit(call, -call.usage)
        self._credit(call, call.usage, 1)

    def _credit(self, call: CallRecord, usage: Usage, calls: int) -> None:
        owner = call.owner
        if owner is None:
            return
        if call.free:
            owner.inherit(call, usage)
            return
        owner.gain(call, usage, call.action, calls)
        self.meter.add(call.at, usage.total)


def larger(a: Usage, b: Usage) -> Usage:
    """The larger count of each token class of two lines of one call.

    All cache writes come from one of the two lines: a line that states no lifetime has the same tokens in another
    class, so a maximum per class would count them twice.
    """
    if a == b:
        return a
    writes = a if a.cache_write > b.cache_write else b
    if a.cache_write == b.cache_write and a.cache_write_other < b.cache_write_other:
        writes = a
    return Usage(
        max(a.input, b.input),
        max(a.cache_read, b.cache_read),
        writes.cache_write_5m,
        writes.cache_write_1h,
        writes.cache_write_other,
        max(a.output, b.output),
        max(a.reasoning, b.reasoning),
    )
