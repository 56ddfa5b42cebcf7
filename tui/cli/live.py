"""`lanewatch [PATH...]`: shows the live screen."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.arguments import JudgeWhat
from tui.cli.common import Common, now
from tui.cli.control import control_folder, permissions_of, process_table, with_held
from tui.cli.policy import rules_of
from tui.cli.session import (
    deferral_of,
    live_fleet,
    midnight,
    mutes_of,
    remembered_of,
    settings_of,
    since_of,
    tags_of,
    views_of,
)
from tui.config.closings import closings
from tui.config.mutes import Mutes
from tui.config.paths import Paths
from tui.config.schema import Settings
from tui.control.bounds import Bounds
from tui.control.budget_runner import BudgetRunner
from tui.control.folder import ControlFolder
from tui.control.moments import UPTIME
from tui.control.policy_runner import Policies, PolicyRunner
from tui.control.service import ControlService
from tui.fleet.live import LiveFleet
from tui.ledger.burn import WINDOWS_S
from tui.model.event import UnreadableLine
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet
from tui.sources.discover import Found
from tui.sources.watch import ChangeSource
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import own

if TYPE_CHECKING:
    from tui.budget.budget import Budget
    from tui.budget.standing import Standing
    from tui.judge.detector import Raised
    from tui.screen.app import LanewatchApp
    from tui.view.tour import Tour


@frozen
class ScreenArgs:
    """The options of the screen, as given on the command line. None and False: the configuration decides."""

    theme: str | None = None
    mouse: bool = True
    ascii: bool = False
    poll: bool = False
    read_only: bool = False
    budgets: tuple[Budget, ...] = ()

    @classmethod
    def of(cls, given: argparse.Namespace) -> ScreenArgs:
        """The options from a command line with `arguments.looks` and, for a live screen, `arguments.live`."""
        return cls(
            theme=given.theme, mouse=not given.no_mouse, ascii=given.ascii, poll=getattr(given, "poll", False),
            read_only=getattr(given, "read_only", False), budgets=tuple(getattr(given, "budget", ())),
        )  # fmt: skip


FIRST_LINE = own("n next that needs you · l read it · ? help")
"""The three keys that matter, for an operator who has never used the screen."""


def has_terminal() -> bool:
    """True if there is a terminal to draw on and to read keys from. Textual draws on standard error."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def run(common: Common, args: ScreenArgs) -> int:
    """Shows the screen until the operator quits. Without a terminal it prints the lanes once."""
    if not has_terminal():
        from tui.cli.lanes import print_lanes

        return print_lanes(common, as_json=False, at=None)
    settings = settings_of(common)
    live, source = live_fleet(common, settings, deferral=deferral_of(JudgeWhat.RECENT, settings, now()))
    return show(live, settings, common, args, source)


def show(
    live: LiveFleet,
    settings: Settings,
    common: Common,
    args: ScreenArgs,
    source: SafeText,
    *,
    first_line: SafeText = FIRST_LINE,
    tour: Tour | None = None,
) -> int:
    """Runs the app over a live fleet and returns its exit code. A demo sends no notices, and stores nothing.

    `first_line` is shown until the first key, if the operator has never pressed one. `tour` is shown beside it.
    """
    from tui.agents.processes import ProcessProbe
    from tui.cli.budgets import config_file, merged, repeated_reading, steps_of, unheld_words
    from tui.cli.notices import notifier_of
    from tui.cli.search import index_folder, transcripts
    from tui.cli.usage import offset
    from tui.control.command_run import CommandLog
    from tui.screen.app import LanewatchApp
    from tui.screen.budgets import BudgetDesk
    from tui.screen.feed import Feed
    from tui.screen.history import HistoryDesk
    from tui.screen.keymap import keys_of_settings
    from tui.screen.search import SearchDesk
    from tui.screen.services import AppOptions, LanesOptions, LiveServices
    from tui.screen.themes import Themes
    from tui.view.columns.registry import sort_named

    is_kept = common.demo is None
    screen = settings.screen
    asked, words = since_of(common, settings, now())
    since = with_held(asked)
    voice = _Voice()
    remembered = remembered_of(settings, voice.say, kept=is_kept)
    chosen = remembered.chosen
    lanes = LanesOptions(
        sort_named(chosen.sort),
        chosen.reverse,
        window_of(chosen.window_s),
        screen.ascii or args.ascii,
        words,
        source,
        chosen.columns,
        settings.burn.hourly_budget_tokens,
        remembered,
        views_of(voice.say, kept=is_kept),
        tags_of(voice.say, kept=is_kept),
        own("") if common.demo is None else own("the sample lanes begin in a few seconds"),
    )
    themes = Themes.load(settings, os.environ)
    unknown = themes.problem(args.theme or chosen.theme)
    voice.early += [*themes.notices, *([unknown] if unknown and unknown not in themes.notices else [])]
    mutes = mutes_of(voice.say) if is_kept else Mutes(None, voice.say)
    notifier = None
    if is_kept:
        notifier = notifier_of(settings.notify, mutes, voice.write, voice.say, now(), os.environ)

    def notify(fleet: Fleet) -> None:
        if notifier is not None:
            notifier.take(fleet, fleet.at)

    folder = control_folder(common.demo)
    runner = BudgetRunner(settings.policy.spare, dry_run=settings.policy.dry_run)
    control = control_of(settings, mutes, folder, runner, read_only=args.read_only)
    declared = merged(settings.budgets, args.budgets)
    voice.early += [] if control.forbidden or common.demo else unheld_words(declared, folder)
    options = AppOptions(
        lanes, args.theme or chosen.theme, screen.refresh_ms, bell=screen.bell, bell_findings=settings.notify.bell,
        mouse=screen.mouse and args.mouse, notices=tuple(safe_text(text) for text in voice.early),
        first_line=own("") if chosen.used else first_line, is_on=what_is_on(settings, read_only=args.read_only),
    )  # fmt: skip
    probe = ProcessProbe(live.own.paths, process_table(common.demo))

    def snapshot() -> Fleet:
        at = now()
        lanes.tags.refresh()
        live.supervisor.apply_tags(lanes.tags.of_lanes)
        return live.snapshot(at, midnight(at))

    follow = _follow(live, since, poll=settings.watch.poll or args.poll)
    desk = SearchDesk(lambda: transcripts(common, settings), index_folder(common, settings), now)
    steps = steps_of(common, voice.say)

    def apply_budgets(standings: Sequence[Standing], raised: Sequence[Raised]) -> None:
        runner.note(standings)
        live.supervisor.apply_budgets(raised)

    with repeated_reading(common, settings) as repeated:
        is_filled = settings.history.fill and repeated.folder is not None and common.demo is None and not common.paths
        history = HistoryDesk(repeated, desk, is_on=is_filled)
        budgets = BudgetDesk(
            declared, history.read_whole, now, offset, steps, apply_budgets, lambda: snapshot().totals,
            config_file(common),
        )  # fmt: skip

        async def feed(news: Callable[[], None], acted: Callable[[], float]) -> None:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(Feed(live, follow, probe.look, since, news, acted).run())
                tasks.create_task(history.run(news))
                tasks.create_task(budgets.run(news))

        services = LiveServices(
            snapshot, feed, control, live.supervisor.apply_control,
            closings(Paths.of(os.environ, Path.home()).closings), notify, live.judge_first, mutes,
            commands=tuple(placed.command for placed in settings.commands), command_log=CommandLog(folder, now),
            tour=tour, search=desk, usage=history.read, budgets=budgets, history=history.share,
        )  # fmt: skip
        app = LanewatchApp(options, themes, keys_of_settings(settings), services)
        voice.app = app
        app.run(mouse=options.mouse)
    control.release_orders()
    live.close()
    if notifier is not None:
        notifier.close()
    return app.return_code or 0


