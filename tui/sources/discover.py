"""Finds transcripts: in the agents' homes and in the paths that the operator names."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from tui.agents.files import SUFFIXES
from tui.agents.registry import FILES, HOMES, files_of
from tui.io.files import Reason, Refused, is_inside, leads_outside, not_a_file, refusal
from tui.model.event import UnreadableLine
from tui.model.frozen import frozen
from tui.sources.found import Found

OUTSIDE = "its transcript lies outside your own agents' homes"
"""The most common reason why a lane is a recording."""


class RootKind(StrEnum):
    """The reason why a root is watched."""

    HOME = "home"
    """An agent's own home; it may not exist yet."""
    FOLDER = "folder"
    FILE = "file"
    """A file that the operator named. It is read whatever its suffix is."""


@frozen
class Root:
    """A place to search for transcripts. `path` is absolute; its links are not resolved yet."""

    path: str
    agent_hint: str | None
    kind: RootKind


Roots = Callable[[], Sequence[Root]]
"""Returns the roots. It is called repeatedly, since homes come and go while lanewatch runs."""


def homes(env: Mapping[str, str], home: Path) -> list[Root]:
    """The folders in which the known agents keep transcripts, whether they exist or not: see `Homes.find`."""
    paths = {str(path): one.agent for one in HOMES for path in one.find(env, home)}
    return [Root(path, agent, RootKind.HOME) for path, agent in paths.items()]


class OwnHomes:
    """Decides whether a transcript is the operator's own or a recording. Nothing else decides this.

    A transcript is the operator's own if its real path lies in one of the user's agent homes and both home and file
    belong to the user. Everything else is a recording: a path that was named, a bundle, a downloaded home, another
    user's file. A recording can be read, but never acted on.
    """

    def __init__(self, homes: Roots, outside: str = OUTSIDE) -> None:
        """`homes` gives the user's own agent homes: see `homes`; asked again for each folder that is new.

        `outside` says of a transcript that lies in none of them why it is a recording.
        """
        self._homes = homes
        self._outside = outside
        self._folders: dict[str, str] = {}
        """By folder: the reason why its transcripts are recordings; empty if they are not."""

    @property
    def paths(self) -> list[str]:
        """The real paths of the homes, whether they exist or not."""
        return [root.path for root in self._homes()]

    def recording(self, path: str) -> str:
        """Why a transcript is a recording, in words; empty if it is the operator's own. Touches the disk."""
        try:
            link = os.path.islink(path)  # noqa: PTH114 (hot path)
            real = os.path.realpath(path, strict=True) if link else path
            owner = os.stat(real).st_uid  # noqa: PTH116
        except OSError:
            return "its transcript is gone"
        folder = os.path.dirname(real)  # noqa: PTH120
        if folder not in self._folders:
            self._folders[folder] = self._judge(folder)
        why = self._folders[folder]
        if link and why == self._outside:
            return "its transcript is a link that leads out of your agents' homes"
        return why or ("" if owner == os.geteuid() else f"its transcript belongs to another user (number {owner})")

    def other_folder(self, path: str) -> str | None:
        """Another folder of the same home with a transcript of this name; None if there is none. Touches the disk."""
        folder, name = os.path.split(os.path.realpath(path))
        for home in map(os.path.realpath, self.paths):
            if not is_inside(folder, [home]):
                continue
            with contextlib.suppress(OSError), os.scandir(home) as entries:
                for entry in entries:
                    if entry.path != folder and os.path.lexists(f"{entry.path}{os.sep}{name}"):
                        return entry.path
        return None

    def _judge(self, folder: str) -> str:
        real = os.path.realpath(folder)
        for root in self._homes():
            home = os.path.realpath(root.path)
            if not is_inside(real, [home]):
                continue
            for part in (home, os.path.dirname(home)):  # noqa: PTH120 (the registry lies beside the transcripts)
                try:
                    owner = os.stat(part).st_uid  # noqa: PTH116
                except OSError:
                    return f"its home {part} cannot be looked at"
                if owner != os.geteuid():
                    return f"its home {part} belongs to another user (number {owner})"
            return ""
        return self._outside


