"""The tour: a few steps, each with a check, and the line that shows the present step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.model.control import RouteKind
from tui.model.evidence import LaneId
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane, LaneState
from tui.text.format import number
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, Span, joined, line_width, own, spread, word
from tui.view.checklist import wrapped


@frozen
class TourFacts:
    """The facts by which a step is checked."""

    fleet: Fleet
    cursor: Lane | None
    is_reading: bool = False
    """True if the conversation of a lane is open."""
    began_at: float = 0.0
    """The time of the fleet when the step began, in seconds UTC."""


def _nowhere(_facts: TourFacts) -> LaneId | None:
    return None


@frozen
class Step:
    """One step: what to do, and whether it is done."""

    words: SafeText
    is_done: Callable[[TourFacts], bool]
    place: Callable[[TourFacts], LaneId | None] = _nowhere
    """The lane to which the cursor is brought when the step begins; None: it stays where it is."""
    then: SafeText = own("")
    """Said in the conversation that is open when the step is done."""


_DONE = " done; q leaves the demo and opens a recorded loop, step 5"


class Tour:
    """The steps of one screen, and which of them is the present one."""

    def __init__(self, steps: Sequence[Step], before: int = 0) -> None:
        """`before` steps came before these, on another screen."""
        self.steps = steps
        self.before = before
        self.at = 0

    @property
    def step(self) -> Step | None:
        """The present step; None after the last one."""
        return self.steps[self.at] if self.at < len(self.steps) else None

    def lines(self, cells: int) -> list[Line]:
        """The line for the present step; two on a screen on which one cannot hold all."""
        step = self.step
        if step is None:
            return [(word(" tour  ", "brand"), word(_DONE if not self.before else " done; q ends it"))]
        count = joined(number(self.before + self.at + 1), own(" of "), number(IN_ALL))
        left = (word(" tour ", "brand"), word(" "), Span(count, "strong"), word("  "), Span(step.words, "accent"))
        skip = (word("  esc", "key"), word(" skips ", "dim"))
        leave = (word(" q", "key"), word(" ends the tour ", "dim"))
        keys = (*skip, *leave)
        if line_width(left) + line_width(keys) <= cells:
            return [spread(left, keys, cells)]
        head = left[:-1]
        first, *rest = wrapped(step.words, cells - line_width(head))
        below = joined(*(joined(row, own(" ")) for row in rest))
        return [(*head, Span(first, "accent")), spread((word("   "), Span(below, "accent")), keys, cells)]


def _is_on_a_loop(facts: TourFacts) -> bool:
    return facts.cursor is not None and facts.cursor.repetition.severity is not None


def _holds(facts: TourFacts) -> bool:
    return any(lane.state in (LaneState.PAUSED, LaneState.PAUSING) for lane in facts.fleet.lanes)


def _one_that_obeys(facts: TourFacts) -> LaneId | None:
    """A lane that a pause reaches: that at the cursor, or else one that loops, or else any."""
    able = [lane for lane in facts.fleet.lanes if _obeys(lane)]
    if not able or (facts.cursor is not None and _obeys(facts.cursor)):
        return None
    return max(able, key=lambda lane: lane.repetition.score if lane.repetition.severity is not None else -1.0).id


def _obeys(lane: Lane) -> bool:
    gate = any(route.kind is RouteKind.GATE and route.is_open for route in lane.control.routes)
    return gate and lane.state is LaneState.WORKING


def _moved(facts: TourFacts) -> bool:
    return facts.began_at != 0.0 and abs(facts.fleet.at - facts.began_at) > 60


LIVE_STEPS = (
    Step(own("find a lane that loops: press n until the cursor is on one"), _is_on_a_loop),
    Step(
        own("read it: press l on the lane"),
        lambda facts: facts.is_reading,
        then=own("tour: E last error, [ last prompt, / finds; esc comes back"),
    ),
    Step(own("pause the live: lane at the cursor: press p"), _holds, _one_that_obeys),
    Step(own("resume it: press r on it, or u"), lambda facts: not _holds(facts)),
)
"""The steps over the demo."""
REPLAY_STEPS = (Step(own("a recorded loop: press n to go to the moment to stop it"), _moved),)
"""The steps over the recording that follows."""
IN_ALL = len(LIVE_STEPS) + len(REPLAY_STEPS)
