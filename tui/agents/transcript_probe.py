"""What a transcript's own lines tell of a text that an operator gave: whether the model reads it, or it waits."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from tui.io.json_fields import Record, array, obj

SLICE = 1024 * 1024
"""Bytes that are read at once."""
MOST = 64 * 1024 * 1024
"""Bytes after an order that are looked through; more is not this order's doing."""


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


def _nothing(_: Record) -> Iterator[tuple[Heard, str]]:
    return iter(())


def _no_prompts(_: str) -> int:
    return 0


def _no_answer(_path: str, _offset: int, _at: float) -> bool:
    return False


def _shows_hooks(_version: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptProbe:
    """How one agent's transcript is looked through for an operator's text."""

    heard: Callable[[Record], Iterator[tuple[Heard, str]]] = _nothing
    """The texts in a line that are, or are about to be, the model's to read; not the agent's own."""
    queued_prompts: Callable[[str], int] = _no_prompts
    """How many prompts wait in the client's queue, by the transcript at this path: Escape would send them."""
    answered_since: Callable[[str, int, float], bool] = _no_answer
    """From a transcript's path, a place in it and a time (seconds UTC): a model has answered to a later request."""
    hides_hooks_of_subagents: Callable[[str], bool] = _shows_hooks
    """True of a version that is known not to write down what a hook adds in a subagent."""


SILENT = TranscriptProbe()
"""Finds nothing."""


def texts(kind: Heard, value: object) -> Iterator[tuple[Heard, str]]:
    """The value if it is a text, or the texts of a list of them or of blocks."""
    if isinstance(value, str):
        yield kind, value
    for one in array(value):
        text = one if isinstance(one, str) else obj(one).get("text")
        if isinstance(text, str):
            yield kind, text


def objects(value: object) -> list[Record]:
    """The items of a list as objects."""
    return [obj(one) for one in array(value)]


def read_at(path: str, offset: int, most: int) -> bytes:
    """At most so many bytes of a file from an offset on; empty if it cannot be read."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            return os.pread(fd, most, offset)
        finally:
            os.close(fd)
    except OSError:
        return b""


def size_of(path: str) -> int:
    """A transcript's size in bytes; 0 if it is not there."""
    try:
        return os.stat(path).st_size  # noqa: PTH116
    except OSError:
        return 0
