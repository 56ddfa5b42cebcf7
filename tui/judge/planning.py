"""A lane that was given a plan and plans again before it does anything (finding `double_planning`)."""

from __future__ import annotations

import re

from tui.judge.detector import Raised
from tui.judge.limits import Limits
from tui.judge.past import Ledger
from tui.judge.shapes import changes_files
from tui.model.event import Call, Edit, Event, Plan, Prompt, Say, ToolKind
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb

GIVEN_CHARS = 300
GIVEN_STEPS = 3
OWN_CHARS = 400
LEAST_TOKENS = 5_000
STEPS = 40
SHOWN = 4

_STEP = re.compile(r"(?m)^\s*(?:[-*•]|\d+[.)]|#{2,4}|step \d+:?)\s+(\S.{7,})$", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][A-Za-z_/.-]{3,}")
_STOP = frozenset(
    (
        "that", "this", "with", "from", "then", "than", "into", "when", "where", "which", "have", "will", "should",
        "must", "would", "could", "your", "their", "they", "each", "also", "only", "make", "made", "done", "does",
        "there", "here", "what", "about", "after", "before", "between", "within", "using", "used", "need", "needs",
        "step", "steps", "plan", "file", "files", "code", "test", "tests", "change", "changes", "update", "create",
    )
)  # fmt: skip


class DoublePlanning:
    """Looks at a lane until its first edit or changing command; what it found then stands."""

    wants = (Prompt, Plan, Say, Call, Edit)

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._given: list[str] = []
        self._given_words: list[frozenset[str]] = []
        self._given_at: tuple[float | None, int] = (None, 0)
        self._began_tokens = 0
        self._own: list[Evidence] = []
        self._own_words: set[str] = set()
        self._active = False
        self._planned = 0
        self._before = 0
        self._pending: tuple[list[str], Event, int] | None = None
        """A message that may be a plan: what comes next tells."""
        self._found = Ledger()

    def apply(self, event: Event, tokens: int) -> None:
        """See `Detector`."""
        if isinstance(event, Prompt):
            self._prompt(event, tokens)
            return
        if not self._active:
            self._before = tokens
            return
        if isinstance(event, Call | Edit) and self._pending is not None:
            # A list that nothing follows is a report of what was found, not a plan.
            pending, self._pending = self._pending, None
            self._plan(*pending)
        if isinstance(event, Edit) or (isinstance(event, Call) and self._acts(event)):
            self._active = False  # it works now; what the planning cost stands until the next prompt
            return
        if isinstance(event, Plan):
            self._plan([item.text for item in event.items] or _steps(event.text), event, tokens)
        elif isinstance(event, Say) and len(event.text) >= OWN_CHARS:
            self._pending = (_steps(event.text), event, tokens)
            return
        elif isinstance(event, Call) and _plan_file(event):
            self._plan(_steps(event.args.replace("\\n", "\n")), event, tokens)
        self._before = tokens

    def raised(self) -> tuple[Raised, ...]:
        """See `Detector`."""
        return self._found.all

    def _prompt(self, event: Prompt, tokens: int) -> None:
        self._found.end_all(event.at)
        steps = _steps(event.text)
        self._active = len(steps) >= GIVEN_STEPS and len(event.text) >= GIVEN_CHARS
        self._given = steps
        self._given_words = [_words(step) for step in steps]
        self._given_at = (event.at, event.offset)
        self._began_tokens = self._before = tokens
        self._own, self._own_words, self._planned = [], set(), 0
        self._pending = None

    @staticmethod
    def _acts(event: Call) -> bool:
        if event.tool_kind is ToolKind.EDIT:
            return not _plan_file(event)
        return event.tool_kind is ToolKind.AGENT or (event.tool_kind is ToolKind.SHELL and changes_files(event.summary))

    def _plan(self, steps: list[str], event: Event, tokens: int) -> None:
        if len(steps) < GIVEN_STEPS:
            return
        self._planned += max(0, tokens - self._before)
        for step in steps:
            self._own_words |= _words(step)
        self._own += [Evidence(f"planned again: {step[:140]}", event.at, None, event.offset) for step in steps[:SHOWN]]
        self._judge(event, tokens)

    def _judge(self, event: Event, tokens: int) -> None:
        spent = tokens - self._began_tokens
        planned = max(self._planned, 0)
        limits = self._limits
        enough = planned >= limits.plan_tokens or (
            planned >= LEAST_TOKENS and spent > 0 and planned / spent >= limits.plan_share
        )
        if not enough or self._overlap() < limits.plan_overlap:
            return
        given = [Evidence(f"given: {step[:140]}", *self._place()) for step in self._given[:SHOWN]]
        title = f"a plan was given, and planned again for {planned:,} tokens before the first change"
        self._found.put(
            Raised(
                FindingKind.DOUBLE_PLANNING,
                "",
                Severity.WARN,
                event.at,
                title,
                (*given, *self._own[:SHOWN]),
                Verb.REDIRECT,
            )
        )

    def _place(self) -> tuple[float | None, None, int]:
        at, offset = self._given_at
        return at, None, offset

    def _overlap(self) -> float:
        """Share of the given steps of which most words stand in the lane's own plan."""
        told = [words for words in self._given_words if words]
        if not told:
            return 0.0
        return sum(len(words & self._own_words) * 2 >= len(words) for words in told) / len(told)


def _steps(text: str) -> list[str]:
    return [match.group(1).strip() for match in _STEP.finditer(text[:20_000])][:STEPS]


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower().strip("./-") for word in _WORD.findall(text)) - _STOP


def _plan_file(event: Call) -> bool:
    if event.tool_kind is ToolKind.PLAN:
        return False  # the reader makes a Plan of it
    name = event.summary.rsplit("/", 1)[-1].lower()
    return event.tool_kind is ToolKind.EDIT and ("plan" in name or "todo" in name) and name.endswith((".md", ".txt"))
