"""Facts about each lane and each of its actions, collected from its events in the same pass that feeds the Supervisor.

They are what a postmortem needs besides the figures of ledger and judge: checks with their outcome, files, commands and
errors when they were first seen, messages that only acknowledge, unfinished work. Memory is bounded by lane and by
action. No clock is read: the same events give the same facts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from tui.agents.registry import commands
from tui.agents.runs import Outcome, RunKind, kinds_of, outcome_of
from tui.judge.actions import ActionShape
from tui.judge.findings.unverified_claim import PROSE
from tui.judge.lane import LaneJudge
from tui.judge.normalise import label_words, without_digits, without_hashes, without_label
from tui.judge.outcomes import error_line, error_mark, is_failure
from tui.judge.shapes import names_a_guard, skeleton
from tui.judge.simple_calls import is_simple_command
from tui.ledger.lane import LaneLedger
from tui.model.action_name import action_name
from tui.model.event import (
    ApiError,
    AssistantText,
    Call,
    Compact,
    Edit,
    Event,
    Limit,
    Prompt,
    Result,
    ToolKind,
    UsageReported,
)
from tui.model.frozen import frozen
from tui.report.display_text import clip, whole_line
from tui.report.document import NewKind
from tui.text.secrets.find import MASK, mask_secrets

# -- places in a transcript -------------------------------------------------------------------------


@frozen
class Place:
    """A few words and their place in the transcript."""

    text: str
    at: float | None
    offset: int


@frozen
class FirstSeen:
    """Something that was new to the lane; by its `mark` it is found in other lanes."""

    kind: NewKind
    mark: int
    text: str
    outcome: str
    at: float | None
    offset: int


@dataclass(slots=True)
class CheckRun:
    """The last run of one check in one action."""

    kind: str
    command: str
    outcome: Outcome
    at: float | None
    offset: int
    runs: int = 1


@dataclass(slots=True)
class Changed:
    """A file that the lane changed: how often, and when last."""

    edits: int
    last: Place


# -- acknowledgements -------------------------------------------------------------------------------

ACK_WORDS = 40
"""A message with more words says more than an acknowledgement."""

_ACK = re.compile(
    r"(?i)\back(?:s|ed|nowledged?)?\b|\b(?:noted|received|got it|understood|will do|on it|approved|accepted|looks good"
    r"|lgtm|well done|good work|great work|thanks|thank you|proceed(?:ing)?|go ahead|go on|carry on|continu(?:e|ing)"
    r"|mov(?:e|ing) on|next (?:up|step|slice|action|task|one)|is (?:out|next)|resum(?:ed|ing)|standing by)\b"
)


@frozen
class Acknowledgement:
    """A message that only acknowledges, its action, and the model call that wrote it."""

    action: int
    key: str
    place: Place


class AcknowledgementWatch:
    """Follows the model calls of one lane: the text of each, and whether it used a tool.

    Some agents write a call's usage with its first part, others after all parts; the first part shows which.
    """

    def __init__(self) -> None:
        self.found: list[Acknowledgement] = []
        self._usage_first = False
        self._spend_offset = -1
        # The present model call, and the facts that are already known about the next one.
        self._key = ""
        self._ack: tuple[int, Place] | None = None
        self._tool = False
        self._next_ack: tuple[int, Place] | None = None
        self._next_tool = False

    def say(self, action: int, place: Place) -> None:
        """Notes that the call wrote a message that only acknowledges."""
        if self._comes_after(place.offset):
            self._ack = (action, place)
        else:
            self._next_ack = (action, place)

    def call(self, offset: int) -> None:
        """Notes that the call used a tool."""
        if self._comes_after(offset):
            self._tool = True
        else:
            self._next_tool = True

    def spend(self, key: str, offset: int) -> None:
        """Notes the usage of the call `key`, for the first time or again."""
        self._spend_offset = offset
        if key != self._key:
            self.end()
            self._key = key
        self._ack = self._next_ack or self._ack
        self._tool = self._next_tool or self._tool
        self._next_ack, self._next_tool = None, False

    def end(self) -> None:
        """Notes that the call is complete."""
        if self._ack is not None and not self._tool:
            self.found.append(Acknowledgement(self._ack[0], self._key, self._ack[1]))
        self._key, self._ack, self._tool = "", None, False

    def _comes_after(self, offset: int) -> bool:
        self._usage_first = self._usage_first or offset == self._spend_offset
        return self._usage_first


def is_ack(text: str) -> bool:
    """Whether a message only acknowledges or assigns the next step."""
    text = text.strip()
    return len(text) <= ACK_WORDS * 12 and len(text.split()) <= ACK_WORDS and _ACK.search(text) is not None


# -- ranges of time ---------------------------------------------------------------------------------

FAR_S = 10 * 365.25 * 86_400
"""Seconds. A time further than this from all others is an error, such as a clock that was never set."""
SPANS_LIMIT = 8
"""The most groups of times that are kept apart. Later groups are not kept."""


class TimeRange:
    """A group of times near each other: the first and the last in seconds UTC, and their number."""

    __slots__ = ("count", "end", "start")

    def __init__(self, start: float, end: float, count: int = 1) -> None:
        self.start = start
        self.end = end
        self.count = count

    def is_near(self, start: float, end: float) -> bool:
        """True if at most `FAR_S` lies between the group and this range."""
        return start <= self.end + FAR_S and end >= self.start - FAR_S


class TimeRanges:
    """The times of something. Start and end are those of the group with most of the times."""

    __slots__ = ("odd", "spans")

    def __init__(self) -> None:
        self.spans: list[TimeRange] = []
        self.odd = 0
        """The number of times far from all others, known after `settle`."""

    def take(self, at: float) -> None:
        """Takes the time of an event (seconds UTC)."""
        for span in self.spans:
            if span.start - FAR_S <= at <= span.end + FAR_S:
                if at > span.end:
                    span.end = at
                elif at < span.start:
                    span.start = at
                span.count += 1
                return
        if len(self.spans) < SPANS_LIMIT:
            self.spans.append(TimeRange(at, at))

    def settle(self, era: TimeRange | None) -> None:
        """Ignores the times that are far from `era`."""
        if era is None:
            return
        self.odd += sum(span.count for span in self.spans if not span.is_near(era.start, era.end))
        self.spans = [span for span in self.spans if span.is_near(era.start, era.end)]

    @property
    def start(self) -> float | None:
        """Seconds UTC."""
        main = self._main()
        return main.start if main is not None else None

    @property
    def end(self) -> float | None:
        """Seconds UTC."""
        main = self._main()
        return main.end if main is not None else None

    def _main(self) -> TimeRange | None:
        return max(self.spans, key=lambda span: span.count, default=None)


def era_of(extents: Iterable[TimeRanges]) -> TimeRange | None:
    """The group with most of the times of several lanes or actions; None without any time."""
    eras: list[TimeRange] = []
    for span in sorted((span for extent in extents for span in extent.spans), key=lambda one: one.start):
        if eras and eras[-1].is_near(span.start, span.end):
            last = eras[-1]
            last.end, last.count = max(last.end, span.end), last.count + span.count
        else:
            eras.append(TimeRange(span.start, span.end, span.count))
    return max(eras, key=lambda era: era.count, default=None)


# -- facts of actions and lanes ---------------------------------------------------------------------

GUARD = "guard"
"""A check that is neither test, build nor lint: a proof, a probe or an audit by the project's own script."""
COMMAND_CHARS = 400
TEXT_CHARS = 600
ERROR_CHARS = 160
GOAL_CHARS = 2000
OPEN_LIMIT = 200
FIRSTS_LIMIT = 64
"""The most new things that an action names. Further ones are only counted."""
CHECKS_LIMIT = 48
SEEN_LIMIT = 50_000
UNCHECKED_LIMIT = 50
SAMPLES = 512
MARKS_LIMIT = 100
"""The most compactions, limits and errors that a lane remembers."""

