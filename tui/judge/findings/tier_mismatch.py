"""An expensive model for simple work: most of its cost is reads, searches and listings (finding `tier_mismatch`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from tui.agents.registry import MODELS as KNOWN_MODELS
from tui.judge.detector import Raised
from tui.judge.findings.base import FindingSpec, Prices
from tui.judge.limits import Limits, Unit, limit
from tui.judge.model_calls import ModelCalls, Paid
from tui.judge.raised_findings import RaisedFindings
from tui.judge.simple_calls import is_simple
from tui.model.event import AssistantText, Call, Edit, Event, Prompt, Reasoning, ToolKind, UsageReported
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen
from tui.model.usage import Usage
from tui.text.styled_text import own


@frozen
class TierLimits:
    """The limits above which a model is too expensive for its work."""

    tier_simple_share: float = limit(
        0.7, Unit.SHARE, "From this share of fresh tokens in simple steps on, an expensive model is too expensive."
    )
    tier_tokens: int = limit(200_000, Unit.TOKENS, "From this many fresh tokens on, the choice of the model is judged.")


TIER_MISMATCH = FindingSpec(
    kind=FindingKind.declare("tier_mismatch"),
    place=140,
    words=own("costly model"),
    doc="An expensive model does plain reads and searches that a cheaper one could do.",
    progress="the same reads by the cheaper model",
    to_do="switch it to the cheaper model, or let it give the reading to a subagent with that model",
    severities=(Severity.INFO,),
    suggest=Verb.REDIRECT,
    limits=TierLimits,
    detector=lambda setup: TierMismatch(setup.limits, setup.prices.cost, partial(_next_tier, setup.prices)),
)
FINDINGS = (TIER_MISMATCH,)

MODELS = 8
"""Maximum number of models of one lane that are counted separately."""
EDIT_SHARE = 0.05
"""A lane with a larger share of edits among its calls counts as writing, however much it reads."""
CLEAR_SHARE = 0.9
SIMPLE_OUTPUT = 600
"""A model call that writes more tokens than this counts as thinking about what it reads."""
SHOWN = 3
"""Number of simple model calls that are shown as evidence, the largest ones."""
SUMMARY = 120
PROMPT = 1000
"""Number of characters at the beginning of a prompt that decide what it asks for."""

_SIMPLE, _OTHER = 1, 2
_NEUTRAL = frozenset((ToolKind.PLAN,))

_NOT_PLAIN = re.compile(
    r"(?i)\b(?:review|audit|assess|evaluate|judge|critique|investigat\w*|diagnos\w*|debug\w*|root cause|why|"
    r"analy[sz]\w*|security|vulnerabilit\w*|design|architect\w*|plan|decide|propose|recommend|compare|trade-?offs?|prove|"
    r"implement|fix|mend|repair|refactor|rewrite|migrate)\b"
)

Price = Callable[[str, Usage], float | None]


@dataclass(slots=True)
class _Spent:
    """The fresh tokens of one model. The dollars are those of simple model calls; None once one has no known price."""

    next_model: str | None
    whole: int = 0
    simple: int = 0
    read: int = 0
    """The cache reads of simple model calls."""
    cost: float | None = 0.0
    next_cost: float | None = 0.0
    largest: list[tuple[int, str, float | None, int]] = field(default_factory=list[tuple[int, str, float | None, int]])


class TierMismatch:
    """Counts, for each model of the lane, the fresh tokens of model calls that only read.

    Raises nothing if a prompt asks for judgement or changes: a review reads as much as an inventory but needs a strong
    model, and a task with many changes begins with much reading.
    """

    wants = (Call, Edit, Prompt, AssistantText, UsageReported, Reasoning)

    def __init__(self, limits: Limits, price: Price, next_tier: Callable[[str], str | None]) -> None:
        self._limits = limits.of(TierLimits)
        self._price = price
        self._next_tier = next_tier
        self._models: dict[str, _Spent] = {}
        self._joined = ModelCalls()
        self._calls = 0
        self._edit_calls = 0
        self._edits = 0
        self._is_no_plain_work = False
        self._found = RaisedFindings()

    def apply(self, event: Event, tokens: int) -> None:
        """See `Detector`."""
        del tokens
        if isinstance(event, Call):
            self._call(event)
        elif isinstance(event, UsageReported):
            for paid in self._joined.spend(event):
                self._paid(paid)
        elif isinstance(event, AssistantText | Reasoning):
            self._joined.note(size=len(event.text))
        elif isinstance(event, Edit):
            self._edits += event.by_lane
        elif isinstance(event, Prompt) and _NOT_PLAIN.search(event.text[:PROMPT]):
            self._is_no_plain_work = True
            self._found.end_all(event.at)

    def raised(self) -> tuple[Raised, ...]:
        """See `Detector`."""
        return self._found.all

    def _call(self, event: Call) -> None:
        self._calls += 1
        self._edit_calls += event.tool_kind is ToolKind.EDIT
        if event.tool_kind in _NEUTRAL or event.continues is not None:
            self._joined.note()
        elif is_simple(event):
            self._joined.note(_SIMPLE, f"{event.tool} {event.summary[:SUMMARY]}".rstrip())
        else:
            self._joined.note(_OTHER)

    def _paid(self, paid: Paid) -> None:
        model = paid.model
        if not model:
            return
        spent = self._models.get(model)
        if spent is None:
            if len(self._models) >= MODELS:
                return
            spent = self._models[model] = _Spent(self._next_tier(model))
        if spent.next_model is None:
            return
        spent.whole += paid.usage.fresh
        if paid.marks == _SIMPLE and paid.written <= SIMPLE_OUTPUT:
            self._simple(model, spent, paid)
        if not self._is_no_plain_work:
            self._judge(model, spent, paid)

    def _simple(self, model: str, spent: _Spent, paid: Paid) -> None:
        spent.simple += paid.usage.fresh
        spent.read += paid.usage.cache_read
        spent.cost = _plus(spent.cost, self._price(model, paid.usage))
        spent.next_cost = _plus(spent.next_cost, self._price(spent.next_model or "", paid.usage))
        if paid.text:
            said = f"{paid.usage.fresh:,} tokens without cache reads: {paid.text}"
            spent.largest.append((paid.usage.fresh, said, paid.at, paid.offset))
            spent.largest.sort(key=lambda one: (-one[0], one[3]))
            del spent.largest[SHOWN:]

    def _judge(self, model: str, spent: _Spent, paid: Paid) -> None:
        if spent.whole < self._limits.tier_tokens or spent.whole <= 0:
            return
        share = spent.simple / spent.whole
        edits = max(self._edits, self._edit_calls)
        writes = edits >= EDIT_SHARE * self._calls
        if writes or share < CLEAR_SHARE * self._limits.tier_simple_share:
            self._found.end(model, paid.at)
            return
        cost, less = spent.cost, spent.next_cost
        if share < self._limits.tier_simple_share or cost is None or less is None or less >= cost:
            return
        whole = Evidence(
            f"the requests that only read, search or list: {spent.simple:,} tokens without cache reads (all requests: "
            f"{spent.whole:,}), and {spent.read:,} cache reads; together ${cost:.2f} at the prices of {model}, "
            f"${less:.2f} at those of {spent.next_model}", paid.at, None, paid.offset,
        )  # fmt: skip
        made = Evidence(f"{edits} edits in {self._calls} tool calls", paid.at, None, paid.offset)
        shown = (Evidence(text, at, None, offset) for _, text, at, offset in spent.largest)
        self._found.put(
            TIER_MISMATCH.raised(
                model, Severity.INFO, paid.at,
                f"the expensive model {model} is used {'only' if share >= 1 else 'mostly'} for plain reads and "
                f"searches, which cost ${cost:.2f} so far; with {spent.next_model} they would cost ${less:.2f}",
                (whole, made, *shown),
            )
        )  # fmt: skip


def _next_tier(prices: Prices, model: str) -> str | None:
    return cheaper_sibling(model, prices.models())


def _plus(total: float | None, cost: float | None) -> float | None:
    return None if total is None or cost is None else total + cost


def cheaper_sibling(model: str, known: Iterable[str]) -> str | None:
    """The model of the next cheaper tier: see `Models.cheaper`.

    Args:
        model: as a transcript names it, with or without a provider before it and a date after it.
        known: the models that have a price. Only one of these is returned; None if there is none.
    """
    name = model.strip().lower()
    names = tuple(known)
    return next((found for models in KNOWN_MODELS if (found := models.cheaper(name, names)) is not None), None)
