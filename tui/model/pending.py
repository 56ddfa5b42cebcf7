"""What a lane waits for a person to answer: a permission, questions or a plan. All texts are raw."""

from __future__ import annotations

from enum import StrEnum

from tui.model.frozen import frozen


class PendingKind(StrEnum):
    """What a person is asked for."""

    PERMISSION = "permission"
    """Whether a tool may run."""
    QUESTION = "question"
    """The agent's own questions, mostly with options."""
    PLAN = "plan"
    """Whether a plan is approved."""


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
    """The agent's short title of it."""
    choices: tuple[Choice, ...] = ()
    """The options in the agent's order. Empty: only a text answers it."""
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
    """The command, the plan, the first question, or what else names the call."""
    details: tuple[tuple[str, str], ...] = ()
    """The other arguments of the call: names and values."""
    questions: tuple[Question, ...] = ()
    asked_at: float | None = None
    """When it was asked, in seconds UTC."""
    call: str | None = None
    """The agent's id of the call, where it is known."""
    is_whole: bool = True
    """False if the arguments were cut, so that `text` and `details` do not show all of it."""
    reason: str = ""
    """Why the agent asks, in its own words."""
    cwd: str | None = None
    """The folder in which it would run."""
    id: str = ""
    """Names this one request, and no later one with the same content. Empty: it cannot be answered from lanewatch."""
    hash: str = ""
    """The SHA-256 of the tool and all arguments as the client stated them, in hexadecimal digits."""
    unanswerable: str = ""
    """Why it cannot be answered from lanewatch although the client itself stated it; empty if it can be."""

    @property
    def is_answerable(self) -> bool:
        """True if the client takes an answer to exactly this request from lanewatch."""
        return bool(self.id) and not self.unanswerable
