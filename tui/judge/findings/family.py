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
    progress="an action with different checks or results, or a closing summary",
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
    progress="an action that brings a new result",
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
    progress="an action that differs in more than its name",
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
    severities=(Severity.WARN,),
    suggest=Verb.CLOSE,
    limits=FamilyLimits,
    is_unproven=True,
)
FINDINGS = (STOP, FAMILY_TOO_LONG, SUBSTITUTION_NAME, OWED_OUTPUT)


def family_title(kind: FindingKind, count: int, titles: Sequence[str], first: str, last: str, template: str) -> str:
    """The title of a finding about a family of `count` actions.

    `first` and `last` are the names of its first and its newest action. The `titles` of its newest actions show whether
    only names change; `template` is what these titles have in common.
    """
    actions = "action" if count == 1 else "actions"
    named = is_substitution(list(titles[:-1]), titles[-1]) if titles else True
    match kind:
        case FindingKind.STOP:
            varies = "only the name changes" if named else "the same work and results under different names"
            return f"{count} near-identical {actions}, {varies}: {first} … {last}"
        case FindingKind.FAMILY_TOO_LONG:
            varies = "" if named else " under different names"
            return f"{count} similar {actions} in a row{varies}: {first} … {last}"
        case FindingKind.OWED_OUTPUT:
            return f"a closing summary is due after {count} similar {actions}, but another action begins: {last}"
        case _:
            return f"the next task is the last one with some words replaced: {template}"
