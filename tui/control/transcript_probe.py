"""What a transcript shows of an order: whether its text has reached the model, whether prompts wait in the queue.

Looks at whole lines and their kinds, as they were measured on Claude Code 2.1.329 and 2.1.197 and Codex 0.169.0: what
an agent says or does, and what its tools print, may hold the same words and proves nothing. Reads the transcript's own
bytes, since what an agent records of a hook's words is no event of any lane. The text is data that is looked for, never
run.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import orjson

from tui.control.texts import FROM
from tui.io.json_fields import Record, array, obj, stamp

SLICE = 1024 * 1024
MOST = 64 * 1024 * 1024
"""Bytes after an order that are looked through; more is not this order's doing."""
QUEUE_TAIL = 4 * 1024 * 1024
LOOKED_FOR = 400
"""Characters of the text that are looked for: agents may wrap or cut what is long."""
_BEGINS = FROM.split("\n", 1)[0].encode()
"""Stands in every line that can hold a text of an operator."""
_PASTED = re.compile(r"</?pasted_content[^>]*>")
"""What Claude Code puts around a long paste."""
_BLOCKED = "blocked by PreToolUse hook:"
"""How Codex begins the result of a call that a hook refused."""


class Heard(StrEnum):
    """How a text of the operator stands in a line of a transcript."""

    PROMPT = "prompt"
    """In a message of the user that the model reads."""
    HOOK = "hook"
    """In what a hook adds beside the model's next reading."""
    DENIED = "denied"
    """As the reason why a call was refused, in place of its result."""
    QUEUED = "queued"
    """In the client's queue: the model has not got it."""
    UNQUEUED = "unqueued"
    """Taken out of the queue by a person, into the input line."""


BY_HOOK = frozenset({Heard.PROMPT, Heard.HOOK, Heard.DENIED})
BY_PROMPT = frozenset({Heard.PROMPT})


def heard(agent: str, line: bytes) -> list[tuple[Heard, str]]:
    """The texts in a line of a transcript that are, or are about to be, the model's to read; not the agent's own.

    A line that is no JSON object has none.
    """
    try:
        fields = obj(orjson.loads(line))
    except orjson.JSONDecodeError:
        return []
    return list(_of_codex(fields) if agent == "codex" else _of_claude(fields))


@dataclass(slots=True)
class TextSearch:
    """Looks for a text in what a transcript gained after `offset`, a line at a time.

    `text` is what was given, with `FROM` before it; `counts` are the ways of standing there that are believed.
    """

    path: str
    agent: str
    text: str
    offset: int
    counts: frozenset[Heard]
    found: bool = False
    is_queued: bool = False
    """It waits in the client's queue."""
    was_dropped: bool = False
    """A person took it out of the queue, and the model has not got it."""
    _wanted: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        words = _words(self.text)
        end = "" if len(words) > LOOKED_FOR else r"(?!\w)"
        self._wanted = re.compile(re.escape(words[:LOOKED_FOR]) + end)

    def look(self) -> bool:
        """True once the text stands there, for good."""
        for line in self._lines():
            if _BEGINS not in line:
                continue
            for kind, text in heard(self.agent, line):
                if self._wanted.search(_words(text)) is not None:
                    self._hear(kind)
        return self.found

    def _hear(self, kind: Heard) -> None:
        if kind in self.counts:
            self.found = True
        self.is_queued = kind is Heard.QUEUED or (self.is_queued and kind not in (*self.counts, Heard.UNQUEUED))
        self.was_dropped = kind is Heard.UNQUEUED and not self.found

    def _lines(self) -> Iterator[bytes]:
        """Whole lines that are new; the last one counts when its end has come."""
        begun = self.offset
        while not self.found and self.offset - begun <= MOST:
            data = _read(self.path, self.offset, SLICE)
            end = data.rfind(b"\n") + 1
            if not end and len(data) == SLICE:
                end = len(data)  # the middle of a line that is longer than any text can be
            if not end:
                return
            self.offset += end
            yield from data[:end].splitlines()


