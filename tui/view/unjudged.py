"""Words for lanes that were counted but not judged, so that their findings are unknown."""

from __future__ import annotations

from tui.model.snapshot import Fleet
from tui.text.format import number
from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, own

SIGN = own("?")
"""The sign before a lane that was not judged, in the table of `lanewatch lanes`."""


def unjudged(fleet: Fleet) -> int:
    """The number of lanes that were not judged."""
    return sum(not lane.judged for lane in fleet.lanes)


def unjudged_words(count: int) -> SafeText:
    """`12 lanes are not judged`."""
    return joined(number(count), own(" lane is not judged" if count == 1 else " lanes are not judged"))
