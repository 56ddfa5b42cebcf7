"""`lanewatch replay`: shows the screen on recorded time, or writes a screenshot or an asciicast of it."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.arguments import TimeOfDay
from tui.cli.common import CommandError, Common, home_roots, named_roots, now, warn
from tui.cli.journal import journal_of
from tui.cli.live import ScreenArgs, has_terminal, window_of
from tui.cli.policy import policy_of
from tui.cli.session import midnight, mutes_of, remembered_of, settings_of, since_of, supervisor_of, tags_of, views_of
from tui.config.schema import Settings
from tui.io.files import atomic_write
from tui.model.frozen import frozen
from tui.replay.player import Player
from tui.replay.recording import Recording
from tui.replay.time_expression import moment_of
from tui.text.safe_text import safe_text
from tui.text.styled_text import joined, own

if TYPE_CHECKING:
    from tui.screen.app import LanewatchApp
    from tui.screen.playback import Playback
    from tui.view.tour import Tour

FILM_SPEED = 600.0


@frozen
class ReplayArgs:
    """The options of a replay, as given. Times are seconds UTC, or a time of day of the recording, in UTC."""

    speed: float | None = None
    """Recorded seconds per second; infinity: as fast as possible. None: the default."""
    at: float | TimeOfDay | None = None
    first: float | TimeOfDay | None = None
    last: float | TimeOfDay | None = None
    policy: str | None = None
    """A file with the policy that `w` tries."""
    screenshot: str | None = None
    cast: str | None = None
    size: tuple[int, int] = (120, 40)


def run(common: Common, args: ReplayArgs, screen: ScreenArgs, tour: Tour | None = None) -> int:
    """Shows the recording until the operator quits, or writes the requested screenshot or asciicast.

    `tour` is shown beside it.

    Raises:
        CommandError: there is no terminal, none of the paths exists, or a file cannot be written.
    """
    if args.screenshot or args.cast:
        return _filmed(common, args, screen)
    if not has_terminal():
        raise CommandError("a replay needs a terminal; --screenshot, --cast and `lanewatch report` do without")
    settings = settings_of(common)
    app, playback = _app(common, settings, args, screen, tour=tour)
    app.run(mouse=settings.screen.mouse and screen.mouse)
    playback.player.recording.close()
    return app.return_code or 0


def recorded(common: Common, settings: Settings) -> Player:
    """A player of the named paths, or of the agents' homes; nothing has been read yet.

    Raises:
        CommandError: none of the paths exists.
    """
    roots, refused, _ = named_roots(common) if common.paths else (home_roots(settings), [], own(""))
    recording = Recording(roots, settings.watch.line_cap_mib * 1024 * 1024)
    recording.refuse(refused)
    return Player(recording, lambda refresh: supervisor_of(settings, refresh=refresh), midnight)


def _app(
    common: Common,
    settings: Settings,
    args: ReplayArgs,
    screen: ScreenArgs,
    *,
    feeds: bool = True,
    tour: Tour | None = None,
) -> tuple[LanewatchApp, Playback]:
    """The screen over the recording. Without `feeds`, nothing is read and time does not advance by itself."""
    from tui.cli.search import index_folder, transcripts
    from tui.screen.app import LanewatchApp
    from tui.screen.keymap import KeyTable
    from tui.screen.playback import Playback
    from tui.screen.search import SearchDesk
    from tui.screen.services import AppOptions, LanesOptions, ReplayServices
    from tui.screen.themes import Themes
    from tui.view.columns.registry import sort_named

    since, words = since_of(common, settings, now())
    journal = journal_of(common.paths)
    early: list[str] = []
    tags = tags_of(early.append, kept=feeds)

    def apply(player: Player) -> None:
        player.supervisor.apply_control(journal.control_at(player.at))
        player.supervisor.apply_tags(tags.of_lanes)

    at, first, last = _on_their_day((args.at, args.first, args.last), lambda: _start(common, settings, since))
    speed = args.speed if args.speed is not None else FILM_SPEED if args.cast else 60.0
    playback = Playback(
        recorded(common, settings), since=since, at=at, first=first, last=last, speed=speed, playing=at is None,
        rules=policy_of(args.policy, settings), apply=apply,
    )  # fmt: skip
    source = Path(common.paths[0]).name if len(common.paths) == 1 else f"{len(common.paths)} paths"
    remembered = remembered_of(settings, early.append, kept=feeds)
    chosen = remembered.chosen
    lanes = LanesOptions(
        sort_named(chosen.sort), chosen.reverse, window_of(chosen.window_s), settings.screen.ascii or screen.ascii,
        words,
        joined(own("replay of "), safe_text(source if common.paths else "all homes", limit=40)),
        chosen.columns, settings.burn.hourly_budget_tokens, remembered, views_of(early.append, kept=feeds), tags,
    )  # fmt: skip
    themes = Themes.load(settings, os.environ)
    unknown = themes.problem(screen.theme or chosen.theme)
    early += [*themes.notices, *([unknown] if unknown and unknown not in themes.notices else [])]
    options = AppOptions(
        lanes, screen.theme or chosen.theme, settings.screen.refresh_ms, bell=False, bell_findings=False,
        mouse=settings.screen.mouse and screen.mouse,
        notices=tuple(safe_text(text) for text in early),
    )  # fmt: skip
    folder = None if common.paths else index_folder(common, settings)
    desk = SearchDesk(lambda: transcripts(common, settings), folder, lambda: playback.at, is_recorded=True)
    services = ReplayServices(playback, journal, mutes_of(warn), search=desk, plays=feeds, tour=tour)
    return LanewatchApp(options, themes, KeyTable(settings.keys), services), playback


def _on_their_day(times: Sequence[float | TimeOfDay | None], start: Callable[[], float | None]) -> list[float | None]:
    """The times in seconds UTC. A time of day is that of the recording's first day that has it.

    `start` finds the recording's first time.

    Raises:
        CommandError: there is no such time of day, or the recording has no time.
    """
    begins = start() if any(isinstance(one, TimeOfDay) for one in times) else 0.0
    if begins is None:
        raise CommandError("nothing in the recording has a time")
    return [_of_day(one, begins) if isinstance(one, TimeOfDay) else one for one in times]


def _start(common: Common, settings: Settings, since: float | None) -> float | None:
    """The first time of the recording in seconds UTC. It is read apart, since a recording is opened once."""
    recording = recorded(common, settings).recording
    recording.open(since)
    recording.close()
    return recording.start


def _of_day(text: TimeOfDay, start: float) -> float:
    try:
        return moment_of(text, start, start, math.inf)
    except ValueError as error:
        raise CommandError(f"{text}: {error}") from error


def _filmed(common: Common, args: ReplayArgs, screen: ScreenArgs) -> int:
    from tui.screen.filming import film, photograph

    if args.screenshot and args.screenshot != "-" and Path(args.screenshot).suffix.lower() != ".svg":
        raise CommandError(f"{args.screenshot}: a screenshot is an SVG: name it FILE.svg")
    settings = settings_of(common)
    app, playback = _app(common, settings, args, screen, feeds=False)
    playback.open(whole=True)
    if args.screenshot:
        _write(args.screenshot, lambda write: write(photograph(app, args.size)))
    if args.cast:
        if args.screenshot:  # an app can run only once
            app, playback = _app(common, settings, args, screen, feeds=False)
            playback.open(whole=True)
        title = f"lanewatch replay of {Path(common.paths[0]).name if common.paths else 'all homes'}"
        _write(args.cast, lambda write: film(app, playback, args.size, title, write))
    return 0


def _write(name: str, make: Callable[[Callable[[str], object]], object]) -> None:
    """Writes a whole file by rename, readable by its owner alone; `-` is standard output."""
    if name == "-":
        make(sys.stdout.write)
        return
    path = Path(name)
    try:
        # Readable by the owner alone, like a report: it shows what agents did.
        with atomic_write(path) as file, TextIOWrapper(file, encoding="utf-8") as lines:
            make(lines.write)
    except OSError as error:
        raise CommandError(f"{name} cannot be written: {error.strerror or error}") from error
