"""Searches a transcript for the text of an order: whether it has reached the model or waits in the client's queue.

Only whole lines of certain kinds count, as measured on Claude Code 2.1.329 and 2.1.197 and Codex 0.169.0: what an agent
says or does, and what its tools print, may contain the same words and proves nothing. The raw lines are read, because
the record of a hook's text is not an event of a lane. The text is only compared, never run.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from tui.agents.registry import probe_of
from tui.agents.transcript_probe import MOST, SLICE, Heard, read_at
from tui.control.texts import FROM
from tui.io.json_fields import obj

LOOKED_FOR = 400
"""Number of characters of the text that are compared: agents may wrap or cut a longer text."""
_BEGINS = FROM.split("\n", 1)[0].encode()
"""A part of every line that can contain an operator's text."""


BY_HOOK = frozenset({Heard.PROMPT, Heard.HOOK, Heard.DENIED})
BY_PROMPT = frozenset({Heard.PROMPT})


def texts_in(agent: str, line: bytes) -> list[tuple[Heard, str]]:
    """The texts in a line of a transcript that the model reads or will read; not the agent's own.

    Empty if the line is not a JSON object.
    """
    try:
        fields = obj(orjson.loads(line))
    except orjson.JSONDecodeError:
        return []
    return list(probe_of(agent).heard(fields))


@dataclass(slots=True)
class TextSearch:
    """Searches for a text in what was appended to a transcript after `offset`, line by line.

    `text` is the text that was given, with `FROM` before it; `counts` are the kinds of places that prove that the model
    has it.
    """

    path: str
    agent: str
    text: str
    offset: int
    counts: frozenset[Heard]
    found: bool = False
    is_queued: bool = False
    """True if it waits in the client's queue."""
    was_dropped: bool = False
    """True if a person removed it from the queue, and the model has not received it."""
    _wanted: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        words = _words(self.text)
        end = "" if len(words) > LOOKED_FOR else r"(?!\w)"
        self._wanted = re.compile(re.escape(words[:LOOKED_FOR]) + end)

    def look(self) -> bool:
        """Reads the new lines. True once the text was found."""
        for line in self._lines():
            if _BEGINS not in line:
                continue
            for kind, text in texts_in(self.agent, line):
                if self._wanted.search(_words(text)) is not None:
                    self._hear(kind)
        return self.found

    def _hear(self, kind: Heard) -> None:
        if kind in self.counts:
            self.found = True
        self.is_queued = kind is Heard.QUEUED or (self.is_queued and kind not in (*self.counts, Heard.UNQUEUED))
        self.was_dropped = kind is Heard.UNQUEUED and not self.found

    def _lines(self) -> Iterator[bytes]:
        """The new whole lines; the last one is returned once its line end was written."""
        begun = self.offset
        while not self.found and self.offset - begun <= MOST:
            data = read_at(self.path, self.offset, SLICE)
            end = data.rfind(b"\n") + 1
            if not end and len(data) == SLICE:
                end = len(data)  # the middle of a line that is longer than a line with a text can be
            if not end:
                return
            self.offset += end
            yield from data[:end].splitlines()


def _words(text: str) -> str:
    """A text without the parts that clients change: the white space between its words, and invisible characters."""
    seen = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(seen.split())
