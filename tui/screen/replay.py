"""The main screen on recorded time: the same lanes, a scrubber below them, and keys that move in time."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from tui.control.recorded_orders import RecordedOrders
from tui.model.finding import Verb
from tui.model.snapshot import Fleet
from tui.replay.time_expression import moment_of
from tui.screen.bindings import REPLAY, bindings
from tui.screen.control_client import ControlClient
from tui.screen.findings_model import FindingDesk
from tui.screen.fleet import FleetOptions, FleetScreen
from tui.screen.page import PageScreen
from tui.screen.playback import Playback
from tui.screen.widgets.key_bar import KeyHint
from tui.screen.widgets.lines import Pen
from tui.screen.widgets.safe_input import SafeInput
from tui.screen.widgets.scrubber import Scrubber
from tui.text.format import duration
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import joined, number, own
from tui.view.counterfactual import could_have_lines
from tui.view.findings import KINDS
from tui.view.plans import verb_word
from tui.view.scrubber import ScrubberFacts, ScrubMark, clock, speed_words
from tui.view.what_if import what_if_lines

LEAP = 50
"""A leap is this part of the run."""


class ReplayScreen(FleetScreen):
    """Draws the fleet of the moment where the playback stands."""

    BINDINGS = bindings(REPLAY)
    DEFAULT_CSS = """
    ReplayScreen #scrubber { height: 3; }
    ReplayScreen.-timing #time { display: block; }
    """

    def __init__(
        self,
        pen: Pen,
        options: FleetOptions,
        hints: Callable[[str], SafeText],
        desk: FindingDesk,
        hands: ControlClient,
        playback: Playback,
        journal: RecordedOrders,
        redraw: Callable[[], None],
    ) -> None:
        """`redraw` draws the whole screen for the moment where the playback stands now."""
        super().__init__(pen, options, hints, desk, hands)
        self.playback = playback
        self._journal = journal
        self._draw_now = redraw
        self._clocks_told = False
        self.scrubber = Scrubber(pen, id="scrubber")
        self._time_input = SafeInput(own("07:12  2026-05-09 07:12  +10m  -1h  40%  S091"), id="time")

    def compose(self) -> ComposeResult:
        """The parts of the main screen, and the scrubber above its last lines."""
        for part in super().compose():
            if part is self.status:
                yield self.scrubber
                yield self._time_input
            yield part

    # -- drawing --------------------------------------------------------------------------------

    def draw(self, fleet: Fleet, *, whole: bool = False) -> None:
        """See `FleetScreen.draw`; the scrubber too."""
        super().draw(fleet, whole=whole)
        if self.size.width == 0 or not self.playback.is_open:
            return
        if self.playback.skipped_s:
            skipped, self.playback.skipped_s = self.playback.skipped_s, 0.0
            self.tell(joined(duration(skipped), own(" of silence skipped")))
        if self.playback.complete and not self._clocks_told:
            self._clocks_told = True
            self._tell_clocks()
        self.scrubber.show_facts(self._facts())

    def _tell_clocks(self) -> None:
        """Clocks of parents and children that differ: times between such lanes are not to be trusted."""
        skews = self.playback.player.skews()
        if not skews:
            return
        worst = max(skews, key=lambda one: abs(one.seconds))
        more = joined(own(" (and "), number(len(skews) - 1), own(" more)")) if len(skews) > 1 else own("")
        apart = safe_text(f"{worst.child} and its parent differ by {abs(worst.seconds):.0f} s", limit=120)
        self.tell(joined(own("clocks: "), apart, more, own("; nothing was corrected")), loud=True)

    def _facts(self) -> ScrubberFacts:
        playback, marks = self.playback, self.playback.marks()
        start, end = playback.shown
        found = [ScrubMark(one.since, one.severity) for one in marks.findings if one.since is not None]
        # What an operator asked for; its further steps would only crowd the line.
        first: dict[str, float] = {}
        for entry in self._journal.entries:
            first.setdefault(entry.order, entry.at)
        done = [ScrubMark(at, None) for at in first.values()]
        shown = tuple(mark for mark in (*found, *done) if start <= mark.at <= end)
        return ScrubberFacts(
            start, end, playback.at, marks.start, marks.step_s, marks.burn, shown, playback.speed, playback.playing,
            playback.read_to, self._options.ascii,
        )  # fmt: skip

    def restyle(self, pen: Pen) -> None:
        """Another theme."""
        super().restyle(pen)
        self.scrubber.restyle(pen)

    def _hints(self) -> list[KeyHint]:
        return self._hints_of(verbs=False, replay=True)

    @property
    def _scope(self) -> str:
        return "time" if self.has_class("-timing") else super()._scope

    # -- the pace -------------------------------------------------------------------------------

    def action_play(self) -> None:
        """Plays, or holds still."""
        self.playback.toggle()
        self.tell(own("playing") if self.playback.playing else own("held still"))
        self._draw_now()

    def action_faster(self) -> None:
        """The next faster pace."""
        self._change_speed(1)

    def action_slower(self) -> None:
        """The next slower one."""
        self._change_speed(-1)

    def _change_speed(self, steps: int) -> None:
        self.playback.change_speed(steps)
        self.tell(joined(own("speed "), speed_words(self.playback.speed)))
        self._draw_now()

    # -- moving in time -------------------------------------------------------------------------

    @on(Scrubber.Sought)
    def _sought(self, event: Scrubber.Sought) -> None:
        self._go(event.at, own(""))

    def _go(self, at: float | None, nothing: SafeText, *, hold: bool = True) -> bool:
        """Goes to a moment, and says so; where there is none, says that."""
        moved = self.playback.step(at) if hold else self.playback.go_to(at)
        if not moved:
            self.tell(nothing)
            return False
        self._draw_now()
        self.tell(clock(self.playback.at, with_day=True))
        return True

    def action_next_event(self) -> None:
        """The next line of any transcript."""
        self._go(self.playback.player.next_event(), own("nothing follows that has been read"))

    def action_previous_event(self) -> None:
        """The line before."""
        self._go(self.playback.player.previous_event(), own("nothing stands before this"))

    def action_next_action(self) -> None:
        """The next action of any lane."""
        self._to_action(self.playback.player.next_action(), own("no action follows that has been read"))

    def action_previous_action(self) -> None:
        """The action before."""
        self._to_action(self.playback.player.previous_action(), own("no action stands before this"))

    def _to_action(self, at: float | None, nothing: SafeText) -> None:
        if not self._go(at, nothing):
            return
        mark = next((mark for mark in self.playback.marks().actions if mark.at == at), None)
        if mark is None:
            return
        if mark.lane in self.rows.order:
            self.table.move_to(mark.lane)
        self.tell(joined(clock(mark.at), own("  begins: "), safe_text(mark.name, limit=80)))

    def action_next_finding(self) -> None:
        """To the moment at which the next finding was raised."""
        self._to_finding(self.playback.player.next_finding(), own("no finding follows that has been read"))

    def action_previous_finding(self) -> None:
        """To the one before."""
        self._to_finding(self.playback.player.previous_finding(), own("no finding stands before this"))

    def _to_finding(self, at: float | None, nothing: SafeText) -> None:
        if not self._go(at, nothing):
            return
        entry = next((entry for entry in self._desk.entries if entry.finding.since == at), None)
        if entry is not None:
            self.findings.select(entry.id)
            self._choose(entry)
            title = safe_text(entry.finding.title, limit=200)
            self.tell(joined(KINDS[entry.finding.kind], own(": "), title), loud=True)
            return
        # What is dated back to its first step was proven later: it is named, though nothing holds yet.
        found = next((one for one in self.playback.marks().findings if one.since == at), None)
        if found is None:
            return
        if found.lane is not None and found.lane in self.rows.order:
            self.table.move_to(found.lane)
        self.tell(joined(KINDS[found.kind], own(" begins here: "), safe_text(found.title, limit=200)))

    def action_leap(self, direction: int) -> None:
        """A part of the run on or back."""
        start, end = self.playback.shown
        step = max(1.0, (end - start) / LEAP)
        self._go(self.playback.at + direction * step, own(""), hold=False)

    def action_to_start(self) -> None:
        """The first moment."""
        self._go(float("-inf"), own(""))

    def action_to_end(self) -> None:
        """The last moment that has been read."""
        self._go(self.playback.player.last, own(""))

    def action_ask_time(self) -> None:
        """Asks for a moment."""
        self.add_class("-timing")
        self._time_input.focus()
        self.call_after_refresh(self._redraw)

    @on(Input.Submitted, "#time")
    def action_go_to_time(self) -> None:
        """Goes to what was typed."""
        text = self._time_input.text
        try:
            at = moment_of(text, self.playback.at, *self.playback.shown, self.playback.marks().actions)
        except ValueError as error:
            self.tell(joined(safe_text(text, limit=40), own(": "), safe_text(str(error))), loud=True)
            return
        self._end_timing()
        self._go(at, own(""))

    def _end_timing(self) -> None:
        self._time_input.value = ""
        self.remove_class("-timing")
        self.table.focus()
        self.call_after_refresh(self._redraw)

    def action_back(self) -> None:
        """One step back: out of the input first."""
        if self.has_class("-timing"):
            self._end_timing()
            return
        super().action_back()

    # -- what could have been done ----------------------------------------------------------------

    def _begin(self, verb: Verb) -> None:
        """A recording cannot be told anything: what the verb could have done then is shown instead."""
        lane, now = self.selected, self._fleet
        if lane is None or now is None:
            self.tell(own("there is no lane under the cursor"), loud=True)
            return
        self.playback.playing = False
        end = self.playback.whole()
        gravest = self._desk.gravest(lane.id)
        finding = gravest.finding if gravest is not None else None
        title = joined(verb_word(verb), own(" · what could have been done at this moment"))
        page = PageScreen(title, lambda cells: could_have_lines(verb, lane, now, end, finding, cells), self._pen)
        self._app.push_screen(page)

    def action_what_if(self) -> None:
        """Where the chosen finding, or a policy, would have acted, and what was spent after it."""
        if not self.playback.complete:
            self.tell(own("what if: once all of it has been read"), loud=True)
            return
        entry = self.findings.entry if self.focused is self.findings else self._finding_here()
        finding = entry.finding if entry is not None else None
        self.tell(own("going through the whole run ..."))

        async def work() -> None:
            cases = await self.playback.what_if(finding)
            self.tell(None)
            if not cases:
                return
            end = self.playback.whole()
            page = PageScreen(own("what if"), lambda cells: what_if_lines(cases, end, cells), self._pen)
            await self._app.push_screen(page)

        self.run_worker(work(), exclusive=True, group="what_if")
