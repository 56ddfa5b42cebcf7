"""A lane that makes no progress in an open turn (finding `stalled`). Raised by `tui.fleet.state`."""

from __future__ import annotations

from tui.judge.findings.base import FindingSpec
from tui.model.finding import FindingKind, Severity, Verb
from tui.text.styled_text import own

STALLED = FindingSpec(
    kind=FindingKind.declare("stalled"),
    place=170,
    words=own("stalled"),
    doc="Its turn is open, but it has written nothing for longer than its tools or the service usually take.",
    progress="a result, or anything else that it writes",
    to_do="if what it waits for hangs, stop that, or end the lane",
    severities=(Severity.WARN,),
    suggest=Verb.CLOSE,
    is_told_by_state=True,
    is_unproven=True,
)
FINDINGS = (STALLED,)
