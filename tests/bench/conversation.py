"""The conversation of a lane with 200 MB: from key to frame, and from the write of a line to the frame while it follows."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from pathlib import Path

from tests.bench.live import quantile
from tests.bench.pane import Lanes, Pane, line

SIZE = 200_000_000
QUIET_S = 0.25
"""Seconds without output after which a frame is whole."""


def _write(path: Path, size: int) -> None:
    """A session of about `size` bytes: texts of a few words and a long one from time to time."""
    rng = random.Random(7)
    session = path.stem
    with path.open("wb") as file:
        number, at = 0, time.time() - 86_400
        while file.tell() < size:
            number += 1
            words = " ".join(
                rng.choice(("harbor", "ferry", "tidal", "quays", "berth")) for _ in range(rng.randint(8, 400))
            )
            file.write(line(session, f"b{number}", at + number, f"Entry {number}: {words}"))


def _answered(pane: Pane, *keys: str) -> float:
    """Milliseconds from the sending of keys to the last byte of what they draw."""
    size = pane.raw.stat().st_size
    at = time.perf_counter()
    pane.run("send-keys", *keys)
    last = at
    while time.perf_counter() - last < (QUIET_S if last > at else 5):
        now = pane.raw.stat().st_size
        if now != size:
            size, last = now, time.perf_counter()
        time.sleep(0.0005)
    return 1000 * (last - at)


def _told(name: str, took: list[float], goal: str = "") -> None:
    figures = f"p50 {quantile(took, 0.5):5.0f}  max {max(took):5.0f} ms  n={len(took)}"
    print(f"  {name:<44} {figures}  {goal and f'goal {goal}'}".rstrip())


def _large(size: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "projects" / "harbor"
        folder.mkdir(parents=True)
        path = folder / "00000000-0000-4000-8000-000000000000.jsonl"
        _write(path, size)
        pane = Pane(Path(scratch), str(Path(scratch) / "projects"))
        try:
            pane.until_shown("Entry")
            while "reading" in pane.screen():
                time.sleep(0.2)
            time.sleep(1)
            opened = [_answered(pane, "l")]
            for _ in range(4):
                pane.run("send-keys", "Escape")
                time.sleep(1)
                opened.append(_answered(pane, "l"))
            print(f"  {path.stat().st_size / 1e6:.0f} MB")
            _told("open (l, tmux's send included)", opened, "100 ms")
            _told("a page up", [_answered(pane, "PPage") for _ in range(40)])
            _told("to the start, to the end", [_answered(pane, key) for key in ("g", "G", "g", "G")])
            _answered(pane, "/")
            _answered(pane, "-l", "nowhere-at-all")
            began = time.perf_counter()
            pane.run("send-keys", "Enter")
            pane.until_shown("is not in this conversation")
            print(f"  {'search through all of it, without a match':<44} {1000 * (time.perf_counter() - began):5.0f} ms")
        finally:
            pane.close()


def _following(count: int, probes: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        lanes = Lanes(Path(scratch), count)
        pane = Pane(Path(scratch), str(Path(scratch) / "projects"))
        try:
            pane.until_shown("works")
            time.sleep(1.5)
            pane.run("send-keys", "l")
            pane.until_shown("following")
            shown = next(number for number in range(count) if f"lane {number} works" in pane.screen())
            lanes.busy(1.0, but=shown)
            time.sleep(1)
            took: list[float] = []
            for _ in range(probes):
                word = f"probe-{random.randrange(16**6):06x}"
                at = lanes.write(shown, word)
                seen = pane.until_drawn(word.encode(), 3)
                if seen is not None:
                    took.append(1000 * (seen - at))
                time.sleep(random.uniform(0.05, 0.4))
            cpu = pane.cpu(5)
        finally:
            lanes.close()
            pane.close()
    _told(f"append to frame, open and following, {count} lanes", took, "the look of 250 ms and a frame")
    print(f"  {'CPU meanwhile':<44} {cpu:5.1f}%")


def run(*, quick: bool) -> None:
    """Prints a line for each case."""
    if shutil.disk_usage(tempfile.gettempdir()).free > 3 * SIZE:
        _large(SIZE // 10 if quick else SIZE)
    _following(20, 20 if quick else 100)
