"""A lane's tokens as its own transcript states them. This is enough for rates; the ledger has the exact account."""

from __future__ import annotations

from tui.model.event import UsageReported

KEYS_KEPT = 32


class Spent:
    """Counts each call once: a later line of the same call corrects the earlier one."""

    __slots__ = ("_calls", "total")

    def __init__(self) -> None:
        self._calls: dict[str, int] = {}
        self.total = 0

    def take(self, event: UsageReported) -> None:
        """Takes one line of usage."""
        tokens = event.usage.total
        known = self._calls.get(event.key)
        if known is None:
            if len(self._calls) >= KEYS_KEPT:
                self._calls.pop(next(iter(self._calls)))
            self._calls[event.key] = tokens
            self.total += tokens
        elif tokens > known:
            self._calls[event.key] = tokens
            self.total += tokens - known
