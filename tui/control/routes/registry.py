"""All routes, and the facts about this machine that they need."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from tui.control.folder import ControlFolder
from tui.control.routes.asked import asked_requests
from tui.control.routes.base import RouteDriver, Surroundings
from tui.control.routes.daemon import DaemonRoute
from tui.control.routes.gate import GateRoute
from tui.control.routes.gate_client import has_waiting_hook, sessions
from tui.control.routes.process import ProcessRoute
from tui.control.routes.tmux.client import Pane, TmuxError, all_panes
from tui.control.routes.tmux.route import PaneRoute
from tui.control.subjects import recording_words
from tui.model.control import Route, RouteKind
from tui.model.pending import PendingRequest
from tui.model.snapshot import Lane

if TYPE_CHECKING:
    from collections.abc import Iterator

DRIVERS: list[type[RouteDriver]] = [GateRoute, DaemonRoute, PaneRoute, ProcessRoute]
"""Every kind of route. A new one is added here."""


class Routes:
    """The routes of one control service. `list_panes` returns the panes of every tmux server of the user."""

    def __init__(self, folder: ControlFolder, list_panes: Callable[[], list[Pane]] = all_panes) -> None:
        made = sorted((make(folder) for make in DRIVERS), key=lambda driver: driver.place)
        self._drivers = {driver.kind: driver for driver in made}
        self._folder = folder
        self._list_panes = list_panes

    def __getitem__(self, kind: RouteKind) -> RouteDriver:
        return self._drivers[kind]

    def __iter__(self) -> Iterator[RouteDriver]:
        return iter(self._drivers.values())

    @property
    def daemon(self) -> DaemonRoute:
        """The route by the daemon's socket."""
        return cast("DaemonRoute", self._drivers[RouteKind.API])

    @property
    def pane(self) -> PaneRoute:
        """The route by the tmux pane."""
        return cast("PaneRoute", self._drivers[RouteKind.TMUX])

    @property
    def process(self) -> ProcessRoute:
        """The route by the client's process."""
        return cast("ProcessRoute", self._drivers[RouteKind.PROCESS])

    def look(self) -> Surroundings:
        """The sessions and panes that exist now. Reads files and asks tmux; takes a few milliseconds."""
        known = sessions(self._folder)
        try:
            found, why = {pane.pid: pane for pane in self._list_panes()}, ""
        except TmuxError as error:
            found, why = {}, str(error)
        return Surroundings(
            known, frozenset(key for key in known if has_waiting_hook(self._folder, key)), found, why,
            asked_requests(self._folder), (self._folder.path / "gate" / "gate.sh").exists(),
        )  # fmt: skip

    def to(self, lane: Lane, main: Lane, around: Surroundings) -> tuple[Route, ...]:
        """Every route to a lane, the strongest first. `main` is the main lane of its session."""
        if why := recording_words(lane, main):
            return tuple(driver.shut(why) for driver in self)
        return tuple(driver.probe(lane, main, around) for driver in self)

    def pending(self, lane: Lane, main: Lane, around: Surroundings) -> tuple[PendingRequest, ...]:
        """The requests of a lane that wait for a person, by all routes, the oldest first."""
        found = [request for driver in self for request in driver.pending(lane, main, around)]
        return tuple(sorted(found, key=lambda request: request.asked_at or 0.0))
