"""The tour on the lanes screen: one line with the present step. When it is done, the next step follows."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widget import Widget

from tui.model.snapshot import Fleet
from tui.screen.controller import Controller, Host, Mode
from tui.screen.widgets.lane_table import LaneTable
from tui.screen.widgets.lines import LinesBar, Pen
from tui.view.tour import Tour, TourFacts


class TourController(Controller):
    """Shows the steps and checks them."""

    def __init__(self, host: Host, table: LaneTable, tour: Tour) -> None:
        self._host = host
        self._table = table
        self._tour = tour
        self._began_at = 0.0
        self._is_placed = False
        """True if the cursor was brought to the place of the present step."""
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
        step, facts = self._tour.step, self._facts(fleet)
        if step is not None and step.is_done(facts):
            if step.then:
                self._host.tell_reader(step.then)
            self._next()
        self._bring(self._facts(fleet))
        lines = self._tour.lines(self._bar.size.width)
        self._bar.styles.height = len(lines)
        self._bar.show(lines)

    def _facts(self, fleet: Fleet) -> TourFacts:
        cursor = self._host.lanes.get(self._table.cursor) if self._table.cursor is not None else None
        return TourFacts(fleet, cursor, self._host.is_reading, self._began_at)

    def _bring(self, facts: TourFacts) -> None:
        """Brings the cursor to the place of a step once, when the step begins and its lane is shown."""
        step = self._tour.step
        if step is None or self._is_placed or self._host.is_reading:
            return
        self._is_placed = True
        lane = step.place(facts)
        if lane is not None:
            self._table.move_to(lane)

    def _next(self) -> None:
        self._tour.at += 1
        self._began_at = 0.0
        self._is_placed = False

    def back(self) -> bool:
        """Skips the step, if nothing else is open."""
        if self._tour.step is None or not self._host.is_undisturbed:
            return False
        if self._host.is_in(Mode.FULL) or self._host.is_in(Mode.FINDINGS):
            return False
        self._next()
        self._host.redraw()
        return True
