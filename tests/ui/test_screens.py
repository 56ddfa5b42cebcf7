"""Each screen as a picture: three sizes, dark, light and without colour. A picture is looked at before it is accepted."""

from __future__ import annotations

import pytest

from tests.fleets import harbor
from tests.ui.apps import Stage

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


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCREENS)
def test_screen(snap_compare, name, size, theme):
    stage = Stage(harbor(), theme)

    async def settled(pilot):
        await pilot.pause()
        await pilot.press(*SCREENS[name])
        await pilot.pause()
        await pilot.pause()

    assert snap_compare(stage.app, terminal_size=size, run_before=settled)
