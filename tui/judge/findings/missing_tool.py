"""Calls that fail because the tool does not exist (finding `missing_tool`)."""

from __future__ import annotations

import re

from tui.judge.detector import EVIDENCE_LIMIT, Raised
from tui.judge.findings.base import FindingSpec
from tui.judge.limits import Limits, Unit, limit
from tui.judge.open_calls import OpenCalls
from tui.judge.raised_findings import RaisedFindings
from tui.model.event import Call, Event, Result
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen
from tui.text.styled_text import own


@frozen
class MissingToolLimits:
    """The limits above which calls of a missing tool are too many."""

    missing_tool_calls: int = limit(
        2, Unit.COUNT, "From this many calls of one tool that does not exist on, it is said."
    )


MISSING_TOOL = FindingSpec(
    kind=FindingKind.declare("missing_tool"),
    place=110,
    words=own("no such tool"),
    doc="It repeatedly calls a tool that does not exist.",
    progress="the same work with a tool that exists",
    to_do="tell it which tool to use instead, or start it again with that tool allowed",
    severities=(Severity.WARN,),
    suggest=Verb.REDIRECT,
    limits=MissingToolLimits,
    detector=lambda setup: MissingTool(setup.limits),
    is_unproven=True,
)
FINDINGS = (MISSING_TOOL,)

TOOLS_LIMIT = 64
HEAD = 300

_MISSING = re.compile(
    r"(?i)no such tool available|tool ['\"`]?[\w.:-]+['\"`]? (?:was |is )?(?:not found|not available|does not exist|"
    r"is not a valid tool)|unknown tool\b|unsupported call:|unknown function\b|no tool named|function ['\"`]?[\w.:-]+"
    r"['\"`]? (?:not found|does not exist)|tool not found"
)


class MissingTool:
    """Detects `missing_tool`, one finding for each tool name. It ends when a call of that tool succeeds."""

    wants = (Call, Result)

    def __init__(self, limits: Limits) -> None:
        self._limits = limits.of(MissingToolLimits)
        self._open = OpenCalls[tuple[str, float | None, int]]()
        self._failed: dict[str, list[Evidence]] = {}
        self._counts: dict[str, int] = {}
        self._found = RaisedFindings()

    def apply(self, event: Event, tokens: int) -> None:
        """See `Detector`."""
        del tokens
        if isinstance(event, Call):
            self._open.add(event.call, (event.tool, event.at, event.offset))
        elif isinstance(event, Result):
            known = self._open.take(event.call)
            if known is not None:
                self._result(event, *known)

    def raised(self) -> tuple[Raised, ...]:
        """See `Detector`."""
        return self._found.all

    def _result(self, event: Result, tool: str, at: float | None, offset: int) -> None:
        if event.ok is True:
            self._counts.pop(tool, None)
            self._failed.pop(tool, None)
            self._found.end(tool, event.at)
            return
        head = event.text[:HEAD]
        low = head.casefold()
        if "tool" not in low and "unsupported call" not in low and "function" not in low:
            return
        # If the client does not state a failure, only a result that begins like one counts, because a page may mention
        # tools.
        if not (_MISSING.search(head) if event.ok is False else _MISSING.match(head.lstrip(" <>`'\"\n"))):
            return
        if tool not in self._counts and len(self._counts) >= TOOLS_LIMIT:
            return
        count = self._counts[tool] = self._counts.get(tool, 0) + 1
        evidence = self._failed.setdefault(tool, [])
        if len(evidence) < EVIDENCE_LIMIT:
            evidence.append(Evidence(f"{tool}: {_line(head)}", event.at if event.at is not None else at, None, offset))
        if count >= self._limits.missing_tool_calls:
            self._found.put(
                MISSING_TOOL.raised(
                    tool, Severity.WARN, event.at,
                    f"it called the tool {tool} {count} times, but it has no such tool", tuple(evidence),
                )
            )  # fmt: skip


def _line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:160]
