"""Findings, how repetitive a lane is, and families of actions. All texts are raw."""

from __future__ import annotations

from enum import StrEnum

from tui.model.evidence import Evidence, LaneId
from tui.model.frozen import frozen
from tui.model.open_enum import OpenEnum


class FindingKind(OpenEnum):
    """The permanent name of a kind of finding; `tui.judge.findings` declares what it is.

    This class lists only names that other packages use.
    """

    STOP = "stop"
    REPETITION = "repetition"
    FAMILY_TOO_LONG = "family_too_long"
    SUBSTITUTION_NAME = "substitution_name"
    OWED_OUTPUT = "owed_output"
    UNVERIFIED_CLAIM = "unverified_claim"
    HARD_STOP = "hard_stop"
    NEEDS_INPUT = "needs_input"


class Severity(StrEnum):
    """The severity of a finding. Info: good to know; warn: look at it; stop: act on it."""

    INFO = "info"
    WARN = "warn"
    STOP = "stop"

    @property
    def rank(self) -> int:
        """The rank in the order of declaration, from 1, the lowest severity."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity, 1)}


class Verb(OpenEnum):
    """The name of something that an operator can do to a lane; `tui.control.verbs` declares what it is and does.

    This class lists only verbs that findings and policies suggest.
    """

    PAUSE = "pause"
    RESUME = "resume"
    REDIRECT = "redirect"
    CLOSE = "close"


@frozen
class Finding:
    """One thing to know about a lane, a family or (both None) the whole fleet.

    `key` identifies the finding: mutes and notices refer to it. `since` is the time (seconds UTC) of the event that
    proved it, `until` of the one that ended it; while it holds `until` is None. `tokens_since` is the number of tokens
    that the lane, or the family's lanes, used from `since` to `until`; None if unknown.
    """

    kind: FindingKind
    key: str
    lane: LaneId | None
    family: str | None
    severity: Severity
    since: float | None
    until: float | None
    tokens_since: int | None
    title: str
    evidence: tuple[Evidence, ...]
    suggest: Verb | None
    progress: str = ""
    """The words for the missing progress, which follow "progress would be"."""
    suggest_for: LaneId | None = None
    """The lane on which to use the verb, if it is another lane: the one that starts the next round."""

    @property
    def is_open(self) -> bool:
        """True while it holds."""
        return self.until is None


class RepetitionKind(StrEnum):
    """The kind of repetition, on which the advice depends."""

    SAME_RESULT = "same_result"
    SAME_ERROR = "same_error"
    CYCLE = "cycle"
    MONOLOGUE = "monologue"
    LABELS = "labels"
    """The calls or actions are nearly the same: only a label differs."""
    STALE = "stale"
    """There is no fixed period, but the last steps brought nothing new."""
    SAME_OUTCOME = "same_outcome"
    """All attempts fail in the same way."""
    SEARCHING = "searching"
    """The queries or addresses differ, but the results are empty or were there before."""
    REREADING = "rereading"
    """The lane reads again what it has read."""
    WAITING = "waiting"
    """The lane waits for something that does not change."""
    OSCILLATION = "oscillation"
    """The files go back and forth between states that were there before."""
    PLANNING = "planning"
    """The plan is written again and again, and nothing of it is done."""
    ASKING = "asking"
    """The lane asks the same question again."""
    RESPAWN = "respawn"
    """The lane starts subagents for the same task again."""
    AFTER_DONE = "after_done"
    """The agent says that the work is done, and keeps writing about it."""
    COMPACTION = "compaction"
    """The context is compacted again and again, with nothing done in between."""


@frozen
class StepShown:
    """One repeated step as it is shown: the call (or the message) and its outcome."""

    text: str
    outcome: str
    at: float | None
    offset: int


@frozen
class Repetition:
    """The present repetition of a lane. `score` is from 0 to 1; `severity` is None if there is nothing to say."""

    score: float = 0.0
    severity: Severity | None = None
    kind: RepetitionKind | None = None
    reason: str = ""
    """In words: "`npm install` failed 12 times, same error". Empty while quiet."""
    period: int = 0
    """Steps in one round."""
    repeats: int = 0
    since: float | None = None
    """The time (seconds UTC) at which it was flagged, which is later than its first step."""
    offset: int | None = None
    """The place of the first repeated step in the transcript, in bytes."""
    steps: tuple[StepShown, ...] = ()
    """The newest of the repeated steps, oldest first, at most eight."""
    began: float | None = None
    """The time (seconds UTC) of the first repeated step; None if unknown."""

    @property
    def first_at(self) -> float | None:
        """The time (seconds UTC) since which its repeats are counted; None if unknown."""
        shown = [step.at for step in self.steps if step.at is not None]
        if shown and self.period == 1 and self.repeats <= len(self.steps):
            return shown[0]
        began = self.since if self.began is None else self.began
        times = shown if began is None else [*shown, began]
        return min(times) if times else None


@frozen
class NoveltyPoint:
    """A part of a lane's life that begins at `at`: its steps, the sum of their novelty (0 to 1 each), its tokens."""

    at: float
    steps: int
    novelty: float
    tokens: int


@frozen
class Member:
    """One action of a family. `words` fill the slots of the template; `novelty` is 0 to 1."""

    lane: LaneId
    action: int
    name: str
    title: str
    started: float | None
    ended: float | None
    offset: int
    path: str
    tokens: int
    steps: int
    novelty: float
    outcome: str
    """ended, failed, running, interrupted or cut_off."""
    words: tuple[str, ...]


@frozen
class Condition:
    """One of the conditions for a finding `stop`: its text, whether it holds, and the evidence."""

    title: str
    holds: bool
    text: str


@frozen
class Family:
    """Adjacent actions that share their shape, oldest first. `template` writes its slots as `<…>`.

    `tokens_since_third` is the number of tokens used since the third member began. `question` is the framing question,
    `answer` the measured novelty of the last three members, in words.
    """

    id: str
    template: str
    members: tuple[Member, ...]
    """The newest members; `count` is the number of all."""
    count: int
    tokens: int
    tokens_since_third: int
    similarity: float
    """The similarity of the newest member to the one before, 0 to 1."""
    conditions: tuple[Condition, ...]
    answer: str
    since: float | None
    """The time at which the third member began."""
    is_open: bool


QUIET = Repetition()
QUESTION = "What does the next action add that the last three did not?"
