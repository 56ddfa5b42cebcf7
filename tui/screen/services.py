"""How the screen begins, and what stands behind it: over live lanes, or over a recording."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import field
from typing import ClassVar, Protocol

from tui.control.port import ControlPort
from tui.control.read_only import ReadOnlyControl
from tui.control.recorded_orders import RecordedOrders
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet
from tui.screen.bindings import LIVE, REPLAY, Key
from tui.screen.control_client import ApplyControl, ControlClient
from tui.screen.controller import Controller, Host
from tui.screen.findings import FindingsController
from tui.screen.playback import Playback
from tui.screen.replay import CounterfactualController, TimeController
from tui.screen.table_order import TableOrder
from tui.screen.verbs import VerbsController
from tui.screen.widgets.lane_table import LaneTable
from tui.text.safe_text import SafeText
from tui.text.styled_text import own
from tui.view.columns.base import Sort
from tui.view.columns.registry import first_sort
from tui.view.mutes import Mutes

Feeding = Callable[[Callable[[], None]], Coroutine[None, None, None]]
"""Brings changes until it is cancelled, and calls what it is given whenever there is something new to draw."""
NO_JOURNAL = RecordedOrders(())


@frozen
class LanesOptions:
    """How the lanes screen begins."""

    sort: Sort = field(default_factory=first_sort)
    window: int = 1
    """Index of the burn window."""
    ascii: bool = False
    since: SafeText = own("")
    """How far back history was read, in words."""
    source: SafeText = own("")
    """What is shown: `live`, or the paths that were given."""
    columns: tuple[str, ...] = ()
    """Columns of the table, the most important first; empty: as many as fit."""
    hourly_budget: int = 0
    """Tokens per hour that all lanes together may burn; 0: none."""


@frozen
class AppOptions:
    """How the app begins."""

    lanes: LanesOptions
    theme: str
    refresh_ms: int = 50
    """Shortest time between two frames, in milliseconds."""
    bell: bool = True
    """The bell rings for lanes that need a person."""
    bell_findings: bool = True
    """The bell rings for new findings of severity stop."""
    mouse: bool = True
    notices: tuple[SafeText, ...] = ()
    """What is said first."""


@frozen
class LanesParts:
    """Parts of the lanes screen that the controllers of a service work on."""

    host: Host
    rows: TableOrder
    table: LaneTable
    findings: FindingsController
    control: ControlClient


class Services(Protocol):
    """What stands behind the screen, and the controllers that only it has."""

    keys: ClassVar[tuple[Key, ...]]
    """Keys of those controllers."""

    @property
    def feed(self) -> Feeding | None:
        """What runs beside the screen; None: nothing changes by itself."""
        ...

    @property
    def mutes(self) -> Mutes | None:
        """Where muted findings are kept; None: in memory, as long as the screen is open."""
        ...

    def snapshot(self) -> Fleet:
        """All lanes as they are now."""
        ...

    def control(self) -> ControlClient:
        """How lanes are controlled, or why not."""
        ...

    def drawn(self, fleet: Fleet) -> None:
        """Hears of a fleet that was drawn."""
        ...

    def controllers(self, parts: LanesParts) -> Sequence[Controller]:
        """The controllers that only this service has."""
        ...


@frozen
class LiveServices:
    """What stands behind the screen over live lanes."""

    keys: ClassVar[tuple[Key, ...]] = LIVE
    take_snapshot: Callable[[], Fleet]
    feed: Feeding | None = None
    port: ControlPort | None = None
    """Who gives verbs to lanes; None: nobody."""
    apply_control: ApplyControl | None = None
    """Called with what became of the lanes under control."""
    closings: tuple[tuple[str, str], ...] = ()
    """Closing templates: names and texts."""
    on_drawn: Callable[[Fleet], None] | None = None
    """Called with each fleet that was drawn."""
    mutes: Mutes | None = None
    clock: Callable[[], float] = time.monotonic
    """Seconds, for how long a question has been shown."""

    def snapshot(self) -> Fleet:
        """See `Services`."""
        return self.take_snapshot()

    def control(self) -> ControlClient:
        """See `Services`."""
        return ControlClient(self.port, self.apply_control, self.closings)

    def drawn(self, fleet: Fleet) -> None:
        """See `Services`."""
        if self.on_drawn is not None:
            self.on_drawn(fleet)

    def controllers(self, parts: LanesParts) -> Sequence[Controller]:
        """See `Services`."""
        return (VerbsController(parts.host, parts.control, parts.rows, parts.table, parts.findings, self.clock),)


@frozen
class ReplayServices:
    """What stands behind the screen over a recording."""

    keys: ClassVar[tuple[Key, ...]] = REPLAY
    playback: Playback
    journal: RecordedOrders = NO_JOURNAL
    """What an operator did in the recording."""
    mutes: Mutes | None = None
    plays: bool = True
    """Whether it reads on and plays; False: nothing moves by itself."""

    @property
    def feed(self) -> Feeding | None:
        """See `Services`."""
        return self.playback.run if self.plays else None

    def snapshot(self) -> Fleet:
        """See `Services`."""
        return self.playback.snapshot()

    def control(self) -> ControlClient:
        """See `Services`."""
        return ControlClient(ReadOnlyControl(self.journal, lambda: self.playback.at), None)

    def drawn(self, fleet: Fleet) -> None:
        """See `Services`."""

    def controllers(self, parts: LanesParts) -> Sequence[Controller]:
        """See `Services`."""
        host, rows, table, findings = parts.host, parts.rows, parts.table, parts.findings
        return (
            TimeController(host, self.playback, self.journal, rows, table, findings),
            CounterfactualController(host, self.playback, table, findings),
        )
