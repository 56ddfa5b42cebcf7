"""The texts that a lane gives to other lanes and gets back: tasks for helpers, messages, prompts by other lanes.

Two lanes that write to each other go in circles together if their rounds only repeat earlier texts and no file gets
into a new state, however busy each of them is.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from zlib import crc32

from tui.judge.novelty_filter import FEW, Seen
from tui.judge.shapes import NORMAL
from tui.model.event import Call, Prompt, Result, ToolKind
from tui.model.frozen import frozen

SENT_KEPT = 64
RECEIVED_KEPT = 32
ROUNDS_KEPT = 12
ARGS = 4000
LEAST_TEXT = 12
"""The fewest characters of a text by which an exchange of two lanes is recognised."""
MARKED = 80
"""Characters at the beginning of a text that are compared."""
STALE = 0.75
"""A text with at least this share of known words says nothing new."""
SHORT_WORDS = 12
"""The most words of a short text. The words of a short text may be known from several texts, those of a longer one must
be known from one."""
LEAST_WORDS = 2
OTHER_ITEM = 0.02
"""A task with more than this share of unknown words and numbers is another task."""
SAID_KEPT = 8
SKETCH = 24
"""The number of words that are kept of a long text: those with the smallest marks."""
HELPERS, WRITING, CLEARED = 4.0, 3.0, 1.5
"""The points that raise a finding with helpers, those that raise one with lanes that write back, and those below which
it ends."""
ROUND = 1.0
NEWS = 1.0
"""Points that a round with something new takes away."""
CHANGED = 0.5
"""The share of the points that is left after a file got into a new state, and the points below which counting starts
again."""
OPEN_LIMIT = 32
PENDING = 8
PROSE = (".md", ".txt", ".rst", ".adoc")

_STRING = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"')
_ESCAPED = re.compile(r"\\(?:[nrt]|u[0-9a-f]{4})")
_QUOTED = re.compile(r"'([^']{12,})'|\"([^\"]{12,})\"")
_HANDS_OVER = (ToolKind.AGENT, ToolKind.MCP, ToolKind.OTHER)
_TAG = re.compile(r"<[^<>]{1,400}>")


@frozen
class Said:
    """One text of an exchange: its mark, its time and offset in the lane's transcript, and its beginning."""

    mark: int
    at: float | None
    offset: int
    text: str


@frozen
class Round:
    """A text that was given, and the text that came back."""

    given: Said
    returned: Said
    call: str


@frozen
class SideSummary:
    """A `Side` that takes no more texts. The fields are named as there."""

    points: float
    first: Said | None
    since: tuple[float | None] | None
    count: int
    rounds: tuple[Round, ...]


_NO_ROUNDS = SideSummary(0.0, None, None, 0, ())


@frozen
class ExchangeSummary:
    """An `Exchange` that takes no more texts. The fields are named as there."""

    sent: dict[int, Said]
    received: tuple[Said, ...]
    helpers: SideSummary
    writing: SideSummary
    changes: tuple[float, ...]


