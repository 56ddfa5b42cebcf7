"""The command line of the screen: the input after `:`, with the matching commands above it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.screen.bindings import TypedSpec
from tui.screen.controller import Argument
from tui.screen.widgets.lines import LinesBar, Pen
from tui.screen.widgets.safe_input import SafeInput
from tui.text.messages import nearest
from tui.text.safe_text import SafeText
from tui.text.styled_text import own, word
from tui.view.command_line import Offer, completed, matching, offer_line, unknown_line, window_of_rows

MOST_ROWS = 12
"""The most offers that are shown together."""
KEPT = 50
"""The number of commands that are remembered."""


class OfferList(LinesBar):
    """The offers, some of them visible, one of them chosen. It has no focus: keys stay in the input below it."""

    DEFAULT_CSS = """
    OfferList { height: auto; width: 100%; }
    """

    class Clicked(Message):
        """An offer was clicked."""

        def __init__(self, offer: int) -> None:
            super().__init__()
            self.offer = offer

    def __init__(self, pen: Pen) -> None:
        super().__init__(pen, ground="surface")
        self._shown = range(0)
        self._chosen = 0

    def show_offers(self, offers: Sequence[Offer], chosen: int, rows: int) -> None:
        """Draws the offers around the chosen one, at most `rows`."""
        self._shown = window_of_rows(len(offers), chosen, rows)
        self._chosen = chosen
        cells = self.screen.size.width
        self.styles.height = len(self._shown)
        self.show([offer_line(offers[at], cells, is_chosen=at == chosen) for at in self._shown])
        self.refresh()

    def show_unknown(self, typed: str, hint: str) -> None:
        """Shows that nothing matches."""
        self._shown = range(0)
        self.styles.height = 1
        self.show([unknown_line(typed, hint, self.screen.size.width)])
        self.refresh()

    def ground_of(self, row: int) -> str:
        """See `LinesBar.ground_of`."""
        return "cursor" if row < len(self._shown) and self._shown[row] == self._chosen else "surface"

    def on_click(self, event: events.Click) -> None:
        """Posts the offer that was clicked."""
        if event.y < len(self._shown):
            self.post_message(self.Clicked(self._shown[event.y]))


class CommandLine(ModalScreen[str | None]):
    """Returns the command that was chosen, or None.

    If the argument of a command has a preview, the chosen value is shown at once; escape restores the present one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,ctrl+p", "move(-1)", "Up", id="command.up", priority=True),
        Binding("down,ctrl+n", "move(1)", "Down", id="command.down", priority=True),
        Binding("pageup", "move(-8)", "Up", id="command.page_up", priority=True),
        Binding("pagedown", "move(8)", "Down", id="command.page_down", priority=True),
        Binding("tab", "complete", "Complete", id="command.complete", priority=True),
        Binding("escape,ctrl+c", "leave", "Leave", id="command.leave", priority=True),
    ]
    DEFAULT_CSS = """
    CommandLine { align: left bottom; background: transparent; }
    CommandLine > Vertical { width: 100%; height: auto; background: $surface; }
    CommandLine Horizontal { height: 1; background: $panel; }
    CommandLine #prompt { width: 2; }
    CommandLine SafeInput { display: block; width: 1fr; padding: 0; background: $panel; }
    CommandLine #keys { width: auto; height: 1; }
    """

    def __init__(
        self,
        pen: Callable[[], Pen],
        offers: Sequence[Offer],
        arguments: Mapping[str, Argument],
        typed: str = "",
        chosen: str = "",
    ) -> None:
        """`typed` is the first content of the line; `chosen` is the text of the offer that is chosen at first.

        `arguments` are those of the typed commands, by name. `pen` returns the pen of the present theme, which a
        preview may change.
        """
        super().__init__()
        self._pen = pen
        self._offers = list(offers)
        self._arguments = arguments
        self._first = chosen
        self._typed: str | None = None
        """The text for which the offers were searched."""
        self._fitting: list[Offer] = []
        self._chosen = 0
        self._previewed = ""
        """The name of the command whose argument is previewed; empty: none."""
        self._before = ""
        """The value before the first preview."""
        self._list = OfferList(pen())
        self._prompt = LinesBar(pen(), id="prompt")
        self._keys = LinesBar(pen(), id="keys")
        self._input = SafeInput(own(""), id="command")
        self._input.value = typed
        self._input.cursor_position = len(typed)

    def compose(self) -> ComposeResult:
        """Yields the offers and the line."""
        with Vertical():
            yield self._list
            with Horizontal():
                yield self._prompt
                yield self._input
                yield self._keys

    def on_mount(self) -> None:
        """Gives the focus to the line."""
        self._input.select_on_focus = False
        self._input.focus()
        self._draw_line()
        self._look()
        if self._first:
            texts = [offer.text for offer in self._fitting]
            self._choose(texts.index(self._first) if self._first in texts else 0)

    def on_resize(self, _: events.Resize) -> None:
        """Draws the offers again for the new size."""
        self.call_after_refresh(self._draw)

    # -- drawing --------------------------------------------------------------------------------

    def _draw_line(self) -> None:
        self._prompt.show([(word(" :", "key"),)])
        keys = (
            word(" enter", "key"), word(" run  ", "key.label"), word("tab", "key"), word(" complete  ", "key.label"),
            word("esc", "key"), word(" leave ", "key.label"),
        )  # fmt: skip
        has_room = self.size.width >= 76
        self._keys.styles.width = 36 if has_room else 0
        self._keys.show([keys if has_room else ()])

    def _draw(self) -> None:
        typed = self._input.value
        if self._fitting:
            rows = max(1, min(MOST_ROWS, self.size.height // 2 - 1))
            self._list.show_offers(self._fitting, self._chosen, rows)
        else:
            names = tuple(offer.text for offer in self._offers if not offer.is_value)
            self._list.show_unknown(typed, nearest(typed.strip().partition(" ")[0], names))

    @on(Input.Changed)
    def _look(self) -> None:
        typed = self._input.value
        if typed == self._typed:
            return
        self._typed = typed
        self._fitting = [*self._free(typed), *matching(self._offers, typed)]
        self._chosen = 0
        self._preview()
        self._draw()

    def _free(self, typed: str) -> list[Offer]:
        """The offer of a command with a free argument that has been typed."""
        name, blank, text = typed.lstrip().partition(" ")
        argument = self._arguments.get(name)
        if argument is None or not argument.is_free or not blank or not text.strip():
            return []
        doc = next((offer.doc for offer in self._offers if offer.text == name), own(""))
        return [Offer(f"{name} {text.strip()}", doc, is_value=True)]

    # -- the preview ----------------------------------------------------------------------------

    def _preview(self) -> None:
        """Shows the effect of the chosen value, or restores the value before."""
        offer = self._fitting[self._chosen] if self._fitting else None
        name, _, value = offer.text.partition(" ") if offer is not None else ("", "", "")
        argument = self._arguments.get(name)
        if argument is None or argument.preview is None or not value:
            self._restore()
            return
        if self._previewed != name:
            self._restore()
            self._previewed, self._before = name, argument.current()
        argument.preview(value)
        self._restyle()

    def _restore(self) -> None:
        argument = self._arguments.get(self._previewed)
        self._previewed = ""
        if argument is not None and argument.preview is not None:
            argument.preview(self._before)
            self._restyle()

    def _restyle(self) -> None:
        for widget in (self._list, self._prompt, self._keys):
            widget.restyle(self._pen())

    # -- keys -----------------------------------------------------------------------------------

    def _choose(self, offer: int) -> None:
        self._chosen = offer
        self._preview()
        self._draw()

    def action_move(self, rows: int) -> None:
        """Chooses another offer. A step by one row continues at the other end."""
        count = len(self._fitting)
        if not count:
            return
        at = self._chosen + rows
        self._choose(at % count if abs(rows) == 1 else min(count - 1, max(0, at)))

    def action_complete(self) -> None:
        """Writes the chosen offer into the line; if it is there already, chooses the next one."""
        if not self._fitting:
            return
        text = completed(self._fitting[self._chosen])
        if text == self._input.value and len(self._fitting) > 1:
            self.action_move(1)
            text = completed(self._fitting[self._chosen])
        self._write(text)

    def _write(self, text: str) -> None:
        self._input.value = text
        self._input.cursor_position = len(text)

    def action_leave(self) -> None:
        """Closes the line without a command."""
        if self.is_active:  # not if an offer was clicked just before
            self._restore()
            self.dismiss(None)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._run(self._chosen)

    @on(OfferList.Clicked)
    def _clicked(self, event: OfferList.Clicked) -> None:
        self._run(event.offer)

    def _run(self, at: int) -> None:
        """Returns the offer, or writes it into the line if its argument is missing."""
        if at >= len(self._fitting) or not self.is_active:
            return
        offer = self._fitting[at]
        if offer.argument:
            self._write(completed(offer))
            return
        self.dismiss(offer.text)


def offers_of(
    typed: Sequence[TypedSpec], arguments: Mapping[str, Argument], key_of: Callable[[str], SafeText]
) -> list[Offer]:
    """The offers of the typed commands: each command, and each value of its argument."""
    found: list[Offer] = []
    values: list[Offer] = []
    for spec in typed:
        argument = arguments.get(spec.name)
        if argument is None:
            continue
        found.append(Offer(spec.name, spec.doc, key_of(spec.key) if spec.key else own(""), spec.argument))
        values += [Offer(f"{spec.name} {value.text}", value.doc, is_value=True) for value in argument.values()]
    return [*found, *values]
