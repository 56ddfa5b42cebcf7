"""Counts each model call once, however many lines and files repeat it.

A call is known by its key. Later lines correct it in place: of each token class the largest value of any line is kept,
since clients write a growing count while they stream. If several lanes hold a call (they were resumed, forked or
replayed), one of them owns it, and the others inherit it at no cost. The owner does not depend on the order in which
files are read.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import Protocol

from tui.ledger.burn import BurnMeter
from tui.ledger.call_rows import NOBODY, CallRow, CallRows
from tui.ledger.keys import key_of
from tui.model.event import UsageReported
from tui.model.usage import ZERO, Usage


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


Copy = tuple[Holder, int, bool]
"""A lane that repeats a call: with its action, and with the value of `free` in case it becomes the owner."""


class CallRecord:
    """One model call: its usage, the lane that owns it, and the lanes that repeat it.

    It is made of the book's row when it is asked for, and says what was known then.
    """

    __slots__ = ("action", "at", "copies", "free", "key", "model", "owner", "provisional", "row", "usage")

    def __init__(self, row: int, facts: CallRow, owner: Holder, copies: tuple[Copy, ...]) -> None:
        self.row = row
        self.key, self.at, _, self.action, self.model, self.usage, self.provisional, self.free = facts
        """`free`: True if the owner too only inherited it (a fork's copied counter). It then costs nothing."""
        self.owner = owner
        self.copies = copies
        """The other lanes that hold it."""

    def is_held_by(self, lane: Holder) -> bool:
        """Whether the lane states it."""
        return self.owner is lane or any(copy[0] is lane for copy in self.copies)


class CallBook:
    """All calls of all lanes. A call is known by the row that `spend` gave it, or by its key."""

    __slots__ = ("_copies", "_holders", "_last_number", "_numbers", "_rows", "_unsettled", "meter")

    def __init__(self) -> None:
        self.meter = BurnMeter()
        """The burn of all lanes together."""
        self._rows = CallRows()
        self._copies: dict[int, tuple[Copy, ...]] = {}
        """The copies of each call that several lanes state, by row."""
        self._holders: dict[int, Holder] = {}
        """The lanes by the numbers that stand for them in rows."""
        self._numbers: dict[Holder, int] = {}
        self._last_number = NOBODY
        self._unsettled = False

    def __len__(self) -> int:
        return len(self._rows)

    def spend(self, lane: Holder, event: UsageReported, action: int, *, free: bool) -> tuple[int, bool]:
        """Takes what one line states about a call.

        Returns the call's row, and whether the lane stated it for the first time.
        """
        key = key_of(event.key)
        row = self._rows.find(key)
        if row < 0:
            owner = self._number(lane)
            facts = CallRow(key, event.at, owner, action, event.model, event.usage, event.provisional, free)
            row = self._rows.add(facts)
            self._credit(CallRecord(row, facts, lane, ()), event.usage, 1)
            return row, True
        call = self.call(row)
        is_new = not call.is_held_by(lane)
        if is_new:
            call.copies = self._copies[row] = (*call.copies, (lane, action, free))
            lane.inherit(call, call.usage)
            self._unsettled = True
        self._correct(call, event)
        return row, is_new

    def call(self, row: int) -> CallRecord:
        """The call of a row."""
        facts = self._rows.get(row)
        return CallRecord(row, facts, self._holders[facts.owner], self._copies.get(row, ()))

    def find(self, key: str) -> CallRecord | None:
        """The call with this key; None if there is none."""
        row = self._rows.find(key_of(key))
        return self.call(row) if row >= 0 else None

    def calls(self, rows: Iterable[int]) -> Iterator[CallRecord]:
        """The calls of these rows."""
        return map(self.call, rows)

    def own(self, lane: Holder, rows: Iterable[int]) -> Iterator[tuple[float, int]]:
        """The time (seconds UTC) and row of those that the lane owns and pays for; without those of unknown time."""
        return self._rows.paid(rows, self._numbers.get(lane, NOBODY))

    def usage(self, row: int) -> Usage:
        """The usage of the call of a row."""
        return self._rows.usage(row)

    def key(self, row: int) -> int:
        """The key of the call of a row: see `key_of`."""
        return self._rows.key(row)

    def set_free(self, lane: Holder, call: CallRecord, free: bool) -> None:
        """Sets whether the lane only inherited the call. This is known once a fork's parent is known."""
        if call.owner is not lane:
            call.copies = tuple(
                (holder, action, free if holder is lane else old) for holder, action, old in call.copies
            )
            self._keep(call)
            return
        if call.free == free:
            return
        self._credit(call, -call.usage, -1)
        call.free = free
        self._credit(call, call.usage, 1)
        self._keep(call)

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
        for row, copies in list(self._copies.items()):
            best = min(copies, key=lambda copy: copy[0].rank)
            if best[0].rank < self._holders[self._rows.owner(row)].rank:
                self._give(self.call(row), best)

    def release(self, lane: Holder, rows: Iterable[int]) -> None:
        """Removes the lane, because it is read again or is gone. `rows` are the calls that it states.

        Each of them goes to another lane that holds it, or is removed.
        """
        for row in rows:
            call = self.call(row)
            if call.owner is not lane:
                call.copies = tuple(copy for copy in call.copies if copy[0] is not lane)
                self._keep(call)
            elif call.copies:
                self._credit(call, -call.usage, -1)
                call.owner, call.action, call.free = min(call.copies, key=lambda copy: copy[0].rank)
                call.copies = tuple(copy for copy in call.copies if copy[0] is not call.owner)
                call.owner.inherit(call, -call.usage)
                self._credit(call, call.usage, 1)
                self._keep(call)
            else:
                self._credit(call, -call.usage, -1)
                self._rows.remove(row)
                self._copies.pop(row, None)
        number = self._numbers.pop(lane, None)
        if number is not None:
            del self._holders[number]

    def shared(self) -> Iterator[CallRecord]:
        """The calls that several lanes state."""
        return self.calls(self._copies)

    def keys(self) -> Iterator[int]:
        """The keys of all calls: see `key_of`."""
        return map(self._rows.key, self._rows.all())

    def burn_over(self, start: float, step_s: float, burnt: array[int]) -> None:
        """Adds to `burnt` the tokens of each interval of `step_s` seconds, from `start` (seconds UTC) on."""
        for at, row in self._rows.paid(self._rows.all()):
            cell = int((at - start) // step_s)
            if 0 <= cell < len(burnt):
                burnt[cell] += self._rows.usage(row).total

    def _number(self, lane: Holder) -> int:
        number = self._numbers.get(lane)
        if number is None:
            number = self._numbers[lane] = self._last_number = self._last_number + 1
            self._holders[number] = lane
        return number

    def _keep(self, call: CallRecord) -> None:
        """Writes a changed record to its row."""
        owner = self._number(call.owner)
        facts = CallRow(call.key, call.at, owner, call.action, call.model, call.usage, call.provisional, call.free)
        self._rows.put(call.row, facts)
        if call.copies:
            self._copies[call.row] = call.copies
        else:
            self._copies.pop(call.row, None)

    def _correct(self, call: CallRecord, event: UsageReported) -> None:
        usage = larger(call.usage, event.usage)
        is_final = call.provisional and not event.provisional
        is_named = call.model is None and event.model is not None
        if usage == call.usage and not is_final and not is_named:
            return
        call.provisional = call.provisional and event.provisional
        if is_named:
            self._credit(call, -call.usage, -1)
            call.model = event.model
            self._credit(call, call.usage, 1)
        if usage != call.usage:
            self._enlarge(call, usage)
        elif is_final:
            self._credit(call, ZERO, 0)  # the owner learns that it does not grow any more
        self._keep(call)

    def _enlarge(self, call: CallRecord, usage: Usage) -> None:
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

    def _give(self, call: CallRecord, best: Copy) -> None:
        """Gives a call to another lane that holds it."""
        owner = call.owner
        self._credit(call, -call.usage, -1)
        owner.inherit(call, call.usage)
        others = (copy for copy in call.copies if copy[0] is not best[0])
        call.copies = (*others, (owner, call.action, call.free))
        call.owner, call.action, call.free = best
        best[0].inherit(call, -call.usage)
        self._credit(call, call.usage, 1)
        self._keep(call)

    def _credit(self, call: CallRecord, usage: Usage, calls: int) -> None:
        if call.free:
            call.owner.inherit(call, usage)
            return
        call.owner.gain(call, usage, call.action, calls)
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
