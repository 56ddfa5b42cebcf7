"""Requests that wait for a person, for the screen and for standard output."""

from __future__ import annotations

import re
from typing import Any

from tui.model.pending import Choice, Decision, PendingKind, PendingRequest, Question, decisions_for, option_of
from tui.text.cell_width import width
from tui.text.format import age
from tui.text.safe_text import SafeText, safe_text
from tui.text.secrets.invisible import spelling
from tui.text.styled_text import Line, Span, blank, column, joined, own, word
from tui.view.json_out import iso

WHOLE = 1_000_000
"""The most characters of a request that are shown. Clients cannot state more."""
_ASKS = {
    PendingKind.PERMISSION: own("permission"),
    PendingKind.QUESTION: own("question"),
    PendingKind.PLAN: own("plan to approve"),
}
_DECISIONS = {
    Decision.ALLOW: own("allow it, this once"),
    Decision.DENY: own("deny it and say why"),
    Decision.CHOOSE: own("send these answers"),
    Decision.APPROVE_PLAN: own("approve the plan as shown"),
    Decision.REFUSE_PLAN: own("refuse the plan and say why"),
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def pending_json(request: PendingRequest) -> dict[str, Any]:
    """One request of the list `pending` in `lanes --json`."""
    return {
        "kind": request.kind.value,
        "tool": safe_text(request.tool),
        "text": whole(request.text),
        "details": {safe_text(name): whole(value) for name, value in request.details},
        "questions": [_question_json(question) for question in request.questions],
        "since": iso(request.asked_at),
        "reason": whole(request.reason) or None,
        "cwd": safe_text(request.cwd) if request.cwd else None,
        "call": safe_text(request.call) if request.call else None,
        "is_whole": request.is_whole,
        "request": request.id or None,
        "answers": [option_of(one).lstrip("-") for one in decisions_for(request.kind)] if request.is_answerable else [],
        "unanswerable": safe_text(request.unanswerable) or None,
    }


def whole(text: str) -> SafeText:
    """A text in all its lines.

    All control characters are made visible, even those of escape sequences, which are removed elsewhere: here they are
    part of the action that a person would allow.
    """
    return safe_text(_CONTROL.sub(lambda found: spelling(found[0]), text), limit=WHOLE, lines=True)


def _question_json(question: Question) -> dict[str, Any]:
    return {
        "question": whole(question.text),
        "header": safe_text(question.header) or None,
        "options": [
            {"label": whole(choice.label), "description": whole(choice.description) or None}
            for choice in question.choices
        ],
        "takes_several": question.takes_several,
    }


# -- for people ---------------------------------------------------------------------------------


def request_lines(request: PendingRequest, at: float, cells: int) -> list[Line]:
    """A whole request: the action, its folder, since when it waits, and why the agent asks. `at` is seconds UTC."""
    waits = age(max(0.0, at - request.asked_at)) if request.asked_at is not None else own("?")
    head: list[Line] = [
        (Span(_ASKS[request.kind], "strong"), word(" · ", "dim"), Span(safe_text(request.tool, limit=200), "accent"),
         word(" · waits ", "dim"), Span(waits, "text"))
    ]  # fmt: skip
    if request.cwd:
        head += _field(own("folder"), whole(request.cwd), cells)
    if request.reason:
        head += _field(own("reason"), whole(request.reason), cells)
    if not request.is_whole:
        head.append((word("not whole: its arguments are too long to be shown", "warn"),))
    body = [] if request.questions else _block(whole(request.text), cells)
    details = [line for name, value in request.details for line in _detail(safe_text(name, limit=200), value, cells)]
    return [*head, (), *body, *details] if body or details else head


def question_lines(question: Question, number: int, count: int, cells: int) -> list[Line]:
    """The text of a question, with its number if there are several."""
    lead = joined(own("Question "), safe_text(str(number)), own(" of "), safe_text(str(count)), own(": "))
    text = joined(lead if count > 1 else own(""), whole(question.text))
    lines: list[Line] = [(Span(row, "title"),) for row in _rows(text, cells)]
    if question.takes_several:
        lines.append((word("several may be chosen", "dim"),))
    return lines


def decision_words(decision: Decision) -> SafeText:
    """The words of the dialog for a decision."""
    return _DECISIONS[decision]


def choice_words(choice: Choice) -> SafeText:
    """An option and its description."""
    more = joined(own(" - "), whole(choice.description)) if choice.description else own("")
    return joined(whole(choice.label), more)


def printed(request: PendingRequest, at: float, cells: int) -> list[SafeText]:
    """A request for standard output, with its id and the options that answer it."""
    lines = request_lines(request, at, cells)
    for number, question in enumerate(request.questions, 1):
        lines += question_lines(question, number, len(request.questions), cells)
        lines += [
            (word("  "), Span(safe_text(f"{place}  "), "key"), Span(choice_words(choice), "text"))
            for place, choice in enumerate(question.choices, 1)
        ]
    told = [joined(*(span.text for span in line)) for line in lines]
    if request.is_answerable:
        options = " or ".join(option_of(one) for one in decisions_for(request.kind))
        return [*told, safe_text(f"request {request.id}: answer it with {options}")]
    why = request.unanswerable or "only its pane can answer it"
    return [*told, safe_text(why, limit=300)]


def _field(name: SafeText, text: SafeText, cells: int) -> list[Line]:
    first, *rest = _rows(text, cells - 8)
    return [
        (column(name, 8, "dim"), Span(first, "text")),
        *((blank(8), Span(row, "text")) for row in rest),
    ]


def _block(text: SafeText, cells: int) -> list[Line]:
    """The text in all its lines behind a vertical rule, so that it cannot be taken for the dialog's own words."""
    return [(word("│ ", "accent"), Span(row, "text")) for row in _rows(text, cells - 2)]


def _detail(name: SafeText, value: str, cells: int) -> list[Line]:
    text = whole(value)
    if "\n" not in text and len(text) + len(name) + 4 <= cells:
        return [(word("│ ", "accent"), Span(name, "dim"), word("  "), Span(text, "text"))]
    return [(word("│ ", "accent"), Span(name, "dim")), *_block(text, cells)]


def _rows(text: SafeText, cells: int) -> list[SafeText]:
    """The whole text in rows of at most `cells`. Each line of the text begins a new row."""
    return [piece for line in text.split("\n") for piece in _broken(SafeText(line), max(10, cells))]


def _broken(line: SafeText, cells: int) -> list[SafeText]:
    """A line in pieces that fit. It is broken between characters, because every space of a command matters."""
    pieces: list[str] = []
    current, taken = "", 0
    for char in line:
        wide = width(SafeText(char))
        if taken + wide > cells:
            pieces.append(current)
            current, taken = "", 0
        current, taken = current + char, taken + wide
    return [SafeText(piece) for piece in [*pieces, current]]
