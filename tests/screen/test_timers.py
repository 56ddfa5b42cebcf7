"""What is to come after a moment comes, also if the thread is held up just then."""

from __future__ import annotations

import pytest
from textual import timer

from tests.screen.apps import Stage, at_rest
from tui.screen.timers import after


class HeldUp:
    """A clock for Textual's timers: a tenth of a second passes between any two looks at it."""

    def __init__(self) -> None:
        self.at = 0.0

    def get_time(self) -> float:
        self.at += 0.1
        return self.at


async def test_a_call_comes_although_the_thread_was_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    async with stage.running() as pilot:
        came: list[str] = []
        monkeypatch.setattr(timer, "_time", HeldUp())
        stage.app.set_timer(0.01, lambda: came.append("textual"))
        after(stage.app, 0.01, lambda: came.append("ours"))
        await pilot.pause(0.3)
        assert came == ["ours"], "if both came, Textual's timer can be used again"


async def test_the_screen_does_not_stand_still_after_a_frame_that_was_put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    async with stage.running() as pilot:
        await at_rest(pilot)
        monkeypatch.setattr(timer, "_time", HeldUp())
        for _ in range(3):
            drawn: list[object] = []
            monkeypatch.setattr(stage.app.main, "draw", lambda fleet, drawn=drawn, **_: drawn.append(fleet))
            stage.app.draw()
            drawn.clear()
            stage.app.news()
            await pilot.pause(0.3)
            assert drawn, "the frame that was put off"
