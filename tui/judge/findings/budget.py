"""A budget of the configuration or the command line that is nearly used up, or used up (finding `budget`)."""

from __future__ import annotations

from tui.judge.findings.base import FindingSpec
from tui.model.finding import FindingKind, Severity
from tui.text.styled_text import own

BUDGET = FindingSpec(
    kind=FindingKind.declare("budget"),
    place=51,
    words=own("budget used"),
    doc="Of a budget (`[[budget]]`, `--budget`) 70, 90 or 100% are used; it is raised on the live screen.",
    progress="use within the budget",
    to_do="use less until it begins anew (pause lanes, or let a cheaper model work), or raise the budget that you set",
    whose=own("a budget"),
    severities=(Severity.INFO, Severity.WARN, Severity.STOP),
)
FINDINGS = (BUDGET,)
