"""Decides which transcripts are judged while they are read, and which later. A `LiveFleet` is given one `Deferral`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from tui.model.frozen import frozen
from tui.sources.discover import Found
from tui.sources.last_time import last_time


class Deferral(Protocol):
    """Chooses, among new transcripts, those that are judged later. It is asked before any of them is read."""

    judges_all: ClassVar[bool]
    """Whether all lanes are judged before anything is shown."""

    def deferred(self, found: Sequence[Found]) -> list[str]:
        """The paths whose lanes are counted now and judged later, in the order of `found`."""
        ...


@frozen
class NothingDeferred:
    """All lanes are judged while they are read."""

    judges_all: ClassVar[bool] = True

    def deferred(self, found: Sequence[Found]) -> list[str]:
        """See `Deferral`."""
        del found
        return []


ALL_AT_ONCE = NothingDeferred()


@frozen
class EndedDeferred:
    """Lanes without a recent event are judged later, unless all their transcripts together are small.

    Either all of these lanes are judged later or none, since the judge compares their actions with each other. Only the
    total size decides, not the order or the age of the files: so a copy of a folder is judged in the same way.
    """

    judges_all: ClassVar[bool] = False

    since: float
    """Seconds UTC: a lane with a later event is recent."""
    whole_bytes: int
    """Ended lanes are judged while they are read if all their transcripts together have at most this size."""

    def deferred(self, found: Sequence[Found]) -> list[str]:
        """See `Deferral`. Looks into the last bytes of files that changed lately. Touches the disk."""
        ended = [file for file in found if not self._is_recent(file)]
        if sum(file.size for file in ended) <= self.whole_bytes:
            return []
        return [file.path for file in ended]

    def _is_recent(self, file: Found) -> bool:
        """Whether the file changed lately.

        A file whose last event is old does not count, because it was only copied.
        """
        if file.mtime < self.since:
            return False
        last = last_time(file.path)
        return last is None or last >= self.since


@frozen
class LargeDeferred:
    """All lanes are judged later if their transcripts together are large: then worker processes judge them."""

    judges_all: ClassVar[bool] = True

    least_bytes: int

    def deferred(self, found: Sequence[Found]) -> list[str]:
        """See `Deferral`."""
        size = sum(file.size for file in found)
        return [file.path for file in found] if size >= self.least_bytes else []
