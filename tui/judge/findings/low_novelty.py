"""A lane whose steps bring less and less that is new (finding `low_novelty`): `tui.judge.novelty_trend` raises it."""

from __future__ import annotations

from tui.judge.findings.base import FindingSpec
from tui.judge.limits import Unit, limit
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen
from tui.text.styled_text import own


@frozen
class NoveltyLimits:
    """When a lane is said to bring little that is new."""

    novelty_fall: float = limit(
        0.1, Unit.SHARE, "Novelty per 1k tokens below this share of the lane's own early rate is low."
    )
    novelty_floor: float = limit(
        0.12, Unit.SHARE, "And the mean novelty of a step must be this low: a growing context alone is no fall."
    )
    novelty_window_s: float = limit(900.0, Unit.SECONDS, "For this long it must be low before anything is said.")


LOW_NOVELTY = FindingSpec(
    kind=FindingKind.declare("low_novelty"),
    place=70,
    words=own("little new"),
    doc="Its steps bring far less that is new than at its start, and it burns as before.",
    severities=(Severity.WARN,),
    suggest=Verb.REDIRECT,
    limits=NoveltyLimits,
)
FINDINGS = (LOW_NOVELTY,)
