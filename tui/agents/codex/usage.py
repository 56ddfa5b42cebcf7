"""Usage in Codex's rollouts.

Codex counts a thread's tokens cumulatively: the usage of a call is the growth of the counter.

The same growth is written twice or more: a `token_usage_record` when the response ends, a
`token_count` after its tools ran, and further `token_count`s, unchanged, whenever rate limits are
refreshed. All of them are snapshots of one counter, so a line that does not change it is a repeat.

The counter is the thread's. The model and the limit in the same line do not belong to it: the client joins the thread's
counter with the newest state of any limit. A rollout may nevertheless contain several counters: for example if two
clients continued one thread, each from the state that it had read. They are distinguished by their values: a line
belongs to the counter whose newest value is its total minus its last call.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import add, sub
from typing import Any, NamedTuple

from tui.io.json_fields import Record, count, obj, text
from tui.model.usage import Usage

LOST_GROWTH = 1.5
"""If a counter grew by more than its last call, a line in between is missing. If it grew by more than this multiple of
the last call, it is another counter."""

BOUND = 64
"""The most counters, open records and responses that are remembered per rollout."""


class Vector(NamedTuple):
    """One snapshot of a counter. `input` includes cached and cache-writing tokens, `output` the reasoning."""

    input: int
    cached: int
    cache_write: int
    output: int
    reasoning: int
    total: int


class Snapshot(NamedTuple):
    """The statement of one line about the counters."""

    last: Vector | None
    """The usage of the newest call."""
    total: Vector | None
    response: str | None
    """The service's id of the response; only a `token_usage_record` has one."""
    is_record: bool


class Growth(NamedTuple):
    """One model call, as a change of the counter."""

    usage: Usage
    counter: Vector | None
    """The counter after the call; None if the line states only the call."""
    context_used: int
    response: str | None


class _Open(NamedTuple):
    """A call that a record stated and no token_count has repeated yet."""

    call: Vector
    counter: Vector
    """The thread's counter after the call. The record states it, or it is computed."""
    is_stated: bool


class Counters:
    """The counters of one rollout."""

    def __init__(self) -> None:
        self._values: list[Vector] = []
        """The newest value of each counter as token_counts state it; the counter that changed last comes last."""
        self._open: list[_Open] = []
        """The open calls, in the order of lines."""
        self._thread: Vector | None = None
        """The counter that the newest record states."""
        self._unrecorded: Vector | None = None
        """The counter after the newest call that a token_count stated first."""
        self._responses: dict[str, None] = {}

    def grow(self, snapshot: Snapshot) -> Growth | None:
        """The call that the line adds, or None if it is a repeat."""
        return self._by_record(snapshot) if snapshot.is_record else self._by_count(snapshot)

    def saved(self) -> list[object]:
        """The state as plain JSON, for `restored`."""
        opened = [[list(one.call), list(one.counter), one.is_stated] for one in self._open]
        thread, unrecorded = (list(one) if one is not None else None for one in (self._thread, self._unrecorded))
        return [list(map(list, self._values)), opened, thread, unrecorded, list(self._responses)]

    @classmethod
    def restored(cls, saved: Any) -> Counters:
        """The counters that `saved` described."""
        made = cls()
        values, opened, thread, unrecorded, responses = saved
        made._values = [Vector(*value) for value in values]
        made._open = [_Open(Vector(*call), Vector(*counter), is_stated) for call, counter, is_stated in opened]
        made._thread = Vector(*thread) if thread is not None else None
        made._unrecorded = Vector(*unrecorded) if unrecorded is not None else None
        made._responses = dict.fromkeys(responses)
        return made

    # -- token_usage_record ---------------------------------------------------------------------------

    def _by_record(self, snapshot: Snapshot) -> Growth | None:
        call, thread = snapshot.last, snapshot.total
        if call is None or self._is_told(snapshot.response, thread):
            return None
        self._open = [*self._open, _Open(call, thread or self._after(call), thread is not None)][-BOUND:]
        self._thread = thread
        return _growth(call, thread, call.total, snapshot.response)

    def _is_told(self, response: str | None, thread: Vector | None) -> bool:
        """Whether the record's call is known.

        Its response identifies a call, since two calls may leave equal counters.
        """
        if response is None:
            return thread is not None and (thread == self._thread or thread in self._values)
        if response in self._responses:
            return True
        if len(self._responses) >= BOUND:
            del self._responses[next(iter(self._responses))]
        self._responses[response] = None
        if thread is None or thread != self._unrecorded:
            return False
        self._unrecorded = None
        return True

    def _after(self, call: Vector) -> Vector:
        """The thread's counter after one more call, computed."""
        if self._open:
            return _sum(self._open[-1].counter, call)
        return _sum(self._values[-1], call) if self._values else call

    # -- token_count ----------------------------------------------------------------------------------

    def _by_count(self, snapshot: Snapshot) -> Growth | None:
        total, last = snapshot.total, snapshot.last
        if total is None:
            return None
        if last is not None and not self._open and self._values and self._is_next(total, last):
            self._move(self._values[-1], total)
            self._unrecorded = total
            return _growth(last, total, last.total, None)
        if self._is_repeat(total, last):
            return None
        before = self._before(total, last)
        delta = _delta(before, total, last, is_first=not self._values)
        if before is None:  # the counter started again, so computed values are invalid
            self._open = [one for one in self._open if one.is_stated]
        self._move(before, total)
        self._unrecorded = total
        return _growth(delta, total, (last or delta).total, None)

    def _is_next(self, total: Vector, last: Vector) -> bool:
        """Whether the line states one more call of the counter that changed last. That is what most lines do."""
        newest = self._values[-1]
        return total != newest and _is_step(newest, total, last)

    def _is_repeat(self, total: Vector, last: Vector | None) -> bool:
        """Whether the line states a known call or no call. If so, it is noted."""
        if self._close(lambda one: one.counter == total):
            self._move(_less(total, last), total)
            return True
        if self._values and total == self._values[-1]:
            return True
        if last is not None and self._close(lambda one: one.call == last):
            self._move(_less(total, last), total)
            return True
        if total not in self._values or self._goes_on(total, last):
            return False
        self._move(total, total)  # a client with another counter refreshed the limits
        return True

    def _goes_on(self, total: Vector, last: Vector | None) -> bool:
        """Whether the line states a change of the counter that changed last."""
        newest = [one.counter for one in self._open[-1:]] + self._values[-1:]
        return any(_is_step(value, total, last) for value in newest)

    def _before(self, total: Vector, last: Vector | None) -> Vector | None:
        """The value of a counter before it grew to `total`; None if unknown."""
        known = [one.counter for one in reversed(self._open)] + self._values[::-1]
        found = next((value for value in known if _is_step(value, total, last)), None)
        if found is not None or last is None or total == last:  # equal: the first call of a counter
            return found
        return next((value for value in known if _has_lost_a_line(value, total, last)), None)

    def _close(self, is_meant: Callable[[_Open], bool]) -> bool:
        """Drops the newest matching open call and those before it: the counter includes them."""
        for index in reversed(range(len(self._open))):
            if is_meant(self._open[index]):
                self._open = self._open[index + 1 :]
                return True
        return False

    def _move(self, before: Vector | None, after: Vector) -> None:
        """Sets a counter to `after`."""
        if before is not None:
            self._close(lambda one: one.counter == before)
        self._values = [*(value for value in self._values if value != before), after][-BOUND:]


