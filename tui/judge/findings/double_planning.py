"""A lane that received a detailed plan and spends its first tokens on planning the same again (`double_planning`)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tui.judge.detector import EVIDENCE_LIMIT, Raised
from tui.judge.findings.base import FindingSpec
from tui.judge.limits import Limits, Unit, limit
from tui.judge.model_calls import ModelCalls, Paid
from tui.judge.raised_findings import RaisedFindings
from tui.judge.shapes import Shape, exact_mark
from tui.model.event import (
    AssistantText,
    Call,
    Edit,
    Event,
    LaneInfo,
    Mark,
    Origin,
    Plan,
    Prompt,
    Reasoning,
    State,
    ToolKind,
    UsageReported,
)
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen
from tui.text.styled_text import own


@frozen
class PlanLimits:
    """The limits above which a lane that received a plan counts as planning again."""

    plan_share: float = limit(
        0.3, Unit.SHARE, "From this share of its written tokens on, a planned lane's own planning is too much."
    )
    plan_tokens: int = limit(
        20_000, Unit.TOKENS, "From this many written tokens on, it is too much too; either is enough."
    )
    plan_overlap: float = limit(
        0.4, Unit.SHARE, "From this share of the given plan's words on, its own plan is the same again."
    )


DOUBLE_PLANNING = FindingSpec(
    kind=FindingKind.declare("double_planning"),
    place=80,
    words=own("planned twice"),
    doc="It was given a plan, but spends many tokens on planning the same again.",
    progress="the first step of the given plan done",
    to_do="tell it not to plan again, but to begin with the first step of the plan that it was given",
    severities=(Severity.WARN,),
    suggest=Verb.REDIRECT,
    limits=PlanLimits,
    detector=lambda setup: DoublePlanning(setup.limits),
    is_unproven=True,
)
FINDINGS = (DOUBLE_PLANNING,)

STEPS = 3
"""The least number of steps of a plan."""
GIVEN_CHARS = 300
SAY_CHARS = 300
OWN_CHARS = 600
"""If all plans of a lane together have fewer characters than this, they count as a mere list."""
FEWEST_TOKENS = 5_000
STEPS_KEPT = 100
STEP_CHARS = 400
SAYS_KEPT = 4
EDGE = 700
"""Number of characters at the beginning and end of a prompt in which a request for a plan is searched."""
SHOWN = 140
PATH = 300
"""Number of characters at the end of a path that decide what the file is."""

_PLANNED, _SAID = 1, 2

_STEP = re.compile(
    r"^[ \t>]*(?:#{1,6}[ \t]+)?(?:\*\*)?(?:\d{1,2}(?:\.\d{1,2})?[.):]|[-*+•](?:[ \t]\[[ x~]\])?[ \t]"
    r"|(?:step|phase|task)[ \t]\d{1,2}[^\w\n])[ \t]*(\S[^\n]{2,})",
    re.IGNORECASE | re.MULTILINE,
)
_WORD = re.compile(r"[^\W\d_]{4,}")
_COMMON = frozenset(
    (
        "about", "added", "after", "again", "also", "been", "before", "both", "call", "code", "create", "does", "each",
        "ensure", "every", "file", "from", "have", "here", "into", "make", "more", "must", "need", "next", "only",
        "other", "over", "should", "some", "step", "such", "sure", "task", "test", "than", "that", "their", "them",
        "then", "there", "these", "they", "this", "through", "under", "until", "update", "used", "using", "when",
        "where", "which", "will", "with", "without", "work", "your",
    )
)  # fmt: skip
_INTENT = re.compile(
    r"(?i)\b(?:plan|approach|strategy|phases?|roadmap|breakdown|break (?:it|this|that) down|i(?:'|’)ll|i will|"
    r"i(?:'|’)m going to|i am going to|todo|milestones?)\b"
)
_PLAN_WANTED = re.compile(
    r"(?i)\b(?:write|make|create|draft|prepare|propose|produce|come up with|give me|develop|refine|review|improve|"
    r"revise|extend|design|want|need|start with|begin with)\b[^.\n]{0,40}\b(?:plans?|planning|breakdown|roadmap|"
    r"outline|todo list|step-by-step)\b|\bplan (?:first|it out|this|how)\b|\bre-?plan\b|\boutline (?:the|your|how)\b|"
    r"\bbreak (?:it|this|that|the \w+) (?:down|into)\b"
)
_PLAN_FILE = re.compile(
    r"(?i)(?:^|[/_.-])(?:plans?|todos?|roadmap|breakdown)(?:[/_.-][^/]*)?\.(?:md|mdx|txt|rst|adoc)$"
)
_PROSE_FILE = re.compile(r"(?<![\w./~-])[\w./~-]{1,200}\.(?:md|mdx|txt|rst|adoc)\b")
_HEREDOC = re.compile(r">{1,2}\s*[\"']?([\w./~-]+)[\"']?\s*<<|<<\S*\s*>{1,2}\s*[\"']?([\w./~-]+)")
_SETS_UP = re.compile(r"^\s*(?:cd\s+\S+\s*&&\s*)?(?:git\s+(?:checkout|switch|pull|stash|worktree)|mkdir)\b[^;&|<>\n]*$")
"""Commands that prepare the lane's working folder and are not part of its task."""
_NEW_TEXT = re.compile(r'"(?:content|new_string|new_str)"\s*:\s*"((?:[^"\\]|\\.)*)')


