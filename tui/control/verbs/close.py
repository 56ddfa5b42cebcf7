"""Close: asks the lane to write its closing summary, and then ends it.

After a deadline the steps become stronger: the loop is stopped, the client interrupted, the client terminated. Each
step is recorded with what it did. After the text was given, the lane has some tool calls or seconds for its output.
Then the next step is offered to the person at the screen. In a command that waits, and for a policy, it is taken
without asking.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from tui.agents.registry import ends_loop
from tui.control.bounds import Bounds
from tui.control.refused import Refused
from tui.control.verbs.base import (
    ADOPTED,
    SHOWN_S,
    TEXT_OPTIONS,
    HeldState,
    KeyBinding,
    Option,
    Outcome,
    TextSource,
    VerbSpec,
    VerbTools,
    ended_refusal,
)
from tui.control.verbs.pause import SPEC as PAUSE
from tui.model.control import Held, Order, RouteKind, Stage
from tui.model.finding import FindingKind, Verb
from tui.text.own_text import own

if TYPE_CHECKING:
    from tui.control.context import VerbContext
    from tui.control.routes.base import RouteDriver
    from tui.model.snapshot import Fleet, Lane

NO_OUTPUT = 5
"""Exit code of the command: the lane has ended, but wrote no closing summary."""
REFUSALS = 2
"""After this many refused tools, the gate counts as unable to end the loop: see `Hooks.ends_loop`."""
NOT_TOLD_S = 10.0
"""After this many seconds, an order whose text was not given yet gets a step that says for what it waits."""
STEP_S = 15.0
"""Seconds between two stronger steps."""
QUIET_S = 1.0
SUBAGENT_ENDED = "the subagent has ended; its session continues"
TAKEOVER_S = 60.0
"""Seconds after its deadline in which a close that no process drives is taken over; later a person decides."""
LEFT = "left to a person"
"""The phase of a close that only a person may continue, because no process drove it for a long time. `facts["phase"]`
is the phase before."""


class Close(VerbSpec):
    """Phases: `telling`, `writing`, `stopping`, `leaving`, `interrupted`, `terminated`; `left to a person`."""

    verb = Verb.CLOSE
    place = 40
    title = own("close")
    doing = own("closing")
    summary = "Ask for the closing summary, then end the lane"
    description = "Ask lanes for their closing summary, then end them; a deadline makes it harder step by step."
    counterfactual = own("asked for its closing summary (such as a coverage matrix or a gap list), then ended")
    examples = (
        ('7d90c18f --reason "done"', "ask for a summary, then end it"),
        ("7d90c18f --dry-run", "what would be done"),
    )
    key = KeyBinding("c", "Close: closing summary, then end", "close")
    effects: ClassVar[Mapping[RouteKind, str]] = {
        RouteKind.GATE: "writes its closing summary, then ends",
        RouteKind.API: "asked by its daemon to write its closing summary, then its turn is ended for good",
        RouteKind.TMUX: "asked in its pane to write its closing summary, then exits",
        RouteKind.PROCESS: "ends at once by signals: no closing summary",
    }
    options = (
        *TEXT_OPTIONS,
        Option("--template", "a closing template [default: the first]", metavar="NAME"),
        Option(
            "--within",
            "time to write its closing summary, and for the whole close [default: 90s for the output, 10m in all]",
            "duration",
            "TIME",
        ),
        Option(
            "--calls",
            "tool calls that it may make before it writes its closing summary; 0: any number [default: 10]",
            "count",
            "N",
        ),
    )
    shown_options = "--template"
    exit_codes = ((NO_OUTPUT, "it has ended, but wrote no closing summary"),)
    text = TextSource.TEMPLATE
    deadline_s = Bounds().within_s
    wait_s = 0.0
    always_waits = True
    under_way = Held.CLOSING
    done = Held.CLOSED
    held_states = (
        HeldState(Held.CLOSING, own("□"), own("="), own("closing"), own("writing its closing summary, then ends")),
        HeldState(
            Held.CLOSED, own("×"), own("x"), own("closed"), own("closed by you"), "state.ended", is_counted=False
        ),
    )
    can_hold = True
    outlives = True

    def deadline(self, at: float, bounds: Bounds) -> float:
        """See `VerbSpec.deadline`."""
        return at + bounds.within_s

    def default_wait_s(self, within_s: float) -> float:
        """See `VerbSpec.default_wait_s`."""
        return within_s + 60.0

    # -- planning ---------------------------------------------------------------------------------

    def refusal(self, context: VerbContext, holds: Sequence[Order], *, stray: bool) -> str:
        """See `VerbSpec.refusal`."""
        return ended_refusal(context)

    def effect(self, context: VerbContext, taken: RouteKind, bounds: Bounds) -> str:
        """See `VerbSpec.effect`."""
        carries = context.drivers[taken].carries_text
        return f"{self.effects[taken]}; {bounds.words}" if carries else self.effects[taken]

    def route_warning(self, context: VerbContext, taken: RouteKind) -> str:
        """See `VerbSpec.route_warning`."""
        return "" if context.drivers[taken].carries_text else "what it works on is left half done"

    # -- orders -----------------------------------------------------------------------------------

    def first_phase(self, driver: RouteDriver) -> str:
        """See `VerbSpec.first_phase`."""
        return "telling" if driver.carries_text else "stopping"

    def begin(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """Gives the closing text, and lifts the pauses: a lane that is held cannot write its closing summary."""
        pauses = [one for one in tools.desk.holds(context) if one.verb is PAUSE.verb]
        for pause in pauses:
            PAUSE.check_release(pause, context, tools)
        return self._lift_pauses(self._begin(order, context, tools), pauses, context, tools)

    @staticmethod
    def _lift_pauses(order: Order, pauses: Sequence[Order], context: VerbContext, tools: VerbTools) -> Order:
        from tui.control.folder import FolderError

        for pause in pauses:
            try:
                tools.desk.keep(pause, PAUSE.released(pause, context, tools))
            except (Refused, FolderError) as error:
                # The closing text was given by now, so the close continues and reports that the pause is still in
                # force.
                order = order.stepped(context.now, order.stage, f"its pause stands: {error}")
        return order

    def _begin(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        if tools.bounds.by_itself:
            tools.waited_for.add(order.id)
        if not tools.routes[order.route].carries_text:
            words = "no closing summary is asked for by this route"
            return self._end(_without_output(order), context, tools, words)
        return tools.delivery.give(order, context, stop_at=order.deadline).in_phase("telling", context.now)

    def peek(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """See `VerbSpec.peek`."""
        order = tools.delivery.acknowledged(order)
        if self._is_lost(order, context, tools):
            return _lost(order, context)
        if self._gone(order, context, tools):
            return self._ended(self._with_output(order, context, tools), context, "process exited")
        if order.agent_id is not None and self._said(order, tools) is not None:
            return self._ended(self._with_output(order, context, tools), context, SUBAGENT_ENDED)
        return order

    def poll(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """Takes the next step when it is due.

        A close that was taken over is dropped if a person has given a prompt since.
        """
        from tui.control.context import with_question
        from tui.control.release import dropped_close, prompted_since

        if ADOPTED in order.facts and prompted_since(order, context):
            words = (
                "the lanewatch that closed it has ended, and a person has given it a prompt since: the close is dropped"
            )
            return dropped_close(tools.folder, order, context.now, words)
        if order.phase in ("telling", "writing"):
            order = with_question(order, context)
        if order.phase == "telling":
            order = self._poll_telling(order, context, tools)
        elif order.phase == "writing":
            order = self._poll_writing(order, context, tools)
        elif order.phase == "stopping":
            order = self._poll_stopping(order, context, tools)
        elif order.phase in ("leaving", "interrupted", "terminated"):
            order = self._poll_end(order, context, tools)
        elif order.phase == LEFT and self._gone(order, context, tools):
            order = self._over(self._with_output(order, context, tools), context, tools, "process exited")
        return order

    def adopted(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """Leaves a close to a person if no process drove it until long after its deadline.

        An earlier pause is lifted, because the lanewatch that gave the close may have been killed before it did that.
        """
        pauses = [one for one in tools.desk.holds(context) if one.verb is PAUSE.verb and one.at < order.at]
        order = self._lift_pauses(order, pauses, context, tools)
        if context.now <= order.deadline + TAKEOVER_S or order.phase == LEFT or self._gone(order, context, tools):
            return order
        late = (context.now - order.deadline) / 60
        words = f"nobody drove it until {late:.0f} min after its deadline: a person decides whether it continues"
        noted = replace(order, facts={**order.facts, "phase": order.phase})
        return noted.stepped(context.now, Stage.OVERDUE, words).offering(_next_step(order)).in_phase(LEFT, context.now)

    # -- the drain --------------------------------------------------------------------------------

    def _poll_telling(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        from tui.control.text_delivery import CUT_SHORT, DROPPED

        order = tools.delivery.heard(order, context)
        if tools.delivery.is_told(order):
            return order.noting("calls", str(context.lane.tool_calls)).in_phase("writing", context.now)
        if tools.delivery.was_dropped(order):
            return _without_output(order).stepped(context.now, Stage.EXPIRED, DROPPED).ended()
        if self._is_lost(order, context, tools):
            return _lost(order, context)
        if tools.delivery.was_cut_short(order, context.now):
            return _without_output(order).stepped(context.now, Stage.EXPIRED, CUT_SHORT).ended()
        if self._gone(order, context, tools):
            return self._over(_without_output(order), context, tools, "process exited before it read the closing text")
        if context.now >= order.deadline:
            return self._stop(order, context, tools, "it did not read the closing text in time")
        if context.now - order.at >= NOT_TOLD_S and not order.facts.get("waits", order.facts.get("question")):
            words = f"closing text not read yet: {_waits_for(context)}"
            return order.noting("waits", words).stepped(context.now, order.stage, words)
        return order

    def _poll_writing(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        gone = self._gone(order, context, tools)
        ended = gone or self._turn_ended(order, context, tools)
        owed = not gone and any(finding.kind is FindingKind.OWED_OUTPUT for finding in context.lane.findings)
        if ended and not owed:
            return self._end(self._with_output(order, context, tools), context, tools, "")
        if context.now >= order.deadline:
            return self._stop(order, context, tools, f"no end after {order.deadline - order.at:.0f} s")
        late = self._late(order, context, tools)
        if late and self._needs_no_word(order, tools):
            return self._stop(order, context, tools, late)
        if late and not order.stronger:
            return order.stepped(context.now, Stage.OVERDUE, f"{late}, and it continues").offering(_next_step(order))
        if ended and not late:
            return self._noted(order, context, "its turn has ended without the closing summary")
        return order

    @staticmethod
    def _is_lost(order: Order, context: VerbContext, tools: VerbTools) -> bool:
        """True if the closing text is not at any gate: lanewatch was killed before it wrote the request."""
        waits = order.phase == "telling" and order.route is RouteKind.GATE and Stage.ACKNOWLEDGED not in order.has
        return waits and not tools.delivery.is_still_requested(order, context)

    def _late(self, order: Order, context: VerbContext, tools: VerbTools) -> str:
        """The limit for writing that the lane has exceeded, in words; empty while it has time."""
        calls = calls_since_told(order, context.lane)
        if tools.bounds.calls and calls >= tools.bounds.calls:
            return f"{calls} tool call(s) since it was asked to close"
        seconds = context.now - order.phase_since
        return f"{seconds:.0f} s since it was asked to close" if seconds >= tools.bounds.write_s else ""

    def _needs_no_word(self, order: Order, tools: VerbTools) -> bool:
        """True if the next step needs no confirmation: a command waits for the close, or a policy gave it."""
        return order.id in tools.waited_for or bool(order.run_by)

    def _turn_ended(self, order: Order, context: VerbContext, tools: VerbTools) -> bool:
        if order.route is RouteKind.GATE:
            return self._said(order, tools) is not None
        return self._turn_over(order, context, tools)

    def _said(self, order: Order, tools: VerbTools) -> int | None:
        """Number of characters in the lane's last message if its gate reported the end of the turn; otherwise None."""
        from tui.control.routes.gate_client import acks_of

        for ack in acks_of(tools.folder, order.id):
            if ack.did == "stopped":
                return None
            if ack.did == "turn_ended":
                return ack.said or 0
        return None

    def _with_output(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """The order with the result about the closing summary, after the lane's turn or process has ended."""
        if order.closing_output is not None:
            return order
        after = f"{max(0.0, context.now - order.at):.0f} s later"
        if order.route is RouteKind.GATE:
            said = self._said(order, tools)
            if not said:
                return _without_output(order)
            words = f"closing summary of {said:,} characters, {after}"
        elif self._turn_over(order, context, tools) and not _was_interrupted(context):
            words = f"its turn has ended, {after}"
        else:
            return _without_output(order)
        wrote = replace(order, closing_output=True)
        return wrote.stepped(context.now, Stage.ACKNOWLEDGED, words)

    # -- the end ----------------------------------------------------------------------------------

    def _end(self, order: Order, context: VerbContext, tools: VerbTools, why: str) -> Order:
        """Makes the client exit: the closing summary was written, or is no longer expected."""
        order = order.offering("")
        if order.agent_id is not None:
            return self._over(order, context, tools, SUBAGENT_ENDED)
        if self._gone(order, context, tools):
            return self._over(order, context, tools, "process exited")
        if context.in_daemon:
            return self._end_thread(order, context, tools)
        if order.route is RouteKind.PROCESS:
            return self._signal(order, context, tools, why or "its turn has ended")
        try:
            words = tools.routes.pane.leave(context.main)
        except Refused as no_pane:
            if not why:
                # A headless client leaves by itself; in a pane, a draft or a question may be in the way.
                if RouteKind.TMUX in self.choices(context):
                    order = order.stepped(context.now, order.stage, f"it is not told to leave: {no_pane}")
                return order.in_phase("leaving", context.now)
            return self._signal(order, context, tools, f"{why or no_pane}")
        return order.stepped(context.now, Stage.ACKNOWLEDGED, words).in_phase("leaving", context.now)

    def _end_thread(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """Ends a thread of a shared daemon, which has no process of its own: ends its turn and empties its queue."""
        try:
            dropped = tools.routes.daemon.empty_queue(context.main)
            thread = tools.routes.daemon.thread(context.main)
            if thread.turn is not None:
                tools.routes.daemon.end_turn(context.main)
                return order.in_phase("leaving", context.now)
            # An interrupt ends the turn, but not the commands that its last call started.
            ended = tools.routes.daemon.end_commands(context.main)
        except Refused as refusal:
            return self._noted(order, context, str(refusal))
        queue = {None: "its queue cannot be looked into", 0: "nothing waits in its queue"}.get(
            dropped, f"{dropped} message(s) taken from its queue"
        )
        commands = f"; {ended} command(s) of it ended" if ended else ""
        return self._over(
            order, context, tools, f"no turn of its thread runs; {queue}{commands}; its screen, if any, stays open"
        )

    def _stop(self, order: Order, context: VerbContext, tools: VerbTools, why: str) -> Order:
        """Stops the loop after the deadline, even without closing summary."""
        from tui.control.folder import FolderError

        words = f"{why}: its loop is stopped"
        try:
            if tools.routes[order.route].ends_turn:
                words += f" ({tools.routes[order.route].end_turn(context.main)})"
            else:
                self._stop_at_gate(order, context, tools)
                words += " at the gate"
        except (Refused, FolderError) as refusal:
            words += f", which was refused: {refusal}"
        stopped = _without_output(order).stepped(context.now, Stage.OVERDUE, words)
        return stopped.offering("").in_phase("stopping", context.now)

    def _stop_at_gate(self, order: Order, context: VerbContext, tools: VerbTools) -> None:
        """Writes the request again: the old one may have lapsed, or its time to stop has not come."""
        from tui.control.routes.gate_client import Request, put_request
        from tui.control.text_delivery import LAPSE_S
        from tui.control.texts import FROM

        stop_at = min(context.now, order.deadline)
        until = context.now + LAPSE_S
        request = Request(order.id, self.verb, order.agent_id, FROM + order.text, False, until, stop_at)
        put_request(tools.folder, context.gate_key, replace(request, client=context.client, asked=order.asked))

    def _poll_stopping(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        from tui.control.routes.gate_client import acks_of

        acks = acks_of(tools.folder, order.id)
        stopped = any(ack.did in ("stopped", "turn_ended") for ack in acks)
        if self._gone(order, context, tools) or (
            (stopped or order.route is not RouteKind.GATE) and not context.lane.busy
        ):
            return self._end(order, context, tools, "")
        refused = sum(ack.did == "stopped" for ack in acks)
        goes_on = refused >= REFUSALS and not ends_loop(context.lane.agent)
        if context.now - order.phase_since < STEP_S and not goes_on:
            return order
        if order.agent_id is not None:
            return self._noted(order, context, "the subagent still runs; only its whole session can be ended harder")
        why = f"{refused} tools were refused, and it continues" if goes_on else "its loop did not stop"
        return self._signal(order, context, tools, why)

    def _poll_end(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        if self._gone(order, context, tools):
            return self._over(order, context, tools, "process exited")
        if context.in_daemon:
            return self._end_thread(order, context, tools)
        if context.now - order.phase_since < STEP_S:
            return order
        return self._signal(order, context, tools, "it is still there")

    def _signal(self, order: Order, context: VerbContext, tools: VerbTools, why: str) -> Order:
        """Sends SIGINT first, because SIGTERM orphans the children of some clients; then SIGTERM, and nothing more."""
        if context.in_daemon:
            return self._end_thread(order, context, tools)  # a daemon serves several threads: it gets no signal
        process = tools.routes.process
        if order.phase == "terminated":
            pid = context.main.process.pid if context.main.process else order.pid
            return self._noted(
                order, context, f"process {pid} does not end on SIGTERM; `kill -KILL {pid}` is left to you"
            )
        try:
            if order.phase == "interrupted":
                words, phase = process.terminate(process.target_of(context.main)), "terminated"
            else:
                words, phase = process.interrupt(process.target_of(context.main)), "interrupted"
        except Refused as refusal:
            if self._gone(order, context, tools):
                return self._over(order, context, tools, "process exited")
            return self._noted(order, context, f"{why}; {refusal}")
        return order.stepped(context.now, Stage.ACKNOWLEDGED, f"{words} ({why})").in_phase(phase, context.now)

    # -- words and marks --------------------------------------------------------------------------

    def _over(self, order: Order, context: VerbContext, tools: VerbTools, words: str) -> Order:
        self._free_gate(order, context, tools)
        return self._ended(order, context, words)

    @staticmethod
    def _ended(order: Order, context: VerbContext, words: str) -> Order:
        missing = "; no closing summary" if order.closing_output is False else ""
        return order.stepped(context.now, Stage.EFFECTIVE, words + missing).ended()

    @staticmethod
    def _noted(order: Order, context: VerbContext, words: str) -> Order:
        """Adds an overdue step with these words, once."""
        if order.steps and order.steps[-1].text == words:
            return order
        return order.stepped(context.now, Stage.OVERDUE, words)

    def _free_gate(self, order: Order, context: VerbContext, tools: VerbTools) -> None:
        """Withdraws the request.

        Until the lane has ended, the request must stay, so that the lane begins nothing new.
        """
        from tui.control.routes.gate_client import take_back

        if order.route is RouteKind.GATE and context.key is not None:
            take_back(tools.folder, context.key, order.id)

    def _turn_over(self, order: Order, context: VerbContext, tools: VerbTools) -> bool:
        told = tools.delivery.given_at(order)
        newer = context.lane.last_event is not None and context.lane.last_event - context.clock_set > told
        return not context.lane.busy and newer and context.now - told > QUIET_S

    def _gone(self, order: Order, context: VerbContext, tools: VerbTools) -> bool:
        """True if the client's process is known to have ended."""
        if context.in_daemon:
            return False
        if order.pid is not None and order.start is not None:
            return tools.routes.process.has_gone(order)
        if context.main.process is not None:
            return False
        return not context.main.busy

    # -- taken back, made harder ------------------------------------------------------------------

    def escalate(self, order: Order, context: VerbContext, fleet: Fleet, tools: VerbTools) -> Outcome:
        """Takes the next stronger step now, because the operator requested it."""
        if order.phase == LEFT:
            order = order.in_phase(order.facts.get("phase", "telling"), context.now).offering("")
        step = self._stop if order.phase in ("telling", "writing") else self._signal
        new = step(order, context, tools, "on the operator's word")
        return Outcome(new, new)

    def undo(self, order: Order, context: VerbContext, fleet: Fleet, tools: VerbTools) -> Outcome:
        """See `released`."""
        new = self.released(order, context, tools)
        return Outcome(new, new)

    def released(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """Withdraws a close, whether its text was given or not: no further step is taken.

        If its request cannot be removed, the close is withdrawn nevertheless: no gate obeys a request in a folder that
        cannot be written.
        """
        from tui.control.folder import FolderError
        from tui.control.release import dropped_close

        try:
            untold = False
            if order.route is RouteKind.GATE:
                with contextlib.suppress(FolderError):  # the disk may be full: the request is removed nevertheless
                    untold = tools.folder.claim(f"taken/{order.id}")
                self._free_gate(order, context, tools)
        except (Refused, FolderError):
            return dropped_close(tools.folder, order, context.now, "undone")
        words = "before it was told" if untold else "after it was told: what the model has read it has read"
        if order.route is not RouteKind.GATE and not tools.delivery.is_told(order):
            words = "while its text was not seen to arrive"
        return order.stepped(context.now, Stage.WITHDRAWN, f"undone {words}").ended()

    def can_be_undone(self, order: Order) -> bool:
        """True until it has taken effect."""
        return not order.stage.is_final and order.stage is not Stage.EFFECTIVE

    def lane_gone(self, order: Order, at: float, pid: str) -> Order:
        """Ends the order as effective, because the aim of a close is the end of the process."""
        return order.stepped(at, Stage.EFFECTIVE, "process exited").ended()

    # -- what it makes of its lane ----------------------------------------------------------------

    def holds(self, order: Order, context: VerbContext) -> bool:
        """See `VerbSpec.holds`."""
        return order.lane == context.lane.id

    def held(self, order: Order, context: VerbContext, now: float) -> Held | None:
        """See `VerbSpec.held`."""
        if order.is_open:
            return self.under_way
        later = context.newest_event(now) > order.steps[-1].at + SHOWN_S
        # A process that was killed leaves a call without a result: its lane seems busy.
        is_still = not context.lane.busy or (context.main.process is None and order.agent_id is None)
        return self.done if order.stage is Stage.EFFECTIVE and is_still and not later else None

    def progress(self, order: Order, lane: Lane) -> str:
        """See `VerbSpec.progress`."""
        if order.phase != "writing" or order.stage is not Stage.ACKNOWLEDGED:
            return ""
        calls = calls_since_told(order, lane)
        return f"writing its closing summary{f', {calls} tool call(s) since' if calls else ''}"

    def standing(self, order: Order, clock: Callable[[float], str]) -> str:
        """See `VerbSpec.standing`."""
        left = "nothing more is done to it"
        if order.route is RouteKind.GATE:
            # If no output is expected any more, the gate already refuses its tools.
            since = "" if order.closing_output is False else f" from {clock(order.deadline)} on"
            left = f"the gate refuses its tools{since}, but nothing ends its process"
        back = f"`lanewatch resume {order.lane}` undoes it"
        return f"stays told to close: {left}; {back}, `lanewatch` (the live screen) continues it"


def calls_since_told(order: Order, lane: Lane) -> int:
    """Number of tool calls that the lane has begun since the closing text was given."""
    counted = order.facts.get("calls", "")
    return max(0, lane.tool_calls - int(counted)) if counted.isdecimal() else 0


def _lost(order: Order, context: VerbContext) -> Order:
    words = "nobody took it, and it is no longer asked for"
    return _without_output(order).stepped(context.now, Stage.EXPIRED, words).ended()


def _without_output(order: Order) -> Order:
    return replace(order, closing_output=False)


def _was_interrupted(context: VerbContext) -> bool:
    return bool(context.lane.actions) and context.lane.actions[-1].outcome == "interrupted"


def _waits_for(context: VerbContext) -> str:
    """The present activity of a lane whose text still waits at its gate."""
    from tui.control.context import still_running

    question = next((one.title for one in context.lane.findings if one.kind is FindingKind.NEEDS_INPUT), "")
    return question or still_running(context, ()) or "it is between turns"


def _next_step(order: Order) -> str:
    """The step that `Close.escalate` takes in this phase, in words."""
    if order.phase in ("telling", "writing"):
        return "stop its loop, and end it step by step"
    return "terminate its process" if order.phase in ("interrupted", "terminated") else "interrupt its process"


SPEC = Close()