def answered_since(path: str, offset: int, at: float) -> bool:
    """True if a model has answered in a transcript of Claude Code to a request that was made after `at` (seconds UTC).

    Some versions do not write down what a hook adds in a subagent: then this shows that the model was asked anew.
    """
    before: set[object] = set()
    start = max(0, offset - SLICE)
    for line in _read(path, start, MOST).split(b"\n"):
        if b'"assistant"' not in line:
            continue
        try:
            fields = obj(orjson.loads(line))
        except orjson.JSONDecodeError:
            continue
        when, name = stamp(fields.get("timestamp")), obj(fields.get("message")).get("id")
        if fields.get("type") != "assistant" or when is None or not isinstance(name, str):
            continue
        if when <= at:
            before.add(name)
        elif name not in before:
            return True
    return False


def size_of(path: str) -> int:
    """A transcript's size in bytes; 0 if it is not there."""
    try:
        return os.stat(path).st_size  # noqa: PTH116
    except OSError:
        return 0


def queued_prompts(path: str) -> int:
    """Prompts that wait in Claude Code's queue, by the `queue-operation` lines at the transcript's end.

    An Escape sends what waits there instead of stopping the turn.
    """
    size = size_of(path)
    waiting = 0
    for line in _read(path, max(0, size - QUEUE_TAIL), QUEUE_TAIL).splitlines():
        if b'"queue-operation"' not in line:
            continue
        if b'"enqueue"' in line:
            waiting += 1
        elif b'"popAll"' in line:
            waiting = 0
        elif b'"dequeue"' in line or b'"remove"' in line:
            waiting = max(0, waiting - 1)
    return waiting


# -- the kinds of lines ---------------------------------------------------------------------------


def _of_claude(fields: Record) -> Iterator[tuple[Heard, str]]:
    kind = fields.get("type")
    if kind == "user":
        content = obj(fields.get("message")).get("content")
        if isinstance(content, str):
            yield Heard.PROMPT, _PASTED.sub(" ", content)
        for block in _objects(content):
            if block.get("type") == "text":
                yield from _texts(Heard.PROMPT, block.get("text"))
            elif block.get("type") == "tool_result" and block.get("is_error") is True:
                yield from _texts(Heard.DENIED, block.get("content"))
    elif kind == "attachment":
        given = obj(fields.get("attachment"))
        if given.get("type") == "queued_command":
            yield from _texts(Heard.PROMPT, given.get("prompt"))
        elif given.get("type") == "hook_additional_context":
            yield from _texts(Heard.HOOK, given.get("content"))
        elif given.get("type") == "hook_blocking_error":
            yield from _texts(Heard.HOOK, obj(given.get("blockingError")).get("blockingError"))
    elif kind == "queue-operation":
        waits = {"enqueue": Heard.QUEUED, "popAll": Heard.UNQUEUED}.get(str(fields.get("operation")))
        if waits is not None:
            yield from _texts(waits, fields.get("content"))


def _of_codex(fields: Record) -> Iterator[tuple[Heard, str]]:
    if fields.get("type") != "response_item":
        return
    given = obj(fields.get("payload"))
    if given.get("type") == "message" and given.get("role") in ("user", "developer"):
        kind = Heard.PROMPT if given.get("role") == "user" else Heard.HOOK
        for block in _objects(given.get("content")):
            yield from _texts(kind, block.get("text"))
    elif given.get("type") in ("function_call_output", "custom_tool_call_output"):
        output = given.get("output")
        parts = [output, *(block.get("text") for block in _objects(output))]
        for part in parts:
            if isinstance(part, str) and _BLOCKED in part:
                yield Heard.DENIED, part[part.index(_BLOCKED) :]


def _texts(kind: Heard, value: object) -> Iterator[tuple[Heard, str]]:
    """The value if it is a text, or the texts of a list of them or of blocks."""
    if isinstance(value, str):
        yield kind, value
    for one in array(value):
        text = one if isinstance(one, str) else obj(one).get("text")
        if isinstance(text, str):
            yield kind, text


def _words(text: str) -> str:
    """A text without what clients change in it: the spaces between its words, and characters that nobody sees."""
    seen = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(seen.split())


def _objects(value: object) -> list[Record]:
    return [obj(one) for one in array(value)]


def _read(path: str, offset: int, most: int) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            return os.pread(fd, most, offset)
        finally:
            os.close(fd)
    except OSError:
        return b""
