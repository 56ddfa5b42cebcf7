"""What a person does to lanes on the main screen: marks them, gives them a verb, takes it back, reads the log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import cast

from textual.app import App

from tui.control.verbs.base import TextSource
from tui.control.verbs.registry import spec_of
from tui.model.control import Order, Plan, RouteKind, Stage
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.snapshot import LaneState
from tui.screen.confirm import ConfirmScreen
from tui.screen.control_client import ControlClient
from tui.screen.drafts import Drafts
from tui.screen.editor import EditorScreen, Written
from tui.screen.finding_keys import FindingKeys
from tui.screen.findings_model import FindingDesk
from tui.screen.page import PageScreen
from tui.screen.table_order import Rows
from tui.screen.widgets.lines import Pen
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import joined, number, own
from tui.view.control_lines import audit_page
from tui.view.findings import Entry
from tui.view.plans import quoted_evidence, verb_word

_OVER = (LaneState.ENDED, LaneState.CLOSED)


class VerbKeys(FindingKeys):
    """The part of the main screen that these keys work on."""

    def __init__(self, pen: Pen, desk: FindingDesk, hands: ControlClient, rows: Rows, columns: tuple[str, ...]) -> None:
        super().__init__(pen, desk, rows, columns)
        self._pen = pen
        self._hands = hands
        self.marked: frozenset[LaneId] = frozenset()
        self.clock: Callable[[], float] = time.monotonic
        self._turn = asyncio.Lock()
        self._asked: set[tuple[object, ...]] = set()
        self._preparing = 0
        self._drafts = Drafts()
        self._promise: SafeText | None = None
        self._promised: frozenset[str] = frozenset()
        """The orders that this notice says can be taken back."""
        self._trouble = ""

    @property
    def _app(self) -> App[object]:
        """The app; Textual leaves open what it returns at its end."""
        return cast("App[object]", self.app)  # pyright: ignore[reportUnknownMemberType]

    @property
    def is_preparing(self) -> bool:
        """A question is on its way: what is typed now is meant for it, and is no verb."""
        return self._preparing > 0

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No action of this screen while a question is on its way."""
        return not self.is_preparing and super().check_action(action, parameters)

    # -- marks ------------------------------------------------------------------------------------

    def action_mark(self) -> None:
        """Marks the lane, or takes its mark away, and goes on to the next one."""
        if self.table.cursor is not None:
            self.marked ^= {self.table.cursor}
            self.table.move_by(1)
            self._redraw()

    def action_mark_tree(self) -> None:
        """Marks the lane and all below it."""
        if self.table.cursor is None:
            return
        tree = {self.table.cursor}
        for lane in self._lanes.values():  # a parent stands before its children
            if lane.parent in tree:
                tree.add(lane.id)
        self.marked = self.marked - tree if tree <= self.marked else self.marked | tree
        self._redraw()

    def action_mark_all(self) -> None:
        """Marks every lane that is shown and has not ended; takes all marks away where they have them.

        Under a filter, lanes that stand there only because of one below them are not meant.
        """
        lanes = [self._lanes[lane] for lane in self.rows.order if lane in self._lanes]
        shown = {lane.id for lane in lanes if lane.state not in _OVER and self.rows.filter.matches(lane)}
        self.marked = frozenset() if shown <= self.marked else self.marked | shown
        self._redraw()

    def _targets(self) -> tuple[list[LaneId], str]:
        """What a verb is for, and why: what is marked, the finding under the cursor, or the lane under it."""
        if self.marked:
            # What is folded away or filtered out is marked all the same: it is counted, so it is meant.
            shown = [lane for lane in self.rows.order if lane in self.marked]
            return [*shown, *(lane for lane in self._lanes if lane in self.marked and lane not in shown)], ""
        entry = self.findings.entry if self.focused is self.findings else None
        if entry is not None and entry.finding.family is not None and self._fleet is not None:
            family = next((one for one in self._fleet.families if one.id == entry.finding.family), None)
            if family is not None:
                found = dict.fromkeys(member.lane for member in family.members)
                live = [lane for lane in found if lane in self._lanes and self._lanes[lane].busy]
                return live or list(found)[-1:], _reason(entry)
        if entry is not None and entry.lane is not None:
            return [entry.lane], _reason(entry)
        lane = self.table.cursor
        if lane is None:
            return [], ""
        gravest = self._desk.gravest(lane)
        return [lane], _reason(gravest) if gravest is not None else ""

    # -- verbs ------------------------------------------------------------------------------------

    def action_verb(self, verb: str) -> None:
        """Gives a verb to what is marked, or to the lane under the cursor."""
        self._begin(Verb(verb))

    def _begin(self, verb: Verb) -> None:
        refusal = self._hands.refusal
        if refusal:
            self.tell(safe_text(refusal), loud=True)
            return
        lanes, reason = self._targets()
        if not lanes:
            self.tell(own("there is no lane under the cursor"), loud=True)
            return
        # Captured now: whatever moves below the questions, these lanes are meant.
        if spec_of(verb).takes_text or len(lanes) > 1:
            self._preparing += 1
            self.tell(joined(verb_word(verb), own(" …")))
            self._in_turn((verb, *lanes), lambda: self._ask_alone(verb, lanes, reason))
            return
        self._in_turn((verb, *lanes), lambda: self._ask(verb, lanes, reason))

    def _in_turn(self, what: tuple[object, ...], work: Callable[[], Awaitable[None]]) -> None:
        """Does it after what was asked before; nothing is dropped. A key that repeats itself asks once."""
        if what in self._asked:
            return
        self._asked.add(what)

        async def in_turn() -> None:
            try:
                async with self._turn:
                    await work()
            finally:
                self._asked.discard(what)

        self.run_worker(in_turn(), group="verb")

    async def _ask_alone(self, verb: Verb, lanes: list[LaneId], reason: str) -> None:
        """Asks what is certain to ask back: nothing else is taken from the keys until it does."""
        try:
            plans = await self._hands.plans(verb, lanes, self._fleet) if self._fleet is not None else []
        finally:
            self._preparing -= 1
            self.tell(None)
        await self._go_on(verb, lanes, plans, reason)

    async def _ask(self, verb: Verb, lanes: list[LaneId], reason: str) -> None:
        if self._fleet is not None:
            await self._go_on(verb, lanes, await self._hands.plans(verb, lanes, self._fleet), reason)

    async def _go_on(self, verb: Verb, lanes: list[LaneId], plans: list[Plan], reason: str) -> None:
        """From the plans on: a text is written, the question is answered, the orders are given."""
        if self._fleet is None:
            return
        if len(plans) == 1 and plans[0].route is None:
            self.tell(joined(verb_word(verb), own(" refused: "), safe_text(plans[0].refused, limit=300)), loud=True)
            return
        written = Written("", False)
        if spec_of(verb).takes_text and any(plan.route is not None for plan in plans):
            asked = await self._write(verb, lanes, plans)
            if asked is None:
                return
            written = asked
        if not self._goes_at_once(verb, plans):
            agreed = await self._agree(verb, lanes, plans, written.text)
            if agreed is None:
                self._tell_left(verb, lanes)
                return
            plans = agreed
        able = [plan for plan in plans if plan.route is not None]
        orders = await self._hands.give(able, self._fleet, written.text, now=written.now, reason=reason)
        self._drafts.forget(verb, lanes)
        self.marked -= frozenset(lanes)
        self._tell_orders(verb, orders)
        self._redraw()

    async def _write(self, verb: Verb, lanes: Sequence[LaneId], plans: Sequence[Plan]) -> Written | None:
        """What the operator writes; None if the editor was left. A text of one's own is kept until it is sent."""
        editor = self._editor(verb, lanes, plans)
        written = await self._app.push_screen_wait(editor)
        self._drafts.keep(verb, lanes, editor.draft)
        if written is None:
            self._tell_left(verb, lanes)
        return written

    async def _agree(self, verb: Verb, lanes: list[LaneId], plans: list[Plan], text: str) -> list[Plan] | None:
        """The plans that were agreed to; None if the question was left."""
        pictures = {lane: self._lanes[lane] for lane in lanes if lane in self._lanes}

        async def replan(route: RouteKind) -> list[Plan]:
            return await self._hands.plans(verb, lanes, self._fleet, route) if self._fleet is not None else plans

        return await self._app.push_screen_wait(
            ConfirmScreen(verb, plans, pictures, self._pen, replan, self.clock, text=text)
        )

    def _tell_left(self, verb: Verb, lanes: Sequence[LaneId]) -> None:
        kept = own("; your text is kept") if self._drafts.of(verb, lanes) is not None else own("")
        self.tell(joined(verb_word(verb), own(": left, nothing was asked"), kept))

    def _goes_at_once(self, verb: Verb, plans: Sequence[Plan]) -> bool:
        """One lane that can be seen, and by the gate: nothing is lost, and `u` takes it back."""
        if len(plans) != 1 or not spec_of(verb).goes_at_once:
            return False
        (plan,) = plans
        return plan.route is RouteKind.GATE and not plan.warning and not plan.also and plan.lane in self.rows.order

    def _editor(self, verb: Verb, lanes: Sequence[LaneId], plans: Sequence[Plan]) -> EditorScreen:
        able = [plan for plan in plans if plan.route is not None]
        what = own(" lane") if len(able) == 1 else own(" lanes")
        title = joined(verb_word(verb), own(" · "), number(len(able)), what)
        draft = self._drafts.of(verb, lanes)
        if spec_of(verb).text is TextSource.TEMPLATE:
            return EditorScreen(title, "", self._hands.templates, self._pen, offers_now=False, draft=draft)
        gravest = self._desk.gravest(able[0].lane) if len(able) == 1 else None
        quoted = quoted_evidence(gravest.finding if gravest is not None else None)
        offers_now = any(plan.offers_now for plan in able)
        return EditorScreen(title, quoted, (), self._pen, offers_now=offers_now, draft=draft)

    def _tell_orders(self, verb: Verb, orders: Sequence[Order]) -> None:
        refused = [order for order in orders if order.stage is Stage.REFUSED]
        if refused:
            words = safe_text(refused[0].steps[-1].text, limit=200)
            more = joined(own(" (and "), number(len(refused) - 1), own(" more)")) if len(refused) > 1 else own("")
            self.tell(joined(verb_word(verb), own(" refused: "), words, more), loud=True)
            return
        count = joined(own(" asked of "), number(len(orders)), own(" lanes")) if len(orders) > 1 else own(" asked")
        self._promised = frozenset(order.id for order in orders if _can_be_undone(order))
        self._promise = joined(verb_word(verb), count, own("; u takes it back") if self._promised else own(""))
        self.tell(self._promise)

    def tell_news(self, notice: SafeText | None) -> None:
        """Takes back what the notice promises once that is no longer true, and says what cannot be written down."""
        mine = [order for order in self._hands.orders if order.id in self._promised]
        if mine and notice is self._promise and not any(_can_be_undone(order) for order in mine):
            self.tell(None)
        if self._hands.trouble != self._trouble:
            self._trouble = self._hands.trouble
            said = joined(own("not all is written down: "), safe_text(self._trouble, limit=300))
            self.tell(said if self._trouble else None, loud=bool(self._trouble))

    # -- afterwards -------------------------------------------------------------------------------

    def action_undo(self) -> None:
        """Takes the newest open order of the lane back."""
        self._of_lane(_can_be_undone, self._undo, own("nothing was asked of this lane that could be taken back"))

    def action_stronger(self) -> None:
        """Takes the next stronger step of the order that is overdue."""
        self._of_lane(lambda order: bool(order.stronger), self._stronger, own("no order of this lane is overdue"))

    def _of_lane(self, wanted: Callable[[Order], bool], act: Callable[[Order], object], nothing: SafeText) -> None:
        if self._hands.refusal:
            self.tell(safe_text(self._hands.refusal), loud=True)
            return
        order = next((one for one in self._hands.orders if one.lane == self.table.cursor and wanted(one)), None)
        if order is None:
            self.tell(nothing)
            return
        act(order)

    def _undo(self, order: Order) -> None:
        async def work() -> None:
            if self._fleet is None:
                return
            done = await self._hands.undo(order.id, self._fleet)
            if done is None:
                self.tell(own("it cannot be taken back any more"), loud=True)
            elif done.stage is Stage.REFUSED or (done.id == order.id and done.stage is not Stage.WITHDRAWN):
                words = safe_text(done.steps[-1].text, limit=300)
                self.tell(joined(verb_word(order.verb), own(" not taken back: "), words), loud=True)
            elif done.id == order.id:
                words = safe_text(done.steps[-1].text, limit=200)
                self.tell(joined(verb_word(order.verb), own(" taken back: "), words))
            else:
                self.tell(joined(verb_word(order.verb), own(" taken back: resume asked")))
            self._redraw()

        self._in_turn(("undo", order.id), work)

    def _stronger(self, order: Order) -> None:
        async def work() -> None:
            if self._fleet is None or not self._offers(order):
                return
            done = await self._hands.stronger(order.id, self._fleet)
            if done is None:
                self.tell(own("there is no stronger step"), loud=True)
            else:
                self.tell(safe_text(f"{done.verb.value} by {done.route.value}: {done.steps[-1].text}", limit=200))
            self._redraw()

        self._in_turn(("stronger", order.id), work)

    def _offers(self, order: Order) -> bool:
        """Whether the step that a person read is still the next one: a harder one was not asked for."""
        now = next((one for one in self._hands.orders if one.id == order.id), None)
        if now is not None and now.stronger == order.stronger:
            return True
        self.tell(own("this step is no longer the next one: nothing was done"), loud=True)
        return False

    def action_audit(self) -> None:
        """Who asked what of which lane, and what came of it."""

        async def work() -> None:
            entries = await self._hands.log()
            title = own("audit · who asked what of which lane, and what came of it")
            page = PageScreen(title, lambda cells: audit_page(entries, cells), self._pen, from_end=True)
            await self._app.push_screen(page)

        self.run_worker(work(), exclusive=True, group="audit")


def _can_be_undone(order: Order) -> bool:
    return spec_of(order.verb).can_be_undone(order)


def _reason(entry: Entry) -> str:
    """The finding that a verb was given for, as the log keeps it."""
    return f"finding {entry.finding.key}: {entry.finding.title}"
