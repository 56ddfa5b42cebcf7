"""The status line: order and filter of the table, the last notice, and lanewatch's own cost."""

from __future__ import annotations

from tui.ledger.burn import WINDOWS_S
from tui.model.snapshot import Fleet
from tui.screen.table_order import TableController, TableOrder
from tui.screen.widgets.lines import LinesBar
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import own
from tui.view.status import StatusFacts, status_lines

NARROW = 80
"""On narrower screens the rows have no words of state, so the line names the lane that needs a person most."""


class StatusLine:
    """Shows a notice until another replaces it."""

    def __init__(
        self, bar: LinesBar, rows: TableOrder, ordering: TableController, hide_key: SafeText, sort_key: SafeText
    ) -> None:
        """`hide_key` changes which lanes are hidden, `sort_key` sorts the rows again."""
        self._bar = bar
        self._rows = rows
        self._ordering = ordering
        self._hide_key = hide_key
        self._sort_key = sort_key
        self._loud = False
        self.moved = 0
        """The number of rows that sorting would move."""
        self.notice: SafeText | None = None
        """The last notice; None if it was removed."""
        self.own_cost: SafeText | None = None
        """Lanewatch's own cost; None if it is not shown."""

    def tell(self, notice: SafeText | None, *, loud: bool) -> None:
        """Shows a notice from the next redraw on; `loud` for a refusal or a failure."""
        self.notice, self._loud = notice, loud

    def correct(self, notice: SafeText | None) -> None:
        """Shows another text in place of the present notice."""
        self.notice = notice

    def draw(self, fleet: Fleet, cells: int) -> None:
        """Draws one line, or as many as a refusal needs."""
        rows = self._rows
        facts = StatusFacts(
            rows.sort, rows.reverse, rows.filter, rows.shown, len(fleet.lanes), WINDOWS_S[self._ordering.window],
            self.notice, self._loud, self.own_cost, len(rows.marked), self._ordering.filter_problems,
            safe_text(rows.group.name) if rows.group is not None else own(""), rows.hidden, self._hide_key, self.moved,
            self._sort_key, self._ordering.worst() if cells < NARROW else (), self._ordering.urgent(),
        )  # fmt: skip
        lines = status_lines(facts, cells)
        self._bar.styles.height = len(lines)
        self._bar.show(lines)
