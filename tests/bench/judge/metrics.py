"""Precision, recall, F1, the best threshold, and the area under the curve."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

Row = tuple[float, bool]
"""A score, and whether it should be high."""


@dataclass(frozen=True)
class Scores:
    """Hits, false alarms, misses."""

    hits: int
    alarms: int
    misses: int

    def __add__(self, other: Scores) -> Scores:
        return Scores(self.hits + other.hits, self.alarms + other.alarms, self.misses + other.misses)

    @property
    def precision(self) -> float:
        return self.hits / (self.hits + self.alarms) if self.hits else 0.0

    @property
    def recall(self) -> float:
        return self.hits / (self.hits + self.misses) if self.hits else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.hits / (2 * self.hits + self.alarms + self.misses) if self.hits else 0.0


def scores_at(rows: Sequence[Row], threshold: float) -> Scores:
    """What is flagged at or above the threshold."""
    hits = sum(label and score >= threshold for score, label in rows)
    alarms = sum(not label and score >= threshold for score, label in rows)
    return Scores(hits, alarms, sum(label for _, label in rows) - hits)


def best_threshold(rows: Sequence[Row]) -> float:
    """The threshold of the best F1, the highest of several."""
    positives = sum(label for _, label in rows)
    best, threshold, hits, flagged = -1.0, 0.0, 0, 0
    ordered = sorted(rows, reverse=True)
    for place, (score, label) in enumerate(ordered):
        hits += label
        flagged += 1
        if place + 1 < len(ordered) and ordered[place + 1][0] == score:
            continue
        f1 = 2 * hits / (flagged + positives)
        if f1 > best:
            best, threshold = f1, score
    return threshold


def auc(rows: Sequence[Row]) -> float:
    """The chance that a positive scores above a negative; ties count half."""
    low = sorted(score for score, label in rows if not label)
    high = [score for score, label in rows if label]
    if not low or not high:
        return 0.5
    wins = sum((bisect_left(low, score) + bisect_right(low, score)) / 2 for score in high)
    return wins / len(low) / len(high)
