"""Controllers: the parts that the lanes screen is made of, and the little of the screen that each of them may use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from enum import StrEnum
from typing import Protocol, TypeVar

from textual.screen import ModalScreen
from textual.widget import Widget

from tui.model.evidence import LaneId
from tui.model.snapshot import Fleet, Lane
from tui.screen.page import Page
from tui.screen.widgets.lines import Pen
from tui.text.safe_text import SafeText

Command = Callable[[], None]
"""What a key does."""
Answer = TypeVar("Answer")


class Mode(StrEnum):
    """What is open on the lanes screen beside the table; the value is its class in the style sheet."""

    FULL = "-full"
    """The detail of one lane takes the table's place."""
    FINDINGS = "-findings"
    """The list of findings stands below the table."""
    FILTERING = "-filtering"
    MUTING = "-muting"
    TIMING = "-timing"
    """The input for a filter, for the reason of a mute, for a moment of a replay."""


class Host(Protocol):
    """The lanes screen, as its controllers see it."""

    @property
    def fleet(self) -> Fleet | None:
        """The fleet that was drawn last."""
        ...

    @property
    def lanes(self) -> dict[LaneId, Lane]:
        """Its lanes by their ids, parents before their children."""
        ...

    @property
    def pen(self) -> Pen:
        """How lines are drawn in the theme of now."""
        ...

    @property
    def notice(self) -> SafeText | None:
        """What stands in the status line."""
        ...

    def tell(self, notice: SafeText | None, *, loud: bool = False) -> None:
        """Says something in the status line; None takes back what stands there."""
        ...

    def redraw(self) -> None:
        """Draws all of the fleet that was drawn last."""
        ...

    def redraw_later(self) -> None:
        """Draws all of it once Textual has made the layout anew."""
        ...

    def draw_now(self) -> None:
        """Takes a new snapshot and draws it."""
        ...

    def is_in(self, mode: Mode) -> bool:
        """Whether this is open."""
        ...

    def enter(self, mode: Mode) -> None:
        """Opens it."""
        ...

    def leave(self, mode: Mode) -> None:
        """Closes it."""
        ...

    def back(self) -> None:
        """One step back."""
        ...

    def open_page(self, title: SafeText, page: Page, *, from_end: bool = False) -> None:
        """Shows a page above the lanes."""
        ...

    async def ask(self, question: ModalScreen[Answer]) -> Answer | None:
        """Shows a screen that asks, and waits for the answer. Only in work that was started by `start`."""
        ...

    def start(self, work: Coroutine[None, None, None], *, group: str, exclusive: bool = False) -> None:
        """Runs it beside the screen; `exclusive` ends other work of its group."""
        ...


class Controller:
    """Commands, and what they need to remember and to draw. A screen has several."""

    table_hints: tuple[str, ...] = ()
    """Ids of keys that the footer names while the table has the focus; empty: the usual ones."""

    @property
    def commands(self) -> Mapping[str, Command]:
        """By the names that keys have for them (`Key.action`)."""
        return {}

    @property
    def widgets(self) -> Sequence[Widget]:
        """Widgets of its own, which stand above the status line."""
        return ()

    @property
    def input_scope(self) -> str:
        """Which hints the footer shows while its input is open; empty where none is."""
        return ""

    @property
    def hidden_keys(self) -> Collection[str]:
        """Ids of keys that the footer leaves out: nothing would come of them."""
        return ()

    @property
    def is_preparing(self) -> bool:
        """A question is on its way: what is typed now is meant for it, and is no command."""
        return False

    def draw(self, fleet: Fleet) -> None:
        """Draws its own part, after the lanes were drawn."""

    def back(self) -> bool:
        """Leaves what it has open. False if there is nothing to leave."""
        return False

    def restyle(self, pen: Pen) -> None:
        """Draws in another theme from now on."""
