"""`lanewatch replay`: the same screen on recorded time."""

from __future__ import annotations

import os
from dataclasses import dataclass

from tui.commands.live import ScreenArgs, has_terminal, window_of
from tui.commands.sources import (
    CommandError,
    Common,
    home_roots,
    midnight,
    mutes_of,
    named_roots,
    now,
    settings_of,
    since_of,
    supervisor_of,
    warn,
)
from tui.control.journal import Journal
from tui.engine.recording import Recording
from tui.engine.replay import Player
from tui.view.safe_text import safe_text


@dataclass(frozen=True, slots=True)
class ReplayArgs:
    """The options of a replay, as given. Times are seconds UTC."""

    speed: float = 60.0
    """Recorded seconds in one second; infinity: as fast as it can."""
    at: float | None = None
    first: float | None = None
    last: float | None = None


def run(common: Common, args: ReplayArgs, screen: ScreenArgs) -> int:
    """Shows the recording until it is left.

    Raises:
        CommandError: there is no terminal, or none of the paths exists.
    """
    if not has_terminal():
        raise CommandError("a replay needs a terminal; `lanewatch report` and `lanes --at TIME` do without")
    settings = settings_of(common)
    if common.paths:
        roots, refused, source = named_roots(common)
    else:
        roots, refused, source = home_roots(settings), [], safe_text("all homes")
    recording = Recording(roots, settings.watch.line_cap_mib * 1024 * 1024)
    recording.refuse(refused)
    since, words = since_of(common, settings, now())
    player = Player(recording, lambda: supervisor_of(settings), midnight)

    from tui.control.recorded import RecordedHands
    from tui.ui.app import AppOptions, LanewatchApp
    from tui.ui.keymap import KeyTable
    from tui.ui.playback import Playback
    from tui.ui.screens.fleet import FleetOptions
    from tui.ui.themes import Themes
    from tui.view.arrange import Sort
    from tui.view.spans import joined, own

    journal = journal_of(common)
    playback = Playback(
        player, since=since, at=args.at, first=args.first, last=args.last, speed=args.speed,
        playing=args.at is None, apply=lambda at: at.supervisor.hear_control(journal.hands_at(at.at)),
    )  # fmt: skip
    fleet = FleetOptions(
        Sort(settings.screen.sort), window_of(settings.burn.window_s), settings.screen.ascii or screen.ascii, words,
        joined(own("replay of "), source), settings.screen.columns, settings.burn.hourly_budget_tokens,
    )  # fmt: skip
    themes = Themes.load(settings, os.environ)
    options = AppOptions(
        fleet, screen.theme or settings.screen.theme, settings.screen.refresh_ms, bell=False,
        mouse=settings.screen.mouse and screen.mouse, notices=tuple(safe_text(text) for text in themes.notices),
        bell_findings=False, mutes=mutes_of(warn), hands=RecordedHands(journal, lambda: playback.at),
        playback=playback, journal=journal,
    )  # fmt: skip
    app = LanewatchApp(options, themes, KeyTable(settings.keys), playback.snapshot, playback.feeding)
    app.run(mouse=options.mouse)
    recording.close()
    return app.return_code or 0


def journal_of(common: Common) -> Journal:
    """What an operator did: this machine's audit log."""
    from tui.commands.verbs import control_folder
    from tui.control import audit

    del common
    return Journal(audit.read(control_folder()))
