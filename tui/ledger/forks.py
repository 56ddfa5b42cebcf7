"""Decides which calls of a fork are copies of its parent's, for agents with cumulative counters.

The child's transcript begins with the parent's counters, so the longest common prefix of the two sequences is the copy.
Equal counters further on are not copies: two siblings can use equal numbers of tokens. If a transcript states what was
inherited, its statement is used.

If the parent is missing, a call that several of its forks hold is given to one of them (it has the same key in all),
and a call that looks like a copy only by its time is given to none. Both may be wrong, so a lane that leaves out such a
call shows a lower bound.
"""

from __future__ import annotations

from tui.ledger.calls import CallBook, CallRecord
from tui.ledger.lane import LaneLedger
from tui.model.event import Inherited

_GUESSES = (Inherited.GUESS_NO, Inherited.GUESS_YES)


def settle_fork(child: LaneLedger, parent: LaneLedger | None, book: CallBook) -> None:
    """Decides by the parent's counters which calls of `child` are copies. `parent` is None if it is missing."""
    shared = child.sequence.common(parent.sequence) if parent is not None else 0
    is_lower_bound = False
    for index, (row, how) in enumerate(child.sequence):
        if how not in _GUESSES:
            continue
        # If they have nothing in common (the counters begin at zero, or the parent's beginning is gone), the reader's
        # guess is kept. A copied call is free.
        is_free = index < shared if shared else how is Inherited.GUESS_YES
        call = book.call(row)
        book.set_free(child, call, is_free)
        is_lower_bound |= index >= shared and (is_free or _is_anothers(call, child))
    child.set_lower_bound(is_lower_bound)


def _is_anothers(call: CallRecord, child: LaneLedger) -> bool:
    """Whether a lane of another thread owns the call. A second file of the same thread does not count as another."""
    return isinstance(call.owner, LaneLedger) and call.owner is not child and call.owner.session != child.session
