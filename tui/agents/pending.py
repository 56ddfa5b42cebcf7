"""Turns the arguments of a call that waits for a person into the request that is shown."""

from __future__ import annotations

from collections.abc import Mapping

from tui.agents.tools import summary_of
from tui.io.json_fields import Record, array, compact_json, obj, text
from tui.model.pending import Choice, PendingKind, PendingRequest, Question
from tui.text.safe_text import shows_all

QUESTIONS_BOUND, CHOICES_BOUND = 16, 32
SHOWN_CHARS = 1024 * 1024
"""Characters of a request up to which a person can be expected to read it."""
_COMMANDS = ("command", "cmd")


def request_of(tool: str, args: Record, asking: Mapping[str, PendingKind]) -> PendingRequest:
    """The request that a call with these arguments makes; `asking` are the tools by which the agent asks a person."""
    kind = asking.get(tool, PendingKind.PERMISSION)
    questions = questions_of(args) if kind is PendingKind.QUESTION else ()
    name, main = _main(kind, args)
    if questions:
        main = questions[0].text
    shown = {name, "questions"} if questions else {name}
    details = tuple((str(key), _value(value)) for key, value in args.items() if key not in shown)
    return PendingRequest(kind, tool, main, details, questions, is_whole=bool(args))


def questions_of(args: Record) -> tuple[Question, ...]:
    """The questions in the arguments of a tool that asks a person."""
    found: list[Question] = []
    for one in array(args.get("questions"))[:QUESTIONS_BOUND]:
        fields = obj(one)
        words = text(fields.get("question"))
        if words is not None:
            found.append(
                Question(
                    text(fields.get("id")) or words, words, text(fields.get("header")) or "",
                    _choices(fields.get("options")), fields.get("multiSelect") is True,
                )
            )  # fmt: skip
    return tuple(found)


def _choices(options: object) -> tuple[Choice, ...]:
    found: list[Choice] = []
    for one in array(options)[:CHOICES_BOUND]:
        label = one if isinstance(one, str) else text(obj(one).get("label"))
        if label is not None:
            found.append(Choice(label, text(obj(one).get("description")) or ""))
    return tuple(found)


def not_shown_whole(request: PendingRequest) -> str:
    """The reason why a person cannot be shown the whole request, so that nobody may answer it.

    Empty if nothing is missing.
    """
    texts = [request.tool, request.text, request.reason, request.cwd or ""]
    texts += [text for detail in request.details for text in detail]
    for question in request.questions:
        texts += [question.text, *(text for one in question.choices for text in (one.label, one.description))]
    if sum(map(len, texts)) > SHOWN_CHARS:
        return "it is too long to be shown whole"
    return "" if all(map(shows_all, texts)) else "a part of it is masked as a secret"


def _main(kind: PendingKind, args: Record) -> tuple[str, str]:
    """The main argument, by name and as text; an empty name if it is not shown whole."""
    for name in ("plan",) if kind is PendingKind.PLAN else _COMMANDS:
        if (words := args.get(name)) and isinstance(words, str):
            return name, words
    return "", summary_of(args)


def _value(value: object) -> str:
    return value if isinstance(value, str) else compact_json(value)
