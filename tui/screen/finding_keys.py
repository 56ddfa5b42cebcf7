"""What a person does with findings on the main screen: list them, walk them, open them, mute them."""

from __future__ import annotations

from textual import on
from textual.screen import Screen
from textual.widgets import Input

from tui.model.evidence import LaneId
from tui.model.snapshot import Fleet, Lane
from tui.screen.findings_model import FindingDesk
from tui.screen.table_order import Rows
from tui.screen.widgets.finding_list import FindingList
from tui.screen.widgets.lane_table import LaneTable
from tui.screen.widgets.lines import LinesPanel, Pen
from tui.screen.widgets.safe_input import SafeInput
from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, own
from tui.view.arrange import next_needing
from tui.view.findings import KINDS, Entry, walked


class FindingKeys(Screen[None]):
    """The part of the main screen that these keys work on. What it draws, and when, is for the whole to say."""

    def __init__(self, pen: Pen, desk: FindingDesk, rows: Rows, columns: tuple[str, ...]) -> None:
        super().__init__()
        self.rows = rows
        self.table = LaneTable(pen, columns, id="table")
        self.detail = LinesPanel(pen, id="detail")
        self.findings = FindingList(pen, id="findings")
        self._mute_input = SafeInput(own(""), id="mute")
        self._desk = desk
        self._muting: Entry | None = None
        self._fleet: Fleet | None = None
        self._lanes: dict[LaneId, Lane] = {}

    def tell(self, notice: SafeText | None, *, loud: bool = False) -> None:
        """Says something in the status line."""
        raise NotImplementedError

    def action_back(self) -> None:
        """One step back."""
        raise NotImplementedError

    def action_open(self) -> None:
        """The lane in full."""
        raise NotImplementedError

    def _redraw(self) -> None:
        raise NotImplementedError

    def action_findings(self) -> None:
        """The findings below the table, or away with them."""
        if self.has_class("-findings") and not self.has_class("-full"):
            self.action_back()
            return
        self.remove_class("-full")
        self.add_class("-findings")
        self.findings.focus()
        self.call_after_refresh(self._show_findings)

    def _show_findings(self) -> None:
        self._redraw()
        self.findings.select(self._desk.chosen)

    def action_next_finding(self) -> None:
        """The next finding; without any, the next lane that needs a person."""
        self._walk(1)

    def action_previous_finding(self) -> None:
        """The finding before."""
        self._walk(-1)

    def _walk(self, direction: int) -> None:
        entry = self._desk.step(direction)
        if entry is not None:
            self.findings.select(entry.id)
            if self._choose(entry):
                self.tell(walked(entry, self._desk.heard))
            return
        lane = next_needing(self.rows.order, self._lanes, self.table.cursor, back=direction < 0)
        if lane is None:
            self.tell(own("nothing to tell, and no lane needs you"))
            return
        self.table.move_to(lane)
        self.tell(None)

    @on(FindingList.Moved)
    def _finding_moved(self, event: FindingList.Moved) -> None:
        self._choose(event.entry)

    @on(FindingList.Opened)
    def _finding_opened(self) -> None:
        self.action_open()

    def _choose(self, entry: Entry) -> bool:
        """Selects the finding's lane. False, and said, if it cannot be seen."""
        self._desk.chosen = entry.id
        lane = entry.lane
        if lane is None or lane not in self._lanes:
            self.tell(own("this finding is of no single lane") if lane is None else own("its lane is gone"))
            return False
        above = self._lanes[lane].parent
        while above is not None and above in self._lanes:
            self.rows.folded -= {above}
            above = self._lanes[above].parent
        self._redraw()
        if lane not in self.rows.order:
            self.tell(own("the filter hides its lane"))
            return False
        self.table.move_to(lane)
        self._redraw()
        return True

    def action_mute(self) -> None:
        """Asks why, then mutes the finding; one that is muted is heard again."""
        entry = self.findings.entry if self.focused is self.findings else self._finding_here()
        if entry is None or not entry.finding.is_open:
            self.tell(own("nothing to mute here") if entry is None else own("it is over: there is nothing to mute"))
            return
        if entry.mute is not None:
            self._desk.unmute(entry)
            self.tell(joined(own("heard again: "), KINDS[entry.finding.kind]))
            self._redraw()
            return
        self._muting = entry
        self._mute_input.placeholder = joined(own('why is "'), KINDS[entry.finding.kind], own('" fine here?'))
        self.add_class("-muting")
        self._mute_input.focus()
        self.call_after_refresh(self._redraw)

    def _finding_here(self) -> Entry | None:
        lane = self.table.cursor
        return self._desk.gravest(lane) if lane is not None else None

    @on(Input.Submitted, "#mute")
    def action_keep_mute(self) -> None:
        """Mutes with the reason that was typed; without one nothing is muted."""
        reason = self._mute_input.text.strip()
        if not reason:
            self.tell(own("a mute needs a reason; esc cancels"), loud=True)
            return
        if self._muting is not None and self._fleet is not None:
            self._desk.mute(self._muting, reason, self._fleet.at)
            self.tell(joined(own("muted: "), KINDS[self._muting.finding.kind]))
        self._end_muting()
        self.call_after_refresh(self._redraw)

    def _end_muting(self) -> None:
        self._muting = None
        self._mute_input.value = ""
        self.remove_class("-muting")
        panel = self.detail if self.has_class("-full") else self.findings if self.has_class("-findings") else self.table
        panel.focus()
