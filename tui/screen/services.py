"""The options of the screen, and the services behind it: for live lanes or for a recording."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import field
from datetime import date
from typing import ClassVar, Protocol

from tui.config.remembered import Remembered
from tui.config.tags import Tags
from tui.config.views import SavedViews
from tui.control.command_run import CommandLog
from tui.control.port import ControlPort
from tui.control.read_only import ReadOnlyControl
from tui.control.recorded_orders import RecordedOrders
from tui.control.user_commands import UserCommand
from tui.history.reading import ReadSoFar, nothing_read
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane
from tui.screen.answer import AnswerController
from tui.screen.away import AwayController
from tui.screen.bindings import LIVE, NOT_IN_REPLAY, REPLAY, Key, user_keys
from tui.screen.budgets import NO_BUDGETS, BudgetDesk, BudgetsController
from tui.screen.control_client import ApplyControl, ControlClient
from tui.screen.controller import Controller, Host
from tui.screen.conversation import ConversationController
from tui.screen.findings import FindingsController
from tui.screen.playback import Playback
from tui.screen.replay import CounterfactualController, TimeController
from tui.screen.search import SearchController, SearchDesk
from tui.screen.table_order import TableOrder
from tui.screen.tour import TourController
from tui.screen.undo import UndoController
from tui.screen.usage import UsageController
from tui.screen.user_commands import UserCommandsController
from tui.screen.verbs import VerbsController
from tui.screen.widgets.lane_table import LaneTable
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, own
from tui.view.columns.base import Sort
from tui.view.columns.registry import first_sort
from tui.view.mutes import Mutes
from tui.view.tour import Tour

Feeding = Callable[[Callable[[], None], Callable[[], float]], Coroutine[None, None, None]]
"""Reads changes until it is cancelled. It calls its first argument whenever there is something new to draw. The second
returns when the operator did something last, in seconds of a monotonic clock.
"""
NO_SEARCH = SearchDesk(list, None, lambda: 0.0)
NO_JOURNAL = RecordedOrders(())


@frozen
class LanesOptions:
    """The options of the lanes screen."""

    sort: Sort = field(default_factory=first_sort)
    reverse: bool = False
    window: int = 1
    """The index of the burn window."""
    ascii: bool = False
    since: SafeText = own("")
    """The time from which history was read, in words."""
    source: SafeText = own("")
    """The source of the lanes in words: `live`, or the paths that were given."""
    columns: tuple[str, ...] = ()
    """Columns of the table from left to right, as they are written in a view; empty: as many as fit."""
    hourly_budget: int = 0
    """The budget of all lanes together in tokens per hour; 0: none."""
    remembered: Remembered = field(default_factory=Remembered)
    """Stores the choices that the operator makes on the screen."""
    views: SavedViews = field(default_factory=SavedViews)
    tags: Tags = field(default_factory=Tags)
    soon: SafeText = own("")
    """The lanes that will be there by themselves, in words; empty: none."""


@frozen
class AppOptions:
    """The options of the app."""

    lanes: LanesOptions
    theme: str
    refresh_ms: int = 50
    """Shortest time between two frames, in milliseconds."""
    bell: bool = True
    """True if the bell rings for lanes that need a person."""
    bell_findings: bool = True
    """True if the bell rings for new findings of severity stop."""
    mouse: bool = True
    notices: tuple[SafeText, ...] = ()
    """Lines that are shown at the start."""
    first_line: SafeText = own("")
    """The keys that matter, shown until the first key; empty: nothing."""
    is_on: tuple[tuple[SafeText, SafeText], ...] = ()
    """The notices, policies and verbs that are on: names and words, for the help page."""


@frozen
class LanesParts:
    """Parts of the lanes screen that a service's own controllers work on."""

    host: Host
    rows: TableOrder
    table: LaneTable
    findings: FindingsController
    control: ControlClient
    key_of: Callable[[str], SafeText]
    """Returns the first key of a binding's id."""
    conversations: ConversationController
    undoing: UndoController


class Services(Protocol):
    """The services behind the screen, and the controllers that only they add."""

    keys: ClassVar[tuple[Key, ...]]
    """The keys of those controllers."""
    refused_keys: ClassVar[tuple[Key, ...]]
    """Keys that cannot act here and say why. They are not offered, and others come before them."""

    @property
    def user_keys(self) -> tuple[Key, ...]:
        """The keys of the user's own commands."""
        ...

    @property
    def feed(self) -> Feeding | None:
        """The work that runs beside the screen; None: nothing changes by itself."""
        ...

    @property
    def mutes(self) -> Mutes | None:
        """The store of muted findings; None: in memory, as long as the screen is open."""
        ...

    def snapshot(self) -> Fleet:
        """All lanes as they are now."""
        ...

    def control(self) -> ControlClient:
        """The access to control, which may refuse all verbs."""
        ...

    def moment(self) -> float | None:
        """The time up to which transcripts are read, in seconds UTC; None: they are followed."""
        ...

    def hold(self) -> None:
        """Pauses recorded time while the operator looks at something other than the table."""
        ...

    def budget_part(self) -> Line:
        """The fullest budget, for the header; empty: there is none."""
        ...

    def history_share(self) -> float | None:
        """The share of all transcripts that was read into the indexes; None: nothing is being read into them."""
        ...

    def drawn(self, fleet: Fleet) -> None:
        """Receives each fleet that was drawn."""
        ...

    def looked_at(self, lanes: Sequence[Lane]) -> None:
        """Receives the lanes that are shown and not judged, the most important first."""
        ...

    def controllers(self, parts: LanesParts) -> Sequence[Controller]:
        """The controllers that only this service adds."""
        ...


