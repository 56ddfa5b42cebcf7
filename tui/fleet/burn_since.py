"""Since when burn has been over its budget: decided by what was spent and when, however often somebody asked."""

from __future__ import annotations

from collections.abc import Sequence

from tui.judge.burn import Burnt, over
from tui.ledger.burn import BUCKET_S, WINDOWS_S, BurnMeter

_MINUTE, _FIVE, _HOUR = (window // BUCKET_S for window in WINDOWS_S)


class BurnSince:
    """Remembers how far it has looked back, since a budget may be passed for days."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[int, int, int]] = {}
        """By finding: corrections of the meters, the bucket that was looked at, and the bucket since which."""

    def forget(self, key: tuple[str, str]) -> None:
        """The budget is kept."""
        self._known.pop(key, None)

    def since(self, key: tuple[str, str], meters: Sequence[BurnMeter], budget: int, now: float) -> float:
        """When the stretch began (seconds UTC, the start of a bucket) in which the meters together are over the budget.

        They are over it at `now`. Each of the meters keeps its whole life (`BurnMeter.keep_whole`).
        """
        last = int(now // BUCKET_S)
        corrections = sum(meter.corrections for meter in meters) + len(meters)
        known = self._known.get(key)
        reached = known[1] if known is not None and known[0] == corrections and known[1] <= last else None
        first = _first_over(meters, budget, last, reached)
        if known is not None and reached is not None and first <= reached:
            first = known[2]
        self._known[key] = (corrections, last, first)
        return float(first * BUCKET_S)


def _first_over(meters: Sequence[BurnMeter], budget: int, last: int, reached: int | None) -> int:
    """The first bucket of the stretch over the budget that ends at `last`; it looks no further back than `reached`."""
    wholes = [meter.whole or {} for meter in meters]
    oldest = min((min(whole) for whole in wholes if whole), default=last) if reached is None else reached

    def spent(bucket: int) -> int:
        return sum(whole.get(bucket, 0) for whole in wholes)

    minute, five, hour = (sum(spent(last - age) for age in range(window)) for window in (_MINUTE, _FIVE, _HOUR))
    bucket = last
    while bucket > oldest:
        now = spent(bucket)
        minute += spent(bucket - _MINUTE) - now
        five += spent(bucket - _FIVE) - now
        hour += spent(bucket - _HOUR) - now
        if over(Burnt(max(0, minute), max(0, five), max(0, hour)), budget) is None:
            break
        bucket -= 1
    return bucket
