"""Requests that wait for a person, for the screen and for standard output."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Any

from tui.model.pending import (
    Answer,
    Choice,
    Decision,
    PendingKind,
    PendingRequest,
    Question,
    chosen_labels,
    decisions_for,
    option_of,
)
from tui.text.cell_width import cut, width
from tui.text.format import age
from tui.text.safe_text import SafeText, exact_text, safe_text
from tui.text.secrets.invisible import spelling
from tui.text.styled_text import Line, Span, blank, broken, broken_at_words, column, joined, own, word
from tui.view.json_out import iso

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
_ANSWERED = {
    Decision.ALLOW: own("allowed"),
    Decision.DENY: own("denied"),
    Decision.APPROVE_PLAN: own("plan approved"),
    Decision.REFUSE_PLAN: own("plan refused"),
}
SENT_CELLS = 60
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def pending_json(request: PendingRequest) -> dict[str, Any]:
    """One request of the list `pending` in `lanes --json`."""
    return {
        "kind": request.kind.value,
        "tool": exact_text(request.tool),
        "text": _main(request),
        "details": {exact_text(name): exact_text(value) for name, value in request.details},
        "questions": [_question_json(question) for question in request.questions],
        "since": iso(request.asked_at),
        "reason": whole(request.reason) or None,
        "cwd": exact_text(request.cwd) if request.cwd else None,
        "call": safe_text(request.call) if request.call else None,
        "is_whole": request.is_whole,
        "request": request.id or None,
        "answers": [option_of(one).lstrip("-") for one in decisions_for(request.kind)] if request.is_answerable else [],
        "unanswerable": safe_text(request.unanswerable) or None,
    }


def whole(text: str) -> SafeText:
    """A text for people in all its lines, with every control character made visible, also those of escape sequences.

    Elsewhere a whole escape sequence is left out. Here it is a part of what is answered.
    """
    return safe_text(_CONTROL.sub(lambda found: spelling(found[0]), text), limit=sys.maxsize, lines=True)


def _main(request: PendingRequest) -> SafeText:
    """What would be run, to the character; or the words of a plan or question."""
    return exact_text(request.text) if request.kind is PendingKind.PERMISSION else whole(request.text)


def _one_line(text: str) -> SafeText:
    """A label in one line: its own line breaks are signs in it, so that no part of it can pass for a row of a list."""
    return SafeText(whole(text).replace("\n", "⏎"))


def _question_json(question: Question) -> dict[str, Any]:
    return {
        "question": whole(question.text),
        "header": safe_text(question.header) or None,
        "options": [
            {"label": _one_line(choice.label), "description": _one_line(choice.description) or None}
            for choice in question.choices
        ],
        "takes_several": question.takes_several,
    }


# -- for people ---------------------------------------------------------------------------------


def request_lines(request: PendingRequest, at: float, cells: int) -> list[Line]:
    """A request in full: what would be done, where, since when and why. `at` is seconds UTC.

    What the agent wrote stands behind a rule, and nothing else does: no line of it can pass for the dialog's own words,
    nor the end of a command for another argument.
    """
    return [asks_line(request, at), *content_lines(request, cells)]


def asks_line(request: PendingRequest, at: float) -> Line:
    """What kind of request it is, and how long it has waited at `at`."""
    waits = age(max(0.0, at - request.asked_at)) if request.asked_at is not None else own("?")
    return (Span(_ASKS[request.kind], "strong"), word(" · ", "dim"), word("waits ", "dim"), Span(waits, "text"))


def content_lines(request: PendingRequest, cells: int) -> list[Line]:
    """The lines of `request_lines` that do not change while it waits."""
    head = _field(own("tool"), exact_text(request.tool), cells)
    if request.cwd:
        head += _field(own("folder"), exact_text(request.cwd), cells)
    if request.reason:
        head += _field(own("reason"), whole(request.reason), cells)
    if not request.is_whole:
        head.append((word("not whole: its arguments are too long to be shown", "warn"),))
    count = len(request.questions)
    rows_of = _rows if request.kind is PendingKind.PERMISSION else _text_rows
    body = [] if count else _ruled(rows_of(_main(request), cells - 2))
    for number, question in enumerate(request.questions, 1):
        body += question_lines(question, number, count, cells)
    details = [line for name, value in request.details for line in _detail(name, value, cells)]
    return [*head, (), *body, *details] if body or details else head


def question_lines(question: Question, number: int, count: int, cells: int) -> list[Line]:
    """The text of a question, with its number if there are several."""
    lines: list[Line] = [(Span(question_title(number), "dim"),)] if count > 1 else []
    lines += [(word("│ ", "accent"), Span(row, "title")) for row in _text_rows(whole(question.text), cells - 2)]
    if question.takes_several:
        lines.append((word("several may be chosen", "dim"),))
    return lines


def question_title(number: int) -> SafeText:
    """How the dialog names one of several questions."""
    return joined(own("question "), safe_text(str(number)))


def decision_words(decision: Decision) -> SafeText:
    """The words of the dialog for a decision."""
    return _DECISIONS[decision]


def answer_words(request: PendingRequest, answer: Answer) -> SafeText:
    """What was answered, in a few words: the chosen options, or the decision."""
    if answer.decision is not Decision.CHOOSE:
        return _ANSWERED[answer.decision]
    labels = [label for each in chosen_labels(request, answer).values() for label in each]
    return cut(_one_line(", ".join(labels)), SENT_CELLS)


def choice_label(choice: Choice) -> SafeText:
    """The whole label of an option in one line."""
    return _one_line(choice.label)


def choice_rows(choice: Choice, cells: int) -> list[SafeText]:
    """An option and its description, in as many rows as they need."""
    more = joined(own(" - "), _one_line(choice.description)) if choice.description else own("")
    return broken_at_words(joined(_one_line(choice.label), more), max(10, cells))


def printed(request: PendingRequest, at: float, cells: int) -> list[SafeText]:
    """A request for standard output, with its id and the options that answer it."""
    lines = request_lines(request, at, cells)
    for number, question in enumerate(request.questions, 1):
        if len(request.questions) > 1:
            lines.append((word("options of ", "dim"), Span(question_title(number), "dim")))
        for place, choice in enumerate(question.choices, 1):
            first, *rest = choice_rows(choice, cells - 6)
            lines.append((column(safe_text(f"  {place}"), 6, "key"), Span(first, "text")))
            lines += [(blank(6), Span(row, "text")) for row in rest]
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
    """The text in all its lines behind a rule."""
    return _ruled(_rows(text, cells - 2))


def _ruled(rows: Iterable[SafeText]) -> list[Line]:
    return [(word("│ ", "accent"), Span(row, "text")) for row in rows]


def _detail(name: str, value: str, cells: int) -> list[Line]:
    """A named argument. The name is indented, so that it never begins like a row behind the rule."""
    rows = broken(SafeText(exact_text(name).replace("\n", "⏎")), max(10, cells - 2))
    text = exact_text(value)
    if len(rows) == 1 and "\n" not in text and width(rows[0]) + width(text) + 6 <= cells:
        return [(blank(2), Span(rows[0], "dim"), word(" │ ", "accent"), Span(text, "text"))]
    return [*((blank(2), Span(row, "dim")) for row in rows), *_block(text, cells)]


def _rows(text: SafeText, cells: int) -> list[SafeText]:
    """All of the text in rows of at most `cells`, each of its own lines on a row of its own."""
    return [piece for line in text.split("\n") for piece in broken(SafeText(line), max(10, cells))]


def _text_rows(text: SafeText, cells: int) -> list[SafeText]:
    """Like `_rows`, but broken between words: for texts to be read, not for what would be run."""
    return [piece for line in text.split("\n") for piece in broken_at_words(SafeText(line), max(10, cells))]
