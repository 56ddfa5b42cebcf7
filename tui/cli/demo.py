"""`lanewatch demo`: the live screen over sample logs, written into a temporary home as if they happened now."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tui.agents.registry import AGENTS
from tui.cli.common import CommandError, Common, now
from tui.cli.demo_writer import DemoWriter
from tui.cli.live import ScreenArgs, has_terminal, show
from tui.cli.running_demo import PREFIX, RunningDemo
from tui.cli.session import live_fleet, settings_of
from tui.config.resources import sample_logs_dir
from tui.control.folder import ControlFolder
from tui.control.gate.place import place
from tui.text.safe_text import safe_text
from tui.text.styled_text import own

if TYPE_CHECKING:
    from tui.view.tour import Tour

FIRST_LINE = own("n next that needs you · l read it · ? help   lanes named live: obey p, r, d, c and A")
"""The line at the start; the first key removes it."""


def run_tour(args: ScreenArgs) -> int:
    """Shows the demo with the steps of the tour, then the recorded loop with the last one.

    Raises:
        CommandError: there is no terminal.
    """
    if not has_terminal():
        raise CommandError("the tour needs a terminal; docs/tour.md is the same to read")
    from tui.cli.replay import ReplayArgs
    from tui.cli.replay import run as replay
    from tui.view.tour import LIVE_STEPS, REPLAY_STEPS, Tour

    live = Tour(LIVE_STEPS)
    code = run(20.0, None, args, live)
    if code or live.step is not None:
        return code  # it was quit before the last step
    recorded = Tour(REPLAY_STEPS, len(LIVE_STEPS))
    return replay(Common((str(sample_logs_dir() / "loop"),)), ReplayArgs(at=0.0), args, recorded)


def run(speed: float, config: str | None, args: ScreenArgs, tour: Tour | None = None) -> int:
    """Shows the demo until the operator quits. Without a terminal it prints the lane table of the sample logs once."""
    if not has_terminal():
        return _print(config)
    with tempfile.TemporaryDirectory(prefix=PREFIX) as home:
        demo = RunningDemo(Path(home).resolve(), {})
        writer = DemoWriter(sample_logs_dir() / "morning", demo.recorded, now(), speed)
        writer.write_history()
        with _writing(writer), _working(demo) as workers:
            demo = replace(demo, workers=workers)
            demo.announce()
            common = Common.of_demo(demo, config)
            settings = settings_of(common)
            live, _ = live_fleet(common, settings)
            return show(
                live, settings, common, args, safe_text("demo"),
                first_line=own("") if tour is not None else FIRST_LINE, tour=tour,
            )  # fmt: skip


def _print(config: str | None) -> int:
    from tui.cli.lanes import print_lanes

    with tempfile.TemporaryDirectory(prefix=PREFIX) as home:
        DemoWriter(sample_logs_dir() / "morning", Path(home), now()).write_history()
        return print_lanes(Common((home,), None, config), as_json=False, at=None)


_WORKERS = {agent.name: agent.demo_worker for agent in AGENTS if agent.demo_worker}
"""Modules that simulate a session of an agent, by the agent's name."""
WORKERS = ("loop", "work", "tariffs", "tides", "handbook", "ask")
"""The kinds of workers: the first repeats itself until somebody stops it, the last asks a person again and again, the
others make progress."""


@contextlib.contextmanager
def _working(demo: RunningDemo) -> Generator[dict[int, str]]:
    """Starts workers that run the gate as agents do, so that every verb can be tried. Yields their agents by pid."""
    place(ControlFolder(demo.state))
    gate = str(demo.state / "gate" / "gate.sh")
    agents = {
        subprocess.Popen(
            [sys.executable, "-m", module, str(demo.home), gate, kind], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        ): agent
        for agent, module in _WORKERS.items()
        for kind in WORKERS
    }  # fmt: skip
    workers = list(agents)
    try:
        yield {worker.pid: agent for worker, agent in agents.items()}
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.wait(2.0)


@contextlib.contextmanager
def _writing(writer: DemoWriter) -> Generator[None]:
    """Runs the writer in a thread with an event loop of its own while the block runs."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(writer.run())

    def work() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.close()

    thread = threading.Thread(target=work, name="demo", daemon=True)
    thread.start()
    try:
        yield
    finally:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(task.cancel)
        thread.join(2.0)
