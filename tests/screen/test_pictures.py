"""Pictures of the screens: each screen once, with a few sizes and themes.

Layouts at other widths are kept as text in tests/view/test_layouts.py. Each picture is looked at before it is accepted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.fleets import circling, crowd, harbor
from tests.orders import audit_log, held_fleet, late_pause
from tests.screen.apps import Stage, at_rest, text_of
from tests.screen.fake_service import FakeService
from tests.screen.replays import ReplayStage, utc
from tui.model.snapshot import Fleet

DARK = "lanewatch-dark"
USUAL = (120, 40)
REST, STEP = "(rest)", "(stronger step)"
"""Entries among the keys of a screen: wait until nothing changes, or until the stronger step of an order is shown."""


@dataclass(frozen=True)
class Live:
    """A screen over an invented fleet, after these keys."""

    fleet: Callable[[], Fleet]
    keys: tuple[str, ...] = ()
    service: Callable[[], FakeService] = FakeService

    def stage(self, theme: str) -> Stage:
        return Stage(self.fleet(), theme, service=self.service())


@dataclass(frozen=True)
class Replay:
    """A replay of the loop sample, at this time of its day, after these keys."""

    time: str
    keys: tuple[str, ...] = ()

    def stage(self, theme: str) -> ReplayStage:
        return ReplayStage(utc(self.time), theme)


def refusing() -> FakeService:
    """A service in which one lane cannot be reached."""
    return FakeService(refused={harbor().lanes[3].id: "already ended"})


def with_log() -> FakeService:
    service = FakeService()
    service.entries = audit_log()
    return service


def with_late_pause() -> FakeService:
    service = FakeService()
    service.made = [late_pause()]
    return service


SCREENS: dict[str, Live | Replay] = {
    "fleet": Live(harbor, ("j", "j", "j", "j")),
    "detail": Live(harbor, ("j", "j", "j", "j", "enter")),
    "filter": Live(harbor, ("slash", *"state", "colon", *"wor")),
    "help": Live(harbor, ("question_mark",)),
    "explain": Live(harbor, ("j", "j", "j", "e")),
    "skips": Live(harbor, ("x",)),
    "circling": Live(circling),
    "crowd": Live(crowd, ("j",)),
    "findings": Live(circling, ("f", "j")),
    "loop": Live(circling, ("n", "enter")),
    "stop": Live(circling, ("n", "n", "enter")),
    "muted": Live(circling, ("n", "m", "o", "k", "enter", "f")),
    "question": Live(harbor, ("space", "space", "space", "space", "c", REST, "ctrl+s"), refusing),
    "closing-text": Live(harbor, ("c",)),
    "redirect-text": Live(circling, ("d",)),
    "audit": Live(harbor, ("a",), with_log),
    "held": Live(held_fleet, ("space", "j", "space")),
    "orders": Live(held_fleet, ("j", "j", "enter", STEP, "G"), with_late_pause),
    "replay-early": Replay("05:40:00"),
    "replay-stop": Replay("05:58:31", ("N",)),
    "replay-could-have": Replay("05:58:31", ("N", "p")),
}
SIZES = {(60, 20), (80, 24), (200, 50)}
SIZED = ("circling", "loop", "question", "replay-stop")
THEMES = ("lanewatch-light", "mono", "high-contrast")
THEMED = ("findings", "held")

PICTURES = [
    *((name, USUAL, DARK) for name in SCREENS),
    *((name, size, DARK) for name in SIZED for size in sorted(SIZES)),
    *((name, USUAL, theme) for name in THEMED for theme in THEMES),
]


def name_of(picture: tuple[str, tuple[int, int], str]) -> str:
    name, (width, height), theme = picture
    return f"{name}-{width}x{height}-{theme}"


@pytest.mark.parametrize("picture", PICTURES, ids=name_of)
def test_picture(snap_compare, picture):
    name, size, theme = picture
    screen = SCREENS[name]
    stage = screen.stage(theme)

    async def press_keys(pilot) -> None:
        await at_rest(pilot)
        for key in screen.keys:
            if key == REST:
                await at_rest(pilot)
            elif key == STEP:
                await until_shown(pilot, late_pause().stronger)
            else:
                await pilot.press(key)
                await pilot.pause()
        await at_rest(pilot)

    assert snap_compare(stage.app, terminal_size=size, run_before=press_keys)


async def until_shown(pilot, words: str) -> None:
    """Waits until the page shows these words, at any scroll position; orders are read in a thread."""
    await pilot.press("G")
    for _ in range(500):
        if words in text_of(pilot.app):
            return
        await pilot.pause(0.02)
        await pilot.press("G")
    raise AssertionError(f"never shown: {words}")