class Side:
    """The rounds with one kind of partner: helpers that the lane starts, or lanes that it writes to."""

    __slots__ = (
        "_items",
        "_of_helpers",
        "_pending",
        "_raised",
        "_texts",
        "count",
        "first",
        "points",
        "rounds",
        "since",
    )

    def __init__(self, raised: float, *, of_helpers: bool) -> None:
        self._raised = raised
        self._of_helpers = of_helpers
        self.points = 0.0
        self.first: Said | None = None
        """The text that began the counted rounds."""
        self.since: tuple[float | None] | None = None
        """The time at which they became a finding, in a tuple (with None: unknown); None while there is no finding."""
        self.count = 0
        """The number of rounds without anything new since `points` were last cleared."""
        self.rounds: deque[Round] = deque(maxlen=ROUNDS_KEPT)
        self._pending: dict[str, tuple[Said, bool]] = {}
        self._texts = Texts()
        self._items = Seen(FEW)
        """The words and numbers of the given texts."""

    def give(self, call: str, said: Said, text: str) -> None:
        """Takes a text that the lane gives."""
        if len(self._pending) >= PENDING:
            self._pending.pop(next(iter(self._pending)))
        # Another number or name means another item of a list, whatever the other words are.
        items = [crc32(word.encode("utf-8", "replace")) for word in text[:ARGS].lower().split()]
        unknown = self._items.take(items)
        is_other = self._of_helpers and len(unknown) > OTHER_ITEM * len(items)
        self._pending[call] = (said, self._texts.is_stale(text) and not is_other)

    def take(self, call: str, said: Said, text: str) -> None:
        """Takes a text that came back, as the result of that call or of a later call that fetches it."""
        known = self._pending.pop(call, None)
        if known is None:
            first = next(iter(self._pending), None)
            if first is None:
                return
            known = self._pending.pop(first)
        given, is_stale = known
        if self._texts.is_stale(text) and is_stale:
            self.points += ROUND
            self.count += 1
            self.first = self.first or given
            self.rounds.append(Round(given, said, call))
            if self.points >= self._raised and self.since is None:
                self.since = (said.at,)
            return
        self.fade(max(0.0, self.points - NEWS))

    @property
    def summary(self) -> SideSummary:
        """The rounds so far, without what is needed to take more texts."""
        if not (self.rounds or self.points or self.count or self.since or self.first):
            return _NO_ROUNDS
        return SideSummary(self.points, self.first, self.since, self.count, tuple(self.rounds))

    def fade(self, points: float) -> None:
        """Lowers the points, since something new was said or done."""
        self.points = points
        if points < CLEARED:
            self.since = None
        if points < CHANGED:
            self.points, self.count, self.first = 0.0, 0, None
            self.rounds.clear()


class Texts:
    """Decides whether a text says something new."""

    __slots__ = ("_known", "_words")

    def __init__(self) -> None:
        self._known = Seen(FEW)
        self._words: deque[tuple[int, ...]] = deque(maxlen=SAID_KEPT)

    def is_stale(self, text: str) -> bool:
        """Whether the text says nothing new. Its words are known from now on."""
        words = text[:ARGS].encode("utf-8", "replace").translate(NORMAL).split()
        marks = list(dict.fromkeys(crc32(word) for word in words if len(word) > 2))
        unknown = self._known.take(marks)
        mine = tuple(sorted(marks)[:SKETCH])
        if len(marks) <= SHORT_WORDS:
            stale = len(marks) >= LEAST_WORDS and len(unknown) <= (1 - STALE) * len(marks)
        else:
            stale = any(_shared(mine, other) >= STALE for other in self._words)
        if len(marks) > SHORT_WORDS:
            self._words.append(mine)
        return stale


