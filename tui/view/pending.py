"""What waits for a person, for the screen and for standard output."""

from __future__ import annotations

import re
from typing import Any

from tui.model.pending import PendingKind, PendingRequest, Question
from tui.text.safe_text import SafeText, safe_text
from tui.text.secrets.invisible import spelling
from tui.view.json_out import iso

WHOLE = 1_000_000
"""Characters of a request that are shown: all that a client can state."""
ANSWERS = {
    PendingKind.PERMISSION: ("allow", "deny"),
    PendingKind.QUESTION: ("choose", "deny"),
    PendingKind.PLAN: ("approve-plan", "refuse-plan"),
}
"""The options of `lanewatch answer` by the kind of the request."""
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
        "answers": list(ANSWERS[request.kind]) if request.is_answerable else [],
        "unanswerable": safe_text(request.unanswerable) or None,
    }


def whole(text: str) -> SafeText:
    """A text in all its lines, with every control character made visible, also those of escape sequences.

    Elsewhere a whole escape sequence is left out. Here it is a part of what would be done.
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
