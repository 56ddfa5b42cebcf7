"""A lane that repeats itself (finding `repetition`). Raised by `tui.judge.lane`."""

from __future__ import annotations

from collections.abc import Iterator

from tui.judge.findings.base import FindingSpec
from tui.judge.limits import Unit, limit
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen
from tui.text.styled_text import own


@frozen
class RepetitionLimits:
    """The limits above which a lane counts as repeating itself."""

    same_call_repeats: int = limit(
        4, Unit.COUNT, "From this many times in a row on, the same call with the same result is a repetition."
    )
    cycle_rounds: int = limit(
        3, Unit.COUNT, "From this many rounds on, a cycle of several calls is reported as one repetition."
    )
    # A larger value than `most` would make every step expensive for the judge.
    longest_cycle: int = limit(16, Unit.COUNT, "Up to this many calls can be one round of a cycle.", most=64)
    monologue_repeats: int = limit(
        4, Unit.COUNT, "From this many times on, the same words without a call are a repetition."
    )
    warn_score: float = limit(0.5, Unit.SHARE, "From this score on, a repetitive lane gets a warning.")
    stop_score: float = limit(0.75, Unit.SHARE, "From this score on, a repetitive lane is to be stopped.")
    clear_score: float = limit(0.3, Unit.SHARE, "Below this score the finding ends.")

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """See `Checked.conflicts`."""
        if self.warn_score > self.stop_score:
            yield "stop_score", "must not be lower than judge.warn_score"
        if self.clear_score > self.warn_score:
            yield "clear_score", "must not be higher than judge.warn_score"


REPETITION = FindingSpec(
    kind=FindingKind.REPETITION,
    place=20,
    words=own("looping"),
    doc="It repeats the same steps without a new result.",
    progress="a different outcome",
    to_do="it does not get on by itself, so end it, or tell it what to try instead",
    severities=(Severity.WARN, Severity.STOP),
    suggest=Verb.REDIRECT,
    limits=RepetitionLimits,
)
FINDINGS = (REPETITION,)
