"""The dialog in which a person answers one request of a lane, and the controller of the key that opens it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from enum import Enum, auto
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from tui.control.verbs.answer import SPEC, options_of
from tui.model.control import Order, Plan, Stage
from tui.model.evidence import LaneId
from tui.model.frozen import frozen
from tui.model.pending import Answer, Decision, PendingKind, PendingRequest, answer_mistake, decisions_for
from tui.model.snapshot import Fleet
from tui.screen.confirm import Dialog
from tui.screen.control_client import ControlClient
from tui.screen.controller import Command, Controller, Host
from tui.screen.editor import EditorScreen
from tui.screen.widgets.lane_table import LaneTable
from tui.screen.widgets.lines import LinesBar, Pen
from tui.text.cell_width import fit
from tui.text.format import number
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, blank, broken_at_words, hung, in_rows, joined, own, spread, word
from tui.view.names import name_of
from tui.view.pending import (
    answer_words,
    asks_line,
    choice_label,
    choice_rows,
    content_lines,
    decision_words,
    question_title,
    whole,
)

CHECK_S = 0.5
"""Seconds between two checks whether the request still waits."""


DIGITS = range(1, 10)
"""Keys that choose the option with their number."""


class Pick(Enum):
    """The effect of a row of the dialog."""

    LEAVE = auto()
    GO_ON = auto()
    """Allows, approves, or sends the chosen options."""
    REFUSE = auto()
    OPTION = auto()


@frozen
class Row:
    """One row that can be chosen. `question` and `option` count from 0; an option has no `words` here."""

    pick: Pick
    words: SafeText = own("")
    question: int = 0
    option: int = 0


@frozen
class Answered:
    """A person's decision and its request. The text of a refusal is written afterwards."""

    request: PendingRequest
    decision: Decision
    chosen: tuple[tuple[int, ...], ...] = ()


_ALL_KEYS: tuple[Line, ...] = (
    (word("enter space", "key"), word(" choose", "key.label")),
    (word("j k ↓ ↑", "key"), word(" move", "key.label")),
    (word("pgdn pgup ctrl+d ctrl+u", "key"), word(" scroll", "key.label")),
    (word("1-9", "key"), word(" option", "key.label")),
    (word("tab", "key"), word(" next request", "key.label")),
    (word("esc", "key"), word(" cancel", "key.label")),
    (word("?", "key"), word(" back to the usual keys", "key.label")),
)


