"""Films the tour of the demo: writes docs/tour.svg, an animated picture.

python docs/moving_picture.py            plays `lanewatch demo` without a terminal, and presses the keys
python docs/moving_picture.py --cast F   keeps the asciicast, too

The demo and its worker processes are real, so that each film differs in its numbers. The film is first an asciicast, as
`lanewatch replay --cast` writes it, with captions as markers; then it is drawn as SVG with CSS animations, without a
script. The picture has its own background, so that it can be read on light and dark pages.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.style import Style
from rich.text import Text
from textual.pilot import Pilot

from tui.cli import demo
from tui.cli.live import ScreenArgs
from tui.screen.app import LanewatchApp
from tui.screen.filming import screen_lines
from tui.view.asciicast import Cast

WIDTH, HEIGHT = 116, 32
SPEED = 20.0
BEGIN_S = 45.0
"""Seconds of the demo before the film: its loops have begun by then."""
LONGEST_WAIT_S = 60.0
LOOPING = "refund endpoint"
"""Words of the title of the worker that repeats itself and can be paused."""
SEEN = "Every lane of your agents, from their own transcripts: which one burns, waits, loops"
CELL, LINE = 8.4, 18.0
BAR, FOOT, EDGE = 30.0, 40.0, 12.0
INK, PAPER = "#d6dbe3", "#111316"
FONTS = '"Fira Code","DejaVu Sans Mono",Menlo,Consolas,monospace'
_CONSOLE = Console(width=WIDTH, color_system="truecolor", file=io.StringIO())
_ROW = re.compile(r"\x1b\[(\d+);1H(.*?)\x1b\[0m\x1b\[K", re.DOTALL)


class Frame(NamedTuple):
    """The lines of the screen with their escape codes, for how many seconds they are shown, and the caption."""

    lines: tuple[str, ...]
    lasts_s: float
    caption: str


# -- filming -------------------------------------------------------------------------------------


class Director:
    """Presses the keys of the tour and films what the screen shows."""

    def __init__(self) -> None:
        self.cast = Cast(WIDTH, HEIGHT, "lanewatch demo")
        self.out: list[str] = [self.cast.head]
        self.at_s = 0.0

    async def run(self, pilot: Pilot[Any]) -> None:
        """Films the tour and leaves the app."""
        await pilot.pause(BEGIN_S)
        await pilot.press("S", "S", "g")  # in the order of what wants attention, as it is now
        await pilot.pause(0.5)
        for _ in range(4):
            await self._shot(pilot, 0.8, SEEN)
            await pilot.pause(0.7)
        await self._find(pilot)
        await self._shot(pilot, 4.5, "n  the next lane that needs you, and why: what repeats, since when, what it cost")
        await pilot.press("l")
        await pilot.pause(1.0)
        await self._shot(pilot, 4.0, "l  what the agent said and did: here, the same call with the same error")
        await pilot.press("escape")
        await pilot.pause(0.6)
        await pilot.press("p")
        await self._until(pilot, lambda text: "paused" in text)
        await pilot.pause(1.0)
        await self._shot(pilot, 4.0, "p  paused, and seen to hold: no tool runs, no token is spent")
        await pilot.press("r")
        await pilot.pause(2.0)
        await self._shot(pilot, 3.0, "r  and it goes on where it was held")
        self.out.append(self.cast.end(self.at_s))
        pilot.app.exit()

    async def _find(self, pilot: Pilot[Any]) -> None:
        """Goes on with `n` to the loop of the worker, which can be paused."""
        for _ in range(12):
            await pilot.press("n")
            await pilot.pause(0.5)
            lane = pilot.app.main.selected
            if lane is not None and LOOPING in (lane.title or ""):
                return
        raise LookupError(f"n does not lead to the lane {LOOPING!r}")

    async def _until(self, pilot: Pilot[Any], holds: Callable[[str], bool]) -> None:
        ends = time.monotonic() + LONGEST_WAIT_S
        while time.monotonic() < ends:
            await pilot.pause(0.2)
            if holds("\n".join(Text.from_ansi(line).plain for line in screen_lines(pilot.app))):
                return
        raise TimeoutError("the screen does not show what is waited for")

    async def _shot(self, pilot: Pilot[Any], lasts_s: float, caption: str) -> None:
        await pilot.pause()
        self.out.append(self.cast.frame(self.at_s, list(screen_lines(pilot.app))))
        self.out.append(json.dumps([round(self.at_s, 3), "m", caption]) + "\n")
        self.at_s += lasts_s


def film() -> str:
    """The demo as an asciicast with markers."""
    director = Director()
    plain_run = LanewatchApp.run

    def run(app: LanewatchApp, **_: Any) -> Any:
        take: Callable[[Pilot[Any]], Awaitable[None]] = director.run
        return plain_run(app, headless=True, size=(WIDTH, HEIGHT), auto_pilot=take)

    LanewatchApp.run = run  # type: ignore[method-assign]
    demo.has_terminal = lambda: True
    demo.run(SPEED, None, ScreenArgs(theme="lanewatch-dark"))
    return "".join(director.out)


# -- drawing -------------------------------------------------------------------------------------


def frames(cast: str) -> Iterator[Frame]:
    """The frames of an asciicast of ours, in which a marker gives the caption of the frame before it."""
    rows: dict[int, str] = {}
    begun: tuple[float, tuple[str, ...], str] | None = None
    events = [json.loads(line) for line in cast.splitlines()[1:]]
    last_s = events[-1][0]
    for at_s, kind, text in events:
        if kind == "o":
            rows |= {int(row): line for row, line in _ROW.findall(text)}
        if kind == "m":
            if begun is not None:
                yield Frame(begun[1], at_s - begun[0], begun[2])
            begun = (at_s, tuple(rows.get(row, "") for row in range(1, HEIGHT + 1)), text)
    if begun is not None:
        yield Frame(begun[1], last_s - begun[0], begun[2])


class Picture:
    """Collects the styles and the lines of all frames; each is written once."""

    def __init__(self) -> None:
        self.classes: dict[str, str] = {}
        self.lines: dict[str, str] = {}

    def svg(self, shown: list[Frame]) -> str:
        """The animated picture."""
        width, height = 2 * EDGE + WIDTH * CELL, BAR + HEIGHT * LINE + FOOT
        whole = sum(frame.lasts_s for frame in shown)
        groups, rules, began = [], [], 0.0
        for number, frame in enumerate(shown):
            groups.append(self._group(number, frame))
            begin, end = 100 * began / whole, 100 * (began + frame.lasts_s) / whole
            hidden = "" if number == 0 else "0%{visibility:hidden}"
            rules.append(
                f"@keyframes k{number}{{{hidden}{begin:.2f}%{{visibility:visible}}{end:.2f}%{{visibility:hidden}}}}"
            )
            rules.append(f"#f{number}{{animation:k{number} {whole:.1f}s step-end infinite}}")
            began += frame.lasts_s
        still = max(range(len(shown)), key=lambda number: ("why" in shown[number].caption, number))
        styles = "".join(f".{name}{{{css}}}" for css, name in self.classes.items())
        lines = "".join(f'<g id="{name}">{body}</g>' for body, name in self.lines.items())
        dots = "".join(
            f'<circle cx="{20 + 18 * number}" cy="15" r="5.5" fill="{colour}"/>'
            for number, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
            f'aria-label="lanewatch: a loop is found, read, paused and resumed">\n'
            f"<style>text{{font:14px {FONTS};fill:{INK};white-space:pre}}.f{{visibility:hidden}}"
            f"#f{still}{{visibility:visible}}.c{{font-size:15px}}{styles}{''.join(rules)}"
            f"@media(prefers-reduced-motion:reduce){{.f{{animation:none!important}}}}</style>\n"
            f'<rect width="{width:.0f}" height="{height:.0f}" rx="9" fill="{PAPER}" stroke="#3b4252"/>{dots}'
            f'<text x="{width / 2:.0f}" y="20" text-anchor="middle" opacity=".7">lanewatch demo</text>\n'
            f"<defs>{lines}</defs>\n" + "\n".join(groups) + "\n</svg>\n"
        )

    def _group(self, number: int, frame: Frame) -> str:
        uses = "".join(
            f'<use href="#{name}" y="{BAR + row * LINE:g}"/>'
            for row, line in enumerate(frame.lines)
            if (name := self._line(line))
        )
        at = BAR + HEIGHT * LINE + 26
        key, space, rest = frame.caption.partition("  ")
        if space:
            words = (
                f'<rect x="{EDGE}" y="{at - 17:g}" width="24" height="23" rx="4" fill="#3b4252"/>'
                f'<text class="c" x="{EDGE + 12}" y="{at:g}" text-anchor="middle">{escape(key)}</text>'
                f'<text class="c" x="{EDGE + 36}" y="{at:g}">{escape(rest)}</text>'
            )
        else:
            words = f'<text class="c" x="{EDGE}" y="{at:g}">{escape(frame.caption)}</text>'
        return f'<g id="f{number}" class="f">{uses}{words}</g>'

    def _line(self, line: str) -> str:
        """The id of a line; empty if nothing is to be seen in it."""
        body = "".join(self._runs(Text.from_ansi(line)))
        return self.lines.setdefault(body, f"l{len(self.lines)}") if body else ""

    def _runs(self, text: Text) -> Iterator[str]:
        column = 0
        for segment in text.render(_CONSOLE):
            cells = segment.cell_length
            style = segment.style or Style.null()
            ink, paper = _colours(style)
            x = EDGE + column * CELL
            if paper is not None and paper != PAPER:
                yield f'<rect x="{x:.1f}" width="{cells * CELL + 0.3:.1f}" height="{LINE:g}" fill="{paper}"/>'
            if words := segment.text.rstrip():
                lead = len(words) - len(words.lstrip())
                shown = words.lstrip()
                css = f"fill:{ink}" + (";font-weight:bold" if style.bold else "") + (";opacity:.6" if style.dim else "")
                name = self.classes.setdefault(css, f"s{len(self.classes)}")
                length = Text(shown).cell_len * CELL
                place = f'x="{x + lead * CELL:.1f}" y="13.5" textLength="{length:.1f}"'
                yield f'<text class="{name}" {place}>{escape(shown)}</text>'
            column += cells


def _colours(style: Style) -> tuple[str, str | None]:
    ink = style.color.get_truecolor().hex if style.color and not style.color.is_default else INK
    paper = style.bgcolor.get_truecolor().hex if style.bgcolor and not style.bgcolor.is_default else None
    return (paper or PAPER, ink) if style.reverse else (ink, paper)


def main() -> None:
    """Films the demo and writes the picture."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cast", type=Path, help="keep the asciicast in this file")
    parser.add_argument("--from-cast", type=Path, help="draw this asciicast instead of filming")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lanewatch-") as nobody:
        os.environ["HOME"] = nobody  # nobody's settings, nobody's audit log
        cast = given.from_cast.read_text(encoding="utf-8") if given.from_cast else film()
    if given.cast:
        given.cast.write_text(cast, encoding="utf-8")
    Path(__file__).with_name("tour.svg").write_text(Picture().svg(list(frames(cast))), encoding="utf-8")


if __name__ == "__main__":
    main()