@frozen
class LiveServices:
    """The services behind the screen over live lanes."""

    keys: ClassVar[tuple[Key, ...]] = LIVE
    refused_keys: ClassVar[tuple[Key, ...]] = ()
    take_snapshot: Callable[[], Fleet]
    feed: Feeding | None = None
    port: ControlPort | None = None
    """Carries out verbs; None: verbs are not possible."""
    apply_control: ApplyControl | None = None
    """Called with the control of all lanes after each look."""
    closings: tuple[tuple[str, str], ...] = ()
    """Closing templates: names and texts."""
    on_drawn: Callable[[Fleet], None] | None = None
    """Called with each fleet that was drawn."""
    judge_first: Callable[[Sequence[str]], None] | None = None
    """Called with the transcripts of lanes that are shown and not judged, the most important first."""
    mutes: Mutes | None = None
    clock: Callable[[], float] = time.monotonic
    """A clock in seconds that measures how long a question has been shown."""
    commands: tuple[UserCommand, ...] = ()
    """The user's own commands."""
    command_log: CommandLog | None = None
    """Writes them to the audit log; None: they are refused."""
    tour: Tour | None = None
    search: SearchDesk = NO_SEARCH
    """The transcripts of the search through all conversations."""
    usage: ReadSoFar = nothing_read
    """Reads the usage of all transcripts, as far as it is known."""
    budgets: BudgetDesk = NO_BUDGETS
    """The budgets and how much of them is used."""
    history: Callable[[], float | None] = lambda: None
    """The share of all transcripts that was read into the indexes; None: nothing is being read into them."""
    today: Callable[[], date] = date.today
    """The local day."""

    @property
    def user_keys(self) -> tuple[Key, ...]:
        """See `Services`."""
        return user_keys(self.commands)

    def snapshot(self) -> Fleet:
        """See `Services`."""
        return self.take_snapshot()

    def control(self) -> ControlClient:
        """See `Services`."""
        return ControlClient(self.port, self.apply_control, self.closings)

    def moment(self) -> float | None:
        """See `Services`."""
        return None

    def hold(self) -> None:
        """See `Services`: live lanes cannot be paused so."""

    def budget_part(self) -> Line:
        """See `Services`."""
        return self.budgets.header()

    def history_share(self) -> float | None:
        """See `Services`."""
        return self.history()

    def drawn(self, fleet: Fleet) -> None:
        """See `Services`."""
        if self.on_drawn is not None:
            self.on_drawn(fleet)

    def looked_at(self, lanes: Sequence[Lane]) -> None:
        """See `Services`."""
        if self.judge_first is not None:
            self.judge_first([lane.path for lane in lanes])

    def controllers(self, parts: LanesParts) -> Sequence[Controller]:
        """See `Services`."""
        answers = AnswerController(parts.host, parts.control, parts.table, self.clock)
        parts.conversations.answer = answers.begin
        return (
            VerbsController(
                parts.host, parts.control, parts.rows, parts.table, parts.findings, parts.undoing, self.clock
            ),
            UserCommandsController(parts.host, parts.table, parts.control, self.commands, self.command_log, self.clock),
            *([TourController(parts.host, parts.table, self.tour)] if self.tour is not None else []),
            answers,
            AwayController(parts.host, parts.table, parts.findings, parts.key_of("fleet.away")),
            SearchController(parts.host, self.search, parts.conversations, parts.key_of),
            UsageController(parts.host, self.usage, self.today, parts.key_of),
            BudgetsController(parts.host, self.budgets),
        )


@frozen
class ReplayServices:
    """The services behind the screen over a recording."""

    keys: ClassVar[tuple[Key, ...]] = REPLAY
    refused_keys: ClassVar[tuple[Key, ...]] = NOT_IN_REPLAY
    playback: Playback
    journal: RecordedOrders = NO_JOURNAL
    """The orders of an operator in the recording."""
    mutes: Mutes | None = None
    search: SearchDesk = NO_SEARCH
    """The transcripts of the search through all conversations of the recording."""
    plays: bool = True
    """True if it reads and plays; False: nothing changes by itself."""
    tour: Tour | None = None

    @property
    def user_keys(self) -> tuple[Key, ...]:
        """See `Services`. Nothing is run for a lane of a recording."""
        return ()

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

    def moment(self) -> float | None:
        """See `Services`."""
        return self.playback.at

    def hold(self) -> None:
        """See `Services`."""
        self.playback.playing = False

    def budget_part(self) -> Line:
        """See `Services`: a budget is for now."""
        return ()

    def history_share(self) -> float | None:
        """See `Services`: a recording is read as a whole."""
        return None

    def drawn(self, fleet: Fleet) -> None:
        """See `Services`."""

    def looked_at(self, lanes: Sequence[Lane]) -> None:
        """See `Services`."""

    def controllers(self, parts: LanesParts) -> Sequence[Controller]:
        """See `Services`."""
        host, rows, table, findings = parts.host, parts.rows, parts.table, parts.findings
        return (
            TimeController(host, self.playback, self.journal, rows, table, findings),
            CounterfactualController(host, self.playback, table, findings),
            SearchController(host, self.search, parts.conversations, parts.key_of),
            *([TourController(host, table, self.tour)] if self.tour is not None else []),
        )
