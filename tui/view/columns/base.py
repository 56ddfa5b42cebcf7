"""The declaration of a column of the lane table.

One rule for all cells: what is unknown is shown as `?` (a cost as `$ ?`), and what is known to be nothing as a dim `·`
or as `0`. A cell is empty only if it has no content, such as the flag of a lane without one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple

from tui.model.frozen import frozen
from tui.model.snapshot import Lane
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, Span, own
from tui.view.flags import Flag
from tui.view.summary import Summary


@frozen
class RowContext:
    """The data from which a row is drawn, besides its lane."""

    now: float
    peak: int
    """Tokens that the fastest lane on the screen burnt in the window; its bar is full."""
    window: int = 1
    """Index of the burn window that the table shows."""
    fold: str = ""
    """`+` if lanes below it are folded away, `-` if they are shown, empty if there are none."""
    ascii: bool = False
    has_word: bool = False
    """True if the state is shown in words in another column."""
    flag: Flag | None = None
    """The flag of the row; None if it has none."""
    marked: bool = False
    """True if the operator marked the row for a verb."""
    below: Summary | None = None
    """What the row hides; None if it hides nothing."""
    sort: Sort | None = None
    """The order of the rows."""
    sums: bool = False
    """True if this cell shows the sum of the lane and all below it."""
    indent: int = 0
    """The cells by which the names of lanes are indented, below the row of their group."""


class Alarm(NamedTuple):
    """The worst flag and the greatest need of a lane and all below it; 0 where there is none."""

    severity: int = 0
    """`Severity.rank`."""
    score: float = 0.0
    """How repetitive, from 0 to 1."""
    need: int = 0
    """How much a lane needs a person: 0 if none does."""


NOTHING = Span(own("·"), "dim")
"""The cell of a value that is known to be nothing."""
UNKNOWN = Span(own("?"), "dim")
"""The cell of an unknown value."""

Cell = Callable[[Lane, RowContext, int], Span | Line]
"""Draws a lane's cell; the number is the width of the column in cells.

A span fills the cell in its role, on the side that the column is aligned to. A line stands at the left edge.
"""
GroupCell = Callable[[Summary, RowContext, int], Span | Line]
"""Draws the cell in the row of a group, in the same way."""
SortKey = tuple[float | str, ...]


def no_ties(_lane: Lane) -> SortKey:
    """An empty key: nothing more is compared."""
    return ()


@frozen
class Sort:
    """An order of the rows. Lanes that are equal in `key` and `ties` follow their ids."""

    name: str
    """Its word in the settings and in the command palette."""
    place: int
    """Its place among the orders that one key of the keyboard steps through. The smallest is the order at the start.
    Unique."""
    label: SafeText
    """Its name in the status line."""
    key: Callable[[Lane, Alarm], SortKey]
    """The key by which lanes are compared: a lane's own figures, or those of the tree (the lane and all below it)."""
    descending: bool = False
    """True if the largest key comes first. The operator may reverse it."""
    of_tree: bool = False
    """True if it compares the sums of the lane and all below it. The cells of its column then show these."""
    in_steps: bool = True
    """True if the key of the keyboard stops at it. All orders are offered by name and by a click on their heading."""
    ties: Callable[[Lane], SortKey] = no_ties
    """Orders lanes of equal key, the smallest first, even if the operator reversed the order."""


class Unit(Enum):
    """The unit of a figure that a filter compares. The value is an example, for help."""

    TOKENS = "5M"
    TOKENS_PER_HOUR = "5M/h"
    DOLLARS = "1.50"
    SECONDS = "1h30m"
    PERCENT = "75%"


@frozen
class Measure:
    """A figure that a filter compares, as in `cost>1`."""

    unit: Unit
    value: Callable[[Lane, float], float | None]
    """The lane's figure at a time (second argument, seconds UTC); a percentage from 0 to 100. None: unknown."""


def no_words() -> tuple[str, ...]:
    """No words: any text may stand after the colon."""
    return ()


