"""Findings on the lanes screen: listing them, moving between them, opening and muting them."""

from __future__ import annotations

from collections.abc import Mapping

from tui.model.evidence import LaneId
from tui.model.snapshot import Fleet
from tui.screen.controller import Command, Controller, Host, Mode
from tui.screen.findings_model import FindingsModel
from tui.screen.table_order import TableOrder
from tui.screen.widgets.finding_list import FindingList, FindingsState
from tui.screen.widgets.lane_table import LaneTable
from tui.screen.widgets.lines import LinesPanel
from tui.screen.widgets.safe_input import SafeInput
from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, own
from tui.view.arrange import next_needing
from tui.view.finding_text import FindingText
from tui.view.findings import ListedFinding, Visit, past_words, walked
from tui.view.names import name_of
from tui.view.unjudged import unjudged, unjudged_words


class FindingsController(Controller):
    """The list of findings, the steps from one to the next, and mutes."""

    def __init__(
        self,
        host: Host,
        model: FindingsModel,
        rows: TableOrder,
        table: LaneTable,
        detail: LinesPanel,
        panel: FindingList,
        mute_input: SafeInput,
        list_key: SafeText,
    ) -> None:
        """`list_key` shows the list of findings."""
        self.model = model
        self._host = host
        self._rows = rows
        self._table = table
        self._detail = detail
        self._panel = panel
        self._input = mute_input
        self._list_key = list_key
        self._muting: ListedFinding | None = None
        self._walked_to: tuple[Visit, SafeText] | None = None
        """Where the last step went, with the notice about it."""

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        return {
            "findings": self.toggle_list, "next_finding": self.next, "previous_finding": self.previous,
            "mute": self.ask_mute, "keep_mute": self.keep_mute,
        }  # fmt: skip

    @property
    def input_scope(self) -> str:
        """See `Controller`."""
        return "mute" if self._host.is_in(Mode.MUTING) else ""

    @property
    def has_focus(self) -> bool:
        """True if the list has the focus of the lanes screen, even while a page is shown above the screen."""
        return self._panel.screen.focused is self._panel

    def focus(self) -> None:
        """Gives the focus to the list."""
        self._panel.focus()

    @property
    def listed(self) -> ListedFinding | None:
        """The finding at the cursor of the list; None unless the list has the focus."""
        return self._panel.entry if self.has_focus else None

    @property
    def in_hand(self) -> ListedFinding | None:
        """The finding that a key refers to: that at the cursor of the list, or else the most severe of the lane."""
        if self.has_focus:
            return self._panel.entry
        lane = self._table.cursor
        return self.model.most_severe(lane) if lane is not None else None

    def draw(self, fleet: Fleet) -> None:
        """See `Controller`."""
        self._refresh_notice()
        if not self._panel.display:
            return
        lanes, entries = self._host.lanes, self.model.entries
        names = {
            entry.lane: name_of(lanes[entry.lane])
            for entry in entries
            if entry.lane is not None and entry.lane in lanes
        }
        self._panel.show(FindingsState(entries, names, fleet.at, self._host.pen.ascii, unjudged(fleet)))

    # -- the list -------------------------------------------------------------------------------

    def toggle_list(self) -> None:
        """Shows or hides the list of findings below the table."""
        if self._host.is_in(Mode.FINDINGS) and not self._host.is_in(Mode.FULL):
            self._host.back()
            return
        self._host.leave(Mode.FULL)
        self._host.enter(Mode.FINDINGS)
        self._panel.focus()
        self._panel.call_after_refresh(self._show_list)

    def _show_list(self) -> None:
        self._host.redraw()
        self._panel.select(self.model.chosen)

    def leave_list(self) -> bool:
        """Hides the list. False if it is not shown."""
        is_open = self._host.is_in(Mode.FINDINGS)
        if is_open:
            self._host.leave(Mode.FINDINGS)
            self._table.focus()
        return is_open

    # -- from one to the next -------------------------------------------------------------------

    def next(self) -> None:
        """Goes to the next finding; without findings, to the next lane that needs a person."""
        self._walk(1)

    def previous(self) -> None:
        """Goes to the previous finding."""
        self._walk(-1)

    def _walk(self, direction: int) -> None:
        entry = self.model.step(direction, self._rows.order)
        self._walked_to = None
        if entry is not None:
            if self.select(entry):
                notice = self._walked(entry)
                self._walked_to = entry, notice
                self._host.tell(notice)
            return
        lane = next_needing(self._rows.order, self._host.lanes, self._table.cursor, back=direction < 0)
        if lane is None:
            self._host.tell(self._nothing())
            return
        self._table.move_to(lane)
        self._host.tell(None)

    def _walked(self, entry: Visit) -> SafeText:
        return walked(entry, self.model.heard(self._rows.order), is_over=self.model.is_over(entry))

    def _refresh_notice(self) -> None:
        """Corrects the notice about the last step while it is shown: what it tells may be over, or have changed."""
        if self._walked_to is None:
            return
        entry, notice = self._walked_to
        if self._host.notice != notice:
            self._walked_to = None
            return
        now = next((each for each in self.model.heard(self._rows.order) if each.id == entry.id), None)
        if now is None:
            self._walked_to = None
            self._host.correct(None)
        elif (corrected := self._walked(now)) != notice:
            self._walked_to = now, corrected
            self._host.correct(corrected)

    def _nothing(self) -> SafeText:
        fleet = self._host.fleet
        missing = unjudged(fleet) if fleet is not None else 0
        past = past_words(self.model.entries, self._host.lanes)
        if past:
            past = joined(past, own(": "), self._list_key, own(" lists them"))
        if not missing:
            return joined(own("no finding holds now, and no lane needs you"), past)
        words = own("no finding so far, and no lane needs you; ")
        return joined(words, unjudged_words(missing), own(" yet"), past)

    def select(self, entry: Visit) -> bool:
        """Moves the cursors of list and table to a finding. False, with a notice, if its lane is not visible."""
        self._panel.select(entry.id)
        return self.choose(entry)

    def choose(self, entry: Visit) -> bool:
        """Moves the cursor of the table to the finding's lane. False, with a notice, if the lane is not visible."""
        self.model.chosen = entry.id
        if entry.lane is None:
            self._host.tell(own("this finding is of no single lane"))
            return False
        return self.go_to(entry.lane)

    def go_to(self, lane: LaneId) -> bool:
        """Moves the cursor of the table to a lane. False, with a notice, if it is not visible."""
        if lane not in self._host.lanes:
            self._host.tell(own("its lane is gone"))
            return False
        self._rows.unfold_above(lane, self._host.lanes)
        self._host.redraw()
        if lane not in self._rows.order:
            self._host.tell(own("the filter hides its lane"))
            return False
        self._table.move_to(lane)
        self._host.redraw()
        return True

    # -- mutes ----------------------------------------------------------------------------------

    def ask_mute(self) -> None:
        """Asks for a reason and then mutes the finding; unmutes one that is muted."""
        entry = self.in_hand
        if entry is None or not entry.finding.is_open:
            said = own("nothing to mute here") if entry is None else own("it is over: there is nothing to mute")
            self._host.tell(said)
            self._host.forget_typed()
            return
        if entry.mute is not None:
            self.model.unmute(entry)
            self._host.tell(joined(own("unmuted: "), FindingText(entry.finding).kind))
            self._host.redraw()
            return
        self._muting = entry
        self._input.hint(joined(own('why is "'), FindingText(entry.finding).kind, own('" fine here?')))
        self._host.enter(Mode.MUTING)
        self._input.focus()
        self._host.redraw_later()

    def keep_mute(self) -> None:
        """Mutes the finding with the reason that was typed; without a reason nothing is muted."""
        reason = self._input.text.strip()
        if not reason:
            self._host.tell(own("a mute needs a reason; esc cancels"), loud=True)
            return
        fleet = self._host.fleet
        if self._muting is not None and fleet is not None:
            self.model.mute(self._muting, reason, fleet.at)
            self._host.tell(joined(own("muted: "), FindingText(self._muting.finding).kind))
        self.leave_input()
        self._host.redraw_later()

    def leave_input(self) -> bool:
        """Closes the input without muting. False if it is not open."""
        if not self._host.is_in(Mode.MUTING):
            return False
        self._muting = None
        self._input.value = ""
        self._host.leave(Mode.MUTING)
        full, listed = self._host.is_in(Mode.FULL), self._host.is_in(Mode.FINDINGS)
        panel = self._detail if full else self._panel if listed else self._table
        panel.focus()
        return True