def record_snapshot(payload: Record) -> Snapshot:
    """The snapshot in a `token_usage_record`. Raises: BadLine: a count is invalid."""
    last, total = vector(payload.get("usage")), vector(payload.get("thread_token_usage"))
    return Snapshot(last, total, text(payload.get("response_id")), is_record=True)


def count_snapshot(payload: Record) -> Snapshot:
    """The snapshot in a `token_count`; empty if it only refreshes rate limits. Raises: BadLine: a count is invalid."""
    info = obj(payload.get("info"))
    last, total = vector(info.get("last_token_usage")), vector(info.get("total_token_usage"))
    return Snapshot(last, total, None, is_record=False)


def vector(stated: object) -> Vector | None:
    """A snapshot as a line states it, or None if it states none.

    Raises:
        BadLine: a count is not one.
    """
    usage = obj(stated)
    if not usage:
        return None
    tokens_in, tokens_out = count(usage, "input_tokens"), count(usage, "output_tokens")
    return Vector(
        tokens_in,
        count(usage, "cached_input_tokens"),
        count(usage, "cache_write_input_tokens"),
        tokens_out,
        count(usage, "reasoning_output_tokens"),
        count(usage, "total_tokens") or tokens_in + tokens_out,
    )


_NOTHING = Vector(0, 0, 0, 0, 0, 0)


def _sum(one: Vector, other: Vector) -> Vector:
    return Vector(*map(add, one, other))


def _less(total: Vector, part: Vector | None) -> Vector | None:
    """`total` without `part`; None if `part` is unknown or not a part of it."""
    return Vector(*map(sub, total, part)) if part is not None else None


def _is_step(before: Vector, total: Vector, last: Vector | None) -> bool:
    """Whether the call `last`, or any call if none is stated, takes a counter from `before` to `total`."""
    if last is not None:
        return (
            before.total + last.total == total.total
            and before.input + last.input == total.input
            and before.cached + last.cached == total.cached
            and before.cache_write + last.cache_write == total.cache_write
            and before.output + last.output == total.output
            and before.reasoning + last.reasoning == total.reasoning
        )
    return all(new >= old for new, old in zip(total, before, strict=True))


def _has_lost_a_line(before: Vector, total: Vector, last: Vector) -> bool:
    """Whether the counter grew by a little more than the call, or only its parts changed and not the total."""
    delta = Vector(*map(sub, total, before))
    if min(delta) < 0:
        return False
    if delta.input == delta.output == 0:
        return True
    return _covers(delta, last) and delta.total <= last.total * LOST_GROWTH


def _covers(delta: Vector, last: Vector) -> bool:
    return all(grown >= one for grown, one in zip(delta, last, strict=True))


def _delta(before: Vector | None, total: Vector, last: Vector | None, *, is_first: bool) -> Vector:
    if before is not None:
        return Vector(*map(sub, total, before))
    if last is not None:
        return last  # a fork may continue its parent's counter; after a rollback or a restart it starts again
    return total if is_first else _NOTHING  # the counter fell: a call is never negative


def _growth(delta: Vector, counter: Vector | None, context_used: int, response: str | None) -> Growth | None:
    cached = min(delta.cached, delta.input)
    cache_write = min(delta.cache_write, delta.input - cached)
    usage = Usage(
        input=delta.input - cached - cache_write,
        cache_read=cached,
        cache_write_other=cache_write,
        output=delta.output,
        reasoning=min(delta.reasoning, delta.output),
    )
    return Growth(usage, counter, context_used, response) if usage.total else None
