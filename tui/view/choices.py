"""The operator's choices for the lanes screen as a whole, and what changed between two of them, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field

from tui.ledger.burn import WINDOWS_S
from tui.model.evidence import LaneId
from tui.model.frozen import frozen
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import joined, own
from tui.text.times import written
from tui.view.arrange import NOBODY, Arrangement, Hide

HIDDEN_WORDS = {
    Hide.NONE: own("all lanes are shown"),
    Hide.ENDED: own("ended lanes are hidden"),
    Hide.IDLE: own("ended and idle lanes are hidden"),
}


@frozen
class Choices:
    """What the operator chose for table and panel. Folds and marks are left out: their own keys undo them."""

    arrangement: Arrangement
    columns: tuple[str, ...] = ()
    """As they are written in a view; empty: as many as fit."""
    pinned: frozenset[LaneId] = NOBODY
    window: int = 0
    """The index of the burn window."""
    split: int = 0
    """The height of the panel in percent of the screen; 0: automatic."""
    view: str = field(default="", compare=False)
    """The saved view that this is; empty: none."""


def change_words(before: Choices, after: Choices, name: Callable[[LaneId], SafeText]) -> SafeText:
    """What differs, as the operator did it: `grouped by project`. `name` returns the name of a lane."""
    if after.view and after.view != before.view:
        return joined(own("view "), safe_text(after.view, limit=60))
    parts = list(_changes(before, after, name))
    return joined(*parts[:1], *(joined(own(", "), part) for part in parts[1:]))


def _changes(before: Choices, after: Choices, name: Callable[[LaneId], SafeText]) -> Iterator[SafeText]:
    yield from _changes_of_rows(before.arrangement, after.arrangement)
    if after.columns != before.columns:
        yield own("other columns") if after.columns else own("as many columns as fit")
    for lane in sorted(after.pinned - before.pinned):
        yield joined(own("pinned "), name(lane))
    for lane in sorted(before.pinned - after.pinned):
        yield joined(own("unpinned "), name(lane))
    if after.window != before.window:
        yield joined(own("burn over "), safe_text(written(WINDOWS_S[after.window])))
    if after.split != before.split:
        yield joined(own("panel "), safe_text(f"{after.split}%")) if after.split else own("usual height of the panel")


def _changes_of_rows(before: Arrangement, after: Arrangement) -> Iterator[SafeText]:
    if after.filter != before.filter:
        text = safe_text(after.filter.text, limit=60)
        yield joined(own("filter "), text) if text else own("filter cleared")
    if after.group is not before.group:
        yield joined(own("grouped by "), safe_text(after.group.name)) if after.group is not None else own("not grouped")
    if after.hide is not before.hide:
        yield HIDDEN_WORDS[after.hide]
    if after.sort is not before.sort:
        yield joined(own("sorted by "), safe_text(after.sort.name))
    elif after.reverse != before.reverse:
        yield own("order reversed")
