"""Documentation, comments and tests that are out of proportion to the code (finding `overdone`)."""

from __future__ import annotations

import re

from tui.judge.detector import Raised
from tui.judge.findings.base import FindingSpec
from tui.judge.limits import Limits, Unit, limit
from tui.judge.raised_findings import RaisedFindings
from tui.model.event import AssistantText, Call, Event, Prompt, ToolKind
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen
from tui.text.styled_text import own


@frozen
class OverdoneLimits:
    """The limits above which documentation and tests are too much for the code."""

    doc_ratio: float = limit(
        2.0, Unit.RATIO, "More than this many lines of documentation for each line of code are too many."
    )
    test_ratio: float = limit(3.0, Unit.RATIO, "More than this many lines of tests for each line of code are too many.")
    overdone_lines: int = limit(300, Unit.COUNT, "From this many added lines on, their proportion is judged.")


OVERDONE = FindingSpec(
    kind=FindingKind.declare("overdone"),
    place=150,
    words=own("overdone"),
    doc="It writes far more documentation or tests than code, and nobody asked for them.",
    progress="the requested work, and then the end",
    to_do="tell it to finish what was asked for and to leave the rest out",
    severities=(Severity.INFO,),
    suggest=Verb.REDIRECT,
    limits=OverdoneLimits,
    detector=lambda setup: Overdone(setup.limits),
)
FINDINGS = (OVERDONE,)

ARGS = 60_000
EVIDENCE = 6
ASKED = 20_000
SAID = 4000
SHORT_ANSWER = 60
"""The most characters of an answer such as `yes` or `do 1, 2 and 5`."""
_PROSE = (".md", ".rst", ".txt", ".adoc", ".mdx")
_DATA = (".json", ".yaml", ".yml", ".toml", ".lock", ".csv", ".svg", ".html", ".css", ".sql", ".ipynb")
_TEST = re.compile(r"(?:^|/)(?:tests?|spec|__tests__)/|(?:^|/)test_[^/]*$|[._-](?:test|spec)\.\w+$|_test\.\w+$")
_COMMENT = re.compile(r"^\s*(?:#(?!!|\[)|//|/\*|\*(?!\*)|--\s|\"\"\"|'''|<!--)")
_DOC_WANTED = re.compile(
    r"(?i)\b(?:documentation|document|docs?|readme|comments?|docstrings?|guide|explain|write-?up|report|handbook|manual|"
    r"tutorial|pages?|wiki|faq|article|notes|plans?|summary|proposal|design|spec|rfc|changelog)\b|\.(?:md|rst|adoc|mdx)(?![a-z0-9])"
)
_TEST_WANTED = re.compile(r"(?i)\b(?:tests?|coverage|edge cases?|specs?|tdd)\b")
# The reader cuts long arguments: the closing quote may be missing.
_NEW_TEXT = re.compile(r'"(?:content|new_string|new_str|new_source)"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)(?:"|$)')
_FILE = re.compile(r"^\*\*\* (?:Add|Update) File: (.+)$")


class Overdone:
    """Counts added lines by their kind. Raises nothing if the task itself asks for documentation or tests."""

    wants = (Call, Prompt, AssistantText)

    def __init__(self, limits: Limits) -> None:
        self._limits = limits.of(OverdoneLimits)
        self._said = ""
        """The newest text of the agent. A short answer such as `yes` requests the work that it proposes."""
        self._doc_wanted = False
        self._test_wanted = False
        self._code = 0
        self._doc = 0
        self._tests = 0
        self._most: dict[str, tuple[int, float | None, int]] = {}
        self._found = RaisedFindings()

    def apply(self, event: Event, tokens: int) -> None:
        """See `Detector`."""
        del tokens
        if isinstance(event, Call):
            if event.tool_kind is ToolKind.EDIT:
                self._edit(event)
        elif isinstance(event, AssistantText):
            self._said = event.text[:SAID]
        elif isinstance(event, Prompt):
            asked = event.text[:ASKED]
            if len(asked.strip()) <= SHORT_ANSWER:
                asked += self._said
            self._doc_wanted = self._doc_wanted or _DOC_WANTED.search(asked) is not None
            self._test_wanted = self._test_wanted or _TEST_WANTED.search(asked) is not None
            if self._doc_wanted:
                self._found.end("documentation", event.at)
            if self._test_wanted:
                self._found.end("tests", event.at)

    def raised(self) -> tuple[Raised, ...]:
        """See `Detector`."""
        return self._found.all

    def _edit(self, event: Call) -> None:
        for path, lines in _added(event):
            if path.endswith(_DATA):
                continue
            self._count(path, lines, event)
        self._judge(event)

    def _count(self, path: str, lines: list[str], event: Call) -> None:
        if path.endswith(_PROSE):
            prose = sum(bool(line.strip()) for line in lines)
            self._doc += prose
            self._note(path, prose, event)
            return
        comments = sum(_COMMENT.match(line) is not None for line in lines)
        rest = sum(bool(line.strip()) for line in lines) - comments
        if _TEST.search(path):
            self._tests += rest
        else:
            self._code += rest
            self._doc += comments
            self._note(path, comments, event)

    def _note(self, path: str, lines: int, event: Call) -> None:
        known = self._most.get(path)
        if known is not None or len(self._most) < 100:
            self._most[path] = ((known[0] if known else 0) + lines, event.at, event.offset)

    def _judge(self, event: Call) -> None:
        whole = self._code + self._doc + self._tests
        if whole < self._limits.overdone_lines or self._code == 0:
            return
        self._weigh("documentation", self._doc, self._limits.doc_ratio, self._doc_wanted, event)
        self._weigh("tests", self._tests, self._limits.test_ratio, self._test_wanted, event)

    def _weigh(self, what: str, lines: int, limit: float, wanted: bool, event: Call) -> None:
        ratio = lines / self._code
        if ratio <= limit * 0.8:
            self._found.end(what, event.at)
        if wanted or ratio <= limit:
            return
        most = sorted(self._most.items(), key=lambda item: -item[1][0])[:EVIDENCE]
        evidence = tuple(
            Evidence(f"{path}: {count} lines of documentation", at, None, offset)
            for path, (count, at, offset) in most
            if count and what == "documentation"
        ) or (Evidence(f"{lines} lines of {what}, {self._code} lines of code", event.at, None, event.offset),)
        self._found.put(
            OVERDONE.raised(
                what, Severity.INFO, event.at,
                f"it wrote {lines} lines of {what} for {self._code} lines of code, and nobody asked for {what}",
                evidence,
            )
        )  # fmt: skip


def _added(event: Call) -> list[tuple[str, list[str]]]:
    """The files and the lines that the call adds to them."""
    args = event.args[:ARGS]
    if "*** Begin Patch" in args:
        return _patched(args)
    return [(event.summary, match.group(1).split("\\n")) for match in _NEW_TEXT.finditer(args)]


def _patched(args: str) -> list[tuple[str, list[str]]]:
    files: list[tuple[str, list[str]]] = []
    for line in args.replace("\\n", "\n").splitlines():
        match = _FILE.match(line)
        if match:
            files.append((match.group(1).strip(), []))
        elif line.startswith("+") and files:
            files[-1][1].append(line[1:])
    return files