class AnswerScreen(Dialog[Answered | None]):
    """Shows requests one at a time, each in full. Returns the person's decision, or None.

    Nothing is chosen beforehand: the cursor begins at "cancel", or at the first option of a question. A request that is
    longer than the dialog can only be allowed after it was scrolled to its end.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "take", "Choose", id="answer.take"),
        Binding("j,down", "step(1)", "Down", id="answer.down"),
        Binding("k,up", "step(-1)", "Up", id="answer.up"),
        Binding("pagedown,ctrl+d", "page(1)", "Scroll down", id="answer.page_down"),
        Binding("pageup,ctrl+u", "page(-1)", "Scroll up", id="answer.page_up"),
        *(Binding(str(digit), f"option({digit})", f"Option {digit}", id=f"answer.option_{digit}") for digit in DIGITS),
        Binding("tab", "next", "Next request of this lane", id="answer.next", priority=True),
        Binding("escape", "leave", "Leave it", id="answer.leave"),
        Binding("question_mark", "keys", "All keys of this dialog", id="answer.keys"),
    ]
    DEFAULT_CSS = """
    AnswerScreen > Vertical { max-height: 92%; }
    AnswerScreen LinesPanel { scrollbar-gutter: stable; }
    """

    def __init__(
        self,
        lane: SafeText,
        plan: Plan,
        pen: Pen,
        now: Callable[[], float],
        waits: Callable[[PendingRequest], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`now` is the fleet's time in seconds UTC. `waits` says whether a request still waits."""
        super().__init__(pen, clock)
        self._lane, self._plan = lane, plan
        self._now, self._waits = now, waits
        self._requests = plan.requests
        self._at = 0
        self._row = 0
        self._cursor_line = 0
        self._chosen: list[set[int]] = []
        self._said = own("")
        self._tells_keys = False
        self._content: tuple[int, list[Line]] | None = None
        """The lines of the request in so many cells; None: not made yet."""
        self._length, self._height = 1, 0
        """The lines of the request, and the rows that show them."""
        self._panel.can_focus = False  # the arrows move the cursor; the text is scrolled by pages
        self._list = LinesBar(pen, ground="surface")
        self._begin()

    def _below(self) -> Iterable[Widget]:
        return (self._list,)

    def on_mount(self) -> None:
        """Checks repeatedly whether the request still waits. Textual calls the handler of `Dialog`, too."""
        self.set_interval(CHECK_S, self._draw)

    # -- the request ------------------------------------------------------------------------------

    @property
    def _request(self) -> PendingRequest:
        return self._requests[self._at]

    def _begin(self) -> None:
        self._chosen = [set() for _ in self._request.questions]
        self._content = None
        self._row = 0
        self._said = own("")

    def _rows(self) -> list[Row]:
        go_on, refuse = decisions_for(self._request.kind)
        last = [Row(Pick.GO_ON, decision_words(go_on)), Row(Pick.REFUSE, decision_words(refuse))]
        leave = Row(Pick.LEAVE, own("cancel"))
        if self._request.kind is not PendingKind.QUESTION:
            return [leave, *last]
        if labels := self._chosen_labels():
            last[0] = Row(Pick.GO_ON, joined(decision_words(go_on), own(": "), labels))
        options = [
            Row(Pick.OPTION, question=number, option=place)
            for number, question in enumerate(self._request.questions)
            for place in range(len(question.choices))
        ]
        return [*options, *last, leave]

    def _chosen_labels(self) -> SafeText:
        """The labels of the chosen options of all questions, in their order; empty if none is chosen."""
        labels = [
            choice_label(question.choices[place])
            for question, chosen in zip(self._request.questions, self._chosen, strict=True)
            for place in sorted(chosen)
        ]
        return joined(*[part for label in labels for part in (own(", "), label)][1:]) if labels else own("")

    # -- drawing ----------------------------------------------------------------------------------

    def _heading(self) -> SafeText:
        return joined(own("answer "), self._lane)

    def _lines(self, cells: int) -> list[Line]:
        if self._content is None or self._content[0] != cells:
            self._content = (cells, content_lines(self._request, cells))  # a request of a megabyte takes its time
        pane: Line = (word("pane    ", "dim"), Span(whole(self._plan.watchers), self._pane_role))
        return [asks_line(self._request, self._now()), *hung(pane, cells), *self._content[1]]

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        cells = max(20, self._panel.lines_width)
        lines = self._lines(cells)
        rows = self._row_lines(cells)
        room = max(2, self.size.height * 92 // 100 - 8)
        shown = min(len(rows), max(3, room - min(len(lines), max(4, room // 2))))
        self._length, self._height = len(lines), max(2, min(len(lines), room - shown))
        self._panel.styles.height = self._height
        self._list.styles.height = shown
        count = f" {self._at + 1} of {len(self._requests)} that wait there" if len(self._requests) > 1 else ""
        bar = max(20, self._bar.size.width)
        self._bar.show([spread((Span(self._heading(), "title"),), (Span(safe_text(count), "dim"),), bar)])
        self._panel.show(lines)
        self._list.show(_around(rows, self._cursor_line, shown))
        keys = in_rows(_ALL_KEYS, max(20, self._keys.size.width), 2) if self._tells_keys else [self._hints()]
        self._keys.styles.height = len(keys)
        self._keys.show(keys)

    @property
    def _pane_role(self) -> str:
        return "warn" if self._plan.warning else "text"

    def _row_lines(self, cells: int) -> list[Line]:
        lines: list[Line] = []
        before = self._rows()[0]
        for at, row in enumerate(self._rows()):
            if at and (row.question, row.pick) != (before.question, before.pick) and Pick.OPTION is before.pick:
                lines.append(())
            if row.pick is Pick.OPTION and row.option == 0 and len(self._request.questions) > 1:
                lines.append((Span(question_title(row.question + 1), "dim"),))
            made = self._lines_of(row, cells, chosen=at == self._row)
            if at == self._row:
                self._cursor_line = len(lines) + len(made) - 1
            lines += made
            before = row
        return lines

    def _lines_of(self, row: Row, cells: int, *, chosen: bool) -> list[Line]:
        """A row, in as many lines as its words need."""
        cursor = word("> ", "key") if chosen else blank(2)
        role = "strong" if chosen else "text"
        if row.pick is not Pick.OPTION:
            first, *rest = broken_at_words(row.words, cells - 2)
            return [(cursor, Span(first, role)), *((blank(2), Span(words, role)) for words in rest)]
        is_taken = row.option in self._chosen[row.question]
        question = self._request.questions[row.question]
        several = question.takes_several
        mark = (own("[x] ") if is_taken else own("[ ] ")) if several else (own("(x) ") if is_taken else own("( ) "))
        first, *rest = choice_rows(question.choices[row.option], cells - 9)
        place = fit(number(row.option + 1), 3)
        return [
            (cursor, Span(mark, "accent" if is_taken else "dim"), Span(place, "key"), Span(first, role)),
            *((blank(9), Span(words, role)) for words in rest),
        ]

    def _hints(self) -> Line:
        cells = max(20, self._keys.size.width)
        if not self._waits(self._request):
            return (word("it waits no more: it was answered elsewhere", "warn"),)
        if self._said:
            return (Span(self._said, "warn"),)
        hints: list[Line] = [(word("enter", "key"), word(" choose", "key.label"))]
        if not self._is_read:
            hints.append((word("pgdn", "key"), word(" read on", "key.label")))
        hints.append((word("esc", "key"), word(" cancel", "key.label")))
        if len(self._requests) > 1:
            hints.append((word("tab", "key"), word(" next request", "key.label")))
        if self._request.questions:
            hints.append((word("1-9", "key"), word(" option", "key.label")))
        hints.append((word("?", "key"), word(" keys", "key.label")))
        return in_rows(hints, cells, 2)[0]

    # -- keys -------------------------------------------------------------------------------------

    @property
    def _is_read(self) -> bool:
        """True if the end of the request is on the screen."""
        return self._panel.scroll_offset.y + self._height >= self._length

    def action_keys(self) -> None:
        """Shows all keys of the dialog in place of the usual ones, or those again."""
        self._tells_keys = not self._tells_keys
        self._draw()

    def action_step(self, by: int) -> None:
        """Moves the cursor."""
        self._row = max(0, min(len(self._rows()) - 1, self._row + by))
        self._said = own("")
        self._draw()

    def action_option(self, option: int) -> None:
        """Chooses the option with this number, of the question at the cursor or else of the first one."""
        if not self._is_armed or self._request.kind is not PendingKind.QUESTION:
            return
        rows = self._rows()
        at = rows[self._row]
        question = at.question if at.pick is Pick.OPTION else 0
        for place, row in enumerate(rows):
            if (row.pick, row.question, row.option) == (Pick.OPTION, question, option - 1):
                self._row = place
                self._choose(row)
                return

    def action_page(self, by: int) -> None:
        """Scrolls the request."""
        self._panel.scroll_relative(y=by * max(1, self._panel.size.height - 1), animate=False, immediate=True)
        self._draw()

    def action_next(self) -> None:
        """Shows the next request that waits in this lane."""
        if len(self._requests) > 1:
            self._at = (self._at + 1) % len(self._requests)
            self._shown_since = self._clock()
            self._begin()
            self._panel.scroll_home(animate=False, immediate=True)
            self._draw()

    def action_leave(self) -> None:
        """Closes the dialog without an answer."""
        if self._is_armed:
            self.dismiss(None)

    def action_take(self) -> None:
        """Carries out the row under the cursor."""
        if not self._is_armed:
            return
        row = self._rows()[self._row]
        if row.pick is Pick.LEAVE:
            self.dismiss(None)
        elif row.pick is Pick.OPTION:
            self._choose(row)
        elif self._waits(self._request):
            self._decide(row)

    def _choose(self, row: Row) -> None:
        taken = self._chosen[row.question]
        if self._request.questions[row.question].takes_several:
            taken ^= {row.option}
        else:
            self._chosen[row.question] = {row.option}
            rows = self._rows()
            following = (at for at, one in enumerate(rows) if (one.question, one.pick) != (row.question, Pick.OPTION))
            self._row = next((at for at in following if at > self._row), self._row)
        self._said = own("")
        self._draw()

    def _decide(self, row: Row) -> None:
        go_on, refuse = decisions_for(self._request.kind)
        if row.pick is Pick.REFUSE:
            self.dismiss(Answered(self._request, refuse))
            return
        chosen = tuple(tuple(place + 1 for place in sorted(one)) for one in self._chosen)
        if not self._is_read:
            self._said = own("read it to its end first: pgdn")
        elif mistake := answer_mistake(self._request, Answer(go_on, chosen=chosen)):
            self._said = safe_text(mistake, limit=200)
        else:
            self.dismiss(Answered(self._request, go_on, chosen))
            return
        self._draw()


def _around(lines: Sequence[Line], at: int, count: int) -> list[Line]:
    """A part of `count` lines that includes the one at `at`."""
    first = max(0, min(len(lines) - count, at - count + 2))
    return list(lines[first : first + count])


class AnswerController(Controller):
    """The key that answers the lane at the cursor, and the notice about the result."""

    def __init__(
        self,
        host: Host,
        control: ControlClient,
        table: LaneTable,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` returns seconds of a monotonic clock."""
        self._host = host
        self._control = control
        self._table = table
        self._clock = clock
        self._given: dict[str, tuple[SafeText, SafeText]] = {}
        """The orders whose result was not shown yet, each with what was answered and the name of its lane."""
        self._is_open = False

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        return {SPEC.verb.value: lambda: self.begin(self._table.cursor)}

    def draw(self, fleet: Fleet) -> None:
        """Shows the results of the answers."""
        for order in self._control.orders:
            if order.id in self._given and (order.stage is Stage.EFFECTIVE or not order.is_open):
                self._tell(order, *self._given.pop(order.id))

    def _say(self, notice: SafeText, *, loud: bool = False) -> None:
        """Shows a notice where the person is: in the status line, and in a conversation that is open."""
        self._host.tell(notice, loud=loud)
        self._host.tell_reader(notice)

    def _tell(self, order: Order, sent: SafeText, lane: SafeText) -> None:
        """Says the result first: a long line is cut at its end."""
        taken = order.stage is Stage.EFFECTIVE
        head = own("answered: ") if taken else own("answer not taken: ")
        words = safe_text(order.steps[-1].text, limit=300)
        told = (lane, own(": "), words) if taken else (words, own(" · "), lane)
        self._say(joined(head, sent, own(" · "), *told), loud=not taken)

    def begin(self, lane: LaneId | None) -> None:
        """Asks for the answer to what this lane waits for; None: there is no lane under the cursor."""
        if self._control.refusal:
            self._say(safe_text(self._control.refusal), loud=True)
            self._host.forget_typed()
            return
        if lane is None:
            self._say(own("there is no lane under the cursor"), loud=True)
            self._host.forget_typed()
        elif not self._is_open:
            self._is_open = True
            self._host.start(self._answer(lane, self._host.preparing()), group="verb")

    async def _answer(self, lane: LaneId, preparing: AbstractContextManager[None]) -> None:
        try:
            await self._ask(lane, preparing)
        finally:
            self._is_open = False

    async def _ask(self, lane: LaneId, preparing: AbstractContextManager[None]) -> None:
        with preparing:
            decided = await self._decided(lane)
        if decided is None or self._host.fleet is None:
            return
        name, plan, options, sent = decided
        orders = await self._control.give([plan], self._host.fleet, options=options)
        for order in orders:
            if order.stage is Stage.REFUSED:
                self._tell(order, sent, name)
            else:
                self._given[order.id] = (sent, name)
                self._say(
                    joined(own("answer given to "), name, own(": "), sent, own("; it is not seen to be taken yet"))
                )
        self._host.redraw()

    async def _decided(self, lane: LaneId) -> tuple[SafeText, Plan, Mapping[str, str], SafeText] | None:
        """The lane's name, the plan, the answer as options of the verb and in words; None if nothing is answered."""
        fleet = self._host.fleet
        if fleet is None or lane not in self._host.lanes:
            return None
        name = name_of(self._host.lanes[lane])
        plans = await self._control.plans(SPEC.verb, [lane], fleet)
        plan = next(iter(plans), None)
        if plan is None or plan.route is None or not plan.requests:
            why = safe_text(plan.refused if plan is not None else "", limit=300)
            self._say(joined(own("answer refused: "), why), loud=True)
            return None
        answered = await self._host.ask(
            AnswerScreen(name, plan, self._host.pen, self._time, lambda one: self._waits(lane, one), self._clock)
        )
        answer = await self._with_text(name, answered) if answered is not None else None
        if answered is None or answer is None:
            self._say(own("answer: left, nothing was answered"))
            return None
        return name, plan, options_of(answered.request, answer), answer_words(answered.request, answer)

    async def _with_text(self, lane: SafeText, answered: Answered) -> Answer | None:
        """The answer, with the text that the agent reads if it is a refusal; None if the editor was closed."""
        if answered.decision not in (Decision.DENY, Decision.REFUSE_PLAN):
            return Answer(answered.decision, chosen=answered.chosen)
        title = joined(decision_words(answered.decision), own(" · "), lane)
        written = await self._host.ask(EditorScreen(title, "", (), self._host.pen, offers_now=False))
        return Answer(answered.decision, written.text) if written is not None else None

    def _time(self) -> float:
        fleet = self._host.fleet
        return fleet.at if fleet is not None else 0.0

    def _waits(self, lane: LaneId, request: PendingRequest) -> bool:
        """True if the request still waits, as far as is known."""
        now = self._host.lanes.get(lane)
        return now is not None and any(one.id == request.id for one in now.control.pending)
