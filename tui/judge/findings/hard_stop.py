"""A lane that was stopped with work half done: by a limit, a fault of the service, or the end of its process."""

from __future__ import annotations

from dataclasses import replace

from tui.judge.detector import Raised
from tui.judge.findings.base import FindingSpec
from tui.judge.open_calls import OpenCalls
from tui.judge.raised_findings import RaisedFindings
from tui.model.event import (
    ApiError,
    AssistantText,
    Call,
    Edit,
    Event,
    Limit,
    Mark,
    Plan,
    Prompt,
    Result,
    State,
    UsageReported,
)
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb
from tui.text.styled_text import own

HARD_STOP = FindingSpec(
    kind=FindingKind.HARD_STOP,
    place=120,
    words=own("cut off"),
    doc="A usage limit, an error of the service or the end of its process stopped it with unfinished work.",
    progress="the work continued where it was cut off",
    to_do="let it go on with the open work, as soon as the limit is reset or the service answers again",
    severities=(Severity.WARN,),
    suggest=Verb.RESUME,
    detector=lambda _: HardStop(),
    is_unproven=True,
)
FINDINGS = (HARD_STOP,)

COMMITS_LIMIT = 64
FILES_LIMIT = 40
DONE = frozenset(("completed", "done", "cancelled", "canceled", "skipped"))
COMMITS = ("git commit", "git stash", "gh pr")


class HardStop:
    """Detects work that was left half done (`hard_stop`). The finding ends when the lane continues its work."""

    wants = (Call, Result, Edit, Plan, Limit, ApiError, State, Prompt, AssistantText, UsageReported)

    def __init__(self) -> None:
        self._calls = OpenCalls[Evidence]()
        self._commits: dict[str, None] = {}
        self._plan: tuple[tuple[str, str], ...] = ()
        self._plan_offset = 0
        self._files: dict[str, tuple[float | None, int]] = {}
        self._last: tuple[float | None, int] = (None, 0)
        self._found = RaisedFindings()

    def apply(self, event: Event, tokens: int) -> None:
        """See `Detector`."""
        del tokens
        if isinstance(event, UsageReported | AssistantText):
            if self._found and not self._is_cut(event):
                self._found.end_all(event.at)
            return
        match event:
            case Call():
                self._call(event)
            case Result():
                self._calls.take(event.call)
                if self._commits.pop(event.call, 0) is None and event.ok is not False:
                    self._files.clear()
            case Edit() if event.by_lane and len(self._files) < FILES_LIMIT:
                self._files[event.path] = (event.at, event.offset)
            case Plan() if event.items:
                self._plan = tuple((item.text, item.status) for item in event.items[:50])
                self._plan_offset = event.offset
            case Limit() if event.reached:
                self._cut(event.at, event.offset, "usage limit reached")
            case ApiError() if event.final:
                self._cut(event.at, event.offset, f"the service failed: {_line(event.text)}")
            case State() if event.mark in (Mark.TURN_ENDED, Mark.INTERRUPTED, Mark.DENIED, Mark.ENDED):
                self._calls.clear()  # stopped by a person, or the end of the turn: no work is half done
            case Prompt():
                self._calls.clear()
            case _:
                pass
        if self._found and isinstance(event, Call):
            self._found.end_all(event.at)

    def raised(self) -> tuple[Raised, ...]:
        """See `Detector`."""
        return self._found.all

    def cut_off(self, at: float | None, why: str) -> Raised | None:
        """The finding for a lane whose process ended in the middle of a turn, which its transcript cannot show."""
        return self._made(at, self._last[1], why)

    def _call(self, event: Call) -> None:
        said = f"no result yet: {event.tool} {event.summary[:120]}"
        self._calls.add(event.call, Evidence(said, event.at, None, event.offset))
        self._last = (event.at, event.offset)
        if any(word in event.summary for word in COMMITS) and len(self._commits) < COMMITS_LIMIT:
            self._commits[event.call] = None

    def _is_cut(self, event: Event) -> bool:
        """True if the event is the message about the stop, on the line that reported it. Such a message is not work."""
        return event.offset == self._last[1]

    def _cut(self, at: float | None, offset: int, why: str) -> None:
        self._last = (at, offset)
        made = self._made(at, offset, why)
        if made is not None and not self._found:
            self._found.put(made)

    def _made(self, at: float | None, offset: int, why: str) -> Raised | None:
        left = [text for text, status in self._plan if status not in DONE]
        evidence = [Evidence(why, at, None, offset), *self._calls]
        evidence += [Evidence(f"planned, not done: {text[:120]}", None, None, self._plan_offset) for text in left]
        evidence += [Evidence(f"changed, not committed: {path}", *where) for path, where in self._places()]
        if not self._calls and not left:
            return None  # it was stopped between two pieces of work
        parts = [_count(len(self._calls), "tool call", "tool calls") + " without a result"] if self._calls else []
        parts += [f"{len(left)} of {len(self._plan)} planned steps open"] if left else []
        parts += [_count(len(self._files), "changed file", "changed files") + " not committed"] if self._files else []
        return HARD_STOP.raised(
            "", Severity.WARN, at, f"it was cut off in the middle of its work ({why}): {', '.join(parts)}",
            tuple(evidence),
        )  # fmt: skip

    def _places(self) -> list[tuple[str, tuple[float | None, None, int]]]:
        return [(path, (at, None, offset)) for path, (at, offset) in self._files.items()]


def cut_off_again(found: Raised, at: float | None, why: str) -> Raised:
    """What `HardStop.cut_off` gave for another time and reason, for this time and this reason."""
    first, *others = found.evidence
    title = found.title.replace(f"({first.text})", f"({why})", 1)
    return replace(found, since=at, title=title, evidence=(replace(first, text=why, at=at), *others))


def _line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:120]


def _count(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
