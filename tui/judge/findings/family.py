"""The findings about families of actions: `stop`, `family_too_long`, `substitution_name` and `owed_output`."""

from __future__ import annotations

from collections.abc import Sequence

from tui.judge.findings.base import FindingSpec
from tui.judge.limits import Unit, limit
from tui.judge.names import is_substitution
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen
from tui.text.styled_text import own


@frozen
class FamilyLimits:
    """The limits by which actions are one family, and by which a family is too long or proven."""

    family_similarity: float = limit(0.85, Unit.SHARE, "From this similarity on, actions in a row are one family.")
    family_length: int = limit(5, Unit.COUNT, "More than this many actions of one family in a row are too many.")
    proven_members: int = limit(3, Unit.COUNT, "From this many members that ended well on, a family is proven.")
    label_novelty: float = limit(
        0.1, Unit.SHARE, "Up to this novelty, an action of a known family counts as different only in its name."
    )


STOP = FindingSpec(
    kind=FindingKind.STOP,
    place=10,
    words=own("already proven"),
    doc="Its last actions have succeeded with the same checks, and the next one differs from them only in its name.",
    progress="work with other checks or results, or a closing summary",
    to_do="let it write a closing summary and end; send no further prompt of this sort",
    severities=(Severity.STOP,),
    suggest=Verb.CLOSE,
    limits=FamilyLimits,
    asks_question=True,
)
FAMILY_TOO_LONG = FindingSpec(
    kind=FindingKind.FAMILY_TOO_LONG,
    place=30,
    words=own("too many similar"),
    doc="It does too many similar actions in a row, and they bring little that is new.",
    progress="work that brings a new result",
    to_do="ask for something of another sort, or for a summary, instead of one more attempt like these",
    severities=(Severity.STOP,),
    suggest=Verb.REDIRECT,
    limits=FamilyLimits,
    asks_question=True,
)
SUBSTITUTION_NAME = FindingSpec(
    kind=FindingKind.SUBSTITUTION_NAME,
    place=40,
    words=own("renamed copy"),
    doc="The name of its next action is the last name with some words replaced.",
    progress="work that differs in more than a name",
    to_do="if this one is not needed too, ask for something else, or for a summary",
    severities=(Severity.WARN,),
    suggest=Verb.REDIRECT,
    limits=FamilyLimits,
    asks_question=True,
)
OWED_OUTPUT = FindingSpec(
    kind=FindingKind.OWED_OUTPUT,
    place=60,
    words=own("summary due"),
    doc="A closing summary is due after its similar actions, but it began another action.",
    progress="the closing summary: what is done, what is missing, what comes next",
    to_do="let it write the summary now and end, before anything else is begun",
    severities=(Severity.WARN,),
    suggest=Verb.CLOSE,
    limits=FamilyLimits,
    is_unproven=True,
)
FINDINGS = (STOP, FAMILY_TOO_LONG, SUBSTITUTION_NAME, OWED_OUTPUT)


NAME_CHARS = 40
"""The most characters of an action's name."""


def family_title(kind: FindingKind, count: int, titles: Sequence[str], first: str, last: str, template: str) -> str:
    """The title of a finding about a family of `count` actions.

    `first` and `last` are the names of its first and its newest action. The `titles` of its newest actions show whether
    only names change; `template` is what these titles have in common.
    """
    named = is_substitution(list(titles[:-1]), titles[-1]) if titles else True
    span = f"{_quoted(first)} to {_quoted(last)}"
    match kind:
        case FindingKind.STOP:
            varies = "a name" if named else "their words"
            prompts = f"{count} prompts that differ only in {varies}"
            return f"the same work for {prompts}, with the same checks and results: {span}"
        case FindingKind.FAMILY_TOO_LONG:
            prompts = "prompts that differ only in a name" if named else "differently worded prompts"
            return f"the same steps for {count} {prompts}, and almost no new result: {span}"
        case FindingKind.OWED_OUTPUT:
            due = f"a closing summary is due after {count} prompts that led to the same work"
            return f"{due}, but it began {_quoted(last)} instead"
        case _:
            copied = "the newest prompt is the one before with some words replaced"
            return f"{copied}, and the last ones brought little new: {template}"


def cut(text: str, most: int) -> str:
    """The text; if it has more than `most` characters, its beginning with an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _quoted(name: str) -> str:
    """A name such as `S091` as it is, and the beginning of a longer prompt in quotation marks."""
    return f"“{name}”" if " " in name else name
