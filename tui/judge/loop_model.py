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

MOST_UP, MOST_DOWN = 1.5, 2.0
"""By how much one step or message raises the suspicion at most, and lowers it at most."""
LATELY = 12
"""Something must have come for the third time in so many steps and messages; else the suspicion does not grow."""
TOGETHER = 20
"""So many trees are compiled at a time."""
LOW_STEPS = 3
"""So many steps and messages in a row with low log odds end an alarm."""


class LoopModel:
    """The trees as one function, and the limits by which they decide."""

    __slots__ = ("_trees", "agrees", "alarm", "ends", "rises")

    def __init__(self, data: dict[str, Any]) -> None:
        """`data` is the content of the file. Raises ValueError if it was made for other signals."""
        if tuple(data["signals"]) != NAMES:
            raise ValueError("loop_model.json is made for other signals")
        self.rises: float = data["rises"]
        """Log odds above this raise the suspicion, lower ones lower it."""
        self.alarm: float = data["alarm"]
        """From this suspicion on, the lane goes in circles, whatever else is known."""
        self.ends: float = data["ends"]
        """Log odds below this, several times in a row, say that the lane goes in circles no more."""
        self.agrees: float = data["agrees"]
        """From these log odds on, other evidence of repetition is believed."""
        self._trees = _function(data["trees"], len(NAMES))

    def log_odds(self, signals: Sequence[float]) -> float:
        """The log odds that a lane with these signals goes in circles."""
        return self._trees(*signals)


class Suspicion:
    """Follows the log odds of one lane, so that one odd step neither raises an alarm nor ends it.

    It belongs to the state of a lane, which is saved. So the model is given to each method that needs it.
    """

    __slots__ = ("_low", "_since_third", "_sum", "log_odds", "steps")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Starts anew, since a person said something new."""
        self.log_odds = float("-inf")
        self._sum = 0.0
        self._low = 0
        self._since_third = LATELY
        self.steps = 0
        """For how many steps and messages the lane has gone in circles; 0 while it does not."""

    def confirm(self, model: LoopModel) -> None:
        """Notes that other evidence raises an alarm. If the model agrees, it ends the alarm as it ends its own."""
        if not self.steps and self.log_odds >= model.agrees:
            self.steps = 1
            self._low = 0

    def take(self, model: LoopModel, log_odds: float, *, is_third: bool) -> None:
        """Takes the log odds after a further step or message. `is_third`: it says for the third time what came before.

        What was done twice is no loop yet, however much of it there is.
        """
        self._since_third = 0 if is_third else self._since_third + 1
        if self._since_third >= LATELY:
            log_odds = min(log_odds, model.rises)
        self.log_odds = log_odds
        change = max(-MOST_DOWN, min(MOST_UP, log_odds - model.rises))
        self._sum = max(0.0, min(model.alarm + MOST_DOWN, self._sum + change))
        self._low = self._low + 1 if log_odds < model.ends else 0
        if self.steps:
            self.steps = self.steps + 1 if self._low < LOW_STEPS else 0
            self._sum = self._sum if self.steps else 0.0
        elif self._sum >= model.alarm:
            self.steps = 1
            self._low = 0


@cache
def loop_model() -> LoopModel:
    """The model of the package."""
    return LoopModel(json.loads(Path(__file__).with_name("loop_model.json").read_bytes()))


def _function(trees: list[Any], count: int) -> Callable[..., float]:
    """The trees as expressions, which Python computes four times as fast as a loop over their nodes.

    They have `count` parameters, one for each signal, since Python reads those faster than the items of a list. Their
    text is made of numbers alone: each part of the file goes through `int` or `float`. Compiling all trees at once
    would take 15 MB of memory, which the system does not get back.
    """
    names = ",".join(f"s{place}" for place in range(count))
    texts = ["+".join(map(_text, trees[at : at + TOGETHER])) for at in range(0, len(trees), TOGETHER)]
    parts = tuple(eval(f"lambda {names}: {text}", {"__builtins__": {}}) for text in texts)  # noqa: S307 (see above)

    def log_odds(*signals: float) -> float:
        total = 0.0
        for part in parts:
            total += part(*signals)
        return total

    return log_odds


def _text(node: Any) -> str:
    """A node `[place, limit, low, high]` means `low` if the signal at that place is at most the limit, else `high`."""
    if not isinstance(node, list):
        return repr(float(node))
    place, limit, low, high = node  # pyright: ignore[reportUnknownVariableType]
    return f"({_text(low)} if s{int(place)} <= {float(limit)!r} else {_text(high)})"  # pyright: ignore[reportUnknownArgumentType]
