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

    family_similarity: float = limit(0.85, Unit.SHARE, "From this similarity on, adjacent actions are one family.")
    family_length: int = limit(5, Unit.COUNT, "More than this many adjacent actions of one family are too many.")
    proven_members: int = limit(3, Unit.COUNT, "From this many members that ended well on, a family is proven.")
    label_novelty: float = limit(
        0.1, Unit.SHARE, "Up to this novelty, an action of a known family differs by its label alone."
    )


STOP = FindingSpec(
    kind=FindingKind.STOP,
    place=10,
    words=own("proven: stop"),
    doc="The last actions of one shape are proven, and the next differs from them by its label alone.",
    progress="an action whose checks or results differ, or a closing report",
    severities=(Severity.STOP,),
    suggest=Verb.CLOSE,
    limits=FamilyLimits,
    asks_question=True,
)
FAMILY_TOO_LONG = FindingSpec(
    kind=FindingKind.FAMILY_TOO_LONG,
    place=30,
    words=own("family too long"),
    doc="Too many adjacent actions share one shape and bring little that is new.",
    progress="an action that brings what the last ones did not",
    severities=(Severity.STOP,),
    suggest=Verb.REDIRECT,
    limits=FamilyLimits,
    asks_question=True,
)
SUBSTITUTION_NAME = FindingSpec(
    kind=FindingKind.SUBSTITUTION_NAME,
    place=40,
    words=own("renamed copy"),
    doc="The name of the next action is that of the last ones with other words put in.",
    progress="an action that differs by more than its name",
    severities=(Severity.WARN,),
    suggest=Verb.REDIRECT,
    limits=FamilyLimits,
    asks_question=True,
)
OWED_OUTPUT = FindingSpec(
    kind=FindingKind.OWED_OUTPUT,
    place=60,
    words=own("owes an output"),
    doc="After a family that was told to stop a closing output is owed, and another action of it began.",
    progress="the closing output: what is covered, what is missing, what comes next",
    severities=(Severity.WARN,),
    suggest=Verb.CLOSE,
    limits=FamilyLimits,
    is_unproven=True,
)
FINDINGS = (STOP, FAMILY_TOO_LONG, SUBSTITUTION_NAME, OWED_OUTPUT)


def family_title(kind: FindingKind, count: int, titles: Sequence[str], first: str, last: str, template: str) -> str:
    """The title of a finding of a family: of `count` actions, the first and the newest by their names.

    `titles` are those of the newest actions: they show whether the names follow one template.
    """
    actions = "action" if count == 1 else "actions"
    named = is_substitution(list(titles[:-1]), titles[-1]) if titles else True
    match kind:
        case FindingKind.STOP:
            varies = "only the label differs" if named else "the same work and results under other names"
            return f"{count} {actions}, {varies}: {first} … {last}"
        case FindingKind.FAMILY_TOO_LONG:
            varies = "share one shape" if named else "share one shape under other names"
            return f"{count} adjacent {actions} {varies}: {first} … {last}"
        case FindingKind.OWED_OUTPUT:
            return f"a summary is owed after {count} {actions} alike, but one more begins: {last}"
        case _:
            return f"the next task is the last one with other words put in: {template}"