class DoublePlanning:
    """Reads a lane from its first prompt to its first edit or changing command, and ignores all later events.

    Only tokens that the model wrote count: tokens that it reads again for each call are the price of its context, not
    of its planning. A text of the lane counts as planning only if the lane works on after it, because its last text is
    an answer.
    """

    wants = (Call, Edit, LaneInfo, Plan, Prompt, AssistantText, UsageReported, State, Reasoning)

    def __init__(self, limits: Limits) -> None:
        self._limits = limits.of(PlanLimits)
        self._joined = ModelCalls()
        self._given: tuple[str, ...] = ()
        self._named: frozenset[str] = frozenset()
        """Files that the prompt names. They are part of the task, even if they look like plans."""
        self._given_where: tuple[float | None, int] = (None, 0)
        self._given_words: frozenset[str] = frozenset()
        self._own: dict[str, tuple[float | None, int]] = {}
        self._own_words: set[str] = set()
        self._own_chars = 0
        self._said: list[AssistantText] = []
        """Texts that count as a plan if the lane works on after them."""
        self._said_spent: list[Paid] = []
        self._may_plan = False
        """True if the lane itself started plan mode, or runs without a person who could have started it."""
        self._over = False
        self._written = 0
        self._is_exact = True
        self._planning = 0
        self._planning_whole = 0
        self._found = RaisedFindings()

    def apply(self, event: Event, tokens: int) -> None:
        """See `Detector`."""
        del tokens
        if self._over:
            return
        if isinstance(event, UsageReported):
            for paid in self._joined.spend(event):
                self._paid(paid)
        elif isinstance(event, Prompt):
            self._prompt(event)
        elif isinstance(event, LaneInfo):
            if event.agent_type is not None and "plan" in event.agent_type.lower():
                self._end(event.at)  # planning is its task
        elif isinstance(event, Edit):
            if event.by_lane and not self._is_own_plan(event.path):
                self._end(event.at)
        else:
            self._own_event(event)

    def raised(self) -> tuple[Raised, ...]:
        """See `Detector`."""
        return self._found.all

    # -- what was given -------------------------------------------------------------------------------

    def _prompt(self, event: Prompt) -> None:
        if self._given:
            # A person who asks again before any work was done discusses the approach with the lane.
            if event.origin is Origin.PERSON or _wants_plan(event.text):
                self._end(event.at)
            return
        steps = _steps(event.text)
        is_plan = len(steps) >= STEPS and len(event.text) >= GIVEN_CHARS
        if event.origin is Origin.COMMAND and not is_plan:
            return
        self._given_words = frozenset(_words(steps))
        if not is_plan or not self._given_words or _wants_plan(event.text):
            self._end(event.at)
            return
        self._given, self._given_where = steps, (event.at, event.offset)
        self._named = frozenset(_basename(path) for path in _PROSE_FILE.findall(event.text))
        self._may_plan = event.origin is Origin.AGENT

    # -- what the lane does ---------------------------------------------------------------------------

    def _own_event(self, event: Event) -> None:
        if isinstance(event, Call):
            self._call(event)
        elif isinstance(event, Plan):
            self._plan(event)
        elif isinstance(event, AssistantText):
            self._say(event)
        elif isinstance(event, State):
            if event.mark is Mark.TURN_ENDED:
                self._forget_said()
        elif isinstance(event, Reasoning):
            self._joined.note(size=len(event.text))

    def _say(self, event: AssistantText) -> None:
        is_plan = len(event.text) >= SAY_CHARS and len(_steps(event.text)) >= STEPS and _INTENT.search(event.text)
        if is_plan and len(self._said) < SAYS_KEPT:
            self._said.append(event)
            self._joined.note(_SAID, size=len(event.text))
        else:
            self._joined.note(size=len(event.text))

    def _forget_said(self) -> None:
        self._said.clear()
        self._said_spent.clear()

    def _call(self, event: Call) -> None:
        self._joined.note(size=len(event.args))
        if event.tool == "EnterPlanMode":
            self._may_plan = True
        path, text = _prose_written(event)
        text = text if self._is_own_plan(path) else None
        if text is None and _executes(event):
            self._end(event.at)
            return
        for say in self._said:
            self._take(_steps(say.text), say)
        for paid in self._said_spent:
            self._planned(paid)
        self._forget_said()
        if text is not None:
            self._take(_steps(text) or _lines(text), event)

    def _plan(self, event: Plan) -> None:
        if event.items:
            self._take((item.text[:STEP_CHARS] for item in event.items[:STEPS_KEPT]), event)
        elif self._may_plan:
            self._take(_steps(event.text) or _lines(event.text), event)
        else:
            self._end(event.at)  # a person put the lane into plan mode

    def _take(self, steps: Iterable[str], event: Event) -> None:
        """Adds steps of the lane's own.

        Steps that it has planned before are an update of its list, not new planning.
        """
        fresh = [step for step in steps if step not in self._own]
        if not fresh:
            return
        self._joined.note(_PLANNED)
        self._own_chars += sum(map(len, fresh))
        for step in fresh[: STEPS_KEPT - len(self._own)]:
            self._own[step] = (event.at, event.offset)
        self._own_words.update(self._given_words.intersection(_words(fresh)))

    def _end(self, at: float | None) -> None:
        self._found.end_all(at)
        self._over = True
        self._own.clear()
        self._forget_said()

    def _is_own_plan(self, path: str) -> bool:
        return _PLAN_FILE.search(path[-PATH:]) is not None and _basename(path) not in self._named

    # -- what it costs --------------------------------------------------------------------------------

    def _paid(self, paid: Paid) -> None:
        self._written += paid.written
        self._is_exact = self._is_exact and paid.written == paid.usage.output
        if paid.marks & _PLANNED:
            self._planned(paid)
        elif paid.marks & _SAID and self._said and len(self._said_spent) < SAYS_KEPT:
            self._said_spent.append(paid)

    def _planned(self, paid: Paid) -> None:
        self._planning += paid.written
        self._planning_whole += paid.usage.total
        if self._given and self._is_much() and self._overlap() >= self._limits.plan_overlap:
            self._found.put(
                DOUBLE_PLANNING.raised(
                    "", Severity.WARN, paid.at, self._title(), self._evidence(paid),
                )
            )  # fmt: skip

    def _is_much(self) -> bool:
        if len(self._own) < STEPS or self._own_chars < OWN_CHARS:
            return False
        share = self._planning / self._written if self._written else 0.0
        is_share = self._planning >= FEWEST_TOKENS and share >= self._limits.plan_share
        return is_share or self._planning >= self._limits.plan_tokens

    def _overlap(self) -> float:
        return len(self._own_words) / len(self._given_words)

    @property
    def _about(self) -> str:
        return "" if self._is_exact else "about "

    def _title(self) -> str:
        return (
            f"it was given a plan, but writes this plan again before it does anything: {self._overlap():.0%} of the "
            f"given steps so far, for {self._about}{self._planning:,} tokens of text"
        )

    def _evidence(self, paid: Paid) -> tuple[Evidence, ...]:
        pieces = [
            Evidence(
                f"{self._about}{self._planning:,} of the {self._written:,} tokens that it wrote before its first edit; "
                f"{self._planning_whole:,} tokens with what the model read for it", paid.at, None, paid.offset,
            )
        ]  # fmt: skip
        for given, planned in _pairs(self._given, tuple(self._own)):
            if len(pieces) + 2 > EVIDENCE_LIMIT:
                break
            pieces.append(Evidence(f"given: {_shown(given)}", self._given_where[0], None, self._given_where[1]))
            at, offset = self._own[planned]
            pieces.append(Evidence(f"planned again: {_shown(planned)}", at, None, offset))
        return tuple(pieces)


