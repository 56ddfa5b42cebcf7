"""Each screen as a picture: three sizes, dark, light and without colour. A picture is looked at before it is accepted."""

from __future__ import annotations

import pytest

from tests.fleets import circling, crowd, harbor
from tests.ui.apps import Stage, at_rest

SIZES = [(80, 24), (120, 40), (200, 60)]
THEMES = ["lanewatch-dark", "lanewatch-light", "mono"]
SCREENS = {
    "fleet": ("j", "j", "j", "j"),
    "detail": ("j", "j", "j", "j", "enter"),
    "filter": ("slash", "s", "t", "a", "t", "e", "colon", "w", "o", "r"),
    "help": ("question_mark",),
    "explain": ("j", "j", "j", "e"),
    "skips": ("x",),
}
JUDGED = {
    "circling": (circling, ()),
    "crowd": (crowd, ("j",)),
    "findings": (circling, ("f", "j")),
    "loop": (circling, ("n", "enter")),
    "stop": (circling, ("n", "n", "enter")),
    "muted": (circling, ("n", "m", "o", "k", "enter", "f")),
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCREENS)
def test_screen(snap_compare, name, size, theme):
    assert snap_compare(Stage(harbor(), theme).app, terminal_size=size, run_before=pressing(SCREENS[name]))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", JUDGED)
def test_judged(snap_compare, name, size, theme):
    fleet, keys = JUDGED[name]
    assert snap_compare(Stage(fleet(), theme).app, terminal_size=size, run_before=pressing(keys))


def pressing(keys):
    async def settled(pilot):
        await at_rest(pilot)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        await at_rest(pilot)

    return settled
