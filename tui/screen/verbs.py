"""Verbs on the lanes screen: gives orders to lanes, undoes them, and takes the next stronger step."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from tui.control.verbs.base import TextSource
from tui.control.verbs.registry import all_verbs, spec_of
from tui.model.control import Order, Plan, RouteKind, Stage
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.snapshot import Fleet
from tui.screen.bindings import VERB_KEYS
from tui.screen.confirm import ConfirmScreen
from tui.screen.control_client import ControlClient
from tui.screen.controller import Command, Controller, Host
from tui.screen.editor import Drafts, EditorScreen, Written
from tui.screen.findings import FindingsController
from tui.screen.table_order import TableOrder
from tui.screen.undo import NOTHING, UndoController
from tui.screen.widgets.lane_table import LaneTable
from tui.text.cell_width import cut
from tui.text.format import number
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import joined, own
from tui.view.findings import ListedFinding
from tui.view.names import name_of
from tui.view.plans import NAME_CELLS, quoted_evidence, verb_word


class VerbsController(Controller):
    """Turns a key into orders: finds the lanes, asks what must be asked, gives the orders, and tells the outcome."""

    def __init__(
        self,
        host: Host,
        control: ControlClient,
        rows: TableOrder,
        table: LaneTable,
        findings: FindingsController,
        undoing: UndoController,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` returns seconds of a monotonic clock."""
        self._host = host
        self._control = control
        self._rows = rows
        self._table = table
        self._findings = findings
        self._undoing = undoing
        self._clock = clock
        self._turn = asyncio.Lock()
        self._asked: set[tuple[object, ...]] = set()
        self._drafts = Drafts()
        self._promise: SafeText | None = None
        self._given: frozenset[str] = frozenset()
        """The orders of which the notice says that they are under way."""
        self._promised: frozenset[str] = frozenset()
        """The orders that the notice offers to undo."""
        self._trouble = ""

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        verbs: dict[str, Command] = {
            spec.verb.value: lambda verb=spec.verb: self._begin(verb)
            for spec in all_verbs()
            if not spec.is_for_one_request
        }
        return {**verbs, "undo": self.undo, "stronger": self.stronger}

    @property
    def hidden_keys(self) -> Collection[str]:
        """See `Controller`."""
        return VERB_KEYS if self._control.refusal else ()

    def draw(self, fleet: Fleet) -> None:
        """Removes the notice when its orders can no longer be undone, and shows a problem with writing to the disk."""
        mine = [order for order in self._control.orders if order.id in self._promised]
        self._tell_done()
        if mine and self._host.notice is self._promise and not any(_can_be_undone(order) for order in mine):
            self._host.tell(None)
        if self._control.trouble != self._trouble:
            self._trouble = self._control.trouble
            said = joined(own("not everything could be written: "), safe_text(self._trouble, limit=300))
            self._host.tell(said if self._trouble else None, loud=bool(self._trouble), stays=True)

    def _tell_done(self) -> None:
        """Replaces the notice `pausing …` by `paused …` when the effect on all its lanes was seen."""
        given = [order for order in self._control.orders if order.id in self._given]
        if not given or self._host.notice is not self._promise:
            return
        done = spec_of(given[0].verb).seen_word
        if done is None or any(order.stage is not Stage.EFFECTIVE for order in given):
            return
        self._given = frozenset()
        undo = own(" (u undo)") if any(_can_be_undone(order) for order in given) else own("")
        self._promise = joined(done, own(" "), self._who([order.lane for order in given]), undo)
        self._host.tell(self._promise)

    # -- which lanes are meant --------------------------------------------------------------------

    def targets(self) -> tuple[list[LaneId], str]:
        """The lanes on which a verb is used, and the reason for the audit log.

        These are the marked lanes; else those of the finding at the cursor of the list; else the lane at the cursor.
        The reason is a finding; empty if there is none.
        """
        if self._rows.marked:
            return self._marked(), ""
        entry = self._findings.listed
        if entry is not None and (lanes := self._lanes_of(entry)):
            return lanes, _reason(entry)
        lane = self._table.cursor
        if lane is None or lane in self._rows.groups:
            return [], ""
        most_severe = self._findings.model.most_severe(lane)
        return [lane], _reason(most_severe) if most_severe is not None else ""

    def _marked(self) -> list[LaneId]:
        """All marked lanes: those in the table, then those that are folded away or filtered out."""
        marked = self._rows.marked
        shown = [lane for lane in self._rows.order if lane in marked]
        return [*shown, *(lane for lane in self._host.lanes if lane in marked and lane not in shown)]

    def _lanes_of(self, entry: ListedFinding) -> list[LaneId]:
        """The lane of a finding.

        For a finding of a family: the lanes that work on it now, or else the last one that did.
        """
        fleet, family_id = self._host.fleet, entry.finding.family
        families = fleet.families if fleet is not None and family_id is not None else ()
        family = next((one for one in families if one.id == family_id), None)
        if family is None:
            return [entry.lane] if entry.lane is not None else []
        members = list(dict.fromkeys(member.lane for member in family.members))
        lanes = self._host.lanes
        return [lane for lane in members if lane in lanes and lanes[lane].busy] or members[-1:]

    # -- from a key to an order -------------------------------------------------------------------

    def _begin(self, verb: Verb) -> None:
        refusal = self._control.refusal
        if refusal:
            self._host.tell(safe_text(refusal), loud=True)
            self._host.forget_typed()
            return
        lanes, reason = self.targets()
        if not lanes:
            is_group = self._table.cursor in self._rows.groups
            why = (
                own("this row is a group: mark its lanes first")
                if is_group
                else own("there is no lane under the cursor")
            )
            self._host.tell(why, loud=True)
            self._host.forget_typed()
            return
        # The lanes are fixed now, even if rows move on the screen while dialogs are open.
        what = (verb, *lanes)
        if what in self._asked:
            return
        always_asks = spec_of(verb).takes_text or len(lanes) > 1
        if always_asks:
            self._host.tell(joined(verb_word(verb), own(" …")))
        preparing = self._host.preparing() if always_asks else nullcontext()
        self._in_turn(what, lambda: self._ask(verb, lanes, reason, preparing))

    def _in_turn(self, what: tuple[object, ...], work: Callable[[], Awaitable[None]]) -> None:
        """Runs the work after all earlier work. Nothing is dropped, but a repeated key adds its work only once."""
        if what in self._asked:
            return
        self._asked.add(what)

        async def in_turn() -> None:
            try:
                async with self._turn:
                    await work()
            finally:
                self._asked.discard(what)

        self._host.start(in_turn(), group="verb")

    async def _ask(self, verb: Verb, lanes: list[LaneId], reason: str, preparing: AbstractContextManager[None]) -> None:
        """Asks what must be asked, and gives the orders. Keys wait for the questions, if `preparing` lets them."""
        with preparing:
            decided = await self._decided(verb, lanes)
        if decided is None or self._host.fleet is None:
            return
        plans, written = decided
        able = [plan for plan in plans if plan.route is not None]
        orders = await self._control.give(able, self._host.fleet, written.text, now=written.now, reason=reason)
        self._drafts.forget(verb, lanes)
        self._rows.marked -= frozenset(lanes)
        self._tell_orders(verb, orders)
        self._host.redraw()

    async def _decided(self, verb: Verb, lanes: list[LaneId]) -> tuple[list[Plan], Written] | None:
        """The plans and the text that the operator accepted; None if the verb was refused or cancelled."""
        if self._host.fleet is None:
            return None
        plans = await self._control.plans(verb, lanes, self._host.fleet)
        self._host.tell(None)
        if len(plans) == 1 and plans[0].route is None:
            who = self._who(lanes)
            refused = joined(verb_word(verb), own(" "), who, own(" refused: "), _in_short(plans[0].refused))
            self._host.tell(refused, loud=True)
            return None
        written = Written("", False)
        if spec_of(verb).takes_text and any(plan.route is not None for plan in plans):
            asked = await self._write(verb, lanes, plans)
            if asked is None:
                return None
            written = asked
        if not self._goes_at_once(verb, plans):
            agreed = await self._agree(verb, lanes, plans, written.text)
            if agreed is None:
                self._tell_left(verb, lanes)
                return None
            plans = agreed
        return plans, written

    async def _write(self, verb: Verb, lanes: Sequence[LaneId], plans: Sequence[Plan]) -> Written | None:
        """The operator's text; None if the editor was closed. The text is kept as a draft until it is sent."""
        editor = self._editor(verb, lanes, plans)
        written = await self._host.ask(editor)
        self._drafts.keep(verb, lanes, editor.draft)
        if written is None:
            self._tell_left(verb, lanes)
        return written

    async def _agree(self, verb: Verb, lanes: list[LaneId], plans: list[Plan], text: str) -> list[Plan] | None:
        """The plans that the operator accepted; None if the question was closed."""
        pictures = {lane: self._host.lanes[lane] for lane in lanes if lane in self._host.lanes}

        async def replan(route: RouteKind) -> list[Plan]:
            fleet = self._host.fleet
            return await self._control.plans(verb, lanes, fleet, route) if fleet is not None else plans

        return await self._host.ask(
            ConfirmScreen(verb, plans, pictures, self._host.pen, replan, self._clock, text=text)
        )

    def _tell_left(self, verb: Verb, lanes: Sequence[LaneId]) -> None:
        kept = own(", draft saved") if self._drafts.of(verb, lanes) is not None else own("")
        self._host.tell(joined(verb_word(verb), own(" cancelled"), kept))

    def _goes_at_once(self, verb: Verb, plans: Sequence[Plan]) -> bool:
        """True if no confirmation is asked for: the order is for one visible lane, by the gate, and `u` undoes it."""
        if len(plans) != 1 or not spec_of(verb).needs_no_question:
            return False
        (plan,) = plans
        return plan.route is RouteKind.GATE and not plan.warning and not plan.also and plan.lane in self._rows.order

    def _editor(self, verb: Verb, lanes: Sequence[LaneId], plans: Sequence[Plan]) -> EditorScreen:
        able = [plan for plan in plans if plan.route is not None]
        title = joined(verb_word(verb), own(" · "), self._who([plan.lane for plan in able]))
        draft = self._drafts.of(verb, lanes)
        if spec_of(verb).text is TextSource.TEMPLATE:
            return EditorScreen(title, "", self._control.templates, self._host.pen, offers_now=False, draft=draft)
        most_severe = self._findings.model.most_severe(able[0].lane) if len(able) == 1 else None
        quoted = quoted_evidence(most_severe.finding if most_severe is not None else None)
        offers_now = any(plan.offers_now for plan in able)
        return EditorScreen(title, quoted, (), self._host.pen, offers_now=offers_now, draft=draft)

    def _tell_orders(self, verb: Verb, orders: Sequence[Order]) -> None:
        refused = [order for order in orders if order.stage is Stage.REFUSED]
        if refused:
            words = safe_text(refused[0].steps[-1].text, limit=200)
            more = joined(own(" (and "), number(len(refused) - 1), own(" more)")) if len(refused) > 1 else own("")
            self._host.tell(joined(verb_word(verb), own(" refused: "), words, more), loud=True)
            return
        self._promised = frozenset(order.id for order in orders if _can_be_undone(order))
        self._given = frozenset(order.id for order in orders)
        doing = joined(spec_of(verb).doing or verb_word(verb), own(" "), self._who([order.lane for order in orders]))
        self._promise = joined(doing, own(" (u undo)") if self._promised else own(""))
        self._host.tell(self._promise)
        given, words = self._given, joined(verb_word(verb), own(" "), self._who([order.lane for order in orders]))
        lanes = {order.lane for order in orders}
        self._undoing.add(words, lambda: self._undo_command(given, words), lambda: self._table.cursor in lanes)

    # -- afterwards -------------------------------------------------------------------------------

    def undo(self) -> None:
        """Undoes the last thing that was done here, after the commands that are still being given.

        If there is none, undoes the newest order of the lane under the cursor that can be undone.
        """
        if not self._asked:
            self._undo_last()
            return

        async def work() -> None:
            self._undo_last()

        self._in_turn(("undo",), work)

    def _undo_last(self) -> None:
        if not self._undoing.undo_last():
            self._of_lane(_can_be_undone, self._take_back, NOTHING)

    def _undo_command(self, given: frozenset[str], words: SafeText) -> None:
        """Undoes a command on all its lanes. `given`: its orders; `words` name it."""
        if self._control.refusal:
            self._host.tell(safe_text(self._control.refusal), loud=True)
            return
        orders = [one for one in self._control.orders if one.id in given and _can_be_undone(one)]
        self._promised = frozenset()
        if len(orders) > 1:
            self._in_turn(("undo", *(one.id for one in orders)), lambda: self._take_all_back(orders))
        elif orders:
            self._take_back(orders[0])
        else:
            more = self._undoing.next_words
            more = joined(own("; the next undo: "), more) if more else more
            self._host.tell(joined(words, own(" cannot be undone any more"), more), loud=True)

    def stronger(self) -> None:
        """Takes the next stronger step of the overdue order of the lane under the cursor."""
        self._of_lane(
            lambda order: bool(order.stronger),
            self._go_further,
            own("nothing to escalate: no command of this lane is overdue"),
        )

    def _who(self, lanes: Sequence[LaneId]) -> SafeText:
        """The name of the lane if it is one, else the number of lanes."""
        if len(lanes) != 1:
            return joined(number(len(lanes)), own(" lanes"))
        lane = self._host.lanes.get(lanes[0])
        return cut(name_of(lane), NAME_CELLS) if lane is not None else safe_text(lanes[0], limit=60)

    def _of_lane(self, wanted: Callable[[Order], bool], act: Callable[[Order], object], nothing: SafeText) -> None:
        if self._control.refusal:
            self._host.tell(safe_text(self._control.refusal), loud=True)
            return
        order = next((one for one in self._control.orders if one.lane == self._table.cursor and wanted(one)), None)
        if order is None:
            self._host.tell(nothing)
            return
        act(order)

    async def _take_all_back(self, orders: Sequence[Order]) -> None:
        """Undoes a command that was given to several lanes, and shows for how many that failed."""
        failed: list[Order] = []
        for order in orders:
            if self._host.fleet is None:
                return
            done = await self._control.undo(order.id, self._host.fleet)
            if done is None or not _was_undone(order, done):
                failed.append(done or order)
        verb = verb_word(orders[0].verb)
        undone = joined(verb, own(" undone: "), number(len(orders) - len(failed)), own(" of "), number(len(orders)))
        why = joined(own("; "), safe_text(failed[0].steps[-1].text, limit=200)) if failed else own("")
        self._host.tell(joined(undone, own(" lanes"), why), loud=bool(failed))
        self._host.redraw()

    def _take_back(self, order: Order) -> None:
        async def work() -> None:
            if self._host.fleet is None:
                return
            done = await self._control.undo(order.id, self._host.fleet)
            if done is None:
                self._host.tell(own("it cannot be undone any more"), loud=True)
            elif not _was_undone(order, done):
                words = safe_text(done.steps[-1].text, limit=300)
                self._host.tell(joined(verb_word(order.verb), own(" not undone: "), words), loud=True)
            elif done.id == order.id:
                words = safe_text(done.steps[-1].text, limit=200)
                self._host.tell(joined(verb_word(order.verb), own(" undone: "), words))
            else:
                self._host.tell(joined(verb_word(order.verb), own(" undone: resuming "), self._who([order.lane])))
            self._host.redraw()

        self._in_turn(("undo", order.id), work)

    def _go_further(self, order: Order) -> None:
        async def work() -> None:
            if self._host.fleet is None or not self._offers(order):
                return
            done = await self._control.stronger(order.id, self._host.fleet)
            if done is None:
                self._host.tell(own("there is no stronger step"), loud=True)
            else:
                self._host.tell(safe_text(f"{done.verb.value} by {done.route.value}: {done.steps[-1].text}", limit=200))
            self._host.redraw()

        self._in_turn(("stronger", order.id), work)

    def _offers(self, order: Order) -> bool:
        """True if the next step is still the one that the operator read; else says that nothing was done.

        The operator did not agree to any other step.
        """
        now = next((one for one in self._control.orders if one.id == order.id), None)
        if now is not None and now.stronger == order.stronger:
            return True
        self._host.tell(own("this step is no longer the next one: nothing was done"), loud=True)
        return False


def _in_short(refused: str) -> SafeText:
    """A refusal without its last part, the reasons of each route in brackets: `e` (explain) shows these."""
    short, bracket, _ = refused.partition(" (")
    if not bracket or not refused.endswith(")"):
        return safe_text(refused, limit=300)
    return joined(safe_text(short, limit=200), own("; e says why"))


def _can_be_undone(order: Order) -> bool:
    return spec_of(order.verb).can_be_undone(order)


def _was_undone(order: Order, done: Order) -> bool:
    """True if an undo of `order` succeeded. It returned `done`: the order, withdrawn, or another that reverses it."""
    return done.stage is not Stage.REFUSED and (done.id != order.id or done.stage is Stage.WITHDRAWN)


def _reason(entry: ListedFinding) -> str:
    """The finding for which a verb is used, as written to the audit log."""
    return f"finding {entry.finding.key}: {entry.finding.title}"