def _executes(call: Call) -> bool:
    """True if the call begins the work: an edit, a changing command, a subagent."""
    if call.tool_kind in (ToolKind.EDIT, ToolKind.AGENT):
        return True
    if call.tool_kind is not ToolKind.SHELL or _SETS_UP.match(call.summary):
        return False
    return Shape(call, exact_mark(call)).mutates


def _prose_written(call: Call) -> tuple[str, str]:
    """The file that the call writes, as far as it is visible, and its text; both empty if there is none."""
    if call.tool_kind is ToolKind.EDIT:
        match = _NEW_TEXT.search(call.args)
        return call.summary, _unescaped(match[1]) if match is not None else ""
    match = _HEREDOC.search(call.summary) if call.tool_kind is ToolKind.SHELL else None
    return (match[1] or match[2], _unescaped(call.args)) if match is not None else ("", "")


def _basename(path: str) -> str:
    return path.rsplit("/", 1)[-1].lower()


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace('\\"', '"')


def _wants_plan(text: str) -> bool:
    return _PLAN_WANTED.search(text[:EDGE]) is not None or _PLAN_WANTED.search(text[-EDGE:]) is not None


def _steps(text: str) -> tuple[str, ...]:
    """The numbered and bulleted lines, without their numbers and bullets."""
    found: dict[str, None] = {}
    for match in _STEP.finditer(text):
        found[match[1].strip()[:STEP_CHARS]] = None
        if len(found) == STEPS_KEPT:
            break
    return tuple(found)


def _lines(text: str) -> tuple[str, ...]:
    lines = (line.strip(" \t#*-") for line in text.splitlines())
    return tuple(line[:STEP_CHARS] for line in lines if len(line) > 20)[:STEPS_KEPT]


def _words(steps: Iterable[str]) -> set[str]:
    """The significant words in lower case, without a plural `s`."""
    words = {word.lower().rstrip("s") for step in steps for word in _WORD.findall(step)}
    return words - _COMMON


def _pairs(given: tuple[str, ...], own: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each given step that is repeated, with the own step that shares most words with it."""
    own_words = [(step, _words((step,))) for step in own]
    pairs: list[tuple[int, int, str, str]] = []
    for index, step in enumerate(given):
        words = _words((step,))
        best, again = max(((len(words & theirs), one) for one, theirs in own_words), default=(0, ""))
        if best:
            pairs.append((-best, index, step, again))
    closest = sorted(pairs)[: EVIDENCE_LIMIT // 2]
    return [(step, again) for _, _, step, again in sorted(closest, key=lambda pair: pair[1])]


def _shown(step: str) -> str:
    return step if len(step) <= SHOWN else f"{step[:SHOWN].rstrip()} …"
