"""A lane that keeps running in a daemon although no client shows it (finding `detached`).

Raised by `tui.fleet.state`.
"""

from __future__ import annotations

from tui.judge.findings.base import FindingSpec
from tui.model.finding import FindingKind, Severity, Verb
from tui.text.styled_text import own

DETACHED = FindingSpec(
    kind=FindingKind.declare("detached"),
    place=180,
    words=own("nobody watches"),
    doc="Its turn still runs in a shared daemon, but no client shows it.",
    progress="a client that shows it, or the end of its turn",
    to_do="open it in a client to see what it does, or end it",
    severities=(Severity.WARN,),
    suggest=Verb.CLOSE,
)
FINDINGS = (DETACHED,)
