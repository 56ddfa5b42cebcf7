"""A conversation so long that reading it again is most of the cost of a model call (finding `cache_heavy`)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tui.judge.detector import Raised
from tui.judge.findings.base import FindingSpec
from tui.judge.limits import Limits, Unit, limit
from tui.judge.raised_findings import RaisedFindings
from tui.model.event import Compact, Event, Inherited, UsageReported
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen
from tui.model.usage import Usage
from tui.text.styled_text import own


@frozen
class CacheLimits:
    """The limits above which a long conversation counts as too expensive."""

    cache_cost_ratio: float = limit(
        3.0, Unit.RATIO, "From this many times the cost of the first turns on, the last turns are expensive."
    )
    cache_share: float = limit(
        0.8, Unit.SHARE, "From this share of the cost of the last turns on, cache reads are most of it."
    )
    cache_turns: int = limit(40, Unit.COUNT, "From this many turns on, the cost of cache reads is judged.")


CACHE_HEAVY = FindingSpec(
    kind=FindingKind.declare("cache_heavy"),
    place=130,
    words=own("cache heavy"),
    doc="A model call costs several times as much as at the start, mostly for reading the conversation again.",
    progress="the same work in a fresh conversation",
    to_do="let it write a summary and end, and continue from the summary in a new conversation",
    severities=(Severity.INFO, Severity.WARN),
    suggest=Verb.CLOSE,
    limits=CacheLimits,
    detector=lambda setup: CacheHeavy(setup.limits, setup.prices.cost),
)
FINDINGS = (CACHE_HEAVY,)

SKIPPED = 2
"""Number of first calls that are ignored, because they write the agent's own prompt to the cache."""
COMPARED = 10
"""Number of calls at the start, and of the newest calls, whose median is compared."""
CLEAR_SHARE = 0.75
"""The finding ends below this share of the limit, so that it does not appear and disappear repeatedly."""
VERY = 3
"""From this multiple of the limit on, the severity is warn."""
READ, WRITE, OUTPUT = 0.1, 1.25, 5.0
"""The cost of a token of each class in tokens of uncached input, used if no price is known."""

_COPIED = (Inherited.YES, Inherited.GUESS_YES)

Price = Callable[[str, Usage], float | None]


@dataclass(slots=True)
class _Paid:
    key: str
    model: str | None
    usage: Usage
    at: float | None
    offset: int
    priced: tuple[str, float | None, float | None] | None = None
    """The model of the last pricing, the cost of the whole call and of its cache reads. Computed again with each
    later call."""


@frozen
class _Measured:
    """The medians of a call's cost at the start and now, in dollars or in input tokens."""

    start: float
    now: float
    share: float
    is_dollars: bool

    @property
    def ratio(self) -> float:
        return self.now / self.start if self.start else 0.0