@frozen
class FilterKey:
    """A field of the filter: the word before the colon in `state:working`, or before the sign in `cost>1`."""

    name: str
    text: Callable[[Lane], str] | None = None
    """Returns the raw text in which the word after the colon is searched; None: it has no text."""
    help: tuple[SafeText, SafeText] | None = None
    """A row of its own on the help page; None: its name is listed with the others."""
    words: Callable[[], tuple[str, ...]] = no_words
    """All words that `text` can hold, as the screen shows them and as JSON names them. Other words are refused.

    Empty: any text is possible.
    """
    measure: Measure | None = None
    """The figure that it compares; None: it has none."""


@frozen
class Grouping:
    """A way to put lanes into groups: each root with all lanes below it is in one group."""

    name: str
    """Its word in the settings, on the command line and in the command palette."""
    place: int
    """Its place among the groupings that one key of the keyboard steps through. Unique."""
    value: Callable[[Sequence[Lane]], str]
    """The raw text that names the group of a tree, which is given as its lanes, the root first. Empty: it has none."""
    title: Callable[[str], SafeText]
    """The heading of the group with this raw text."""


@frozen
class JsonField:
    """A key of a lane in `lanes --json`."""

    key: str
    place: int
    """Its place among the keys of a lane; the smallest comes first. Unique."""
    doc: str
    """One line of documentation, in Markdown: for docs/columns.md."""
    value: Callable[[Lane], object]
    """Its JSON value. Texts have gone through `safe_text`; an unknown value is None."""


@frozen
class Stretch:
    """The growth of a column if cells are left over."""

    percent: int = 100
    """Its share of them. The last column that stretches takes all that is left."""
    most: int = 10_000
    """Its greatest width in cells."""


@frozen
class Column:
    """One column. The table, the settings, `lanes`, `lanes --json`, help and docs are made from this declaration."""

    name: str
    """Its word in the settings."""
    place: int
    """Its place from left to right; the smallest is the leftmost. Unique."""
    doc: SafeText
    """What it shows, in one line: for docs/columns.md and the help page."""
    cells: int
    """Its least width in cells."""
    cell: Cell
    group_cell: GroupCell | None = None
    """Draws the cell of the row of a group; None: it is empty there."""
    title: SafeText = own("")
    rank: int | None = None
    """Its rank on the screen: 1 is the most important, and a narrow table shows the most important. Unique.

    None: it is not shown there.
    """
    plain_rank: int | None = None
    """Its rank in the table of `lanewatch lanes`, which prints the text of the cell. Unique.

    None: it is not shown there.
    """
    right: bool = False
    """True if heading and cells are aligned to the right."""
    whole: bool = False
    """In the table of `lanewatch lanes` it is as wide as its longest cell, so that nothing of it is cut."""
    wide: int = 0
    """A second, greater width, which it gets as a whole if there is room; 0: it has none."""
    wide_title: SafeText | None = None
    """Its heading at the greater width; None: the same heading."""
    stretch: Stretch | None = None
    """The growth of the column cell by cell; None: it does not grow."""
    leaves: int = 0
    """It is shown by itself only if this many cells stay free for the columns that stretch."""
    in_help: bool = True
    """Whether the help page has a row for it. Each row pushes the help about the filter further down.

    False where its heading says enough or the help page explains it elsewhere.
    """
    signs: tuple[tuple[SafeText, SafeText], ...] = ()
    """Signs in its cells and what they mean: for the help page.

    A sign that several columns use (such as `?`) is declared once, by the first of them.
    """
    has: Callable[[Lane, Flag | None], bool] | None = None
    """Whether a row with this lane and flag has something in the cell. On the screen, a column without anything in any
    row gives way to others. None: it always has."""
    varies: Callable[[Lane, float], object] | None = None
    """The part of the cell that depends on the time now (second argument, seconds UTC); the row is redrawn when it
    changes."""
    sort: Sort | None = None
    """The order that follows this column."""
    filters: tuple[FilterKey, ...] = ()
    group: Grouping | None = None
    """The groups of lanes with the same value."""
    json: tuple[JsonField, ...] = ()
