"""Recorded time on the lanes screen: keys that move in time, the scrubber, and pages about possible verbs."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

from textual.widget import Widget

from tui.control.recorded_orders import RecordedOrders
from tui.control.verbs.registry import all_verbs
from tui.model.finding import Verb
from tui.model.snapshot import Fleet
from tui.replay.time_expression import moment_of
from tui.screen.bindings import LIVE_KEYS, REPLAY_HINTS, VERB_KEYS
from tui.screen.controller import Argument, Command, Controller, Host, Mode
from tui.screen.findings import FindingsController
from tui.screen.playback import Playback
from tui.screen.table_order import TableOrder
from tui.screen.widgets.lane_table import LaneTable
from tui.screen.widgets.lines import Pen
from tui.screen.widgets.prompt import Prompt
from tui.screen.widgets.safe_input import SafeInput
from tui.screen.widgets.scrubber import Scrubber
from tui.text.format import duration, number, percent
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import joined, own
from tui.view.counterfactual import could_have_lines
from tui.view.finding_text import FindingText
from tui.view.plans import verb_word
from tui.view.scrubber import ScrubberFacts, ScrubMark, clock, speed_words
from tui.view.what_if import Case, what_if_lines

LEAP = 50
"""A leap is one part in this many of the run."""
_NOT_HERE: Mapping[str, SafeText] = {
    "stronger": own("nothing to escalate: these lanes are recordings"),
    "mark": own("no marks: they are for verbs, and these lanes are recordings"),
    "mark_tree": own("no marks: they are for verbs, and these lanes are recordings"),
    "mark_all": own("no marks: they are for verbs, and these lanes are recordings"),
    "jump": own("no tmux pane: these lanes are recordings"),
    "usage": own("no usage in a replay: `lanewatch usage PATH` counts these transcripts"),
}
"""Why the commands of live lanes cannot act, by their names."""
PROGRESS_S = 0.2
"""Seconds between two notices about the progress of `what if`."""


class TimeController(Controller):
    """The speed of a replay, its jumps, and the scrubber."""

    table_hints = REPLAY_HINTS

    def __init__(
        self,
        host: Host,
        playback: Playback,
        journal: RecordedOrders,
        rows: TableOrder,
        table: LaneTable,
        findings: FindingsController,
    ) -> None:
        self._host = host
        self._playback = playback
        self._journal = journal
        self._rows = rows
        self._table = table
        self._findings = findings
        self._clocks_told = False
        self._scrubber = Scrubber(host.pen, self._seek, id="scrubber")
        self._input = SafeInput(own("07:12  2026-05-09 07:12  +10m  -1h  40%  S091"), id="time")
        self._prompt = Prompt(host.pen, own("@"), self._input, id="time-prompt")

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`.

        In a replay, moving between findings means moving in time, so these commands replace the usual ones.
        """
        return {
            "play": self.play, "faster": self.faster, "slower": self.slower,
            "next_event": self.next_event, "previous_event": self.previous_event,
            "next_action": self.next_action, "previous_action": self.previous_action,
            "next_finding": self.next_finding, "previous_finding": self.previous_finding,
            "leap_on": self.leap_on, "leap_back": self.leap_back, "to_start": self.to_start, "to_end": self.to_end,
            "ask_time": self.ask_time, "go_to_time": self.go_to_time,
        }  # fmt: skip

    @property
    def arguments(self) -> Mapping[str, Argument]:
        """See `Controller`."""
        return {"at": Argument(self._jump, is_free=True)}

    @property
    def widgets(self) -> Sequence[Widget]:
        """See `Controller`."""
        return (self._scrubber, self._prompt)

    @property
    def input_scope(self) -> str:
        """See `Controller`."""
        return "time" if self._host.is_in(Mode.TIMING) else ""

    def back(self) -> bool:
        """See `Controller`."""
        is_open = self._host.is_in(Mode.TIMING)
        if is_open:
            self._leave_input()
        return is_open

    # -- drawing --------------------------------------------------------------------------------

    def draw(self, fleet: Fleet) -> None:
        """See `Controller`."""
        playback = self._playback
        if not playback.is_open:
            return
        if playback.skipped_s:
            skipped, playback.skipped_s = playback.skipped_s, 0.0
            self._host.tell(joined(duration(skipped), own(" of silence skipped")))
        if playback.complete and not self._clocks_told:
            self._clocks_told = True
            self._tell_clocks()
        self._scrubber.show_facts(self._facts())

    def restyle(self, pen: Pen) -> None:
        """See `Controller`."""
        self._scrubber.restyle(pen)
        self._prompt.restyle(pen)

    def _tell_clocks(self) -> None:
        """Warns of clocks of parents and children that differ: times between such lanes are unreliable."""
        skews = self._playback.player.skews()
        if not skews:
            return
        worst = max(skews, key=lambda one: abs(one.seconds))
        more = joined(own(" (and "), number(len(skews) - 1), own(" more)")) if len(skews) > 1 else own("")
        apart = safe_text(f"{worst.child} and its parent differ by {abs(worst.seconds):.0f} s", limit=120)
        self._host.tell(joined(own("clocks: "), apart, more, own("; nothing was corrected")), loud=True)

    def _facts(self) -> ScrubberFacts:
        playback, marks = self._playback, self._playback.marks()
        start, end = playback.shown
        found = [ScrubMark(one.since, one.severity) for one in marks.findings if one.since is not None]
        # Only the first step of each order of an operator: further steps would crowd the line.
        first: dict[str, float] = {}
        for entry in self._journal.entries:
            first.setdefault(entry.order, entry.at)
        done = [ScrubMark(at, None) for at in first.values()]
        shown = tuple(mark for mark in (*found, *done) if start <= mark.at <= end)
        return ScrubberFacts(
            start, end, playback.at, marks.start, marks.step_s, marks.burn, shown, playback.speed, playback.playing,
            playback.read_to, self._host.pen.ascii,
        )  # fmt: skip

    # -- the pace -------------------------------------------------------------------------------

    def play(self) -> None:
        """Plays or pauses."""
        self._playback.toggle()
        self._host.tell(own("playing") if self._playback.playing else own("paused"))
        self._host.draw_now()

    def faster(self) -> None:
        """Plays at the next faster speed."""
        self._change_speed(1)

    def slower(self) -> None:
        """Plays at the next slower speed."""
        self._change_speed(-1)

    def _change_speed(self, steps: int) -> None:
        self._playback.change_speed(steps)
        self._host.tell(joined(own("speed "), speed_words(self._playback.speed)))
        self._host.draw_now()

    # -- moving in time -------------------------------------------------------------------------

    def _seek(self, at: float) -> None:
        """Goes to the time that was clicked on the scrubber (seconds UTC)."""
        self._go(at, own(""))

    def _go(self, at: float | None, nothing: SafeText, *, hold: bool = True, is_jump: bool = True) -> bool:
        """Goes to a time and shows it; shows `nothing` if there is no such time. A jump sorts the rows anew."""
        moved = self._playback.step(at) if hold else self._playback.go_to(at)
        if not moved:
            self._host.tell(nothing)
            return False
        if is_jump:
            self._rows.sorts_next = True
        self._host.draw_now()
        self._host.tell(clock(self._playback.at, with_day=True))
        return True

    def next_event(self) -> None:
        """Goes to the next line of any transcript."""
        self._go(self._playback.player.next_event(), own("nothing follows that has been read"), is_jump=False)

    def previous_event(self) -> None:
        """Goes to the previous line."""
        self._go(self._playback.player.previous_event(), own("start of recording"), is_jump=False)

    def next_action(self) -> None:
        """Goes to the next action of any lane."""
        self._to_action(self._playback.player.next_action(), own("no action follows that has been read"))

    def previous_action(self) -> None:
        """Goes to the previous action."""
        self._to_action(self._playback.player.previous_action(), own("no earlier action"))

    def _to_action(self, at: float | None, nothing: SafeText) -> None:
        if not self._go(at, nothing):
            return
        mark = next((mark for mark in self._playback.marks().actions if mark.at == at), None)
        if mark is None:
            return
        if mark.lane in self._rows.order:
            self._table.move_to(mark.lane)
        self._host.tell(joined(clock(mark.at), own("  begins: "), safe_text(mark.name, limit=80)))

    def next_finding(self) -> None:
        """Goes to the time at which the next finding was raised."""
        self._to_finding(self._playback.player.next_finding(), own("no finding follows that has been read"))

    def previous_finding(self) -> None:
        """Goes to the time of the previous finding."""
        self._to_finding(self._playback.player.previous_finding(), own("no earlier finding"))

    def _to_finding(self, at: float | None, nothing: SafeText) -> None:
        if not self._go(at, nothing):
            return
        entry = next((entry for entry in self._findings.model.entries if entry.finding.since == at), None)
        if entry is not None:
            self._findings.select(entry)
            self._host.tell(FindingText(entry.finding).headline, loud=True)
            return
        # A finding has the time of its first step, but was proven later, so it is named although it does not hold yet.
        found = next((one for one in self._playback.marks().findings if one.since == at), None)
        if found is None:
            return
        if found.lane is not None and found.lane in self._rows.order:
            self._table.move_to(found.lane)
        text = FindingText(found)
        self._host.tell(joined(text.kind, own(" begins here: "), text.title))

    def leap_on(self) -> None:
        """Goes forward by a part of the run."""
        self._leap(1)

    def leap_back(self) -> None:
        """Goes back by a part of the run."""
        self._leap(-1)

    def _leap(self, direction: int) -> None:
        start, end = self._playback.shown
        step = max(1.0, (end - start) / LEAP)
        self._go(self._playback.at + direction * step, own(""), hold=False)

    def to_start(self) -> None:
        """Goes to the beginning."""
        self._go(float("-inf"), own(""))

    def to_end(self) -> None:
        """Goes to the last time that has been read."""
        self._go(self._playback.player.last, own(""))

    def ask_time(self) -> None:
        """Opens the input for a time."""
        self._host.enter(Mode.TIMING)
        self._input.focus()
        self._host.redraw_later()

    def go_to_time(self) -> None:
        """Goes to the time that was typed."""
        if self._go_to_text(self._input.text):
            self._leave_input()

    def _go_to_text(self, text: str) -> bool:
        """Goes to the time that a text names. False if it names none, which is said."""
        try:
            at = moment_of(text, self._playback.at, *self._playback.shown, self._playback.marks().actions)
        except ValueError as error:
            self._host.tell(joined(safe_text(text, limit=40), own(": "), safe_text(str(error))), loud=True)
            return False
        self._go(at, own(""))
        return True

    def _jump(self, text: str) -> None:
        self._go_to_text(text)

    def _leave_input(self) -> None:
        self._input.value = ""
        self._host.leave(Mode.TIMING)
        self._table.focus()
        self._host.redraw_later()