class CacheHeavy:
    """Compares the newest model calls with those at the start, or after the newest compaction.

    Both are priced as calls of the model that the lane uses now, so a change of model does not count as growth.
    """

    wants = (UsageReported, Compact)

    def __init__(self, limits: Limits, price: Price) -> None:
        self._limits = limits.of(CacheLimits)
        self._price = price
        self._calls = 0
        self._start: list[_Paid] = []
        self._last: deque[_Paid] = deque(maxlen=COMPARED)
        self._known: dict[str, _Paid] = {}
        """The calls at the start and now, by key."""
        self._start_costs: tuple[str | None, list[float] | None] | None = None
        self._found = RaisedFindings()

    def apply(self, event: Event, tokens: int) -> None:
        """See `Detector`."""
        del tokens
        if isinstance(event, Compact):
            self._compacted(event)
        elif isinstance(event, UsageReported) and event.inherited not in _COPIED:
            self._spend(event)

    def raised(self) -> tuple[Raised, ...]:
        """See `Detector`."""
        return self._found.all

    def _compacted(self, event: Compact) -> None:
        self._found.end_all(event.at)
        self._calls = 0
        self._start.clear()
        self._last.clear()
        self._known.clear()
        self._start_costs = None

    def _spend(self, event: UsageReported) -> None:
        known = self._known.get(event.key)
        if known is None:
            self._take(_Paid(event.key, event.model, event.usage, event.at, event.offset))
        elif event.usage.total >= known.usage.total:
            known.usage, known.priced = event.usage, None
            self._start_costs = None
        else:
            return
        if self._calls >= max(self._limits.cache_turns, SKIPPED + 2 * COMPARED):
            self._judge(event)

    def _take(self, paid: _Paid) -> None:
        self._calls += 1
        oldest = self._calls - COMPARED
        if oldest > SKIPPED + COMPARED or 0 < oldest <= SKIPPED:
            del self._known[self._last[0].key]
        self._known[paid.key] = paid
        self._last.append(paid)
        if SKIPPED < self._calls <= SKIPPED + COMPARED:
            self._start.append(paid)

    def _judge(self, event: UsageReported) -> None:
        measured = self._measure()
        limit = self._limits.cache_cost_ratio
        if measured.ratio < limit * CLEAR_SHARE:
            self._found.end_all(event.at)
            return
        if measured.ratio < limit or measured.share < self._limits.cache_share:
            return
        severity = Severity.WARN if measured.ratio > VERY * limit else Severity.INFO
        self._found.put(
            CACHE_HEAVY.raised(
                "",
                severity,
                event.at,
                _title(measured),
                self._evidence(measured),
            )
        )

    def _measure(self) -> _Measured:
        model = self._last[-1].model
        start, now = self._priced_start(model), self._prices(self._last, model)
        if start is not None and now is not None:
            return _measured(start, [whole for whole, _ in now], [reads for _, reads in now], is_dollars=True)
        return _measured(
            [_as_input(one.usage) for one in self._start],
            [_as_input(one.usage) for one in self._last],
            [READ * one.usage.cache_read for one in self._last],
            is_dollars=False,
        )

    def _priced_start(self, model: str | None) -> list[float] | None:
        if self._start_costs is None or self._start_costs[0] != model:
            prices = self._prices(self._start, model)
            self._start_costs = (model, [whole for whole, _ in prices] if prices is not None else None)
        return self._start_costs[1]

    def _prices(self, calls: Iterable[_Paid], model: str | None) -> list[tuple[float, float]] | None:
        """US dollars of each call and of its cache reads, priced as `model`; None if a price is unknown."""
        if not model:
            return None
        costs: list[tuple[float, float]] = []
        for call in calls:
            if call.priced is None or call.priced[0] != model:
                reads = Usage(cache_read=call.usage.cache_read)
                call.priced = (model, self._price(model, call.usage), self._price(model, reads))
            _, whole, reads_alone = call.priced
            if whole is None or reads_alone is None:
                return None
            costs.append((whole, reads_alone))
        return costs

    def _evidence(self, measured: _Measured) -> tuple[Evidence, ...]:
        first, now = self._start[0], self._last[-1]
        pieces = [
            Evidence(f"requests 3 to 12: {_said(measured.start, self._start, measured)}", first.at, None, first.offset),
            Evidence(f"last 10 requests: {_said(measured.now, self._last, measured)}", now.at, None, now.offset),
        ]  # fmt: skip
        if not measured.is_dollars:
            why = f"no price is known for {now.model or 'the model'}: counted as tokens of uncached input"
            pieces.append(Evidence(f"{why} (cache read {READ}, cache write {WRITE}, output {OUTPUT:g})"))
        return tuple(pieces)


def _median(values: Iterable[float]) -> float:
    """The middle value, or the mean of the two in the middle. `statistics` is slow to import and slow."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _measured(start: list[float], now: list[float], reads: list[float], *, is_dollars: bool) -> _Measured:
    whole = sum(now)
    return _Measured(_median(start), _median(now), sum(reads) / whole if whole else 0.0, is_dollars)


def _as_input(usage: Usage) -> float:
    return usage.input + READ * usage.cache_read + WRITE * usage.cache_write + OUTPUT * usage.output


def _title(measured: _Measured) -> str:
    return (
        f"each request to the model costs {measured.ratio:.1f} times as much as at the start; "
        f"{measured.share:.0%} of this pays for reading the long conversation again"
    )


def _said(cost: float, calls: Iterable[_Paid], measured: _Measured) -> str:
    each = f"${cost:.3f}" if measured.is_dollars else f"as much as {cost:,.0f} input tokens"
    read = _median(one.usage.cache_read for one in calls)
    return f"a middle one cost {each}, and read {read:,.0f} tokens of the conversation from the cache"
