"""Codex counts a thread's tokens cumulatively. A call is what the counter grew by.

The same growth is written twice or more: a `token_usage_record` when the response ends, a
`token_count` after its tools ran, and further `token_count`s, unchanged, whenever rate limits are
refreshed. All of them are snapshots of one counter, so that what does not change it is a repeat.
A rollout may interleave several counters, told apart by the limit that they count against.
"""

from __future__ import annotations

from typing import NamedTuple

from tui.model.usage import Usage
from tui.transcripts.fields import Record, count, obj, text

FOREIGN_GROWTH = 1.5
"""A counter that grew by more than so many times its own last request is another counter."""

LANES_BOUND = 64


class Vector(NamedTuple):
    """One snapshot. `input` holds the cached and the cache-writing tokens, `output` the reasoning."""

    input: int
    cached: int
    cache_write: int
    output: int
    reasoning: int
    total: int


class Snapshot(NamedTuple):
    """What one line states of the counters."""

    last: Vector | None
    """The newest call alone."""
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


class Counters:
    """The counters of one rollout."""

    def __init__(self) -> None:
        self._lanes: dict[str, Vector] = {}
        self._thread: Vector | None = None
        self._unmatched: Vector | None = None
        """The call of a record that no token_count has repeated yet."""

    def grow(self, snapshot: Snapshot, lane: str) -> Growth | None:
        """The call that the line adds, or None if it is a repeat. `lane` names the counter of a token_count."""
        return self._by_record(snapshot) if snapshot.is_record else self._by_count(snapshot, lane)

    def _by_record(self, snapshot: Snapshot) -> Growth | None:
        call, thread = snapshot.last, snapshot.total
        if call is None:
            return None
        is_repeat = thread is not None and (thread == self._thread or thread in self._lanes.values())
        self._thread = thread
        self._unmatched = None if is_repeat else call
        return None if is_repeat else _growth(call, thread, call.total, snapshot.response)

    def _by_count(self, snapshot: Snapshot, lane: str) -> Growth | None:
        total, last = snapshot.total, snapshot.last
        if total is None:
            return None
        before = self._lanes.get(lane)
        is_repeat = total in (before, self._thread) or (last is not None and last == self._unmatched)
        self._unmatched = None
        if before is None and len(self._lanes) >= LANES_BOUND:
            del self._lanes[next(iter(self._lanes))]
        self._lanes[lane] = total
        if is_repeat:
            return None
        delta = _delta(before, total, last)
        return _growth(delta, total, (last or delta).total, None)


def record_snapshot(payload: Record) -> Snapshot:
    """What a `token_usage_record` states.

    Raises:
        BadLine: a count is not one.
    """
    last, total = vector(payload.get("usage")), vector(payload.get("thread_token_usage"))
    return Snapshot(last, total, text(payload.get("response_id")), is_record=True)


def count_snapshot(payload: Record) -> Snapshot:
    """What a `token_count` states; nothing, where it only refreshes rate limits.

    Raises:
        BadLine: a count is not one.
    """
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


def _delta(before: Vector | None, total: Vector, last: Vector | None) -> Vector:
    if before is None:
        return last or total  # a fork may go on counting from where its parent stood
    if any(new < old for new, old in zip(total, before, strict=True)):
        return last or _NOTHING  # reset by a rollback or a restart: never a negative call
    delta = Vector._make(new - old for new, old in zip(total, before, strict=True))
    if last is not None and delta.total > last.total * FOREIGN_GROWTH:
        return last
    return delta


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
