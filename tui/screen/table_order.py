"""Which rows stand in the table, and in which places: they keep them until a person asks for another order."""

from __future__ import annotations

from collections.abc import Mapping

from tui.model.evidence import LaneId
from tui.model.snapshot import Fleet
from tui.view.arrange import Filter, Sort, arrange
from tui.view.flags import Flag


class Rows:
    """The order on the screen, and what it follows from."""

    def __init__(self, sort: Sort) -> None:
        self.sort = sort
        self.reverse = False
        self.filter = Filter()
        self.folded: frozenset[LaneId] = frozenset()
        self.order: list[LaneId] = []
        self.touched = False
        """A person pressed a key."""
        self._kept: list[LaneId] = []
        self._arranged: tuple[object, ...] = ()

    def arrange(self, fleet: Fleet, flags: Mapping[LaneId, Flag], *, anew: bool = False) -> None:
        """Puts lanes that came and went into the order; `anew` sorts everything by what is true now."""
        ids = tuple(lane.id for lane in fleet.lanes)
        parents = tuple(lane.parent for lane in fleet.lanes)
        # While history is still being read and no key was pressed, the order may follow; then it stands.
        settling = not self.touched and not fleet.scan.complete
        version = fleet.version if self.filter.text or settling else 0
        wanted = (ids, parents, self.filter, self.folded, version)
        if not anew and wanted == self._arranged:
            return
        keep = None if anew or settling or not self.order else self._order_kept()
        self.order = arrange(fleet, self.sort, self.filter, self.folded, keep, reverse=self.reverse, flags=flags)
        self._arranged = wanted
        if keep is None:
            self._kept = list(self.order)

    def next_sort(self) -> None:
        """The next column to sort by."""
        orders = list(Sort)
        self.sort = orders[(orders.index(self.sort) + 1) % len(orders)]

    def _order_kept(self) -> list[LaneId]:
        known = set(self._kept)
        self._kept += [lane for lane in self.order if lane not in known]
        return self._kept
