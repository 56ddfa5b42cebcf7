"""Compares the watched folders with what was last reported."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from typing import NamedTuple

from tui.agents.registry import sidecar_at
from tui.io.files import is_inside
from tui.model.event import UnreadableLine
from tui.sources.discover import Found, Root, RootKind, Roots, is_transcript, on_disk, scan

HOT_FOR = 15 * 60.0
"""A file is checked often for this many seconds after its last change."""
YOUNG_FOR = 3.0
"""A new folder is listed again for this many seconds, since the system's watch on it may have begun after its first
files.
"""


class _Armed(NamedTuple):
    """A root at the beginning of the watch. If its inode differs now, the watch is invalid."""

    path: str
    dev: int
    ino: int


class Sweep:
    """Compares the disk with what was last reported, and reports each difference once.

    For one thread; blocks on the disk.
    """

    def __init__(
        self,
        roots: Roots,
        *,
        clock: Callable[[], float],
        known: Iterable[Found] = (),
        since: float | None = None,
        refuse: Callable[[UnreadableLine], None] = lambda _: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """A sweep that has reported only `known` so far.

        Args:
            roots: what to watch.
            clock: seconds UTC.
            known: files as they were when the caller read them.
            since: files that changed last before this time are left out until they change.
            refuse: called once for each path that looks like a transcript and cannot be read.
            stopped: asked between files, so that a long sweep can be given up.
        """
        self._roots = roots
        self._clock = clock
        self._since = since
        self._refuse = refuse
        self._stopped = stopped
        self._seen = {found.path: found for found in known}
        self._hot = {path: min(found.mtime, clock()) for path, found in self._seen.items()}
        self._young: dict[str, float] = {}
        self._folders: set[str] = set()
        self._refused: set[UnreadableLine] = set()
        self._real: list[Root] = []
        self._armed: list[_Armed] = []

    def arm(self) -> list[str]:
        """Stores the present state of the roots. Returns the folders among them, for the system to watch."""
        self._real = on_disk(self._roots())
        self._armed = _armed(self._real)
        self._folders.clear()
        return [root.path for root in self._real if root.kind is not RootKind.FILE]

    def roots_changed(self) -> bool:
        """Whether a root appeared, vanished or was replaced since `arm`. If so, call `arm` again."""
        return _armed(on_disk(self._roots())) != self._armed

    @property
    def has_files(self) -> bool:
        """Whether a root is a file."""
        return any(root.kind is RootKind.FILE for root in self._real)

    @property
    def has_young(self) -> bool:
        """Whether there are new folders to list again."""
        return bool(self._young)

    def everything(self) -> set[str]:
        """Walks all roots."""
        self._real = on_disk(self._roots())
        changed: set[str] = set()
        there: set[str] = set()
        for root in self._real:
            for found in self._scan(root):
                there.add(found.path)
                self._look(found, changed)
        if not self._stopped():
            self._look_again(self._seen.keys() - there, changed)
        return changed

    def hot(self) -> set[str]:
        """Checks the files that changed lately."""
        limit = self._clock() - HOT_FOR
        self._hot = {path: at for path, at in self._hot.items() if at > limit}
        changed: set[str] = set()
        self._look_again(list(self._hot), changed)
        return changed

    def files(self) -> set[str]:
        """Checks files that are roots themselves: the system sends no notice when such a file is replaced."""
        changed: set[str] = set()
        self._look_again([root.path for root in self._real if root.kind is RootKind.FILE], changed)
        return changed

    def young(self) -> set[str]:
        """Lists new folders again."""
        now = self._clock()
        changed: set[str] = set()
        for folder, until in list(self._young.items()):
            self._look_into(folder, changed)
            if until < now:
                del self._young[folder]
        return changed

    def named(self, paths: Iterable[str]) -> set[str]:
        """Checks paths that the system named: files, and whole folders if they are new."""
        changed: set[str] = set()
        for path in paths:
            try:
                found = os.stat(path)  # noqa: PTH116
            except OSError:
                self._look_again([path], changed)
                continue
            if stat.S_ISDIR(found.st_mode):
                self._look_into_new(path, changed)
            elif is_watched(path) and self._is_plain(path.rpartition(os.sep)[0]):
                self._look_again([path], changed)
        return changed

    def _scan(self, root: Root) -> Iterable[Found]:
        for found in scan(root, self._real, self._refuse_once, is_watched, self._folders.add):
            if self._stopped():
                return
            yield found

    def _look_into(self, folder: str, changed: set[str]) -> None:
        for found in self._scan(Root(folder, None, RootKind.FOLDER)):
            self._look(found, changed)

    def _look_into_new(self, folder: str, changed: set[str]) -> None:
        if self._is_plain(folder):
            self._young[folder] = self._clock() + YOUNG_FOR
            self._look_into(folder, changed)

    def _look(self, found: Found, changed: set[str]) -> None:
        """Notes the present state of a file, and adds it to `changed` if that differs from what was reported."""
        before = self._seen.get(found.path)
        if before == found or (before is None and self._since is not None and found.mtime < self._since):
            return
        self._seen[found.path] = found
        now = self._clock()
        self._hot[found.path] = now if before else min(found.mtime, now)
        changed.add(found.path)

    def _look_again(self, paths: Iterable[str], changed: set[str]) -> None:
        """Checks single paths, known or not. A path that is gone is reported once."""
        for path in paths:
            if self._stopped():
                return
            try:
                found = os.stat(path)  # noqa: PTH116
            except OSError:
                self._hot.pop(path, None)
                if self._seen.pop(path, None):
                    changed.add(path)
                continue
            entry = Found(path, found.st_dev, found.st_ino, found.st_size, found.st_mtime, found.st_ctime)
            self._look(entry, changed)

    def _is_plain(self, folder: str) -> bool:
        """Whether a folder is reached without links.

        A folder behind a link is watched under its real path, or not at all.
        """
        if folder in self._folders:
            return True
        plain = os.path.realpath(folder) == folder and is_inside(folder, [root.path for root in self._real])
        if plain:
            self._folders.add(folder)
        return plain

    def _refuse_once(self, skip: UnreadableLine) -> None:
        if skip not in self._refused and skip.path not in self._seen:
            self._refused.add(skip)
            self._refuse(skip)


def is_watched(path: str) -> bool:
    """Whether a path has the name of a transcript or of its sidecar."""
    return is_transcript(path) or sidecar_at(path) is not None


def _armed(real: list[Root]) -> list[_Armed]:
    armed: list[_Armed] = []
    for root in real:
        try:
            found = os.stat(root.path)  # noqa: PTH116
        except OSError:
            continue
        armed.append(
            _Armed(root.path, 0, 0) if root.kind is RootKind.FILE else _Armed(root.path, found.st_dev, found.st_ino)
        )
    return armed
