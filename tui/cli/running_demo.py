"""The demo that runs in another terminal, so that commands with `--demo` find its lanes and act on them.

A demo writes one file into its temporary home, which this user alone can enter. It names the processes of the demo.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from tui.agents.process import see
from tui.agents.process_table import ProcessTable
from tui.model.frozen import frozen
from tui.sources.discover import Root, RootKind, homes

PREFIX = "lanewatch-demo-"
_FILE = "demo.json"


@frozen
class RunningDemo:
    """A demo: its temporary home, and the processes that simulate agents in it, with the agents' names."""

    home: Path
    workers: Mapping[int, str]
    outside = "only the lanes named live: obey in the demo"
    """The reason why verbs cannot act on its recorded lanes."""

    @property
    def state(self) -> Path:
        """Its control folder."""
        return self.home / "lanewatch"

    @property
    def recorded(self) -> Path:
        """The folder of its recorded lanes, which no process runs."""
        return self.home / "recorded"

    def own_homes(self) -> list[Root]:
        """The agent homes whose lanes obey verbs."""
        return homes({}, self.home)

    def roots(self) -> list[Root]:
        """The folders of its transcripts."""
        return [*self.own_homes(), Root(str(self.recorded), None, RootKind.FOLDER)]

    def process_table(self) -> ProcessTable:
        """A table of processes that takes its workers for agents."""
        return ProcessTable(workers=self.workers)

    def announce(self) -> None:
        """Writes the file by which commands find it.

        Raises:
            OSError: the file cannot be written.
        """
        pids = {str(pid): {"agent": agent, "start": _start(pid)} for pid, agent in self.workers.items()}
        data = orjson.dumps({"pid": os.getpid(), "start": _start(os.getpid()), "workers": pids})
        (self.home / _FILE).write_bytes(data)


def running_demo() -> RunningDemo | None:
    """The demo that was started last, if it still runs; None if none does."""
    found = [demo for folder in _folders() if (demo := _read(folder)) is not None]
    return max(found, key=lambda demo: (demo.home / _FILE).stat().st_mtime, default=None)


def _folders() -> Iterator[Path]:
    """The homes of demos that only this user can have made."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            found = folder.lstat()
        except OSError:
            continue
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077:
            yield folder


def _read(home: Path) -> RunningDemo | None:
    try:
        told: dict[str, Any] = orjson.loads((home / _FILE).read_bytes())
        if not _lives(told["pid"], told["start"]):
            return None
        workers = {
            int(pid): str(one["agent"]) for pid, one in told["workers"].items() if _lives(int(pid), one["start"])
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return RunningDemo(home, workers)


def _start(pid: int) -> str | None:
    """A value that distinguishes a process from another one with the same id; None if there is no such process."""
    sight = see(pid)
    return sight.start if sight is not None else None


def _lives(pid: int, start: str | None) -> bool:
    return start is not None and _start(pid) == start
