"""From the start of the command to the first frame with lanes, and whether keys are heard while history is read."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from tests.bench import corpus
from tests.bench.live import quantile
from tests.bench.pane import Pane

ROOT = Path(__file__).resolve().parents[2]


def first_paint(name: str, place: Path, words: bytes) -> None:
    took: list[float] = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as scratch:
            pane = Pane(Path(scratch), str(place))
            try:
                seen = pane.until_drawn(words, 60)
                took.append(seen - pane.started if seen else float("nan"))
            finally:
                pane.close()
    print(f"  {name:<28} {sorted(took)[1]:5.2f} s to the first lane on the screen (with tmux's own start)  goal 0.35 s")


def keys_while_reading(place: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        pane = Pane(Path(scratch), str(place))
        took: list[float] = []
        try:
            pane.until_drawn(b"HARB-", 60)
            while "reading" in pane.screen() and len(took) < 60:
                at = time.perf_counter()
                pane.run("send-keys", "j")
                size = pane.raw.stat().st_size
                while pane.raw.stat().st_size == size and time.perf_counter() - at < 2:
                    time.sleep(0.001)
                took.append(1000 * (time.perf_counter() - at))
                time.sleep(random.uniform(0.01, 0.05))
        finally:
            pane.close()
    if took:
        print(
            f"  key to frame while reading   p50 {quantile(took, 0.5):.0f}  max {max(took):.0f} ms  n={len(took)}  goal 50 ms (tmux's send included)"
        )


def run(folder: Path, *, quick: bool) -> None:
    """Prints a line for each case."""
    home = corpus.make(folder, 60 if quick else 600)
    first_paint("the sample logs", ROOT / "sample_logs" / "morning", b"Port the fare")
    first_paint(f"{home.name}, all of it", home, b"HARB-")
    keys_while_reading(home)
