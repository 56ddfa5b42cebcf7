"""What a transcript shows of an order: whether its text has reached the model, whether prompts wait in the queue.

Looks at whole lines and their kinds, as they were measured on Claude Code 2.1.329 and 2.1.197 and Codex 0.169.0: what
an agent says or does, and what its tools print, may hold the same words and proves nothing. Reads the transcript's own
bytes, since what an agent records of a hook's words is no event of any lane. The text is data that is looked for, never
run.
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
"""Characters of the text that are looked for: agents may wrap or cut what is long."""
_BEGINS = FROM.split("\n", 1)[0].encode()
"""Stands in every line that can hold a text of an operator."""


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
    return list(probe_of(agent).heard(fields))


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
            data = read_at(self.path, self.offset, SLICE)
            end = data.rfind(b"\n") + 1
            if not end and len(data) == SLICE:
                end = len(data)  # the middle of a line that is longer than any text can be
            if not end:
                return
            self.offset += end
            yield from data[:end].splitlines()


def _words(text: str) -> str:
    """A text without what clients change in it: the spaces between its words, and characters that nobody sees."""
    seen = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(seen.split())
