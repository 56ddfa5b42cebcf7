"""What a column of the lane table declares."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tui.model.frozen import frozen
from tui.model.snapshot import Lane
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, Span, own
from tui.view.flags import Flag


@frozen
class RowContext:
    """What a row needs to know beside its lane."""

    now: float
    peak: int
    """Tokens that the fastest shown lane burnt in the window: its bar is full."""
    window: int = 1
    """Index of the burn window that the table shows."""
    fold: str = ""
    """`+` if lanes below it are folded away, `-` if they are shown, empty if there are none."""
    ascii: bool = False
    has_word: bool = False
    """The state stands in words in a column of its own."""
    flag: Flag | None = None
    """Why the row stands out; None: it does not."""
    marked: bool = False
    """The operator marked it for a verb."""


class Alarm(NamedTuple):
    """The worst flag of a lane and all below it; 0 and 0.0 if there is none."""

    severity: int = 0
    """`Severity.rank`."""
    score: float = 0.0
    """How repetitive, from 0 to 1."""


Cell = Callable[[Lane, RowContext, int], Span | Line]
"""Draws a lane's cell; the number is the width of the column in cells.

A span fills the cell in its role, on the side that the column is aligned to. A line stands at the left edge.
"""
SortKey = tuple[float | str, ...]


def no_ties(_lane: Lane) -> SortKey:
    """Nothing more to compare."""
    return ()


@frozen
class Sort:
    """An order of the rows. Lanes that are equal in `key` and `ties` follow their ids."""

    name: str
    """Its word in the settings and in the command palette."""
    place: int
    """Among the orders that the sort key goes through; the smallest is the one at the start."""
    label: SafeText
    """What the status line calls it."""
    key: Callable[[Lane, Alarm], SortKey]
    descending: bool = False
    """The largest key stands first. The operator may reverse it."""
    ties: Callable[[Lane], SortKey] = no_ties
    """Orders lanes of equal key, the smallest first, also where the operator reversed the order."""


@frozen
class FilterKey:
    """What stands before the colon in a filter such as `state:working`."""

    name: str
    text: Callable[[Lane], str]
    """Where the word after the colon is looked for. Raw text."""
    help: tuple[SafeText, SafeText] | None = None
    """A row of its own on the help page; None: its name stands among the others."""


@frozen
class JsonField:
    """A key of a lane in `lanes --json`."""

    key: str
    place: int
    doc: str
    """One line of documentation, in Markdown."""
    value: Callable[[Lane], object]
    """Its value as JSON has it. Texts have gone through `safe_text`; what is unknown is None."""


@frozen
class Stretch:
    """How a column becomes wider where cells are left over."""

    percent: int = 100
    """Its share of them. The last column that stretches takes all that is left."""
    most: int = 10_000
    """Its greatest width in cells."""


@frozen
class Column:
    """One column: found in the table, the settings, `lanes`, `lanes --json`, help and docs by this declaration."""

    name: str
    """Its word in the settings."""
    place: int
    """From left to right; the smallest is the leftmost."""
    doc: SafeText
    """What it shows, in one line: for docs/columns.md and the help page."""
    cells: int
    """Its least width in cells."""
    cell: Cell
    title: SafeText = own("")
    importance: int | None = None
    """In a narrow table those with the smallest stay. None: it is not on the screen."""
    plain: int | None = None
    """The same in the table of `lanewatch lanes`, which prints the text of the cell. None: it is not in it."""
    right: bool = False
    """Heading and cells are aligned to the right."""
    wide: int = 0
    """The width that it takes at once where there is room; 0: none."""
    wide_title: SafeText | None = None
    """Its heading at that width, if it is another one."""
    stretch: Stretch | None = None
    """How it becomes wider cell by cell; None: it does not."""
    in_help: bool = True
    """Whether the help page explains it; False: it explains itself, or another part of that page does."""
    signs: tuple[tuple[SafeText, SafeText], ...] = ()
    """Signs in its cells and what they mean: for the help page."""
    varies: Callable[[Lane, float], object] | None = None
    """What it shows of the time now (second argument, seconds UTC): a row is drawn anew when this changes."""
    sort: Sort | None = None
    """The order that follows this column."""
    filters: tuple[FilterKey, ...] = ()
    json: tuple[JsonField, ...] = ()
