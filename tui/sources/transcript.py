"""One transcript: takes bytes, gives events and unreadable lines. It opens no file and reads no clock."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from tui.agents import registry
from tui.agents.base import Reader
from tui.io.lines import LINE_CAP, MIB, BadLine, Line, LineSplitter, LongLine
from tui.model.event import Event, UnreadableLine

SNIFF_LINES = 5000
"""A file is given up if none of this many lines tells its format."""
SNIFF_LEAST, SNIFF_ENOUGH = 50, MIB
"""A file is also given up if none of `SNIFF_LEAST` lines with `SNIFF_ENOUGH` bytes tells it. Both are needed, because a
future client may begin with unknown lines."""
SNIFF_BYTES = 32 * MIB
"""The most bytes that are held until the format is known."""
NOT_KNOWN = "not a transcript that lanewatch knows"
_BOM = b"\xef\xbb\xbf"
_OTHER_FORMATS = {
    b"\x1f\x8b": "a gzip file: unpack it first",
    b"\x28\xb5\x2f\xfd": "a zstd file: name it .jsonl.zst",
    b"\xff\xfe": "UTF-16 text: transcripts are UTF-8",
    b"\xfe\xff": "UTF-16 text: transcripts are UTF-8",
}
"""Other formats by the first bytes of a file without lines of text."""

Sniff = Callable[[bytes], str | None]
MakeReader = Callable[[str], Reader]


class Transcript:
    """Reads one transcript as it grows. It can be pickled at any time, and continues after it was unpickled.

    The content decides which agent wrote it. Lines before the first line that shows the agent are held until then, so
    that nothing is lost. `hint`, from the place of the file, is used only if the content does not show the agent.
    """

    def __init__(
        self,
        path: str,
        hint: str | None = None,
        *,
        sniff: Sniff = registry.sniff,
        make_reader: MakeReader = registry.make_reader,
        cap: int = LINE_CAP,
    ) -> None:
        self.path = path
        """The path named with unreadable lines. It may change when the file moves."""
        self._hint = hint
        self._sniff = sniff
        self._make_reader = make_reader
        self._lines = LineSplitter(cap)
        self._reader: Reader | None = None
        self._ignored = False
        self._held: list[Line | UnreadableLine] = []
        self._held_bytes = 0
        self._head = b""
        """The first bytes of the file, enough to recognise another format."""
        self._refused_last = 0
        """The length of the unfinished line when it was last examined."""

    @property
    def agent(self) -> str | None:
        """The agent that wrote it, once that is known."""
        return self._reader.agent if self._reader else None

    @property
    def ignored(self) -> bool:
        """True if no reader knows the file: everything that follows is ignored."""
        return self._ignored

    @property
    def is_whole(self) -> bool:
        """True if no line is unfinished."""
        return self._lines.unfinished == 0

    def feed(self, data: bytes, end_of_file: bool = False) -> list[Event | UnreadableLine]:
        """Takes the next bytes. Returns the events and unreadable lines that they complete.

        Args:
            data: bytes in pieces of any size; the same bytes give the same events.
            end_of_file: nothing will follow. Then a last line without a newline counts, and if no line shows the agent,
                the hint decides.
        """
        if self._ignored:
            return []
        if len(self._head) < 4:
            self._head = (self._head + data[:4])[:4]
        out: list[Event | UnreadableLine] = []
        for line in self._lines.feed(data, end_of_file):
            entry = self._checked(line)
            if entry is None:
                continue
            if self._reader:
                self._take(self._reader, entry, out)
            elif self._hold(entry, out):
                return out
        if end_of_file and self._held:
            self._decide(self._hint, out)
        return out

    def feed_last(self) -> list[Event | UnreadableLine]:
        """Takes the last line without its newline, if it is a whole JSON object: some writers end a file in this way.

        Call it for a file at rest. An incomplete line stays unfinished and is examined again only after it grew.
        """
        if self._ignored or self._lines.unfinished in (0, self._refused_last):
            return []
        self._refused_last = self._lines.unfinished
        text = self._lines.peek().removeprefix(_BOM).rstrip()
        if not (text.startswith(b"{") and text.endswith(b"}")):
            return []
        try:
            orjson.loads(text)
        except orjson.JSONDecodeError:
            return []
        out: list[Event | UnreadableLine] = []
        for line in self._lines.take_unfinished():
            entry = self._checked(line)
            if self._reader and entry is not None:
                self._take(self._reader, entry, out)
            elif entry is not None:
                self._hold(entry, out)
        return out

    def unread(self) -> UnreadableLine | None:
        """The part of a file at rest that was not read. The whole file, or an incomplete last line; None if nothing."""
        if self._ignored:
            return None
        rest = self._lines.peek().strip()
        if self._held or (rest and self._reader is None):
            return UnreadableLine(self.path, None, None, self._why_not_known())
        if not rest:
            return None
        return UnreadableLine(
            self.path, *self._lines.place, f"the last line is not finished ({self._lines.unfinished} bytes)"
        )

    def _why_not_known(self) -> str:
        for magic, why in _OTHER_FORMATS.items():
            if self._head.startswith(magic):
                return why
        if not self._held and b"\r" in self._lines.peek().rstrip():
            return "its lines end in carriage returns alone: transcripts have newlines"
        return NOT_KNOWN

    def _checked(self, line: Line | LongLine) -> Line | UnreadableLine | None:
        """The line, checked; None if it contains only the byte order mark that some editors write."""
        if isinstance(line, LongLine):
            return UnreadableLine(self.path, line.number, line.offset, line.why)
        if line.offset == 0:
            line = without_mark(line)
        if why := unclean(line.data):
            return UnreadableLine(self.path, line.number, line.offset, why)
        return line if line.data else None

    def _take(self, reader: Reader, entry: Line | UnreadableLine, out: list[Event | UnreadableLine]) -> None:
        if isinstance(entry, UnreadableLine):
            out.append(entry)
            return
        try:
            out.extend(reader.read(entry))
        except BadLine as bad:
            out.append(UnreadableLine(self.path, entry.number, entry.offset, str(bad)))
        except Exception as error:  # lines are hostile: a reader's error with one must not end the watch
            why = f"the {reader.agent} reader failed on it ({type(error).__name__}: {str(error)[:200]})"
            out.append(UnreadableLine(self.path, entry.number, entry.offset, why))

    def _hold(self, entry: Line | UnreadableLine, out: list[Event | UnreadableLine]) -> bool:
        """Holds a line of a file whose format is not known yet. Returns True when the file is given up."""
        self._held.append(entry)
        if isinstance(entry, Line):
            self._held_bytes += len(entry.data)
            if agent := self._sniff(entry.data):
                self._decide(agent, out)
                return False
        lines, size = len(self._held), self._held_bytes
        if lines < SNIFF_LINES and size < SNIFF_BYTES and (lines < SNIFF_LEAST or size < SNIFF_ENOUGH):
            return False
        self._decide(self._hint, out)
        return self._ignored

    def _decide(self, agent: str | None, out: list[Event | UnreadableLine]) -> None:
        """Decides the format. None gives the file up, with one `UnreadableLine` for all of it."""
        if agent is None:
            why = self._why_not_known()
            self._held, self._held_bytes, self._ignored = [], 0, True
            self._lines = LineSplitter()  # drops an unfinished line
            out.append(UnreadableLine(self.path, None, None, why))
            return
        held, self._held, self._held_bytes = self._held, [], 0
        self._reader = self._make_reader(agent)
        for entry in held:
            self._take(self._reader, entry, out)


def without_mark(line: Line) -> Line:
    """The first line of a file without the byte order mark that some editors write."""
    return line._replace(data=line.data.removeprefix(_BOM))


def unclean(data: bytes) -> str | None:
    """Why these bytes are not text; None if they are."""
    if b"\0" in data:
        return "holds NUL bytes"
    if data.isascii():
        return None
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return f"not UTF-8 (byte {error.start} of the line)"
    return None
