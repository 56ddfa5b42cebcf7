"""Gives all lines of a transcript at rest, with the same borders as the tail, for commands that copy transcripts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import orjson

from tui.io.compressed import BrokenArchive, ZstStream
from tui.io.files import open_transcript
from tui.io.lines import LINE_CAP, Line, LineSplitter, LongLine
from tui.model.event import LaneInfo, UnreadableLine
from tui.sources.transcript import SNIFF_LINES, Transcript, unclean, without_mark

_CHUNK = 256 * 1024


class NoLine(NamedTuple):
    """Stands for a line that cannot be copied.

    `is_told`: whether a reader of the transcript reports the line as unreadable.
    """

    number: int
    why: str
    is_told: bool


class Look(NamedTuple):
    """The facts that the beginning of a transcript states."""

    agent: str | None
    """The agent that wrote it; None if no reader knows it."""
    folders: tuple[str, ...]
    """The folders in which the agent worked."""
    began: float | None
    """The first time stated, in seconds UTC; None if there is none."""


def whole_lines(path: str, roots: Sequence[str] | None = None, cap: int = LINE_CAP) -> Iterator[Line | NoLine]:
    """The lines of a transcript, compressed or not, in order. Holds one line at a time.

    A last line without its newline counts if it is a whole JSON object; empty lines are not returned, but are counted.

    Args:
        path: the transcript.
        roots: as in `open_transcript`.
        cap: bytes of the longest line.

    Raises:
        Refused: it cannot be opened.
        OSError: it cannot be read on.
    """
    splitter = LineSplitter(cap)
    number = 0
    try:
        for data in _pieces(path, roots):
            for line in splitter.feed(data):
                number = line.number
                yield _checked(line)
    except BrokenArchive as broken:
        yield NoLine(number + 1, str(broken), is_told=True)
        return
    if not splitter.unfinished:
        return
    if is_object(splitter.peek()):
        for line in splitter.take_unfinished():
            yield _checked(line)
        return
    yield NoLine(number + 1, "the last line is not finished", is_told=True)


def look(path: str, hint: str | None, roots: Sequence[str] | None = None, cap: int = LINE_CAP) -> Look:
    """Reads the beginning of a transcript, until it is known who wrote it, and when.

    Raises:
        Refused: it cannot be opened.
        OSError: it cannot be read.
    """
    transcript = Transcript(path, hint, cap=cap)
    folders: dict[str, None] = {}
    began: float | None = None
    for count, line in enumerate(whole_lines(path, roots, cap), 1):
        if isinstance(line, Line):
            events = [event for event in transcript.feed(line.data + b"\n") if not isinstance(event, UnreadableLine)]
            folders |= {event.cwd: None for event in events if isinstance(event, LaneInfo) and event.cwd}
            began = next((event.at for event in events if event.at is not None), None) if began is None else began
        if (transcript.agent and began is not None) or transcript.ignored or count >= SNIFF_LINES:
            break
    return Look(transcript.agent, tuple(folders), began)


def _pieces(path: str, roots: Sequence[str] | None) -> Iterator[bytes]:
    opened = open_transcript(path, roots)
    if path.endswith(".zst"):
        stream = ZstStream(opened.fd)
        try:
            while data := stream.read(_CHUNK):
                yield data
        finally:
            stream.close()
        return
    try:
        while data := os.read(opened.fd, _CHUNK):
            yield data
    finally:
        os.close(opened.fd)


def _checked(line: Line | LongLine) -> Line | NoLine:
    if isinstance(line, LongLine):
        return NoLine(line.number, line.why, is_told=True)
    if line.offset == 0:
        line = without_mark(line)
    why = unclean(line.data)
    return line if why is None else NoLine(line.number, why, is_told=True)


def is_object(data: bytes) -> bool:
    """Whether a last line without its newline is a complete JSON object."""
    text = data.removeprefix(b"\xef\xbb\xbf").rstrip()
    if not (text.startswith(b"{") and text.endswith(b"}")):
        return False
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