_NO_GUARDS = commands() | frozenset(("git", "gh", "tmux", "ssh", "docker", "kubectl", "echo", "printf", "curl"))
"""Programs whose arguments may be any words (a branch, a session), so that they name no check."""
_SHELLS = frozenset(("bash", "sh", "zsh", "ssh", "docker", "timeout"))
"""Programs whose quoted arguments are commands."""
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*(?:\"|\Z)|'[^']*(?:'|\Z)", re.DOTALL)
_SHOWN = re.compile(r"\s*(?:2>&1)?\s*(?:\|\s*(?:tail|head|grep|tee|cat|less)\b[^|;&]*)*\Z")
"""The part at the end of a command that only filters the output. With and without it, the check is the same."""
_DECLARED = re.compile(r"`([^`\n]{3,200})`")


class ActionFacts:
    """One action of a lane, within the window."""

    __slots__ = (
        "check_runs", "checks", "checks_failed", "checks_passed", "errors", "extent", "firsts", "left_out",
        "says", "tool_calls", "writes",
    )  # fmt: skip

    def __init__(self) -> None:
        self.extent = TimeRanges()
        self.tool_calls = 0
        self.errors = 0
        self.says = 0
        self.writes = 0
        self.check_runs = 0
        self.checks_passed = 0
        self.checks_failed = 0
        self.checks: dict[int, CheckRun] = {}
        self.firsts: list[FirstSeen] = []
        self.left_out: dict[NewKind, int] = {}
        """The number of new things beyond `FIRSTS_LIMIT`."""

    def touch(self, at: float | None) -> None:
        """Takes the time of an event; None if unknown."""
        if at is not None:
            self.extent.take(at)

    @property
    def start(self) -> float | None:
        """The time of its first event."""
        return self.extent.start

    @property
    def end(self) -> float | None:
        """The time of its last event."""
        return self.extent.end