def is_named_after(path: str, session: str, agent: str) -> bool:
    """Whether a transcript has its session's id in its name, as its agent names transcripts.

    A copy often has another name.
    """
    return bool(session) and files_of(agent).session_name(path).endswith(session)


def places(paths: Sequence[str]) -> tuple[list[Root], list[UnreadableLine]]:
    """Roots for the paths that the operator named, and the paths that cannot be read.

    Bundles are unpacked: see `unpack`.
    """
    from tui.sources.unpack import is_bundle  # noqa: PLC0415 (not needed for the agents' homes)

    roots: list[Root] = []
    refused: list[UnreadableLine] = []
    for path in paths:
        full = os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111 (Path would resolve no "..")
        try:
            mode = os.stat(full).st_mode  # noqa: PTH116
        except OSError as error:
            refused.append(_skip(refusal(path, error)))
            continue
        if stat.S_ISDIR(mode):
            roots.append(Root(full, None, RootKind.FOLDER))
        elif is_bundle(full):
            roots += _bundled(full, refused)
        else:
            roots.append(Root(full, None, RootKind.FILE))
    return roots, refused


def _bundled(path: str, refused: list[UnreadableLine]) -> list[Root]:
    """The homes inside a bundle."""
    from tui.sources.unpack import unpack  # noqa: PLC0415

    try:
        unpacked = unpack(path)
    except Refused as error:
        refused.append(_skip(error))
        return []
    refused += unpacked.refused
    return [Root(home.path, home.agent, RootKind.FOLDER) for home in unpacked.homes]


def on_disk(roots: Sequence[Root]) -> list[Root]:
    """The roots that exist, under their real paths, without duplicates and roots inside another root."""
    real: dict[str, Root] = {}
    for root in roots:
        path = os.path.realpath(root.path)
        if path not in real and os.path.exists(path):  # noqa: PTH110
            real[path] = Root(path, root.agent_hint, root.kind)
    folders = [path for path, root in real.items() if root.kind is not RootKind.FILE]
    return [
        root
        for path, root in real.items()
        if root.kind is RootKind.FILE or not is_inside(os.path.dirname(path), folders)  # noqa: PTH120
    ]


def hint_for(path: str, roots: Sequence[Root]) -> str | None:
    """The agent whose home contains a path, by the longest root that contains it."""
    holding = [root for root in roots if is_inside(path, [root.path])]
    return max(holding, key=lambda root: len(root.path)).agent_hint if holding else None


def walk(
    root: Root, since: float | None = None, refuse: Callable[[UnreadableLine], None] | None = None
) -> Iterator[Found]:
    """The transcripts below a root, newest first. See `find` for many roots.

    Args:
        root: a folder is walked, a file is taken whatever its name. A missing one yields nothing.
        since: files changed before this time (seconds UTC) are left out.
        refuse: called with what looks like a transcript and cannot be read.
    """
    yield from find([root], since, refuse)


def find(
    roots: Sequence[Root], since: float | None = None, refuse: Callable[[UnreadableLine], None] | None = None
) -> list[Found]:
    """The transcripts below all roots, newest first, each once.

    A file with several names counts under one of them. So does a Codex thread with several files: an active one counts
    before an archived one, a plain one before a compressed one.
    """
    real = on_disk(roots)
    best: dict[object, Found] = {}
    files: dict[tuple[int, int], Found] = {}
    for root in real:
        for found in scan(root, real, refuse or _drop):
            if files.setdefault((found.dev, found.ino), found) is not found:
                continue
            thread = thread_of(found.path) or (found.dev, found.ino)
            if thread not in best or _precedence(found) < _precedence(best[thread]):
                best[thread] = found
    kept = (found for found in best.values() if since is None or found.mtime >= since)
    return sorted(kept, key=lambda found: (-found.mtime, found.path))


