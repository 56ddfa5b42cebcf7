"""A lane whose steps bring less and less new information (finding `low_novelty`).

Raised by `tui.judge.novelty_trend`.
"""

from __future__ import annotations

from tui.judge.findings.base import FindingSpec
from tui.judge.limits import Unit, limit
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen
from tui.text.styled_text import own


@frozen
class NoveltyLimits:
    """The limits below which a lane counts as bringing little new information."""

    novelty_fall: float = limit(
        0.1, Unit.SHARE, "Less than this share of the lane's own early novelty per 1k tokens is low."
    )
    novelty_floor: float = limit(
        0.12, Unit.SHARE, "Up to this mean novelty of a step it is low: a growing context alone is no fall."
    )
    novelty_window_s: float = limit(
        900.0, Unit.SECONDS, "Over this time it is measured; from twice this time on it is judged."
    )


LOW_NOVELTY = FindingSpec(
    kind=FindingKind.declare("low_novelty"),
    place=70,
    words=own("little new"),
    doc="Its steps bring far fewer new results than at its start, and it burns as many tokens as before.",
    progress="steps that bring something new again",
    to_do="ask what it has found so far, then tell it another way, or end it",
    severities=(Severity.WARN,),
    suggest=Verb.REDIRECT,
    limits=NoveltyLimits,
)
FINDINGS = (LOW_NOVELTY,)
