"""Tags on the lanes screen: the operator gives lanes words of his own."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tui.config.tags import Tags
from tui.model.evidence import LaneId
from tui.screen.controller import NOT_KEPT, Argument, Command, Controller, Host, Mode, Value
from tui.screen.table_order import TableController, TableOrder
from tui.screen.undo import UndoController
from tui.screen.widgets.lane_table import LaneTable
from tui.screen.widgets.safe_input import SafeInput
from tui.text.format import number
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import joined, own
from tui.view.names import name_of


class TagsController(Controller):
    """Sets the tags of the marked lanes, or else of the lane at the cursor."""

    def __init__(
        self,
        host: Host,
        tags: Tags,
        rows: TableOrder,
        table: LaneTable,
        ordering: TableController,
        typed: SafeInput,
        undoing: UndoController,
    ) -> None:
        """`typed` is the input for tags."""
        self._host = host
        self._tags = tags
        self._rows = rows
        self._table = table
        self._ordering = ordering
        self._input = typed
        self._undoing = undoing

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        return {"ask_tags": self.ask, "keep_tags": self.keep}

    @property
    def arguments(self) -> Mapping[str, Argument]:
        """See `Controller`."""
        return {"tag": Argument(self.toggle, self._values, is_free=True)}

    @property
    def input_scope(self) -> str:
        """See `Controller`."""
        return "tags" if self._host.is_in(Mode.TAGGING) else ""

    def _values(self) -> list[Value]:
        return [Value(word, own("add this tag, or remove it")) for word in self._tags.words]

    @property
    def _lanes(self) -> Collection[LaneId]:
        """The lanes that a command means: the marked ones, or else those of the row at the cursor."""
        if self._rows.marked:
            return self._rows.marked
        cursor = self._table.cursor
        if cursor is not None and cursor in self._rows.groups:
            return self._rows.groups[cursor].lanes
        return [cursor] if cursor is not None else []

    def toggle(self, word: str) -> None:
        """Adds a tag to the lanes, or removes it if all of them have it."""
        lanes = self._lanes
        if not lanes:
            self._host.tell(own("there is no lane under the cursor"), loud=True)
            return
        before = self._tags_of(lanes)
        try:
            adds = self._tags.toggle(lanes, word.strip())
        except ValueError as error:
            self._host.tell(safe_text(str(error)), loud=True)
            return
        said = own("tagged ") if adds else own("tag removed: ")
        self._changed(before, joined(said, safe_text(word.strip()), own(": "), self._named(lanes)))

    def ask(self) -> None:
        """Opens the input with the tags of the lanes."""
        lanes = self._lanes
        if not lanes:
            self._host.tell(own("there is no lane under the cursor"), loud=True)
            return
        words = dict.fromkeys(word for lane in lanes for word in self._tags.of_lanes.get(lane, ()))
        self._host.leave(Mode.FULL)
        self._host.enter(Mode.TAGGING)
        self._input.value = " ".join(words)
        self._input.focus()
        self._host.redraw_later()

    def keep(self) -> None:
        """Gives the lanes the tags that were typed, and closes the input."""
        lanes, words = self._lanes, self._input.text.replace(",", " ").split()
        before = self._tags_of(lanes)
        try:
            self._tags.set(lanes, words)
        except ValueError as error:
            self._host.tell(safe_text(str(error)), loud=True)
            return
        self.back()
        told = safe_text(" ".join(words), limit=100)
        self._changed(before, joined(own("tags "), told, own(": "), self._named(lanes)) if words else
                      joined(own("no tags: "), self._named(lanes)))  # fmt: skip

    def back(self) -> bool:
        """See `Controller`."""
        is_open = self._host.is_in(Mode.TAGGING)
        if is_open:
            self._input.value = ""
            self._host.leave(Mode.TAGGING)
            self._ordering.focus()
            self._host.redraw_later()
        return is_open

    def _named(self, lanes: Collection[LaneId]) -> SafeText:
        """The name of a single lane, or the number of lanes."""
        if len(lanes) == 1:
            lane = self._host.lanes.get(next(iter(lanes)))
            return name_of(lane) if lane is not None else own("1 lane")
        return joined(number(len(lanes)), own(" lanes"))

    def _tags_of(self, lanes: Collection[LaneId]) -> dict[LaneId, tuple[str, ...]]:
        return {lane: self._tags.of_lanes.get(lane, ()) for lane in lanes}

    def _changed(self, before: Mapping[LaneId, tuple[str, ...]], text: SafeText) -> None:
        """Says what was changed, and lets it be undone. `before`: the tags that the lanes had."""

        def undo() -> None:
            for lane, words in before.items():
                self._tags.set([lane], words)
            self._say(joined(own("undone: "), text))

        self._undoing.add(text, undo)
        self._say(text)

    def _say(self, text: SafeText) -> None:
        self._host.tell(text if self._tags.is_kept else joined(text, NOT_KEPT))
        self._host.draw_now()
