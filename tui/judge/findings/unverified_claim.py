"""Claims that tests pass or a build is green, compared with the transcript (finding `unverified_claim`).

In one public measurement 97% of such claims were true. So the finding does not say that an agent lied; it says which
evidence was seen. It is raised if the last run failed, is older than the last edit, hides its result or ran nothing.
"""

from __future__ import annotations

import re

from tui.agents.runs import Outcome, RunKind, kinds_of, outcome_of
from tui.judge.detector import Raised
from tui.judge.findings.base import FindingSpec
from tui.judge.open_calls import OpenCalls
from tui.judge.raised_findings import RaisedFindings
from tui.model.event import AssistantText, Call, Edit, Event, Result, ToolKind
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb
from tui.text.styled_text import own

UNVERIFIED_CLAIM = FindingSpec(
    kind=FindingKind.UNVERIFIED_CLAIM,
    place=90,
    words=own("unverified claim"),
    doc="It says that tests pass or a build succeeds, but the transcript does not show it.",
    progress="a run after the last edit that shows what is claimed",
    to_do="do not rely on what it says, but tell it to run this again and to show you the result",
    severities=(Severity.INFO, Severity.WARN),
    suggest=Verb.REDIRECT,
    detector=lambda _: UnverifiedClaim(),
)
FINDINGS = (UNVERIFIED_CLAIM,)

SAY = 6000
QUOTED = 100
"""The most characters of a claim in the title."""
WORDS = ("pass", "green", "clean", "succe", "verified", "compiles", "no errors")
PROSE = (".md", ".rst", ".txt", ".adoc", ".mdx", ".svg", ".png", ".gitignore")

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
_CLAIMS: tuple[tuple[RunKind, re.Pattern[str]], ...] = (
    (RunKind.TEST, re.compile(
        r"(?i)\b(?:all|the|every|\d+|both|unit|integration)\s+(?:\w+\s+){0,3}tests?\s+(?:(?!to\b)\w+\s+){0,2}"
        r"(?:pass(?:ed|es)?|are green|succeed(?:ed)?)\b"
        r"|\btests?\s+(?:now\s+|all\s+)*(?:pass(?:ed|ing)?|are (?:all )?(?:green|passing))\b"
        r"|\btest suite\s+(?:is green|passes|passed)\b|\ball green\b|\b\d+/\d+ tests? pass")),
    (RunKind.BUILD, re.compile(
        r"(?i)\bbuild\s+(?:now\s+)?(?:is (?:green|clean)|pass(?:es|ed)|succeed(?:s|ed))\b"
        r"|\b(?:it|everything|project) compiles\b")),
    (RunKind.LINT, re.compile(
        r"(?i)\b(?:lint(?:er|ing)?|type ?check(?:er|ing|s)?|types|mypy|ruff|eslint|pyright)\s+(?:\w+\s+){0,2}"
        r"(?:is clean|are clean|pass(?:es|ed)?|reports? no (?:errors|issues))\b")),
)  # fmt: skip
_GENERAL = re.compile(r"(?i)^(?:all|the|every|both|of|our|full|whole|entire|existing|and|now|\d+|my|test)$")
"""Words before `tests` that do not limit a claim to some of the tests."""
_ADMITS = re.compile(r"(?i)(?<!\b0 )(?<!\bno )(?<!zero )(?<!without )\b(?:fail(?:s|ed|ing|ures?)?|broken|errors?)\b")
"""Words by which the message itself names a failure."""
_HEDGED = re.compile(
    r"(?i)\b(?:should|would|could|will|once|until|if|when|make sure|ensure|so that|want|need|let me|let's|going to|try|"
    r"whether|verify that|check that|confirm that|expect|hope|not|n't|never|no longer|before|after|unless|must|to see|"
    r"plan|next|todo|then|except|but|some|most|previously|earlier|were|had|user|you)\b|[?\"“`>]"
    r"|^\s*(?:[-*]|\d+\.)?\s*\[ \]"
)


