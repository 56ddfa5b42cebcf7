"""Decides which lines of a Codex rollout are the thread's own, and which were copied from its parent's history.

The rollout of a forked thread, and of a subagent that was given its parent's context, may begin with the parent's
lines: user messages, turns, calls and token counts, with their old times or with the time of the fork. Seen with Codex
0.169: an ordinary fork copies nothing and continues its parent's count; a subagent copies the history and counts from
zero. Older versions copied counts too.

Evidence, the strongest first:
1. the line's ordinal against the one at which the thread's own history starts;
2. a thread id in the line;
3. a turn id: like the thread's id, it contains the time at which it was made (UUID version 7), and turns older than the
thread are its parent's, whatever times their lines have; 4. a time before the thread's own beginning; 5. without any of
these a guess: copied lines are milliseconds apart, the first own answer of a model comes later. The parent's own
sequence of counters, if it is known, overrules guesses. If it is not known, the parent's other forks may be: forks that
begin with the same counters began with the same history. Their calls have the same key as long as their counters are
equal.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence

from tui.io.json_fields import Record, integer, obj, stamp, text
from tui.model.event import Inherited

BURST_GAP_S = 1.0
"""Copied lines follow each other within 40 ms; no model answers a new thread within a second."""


class Lineage:
    """Decides for the lines of one rollout, in order, which ones were copied."""

    def __init__(self) -> None:
        self.thread: str | None = None
        self.parent: str | None = None
        self.is_fork = False
        self.is_subagent = False
        self._is_child = False
        self._born: float | None = None
        self._minted: float | None = None
        self._own_from: int | None = None
        self._is_own = False
        self._turns_tell = False
        self._bursts = False
        self._newest: float | None = None
        self._copied_from: str | None = None
        self._counters = b""
        """A digest of all counters so far, in order."""

    @property
    def is_child(self) -> bool:
        """True if the rollout may begin with lines of another thread."""
        return self._is_child

    def begin(self, meta: Record, at: float | None) -> None:
        """Takes the first session_meta. Only this line states to which thread the file belongs."""
        self.thread = text(meta.get("id"))
        source = obj(meta.get("source"))
        spawn = obj(obj(source.get("subagent")).get("thread_spawn"))
        spawner = text(meta.get("parent_thread_id")) or text(spawn.get("parent_thread_id"))
        forked_from = text(meta.get("forked_from_id"))
        self.parent = spawner or forked_from
        self.is_fork = forked_from is not None
        self._copied_from = forked_from
        self.is_subagent = spawner is not None or "subagent" in source or meta.get("thread_source") == "subagent"
        self._is_child = self.is_fork or self.is_subagent
        self._born = stamp(meta.get("timestamp"))
        if self._born is None:
            self._born = at
        self._minted = _minted(self.thread)
        self._own_from = _ordinal(meta.get("subagent_history_start_ordinal"))
        if self._own_from is None:
            self._own_from = _ordinal(obj(meta.get("history_base")).get("end_ordinal_exclusive"))
        self._newest = at

    def judge(self, record: Record, payload: Record, at: float | None, *, counts: bool) -> Inherited:
        """Whether a line after the first session_meta was copied. `counts`: it states token counts."""
        if record.get("type") == "session_meta":
            return self._another_meta(payload)
        if not self._is_child:
            return Inherited.NO
        told = self._by_evidence(record, payload, at)
        if told is not None:
            self._is_own = told is Inherited.NO
        elif self._is_own:
            told = Inherited.NO
        elif self._turns_tell:
            told = Inherited.YES
        else:
            told = self._by_guess(at, counts=counts)
        if at is not None:
            self._newest = at
        return told

    def key_of_copy(self, counter: Sequence[int], how: Inherited) -> str | None:
        """A key for a call that may be a copy.

        It is equal in all forks of one thread whose counters are equal up to this call. None if the transcript itself
        states whose call it is. Call it once for each call's counter, in order.
        """
        if self._copied_from is None:
            return None
        self._counters = hashlib.blake2b(self._counters + repr(tuple(counter)).encode(), digest_size=12).digest()
        is_guess = how in (Inherited.GUESS_NO, Inherited.GUESS_YES)
        return f"{self._copied_from}:copy:{self._counters.hex()}" if is_guess else None

    def _another_meta(self, meta: Record) -> Inherited:
        if meta.get("id") == self.thread:
            return Inherited.NO  # the same counter was written again, as after a resume
        if not self._is_own:
            self._is_child = self._bursts = True
            if self.parent is None:
                self.parent = self._copied_from = text(meta.get("id"))
                self.is_fork = True
        return Inherited.YES

    def _by_evidence(self, record: Record, payload: Record, at: float | None) -> Inherited | None:
        ordinal = integer(record.get("ordinal"))
        if self._own_from is not None and ordinal is not None:
            return Inherited.NO if ordinal >= self._own_from else Inherited.YES
        if self._is_own:
            return Inherited.NO
        thread = text(payload.get("thread_id"))
        if thread is not None and self.thread is not None:
            return Inherited.NO if thread == self.thread else Inherited.YES
        minted = _minted(text(payload.get("turn_id")))
        if minted is not None and self._minted is not None:
            self._turns_tell = True
            return Inherited.NO if minted >= self._minted else Inherited.YES
        if at is not None and self._born is not None and at < self._born:
            return Inherited.YES
        return None

    def _by_guess(self, at: float | None, *, counts: bool) -> Inherited:
        if self._bursts:
            gap = at - self._newest if at is not None and self._newest is not None else 0.0
            if gap < BURST_GAP_S:
                return Inherited.GUESS_YES
            self._bursts = False
        if not counts or at is None or self._born is None:
            return Inherited.GUESS_NO
        return Inherited.GUESS_YES if at - self._born < BURST_GAP_S else Inherited.GUESS_NO


def _minted(identifier: str | None) -> float | None:
    """The milliseconds since the epoch at which a UUID of version 7 was made."""
    if identifier is None or len(identifier) > 64:
        return None
    try:
        made = uuid.UUID(identifier)
    except ValueError:
        return None
    return made.int >> 80 if made.version == 7 else None


def _ordinal(value: object) -> int | None:
    """An ordinal. Some builds write it as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    return integer(value)