class CounterfactualController(Controller):
    """Verbs and policies in a recording, on which they cannot act: shows their possible effects at that time."""

    def __init__(self, host: Host, playback: Playback, table: LaneTable, findings: FindingsController) -> None:
        self._host = host
        self._playback = playback
        self._table = table
        self._findings = findings
        self._asked: tuple[str, float] | None = None
        """The finding and the time of the last result of `what_if`, which is in `_cases`."""
        self._cases: Sequence[Case] = ()
        self._watch: asyncio.Task[None] | None = None

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        verbs: dict[str, Command] = {
            spec.verb.value: lambda verb=spec.verb: self._could_have(verb) for spec in all_verbs()
        }
        refused: dict[str, Command] = {
            name: lambda why=why: self._host.tell(why, loud=True) for name, why in _NOT_HERE.items()
        }
        return {**verbs, **refused, "what_if": self.what_if}

    @property
    def hidden_keys(self) -> Collection[str]:
        """See `Controller`."""
        return (*VERB_KEYS, *LIVE_KEYS)

    def _could_have(self, verb: Verb) -> None:
        """Shows the possible effect of the verb on the lane at the cursor at the present time."""
        now, cursor = self._host.fleet, self._table.cursor
        lane = self._host.lanes.get(cursor) if cursor is not None else None
        if lane is None or now is None:
            self._host.tell(own("there is no lane under the cursor"), loud=True)
            return
        if self._playback.is_thinking:  # the notice says so already
            return
        self._playback.playing = False
        end = self._playback.whole()
        most_severe = self._findings.model.most_severe(lane.id)
        finding = most_severe.finding if most_severe is not None else None
        title = joined(verb_word(verb), own(" · what could have been done at this moment"))
        self._host.open_page(title, lambda cells: could_have_lines(verb, lane, now, end, finding, cells))

    def what_if(self) -> None:
        """Shows where the chosen finding, or a policy, would have acted, and the usage after that."""
        if not self._playback.complete:
            self._host.tell(own("what if: available once all of it has been read"), loud=True)
            return
        if self._playback.is_thinking:
            return
        entry = self._findings.in_hand
        finding = entry.finding if entry is not None else None
        asked = (finding.key if finding is not None else "", self._playback.at)
        if asked == self._asked:
            self._open(self._cases)
            return

        async def work() -> None:
            self._watch = asyncio.create_task(self._tell_progress())
            try:
                cases = await self._playback.what_if(finding)
            finally:
                self._watch.cancel()
            if not cases:
                return
            self._asked, self._cases = asked, cases
            if self._host.is_undisturbed:
                self._host.tell(None)
                self._open(cases)
            else:  # the operator is on another screen by now
                self._host.tell(own("what if: the result is ready, w shows it"))

        self._host.start(work(), group="what_if")

    async def _tell_progress(self) -> None:
        """Shows the progress until it is cancelled."""
        while True:
            share = percent(self._playback.thought)
            self._host.tell(joined(own("what if: going through the run, "), share, own(" done; esc leaves it")))
            await asyncio.sleep(PROGRESS_S)

    def _open(self, cases: Sequence[Case]) -> None:
        end = self._playback.whole()
        self._host.open_page(own("what if"), lambda cells: what_if_lines(cases, end, cells))

    def back(self) -> bool:
        """See `Controller`."""
        if not self._playback.is_thinking:
            return False
        self._playback.leave_what_if()
        if self._watch is not None:
            self._watch.cancel()
        self._host.tell(own("what if: left"))
        return True
