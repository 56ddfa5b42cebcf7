"""Opens a bundle that somebody else made: unpacks it into a private folder and checks names and sizes.

Nothing in it is trusted. Only plain files with the names of transcripts, sidecars, the journal and the manifest are
taken: no links, no devices, no absolute names, no `..`. Size, ratio, number of files, depth and length of names are
capped. A bad entry is refused alone, with one line that says why, and so is a file that the manifest does not list or
lists with another size or digest. A bundle without a manifest is refused as a whole, since it was cut off. The folder
is removed when lanewatch ends; that of a lanewatch that was killed is removed by the next one that opens a bundle.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import orjson

from tui.agents.registry import find
from tui.io.compressed import BrokenArchive, ZstStream
from tui.io.files import Reason, Refused, open_transcript
from tui.io.json_fields import array, integer, number, obj, text
from tui.io.lines import MIB
from tui.io.tar import BrokenTar, TarEntry, entries
from tui.model.event import UnreadableLine
from tui.model.frozen import frozen
from tui.sources.bundle import FILES_CAP, FOLDER, JOURNAL, MANIFEST, RATIO_CAP, SCHEMA, SIZE_CAP, SUFFIX, wrong_name

MANIFEST_CAP = 64 * MIB
REFUSED_CAP = 100
"""The most refusals that are reported one by one."""

_PREFIX = "lanewatch-bundle-"


@frozen
class BundleHome:
    """One agent home of a bundle, unpacked. `path` is absolute; `agent` whose home it was, where that was known."""

    path: str
    agent: str | None


@frozen
class Unpacked:
    """The content of a bundle, in a private folder that exists as long as lanewatch runs."""

    homes: tuple[BundleHome, ...]
    journal: Path | None
    """The audit log of its lanes, JSON lines."""
    manifest: Mapping[str, Any]
    refused: tuple[UnreadableLine, ...]


@frozen
class Caps:
    """Limits for a bundle: bytes, ratio of the content to its size, files."""

    size: int = SIZE_CAP
    ratio: int = RATIO_CAP
    files: int = FILES_CAP


CAPS = Caps()


def is_bundle(path: str) -> bool:
    """Whether a path is named as a bundle."""
    return path.endswith(SUFFIX)


def unpack(path: str, caps: Caps = CAPS) -> Unpacked:
    """Unpacks a bundle; the same file only once in a process.

    Raises:
        Refused: it cannot be opened, or the manifest is missing.
    """
    opened = open_transcript(path)
    key = (opened.stat.st_dev, opened.stat.st_ino, opened.stat.st_size, opened.stat.st_mtime_ns)
    if known := _OPEN.get(key):
        os.close(opened.fd)
        return known
    _sweep()
    folder = _private_folder()
    stream = ZstStream(opened.fd, output_cap=caps.size, ratio_cap=caps.ratio)
    try:
        found = _Unpacking(path, folder, caps).all(stream)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        stream.close()
    _OPEN[key] = found
    return found


_OPEN: dict[tuple[int, int, int, int], Unpacked] = {}


@dataclass(slots=True)
class _Unpacking:
    """Unpacks one bundle into a folder."""

    path: str
    folder: Path
    caps: Caps
    digests: dict[str, str] = field(default_factory=dict[str, str])
    """The digests of the written files, by name."""
    refused: list[UnreadableLine] = field(default_factory=list[UnreadableLine])
    count: int = 0
    refusals: int = 0
    ended: str = ""
    """Why the archive was not read to its end."""

    def all(self, stream: ZstStream) -> Unpacked:
        try:
            for entry in entries(stream.read):
                self.count += 1
                if self.count > self.caps.files:
                    self.ended = f"holds more than {self.caps.files} files; the rest was not read"
                    break
                self._take(entry)
        except (BrokenTar, BrokenArchive) as error:
            self.ended = str(error)
        except OSError as error:
            self.ended = f"cannot be unpacked ({error.strerror or error})"
        if self.ended:
            self._refuse("", self.ended)
        return self._checked()

    def _take(self, entry: TarEntry) -> None:
        why = entry.refused or self._wrong_name(entry.name) or self._too_large(entry)
        if why is not None:
            self._refuse(entry.name, why)
            return
        target = self.folder / entry.name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except FileExistsError:  # on a file system that takes two different names as equal
            self._refuse(entry.name, "a name that was there already")
            return
        try:
            digest = sha256()
            with os.fdopen(fd, "wb") as file:
                for piece in entry.pieces:
                    digest.update(piece)
                    file.write(piece)
        except BaseException:
            target.unlink()  # a file that is incomplete was not checked either
            raise
        self.digests[entry.name] = digest.hexdigest()

    def _wrong_name(self, name: str) -> str | None:
        if (why := wrong_name(name)) is not None:
            return why
        if name in self.digests:
            return "a name that was there already"
        parts = name.split("/")
        target = self.folder / name
        if target.is_dir() or any((self.folder / Path(*parts[:end])).is_file() for end in range(1, len(parts))):
            return "a file and a folder of one name"
        return None

    def _too_large(self, entry: TarEntry) -> str | None:
        if entry.name == MANIFEST and entry.size > MANIFEST_CAP:
            return "a manifest of more than 64 MiB"
        return None

    def _checked(self) -> Unpacked:
        """The files that agree with the manifest; the others are removed.

        Raises:
            Refused: there is no manifest.
        """
        manifest = self._manifest()
        last: dict[str, float] = {}
        stated: dict[str, str] = {}
        for one in map(obj, array(manifest.get("files"))):
            if (name := text(one.get("name"))) is not None:
                stated[name] = text(one.get("sha256")) or ""
                last[name] = number(one.get("last")) or 0.0
        for name, digest in self.digests.items():
            if name == MANIFEST:
                continue
            if stated.get(name) == digest:
                self._set_time(name, last[name])
                continue
            why = "other bytes than the manifest says" if name in stated else "the manifest does not know it"
            self._refuse(name, why)
            (self.folder / name).unlink()
        for name in stated.keys() - self.digests.keys():
            self._refuse(name, "the manifest knows it, and it is not there")
        if self.refusals > len(self.refused):
            self.refused.append(
                UnreadableLine(self.path, None, None, f"{self.refusals - len(self.refused)} more refused")
            )
        journal = self.folder / JOURNAL
        return Unpacked(self._homes(manifest), journal if journal.is_file() else None, manifest, tuple(self.refused))

    def _manifest(self) -> dict[str, Any]:
        if MANIFEST not in self.digests:
            raise self._no_bundle(f"no bundle, or one that was cut off: {self.ended or 'it has no manifest'}")
        try:
            value = orjson.loads((self.folder / MANIFEST).read_bytes())
        except orjson.JSONDecodeError as error:
            raise self._no_bundle("a bundle whose manifest cannot be read") from error
        if not isinstance(value, dict):
            raise self._no_bundle("a bundle whose manifest cannot be read")
        manifest = cast("dict[str, Any]", value)
        if integer(manifest.get("schema")) != SCHEMA:
            raise self._no_bundle("a bundle of another schema: a newer lanewatch may read it")
        return manifest

    def _no_bundle(self, why: str) -> Refused:
        return Refused(self.path, Reason.UNREADABLE, why)

    def _homes(self, manifest: Mapping[str, Any]) -> tuple[BundleHome, ...]:
        """The folders directly below `transcripts/`, with the agents that the manifest names."""
        agents = {text(one.get("folder")): one.get("agent") for one in map(obj, array(manifest.get("homes")))}
        below = self.folder / FOLDER
        names = sorted(entry.name for entry in below.iterdir()) if below.is_dir() else []
        homes: list[BundleHome] = []
        for name in names:
            agent = agents.get(name)
            homes.append(BundleHome(str(below / name), agent if isinstance(agent, str) and find(agent) else None))
        return tuple(homes)

    def _set_time(self, name: str, at: float) -> None:
        """Sets the time at which a file was last written to, because transcripts are read newest first."""
        with contextlib.suppress(OSError, OverflowError, ValueError):
            os.utime(self.folder / name, (at, at))

    def _refuse(self, name: str, why: str) -> None:
        self.refusals += 1
        if len(self.refused) < REFUSED_CAP:
            self.refused.append(UnreadableLine(f"{self.path}/{name}" if name else self.path, None, None, why))


# -- the private folder ------------------------------------------------------------------------------


def _private_folder() -> Path:
    """A new folder. It is locked while this process lives, and removed at its end."""
    made = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}"))
    lock = os.open(made, os.O_RDONLY | os.O_CLOEXEC)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    folder = made.with_name(made.name.removeprefix("."))
    made.rename(folder)  # it is locked now: no other process removes it
    weakref.finalize(_OPEN_FOLDERS, _remove, folder, os.getpid())
    return Path(os.path.realpath(folder))


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # not a forked child
        shutil.rmtree(folder, ignore_errors=True)


class _OpenFolders:
    """Exists as long as the process. The removal of the folders is bound to it."""


_OPEN_FOLDERS = _OpenFolders()


def _sweep() -> None:
    """Removes folders that a killed lanewatch left behind: those without a lock."""
    with contextlib.suppress(OSError), os.scandir(tempfile.gettempdir()) as listed:
        for entry in listed:
            if entry.name.startswith(_PREFIX):
                _sweep_one(Path(entry.path))


def _sweep_one(folder: Path) -> None:
    with contextlib.suppress(OSError):
        fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_DIRECTORY)
        try:
            found = os.fstat(fd)
            if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
                return
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(fd)
