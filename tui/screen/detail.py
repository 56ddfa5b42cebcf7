"""The detail of the lane at the cursor, shown below the table or instead of it."""

from __future__ import annotations

from collections.abc import Mapping

from tui.model.snapshot import Fleet, Lane
from tui.screen.control_client import ControlClient
from tui.screen.controller import Command, Controller, Host, Mode
from tui.screen.findings import FindingsController
from tui.screen.table_order import TableController
from tui.screen.widgets.lane_table import LaneTable
from tui.screen.widgets.lines import LinesPanel
from tui.text.safe_text import SafeText
from tui.text.styled_text import word
from tui.view.control_lines import control_section
from tui.view.detail import detail_lines
from tui.view.lane_findings import judged_of

EVERY_S, QUIET_EVERY_S = 1.0, 5.0
"""Seconds after which an unchanged detail is drawn again, because its ages change; the second for a silent lane."""
NO_LANE = (word(" no lane at the cursor: the filter shows it no more; esc goes back", "dim"),)
SILENT_S = 60.0
"""A lane is silent when its last event is this many seconds old."""


class DetailController(Controller):
    """Draws the detail, opens it in full, and closes it."""

    def __init__(
        self,
        host: Host,
        panel: LinesPanel,
        table: LaneTable,
        ordering: TableController,
        findings: FindingsController,
        control: ControlClient,
        stronger_key: SafeText,
    ) -> None:
        """`stronger_key` is the key that takes the stronger step of an overdue order."""
        self._host = host
        self._panel = panel
        self._table = table
        self._ordering = ordering
        self._findings = findings
        self._control = control
        self._stronger_key = stronger_key
        self._drawn: tuple[Lane | None, float] = (None, 0.0)
        """The lane that was drawn last, and the time of that (seconds UTC)."""

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        return {"open": self.open}

    @property
    def lane(self) -> Lane | None:
        """The lane at the cursor."""
        return self._host.lanes.get(self._table.cursor) if self._table.cursor is not None else None

    def draw(self, fleet: Fleet, *, whole: bool = True) -> None:
        """Draws the detail if it is visible.

        Unless `whole`, draws it only if the lane changed or the time for its ages has passed.
        """
        if not self._panel.display:
            return
        lane = self.lane
        if not whole and lane is self._drawn[0] and abs(fleet.at - self._drawn[1]) < _every(lane, fleet.at):
            return
        self._drawn = (lane, fleet.at)
        cells = self._panel.lines_width
        if lane is None:
            self._panel.show([NO_LANE] if self._host.is_in(Mode.FULL) else [])
            return
        model, ascii_only = self._findings.model, self._host.pen.ascii
        judged = judged_of(lane, fleet, model.entries, model.chosen)
        lines = detail_lines(lane, cells, fleet.at, window=self._ordering.window, ascii_only=ascii_only, judged=judged)
        lines += control_section(lane, self._control.orders, cells, self._stronger_key)
        self._panel.show(lines)

    def draw_from_top(self) -> None:
        """Draws the detail of another lane from its first line on."""
        if self._host.fleet is not None:
            self._panel.scroll_to(y=0, animate=False, immediate=True)
            self.draw(self._host.fleet)

    def open(self) -> None:
        """Shows the lane in full. From the list of findings: with the evidence of the finding at the cursor."""
        if self._findings.has_focus:
            entry = self._findings.listed
            if entry is None or not self._findings.choose(entry):
                return
        if self.lane is None:
            if self._table.cursor is not None:
                self._ordering.fold(self._table.cursor, None)  # the row of a group
            return
        self._host.enter(Mode.FULL)
        self._panel.focus()
        self._host.redraw_later()

    def leave_full(self) -> bool:
        """Closes the lane in full. False if it is not shown."""
        if not self._host.is_in(Mode.FULL):
            return False
        self._host.leave(Mode.FULL)
        if self._host.is_in(Mode.FINDINGS):
            self._findings.focus()
        else:
            self._table.focus()
        return True


def _every(lane: Lane | None, now: float) -> float:
    """Seconds after which the unchanged detail of a lane is drawn again."""
    last = lane.last_event if lane is not None else None
    return QUIET_EVERY_S if last is not None and now - last > SILENT_S else EVERY_S
