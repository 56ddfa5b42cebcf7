"""The split between the table and the panel below it.

The table takes the rows that it needs and the panel the rest, until the operator moves the split by keys, with the
mouse or by a command. The height that the operator chose is remembered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.widget import Widget

from tui.config.remembered import Remembered
from tui.screen.controller import Argument, Command, Controller, Host, Mode, Value
from tui.text.safe_text import safe_text
from tui.text.styled_text import joined, own

STEP = 5
"""The percentage of the screen by which a key moves the split."""
LEAST, MOST = 10, 80
LEAST_ROWS = 3
PANEL_PERCENT, PANEL_ROWS = 44, 10
"""The least height of the panel in percent of the screen and in rows, until the operator moves the split."""
LIST_ROWS, FRAME_ROWS = 8, 2
"""The least height of the list of findings, and the rows of its frame and its headings."""
TABLE_ROWS = 4
"""The least height of the table, its headings among them."""
AUTOMATIC = "auto"


class SplitController(Controller):
    """Sets the height of the panels below the table."""

    def __init__(self, host: Host, table: Widget, panels: Sequence[Widget], remembered: Remembered) -> None:
        """`panels`: the detail and the list of findings, of which one is shown at a time."""
        self._host = host
        self._table = table
        self._panels = panels
        self._remembered = remembered
        self._share = remembered.chosen.split
        """The height of the panel in percent of the screen; 0: what the table leaves."""
        self._fitted = 0
        """The height of the panel that the table leaves, in rows; 0: not known yet."""
        self.is_dragged = False

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        return {"panel_larger": lambda: self._change(STEP), "panel_smaller": lambda: self._change(-STEP)}

    @property
    def arguments(self) -> Mapping[str, Argument]:
        """See `Controller`."""
        return {"split": Argument(self._set_typed, _values)}

    def apply(self) -> None:
        """Gives the panels their height. A lane in full has the height of the style sheet."""
        has_own = self._share > 0 and not self._host.is_in(Mode.FULL)
        for panel in self._panels:
            if has_own:
                panel.styles.height = f"{self._share}%"
                panel.styles.min_height = LEAST_ROWS
                continue
            panel.styles.clear_rule("min_height")
            if self._fitted and not self._host.is_in(Mode.FULL):
                panel.styles.height = self._fitted
            else:
                panel.styles.clear_rule("height")

    @property
    def share(self) -> int:
        """The height of the panel in percent of the screen; 0: what the table leaves."""
        return self._share

    def restore(self, share: int) -> None:
        """Gives the panel the height that it had."""
        if share != self._share:
            self._set(share)
            self._remembered.keep(split=share)

    @property
    def room(self) -> int:
        """The rows that the table and the panel below it have together."""
        screen = self._table.screen
        ours = {self._table, *self._panels}
        return screen.size.height - sum(
            one.outer_size.height for one in screen.children if one.display and one not in ours
        )

    def fit(self, rows: int, listed: int | None = None) -> None:
        """Gives the panel what a table of so many rows, its headings among them, leaves. 0: its least height.

        `listed`: the rows of the list in the panel, which may be lower; None: it shows a lane. The table does not
        shrink while a filter is typed. If the operator chose a height, nothing changes.
        """
        panel = self._shown
        if panel is None or self._share or not panel.outer_size.height:
            return
        least = max(PANEL_ROWS, panel.screen.size.height * PANEL_PERCENT // 100)
        if listed is not None:
            least = min(least, max(LIST_ROWS, listed + FRAME_ROWS))
        height = max(least, self.room - max(rows, TABLE_ROWS)) if rows else least
        if self._host.is_in(Mode.FILTERING):
            height = min(height, panel.outer_size.height)
        if height != panel.outer_size.height:
            self._fitted = height
            self.apply()

    # -- by a key ---------------------------------------------------------------------------------

    def _change(self, percent: int) -> None:
        panel = self._shown
        if panel is None:
            self._host.tell(own("no panel below the table: it needs a taller screen; enter shows the lane"))
            return
        now = self._share or round(100 * panel.outer_size.height / panel.screen.size.height)
        self._set(now + percent)
        self.keep()

    def _set_typed(self, text: str) -> None:
        self._set(0 if text == AUTOMATIC else int(text))
        self.keep()

    def _set(self, share: int) -> None:
        self._share = max(LEAST, min(MOST, share)) if share else 0
        self.apply()
        self._host.redraw_later()

    def keep(self) -> None:
        """Remembers the split and says where it is."""
        self._remembered.keep(split=self._share)
        said = joined(own("panel "), safe_text(str(self._share)), own("% of the screen"))
        self._host.tell(said if self._share else own("the panel has its usual height"))

    # -- by the mouse -----------------------------------------------------------------------------

    @property
    def _shown(self) -> Widget | None:
        """The panel below the table; None if there is none, or if it covers the table."""
        if self._host.is_in(Mode.FULL):
            return None
        return next((panel for panel in self._panels if panel.display), None)

    def is_at(self, row: int) -> bool:
        """True if the row of the screen is the line between table and panel."""
        panel = self._shown
        return panel is not None and panel.region.y == row

    def drag_to(self, row: int) -> None:
        """Moves the line between table and panel to a row of the screen."""
        panel = self._shown
        if panel is None:
            return
        rows = panel.screen.size.height
        share = round(100 * (panel.region.bottom - row) / rows)
        if share != self._share:
            self._set(share)


def _values() -> list[Value]:
    shares = [Value(str(share), own("percent of the screen")) for share in range(20, MOST + 1, 10)]
    return [Value(AUTOMATIC, own("the usual height")), *shares]
