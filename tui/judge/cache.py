"""A context that grows without compaction until re-reading it is what a lane costs (finding `cache_heavy`)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from statistics import median

from tui.judge.detector import Raised
from tui.judge.limits import Limits
from tui.judge.past import Ledger
from tui.model.event import Compact, Event, Inherited, Spend
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.usage import Usage

Price = Callable[[str, Usage], float | None]
"""US dollars of a model's usage, None if unknown."""

FIRST, LAST = 10, 10
SKIPPED = 2
"""The first calls write the cache: they are no measure of a turn."""
KEYS_KEPT = 32
GRAVE = 3.0
GROWN = 1.5
"""The context must have grown by this much."""
WEIGHTS = (1.0, 0.1, 1.25, 5.0)
"""Input, cache read, cache write, output: a call in input tokens, where its model has no known price."""


class _Turn:
    __slots__ = ("at", "offset", "usage")

    def __init__(self, event: Spend) -> None:
        self.usage = event.usage
        self.at = event.at
        self.offset = event.offset


class CacheHeavy:
    """Each model call once, the last ten against ten at the start."""

    wants = (Spend, Compact)

    def __init__(self, limits: Limits, price: Price) -> None:
        self._limits = limits
        self._price = price
        self._model = ""
        self._known: dict[str, _Turn] = {}
        self._first: list[_Turn] = []
        self._last: deque[_Turn] = deque(maxlen=LAST)
        self._count = 0
        self._found = Ledger()

    def apply(self, event: Event, tokens: int) -> None:
        """See `Detector`."""
        del tokens
        if isinstance(event, Compact):
            self._found.end_all(event.at)
            self._first, self._count = [], 0
            self._last.clear()
        elif isinstance(event, Spend) and event.inherited not in (Inherited.YES, Inherited.GUESS_YES):
            self._spend(event)

    def raised(self) -> tuple[Raised, ...]:
        """See `Detector`."""
        return self._found.all

    def _spend(self, event: Spend) -> None:
        self._model = event.model or self._model
        known = self._known.get(event.key)
        if known is not None:
            known.usage = event.usage  # a later line of the same call corrects it
            return
        if len(self._known) >= KEYS_KEPT:
            self._known.pop(next(iter(self._known)))
        turn = self._known[event.key] = _Turn(event)
        self._count += 1
        if self._count > SKIPPED and len(self._first) < FIRST:
            self._first.append(turn)
        self._last.append(turn)
        if self._count >= self._limits.cache_turns:
            self._judge(event)

    def _judge(self, event: Spend) -> None:
        limits = self._limits
        then = median(self._cost(turn.usage) for turn in self._first)
        now = median(self._cost(turn.usage) for turn in self._last)
        reads = sum(self._cost(_reads(turn.usage)) for turn in self._last)
        whole = sum(self._cost(turn.usage) for turn in self._last)
        if then <= 0 or whole <= 0:
            return
        ratio, share = now / then, reads / whole
        grown = _context(self._last[-1].usage) >= GROWN * max(1, _context(self._first[0].usage))
        if ratio < limits.cache_cost_ratio * 0.8:
            self._found.end_all(event.at)
        if ratio < limits.cache_cost_ratio or share < limits.cache_share or not grown:
            return
        priced = self._price(self._model, event.usage) is not None
        figures = (
            f"${then:.3f} a turn at first, ${now:.3f} now"
            if priced
            else f"a turn costs {ratio:.1f} times the first ones"
        )
        first, last = self._first[0], self._last[-1]
        evidence = [
            Evidence(f"context {_context(first.usage):,} tokens", first.at, None, first.offset),
            Evidence(f"context {_context(last.usage):,} tokens, no compaction between", last.at, None, last.offset),
            Evidence(f"cache reads are {share:.0%} of the cost of the last {LAST} turns", event.at, None, event.offset),
        ]
        if not priced:
            evidence.append(
                Evidence("the model has no known price: weights of input 1, read 0.1, write 1.25, output 5")
            )
        grave = ratio >= GRAVE * limits.cache_cost_ratio
        self._found.put(
            Raised(
                FindingKind.CACHE_HEAVY, "", Severity.WARN if grave else Severity.INFO, event.at,
                f"re-reading its context is what it costs: {figures}", tuple(evidence), Verb.CLOSE,
            )
        )  # fmt: skip

    def _cost(self, usage: Usage) -> float:
        price = self._price(self._model, usage) if self._model else None
        if price is not None:
            return price
        parts = (usage.input, usage.cache_read, usage.cache_write, usage.output)
        return sum(weight * part for weight, part in zip(WEIGHTS, parts, strict=True))


def _reads(usage: Usage) -> Usage:
    return Usage(cache_read=usage.cache_read)


def _context(usage: Usage) -> int:
    return usage.input + usage.cache_read + usage.cache_write