@frozen
class _Pending:
    command: str
    """Empty if the call is not a shell command."""
    kinds: tuple[RunKind, ...]
    is_check: bool
    bones: str
    offset: int


class LaneFacts:
    """The facts of one lane. Events before `since` (seconds UTC) are known but not counted."""

    def __init__(self, ledger: LaneLedger, judge: LaneJudge, since: float | None) -> None:
        self.ledger = ledger
        self.judge = judge
        self.extent = TimeRanges()
        self.actions: dict[int, ActionFacts] = {}
        self.goal: Place | None = None
        """Its first prompt."""
        self.last_said: Place | None = None
        self.says = 0
        self.acks = AcknowledgementWatch()
        self.commands: dict[str, int] = {}
        self.declared: dict[int, Place] = {}
        """Checks that a prompt names in backticks."""
        self.ran: set[int] = set()
        """Marks of all executed commands."""
        self.unchecked: dict[str, Place] = {}
        """Files changed since the last check that passed."""
        self.last_checks: dict[int, CheckRun] = {}
        self.context: list[tuple[float, int]] = []
        self.context_first: int | None = None
        self.context_last: int | None = None
        self.context_most: int | None = None
        self.compactions: list[Place] = []
        self.limits: list[Place] = []
        self.faults: list[Place] = []
        self.files: dict[str, Changed] = {}
        self._since = since
        self._inside = since is None
        """Whether the newest event lies within the window."""
        self._label: tuple[bytes, ...] = ()
        """Words of the running action's title. Things that differ only in these words are not new."""
        self._every = 1
        self._spends = 0
        self._open: dict[str, _Pending] = {}
        self._asked: dict[str, str] = {}
        """Polls without a result, and the calls that they poll."""
        self._seen: set[int] = set()
        self._outcomes: set[int] = set()
        """Marks of commands together with their outcomes."""
        self._shapes: dict[int, ActionShape] = {}

    def hear(self, event: Event) -> None:
        """Takes one event, after the ledger and the judge took it."""
        at = event.at
        if at is not None:
            self._inside = self._since is None or at >= self._since  # without a time: as the event before
            if self._inside and type(event) is not Limit:
                self.extent.take(at)
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            handler(self, event, self._inside)

    def shape(self, offset: int) -> ActionShape | None:
        """The shape of the action whose prompt is at `offset`; None if there is none."""
        return self._shapes.get(offset)

    @property
    def start(self) -> float | None:
        """The time of its first event within the window."""
        return self.extent.start

    @property
    def end(self) -> float | None:
        """The time of its last event within the window."""
        return self.extent.end

    def finish(self, era: TimeRange | None) -> None:
        """Ends the collection: takes the newest actions from the judge, and ignores times far from `era`."""
        self.extent.settle(era)
        for action in self.actions.values():
            action.extent.settle(era)
        self._take_shapes()
        self.acks.end()

    # -- events ---------------------------------------------------------------------------------

    def _action(self, event: Event) -> ActionFacts:
        index = self.ledger.actions.current
        action = self.actions.get(index)
        if action is None:
            action = self.actions[index] = ActionFacts()
        action.touch(event.at)
        return action

    def _prompt(self, event: Prompt, inside: bool) -> None:
        self.acks.end()
        self._take_shapes()
        if self.goal is None:
            self.goal = Place(clip(event.text, GOAL_CHARS), event.at, event.offset)
        if "`" in event.text[:GOAL_CHARS]:
            self._declare(event)
        if self.ledger.actions.find(event.offset) is None:
            return  # it was queued into a running turn, so it begins no action
        self._label = label_words(action_name(event.text)[1])
        if inside:
            self._action(event)

    def _declare(self, event: Prompt) -> None:
        for match in _DECLARED.finditer(event.text[:GOAL_CHARS]):
            command = match[1].strip()
            if kinds_of(command) and len(self.declared) < CHECKS_LIMIT:
                self.declared.setdefault(mark_of(command), Place(command, event.at, event.offset))

    def _say(self, event: AssistantText, inside: bool) -> None:
        if not inside or not event.text.strip():
            return
        action = self._action(event)
        self.says += 1
        action.says += 1
        self.last_said = Place(clip(event.text, TEXT_CHARS), event.at, event.offset)
        if is_ack(event.text):
            self.acks.say(self.ledger.actions.current, self.last_said)

    def _call(self, event: Call, inside: bool) -> None:
        self.acks.call(event.offset)
        if event.continues is not None:
            # The call polls a running command, so the outcome is that of the command.
            if event.continues in self._open and len(self._asked) < OPEN_LIMIT:
                self._asked[event.call] = event.continues
            if inside:
                self._action(event).tool_calls += 1
            return
        command = clip(event.summary, COMMAND_CHARS) if event.tool_kind is ToolKind.SHELL else ""
        # The key must be one line, so the line ends of a command are replaced.
        bones = skeleton(mask_secrets(command).replace(MASK, "")) if command else ""
        kinds = kinds_of(_unquoted(command, bones)) if command else ()
        check = bool(kinds) or (bool(bones) and _is_guard(bones) and not is_simple_command(command))
        if len(self._open) < OPEN_LIMIT:
            self._open[event.call] = _Pending(command, kinds, check, bones, event.offset)
        if not inside:
            return
        self._action(event).tool_calls += 1
        if bones and (bones in self.commands or len(self.commands) < SEEN_LIMIT):
            self.commands[bones] = self.commands.get(bones, 0) + 1

    def _result(self, event: Result, inside: bool) -> None:
        asked = self._asked.pop(event.call, event.call)
        # A running command has no outcome yet. It comes with the result of a poll, or with a second result of its
        # own.
        call = self._open.pop(asked, None) if not event.background else None
        failed = is_failure(event)
        action = self._action(event) if inside else None
        if action is not None and event.ok is False:
            action.errors += 1
        if failed and not (event.denied or event.interrupted):  # a person's refusal is not an error
            line = error_line(event.text)
            words = clip(whole_line(event.text, line), ERROR_CHARS)
            self._first(action, NewKind.ERROR, error_mark(line), words, "", event)
        if call is None or not call.command:
            return
        self._first(action, NewKind.COMMAND, mark_of(call.bones), call.command, "", event)
        if len(self.ran) < SEEN_LIMIT:
            self.ran.add(mark_of(call.command))
        if call.is_check:
            self._check(call, event, action)

    def _check(self, call: _Pending, event: Result, action: ActionFacts | None) -> None:
        command = _SHOWN.sub("", call.command).rstrip() or call.command
        kind = call.kinds[0] if call.kinds else RunKind.BUILD  # a guard without output found nothing wrong
        outcome = outcome_of(call.command, event, kind)
        name = call.kinds[0].value if call.kinds else GUARD
        data = without_label(command.encode("utf-8", "replace"), self._label)
        masked = without_hashes(without_digits(data))
        mark = crc32(masked, crc32(f"{name} {call.bones if not call.kinds else ''}".encode("utf-8", "replace")))
        run = CheckRun(name, command, outcome, event.at, event.offset)
        if outcome is Outcome.PASSED:
            self.unchecked.clear()
        if mark in self.last_checks or len(self.last_checks) < CHECKS_LIMIT * 4:
            self.last_checks[mark] = run
        # Another action's label may hide other words of the same command, so an exact repetition is not new either.
        exact = crc32(outcome.value.encode(), mark_of(command))
        told = action if exact not in self._outcomes else None
        self._first(told, NewKind.CHECK, crc32(outcome.value.encode(), mark), command, outcome.value, event)
        if len(self._outcomes) < SEEN_LIMIT:
            self._outcomes.add(exact)
        if action is None:
            return
        action.check_runs += 1
        action.checks_passed += outcome is Outcome.PASSED
        action.checks_failed += outcome is Outcome.FAILED
        before = action.checks.get(mark)
        if before is not None:
            run.runs = before.runs + 1
        if before is not None or len(action.checks) < CHECKS_LIMIT:
            action.checks[mark] = run

    def _edit(self, event: Edit, inside: bool) -> None:
        if not event.by_lane:
            return
        action = self._action(event) if inside else None
        path = self._relative(event.path)
        if not path.endswith(PROSE):
            self.unchecked.pop(path, None)
            if len(self.unchecked) < UNCHECKED_LIMIT:
                self.unchecked[path] = Place(path, event.at, event.offset)
        mark = crc32(without_digits(without_label(path.encode("utf-8", "replace"), self._label)))
        self._first(action, NewKind.FILE, mark, path, "", event)
        if action is None:
            return
        action.writes += 1
        known = self.files.get(path)
        place = Place(path, event.at, event.offset)
        if known is not None:
            known.edits, known.last = known.edits + 1, place
        elif len(self.files) < SEEN_LIMIT:
            self.files[path] = Changed(1, place)

    def _spend(self, event: UsageReported, inside: bool) -> None:
        self.acks.spend(event.key, event.offset)
        if not inside:
            return
        self._action(event)
        if event.context_used is None:
            return
        self.context_last = event.context_used
        if self.context_first is None:
            self.context_first = event.context_used
        if self.context_most is None or event.context_used > self.context_most:
            self.context_most = event.context_used
        self._sample(event.at, event.context_used)

    def _compact(self, event: Compact, inside: bool) -> None:
        if inside and len(self.compactions) < MARKS_LIMIT:
            before, after = event.before_tokens, event.after_tokens
            words = f"{before:,} to {after:,} tokens" if before is not None and after is not None else ""
            self.compactions.append(Place(words, event.at, event.offset))

    def _limit(self, event: Limit, inside: bool) -> None:
        if inside and event.reached and len(self.limits) < MARKS_LIMIT:
            self.limits.append(Place(event.name or "rate limit", event.at, event.offset))

    def _fault(self, event: ApiError, inside: bool) -> None:
        if inside and event.final and len(self.faults) < MARKS_LIMIT:
            self.faults.append(Place(clip(event.text, TEXT_CHARS), event.at, event.offset))

    # -- inside ---------------------------------------------------------------------------------

    def _relative(self, path: str) -> str:
        """A path relative to the lane's folder."""
        folder = f"{(self.ledger.cwd or '').rstrip('/')}/"
        return path[len(folder) :] if len(folder) > 1 and path.startswith(folder) else path

    def _first(
        self, action: ActionFacts | None, kind: NewKind, mark: int, text: str, outcome: str, event: Event
    ) -> None:
        known = crc32(kind.value.encode(), mark)
        if known in self._seen or len(self._seen) >= SEEN_LIMIT:
            return
        self._seen.add(known)
        if action is None:
            return
        if len(action.firsts) < FIRSTS_LIMIT:
            action.firsts.append(FirstSeen(kind, known, clip(text, COMMAND_CHARS), outcome, event.at, event.offset))
        else:
            action.left_out[kind] = action.left_out.get(kind, 0) + 1

    def _sample(self, at: float | None, used: int) -> None:
        """Keeps the context of every n-th call. If there are too many, it drops every second one and doubles n."""
        self._spends += 1
        if at is None or self._spends % self._every:
            return
        self.context.append((at, used))
        if len(self.context) >= SAMPLES:
            del self.context[1::2]
            self._every *= 2

    def add_shapes(self, shapes: Mapping[int, ActionShape]) -> None:
        """Takes the shapes of actions, by the offset of their prompt, from a judge that took the events later."""
        self._shapes.update(shapes)

    def _take_shapes(self) -> None:
        for shape in self.judge.actions()[-3:]:
            self._shapes[shape.offset] = shape


