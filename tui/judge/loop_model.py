"""Decides by a lane's signals whether it goes in circles: small decision trees whose values add up to log odds.

The trees are in `loop_model.json`. They were fitted with LightGBM to labelled transcripts, invented and real: see
`docs/benchmarks.md`, which also says how good they are on transcripts that they were not fitted to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tui.judge.signals import NAMES


class LoopModel:
    """The trees as one function, and the limits of the log odds."""

    __slots__ = ("agrees", "alarm", "log_odds")

    def __init__(self, data: dict[str, Any]) -> None:
        """`data` is the content of the file. Raises ValueError if it was made for other signals."""
        if tuple(data["signals"]) != NAMES:
            raise ValueError("loop_model.json is made for other signals")
        self.alarm: float = data["alarm"]
        """From these log odds on, the lane goes in circles, whatever the other evidence is."""
        self.agrees: float = data["agrees"]
        """From these log odds on, other evidence of repetition is believed."""
        self.log_odds: Callable[[Sequence[float]], float] = _function(data["trees"])
        """Returns the log odds that a lane with these signals goes in circles."""


@cache
def loop_model() -> LoopModel:
    """The model of the package."""
    return LoopModel(json.loads(Path(__file__).with_name("loop_model.json").read_bytes()))


def _function(trees: list[Any]) -> Callable[[Sequence[float]], float]:
    """The trees as one expression, which Python computes three times as fast as a loop over their nodes.

    The text is made of numbers alone: each part of the file goes through `int` or `float`.
    """
    text = "lambda s: sum((" + ",".join(_text(tree) for tree in trees) + ",))"
    return eval(text, {"__builtins__": {}, "sum": sum})  # noqa: S307 (see above)


def _text(node: Any) -> str:
    """A node `[place, limit, low, high]` means `low` if the signal at that place is at most the limit, else `high`."""
    if not isinstance(node, list):
        return repr(float(node))
    place, limit, low, high = node  # pyright: ignore[reportUnknownVariableType]
    return f"({_text(low)} if s[{int(place)}] <= {float(limit)!r} else {_text(high)})"  # pyright: ignore[reportUnknownArgumentType]
