"""Requests that wait for a person's answer: permissions, questions and plans. All texts are raw."""

from __future__ import annotations

from enum import StrEnum

from tui.model.frozen import frozen


class PendingKind(StrEnum):
    """The kind of a request."""

    PERMISSION = "permission"
    """The agent asks whether a tool may run."""
    QUESTION = "question"
    """The agent asks questions of its own, mostly with options."""
    PLAN = "plan"
    """The agent asks whether a plan is approved."""


@frozen
class Choice:
    """One option of a question."""

    label: str
    description: str = ""


@frozen
class Question:
    """One question of an agent."""

    key: str
    """The name under which the client takes its answer: its id, or its whole text."""
    text: str
    header: str = ""
    """The agent's short title for the question."""
    choices: tuple[Choice, ...] = ()
    """The options in the agent's order. Empty: the answer is a text."""
    takes_several: bool = False
    """True if more than one option may be chosen."""


@frozen
class PendingRequest:
    """One request that waits for a person, as it is shown.

    It comes from the client itself (by the gate or a daemon) or, without an `id`, only from an open call in the
    transcript.
    """

    kind: PendingKind
    tool: str
    """The tool that it is about, as the agent calls it."""
    text: str
    """The command, the plan, the first question, or another text that names the call."""
    details: tuple[tuple[str, str], ...] = ()
    """The other arguments of the call: names and values."""
    questions: tuple[Question, ...] = ()
    asked_at: float | None = None
    """The time of the request in seconds UTC."""
    call: str | None = None
    """The agent's id of the call, where it is known."""
    is_whole: bool = True
    """False if the arguments were cut, so that `text` and `details` do not show all of it."""
    reason: str = ""
    """The agent's reason for asking, in its own words."""
    cwd: str | None = None
    """The folder in which it would run."""
    id: str = ""
    """Identifies this one request; a later one with the same content has another id. Empty: it cannot be answered from
    lanewatch."""
    hash: str = ""
    """The SHA-256 of the tool and all arguments as the client stated them, in hexadecimal digits."""
    unanswerable: str = ""
    """Why it cannot be answered from lanewatch although the client itself stated it; empty if it can be."""
    answered: str = ""
    """What was answered from lanewatch, while the client is not seen to have taken it; empty: nothing."""

    @property
    def is_answerable(self) -> bool:
        """True if the client takes an answer to exactly this request from lanewatch."""
        return bool(self.id) and not self.unanswerable


class Decision(StrEnum):
    """A person's decision. It holds for the one request alone."""

    ALLOW = "allow"
    DENY = "deny"
    CHOOSE = "choose"
    APPROVE_PLAN = "approve_plan"
    REFUSE_PLAN = "refuse_plan"


_DECISIONS = {
    PendingKind.PERMISSION: (Decision.ALLOW, Decision.DENY),
    PendingKind.QUESTION: (Decision.CHOOSE, Decision.DENY),
    PendingKind.PLAN: (Decision.APPROVE_PLAN, Decision.REFUSE_PLAN),
}


@frozen
class Answer:
    """A person's answer to one request."""

    decision: Decision
    text: str = ""
    """The reason of a refusal, which the agent reads."""
    chosen: tuple[tuple[int, ...], ...] = ()
    """For each question the numbers of the chosen options, from 1."""


def decisions_for(kind: PendingKind) -> tuple[Decision, ...]:
    """The decisions that answer this kind of request: first the one that allows it, then the refusal."""
    return _DECISIONS[kind]


def answer_mistake(request: PendingRequest, answer: Answer) -> str:
    """The reason why the answer does not fit the request; empty if it fits."""
    allowed = decisions_for(request.kind)
    if answer.decision not in allowed:
        fitting = " or ".join(option_of(one) for one in allowed)
        return f"it waits for a {request.kind.value}: answer it with {fitting}"
    if answer.decision in (Decision.DENY, Decision.REFUSE_PLAN):
        return "" if answer.text.strip() else "say why: the agent reads it"
    if answer.decision is Decision.CHOOSE:
        return _choice_mistake(request.questions, answer.chosen)
    return ""


def _choice_mistake(questions: tuple[Question, ...], chosen: tuple[tuple[int, ...], ...]) -> str:
    if len(chosen) != len(questions):
        asked = "one question" if len(questions) == 1 else f"{len(questions)} questions"
        return f"it asks {asked}, and all must be answered: {len(chosen)} answered"
    for number, (question, numbers) in enumerate(zip(questions, chosen, strict=True), 1):
        if not question.choices:
            return f"question {number} has no options: only its pane can answer it"
        if not numbers or len(set(numbers)) != len(numbers):
            return f"question {number}: choose an option"
        if any(not 1 <= one <= len(question.choices) for one in numbers):
            return f"question {number} has the options 1 to {len(question.choices)}"
        if len(numbers) > 1 and not question.takes_several:
            return f"question {number} takes one option only"
    return ""


def chosen_labels(request: PendingRequest, answer: Answer) -> dict[str, list[str]]:
    """The labels of the chosen options by the key of their question."""
    return {
        question.key: [question.choices[number - 1].label for number in numbers]
        for question, numbers in zip(request.questions, answer.chosen, strict=True)
    }


def option_of(decision: Decision) -> str:
    """The option of `lanewatch answer` for a decision: `--approve-plan`."""
    return f"--{decision.value.replace('_', '-')}"