def what_is_on(settings: Settings, *, read_only: bool) -> tuple[tuple[SafeText, SafeText], ...]:
    """The notices, policies and verbs that the configuration switches on, in words."""
    notify, policy = settings.notify, settings.policy
    bells = [name for name, on in (("needs you", settings.screen.bell), ("stop", notify.bell)) if on]
    sent = [f"OSC {notify.osc}"] if notify.osc != "off" else []
    sent += [name for name, on in (("command", notify.command), ("webhook", notify.webhook)) if on]
    acts = [
        f"{verb} on {', '.join(kinds)}" for verb, kinds in (("pause", policy.pause), ("close", policy.close)) if kinds
    ]
    acts += [f"pause above {policy.lane_hourly_tokens} tokens per hour"] if policy.lane_hourly_tokens else []
    acts += ["only written down (dry_run)"] if acts and policy.dry_run else []
    forbidden = "none (read only)" if read_only or settings.control.read_only else ""
    forbidden = forbidden or (f"all but {', '.join(settings.control.forbid)}" if settings.control.forbid else "all")
    rows = (
        (own("bell"), ", ".join(bells) or "off"),
        (own("notices"), f"{', '.join(sent)}; {notify.min_severity} and above" if sent else "off"),
        (own("policy"), "; ".join(acts) or "off"),
        (own("verbs"), forbidden),
    )
    return tuple((name, safe_text(words, limit=120)) for name, words in rows)


def control_of(
    settings: Settings, mutes: Mutes, folder: ControlFolder, budgets: BudgetRunner, *, read_only: bool
) -> ControlService:
    """Control as the configuration allows it, with its policy and budgets."""
    control = settings.control
    policy = PolicyRunner(
        rules_of(settings.policy),
        closings(Paths.of(os.environ, Path.home()).closings)[0][1],
        lambda finding: mutes.muted(finding) is not None,
    )
    service = ControlService(
        folder,
        permissions=permissions_of(settings, read_only=read_only),
        bounds=Bounds(
            control.close_within_s, control.close_calls, control.close_write_s, answer_attached=control.answer_attached
        ),
        uptime=UPTIME,
        policy=Policies(policy, budgets),
    )
    if not service.forbidden:
        service.tidy(now())
    return service


class _Voice:
    """Passes lines to the operator, and sequences to the terminal, from code that has no access to the screen."""

    def __init__(self) -> None:
        self.early: list[str] = []
        """The lines from before the start, which are shown when the screen starts."""
        self.app: LanewatchApp | None = None

    def say(self, text: str) -> None:
        """Shows a line to the operator. May be called from any thread."""
        if self.app is None:
            self.early.append(text)
            return
        self.app.call_later(self.app.say, safe_text(text), loud=True)

    def write(self, sequence: str) -> None:
        """Writes a sequence to the terminal unchanged, if the screen is running."""
        if self.app is not None:
            self.app.write_sequence(sequence)


def window_of(seconds: int) -> int:
    """The index of the burn window with this length in seconds; that of five minutes if there is none."""
    return WINDOWS_S.index(seconds) if seconds in WINDOWS_S else 1


def _follow(
    live: LiveFleet, since: float | None, *, poll: bool
) -> Callable[[Sequence[Found]], AbstractAsyncContextManager[ChangeSource]]:
    def follow(found: Sequence[Found]) -> ChangeSource:
        return ChangeSource(
            lambda: live.roots, known=found, since=since, force_polling=poll,
            on_notice=lambda text: live.refuse([UnreadableLine("watch", None, None, text)]),
            on_skip=lambda skip: live.refuse([skip]),
        )  # fmt: skip

    return follow
