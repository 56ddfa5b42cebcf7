"""The list of findings: one line per finding, and a cursor that stays on its finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.model.evidence import LaneId
from tui.model.frozen import frozen
from tui.screen.bindings import MOVES, bindings
from tui.screen.widgets.lines import Pen
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, own
from tui.view.finding_text import FindingText
from tui.view.findings import EntryRow, FindingId, ListedFinding, empty_list, entry_line, head_line


@frozen
class FindingsState:
    """The content of the list."""

    entries: Sequence[ListedFinding] = ()
    names: Mapping[LaneId, SafeText] = field(default_factory=dict[LaneId, SafeText])
    now: float = 0.0
    ascii: bool = False
    unjudged: int = 0
    """The number of lanes whose findings are not known."""


_Row = tuple[Line, bool]
"""A drawn row, and whether the cursor is on it."""


class FindingList(ScrollView, can_focus=True, inherit_bindings=False):
    """One row per finding below a line of titles."""

    BINDINGS = bindings(MOVES)
    DEFAULT_CSS = """
    FindingList { width: 100%; height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; }
    """

    class Moved(Message):
        """The cursor was moved to another finding."""

        def __init__(self, entry: ListedFinding) -> None:
            super().__init__()
            self.entry = entry

    class Opened(Message):
        """A finding was opened."""

        def __init__(self, entry: ListedFinding) -> None:
            super().__init__()
            self.entry = entry

    def __init__(self, pen: Pen, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pen = pen
        self._state = FindingsState()
        self._cursor: FindingId | None = None
        self._row = 0
        self._drawn: list[_Row] = []

    @property
    def entry(self) -> ListedFinding | None:
        """The finding under the cursor."""
        return self._state.entries[self._row] if self._row < len(self._state.entries) else None

    def show(self, state: FindingsState) -> None:
        """Shows these findings. Only visible rows that changed are drawn.

        The cursor stays on its finding, or else in its row.
        """
        if len(state.entries) != len(self._state.entries):
            self.virtual_size = Size(self.size.width, len(state.entries) + 1)
        self._state = state
        places = [entry.id for entry in state.entries]
        if self._cursor in places:
            self._row = places.index(self._cursor)
        else:
            self._row = min(self._row, max(0, len(places) - 1))
            self._cursor = places[self._row] if places else None
        self._refresh_changed()

    def restyle(self, pen: Pen) -> None:
        """Uses the pen of another theme."""
        self._pen = pen
        self.refresh()

    def select(self, entry: FindingId | None) -> None:
        """Moves the cursor to a finding, if it is in the list, and scrolls to it."""
        for row, each in enumerate(self._state.entries):
            if each.id == entry:
                self._place(row)

    def render_line(self, y: int) -> Strip:
        """Draws the line of titles, or one visible row."""
        width = self.size.width
        if y == 0:
            return self._pen.strip(head_line(self._state.entries, width, self._state.unjudged), width, "panel")
        line, under_cursor = self._line(y)
        return self._pen.strip(line, width, "cursor" if under_cursor else "surface")

    def _line(self, y: int) -> _Row:
        row = y - 1 + self.scroll_offset.y
        state = self._state
        if not state.entries and row == 0:
            return empty_list(self.size.width, self._state.unjudged)[0], False
        if row >= len(state.entries):
            return (), False
        entry = state.entries[row]
        finding = FindingText(entry.finding)
        name = state.names.get(entry.lane, own("?")) if entry.lane is not None else finding.whose
        return entry_line(entry, EntryRow(name, state.now, state.ascii), self.size.width), row == self._row

    def _refresh_changed(self) -> None:
        width, height = self.size
        now = [self._line(y) for y in range(1, height)]
        for y, row in enumerate(now, 1):
            if y > len(self._drawn) or self._drawn[y - 1] != row:
                self.refresh(Region(0, y, width, 1))
        self.refresh(Region(0, 0, width, 1))
        self._drawn = now

    def _place(self, row: int) -> None:
        self._row = row
        self._cursor = self._state.entries[row].id
        top, page = self.scroll_offset.y, max(1, self.size.height - 1)
        if row < top:
            self.scroll_to(y=row, animate=False, immediate=True)
        elif row >= top + page:
            self.scroll_to(y=row - page + 1, animate=False, immediate=True)
        self._refresh_changed()

    def _move_to(self, row: int) -> None:
        if not self._state.entries:
            return
        self._place(min(len(self._state.entries) - 1, max(0, row)))
        self.post_message(self.Moved(self._state.entries[self._row]))

    def action_move(self, rows: int) -> None:
        """Moves one or more rows down or up."""
        self._move_to(self._row + rows)

    def action_move_page(self, pages: int) -> None:
        """Moves pages down or up."""
        self._move_to(self._row + pages * max(1, self.size.height - 1))

    def action_move_end(self, direction: int) -> None:
        """Moves to the first or the last finding."""
        self._move_to(self._row + direction * len(self._state.entries))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Marks every row as changed after a scroll."""
        super().watch_scroll_y(old_value, new_value)
        self._drawn = []

    def on_resize(self, event: events.Resize) -> None:
        """Marks every row as changed after a resize."""
        self.virtual_size = Size(event.size.width, len(self._state.entries) + 1)
        self._drawn = []

    def on_click(self, event: events.Click) -> None:
        """Selects the finding under the mouse; a second click opens it."""
        place = event.get_content_offset(self)
        row = place.y - 1 + self.scroll_offset.y if place is not None else -1
        if place is None or place.y < 1 or row >= len(self._state.entries):
            return
        self._move_to(row)
        if event.chain > 1:
            self.post_message(self.Opened(self._state.entries[row]))