class UnverifiedClaim:
    """Receives the events of a lane."""

    wants = (AssistantText, Call, Result, Edit)

    def __init__(self) -> None:
        self._open = OpenCalls[tuple[tuple[RunKind, ...], str, int]]()
        self._runs: dict[RunKind, tuple[Outcome, str, float | None, int]] = {}
        self._edit: tuple[str, float | None, int] | None = None
        self._edits_since: dict[RunKind, bool] = {}
        self._delegated = False
        self._found = RaisedFindings()

    def apply(self, event: Event, tokens: int) -> None:
        """See `Detector`."""
        del tokens
        if isinstance(event, Call):
            self._call(event)
        elif isinstance(event, Result):
            self._result(event)
        elif isinstance(event, Edit):
            if event.by_lane and not event.path.endswith(PROSE):
                self._edit = (event.path, event.at, event.offset)
                self._edits_since = dict.fromkeys(RunKind, True)
        elif isinstance(event, AssistantText):
            self._say(event)

    def raised(self) -> tuple[Raised, ...]:
        """See `Detector`."""
        return self._found.all

    def _call(self, event: Call) -> None:
        tool_kind = event.tool_kind
        if tool_kind is ToolKind.AGENT:
            self._delegated = True
        if event.continues is not None:
            # A poll has the name of the command that it polls, because its result is that command's.
            run = self._open.get(event.continues)
            if run is not None:
                self._open.add(event.call, run)
            return
        if tool_kind in (ToolKind.EDIT, ToolKind.READ, ToolKind.SEARCH, ToolKind.PLAN):
            return
        # A tool of the project may run the tests too, as its name or its words may show.
        command = event.summary if tool_kind is ToolKind.SHELL else f"{event.tool} {event.summary[:200]}"
        kinds = kinds_of(command)
        if not kinds and tool_kind is not ToolKind.SHELL and "test" in command.lower():
            kinds = (RunKind.TEST,)
        if kinds:
            self._open.add(event.call, (kinds, command[:300], event.offset))

    def _result(self, event: Result) -> None:
        known = self._open.get(event.call)
        if known is None:
            return
        if event.denied or event.interrupted:
            return  # no run: a person refused it, or cut it off
        kinds, command, offset = known
        for kind in kinds:
            # The result of a background command is not known yet, so a claim cannot be compared with it.
            outcome = Outcome.UNKNOWN if event.background or event.untold else outcome_of(command, event, kind)
            self._runs[kind] = (outcome, command, event.at, offset)
            self._edits_since[kind] = False
            if outcome is Outcome.PASSED:
                self._found.end(kind.value, event.at)

    def _say(self, event: AssistantText) -> None:
        text = event.text[:SAY]
        low = text.lower()
        for word in WORDS:
            if word in low:
                break
        else:
            return
        for kind, pattern in _CLAIMS:
            if pattern.search(text) is None:
                continue  # so no sentence of the message is a claim either
            sentence = _claimed(text, pattern)
            if sentence is not None:
                self._hold(kind, sentence, event)

    def _hold(self, kind: RunKind, sentence: str, event: AssistantText) -> None:
        run = self._runs.get(kind)
        claim = Evidence(f"claimed: “{sentence}”", event.at, None, event.offset)
        if run is None:
            self._without_run(kind, sentence, claim, event)
            return
        outcome, command, at, offset = run
        seen = Evidence(f"last {kind} run: `{command[:120]}` {outcome}", at, None, offset)
        if outcome is Outcome.FAILED:
            # A failure of other tests does not refute a claim about some tests. A message that also names the failure
            # is not refuted either.
            if not _is_general(kind, sentence) or _ADMITS.search(event.text[:SAY]):
                return
            since = self._edits_since.get(kind, False)
            why = f"the last {kind} run failed" + (", and was not repeated after the edit" if since else "")
            self._put(kind, Severity.WARN, sentence, why, event, (claim, seen, *self._last_edit(since)))
        elif self._edits_since.get(kind, False):
            why = f"it edited a file after the last {kind} run, so this run shows nothing about the present files"
            self._put(kind, Severity.INFO, sentence, why, event, (claim, seen, *self._last_edit(shown=True)))
        elif outcome in (Outcome.MASKED, Outcome.EMPTY):
            why = (
                f"the last {kind} run hides its result"
                if outcome is Outcome.MASKED
                else f"the last {kind} run ran nothing"
            )
            self._put(kind, Severity.INFO, sentence, why, event, (claim, seen))

    def _without_run(self, kind: RunKind, sentence: str, claim: Evidence, event: AssistantText) -> None:
        # Other runs may have proven the claim under another name, and subagents run tests too.
        if self._edit is None or self._delegated or self._runs or self._found:
            return
        seen = (claim, *self._last_edit(shown=True))
        self._put(kind, Severity.INFO, sentence, f"it has run no {kind} since its last edit", event, seen)

    def _last_edit(self, shown: bool) -> tuple[Evidence, ...]:
        if not shown or self._edit is None:
            return ()
        path, at, offset = self._edit
        return (Evidence(f"edited after it: {path}", at, None, offset),)

    def _put(
        self, kind: RunKind, severity: Severity, sentence: str, why: str, event: AssistantText,
        evidence: tuple[Evidence, ...],
    ) -> None:  # fmt: skip
        said = sentence if len(sentence) <= QUOTED else f"{sentence[: QUOTED - 1].rstrip()}…"
        title = f"it says “{said}”, but its transcript does not show it: {why}"
        self._found.put(UNVERIFIED_CLAIM.raised(kind.value, severity, event.at, title, evidence))


def _is_general(kind: RunKind, sentence: str) -> bool:
    """True if a sentence claims success of all tests, not of some that it names: `All tests pass`, `12 tests pass`."""
    if kind is not RunKind.TEST:
        return True
    found = re.search(r"(?i)((?:[\w./-]+\s+){0,4})tests?\b(\s+suite)?", sentence)
    return found is None or all(_GENERAL.match(word) for word in found.group(1).split())


def _claimed(text: str, pattern: re.Pattern[str]) -> str | None:
    """The sentence that states the claim as a fact; None if there is none or it is hedged."""
    for match in _SENTENCE.finditer(text):
        sentence = match.group().strip()
        if len(sentence) < 400 and pattern.search(sentence) and not _HEDGED.search(sentence):
            return sentence[:160]
    return None
