"""Since you looked away: keeps a picture of the fleet from when the operator left, and tells what happened since."""

from __future__ import annotations

from collections.abc import Mapping

from tui.model.snapshot import Fleet
from tui.screen.controller import Command, Controller, Host
from tui.screen.findings import FindingsController
from tui.screen.pick import PickScreen
from tui.screen.widgets.lane_table import LaneTable
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, own
from tui.view.away import Away, away_between, away_head, away_line, away_title, away_words

AWAY_S = 30.0
"""Seconds without the focus of the terminal after which it is told what happened."""
PAUSE_S = 60.0
"""Seconds without a key and without the mouse that count as looking away, for terminals that do not tell of focus."""


class AwayController(Controller):
    """Tells in one line and lists what happened since the operator looked away.

    Times are those of the pictures, in seconds UTC. Pictures are immutable, and at most two are kept. What happened is
    found once, at the return; the line and the list show the same.
    """

    def __init__(self, host: Host, table: LaneTable, findings: FindingsController, key: SafeText) -> None:
        """`key` shows the list."""
        self._host = host
        self._table = table
        self._findings = findings
        self._key = key
        self._acted: Fleet | None = None
        """The picture at the last key or action of the mouse."""
        self._blurred: Fleet | None = None
        """The picture at the loss of the focus; None while the terminal has it."""
        self._away: Away | None = None
        """What had happened when the operator came back last."""
        self._line: SafeText | None = None
        """The line that was shown on the return."""

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        return {"away": self.show}

    def note_input(self, *, by_key: bool) -> None:
        """See `Controller`. A key removes the line; a click does not, because a click may have brought the focus."""
        self._end_pause()
        if by_key and self._line is not None:
            if self._host.notice == self._line:
                self._host.tell(None)
            self._line = None

    def _end_pause(self) -> None:
        now = self._host.fleet
        if now is None:
            return
        is_told = self._line is not None and self._host.notice == self._line
        if self._acted is not None and now.at - self._acted.at >= PAUSE_S and not is_told:
            self._away = self._between(self._acted, now)
        self._acted = now

    def note_blur(self) -> None:
        """See `Controller`."""
        self._end_pause()
        self._blurred = self._host.fleet

    def note_focus(self) -> None:
        """See `Controller`."""
        before, self._blurred = self._blurred, None
        self._host.draw_now()
        self._end_pause()
        now = self._host.fleet
        if before is None or now is None or now.at - before.at < AWAY_S:
            return
        self._away = self._between(before, now)
        self._line = away_words(self._away, self._key, self._table.size.width - 3)
        self._host.tell(self._line, stays=True)
        self._host.tell_reader(self._line)

    def _between(self, before: Fleet, now: Fleet) -> Away:
        return away_between(before, now, self._findings.model.entries)

    def show(self) -> None:
        """Lists what happened since the operator looked away; the lane that is chosen there gets the cursor."""
        away = self._away
        if away is None:
            self._host.tell(own("you have not looked away: no pause of a minute so far"))
            return
        pen = self._host.pen

        def row(at: int, cells: int) -> Line:
            return away_line(away.rows[at], cells, ascii_only=pen.ascii)

        async def work() -> None:
            page = PickScreen(
                away_title(away), len(away.rows), row, pen, own("go to the lane"), lambda cells: away_head(away, cells)
            )
            chosen = await self._host.ask(page)
            lane = away.rows[chosen].lane if chosen is not None else None
            if lane is not None and self._findings.go_to(lane.id):
                self._table.focus()

        self._host.start(work(), group="away", exclusive=True)
