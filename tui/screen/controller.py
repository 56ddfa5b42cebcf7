"""Controllers: the parts of the lanes screen, and the interface of the screen that they use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol, TypeVar

from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from tui.model.evidence import LaneId
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane
from tui.screen.page import Page
from tui.screen.widgets.lines import Pen
from tui.text.safe_text import SafeText
from tui.text.styled_text import own

Command = Callable[[], None]
"""Runs the command of a key."""
Answer = TypeVar("Answer")


NOT_KEPT = own("; a demo or a replay keeps nothing, over your own lanes it stays")
"""The end of a notice about a choice that ends with lanewatch."""


@frozen
class Value:
    """A value that the argument of a typed command may have, and its meaning."""

    text: str
    doc: SafeText = own("")


@frozen
class Argument:
    """The argument of a typed command (`bindings.TYPED`)."""

    run: Callable[[str], None]
    """Runs the command with one of the values, or with any text if `is_free`."""
    values: Callable[[], Sequence[Value]] = tuple
    """The values that are offered."""
    is_free: bool = False
    preview: Callable[[str], None] | None = None
    """Shows the effect of a value before it is chosen, and restores the value before."""
    current: Callable[[], str] = str
    """The present value."""


class Mode(StrEnum):
    """A part of the lanes screen that can be open beside the table. The value is its class in the style sheet."""

    FULL = "-full"
    """The detail of one lane replaces the table."""
    FINDINGS = "-findings"
    """The list of findings is below the table."""
    FILTERING = "-filtering"
    MUTING = "-muting"
    TIMING = "-timing"
    NAMING = "-naming"
    TAGGING = "-tagging"
    """The input for a filter, for the reason of a mute, for a time of a replay, for the name of a view, or for tags."""


class Host(Protocol):
    """The lanes screen, as its controllers use it."""

    @property
    def fleet(self) -> Fleet | None:
        """The fleet that was drawn last."""
        ...

    @property
    def lanes(self) -> dict[LaneId, Lane]:
        """The lanes of the fleet by id, parents before their children."""
        ...

    @property
    def pen(self) -> Pen:
        """The pen for lines in the present theme."""
        ...

    @property
    def notice(self) -> SafeText | None:
        """The notice in the status line."""
        ...

    @property
    def is_reading(self) -> bool:
        """True if the conversation of a lane is open."""
        ...

    @property
    def is_undisturbed(self) -> bool:
        """True if nothing is open above the lanes and no input is open."""
        ...

    def tell(self, notice: SafeText | None, *, loud: bool = False, stays: bool = False) -> None:
        """Shows a notice in the status line for some seconds, or until the next one if it `stays`; None removes it."""
        ...

    def correct(self, notice: SafeText | None) -> None:
        """Replaces the text of the notice that is shown, for the rest of its time; None removes it."""
        ...

    def tell_reader(self, notice: SafeText) -> None:
        """Shows a notice in the conversation that is open, if one is."""
        ...

    def redraw(self) -> None:
        """Draws the last fleet completely."""
        ...

    def redraw_later(self) -> None:
        """Draws the last fleet completely after Textual's next layout."""
        ...

    def draw_now(self) -> None:
        """Takes a new snapshot and draws it."""
        ...

    def is_in(self, mode: Mode) -> bool:
        """True if this part is open."""
        ...

    def enter(self, mode: Mode) -> None:
        """Opens this part."""
        ...

    def leave(self, mode: Mode) -> None:
        """Closes this part."""
        ...

    def back(self) -> None:
        """Goes one step back."""
        ...

    def open_page(self, title: SafeText, page: Page, *, from_end: bool = False) -> None:
        """Shows a page above the lanes."""
        ...

    def open_screen(self, screen: Screen[None]) -> None:
        """Shows a screen in place of the lanes, until it is left."""
        ...

    def suspended(self) -> AbstractContextManager[None]:
        """Frees the terminal for another program while the block runs.

        Raises:
            SuspendNotSupported: this terminal driver cannot do so.
        """
        ...

    async def ask(self, question: ModalScreen[Answer]) -> Answer | None:
        """Shows a screen with a question and waits for the answer. Only for work that was started by `start`."""
        ...

    def start(self, work: Coroutine[None, None, None], *, group: str, exclusive: bool = False) -> None:
        """Runs the work beside the screen; `exclusive` cancels other work of its group."""
        ...

    def preparing(self) -> AbstractContextManager[None]:
        """Lets keys wait from now on, while a dialog is prepared and until it is open.

        If no dialog was opened at the end of the block, these keys are dropped.
        """
        ...

    def forget_typed(self) -> None:
        """Drops keys that were typed for an input or a dialog that does not open."""
        ...


class Controller:
    """A part of a screen: some commands, with the state and the drawing that they need."""

    table_hints: tuple[str, ...] = ()
    """Ids of keys that the footer shows while the table has the focus; empty: the usual ones."""

    @property
    def commands(self) -> Mapping[str, Command]:
        """The commands by their names in the table of keys (`Key.action`)."""
        return {}

    @property
    def arguments(self) -> Mapping[str, Argument]:
        """The arguments of typed commands by the names of these (`bindings.TYPED`)."""
        return {}

    @property
    def widgets(self) -> Sequence[Widget]:
        """Widgets of its own, which are shown above the status line."""
        return ()

    @property
    def input_scope(self) -> str:
        """The scope of hints that the footer shows while its input is open; empty if no input is open."""
        return ""

    @property
    def hidden_keys(self) -> Collection[str]:
        """Ids of keys that the footer leaves out because they would have no effect."""
        return ()

    def draw(self, fleet: Fleet) -> None:
        """Draws its own part, after the lanes were drawn."""

    def note_input(self, *, by_key: bool) -> None:
        """Takes note of a key, or else of an action of the mouse, before it has an effect."""

    def note_blur(self) -> None:
        """Takes note that the terminal lost the focus."""

    def note_focus(self) -> None:
        """Takes note that the terminal got the focus back."""

    def back(self) -> bool:
        """Closes the part that it has opened. False if none is open."""
        return False

    def restyle(self, pen: Pen) -> None:
        """Uses the pen of another theme from now on."""
