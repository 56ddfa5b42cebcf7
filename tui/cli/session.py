"""Shared by all commands that read lanes: paths, prices, thresholds and the time."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.arguments import JudgeWhat
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
from tui.ledger.prices import PriceError, PriceTable
from tui.model.event import UnreadableLine
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet
from tui.sources.discover import OUTSIDE, Root, RootKind, Roots, homes, places
from tui.sources.found import Found
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Printed
from tui.text.times import TIME, moment

if TYPE_CHECKING:
    from tui.cli.running_demo import RunningDemo
    from tui.config.remembered import Remembered
    from tui.config.views import SavedViews


WORKERS_FROM_BYTES = 32 << 20
"""The size of the transcripts from which on worker processes judge them: judging them takes some seconds."""


ENDED_S = 3600.0
"""Of transcripts that have not changed for this many seconds, only what was found is kept in memory."""


class CommandError(Exception):
    """An error that stops a command, as one clear line. Exit code 1."""


@frozen
class Common:
    """The options that the reading commands share, as given on the command line."""

    paths: tuple[str, ...] = ()
    since: str | None = None
    config: str | None = None
    demo: RunningDemo | None = None
    """The demo whose lanes are meant; None: the user's own."""

    @classmethod
    def of(cls, given: argparse.Namespace) -> Common:
        """The options from a command line with `arguments.paths`, and maybe `arguments.demo`.

        Raises:
            CommandError: the lanes of a demo are meant, and none runs.
        """
        if not getattr(given, "demo", False):
            return cls(tuple(given.paths), given.since, given.config)
        from tui.cli.running_demo import running_demo

        demo = running_demo()
        if demo is None:
            raise CommandError("no demo runs: start `lanewatch demo` in another terminal")
        if given.paths:
            raise CommandError("--demo means the lanes of the demo: name no other path")
        return cls.of_demo(demo, given.config)

    @classmethod
    def of_demo(cls, demo: RunningDemo, config: str | None) -> Common:
        """The lanes of a demo."""
        return cls((str(demo.home),), None, config, demo)


@frozen
class Reading:
    """What was read once."""

    live: LiveFleet
    found: Sequence[Found]
    """The transcripts, before they were read."""
    is_all: bool
    """Whether `found` are all that there are."""
    fleet: Fleet


def now() -> float:
    """The time now in seconds UTC. Only commands read the clock; all other code receives the time."""
    return time.time()


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


def warn(text: str) -> None:
    """Prints one line on standard error about a problem that does not stop the command."""
    sys.stderr.write(f"lanewatch: {safe_text(text, limit=2000)}\n")


def price_table(settings: Settings) -> PriceTable:
    """The shipped prices, overridden by those of the user's file.

    Raises:
        CommandError: the user's file cannot be read or used.
    """
    shipped = PriceTable.shipped()
    if not settings.prices.file:
        return shipped
    path = Path(settings.prices.file).expanduser()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: the price file cannot be read: {error}") from error
    try:
        return shipped.merged(PriceTable.load(text, str(path)))
    except PriceError as error:
        raise CommandError(str(error)) from error


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


def named_roots(common: Common) -> tuple[list[Root], list[UnreadableLine], SafeText]:
    """The named paths, those that cannot be read, and a description of them.

    Raises:
        CommandError: none of the paths exists.
    """
    named, refused = places(common.paths)
    if not named:
        raise CommandError("; ".join(f"{skip.path}: {skip.why}" for skip in refused))
    words = common.paths[0] if len(common.paths) == 1 else f"{len(common.paths)} paths"
    return named, refused, safe_text(words, limit=40)


def home_roots(settings: Settings) -> list[Root]:
    """The agents' homes that exist, and the paths of the settings."""
    return [*own_homes(), *_extra(settings)]


def own_homes() -> list[Root]:
    """The agent homes of the user, as the environment names them. Verbs can act only on lanes in them."""
    return homes(os.environ, Path.home())


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


def _extra(settings: Settings) -> list[Root]:
    return [Root(str(Path(path).expanduser()), None, RootKind.FOLDER) for path in settings.watch.paths]


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


def say_aside(lines: Iterable[SafeText]) -> None:
    """Prints progress to standard error at once; the result goes to standard output."""
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    sys.stderr.flush()


def say(lines: Iterable[Printed]) -> None:
    """Prints lines to standard output: on a terminal in colours and wrapped at words."""
    from tui.cli.ansi import show

    show(lines, sys.stdout)
