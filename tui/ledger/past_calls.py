"""The calls of a lane that has ended: times, models and tokens in columns, in a tenth of the memory of call records."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable

from tui.ledger.calls import CallRecord
from tui.model.frozen import frozen
from tui.model.usage import Usage

LoadCalls = Callable[[], "PastCalls"]


@frozen
class PastCalls:
    """The calls that a lane owns and pays for, in the order of its transcript; those without a time are left out."""

    at: array[float]
    """Seconds UTC."""
    model: array[int]
    """The place of each call's model in `models`."""
    models: tuple[str | None, ...]
    counts: array[int]
    """The fields of each call's `Usage`, one call after the other."""

    @classmethod
    def of(cls, calls: Iterable[CallRecord]) -> PastCalls:
        """Columns of these calls."""
        known: dict[str | None, int] = {}
        at, model, counts = array("d"), array("L"), array("Q")
        for call in calls:
            if call.at is None:
                continue
            usage = call.usage
            at.append(call.at)
            model.append(known.setdefault(call.model, len(known)))
            counts.extend((
                usage.input, usage.cache_read, usage.cache_write_5m, usage.cache_write_1h, usage.cache_write_other,
                usage.output, usage.reasoning,
            ))  # fmt: skip
        return cls(at, model, tuple(known), counts)

    def __len__(self) -> int:
        return len(self.at)

    def time_of(self, call: int) -> float:
        """The time of a call in seconds UTC."""
        return self.at[call]

    def model_of(self, call: int) -> str | None:
        """The model of a call."""
        return self.models[self.model[call]]

    def usage_of(self, call: int) -> Usage:
        """The tokens of a call."""
        return Usage(*self.counts[_FIELDS * call : _FIELDS * (call + 1)])


_FIELDS = 7
