"""A bundle: transcripts in one file, so that they can be read elsewhere. Its format, and its writer.

A tar archive under zstd, `NAME.tar.zst`, that other programs unpack too:

    transcripts/HOME/...    the transcripts and their sidecars, placed as in the agent's home
    journal.jsonl           the orders to these lanes, JSON lines as in the audit log
    manifest.json           a description of the bundle (schema 1); the last entry, so that a cut bundle is noticed

The bytes depend only on the content: there are no times and no owners, and names are in order.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import zstandard

from tui.agents.registry import sidecar_at
from tui.io.lines import MIB
from tui.io.tar import END, header_of, padding_of
from tui.model.frozen import frozen

SUFFIX = ".tar.zst"
MANIFEST = "manifest.json"
JOURNAL = "journal.jsonl"
FOLDER = "transcripts"
SCHEMA = 1

SIZE_CAP = 4 << 30
"""The largest bundle in bytes, for writing and for reading."""
RATIO_CAP = 1000
"""How many times its own size a bundle may expand to, beyond the first MiB."""
FILES_CAP = 100_000
NAME_CAP = 1000
"""The longest name of a file with its folders, in characters."""
DEEPEST = 32
"""The most folders inside one another."""

_PART = re.compile(r"[^\x00-\x1f\x7f/\\]{1,255}\Z")
_LEVEL = 10
"""The level of zstd. Its window stays at 4 MiB, half of what every decoder supports."""
_IN_MEMORY = 8 * MIB
_PIECE = 256 * 1024


def wrong_name(name: str) -> str | None:
    """Why a file of a bundle cannot have this name; None if it can. The same rule holds for writing and reading."""
    parts = name.split("/")
    if len(name) > NAME_CAP or len(parts) > DEEPEST:
        return "a name that is too long or too deep"
    if name.startswith("/"):
        return "an absolute name"
    if any(part in ("", ".", "..") for part in parts):
        return "a name that leads elsewhere"
    if not all(_PART.match(part) and len(part.encode("utf-8", "replace")) <= 255 for part in parts):
        return "a name with characters that have no place in one"
    is_transcript = parts[0] == FOLDER and len(parts) > 2 and (name.endswith(".jsonl") or sidecar_at(name) is not None)
    return None if is_transcript or name in (MANIFEST, JOURNAL) else "not what a bundle holds"


class BundleError(Exception):
    """A bundle was not written. The message is one line. An existing file in its place is unchanged."""


@frozen
class BundledFile:
    """One file as the manifest lists it: `size` in bytes, `sha256` in hex of the bytes in the bundle."""

    name: str
    size: int
    sha256: str


@dataclass(slots=True)
class BundleWriter:
    """Writes a bundle beside its place and puts it there when it is whole. Use as a context manager.

    Holds at most 8 MiB of each file in memory: the size of a file must be known before its bytes are written.
    """

    path: Path
    overwrite: bool = False
    files: list[BundledFile] = field(default_factory=list[BundledFile])
    """The files written so far."""
    _half: Path = field(init=False)
    _out: Any = field(init=False, default=None)
    _stream: zstandard.ZstdCompressionWriter = field(init=False)
    _size: int = field(init=False, default=0)

    def __enter__(self) -> BundleWriter:
        """Opens a private file beside the bundle's place.

        Raises:
            BundleError: there is something already, or nothing can be written there.
        """
        if not self.overwrite and os.path.lexists(self.path):
            raise BundleError(f"{self.path} exists: --force writes over it")
        if self.path.is_dir():
            raise BundleError(f"{self.path} is a folder")
        try:
            fd, half = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.", suffix=".tmp")
        except OSError as error:
            raise self._failed(error) from error
        self._half = Path(half)
        self._out = os.fdopen(fd, "wb")
        self._stream = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).stream_writer(
            self._out, closefd=False
        )
        return self

    def add(self, name: str, pieces: Iterable[bytes]) -> BundledFile | None:
        """Adds a file; None if the pieces are empty. Names are relative, with `/`.

        Raises:
            BundleError: the bundle would be too large, or cannot be written.
        """
        digest = sha256()
        try:
            with tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(self.path.parent)) as spool:
                for piece in pieces:
                    digest.update(piece)
                    spool.write(piece)
                size = spool.tell()
                if not size:
                    return None
                self._make_room(size)
                spool.seek(0)
                self._stream.write(header_of(name, size))
                while data := spool.read(_PIECE):
                    self._stream.write(data)
                self._stream.write(padding_of(size))
                # A frame for each file: copies of a session would otherwise compress so well that readers refuse the
                # ratio.
                self._stream.flush(zstandard.FLUSH_FRAME)
        except OSError as error:
            raise self._failed(error) from error
        file = BundledFile(name, size, digest.hexdigest())
        self.files.append(file)
        return file

    def finish(self, manifest: Mapping[str, Any]) -> int:
        """Adds the manifest and puts the bundle in its place. Returns its size in bytes.

        Raises:
            BundleError: it cannot be written, or its place was taken in the meantime.
        """
        self.add(MANIFEST, [orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)])
        try:
            self._stream.write(END)
            self._stream.flush(zstandard.FLUSH_FRAME)
            self._out.flush()
            os.fsync(self._out.fileno())
            packed = os.fstat(self._out.fileno()).st_size
            if self._size > packed * RATIO_CAP + MIB:
                raise BundleError(f"it shrinks more than {RATIO_CAP} times: readers would take it for an attack")
            self._put()
        except OSError as error:
            raise self._failed(error) from error
        return packed

    def __exit__(self, *_: object) -> None:
        """Removes a bundle that was not finished."""
        self._out.close()
        with contextlib.suppress(OSError):
            self._half.unlink()

    def _put(self) -> None:
        if not self.overwrite:
            try:
                os.link(self._half, self.path)  # a rename would overwrite a file that appeared in the meantime
                return
            except OSError as error:
                if os.path.lexists(self.path):
                    raise BundleError(f"{self.path} exists: --force writes over it") from error
                # this file system has no links
        self._half.replace(self.path)

    def _make_room(self, size: int) -> None:
        self._size += size
        if self._size > SIZE_CAP:
            raise BundleError(f"more than {SIZE_CAP >> 30} GiB: export fewer transcripts (--since, or by path)")
        if len(self.files) >= FILES_CAP:
            raise BundleError(f"more than {FILES_CAP} files: export fewer transcripts (--since, or by path)")

    def _failed(self, error: OSError) -> BundleError:
        return BundleError(f"{self.path} cannot be written: {error.strerror or error}")
