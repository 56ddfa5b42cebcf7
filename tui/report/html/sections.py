"""The sections of the page, in the order of reading, and their anchors."""

from __future__ import annotations

from typing import LiteralString

from tui.report.html.markup import Token, anchor

TIMELINE = anchor("timeline")
WORK = anchor("phases")
STOP = anchor("stop")
FAMILIES = anchor("families")
FINDINGS = anchor("findings")
TOKENS = anchor("tokens")
LANES = anchor("lanes")
COVERAGE = anchor("coverage")
CLOSEOUT = anchor("closeout")
HALF_DONE = anchor("half-done")
RETENTION = anchor("retention")
TRUST = anchor("sources")

ORDER: tuple[tuple[Token, LiteralString], ...] = (
    (TIMELINE, "Timeline"),
    (WORK, "Phases and actions"),
    (STOP, "The stop"),
    (FAMILIES, "Families"),
    (FINDINGS, "Findings"),
    (TOKENS, "Tokens"),
    (LANES, "Lanes"),
    (COVERAGE, "Coverage and gaps"),
    (CLOSEOUT, "Closeout"),
    (HALF_DONE, "Half done"),
    (RETENTION, "What to keep"),
    (TRUST, "Sources"),
)
TITLES: dict[Token, LiteralString] = dict(ORDER)
