"""The tour on the lanes screen: one line with the present step. When it is done, the next step follows."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widget import Widget

from tui.model.snapshot import Fleet
from tui.screen.controller import Controller, Host, Mode
from tui.screen.widgets.lane_table import LaneTable
from tui.screen.widgets.lines import LinesBar, Pen
from tui.view.tour import Step, TourFacts, tour_line


class TourController(Controller):
    """Shows the steps and checks them."""

    def __init__(self, host: Host, table: LaneTable, steps: Sequence[Step], before: int = 0) -> None:
        """`before` steps came before these."""
        self._host = host
        self._table = table
        self._steps = steps
        self._before = before
        self._at = 0
        self._began_at = 0.0
        self._bar = LinesBar(host.pen, id="tour")

    @property
    def widgets(self) -> Sequence[Widget]:
        """See `Controller`."""
        return (self._bar,)

    def restyle(self, pen: Pen) -> None:
        """See `Controller`."""
        self._bar.restyle(pen)

    def draw(self, fleet: Fleet) -> None:
        """See `Controller`."""
        if not fleet.lanes:
            return
        self._began_at = self._began_at or fleet.at
        cursor = self._host.lanes.get(self._table.cursor) if self._table.cursor is not None else None
        facts = TourFacts(fleet, cursor, self._host.is_reading, self._began_at)
        if self._at < len(self._steps) and self._steps[self._at].is_done(facts):
            self._next()
        self._bar.show([tour_line(self._steps, self._at, self._before, self._bar.size.width)])

    def _next(self) -> None:
        self._at += 1
        self._began_at = 0.0

    def back(self) -> bool:
        """Skips the step, if nothing else is open."""
        if self._at >= len(self._steps) or not self._host.is_undisturbed:
            return False
        if self._host.is_in(Mode.FULL) or self._host.is_in(Mode.FINDINGS):
            return False
        self._next()
        self._host.redraw()
        return True
