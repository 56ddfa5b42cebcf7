"""Reads usage for several questions at once from one state of the index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from tui.history.sync import Coverage, current, so_far
from tui.history.usage import Asked, Prices, Used, used
from tui.history.wanted import Wanted

ReadUsage = Callable[[Sequence[Asked]], list[list[Used]]]
"""Returns the rows of each question. May take long."""
ReadSoFar = Callable[[Sequence[Asked]], tuple[list[list[Used]], Coverage]]
"""Returns the rows of each question, and how much of the transcripts they count."""


class NotReadYet(Exception):
    """What is asked for is not known before more of the transcripts were read."""


def no_usage(asked: Sequence[Asked]) -> list[list[Used]]:
    """The rows of each question where no transcripts are read: none."""
    return [[] for _ in asked]


def nothing_read(asked: Sequence[Asked]) -> tuple[list[list[Used]], Coverage]:
    """As `no_usage`."""
    return no_usage(asked), Coverage()


class UsageReading:
    """What is counted, and where the index is kept."""

    def __init__(
        self, wanted: Callable[[], Wanted], folder: Path | None, prices: Prices, offset: Callable[[float], int]
    ) -> None:
        """`wanted` returns the transcripts as they are now. Without a `folder` the index is not kept.

        `offset` returns how many seconds local time is ahead of UTC at a time in seconds UTC.
        """
        self.wanted = wanted
        self.folder = folder
        self._prices = prices
        self._offset = offset

    def read(self, asked: Sequence[Asked]) -> list[list[Used]]:
        """The rows of each question, after the index was brought to what is on the disk."""
        wanted = self.wanted()
        with ExitStack() as stack:
            sql = current(stack, wanted, self.folder)
            return [used(sql, one, self._offset, self._prices, wanted.thresholds) for one in asked]

    def read_so_far(self, asked: Sequence[Asked], least: int) -> tuple[list[list[Used]], Coverage]:
        """The rows of each question, as far as the index is filled, and how far it is.

        Of the transcripts that it does not have, the newest are read, up to `least` bytes.

        Raises:
            NotUsable, sqlite3.Error, ValueError, TypeError: the index cannot be used now.
        """
        if self.folder is None:
            return self.read(asked), Coverage()
        wanted = self.wanted()
        with ExitStack() as stack:
            sql, coverage = so_far(stack, wanted, self.folder, least)
            return [used(sql, one, self._offset, self._prices, wanted.thresholds) for one in asked], coverage
