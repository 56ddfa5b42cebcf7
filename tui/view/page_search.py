"""The search on a page: the lines that contain the wanted words, below their headings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, joined, own
from tui.view.conversation import with_marks

HEADING = "section"
"""The role of a heading's first piece."""


def found_lines(lines: Sequence[Line], words: SafeText) -> list[Line]:
    """The lines that contain all of the words, in upper or lower case, each below its heading."""
    wanted = words.casefold().split()
    found: list[Line] = []
    heading: Line = ()
    for line in lines:
        text = "".join(span.text for span in line).casefold()
        is_heading = bool(line) and line[0].role == HEADING
        if is_heading:
            heading = line
        if not all(word in text for word in wanted):
            continue
        if heading:
            found += [(), heading] if found else [heading]
            heading = ()
        if not is_heading:
            found.append(reduce(with_marks, wanted, line))
    return found or [(Span(joined(own("nothing on this page contains "), safe_text(words, limit=80)), "warn"),)]
