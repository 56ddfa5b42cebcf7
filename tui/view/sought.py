"""A place in a text that a search found: found again in the rows of a conversation, however they are broken."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, takewhile
from typing import NamedTuple

MOST_PLACES = 1000
"""So many places of the words are compared: a text may have been written to take long."""
AROUND = 120
"""Characters before and after the words by which their place is told from others."""


class Sought(NamedTuple):
    """Words, and what stands before and after them where they were found. Raw text."""

    words: str
    before: str = ""
    after: str = ""

    @classmethod
    def in_text(cls, text: str, begin: int, end: int) -> Sought:
        """The words from `begin` to `end` of a text."""
        return cls(text[begin:end], text[max(0, begin - AROUND) : begin], text[end : end + AROUND])


class Nearest(NamedTuple):
    """The place that is most like the one that is sought."""

    likeness: int
    """How many letters and digits beside the words are the same."""
    piece: int
    """The index of the piece in which the words begin."""


def nearest(pieces: Sequence[str], sought: Sought) -> Nearest | None:
    """Where in these pieces of a text the sought words are; None if nowhere.

    Only letters and digits are compared: lines of a screen are broken, indented and without the signs of Markdown.
    """
    squeezed = [_squeezed(piece) for piece in pieces]
    starts = [0, *accumulate(len(piece) for piece in squeezed)]
    text, words = "".join(squeezed), _squeezed(sought.words)
    before, after = _squeezed(sought.before)[::-1], _squeezed(sought.after)
    best: Nearest | None = None
    at = text.find(words) if words else -1
    looked = 0
    while at >= 0 and looked < MOST_PLACES:
        looked += 1
        end = at + len(words)
        likeness = _common(text[max(0, at - AROUND) : at][::-1], before) + _common(text[end : end + AROUND], after)
        if best is None or likeness > best.likeness:
            best = Nearest(likeness, bisect_right(starts, at) - 1)
        at = text.find(words, at + 1)
    return best


def _squeezed(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _common(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
