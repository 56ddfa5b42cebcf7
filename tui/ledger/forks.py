"""Forks of agents with cumulative counters: which of a child's calls are copies of its parent's.

Source of the rule: the child's transcript opens with the parent's counters, so the longest common
prefix of the two sequences is the copy. Equal counters further on are not: two siblings can really
spend the same. Where a transcript itself states what was inherited, its word stands.

Without the parent a call that other forks of it hold too is one of these forks' (they name it by one
key), and a call that time alone tells to be a copy is nobody's. Both may be wrong: the lane that leaves
such a call out has a lower bound for its count.
"""

from __future__ import annotations

from tui.ledger.calls import CallBook, CallRecord
from tui.ledger.lane import LaneLedger
from tui.model.event import Inherited

_GUESSES = (Inherited.GUESS_NO, Inherited.GUESS_YES)


def settle_fork(child: LaneLedger, parent: LaneLedger | None, book: CallBook) -> None:
    """Decides the guessed calls of `child` by its parent's own sequence of counters. None: the parent is not there."""
    shared = _common(child, parent) if parent is not None else 0
    is_lower_bound = False
    for index, (_, call, how) in enumerate(child.sequence):
        if how not in _GUESSES:
            continue
        # Nothing shared: counters from zero, or a parent whose own beginning is gone: the reader's guess stands.
        is_free = index < shared if shared else how is Inherited.GUESS_YES
        book.set_free(child, call, is_free)
        is_lower_bound |= index >= shared and (is_free or _is_anothers(call, child))
    child.set_lower_bound(is_lower_bound)


def _is_anothers(call: CallRecord, child: LaneLedger) -> bool:
    """Whether another thread's lane owns the call; a second file of the same thread is no other one."""
    return isinstance(call.owner, LaneLedger) and call.owner is not child and call.owner.session != child.session


def _common(child: LaneLedger, parent: LaneLedger) -> int:
    """How many calls both begin with."""
    shared = 0
    for (mine, _, _), (theirs, _, _) in zip(child.sequence, parent.sequence, strict=False):
        if mine != theirs:
            break
        shared += 1
    return shared
