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


class Vector(NamedTuple):
    """One snapshot. `input` holds the cached and the cache-writing tokens, `output` the reasoning."""

    input: int
    cached: int
    cache_write: int
    output: int
    reasoning: int
    total: int


class Growth(NamedTuple):
    """One model call, as a change of the counter."""

    usage: Usage
    counter: Vector | None
    """The counter after the call; None if the line states only the call."""
    context_used: int
    response: str | None
    """The service's id of the response, where the line has one."""


class Counters:
    """The counters of one rollout."""

    def __init__(self) -> None:
        self._lanes: dict[str, Vector] = {}
        self._thread: Vector | None = None
        self._unmatched: Vector | None = None
        """Usage of a record that no token_count has repeated yet."""

    def on_record(self, payload: Record) -> Growth | None:
        """What a `token_usage_record` adds.

        Raises:
            BadLine: a count is not one.
        """
        usage = vector(payload.get("usage"))
        thread = vector(payload.get("thread_token_usage"))
        if usage is None:
            return None
        if thread is not None and (thread == self._thread or thread in self._lanes.values()):
            self._thread = thread
            return None
        self._thread = thread
        self._unmatched = usage
        return _growth(usage, thread, usage.total, text(payload.get("response_id")))

    def on_count(self, info: Record, lane: str) -> Growth | None:
        """What a `token_count` adds to the counter named `lane`.

        Raises:
            BadLine: a count is not one.
        """
        total, last = vector(info.get("total_token_usage")), vector(info.get("last_token_usage"))
        if total is None:
            return None
        before = self._lanes.get(lane)
        is_repeat = total in (before, self._thread) or (last is not None and last == self._unmatched)
        self._unmatched = None
        self._lanes[lane] = total
        if is_repeat:
            return None
        delta = _delta(before, total, last)
        return _growth(delta, total, (last or delta).total, None)


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
