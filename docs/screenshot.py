"""Takes the README's pictures: the app over the sample logs, at a fixed time of a fixed day.

python docs/screenshot.py            writes docs/screenshot.svg and docs/replay.svg
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from tui.cli.demo_writer import DemoWriter, plan
from tui.cli.main import main
from tui.config.resources import sample_logs_dir
from tui.config.schema import Settings
from tui.fleet.live import LiveFleet
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.model.snapshot import Fleet
from tui.screen.app import LanewatchApp
from tui.screen.keymap import KeyTable
from tui.screen.services import AppOptions, LanesOptions, LiveServices
from tui.screen.themes import Themes
from tui.sources.discover import places
from tui.text.styled_text import own
from tui.view.svg import self_contained

SAMPLES = sample_logs_dir() / "morning"
START = 1_778_320_800.0
"""2026-05-09 10:00:00 UTC."""
SPEED = 6.0
AFTER_S = 150.0
"""Seconds into the demo: the foreman's loop has begun, one lane asks, one was stopped by a limit."""
SIZE = (132, 44)
KEYS: tuple[str, ...] = ()
"""None: the lane that goes in circles stands first."""
REPLAY = ["replay", str(sample_logs_dir() / "loop"), "--at", "2026-05-09T05:58:31Z", "--size", "132x40"]
"""The loop as S091 begins: the first moment at which it could have been stopped."""


def fleet(home: Path, after_s: float = AFTER_S, speed: float = SPEED) -> Fleet:
    """The demo's lanes as they are so many seconds after its start."""
    DemoWriter(SAMPLES, home, START, speed).write_history()
    logs = {
        path.relative_to(SAMPLES).as_posix(): path.read_bytes()
        for agent in ("claude", "codex")
        for path in sorted((SAMPLES / agent).rglob("*"))
        if path.is_file()
    }
    for line in plan(logs, START, speed):
        if 0 < line.due <= after_s:
            target = home / line.path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("ab") as file:
                file.write(line.data)
    roots, _ = places([str(home)])
    live = LiveFleet(roots, Supervisor(PriceTable.shipped()))
    live.add(*live.find(None))
    live.read_all()
    return live.snapshot(START + after_s, START - 36_000)


async def picture(theme: str = "lanewatch-dark", size: tuple[int, int] = SIZE, keys: tuple[str, ...] = KEYS) -> str:
    """The screen as SVG."""
    with tempfile.TemporaryDirectory(prefix="lanewatch-") as home:
        shown = fleet(Path(home))
    options = AppOptions(LanesOptions(since=own("last 24h"), source=own("live")), theme, bell=False)
    app = LanewatchApp(options, Themes.load(Settings(), {}), KeyTable({}), LiveServices(lambda: shown))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        return self_contained(app.export_screenshot(title="lanewatch"))


if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    time.tzset()
    Path(__file__).with_name("screenshot.svg").write_text(asyncio.run(picture()), encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="lanewatch-") as nobody:
        os.environ["HOME"] = nobody  # nobody's settings, nobody's audit log
        main([*REPLAY, "--screenshot", str(Path(__file__).with_name("replay.svg"))])
