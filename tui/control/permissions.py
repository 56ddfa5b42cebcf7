"""The verbs that the operator's configuration and command line allow."""

from __future__ import annotations

from tui.model.finding import Verb
from tui.model.frozen import frozen

READ_ONLY = "read only: no verbs (--read-only, or [control] read_only)"


@frozen
class Permissions:
    """The allowed verbs: none (`read_only`), or all except those in `forbid`."""

    read_only: bool = False
    forbid: frozenset[Verb] = frozenset()

    def refusal(self, verb: Verb) -> str:
        """The reason why a verb may not be used; empty if it may."""
        if self.read_only:
            return READ_ONLY
        return f"{verb.value} is forbidden by [control] forbid" if verb in self.forbid else ""
