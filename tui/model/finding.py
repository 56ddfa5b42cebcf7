"""What an operator should know: findings, how repetitive a lane is, and families of actions. All texts are raw."""

from __future__ import annotations

from enum import StrEnum

from tui.model.evidence import Evidence, LaneId
from tui.model.frozen import frozen
from tui.model.open_enum import OpenEnum


class FindingKind(OpenEnum):
    """The permanent name of a kind of finding; `tui.judge.findings` declares what it is.

    Only names that other packages use stand here.
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
    """The severity of a finding: worth knowing, worth a look, worth a verb."""

    INFO = "info"
    WARN = "warn"
    STOP = "stop"

    @property
    def rank(self) -> int:
        """From 1, the mildest: the order in which they are declared."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity, 1)}


class Verb(OpenEnum):
    """The name of something that an operator can do to a lane; `tui.control.verbs` declares what it is and does.

    Only verbs that findings and policies suggest stand here.
    """

    PAUSE = "pause"
    RESUME = "resume"
    REDIRECT = "redirect"
    CLOSE = "close"


@frozen
class Finding:
    """One thing to know about a lane, a family or (both None) the whole fleet.

    `key` is the same as long as it is the same finding: it is muted and notified by it.
    `since` is the time (seconds UTC) of the event that proved it, `until` of the one that ended it;
    while it holds `until` is None. `tokens_since` counts what the lane, or the family's lanes, spent from
    `since` on (to `until`); None where nobody can tell.
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
    """What would be progress, in words that follow "progress would be"."""
    suggest_for: LaneId | None = None
    """The lane that the verb is for, if it is another one: the one that starts the next round."""

    @property
    def is_open(self) -> bool:
        """True while it holds."""
        return self.until is None


class RepetitionKind(StrEnum):
    """What is repeated; the advice differs."""

    SAME_RESULT = "same_result"
    SAME_ERROR = "same_error"
    CYCLE = "cycle"
    MONOLOGUE = "monologue"
    LABELS = "labels"
    """Near-same calls or actions: only a label differs."""
    STALE = "stale"
    """No fixed period, yet the last steps bought nothing new."""
    SAME_OUTCOME = "same_outcome"
    """Whatever is tried fails in the same way."""
    SEARCHING = "searching"
    """Other queries or addresses each time, and nothing found, or what was found before."""
    REREADING = "rereading"
    """What was read is read again."""
    WAITING = "waiting"
    """Waiting for what does not move."""
    OSCILLATION = "oscillation"
    """To and fro between states that were there before."""
    PLANNING = "planning"
    """The plan is written anew, and nothing of it is done."""
    ASKING = "asking"
    """The same question is asked again."""
    RESPAWN = "respawn"
    """Helpers are started for the same task again."""
    AFTER_DONE = "after_done"
    """The work is done by the agent's own word, and more is written about it."""
    COMPACTION = "compaction"
    """The context is compacted again and again, and nothing gets done between."""


@frozen
class StepShown:
    """One repeated step as it is shown: the call (or the message) and its outcome."""

    text: str
    outcome: str
    at: float | None
    offset: int


@frozen
class Repetition:
    """How much a lane repeats itself now. `score` 0 to 1; `severity` None means: say nothing."""

    score: float = 0.0
    severity: Severity | None = None
    kind: RepetitionKind | None = None
    reason: str = ""
    """In words: "`npm install` failed 12 times, same error". Empty while quiet."""
    period: int = 0
    """Steps in one round."""
    repeats: int = 0
    since: float | None = None
    offset: int | None = None
    """Where the first repeated step stands."""
    steps: tuple[StepShown, ...] = ()
    """The newest of the repeated steps, oldest first, at most eight."""


@frozen
class NoveltyPoint:
    """A stretch of a lane's life from `at` on: its steps, the sum of their novelty (0 to 1 each), its tokens."""

    at: float
    steps: int
    novelty: float
    tokens: int


@frozen
class Member:
    """One action of a family. `words` are what stands in the template's slots; `novelty` is 0 to 1."""

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
    """One of the conditions that make a `stop`: what it is, whether it holds, and by what evidence."""

    title: str
    holds: bool
    text: str


@frozen
class Family:
    """Adjacent actions that share a proof shape, oldest first.

    `template` writes its slots as `<…>`. `tokens_since_third` counts what came after the third member began.
    `question` is the framing question, `answer` the measured novelty of the last three members, in words.
    """

    id: str
    template: str
    members: tuple[Member, ...]
    """The newest ones; `count` counts all."""
    count: int
    tokens: int
    tokens_since_third: int
    similarity: float
    """Of the newest member to the one before, 0 to 1."""
    conditions: tuple[Condition, ...]
    answer: str
    since: float | None
    """When the third member began."""
    is_open: bool


QUIET = Repetition()
QUESTION = "What does the next action add that the last three did not?"
