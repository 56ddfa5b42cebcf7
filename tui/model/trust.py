"""Whether the tokens and the cost of a lane can be believed."""

from __future__ import annotations

from enum import StrEnum


class Trust(StrEnum):
    """The reason to doubt a lane's tokens or cost. The doubt is shown beside that number."""

    SUSPECT = "suspect"
    """The tokens are shown with `?`: the count cannot be right, because many turns state no usage or implausibly little
    output."""
    PROVISIONAL = "provisional"
    """The tokens are shown with `≥`: a lower bound. A call's output was counted before it was complete, a call that may
    be the lane's own was left out, or a line of an unknown type states usage."""
    UNPRICED = "unpriced"
    """The cost is shown with `≥`, or as `$ ?` if nothing is priced: at least one model has no price."""
