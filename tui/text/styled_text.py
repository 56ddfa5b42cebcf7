"""Lines of safe text with roles, which the view gives to the screen.

A role names a meaning; the theme gives it a look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import LiteralString, NamedTuple

from tui.text.cell_width import cut, fit, width
from tui.text.own_text import SafeText
from tui.text.own_text import own as own  # noqa: PLC0414 (imported from here, too)

SPREAD_GAP = 2
"""The least space between the two parts of a line, in cells."""


_TITLE_PART = re.compile(r" · |, ")
"""What stands between a title and its explanation."""


_HINT_PART = re.compile(r"((?<=[,;.]) |  +| (?=\())")
"""What stands between two parts of a hint."""


class Span(NamedTuple):
    """A piece of one line in one role."""

    text: SafeText
    role: str = "text"


Line = tuple[Span, ...]
Printed = SafeText | Line
"""A line that a command prints: with roles, which a terminal shows as colours, or without."""


def word(text: LiteralString, role: str = "text") -> Span:
    """A span of our own text. Only literals are accepted: text from outside goes through `safe_text`."""
    return Span(SafeText(text), role)


def blank(cells: int, role: str = "text") -> Span:
    """Empty cells."""
    return Span(SafeText(" " * max(0, cells)), role)


def joined(*texts: SafeText) -> SafeText:
    """Joins safe texts; the result is safe."""
    return SafeText("".join(texts))


def trimmed(text: SafeText) -> SafeText:
    """The text without blanks at its end."""
    return SafeText(text.rstrip())


def line_width(line: Iterable[Span]) -> int:
    """The width of the line in cells."""
    return sum(width(span.text) for span in line)


def fit_line(line: Iterable[Span], cells: int, role: str = "text") -> Line:
    """Exactly `cells` cells: padded in `role`, or cut with `…`."""
    made: list[Span] = []
    left = cells
    for span in line:
        if left <= 0:
            break
        size = width(span.text)
        if size > left:
            made.append(Span(cut(span.text, left), span.role))
            left -= width(made[-1].text)
            break
        made.append(span)
        left -= size
    if left > 0:
        made.append(blank(left, role))
    return tuple(made)


def spread(left: Line, right: Line, cells: int) -> Line:
    """A line with one part at the left edge and one at the right. The left one is cut if both do not fit.

    `SPREAD_GAP` cells at least are between them.
    """
    begins = right[0].text if right else ""
    gap = max(0, SPREAD_GAP - len(begins) + len(begins.lstrip(" "))) if right else 0
    room = cells - line_width(right)
    if room < 8 and right:
        return fit_line(left, cells)
    room -= gap
    return (*fit_line(left, room), blank(gap), *right) if gap else (*fit_line(left, room), *right)


def titled(title: SafeText, right: Line, cells: int) -> Line:
    """A title, and the keys at its right. Where both do not fit, only the first part of the title stays: `audit`."""
    room = cells - line_width(right) - SPREAD_GAP
    if width(title) > room:
        title = SafeText(_TITLE_PART.split(title, maxsplit=1)[0])
    return spread((Span(title, "title"),), right, cells)


def shortened(hint: SafeText, cells: int) -> SafeText:
    """A hint without its last parts if it is too wide: a part that is cut says nothing."""
    parts = _HINT_PART.split(hint)
    while len(parts) > 1 and width(SafeText("".join(parts))) > cells:
        parts = parts[:-2]
    return SafeText("".join(parts).rstrip(",;"))


def hung(line: Line, cells: int) -> list[Line]:
    """A label with a text, the last span. If it is too wide, the text has more lines below itself."""
    if line_width(line) <= cells or len(line) < 2:
        return [line]
    *label, text = line
    indent = line_width(label)
    first, *rest = wrapped((text,), max(10, cells - indent))
    return [(*label, *first), *((blank(indent), *part[1:]) for part in rest)]


def in_rows(parts: Iterable[Line], cells: int, gap: int) -> list[Line]:
    """The parts one after the other, `gap` cells apart, in as many lines as they need. No part is divided."""
    lines: list[Line] = []
    held: Line = ()
    for part in parts:
        if held and line_width(held) + gap + line_width(part) > cells:
            lines.append(held)
            held = ()
        held = (*held, blank(gap), *part) if held else part
    return [*lines, held]


def beside(left: list[Line], right: list[Line], left_cells: int, right_cells: int, gap: int = 3) -> list[Line]:
    """The lines of two blocks side by side."""
    rows = max(len(left), len(right))
    made: list[Line] = []
    for row in range(rows):
        a = left[row] if row < len(left) else ()
        b = right[row] if row < len(right) else ()
        made.append((*fit_line(a, left_cells), blank(gap), *fit_line(b, right_cells)))
    return made


def column(text: SafeText, cells: int, role: str = "text", *, right: bool = False) -> Span:
    """A cell of a table: exactly `cells` wide."""
    return Span(fit(text, cells, right=right), role)


def bar(share: float | None, cells: int, role: str, empty: str = "bar.empty") -> Line:
    """A bar in eighths of a cell: `share` (0 to 1) of `cells`. None (unknown) is drawn as dots."""
    if share is None:
        return (Span(SafeText("·" * cells), empty),)
    clamped = min(1.0, max(0.0, share))
    eighths = round(clamped * cells * 8)
    if clamped > 0 and eighths == 0:
        eighths = 1  # a small share is never drawn as nothing
    full, rest = divmod(eighths, 8)
    text = "█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")
    return (Span(SafeText(text), role), Span(SafeText(" " * (cells - len(text))), empty))


SPARKS = " ▁▂▃▄▅▆▇█"


def spark(values: Iterable[int], cells: int, role: str, peak: int | None = None) -> Span:
    """The last `cells` values as a line of blocks, scaled from zero to `peak` (default: their maximum)."""
    shown = list(values)[-cells:]
    top = peak if peak else max(shown, default=0)
    if top <= 0:
        return Span(SafeText(" " * cells), role)
    text = "".join(SPARKS[_level(value, top)] for value in shown)
    return Span(SafeText(text.rjust(cells)), role)


def _level(value: int, top: int) -> int:
    if value <= 0:
        return 0
    return max(1, min(8, round(8 * value / top)))


def broken(line: SafeText, cells: int) -> list[SafeText]:
    """A line in pieces that fit, broken between characters: every space of a command counts."""
    if line.isascii():
        return [SafeText(line[at : at + cells]) for at in range(0, len(line), cells)] or [line]
    pieces: list[str] = []
    current, taken = "", 0
    for char in line:
        wide = width(SafeText(char))
        if taken + wide > cells:
            pieces.append(current)
            current, taken = "", 0
        current, taken = current + char, taken + wide
    return [SafeText(piece) for piece in [*pieces, current]]


def broken_at_words(line: SafeText, cells: int) -> list[SafeText]:
    """Like `broken`, but between words where that is possible. No character is left out: the blanks end a row."""
    rows: list[str] = [""]
    for piece in re.findall(r" *[^ ]+ *|^ *$", line):
        if width(SafeText(rows[-1] + piece.rstrip())) > cells and rows[-1]:
            rows.append("")
        if width(SafeText(piece.rstrip())) <= cells:
            rows[-1] += piece
            continue
        whole = broken(SafeText(piece), cells)
        rows[-1:] = [*([rows[-1]] if rows[-1] else []), *whole]
    return [SafeText(row) for row in rows]


def wrapped(line: Line, cells: int) -> Iterator[Line]:
    """The line in parts of at most `cells`, broken at blanks; later parts are indented. A long word is not broken."""
    text = "".join(span.text for span in line).rstrip()
    if width(SafeText(text)) <= cells:
        yield line
        return
    indent = min(len(text) - len(text.lstrip()) + 2, cells // 2)
    begin, room = 0, cells
    while begin < len(text):
        end = _end_of_part(text, begin, room)
        part = _slice(line, begin, end)
        yield part if begin == 0 else (Span(SafeText(" " * indent), "text"), *part)
        begin = end + len(text[end:]) - len(text[end:].lstrip())
        room = cells - indent


def _end_of_part(text: str, begin: int, room: int) -> int:
    """The place of the blank before which the part from `begin` ends, so that it fits into `room` cells if it can."""
    first = begin + len(text[begin:]) - len(text[begin:].lstrip())
    best = -1
    at = text.find(" ", first)
    while at >= 0:
        if width(SafeText(text[begin:at])) > room:
            return best if best > 0 else at
        best = at
        at = text.find(" ", at + 1)
    if width(SafeText(text[begin:])) <= room or best < 0:
        return len(text)
    return best


def _slice(line: Line, begin: int, end: int) -> Line:
    """The characters of a line from `begin` to `end`."""
    parts: list[Span] = []
    at = 0
    for span in line:
        low, high = max(begin - at, 0), min(end - at, len(span.text))
        if low < high:
            parts.append(Span(SafeText(span.text[low:high]), span.role))
        at += len(span.text)
    return tuple(parts)
