"""Reads usage for several questions at once from one state of the index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from tui.history.sync import current
from tui.history.usage import Asked, Prices, Used, used
from tui.history.wanted import Wanted

ReadUsage = Callable[[Sequence[Asked]], list[list[Used]]]
"""Returns the rows of each question. May take long."""


def no_usage(asked: Sequence[Asked]) -> list[list[Used]]:
    """The rows of each question where no transcripts are read: none."""
    return [[] for _ in asked]


class UsageReading:
    """What is counted, and where the index is kept."""

    def __init__(
        self, wanted: Callable[[], Wanted], folder: Path | None, prices: Prices, offset: Callable[[float], int]
    ) -> None:
        """`wanted` returns the transcripts as they are now. Without a `folder` the index is not kept.

        `offset` returns how many seconds local time is ahead of UTC at a time in seconds UTC.
        """
        self._wanted = wanted
        self._folder = folder
        self._prices = prices
        self._offset = offset

    def read(self, asked: Sequence[Asked]) -> list[list[Used]]:
        """The rows of each question, after the index was brought to what is on the disk."""
        wanted = self._wanted()
        with ExitStack() as stack:
            sql = current(stack, wanted, self._folder)
            return [used(sql, one, self._offset, self._prices, wanted.thresholds) for one in asked]
