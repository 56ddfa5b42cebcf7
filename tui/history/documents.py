"""Documents: the texts of a transcript as the search knows them, one for each line, lane and role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from tui.agents.base import Agent
from tui.agents.registry import find, sniff
from tui.agents.tools import fields_of, whole_texts
from tui.conversation.line_file import LineFile
from tui.io.lines import BadLine, Line
from tui.ledger.calls import CallBook
from tui.ledger.lane import LaneLedger
from tui.model.event import ApiError, AssistantText, Call, Event, LaneInfo, Plan, Prompt, Reasoning, Result
from tui.sources.transcript import SNIFF_BYTES, SNIFF_ENOUGH, SNIFF_LEAST, SNIFF_LINES, unclean

TEXT_MOST = 200_000
"""The most characters of a prompt or of a text of the model. All are of masked text: masks come before cuts."""
CALL_MOST = 4_000
RESULT_PART = 1_000
"""Characters of the arguments of a call, and of the beginning and of the end of a result."""
PIECE = 256 * 1024
"""Bytes of a transcript that are read at once."""
_HEAD_LINES = 40
_STRINGS = 200
"""The most texts that are taken from the arguments of one call."""

USER, ASSISTANT, TOOL, ERROR = range(4)
"""Numbers of the roles: places in `search_words.ROLES`."""


class Document(NamedTuple):
    """What one role said on one line of one lane."""

    lane: str
    """The lane's name inside the transcript; empty for the file's own."""
    at: float | None
    """Seconds UTC; None: the line states no time."""
    offset: int
    role: int
    text: str


class LaneFacts(NamedTuple):
    """A lane as its transcript describes it."""

    local: str
    session: str
    agent_id: str | None
    cwd: str | None
    title: str


class DocumentReader:
    """Makes documents of the lines of one transcript, in their order."""

    def __init__(self, path: str, agent: Agent) -> None:
        self._path = path
        self._agent = agent
        self._reader = agent.reader()
        self._book = CallBook()
        self._ledgers: dict[str, LaneLedger] = {}

    def take(self, line: Line) -> list[Document]:
        """The documents of a line. A line that cannot be read has none."""
        try:
            with whole_texts():
                events = self._reader.read(line)
        except BadLine:
            return []
        except Exception:  # lines are hostile: one of them must not end the reading
            return []
        return self._documents(events, line.offset) if events else []

    def facts(self) -> list[LaneFacts]:
        """The lanes so far."""
        return [LaneFacts(local, one.session, one.agent_id, one.cwd, one.title) for local, one in self._ledgers.items()]

    def _documents(self, events: Iterable[Event], offset: int) -> list[Document]:
        texts: dict[tuple[str, int], list[str]] = {}
        times: dict[tuple[str, int], float | None] = {}
        for event in events:
            if isinstance(event, LaneInfo | Prompt):
                self._ledger(event.lane).apply(event)
            role, text = _text_of(event)
            if text and not text.isspace():
                key = event.lane, role
                if event.lane not in self._ledgers:
                    self._ledger(event.lane)
                texts.setdefault(key, []).append(text)
                times.setdefault(key, event.at)
        return [
            Document(lane, times[lane, role], offset, role, "\n".join(parts)) for (lane, role), parts in texts.items()
        ]

    def _ledger(self, local: str) -> LaneLedger:
        ledger = self._ledgers.get(local)
        if ledger is None:
            ledger = self._ledgers[local] = LaneLedger(self._agent.name, self._path, local, self._book)
            main = self._ledgers.get("")
            if local and main is not None:
                ledger.session, ledger.cwd = main.session, main.cwd
        return ledger


def _text_of(event: Event) -> tuple[int, str]:
    """The role and the text of an event; an empty text if it has none."""
    match event:
        case Prompt():
            return USER, event.text[:TEXT_MOST]
        case AssistantText() | Reasoning():
            return ASSISTANT, event.text[:TEXT_MOST]
        case Plan():
            return ASSISTANT, "\n".join((event.text, *(item.text for item in event.items)))[:TEXT_MOST]
        case Call():
            return TOOL, _call_text(event)
        case Result():
            return ERROR if event.ok is False else TOOL, _ends(event.text)
        case ApiError():
            return ERROR, event.text[:CALL_MOST]
        case _:
            return TOOL, ""


def _call_text(call: Call) -> str:
    fields = fields_of(call.args)
    args = "\n".join(islice(_strings(fields), _STRINGS)) if fields else call.args
    return f"{call.tool}\n{args or call.summary}"[:CALL_MOST]


def _strings(value: Any, depth: int = 0) -> Iterator[str]:
    """The texts in a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping) and depth < 8:
        for one in value.values():  # pyright: ignore[reportUnknownVariableType]
            yield from _strings(one, depth + 1)
    elif isinstance(value, list) and depth < 8:
        for one in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _strings(one, depth + 1)


def _ends(text: str) -> str:
    if len(text) <= 2 * RESULT_PART:
        return text
    return f"{text[:RESULT_PART]}\n…\n{text[-RESULT_PART:]}"


def agent_of(file: LineFile) -> Agent | None:
    """The agent that wrote a transcript; None if no line shows it."""
    offset = count = size = 0
    while offset < file.size:
        lines, end = file.after(offset, 16 * 1024, 200)
        for line in lines:
            count += 1
            size += len(line.data)
            if unclean(line.data) is None and (name := sniff(line.data)):
                return find(name)
        if end == offset or count >= SNIFF_LINES or size >= SNIFF_BYTES:
            return None
        if count >= SNIFF_LEAST and size >= SNIFF_ENOUGH:
            return None
        offset = end
    return None


def reader_at(file: LineFile, agent: Agent, offset: int, warm_up: int = 64 * 1024) -> DocumentReader:
    """A reader that has read the first lines of a transcript and those in the `warm_up` bytes before an offset.

    What a line means may depend on the lines before it.
    """
    made = DocumentReader(file.path, agent)
    if offset <= 0:
        return made
    head, end = file.after(0, 16 * 1024, _HEAD_LINES)
    for line in head:
        if line.offset < offset:
            made.take(line)
    if warm_up and end < offset:
        lines, _ = file.before(offset, min(warm_up, offset - end), 500)
        for line in lines:
            made.take(line)
    return made
