"""The conditions of a stop as a checklist, and the framing question."""

from __future__ import annotations

from tui.model.finding import QUESTION, Condition, Family
from tui.text.cell_width import width
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, column, own, word

TITLE_MOST = 48
"""The evidence is on the line of its title if the title has at most this width, in cells."""


def checklist_lines(family: Family, cells: int) -> list[Line]:
    """Every condition with a tick or a cross and its evidence."""
    if not family.conditions:
        return []
    titles = max(width(safe_text(one.title, limit=120)) for one in family.conditions)
    all_hold = all(condition.holds for condition in family.conditions)
    title = (
        word("STOP: ALL CONDITIONS ARE MET", "loud.stop")
        if all_hold
        else word("STOP WHEN ALL CONDITIONS ARE MET", "section")
    )
    return [(title,), *(line for one in family.conditions for line in _condition(one, titles, cells)), ()]


def _condition(condition: Condition, titles: int, cells: int) -> list[Line]:
    mark = word("✓ ", "loud.stop") if condition.holds else word("✗ ", "dim")
    title = safe_text(condition.title, limit=120)
    role = "strong" if condition.holds else "dim"
    text = Span(safe_text(condition.text, limit=240), "text")
    if titles <= TITLE_MOST and cells >= titles + 4 + width(text.text):
        return [(mark, column(title, titles + 2, role), text)]
    return [(mark, Span(title, role)), (word("  "), text)]


def question_lines(family: Family, cells: int) -> list[Line]:
    """The framing question with the measured answer."""
    answer = safe_text(family.answer, limit=400)
    lines: list[Line] = [(word("? ", "key"), Span(piece, "title")) for piece in wrapped(safe_text(QUESTION), cells - 2)]
    lines[1:] = [(word("  "), *line[1:]) for line in lines[1:]]
    lines += [(word("  "), Span(piece, "text")) for piece in (wrapped(answer, cells - 2) if answer else [own("?")])]
    return [*lines, ()]


def wrapped(text: SafeText, cells: int) -> list[SafeText]:
    """The text in lines of at most `cells`, broken between words; a longer word stays whole."""
    lines: list[SafeText] = []
    current = own("")
    for part in text.split(" "):
        piece = SafeText(f"{current} {part}") if current else SafeText(part)
        if current and width(piece) > cells:
            lines.append(current)
            piece = SafeText(part)
        current = piece
    return [*lines, current]
