"""Texts that an operator wrote and has not sent: an escape pressed too early does not cost them."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.frozen import frozen

MOST = 16
"""Drafts that are kept; the oldest goes first."""


@frozen
class Draft:
    """What stood in an editor when it was left."""

    texts: tuple[str, ...]
    """One text, or one for each closing template."""
    shown: int
    """Which of them was looked at."""


class Drafts:
    """By verb and lanes. They live as long as the screen."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Verb, frozenset[LaneId]], Draft] = {}

    def of(self, verb: Verb, lanes: Sequence[LaneId]) -> Draft | None:
        """What was written for exactly these lanes."""
        return self._kept.get((verb, frozenset(lanes)))

    def keep(self, verb: Verb, lanes: Sequence[LaneId], draft: Draft | None) -> None:
        """Keeps it in place of what was kept; None keeps nothing."""
        self.forget(verb, lanes)
        if draft is not None:
            self._kept[verb, frozenset(lanes)] = draft
        while len(self._kept) > MOST:
            self._kept.pop(next(iter(self._kept)))

    def forget(self, verb: Verb, lanes: Sequence[LaneId]) -> None:
        """It was sent, or is not wanted any more."""
        self._kept.pop((verb, frozenset(lanes)), None)
