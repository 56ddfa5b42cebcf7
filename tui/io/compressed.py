"""Reads `.jsonl.zst`, the form in which Codex keeps old rollouts, without trusting the file."""

from __future__ import annotations

import os

import zstandard

from tui.io.lines import MIB

OUTPUT_CAP = 2 << 30
"""The most bytes that one compressed transcript may expand to."""
RATIO_CAP = 1000
"""How many times its own size a file may expand to, beyond the first MiB."""
WINDOW_CAP = 8 * MIB
"""The window that every decoder should support (RFC 8878, 3.1.1.1.2). It bounds the memory that a hostile header can
make us allocate.
"""

_STEP = 512
"""Compressed bytes per step. A block of four bytes can expand to 128 KiB, so one step gives at most 16 MiB."""


class BrokenArchive(Exception):
    """The archive cannot be read from here on. The message is written for the operator."""


class ZstStream:
    """A compressed file read from its start in pieces. Owns the file descriptor."""

    def __init__(self, fd: int, *, output_cap: int = OUTPUT_CAP, ratio_cap: int = RATIO_CAP) -> None:
        self._fd = fd
        self._output_cap = output_cap
        self._ratio_cap = ratio_cap
        self._taken = 0
        self._given = 0
        self._frame = _new_frame()
        self._in_frame = False
        self._ready = b""
        self._at = 0

    def read(self, limit: int) -> bytes:
        """The next bytes of the content, at most `limit`; b"" at the end.

        Raises:
            BrokenArchive: the content ends too early, or is damaged here.
            OSError: the file could not be read.
        """
        while self._at >= len(self._ready):
            packed = os.read(self._fd, _STEP)
            if not packed:
                self._check_end()
                return b""
            self._ready, self._at = self._unpack(packed), 0
        piece = self._ready[self._at : self._at + limit]
        self._at += len(piece)
        return piece

    def close(self) -> None:
        """Closes the file. May be called again."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _unpack(self, packed: bytes) -> bytes:
        self._taken += len(packed)
        out: list[bytes] = []
        while packed:
            try:
                out.append(self._frame.decompress(packed))
            except zstandard.ZstdError as error:
                raise BrokenArchive(f"broken zstd data ({error})") from error
            self._in_frame = not self._frame.eof
            packed = b""
            if self._frame.eof:
                packed = self._frame.unused_data
                self._frame = _new_frame()
        self._given += sum(map(len, out))
        if self._given > self._output_cap or self._given > self._taken * self._ratio_cap + MIB:
            raise BrokenArchive(
                f"expands past the cap of {self._output_cap // MIB} MiB and {self._ratio_cap} times its size; "
                "the rest was not read"
            )
        return b"".join(out)

    def _check_end(self) -> None:
        if self._in_frame:
            raise BrokenArchive("ends in the middle of its zstd data")


def _new_frame() -> zstandard.ZstdDecompressionObj:
    return zstandard.ZstdDecompressor(max_window_size=WINDOW_CAP).decompressobj()
