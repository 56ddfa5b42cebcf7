"""`python -m tests.bench [NAME ...] [--quick]`: figures and ratios of each bench, printed."""

from __future__ import annotations

import argparse
import importlib
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

FOLDER = Path(__file__).resolve().parents[2] / "bench-data"
"""Where benches keep the transcripts that they generate."""


@dataclass(frozen=True)
class Bench:
    """A bench. Its module has the function `run`."""

    name: str
    module: str
    title: str
    needs_folder: bool = False
    """Whether `run` takes the folder for generated transcripts."""
    is_quickened: bool = True
    """Whether `run` takes `quick`."""
    needs_tmux: bool = False
    only_named: bool = False
    """Takes so long that it runs only when it is named."""

    def run(self, *, quick: bool) -> None:
        """Prints the title and the figures."""
        print(f"\n{self.title}")
        if self.needs_tmux and not shutil.which("tmux"):
            print("  left out: there is no tmux here")
            return
        options: dict[str, Any] = {"quick": quick} if self.is_quickened else {}
        module = importlib.import_module(f"tests.bench.{self.module}")
        module.run(*([FOLDER] if self.needs_folder else []), **options)


BENCHES = (
    Bench("gate", "gate", "the gate, per tool call", is_quickened=False),
    Bench("scan", "scan", "cold scan", needs_folder=True),
    Bench("ended", "ended", "lanes that have ended", needs_folder=True),
    Bench("usage", "usage", "usage of all history", needs_folder=True),
    Bench("search", "search", "search through all conversations"),
    Bench("code", "code_mode", "Codex in code mode"),
    Bench("replay", "replay", "replay", needs_folder=True),
    Bench("report", "report", "report", needs_folder=True),
    Bench("start", "start", "start", needs_folder=True, needs_tmux=True),
    Bench(
        "filling", "filling", "the first start over much history", needs_folder=True, needs_tmux=True, only_named=True
    ),
    Bench("live", "live", "append to drawn frame", needs_tmux=True),
    Bench("conversation", "conversation", "the conversation", needs_tmux=True),
    Bench("pauses", "pauses", "pauses of real clients at work", needs_tmux=True, only_named=True),
    Bench("soak", "soak", "an hour of busy lanes", needs_tmux=True, only_named=True),
)


def main() -> None:
    """Runs the benches that are named, or all that are not only run by name."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(one.name for one in BENCHES))
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    unknown = set(given.names) - {one.name for one in BENCHES}
    if unknown:
        parser.error(f"no bench {', '.join(sorted(unknown))}: choose from {', '.join(one.name for one in BENCHES)}")
    load = psutil.getloadavg()[0]
    print(
        f"Python {platform.python_version()}, {psutil.cpu_count()} cores, load {load:.1f}: "
        "ratios hold, seconds are this machine's"
    )
    for one in BENCHES:
        if one.name in given.names or not (given.names or one.only_named):
            one.run(quick=given.quick)


if __name__ == "__main__":
    main()
