"""Commands use the pictures of transcripts that have not changed, and keep those of what they read."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from tui.cli.session import Reading, home_roots, price_table
from tui.config.paths import Paths
from tui.config.schema import Settings
from tui.fleet.live import Pictures
from tui.history.index import identity
from tui.history.pictures import Damaged, KeptPictures, kept_pictures, name_of_pictures, pictured
from tui.judge.findings.registry import limit_groups
from tui.model.snapshot import Fleet
from tui.sources.found import Found

QUIET_S = 60.0
"""A transcript is pictured if it has not changed for this many seconds: before, it would soon change again."""


def read_with_pictures(settings: Settings, at: float, read: Callable[[Pictures | None], Reading]) -> Fleet:
    """What `read` gives, with the pictures of the transcripts in the agents' homes if they can be used.

    `at` is the time now in seconds UTC. If a picture turns out not to be right beside what was read, everything is read
    again without it.
    """
    with kept_pictures(Paths.of(os.environ, Path.home()).cache, file_name(settings)) as pictures:
        while pictures is not None:
            try:
                reading = read(pictures)
                overtaken = reading.live.overtaken(pictures.stating)
                if not overtaken:
                    _keep(pictures, reading, at)
                    return reading.fleet
            except sqlite3.OperationalError:
                break
            except (Damaged, sqlite3.DatabaseError):
                pictures.is_damaged = True
                break
            pictures.left_out |= overtaken
    return read(None).fleet


def file_name(settings: Settings) -> str:
    """The name of the file of pictures: it stands for everything on which they depend besides their transcripts."""
    limits = settings.judge.limits()
    return name_of_pictures(
        sorted(os.path.realpath(root.path) for root in home_roots(settings)),
        settings.watch.line_cap_mib,
        price_table(settings).mark if settings.prices.file else "",
        [limits.of(group) for group in limit_groups()],
    )


def _keep(pictures: KeptPictures, reading: Reading, at: float) -> None:
    """Keeps the pictures of what was read and is quiet now. What cannot be written is not kept."""
    quiet = {one.path: one for one in reading.found if at - max(one.mtime, one.ctime) > QUIET_S and _is_unchanged(one)}
    live = reading.live
    with contextlib.suppress(sqlite3.OperationalError):
        pictures.write(pictured(quiet, live.ended(), live.supervisor.groups()))
        if reading.is_all:
            pictures.remove_gone({one.path for one in reading.found})


def _is_unchanged(found: Found) -> bool:
    """Whether the file is as it was when it was found."""
    try:
        now = Path(found.path).stat()
    except OSError:
        return False
    then = Found(found.path, now.st_dev, now.st_ino, now.st_size, now.st_mtime, now.st_ctime)
    return identity(then) == identity(found)