def scan(
    root: Root,
    real: Sequence[Root],
    refuse: Callable[[UnreadableLine], None],
    wanted: Callable[[str], bool] | None = None,
    seen_folder: Callable[[str], None] | None = None,
) -> Iterator[Found]:
    """Every transcript below a real root as the folders list them. Follows links to files, never to folders.

    Args:
        root: where to begin.
        real: all real roots: a link may lead to a file in any of them.
        refuse: called with what cannot be read.
        wanted: which names to give; those of transcripts if None.
        seen_folder: called with every folder that is entered.
    """
    if root.kind is RootKind.FILE:
        yield from _named(root.path, refuse)
        return
    wanted = wanted or is_transcript
    inside = [each.path for each in real]
    waiting = [root.path]
    while waiting:
        folder = waiting.pop()
        if seen_folder:
            seen_folder(folder)
        for entry in _listing(folder, refuse):
            if entry.is_symlink():
                yield from _linked(entry.path, wanted(entry.path), inside, refuse)
            elif entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif wanted(entry.path):
                yield from _plain(entry, refuse)


def is_transcript(path: str) -> bool:
    """Whether a path is named as agents name transcripts."""
    return path.endswith(SUFFIXES) and not any(files.is_other(path) for files in FILES)


def thread_of(path: str) -> str | None:
    """The name of a thread that may have several copies on disk; None where the path alone identifies it."""
    for files in FILES:
        if thread := files.thread_of(path):
            return thread
    return path.removesuffix(".zst") if path.endswith(SUFFIXES) else None


def rank(path: str) -> tuple[bool, bool]:
    """Ranks the copies of one thread: the smallest rank counts."""
    return any(files.is_archived(path) for files in FILES), path.endswith(".zst")


def _precedence(found: Found) -> tuple[tuple[bool, bool], float]:
    return rank(found.path), -found.mtime


def _listing(folder: str, refuse: Callable[[UnreadableLine], None]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        _refuse_unless_gone(refusal(folder, error), refuse)
        return []


def _plain(entry: os.DirEntry[str], refuse: Callable[[UnreadableLine], None]) -> Iterator[Found]:
    """A listed entry that is neither a folder nor a link."""
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError as error:
        _refuse_unless_gone(refusal(entry.path, error), refuse)
        return
    if stat.S_ISREG(found.st_mode):
        yield _found(entry.path, found)
    else:
        refuse(_skip(not_a_file(entry.path, found.st_mode)))


def _linked(
    path: str, wanted: bool, inside: Sequence[str], refuse: Callable[[UnreadableLine], None]
) -> Iterator[Found]:
    """A link in a folder. Folders behind links are not entered: if they lie in a root, they are walked there."""
    try:
        found = os.stat(path)  # noqa: PTH116
        real = os.path.realpath(path, strict=True)
    except OSError as error:
        if wanted:
            _refuse_unless_gone(refusal(path, error), refuse)
        return
    is_folder = stat.S_ISDIR(found.st_mode)
    if not wanted and not is_folder:
        return
    if not is_inside(real, inside):
        refuse(_skip(leads_outside(path, real)))
    elif stat.S_ISREG(found.st_mode):
        yield _found(path, found)
    elif not is_folder:
        refuse(_skip(not_a_file(path, found.st_mode)))


def _named(path: str, refuse: Callable[[UnreadableLine], None]) -> Iterator[Found]:
    """A file that the operator named."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError as error:
        _refuse_unless_gone(refusal(path, error), refuse)
        return
    if stat.S_ISREG(found.st_mode):
        yield _found(path, found)
    else:
        refuse(_skip(not_a_file(path, found.st_mode)))


def _found(path: str, found: os.stat_result) -> Found:
    return Found(path, found.st_dev, found.st_ino, found.st_size, found.st_mtime, found.st_ctime)


def _refuse_unless_gone(refused: Refused, refuse: Callable[[UnreadableLine], None]) -> None:
    """Reports a refusal, unless the file vanished after it was listed or the link leads nowhere."""
    if refused.reason is not Reason.MISSING:
        refuse(_skip(refused))


def _skip(refused: Refused) -> UnreadableLine:
    return UnreadableLine(refused.path, None, None, refused.why)


def _drop(_: UnreadableLine) -> None:
    """Ignores refusals."""
