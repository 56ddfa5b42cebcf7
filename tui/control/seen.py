"""What a transcript shows of an order: whether a text has arrived in it, whether prompts wait in the client's queue.

Reads the transcript's own bytes, since what an agent records of a hook's words is no event of any lane. The text is
data that is looked for, never run.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

SLICE = 1024 * 1024
MOST = 64 * 1024 * 1024
"""Bytes after an order that are looked through; more is not this order's doing."""
QUEUE_TAIL = 4 * 1024 * 1024
SHORTEST = 4
LOOKED_FOR = 400
"""Characters of the text that are looked for: agents may wrap or cut what is long."""


@dataclass(slots=True)
class TextSearch:
    """Looks for a text in what a transcript gained after `offset`, a part at a time."""

    path: str
    text: str
    offset: int
    found: bool = False

    def look(self) -> bool:
        """True once the text stands there."""
        wanted = _forms(self.text)
        longest = max(map(len, wanted))
        begun = self.offset
        while not self.found:
            data = _read(self.path, self.offset, SLICE)
            if not data:
                break
            self.found = any(form in data for form in wanted)
            if len(data) < longest:
                break  # the rest of the line may still come
            self.offset += max(1, len(data) - longest)
            if len(data) < SLICE or self.offset - begun > MOST:
                break
        return self.found


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


def _forms(text: str) -> tuple[bytes, ...]:
    """The text as JSON writers spell it: with and without escapes for what is not ASCII."""
    words = text.strip()[:LOOKED_FOR]
    spelt = {json.dumps(words, ensure_ascii=plain)[1:-1] for plain in (False, True)}
    return tuple(sorted(form.encode("utf-8", "surrogatepass") for form in spelt))


def _read(path: str, offset: int, most: int) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            return os.pread(fd, most, offset)
        finally:
            os.close(fd)
    except OSError:
        return b""
