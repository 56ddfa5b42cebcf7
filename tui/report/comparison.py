"""Two reports side by side, as a document: before and after a change of how one works.

Every text is raw, as in `tui.report.document`. `change` is b against a: 0.5 is half as much again, -0.5 is half.
"""

from __future__ import annotations

from tui.model.frozen import frozen
from tui.report.document import Figures, Verdict, Window


@frozen
class Side:
    """One of the two."""

    label: str
    """As it was named on the command line."""
    title: str
    window: Window
    figures: Figures
    lanes: int
    actions: int
    """Those in which something was done."""
    models: tuple[str, ...]
    run: str
    """The line of work that spent most: medians are of its actions."""
    verdict: Verdict
    masked: int
    """Secrets in the texts of its report."""


@frozen
class Measure:
    """One figure on both sides."""

    name: str
    unit: str
    """tokens, dollars, seconds, tokens/h, share or count."""
    a: float | None
    b: float | None
    change: float | None
    """None where one of them is unknown, or a is nothing."""
    adds_up: bool
    """True for a sum over the window, which a longer window makes larger; False for a figure per action or hour."""


@frozen
class Pair:
    """One agent, model, command or issue on both sides. None: it is not there on that side."""

    name: str
    a_count: int
    b_count: int
    a_tokens: int | None
    b_tokens: int | None
    a_each: float | None
    """Tokens for each of what is counted: a lane, a run of a command, an action of an issue."""
    b_each: float | None
    change: float | None
    """Of the tokens for each."""


@frozen
class Pairs:
    """Rows of one sort, those with most tokens on either side first."""

    sort: str
    counted: str
    rows: tuple[Pair, ...]
    left_out: int


@frozen
class Comparison:
    """The whole document."""

    a: Side
    b: Side
    measures: tuple[Measure, ...]
    pairs: tuple[Pairs, ...]
    doubts: tuple[str, ...]
    """Why a difference may not mean what it seems to."""
    version: str


def change_of(a: float | None, b: float | None) -> float | None:
    """How much b differs from a, as a part of a."""
    return None if a is None or b is None or a == 0 else (b - a) / a
