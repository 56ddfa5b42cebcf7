"""Tokens over time in small buckets. A correction goes into the bucket of the call that it corrects."""

from __future__ import annotations

from functools import cache

from tui.model.frozen import frozen
from tui.model.snapshot import Burn

BUCKET_S = 5
"""Resolution of every rate, in seconds: a one-minute window is exact to one part in twelve."""

KEEP_S = 3600
"""The longest window, in seconds."""

WINDOWS_S = (60, 300, 3600)
"""Windows in seconds: 1, 5 and 60 minutes."""

_MINUTE, _FIVE, _HOUR = (window // BUCKET_S for window in WINDOWS_S)
"""Windows in buckets."""


@frozen
class SavedMeter:
    """The state of a `BurnMeter`, whose buckets are pairs of a number and its tokens."""

    newest: float
    buckets: list[tuple[int, int]]
    whole: list[tuple[int, int]] | None
    corrections: int


class BurnMeter:
    """Counts tokens per bucket of `BUCKET_S` seconds for the newest `KEEP_S` seconds of one lane."""

    __slots__ = ("_buckets", "corrections", "newest", "whole")

    def __init__(self) -> None:
        self._buckets: dict[int, int] = {}
        self.newest: float = float("-inf")
        self.whole: dict[int, int] | None = None
        """Tokens of the lane's whole life by bucket; None unless `keep_whole` was called."""
        self.corrections = 0
        """Grows with each change of a bucket before the newest one."""

    def keep_whole(self) -> None:
        """Keeps every bucket in `whole` from now on. Call it on a new meter."""
        self.whole = {}

    def add(self, at: float | None, tokens: int) -> None:
        """Adds tokens (negative for a correction) at `at` seconds UTC. Without a time they do not count as burn."""
        if at is None or tokens == 0:
            return
        bucket = int(at // BUCKET_S)
        if self.whole is not None:
            self.whole[bucket] = self.whole.get(bucket, 0) + tokens
            if at < self.newest:
                self.corrections += bucket != int(self.newest // BUCKET_S)
        if at < self.newest - KEEP_S - BUCKET_S:
            return
        if at > self.newest:
            self.newest = at
            if bucket not in self._buckets:
                self._drop_before(bucket - KEEP_S // BUCKET_S - 1)
        self._buckets[bucket] = self._buckets.get(bucket, 0) + tokens

    @property
    def saved(self) -> SavedMeter:
        """The whole state, for `restored`."""
        whole = None if self.whole is None else list(self.whole.items())
        return SavedMeter(self.newest, list(self._buckets.items()), whole, self.corrections)

    @classmethod
    def restored(cls, saved: SavedMeter) -> BurnMeter:
        """The meter whose state was saved."""
        made = cls()
        made.newest, made._buckets, made.corrections = saved.newest, dict(saved.buckets), saved.corrections
        made.whole = None if saved.whole is None else dict(saved.whole)
        return made

    def add_meter(self, other: BurnMeter) -> None:
        """Adds what another meter counted, except to `whole`."""
        for bucket, tokens in other._buckets.items():
            self._buckets[bucket] = self._buckets.get(bucket, 0) + tokens
        self.newest = max(self.newest, other.newest)
        self._drop_before(int(self.newest // BUCKET_S) - KEEP_S // BUCKET_S - 1 if self._buckets else 0)

    def add_to_whole(self, at: float, tokens: int) -> None:
        """Adds tokens at `at` (seconds UTC) to `whole` alone."""
        if self.whole is not None:
            bucket = int(at // BUCKET_S)
            self.whole[bucket] = self.whole.get(bucket, 0) + tokens

    def windows(self, now: float) -> tuple[Burn, ...]:
        """Burn over each of `WINDOWS_S`, ending at `now`."""
        if self.newest <= now - KEEP_S:
            return NO_BURN
        counts = tokens_within(self._buckets, int(now // BUCKET_S))
        return tuple(Burn(window, max(0, tokens)) for window, tokens in zip(WINDOWS_S, counts, strict=True))

    def spark(self, now: float, cells: int, step_s: int) -> tuple[int, ...]:
        """Tokens in each of the last `cells` intervals of `step_s` seconds, oldest first, ending at `now`."""
        if self.newest <= now - cells * step_s:
            return _nothing(cells)
        values = [0] * cells
        last = int(now // step_s)
        for bucket, tokens in self._buckets.items():
            age = last - (bucket * BUCKET_S) // step_s
            if 0 <= age < cells:
                values[cells - 1 - age] += tokens
        return tuple(max(0, value) for value in values)

    def _drop_before(self, oldest: int) -> None:
        if len(self._buckets) <= KEEP_S // BUCKET_S:
            return
        for bucket in [b for b in self._buckets if b < oldest]:
            del self._buckets[bucket]


NO_BURN = tuple(Burn(window, 0) for window in WINDOWS_S)


@cache
def _nothing(cells: int) -> tuple[int, ...]:
    return (0,) * cells


def tokens_within(buckets: dict[int, int], last: int) -> tuple[int, int, int]:
    """Tokens within each of `WINDOWS_S`, in the buckets up to `last`."""
    minute = five = hour = 0
    recent = (
        buckets.items()
        if len(buckets) <= 2 * _HOUR
        else ((bucket, buckets[bucket]) for bucket in range(last - _HOUR + 1, last + 1) if bucket in buckets)
    )
    for bucket, tokens in recent:
        age = last - bucket
        if age < 0 or age >= _HOUR:
            continue
        if age < _MINUTE:
            minute += tokens
        elif age < _FIVE:
            five += tokens
        else:
            hour += tokens
    return minute, minute + five, minute + five + hour


def add_burns(burns: list[tuple[Burn, ...]]) -> tuple[Burn, ...]:
    """The sum of several lanes' windows."""
    return tuple(Burn(window, sum(burn[i].tokens for burn in burns if burn)) for i, window in enumerate(WINDOWS_S))
