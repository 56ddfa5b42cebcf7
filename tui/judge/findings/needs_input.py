"""A lane that waits for a person (finding `needs_input`). Raised by `tui.fleet.state`."""

from __future__ import annotations

from tui.judge.findings.base import FindingSpec
from tui.model.finding import FindingKind, Severity
from tui.text.styled_text import own

NEEDS_INPUT = FindingSpec(
    kind=FindingKind.NEEDS_INPUT,
    place=190,
    words=own("needs you"),
    doc="It asks you a question, or waits for a permission.",
    progress="your answer",
    to_do="answer it, on the screen of lanewatch or where it runs; until then it waits",
    severities=(Severity.WARN,),
    is_told_by_state=True,
)
FINDINGS = (NEEDS_INPUT,)
