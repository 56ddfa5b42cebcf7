"""What was found, what would have stopped it, what is proven, missing, left open and worth keeping."""

from __future__ import annotations

from enum import StrEnum

from tui.model.evidence import Evidence, LaneId
from tui.model.finding import Finding
from tui.model.frozen import frozen
from tui.report.document.actions import Advice
from tui.report.document.figures import Figures


@frozen
class Found:
    """A finding with the action in which it was raised."""

    finding: Finding
    action: str
    """Its name; empty where nobody can tell."""
    share: float | None
    """Of all tokens: what was spent from `since` on within the window, as the finding counts it."""


@frozen
class Saving:
    """What one lane spent after the stop point."""

    lane: LaneId
    tokens: int
    cost_usd: float | None
    seconds: float
    concerned: bool
    """True if the finding is about this lane or its family; the others merely went on beside it."""


@frozen
class StopPoint:
    """The moment at which the finding with the largest saving said stop, and what was spent after it in the window."""

    at: float
    action: str
    finding: Finding
    tokens: int
    """Of the lanes concerned, as the finding counts it: the saving."""
    share: float | None
    """Of all tokens."""
    cost_usd: float | None
    """Of the lanes concerned."""
    seconds: float
    """From the stop, or from the window's first event if it held before, to the last event of the lanes concerned."""
    all_tokens: int
    """Of all lanes after that time: who fed them would have stopped too, or would not."""
    all_cost_usd: float | None
    lanes: tuple[Saving, ...]
    caveat: str
    title: str
    """The finding's title by what had begun at that time."""
    in_the_end: str = ""
    """What it came to: `85 actions, up to S172`; empty where nothing more came."""
    earlier: tuple[Finding, ...] = ()
    """What said stop before it on other lanes, in the order of time."""
    before_window: bool = False
    """True if it held since before the window that was asked for: what is counted begins with the window."""


class Tick(StrEnum):
    """A cell of the coverage matrix."""

    PASSED = "passed"
    FAILED = "failed"
    UNCLEAR = "unclear"
    """It ran, and its result says neither: a masked exit code, nothing ran, no result."""
    MISSING = "missing"


@frozen
class CheckColumn:
    """One check, as a command without the words of the action's own label."""

    name: str
    kind: str
    """test, build, lint or guard."""
    passed: int
    """Actions in which its last run passed."""
    failed: int
    missing: int


@frozen
class Cell:
    """Whether an action ran a check, and what came of its last run."""

    tick: Tick
    evidence: Evidence | None = None


@frozen
class CoverageRow:
    """One action."""

    name: str
    title: str
    lane: LaneId
    cells: tuple[Cell, ...]


@frozen
class Coverage:
    """Actions by checks. A tick stands only where an executed result was seen."""

    run: str = ""
    columns: tuple[CheckColumn, ...] = ()
    rows: tuple[CoverageRow, ...] = ()
    rows_left_out: int = 0
    columns_left_out: int = 0


@frozen
class Gap:
    """Something that was declared, or done elsewhere, and never seen to be done here."""

    kind: str
    """check, plan, number."""
    text: str
    evidence: Evidence | None


@frozen
class Line:
    """A statement with what it rests on. Without evidence it is none."""

    text: str
    evidence: tuple[Evidence, ...]


@frozen
class Closeout:
    """A draft of the closing report of one line of work, for a person to finish."""

    run: str
    goal: tuple[Line, ...]
    """In the words of the first prompt."""
    proven: tuple[Line, ...]
    files: tuple[Line, ...]
    files_left_out: int
    checks: tuple[Line, ...]
    figures: Figures
    questions: tuple[Line, ...]
    """What the transcripts leave open: failing checks, claims without evidence, questions nobody answered."""
    keep: tuple[str, ...]
    compress: tuple[str, ...]
    blanks: tuple[str, ...]
    """What only a person can say."""


@frozen
class Chatter:
    """Acknowledgements and next steps without any tool: how many, and what their turns cost."""

    messages: int = 0
    of: int = 0
    """All messages."""
    tokens: int = 0
    """Of the model calls that wrote them."""
    share: float | None = None
    """Of all tokens."""
    actions: int = 0
    """Actions that are nothing else."""
    first: tuple[Evidence, ...] = ()


@frozen
class AdviceCount:
    """So many actions of one advice, and what they cost."""

    advice: Advice
    actions: int
    tokens: int


@frozen
class Retention:
    """What to keep of the record; the advice on each action stands at the action."""

    counts: tuple[AdviceCount, ...] = ()
    """All four, in the order keep, mostly, compress, archive."""
    chatter: Chatter = Chatter()


class HalfKind(StrEnum):
    """How something was left half done."""

    OPEN_CALL = "open_call"
    CUT_OFF = "cut_off"
    PLAN = "plan"
    UNCHECKED_EDIT = "unchecked_edit"
    FAILING_CHECK = "failing_check"
    CLAIM = "claim"


@frozen
class HalfDone:
    """One thing that a lane left half done."""

    kind: HalfKind
    lane: LaneId
    text: str
    evidence: tuple[Evidence, ...]