class Facts:
    """The facts of all lanes, as a listener of the Supervisor."""

    def __init__(self, since: float | None = None) -> None:
        """Events before `since` (seconds UTC) are known but not counted."""
        self._since = since
        self._lanes: dict[int, LaneFacts] = {}
        self._shapes: dict[tuple[str, str], Mapping[int, ActionShape]] = {}
        """By path, and the lane's name within it: actions of transcripts that were judged after they were read."""
        self._known_era: TimeRange | None = None

    def __call__(self, ledger: LaneLedger, judge: LaneJudge, event: Event) -> None:
        """Takes one event."""
        facts = self._lanes.get(id(ledger))
        if facts is None:
            facts = self._lanes[id(ledger)] = LaneFacts(ledger, judge, self._since)
        self._known_era = None
        facts.hear(event)

    def of(self, ledger: LaneLedger) -> LaneFacts | None:
        """The facts of one lane after its last event; None if it had no event."""
        facts = self._lanes.get(id(ledger))
        if facts is not None:
            facts.add_shapes(self._shapes.get((ledger.path, ledger.local), {}))
            facts.finish(self._era())
        return facts

    def take_shapes(self, path: str, shapes: Mapping[str, Mapping[int, ActionShape]]) -> None:
        """Takes the shapes of the actions of a transcript that was judged after it was read: a `ShapeListener`."""
        for local, each in shapes.items():
            self._shapes[path, local] = each

    @property
    def end(self) -> float | None:
        """The time of the last event of all lanes, without times far from all others."""
        era = self._era()
        return era.end if era is not None else None

    def _era(self) -> TimeRange | None:
        """The group of times of all lanes, found once after the last event."""
        if self._known_era is None:
            self._known_era = era_of(facts.extent for facts in self._lanes.values())
        return self._known_era


