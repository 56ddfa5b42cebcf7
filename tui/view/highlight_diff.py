"""Texts side by side: shared parts are dimmed, differing parts are highlighted."""

from __future__ import annotations

import re
from functools import lru_cache

from tui.text.cell_width import width
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, Span, joined, line_width, own

SHARED, DIFFERS = "dim", "key"
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_LONGEST = 400
"""The most characters that are compared; a step is shown on one line anyway."""
_LEFT_OF_SHARED = 9
"""The width that a shared part keeps when a line is too long."""


@lru_cache(maxsize=256)  # the panel shows the same steps again and again
def differing(text: SafeText, first: SafeText) -> Line:
    """`text` with the words highlighted that differ from `first` at the same place."""
    from difflib import SequenceMatcher  # noqa: PLC0415 (rarely needed, and slow to import)

    ours, theirs = _words(text), _words(first)
    spans: list[Span] = []
    for kind, _, _, start, end in SequenceMatcher(None, theirs, ours, autojunk=False).get_opcodes():
        if start < end:
            spans.append(Span(joined(*ours[start:end]), SHARED if kind == "equal" else DIFFERS))
    return tuple(spans)


def differs(line: Line) -> bool:
    """Whether anything in the line is highlighted."""
    return any(span.role == DIFFERS for span in line)


def squeezed(line: Line, cells: int) -> Line:
    """The line in at most `cells`, if it is enough to cut the middle of shared parts."""
    over = line_width(line) - cells
    made = list(line)
    while over > 0:
        shared = [index for index, span in enumerate(made) if span.role == SHARED]
        longest = max(shared, key=lambda index: width(made[index].text), default=None)
        if longest is None or width(made[longest].text) <= _LEFT_OF_SHARED:
            break
        short = _shortened(made[longest].text, max(_LEFT_OF_SHARED, width(made[longest].text) - over))
        made[longest] = Span(short, SHARED)
        over = line_width(made) - cells
    return tuple(made)


def _words(text: SafeText) -> list[SafeText]:
    return [SafeText(part) for part in _WORDS.findall(text[:_LONGEST])]


def _shortened(text: SafeText, cells: int) -> SafeText:
    """The beginning, `…` and the end of the text. With wide characters it may be shorter than asked for."""
    if len(text) <= cells:
        return SafeText(text[: max(1, cells // 2)] + "…")
    head = (cells - 1) * 2 // 3
    tail = cells - 1 - head
    return joined(SafeText(text[:head]), own("…"), SafeText(text[len(text) - tail :]))
