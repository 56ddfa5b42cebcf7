"""Shared by all commands that read lanes: paths, prices, thresholds and the time."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.arguments import JudgeWhat
from tui.cli.common import CommandError, Common, home_roots, named_roots, now, own_homes, price_table, warn
from tui.config.load import load_settings
from tui.config.mutes import Mutes
from tui.config.paths import Paths
from tui.config.schema import Settings
from tui.config.tags import Tags
from tui.fleet.deferral import ALL_AT_ONCE, Deferral, EndedDeferred, LargeDeferred
from tui.fleet.feed import EventsUntil, Listener
from tui.fleet.live import LiveFleet
from tui.fleet.refresh import LIVE, RefreshPolicy
from tui.fleet.supervisor import Supervisor
from tui.io.workers import processors
from tui.ledger.prices import PriceTable
from tui.model.event import UnreadableLine
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet
from tui.sources.discover import OUTSIDE, Root, Roots
from tui.sources.found import Found
from tui.text.safe_text import SafeText, safe_text
from tui.text.times import TIME, moment

if TYPE_CHECKING:
    from tui.config.remembered import Remembered
    from tui.config.views import SavedViews


WORKERS_FROM_BYTES = 32 << 20
"""The size of the transcripts from which on worker processes judge them: judging them takes some seconds."""


ENDED_S = 3600.0
"""Of transcripts that have not changed for this many seconds, only what was found is kept in memory."""


@frozen
class Reading:
    """What was read once."""

    live: LiveFleet
    found: Sequence[Found]
    """The transcripts, before they were read."""
    is_all: bool
    """Whether `found` are all that there are."""
    fleet: Fleet


def midnight(at: float) -> float:
    """The beginning of the local day of `at`, in seconds UTC; `at` itself if the calendar does not contain it."""
    try:
        return datetime.fromtimestamp(at).astimezone().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    except (ValueError, OverflowError, OSError):
        return at


def settings_of(common: Common) -> Settings:
    """The settings from the named file, or from the usual place.

    Raises:
        ConfigError: the file is wrong; the message names file, line and key.
    """
    paths = Paths.of(os.environ, Path.home())
    return load_settings(Path(common.config) if common.config else None, paths)


def mutes_of(tell: Callable[[str], None] | None = None) -> Mutes:
    """The mutes. Without `tell`, a problem with the file is printed as a line on standard error."""
    return Mutes(Paths.of(os.environ, Path.home()).mutes, tell or warn)


def remembered_of(settings: Settings, tell: Callable[[str], None], *, kept: bool) -> Remembered:
    """The choices that the operator made on the screen.

    Without `kept`, only the configuration counts, and nothing is written.
    """
    from tui.config.remembered import Choices, Remembered

    file = Paths.of(os.environ, Path.home()).remembered if kept else None
    return Remembered(file, Choices.configured(settings), tell)


def views_of(tell: Callable[[str], None], *, kept: bool) -> SavedViews:
    """The views that the operator saved. Without `kept`, there are none, and nothing is written."""
    from tui.config.views import SavedViews

    return SavedViews(Paths.of(os.environ, Path.home()).views if kept else None, tell)


def tags_of(tell: Callable[[str], None] | None = None, *, kept: bool = True) -> Tags:
    """The tags that the operator gave to lanes. Without `kept`, there are none, and nothing is written."""
    return Tags(Paths.of(os.environ, Path.home()).tags if kept else None, tell or warn)


def supervisor_of(
    settings: Settings,
    prices: PriceTable | None = None,
    listener: Listener | None = None,
    until: float | None = None,
    refresh: RefreshPolicy = LIVE,
) -> Supervisor:
    """A new Supervisor for these settings; see `live_fleet`.

    Raises:
        CommandError: the user's price file cannot be used.
    """
    return Supervisor(
        prices or price_table(settings), settings.state,
        limits=settings.judge.limits(), off=settings.judge.kinds_off(),
        fleet_budget=settings.burn.hourly_budget_tokens, listener=listener,
        only=EventsUntil(until) if until is not None else None, refresh=refresh,
    )  # fmt: skip


def deferral_of(judge: JudgeWhat, settings: Settings, at: float) -> Deferral:
    """The choice of lanes that are judged later; `at` is the present time in seconds UTC."""
    if judge is JudgeWhat.ALL:
        return judged_by_workers()
    return EndedDeferred(at - settings.judge.recent_s, settings.judge.whole_mib * 1024 * 1024)


def judged_by_workers() -> Deferral:
    """The choice by which worker processes judge all lanes if there is enough to judge: see `judge_in_workers`."""
    return LargeDeferred(WORKERS_FROM_BYTES) if processors() > 1 else ALL_AT_ONCE


def live_fleet(
    common: Common,
    settings: Settings,
    prices: PriceTable | None = None,
    listener: Listener | None = None,
    until: float | None = None,
    deferral: Deferral = ALL_AT_ONCE,
) -> tuple[LiveFleet, SafeText]:
    """A fleet that is not reading yet, and a description of what it reads.

    Args:
        common: the paths, or none: the agents' homes. Verbs act only on lanes of the user's homes, or of the demo's.
        settings: thresholds, budgets, prices.
        prices: as the settings name them, for a caller who needs them too.
        listener: receives each event after the Supervisor did.
        until: seconds UTC; later events are left out, as if they had not happened yet.
        deferral: which lanes are judged later.

    Raises:
        CommandError: none of the named paths exists.
    """
    where: Sequence[Root] | Roots = lambda: home_roots(settings)  # noqa: E731 (evaluated again each time)
    refused: list[UnreadableLine] = []
    source = safe_text("live")
    own, outside = own_homes, OUTSIDE
    if common.demo is not None:
        own, outside = common.demo.own_homes, common.demo.outside
        where = common.demo.roots
    elif common.paths:
        where, refused, source = named_roots(common)
    supervisor = supervisor_of(settings, prices, listener, until)
    cap = settings.watch.line_cap_mib * 1024 * 1024
    ended_before = now() - ENDED_S if listener is None else float("-inf")  # a listener may ask the judges
    live = LiveFleet(where, supervisor, cap, own, deferral, outside, ended_before)
    live.refuse(refused)
    return live, source


def since_of(common: Common, settings: Settings, at: float) -> tuple[float | None, SafeText]:
    """The time from which transcripts are read (None: all), and its description. Named paths are read completely.

    Raises:
        CommandError: it is neither a duration nor a time.
    """
    from tui.settings.kinds import parse_since

    text = common.since or ("all" if common.paths else settings.screen.since)
    try:
        seconds = parse_since(text)
    except ValueError as error:
        try:
            return moment(text, at), safe_text(f"since {text}")
        except ValueError:
            raise CommandError(f"--since {text}: {error}, or a time such as 07:12 or {TIME}") from error
    if seconds is None:
        return None, safe_text("all history")
    return at - seconds, safe_text(f"last {text}")
