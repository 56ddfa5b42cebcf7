"""The section of a lane's page about a family of actions: the template, differing words, and each action's result."""

from __future__ import annotations

import re

from tui.model.evidence import LaneId
from tui.model.finding import Family, Member
from tui.text.format import compact, figure, hour, number
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, bar, column, fit_line, joined, line_width, own, spread, word
from tui.view.names import title_of

MOST_CELLS = 72
"""The greatest width of an action with its differing words, so that the figures are close to it."""
SHOWN = 10
"""The newest members that the table shows; the count gives their number."""
NAME_CELLS = 12
METER_CELLS = 6
TAIL_CELLS = 8 + 7 + 2 + METER_CELLS + 6
_SLOT = re.compile(r"(<[^<>]*>)")

_OUTCOMES = {
    "ended": word("✓", "good"),
    "failed": word("✗", "stop"),
    "running": word("▸", "state.working"),
    "interrupted": word("!", "warn"),
    "cut_off": word("×", "stop"),
}


def template_line(template: str) -> Line:
    """The template with its slots marked."""
    parts = [part for part in _SLOT.split(safe_text(template, limit=300)) if part]
    return tuple(Span(SafeText(part), "match" if _SLOT.fullmatch(part) else "strong") for part in parts)


def family_lines(family: Family, lane: LaneId, cells: int) -> list[Line]:
    """The template, its cost so far, and the newest members, oldest first."""
    shown = family.members[-SHOWN:]
    lefts = [_left(member, lane) for member in shown]
    # The figures are close to the words, so that a row is easy to read on a wide screen.
    room = min(cells - TAIL_CELLS, max((line_width(left) for left in lefts), default=0) + 2, MOST_CELLS)
    lines: list[Line] = [
        spread((word("FAMILY  similar actions", "section"),), _cost(family), cells),
        template_line(family.template),
        _titles(room),
    ]
    hidden = family.count - len(shown)
    if hidden > 0:
        lines.append((word("  "), Span(joined(number(hidden), own(" earlier ones")), "dim")))
    lines += [(*fit_line(left, room), *_tail(member)) for left, member in zip(lefts, shown, strict=True)]
    return [*lines, ()]


def _cost(family: Family) -> Line:
    members = own(" similar actions") if family.count != 1 else own(" action")
    spans = [
        Span(joined(number(family.count), members), "text"), word(" · ", "dim"),
        Span(compact(family.tokens), "strong"), word(" tokens, ", "dim"),
        Span(compact(family.tokens_since_third), "loud.warn"), word(" since the third", "dim"),
    ]  # fmt: skip
    if family.since is not None:
        spans += [word(" at ", "dim"), Span(hour(family.since), "dim")]
    return tuple(spans)


def _titles(room: int) -> Line:
    left = (
        word("  ", "head"),
        column(own("ACTION"), NAME_CELLS, "head"),
        word(" ", "head"),
        word("DIFFERS IN", "head"),
    )
    return (
        *fit_line(left, room, "head"),
        column(own("TOKENS"), 8, "head", right=True),
        column(own("STEPS"), 7, "head", right=True),
        word("  ", "head"),
        column(own("NOVELTY"), METER_CELLS + 6, "head"),
    )


def _left(member: Member, lane: LaneId) -> list[Span]:
    name = safe_text(member.name, limit=80)
    spans = [_OUTCOMES.get(member.outcome, word("·", "dim")), word(" "), column(name, NAME_CELLS, "accent"), word(" ")]
    spans += _differing(member)
    if member.lane != lane:
        spans.append(word("  in another lane", "dim"))
    return spans


def _tail(member: Member) -> Line:
    return (
        column(compact(member.tokens), 8, "text", right=True), column(number(member.steps), 7, "dim", right=True),
        word("  "), *bar(member.novelty, METER_CELLS, "good"), column(figure(member.novelty), 6, "text", right=True),
    )  # fmt: skip


def _differing(member: Member) -> list[Span]:
    if not member.words:
        return [Span(title_of(member.name, member.title), "text")]
    spans: list[Span] = []
    for each in member.words:
        spans += [Span(safe_text(each, limit=80), "key"), word(" · ", "dim")]
    return spans[:-1]