class Exchange:
    """Takes a lane's calls, results and prompts. Bounded memory."""

    __slots__ = ("_edits", "_open", "changes", "helpers", "received", "sent", "version", "writing")

    def __init__(self) -> None:
        self.sent: dict[int, Said] = {}
        """Texts that other lanes may have received, by mark; the newest."""
        self.received: deque[Said] = deque(maxlen=RECEIVED_KEPT)
        """Texts that came from outside: prompts, and the results of calls that give a text."""
        self.helpers = Side(HELPERS, of_helpers=True)
        self.writing = Side(WRITING, of_helpers=False)
        self.version = 0
        """Grows with each text that is received."""
        self._open: dict[str, Side] = {}
        self._edits = Seen(FEW)
        self.changes: deque[float] = deque(maxlen=ROUNDS_KEPT)
        """The times at which files got into new states."""

    def call(self, event: Call) -> None:
        """Takes a tool call of the lane."""
        kind = event.tool_kind
        if kind is ToolKind.SHELL:
            if "'" in event.summary or '"' in event.summary:
                self._note(event, (one or other for one, other in _QUOTED.findall(event.summary[:ARGS])))
        elif kind is ToolKind.EDIT:
            if event.summary.endswith(PROSE):
                self._note(event, strings(event.args))
            self._edit(event)
        elif kind in _HANDS_OVER:
            side = self.helpers if kind is ToolKind.AGENT else self.writing
            if len(self._open) >= OPEN_LIMIT:
                self._open.pop(next(iter(self._open)))
            self._open[event.call] = side
            texts = [text for text in strings(event.args) if " " in text]
            if texts:
                self._note(event, texts)
                text = max(texts, key=len)
                side.give(event.call, said_of(text, event.at, event.offset), text)

    def result(self, event: Result) -> None:
        """Takes the result of a call."""
        side = self._open.pop(event.call, None)
        if side is None or event.untold:
            return
        texts = list(strings(event.text)) if event.text[:1] in "{[" else [event.text]
        for text in texts:
            self._receive(text, event.at, event.offset)
        words = " ".join(text for text in texts if " " in text)
        if words:
            side.take(event.call, said_of(words, event.at, event.offset), words)

    def prompt(self, event: Prompt) -> None:
        """Takes a prompt. It may contain a text from another lane, exactly as that lane wrote it."""
        self._receive(_TAG.sub(" ", event.text[:ARGS]), event.at, event.offset)

    @property
    def summary(self) -> ExchangeSummary:
        """The texts so far, without what is needed to take more."""
        return ExchangeSummary(
            dict(self.sent), tuple(self.received), self.helpers.summary, self.writing.summary, tuple(self.changes)
        )

    def person_spoke(self) -> None:
        """Starts again, since a person said something new."""
        self.helpers.fade(0.0)
        self.writing.fade(0.0)

    # -- inside ---------------------------------------------------------------------------------

    def _note(self, event: Call, texts: Iterable[str]) -> None:
        for text in texts:
            said = said_of(text, event.at, event.offset)
            if said.mark:
                self.sent.pop(said.mark, None)
                if len(self.sent) >= SENT_KEPT:
                    del self.sent[next(iter(self.sent))]
                self.sent[said.mark] = said

    def _receive(self, text: str, at: float | None, offset: int) -> None:
        said = said_of(text, at, offset)
        if said.mark:
            self.received.append(said)
            self.version += 1

    def _edit(self, event: Call) -> None:
        mark = crc32(event.args[:ARGS].encode("utf-8", "replace"))
        if mark not in self._edits:
            self._edits.add(mark)
            if event.at is not None:
                self.changes.append(event.at)
            for side in (self.helpers, self.writing):
                if side.points:
                    side.fade(side.points * CHANGED)


def strings(args: str, nested: int = 2) -> Iterator[str]:
    """The longer strings in JSON, and in JSON inside such a string."""
    for match in _STRING.finditer(args[:ARGS]):
        text = match.group(1)
        if len(text) < LEAST_TEXT:
            continue
        if "\\" in text:
            text = _ESCAPED.sub(" ", text.replace("\\\\", "\\").replace('\\"', '"'))
        if nested and text[:1] in "{[":
            yield from strings(text, nested - 1)
        else:
            yield text


def mark_of(text: str) -> int:
    """A mark of the beginning of a text, which ignores blanks and case; 0 if the text is too short."""
    words = " ".join(text[: 4 * MARKED].lower().split())[:MARKED]
    return crc32(words.encode("utf-8", "replace")) if len(words) >= LEAST_TEXT else 0


def said_of(text: str, at: float | None, offset: int) -> Said:
    """A text with its place."""
    return Said(mark_of(text), at, offset, " ".join(text[: 2 * MARKED].split())[:MARKED])


def _shared(mine: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The share of words that two texts have in common, estimated from the smallest marks of both."""
    both = set(mine) & set(other)
    whole = sorted(set(mine) | set(other))[:SKETCH]
    return sum(mark in both for mark in whole) / len(whole)
