"""Pictures of a replay for documents: one SVG of a moment, or an asciicast of a period. No terminal is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from rich.color import ColorSystem
from textual.strip import Strip

from tui.screen.playback import Playback
from tui.view.asciicast import Cast
from tui.view.svg import self_contained

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui.screen.app import LanewatchApp

FRAME_S = 0.1
"""Seconds between two frames of an asciicast."""
LAST_S = 3.0
"""Seconds for which the last frame is shown."""
MOST_FRAMES = 6000
"""Maximum number of frames, ten minutes: a longer film means that the speed was chosen by mistake."""
LOOKS = 200
"""Maximum number of checks whether the screen still changes."""


def photograph(app: LanewatchApp, size: tuple[int, int]) -> str:
    """The screen at the present time of its playback, as SVG."""
    taken: list[str] = []

    async def take(pilot: Pilot[Any]) -> None:
        await _at_rest(pilot)
        taken.append(self_contained(app.export_screenshot(title="lanewatch")))
        app.exit()

    app.run(headless=True, size=size, auto_pilot=take)
    return taken[0] if taken else ""


def film(
    app: LanewatchApp, playback: Playback, size: tuple[int, int], title: str, write: Callable[[str], object]
) -> int:
    """Plays to the end of the part that is shown, and writes each frame. Returns the number of frames."""
    cast = Cast(*size, title)
    frames = 0

    async def take(pilot: Pilot[Any]) -> None:
        nonlocal frames
        await _at_rest(pilot)
        write(cast.head)
        write(cast.frame(0.0, list(screen_lines(app))))
        playback.playing = True
        while playback.playing and frames < MOST_FRAMES:
            playback.advance(FRAME_S)
            app.draw_whole()
            await pilot.pause()
            frames += 1
            write(cast.frame(frames * FRAME_S, list(screen_lines(app))))
        write(cast.end(frames * FRAME_S + LAST_S))
        app.exit()

    app.run(headless=True, size=size, auto_pilot=take)
    return frames


async def _at_rest(pilot: Pilot[Any]) -> None:
    """Waits until the screen no longer changes: the first picture is drawn in several refreshes."""
    before: list[str] = []
    for _ in range(LOOKS):
        await pilot.pause()
        now = list(screen_lines(pilot.app))
        if now == before and any(line.strip() for line in now):
            return
        before = now


def screen_lines(app: Any) -> Iterator[str]:
    """The lines of the screen, with colours and styles as escape codes."""
    strips: list[Strip] = app.screen._compositor.render_strips()
    for strip in strips[: app.size.height]:
        yield "".join(
            segment.style.render(segment.text, color_system=ColorSystem.TRUECOLOR) if segment.style else segment.text
            for segment in strip
            if not segment.control
        )