def _unquoted(command: str, bones: str) -> str:
    """A command without its quoted parts: a commit message may mention tests without running any."""
    return command if bones.split(" ", 1)[0] in _SHELLS else _QUOTED.sub("q", command)


def _is_guard(bones: str) -> bool:
    """Whether a command, by its `skeleton`, is a check by the project's own script."""
    words = bones.split()
    return words[0] not in _NO_GUARDS and names_a_guard(" ".join(word for word in words if "/" not in word))


def mark_of(command: str) -> int:
    """A number for a command: equal for commands that differ only in digits."""
    return crc32(without_digits(command.strip().encode("utf-8", "replace")))


_HANDLERS: dict[type[Event], Callable[[LaneFacts, Any, bool], None]] = {
    Prompt: LaneFacts._prompt,  # pyright: ignore[reportPrivateUsage]
    AssistantText: LaneFacts._say,  # pyright: ignore[reportPrivateUsage]
    Call: LaneFacts._call,  # pyright: ignore[reportPrivateUsage]
    Result: LaneFacts._result,  # pyright: ignore[reportPrivateUsage]
    Edit: LaneFacts._edit,  # pyright: ignore[reportPrivateUsage]
    UsageReported: LaneFacts._spend,  # pyright: ignore[reportPrivateUsage]
    Compact: LaneFacts._compact,  # pyright: ignore[reportPrivateUsage]
    Limit: LaneFacts._limit,  # pyright: ignore[reportPrivateUsage]
    ApiError: LaneFacts._fault,  # pyright: ignore[reportPrivateUsage]
}
