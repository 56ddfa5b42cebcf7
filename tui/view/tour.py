"""The tour: a few steps, each with a check, and the line that shows the present step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane, LaneState
from tui.text.format import number
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, Span, joined, own, spread, word


@frozen
class TourFacts:
    """The facts by which a step is checked."""

    fleet: Fleet
    cursor: Lane | None
    is_reading: bool = False
    """True if the conversation of a lane is open."""
    began_at: float = 0.0
    """The time of the fleet when the step began, in seconds UTC."""


@frozen
class Step:
    """One step: the task, and the check whether it is done."""

    words: SafeText
    is_done: Callable[[TourFacts], bool]


def _is_on_a_loop(facts: TourFacts) -> bool:
    return facts.cursor is not None and facts.cursor.repetition.severity is not None


def _holds(facts: TourFacts) -> bool:
    return any(lane.state in (LaneState.PAUSED, LaneState.PAUSING) for lane in facts.fleet.lanes)


def _moved(facts: TourFacts) -> bool:
    return facts.began_at != 0.0 and abs(facts.fleet.at - facts.began_at) > 60


LIVE_STEPS = (
    Step(own("find a lane that loops: press n until the cursor is on one"), _is_on_a_loop),
    Step(own("read it: press l on the lane; esc comes back"), lambda facts: facts.is_reading),
    Step(own("pause a lane named live: press p on it"), _holds),
    Step(own("resume it: press r on it, or u"), lambda facts: not _holds(facts)),
)
"""The steps over the demo."""
REPLAY_STEPS = (Step(own("a recorded loop: press n to go to the moment to stop it; q ends the tour"), _moved),)
"""The steps over the recording that follows."""
IN_ALL = len(LIVE_STEPS) + len(REPLAY_STEPS)


def tour_line(steps: Sequence[Step], at: int, before: int, cells: int) -> Line:
    """The line for the step at an index; `before` steps came before these. Empty after the last one."""
    if at >= len(steps):
        return (word(" tour  ", "brand"), word(" done; q continues"))
    count = joined(number(before + at + 1), own(" of "), number(IN_ALL))
    left = (word(" tour ", "brand"), word(" "), Span(count, "strong"), word("  "), Span(steps[at].words, "accent"))
    return spread(left, (word("esc", "key"), word(" skips ", "dim")), cells)
