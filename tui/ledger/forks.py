"""Forks of agents with cumulative counters: which of a child's calls are copies of its parent's.

Source of the rule: the child's transcript opens with the parent's counters, so the longest common
prefix of the two sequences is the copy. Equal counters further on are not: two siblings can really
spend the same. Where a transcript itself states what was inherited, its word stands.
"""

from __future__ import annotations

from tui.ledger.calls import CallBook
from tui.ledger.lane import LaneLedger
from tui.model.event import Inherited


def settle_fork(child: LaneLedger, parent: LaneLedger, book: CallBook) -> None:
    """Decides the guessed calls of `child` by its parent's own sequence of counters."""
    if not any(how in (Inherited.GUESS_NO, Inherited.GUESS_YES) for _, _, how in child.sequence):
        return
    shared = 0
    for (mine, _, _), (theirs, _, _) in zip(child.sequence, parent.sequence, strict=False):
        if mine != theirs:
            break
        shared += 1
    for index, (_, call, how) in enumerate(child.sequence):
        if how in (Inherited.GUESS_NO, Inherited.GUESS_YES) and call.owner is child:
            # Nothing shared: counters from zero, or a parent whose own beginning is gone: the reader's guess stands.
            book.set_free(call, index < shared if shared else how is Inherited.GUESS_YES)
