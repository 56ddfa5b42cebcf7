"""Dialogs that a person confirms or cancels: the one before an order, and plain questions."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget

from tui.model.control import Plan, RouteKind
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.snapshot import Lane
from tui.screen.page import Page
from tui.screen.widgets.lines import LinesBar, LinesPanel, Pen
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, Span, spread, word
from tui.view.plans import plan_lines, plans_title, text_lines

ARMED_AFTER_S = 0.3
"""Seconds in which keys are ignored: a key that was meant for the screen below must not answer the question."""

LOW_ROWS = 32
"""Below this height in rows the text is shortened, so that lanes are visible beside it."""

Replan = Callable[[RouteKind], Awaitable[list[Plan]]]
"""Returns the plans of the same lanes by another route."""


_Answer = TypeVar("_Answer")


class Dialog(ModalScreen[_Answer]):
    """A title, some lines and a row of keys above another screen."""

    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog > Vertical { width: 92%; max-width: 120; height: auto; max-height: 80%; background: $surface;
        padding: 1 2; border: round $panel; }
    Dialog.-ascii > Vertical { border: ascii $panel; }
    Dialog LinesBar { height: 1; }
    Dialog LinesPanel { height: auto; max-height: 100%; margin: 1 0; }
    """

    def __init__(self, pen: Pen, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._shown_since = clock()
        self._bar = LinesBar(pen, ground="surface")
        self._panel = LinesPanel(pen)
        self._keys = LinesBar(pen, ground="surface")
        self.set_class(pen.ascii, "-ascii")

    def compose(self) -> ComposeResult:
        """Yields the title, the lines and the keys."""
        with Vertical():
            yield self._bar
            yield self._panel
            yield from self._below()
            yield self._keys

    def on_mount(self) -> None:
        """Gives the focus to the lines."""
        self._shown_since = self._clock()
        self._panel.focus()
        self.call_after_refresh(self._draw)

    def on_resize(self, _: events.Resize) -> None:
        """Draws the dialog again for the new width."""
        self.call_after_refresh(self._draw)

    def _below(self) -> Iterable[Widget]:
        """What stands between the lines and the keys."""
        return ()

    @property
    def _is_armed(self) -> bool:
        return self._clock() - self._shown_since >= ARMED_AFTER_S

    @abstractmethod
    def _heading(self) -> SafeText: ...

    @abstractmethod
    def _lines(self, cells: int) -> list[Line]: ...

    @abstractmethod
    def _hints(self) -> Line: ...

    def _draw(self) -> None:
        lines = self._lines(self._panel.lines_width)
        self._panel.styles.height = max(1, min(len(lines), self.size.height * 8 // 10 - 8))
        self._bar.show([(Span(self._heading(), "title"),)])
        self._panel.show(lines)
        self._keys.show([self._hints()])


class QuestionScreen(Dialog[bool]):
    """Returns True for enter and False for escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "answer(True)", "Confirm", id="question.yes"),
        Binding("escape", "answer(False)", "Cancel", id="question.no"),
    ]
    DEFAULT_CSS = "QuestionScreen > Vertical { max-width: 100; }"

    def __init__(self, title: SafeText, page: Page, pen: Pen, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(pen, clock)
        self._title = title
        self._page = page

    def _heading(self) -> SafeText:
        return self._title

    def _lines(self, cells: int) -> list[Line]:
        return self._page(cells)

    def _hints(self) -> Line:
        return (word("enter", "key"), word(" confirm  ", "key.label"), word("esc", "key"), word(" cancel", "key.label"))

    def action_answer(self, answer: bool) -> None:
        """Returns the answer."""
        if self._is_armed:
            self.dismiss(answer)


class ConfirmScreen(Dialog["list[Plan] | None"]):
    """Returns the plans that the operator accepted, or None. The lanes are fixed when the key is pressed."""

    # Letters have no effect: otherwise a text that somebody types when the dialog opens would answer it.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "agree", "Confirm", id="confirm.yes"),
        Binding("escape", "leave", "Cancel", id="confirm.no"),
        Binding("o", "route", "Another route", id="confirm.route"),
    ]

    def __init__(
        self,
        verb: Verb,
        plans: Sequence[Plan],
        lanes: Mapping[LaneId, Lane],
        pen: Pen,
        replan: Replan,
        clock: Callable[[], float] = time.monotonic,
        *,
        text: str = "",
    ) -> None:
        super().__init__(pen, clock)
        self._verb = verb
        self._plans = list(plans)
        self._lanes = dict(lanes)
        self._replan = replan
        self._text = text
        self._planned = self._shown_since

    def on_mount(self) -> None:
        """Gives the focus to the plans."""
        super().on_mount()
        self._planned = self._shown_since

    def _heading(self) -> SafeText:
        return plans_title(self._verb, self._plans, self._lanes)

    def _lines(self, cells: int) -> list[Line]:
        low = self.size.height < LOW_ROWS
        return [*text_lines(self._text, cells, low=low), *plan_lines(self._plans, self._lanes, cells)]

    def _hints(self) -> Line:
        left: list[Span] = []
        if any(plan.route is not None for plan in self._plans):
            left += [word("enter", "key"), word(" confirm  ", "key.label")]
        left += [word("esc", "key"), word(" cancel  ", "key.label")]
        if len(self._routes()) > 1:
            left += [word("o", "key"), word(" another route", "key.label")]
        return spread(tuple(left), (), max(20, self._keys.size.width))

    def _routes(self) -> list[RouteKind]:
        return list(dict.fromkeys(kind for plan in self._plans for kind in plan.choices))

    @property
    def _is_read(self) -> bool:
        """True if the present plans have been shown long enough to be accepted."""
        return self._clock() - self._planned >= ARMED_AFTER_S

    def action_agree(self) -> None:
        """Returns the plans, if any of them can be carried out."""
        if self._is_read and any(plan.route is not None for plan in self._plans):
            self.dismiss(self._plans)

    def action_leave(self) -> None:
        """Closes the question without an order."""
        if self._is_armed:
            self.dismiss(None)

    async def action_route(self) -> None:
        """Shows the plans by the next route that any of the lanes has."""
        routes = self._routes()
        if len(routes) < 2 or not self._is_armed:
            return
        taken = next((plan.route for plan in self._plans if plan.route is not None), None)
        at = routes.index(taken) if taken is not None and taken in routes else -1
        self._plans = await self._replan(routes[(at + 1) % len(routes)])
        self._planned = self._clock()
        self._draw()
