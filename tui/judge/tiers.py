"""A dear model that does simple steps: reads, searches, listings (finding `tier_mismatch`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from tui.judge.cache import Price
from tui.judge.detector import Raised
from tui.judge.limits import Limits
from tui.judge.past import Ledger
from tui.model.event import Call, Event, Inherited, Say, Spend, Think, ToolKind
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.usage import ZERO, Usage

KEYS_KEPT = 32
SHORT_SAY = 400
"""Characters of text beside the calls of a simple step at most."""
SHORT_OUTPUT = 600
"""Output tokens of a simple step at most."""
EDITS = 0.05
SHOWN = 6
_SIMPLE = re.compile(
    r"^\s*(?:cd\s+\S+\s*&&\s*)?(?:ls|cat|head|tail|wc|find|grep|rg|ag|fd|tree|pwd|stat|file|which|echo|du|sed\s+-n|"
    r"git\s+(?:status|log|diff|show|branch|blame|ls-files)|gh\s+\w+\s+(?:view|list))\b(?![^|]*(?:>|-delete|-exec\s+rm))"
)
_READING = (ToolKind.READ, ToolKind.SEARCH, ToolKind.WEB)
_VERSION = re.compile(r"\d+(?:[.-]\d+)*")


def cheaper_sibling(model: str, known: Iterable[str]) -> str | None:
    """The next tier below a model among the known ones; None if there is none or nobody knows.

    `claude-opus-4-6` gives the newest `claude-sonnet-…`, `gpt-5.3-codex` its `mini`.
    """
    names = sorted(known, key=_newest)
    if "opus" in model:
        return next((name for name in reversed(names) if "sonnet" in name and "fast" not in name), None)
    if "sonnet" in model:
        return next((name for name in reversed(names) if "haiku" in name), None)
    if model.startswith("gpt-") and not re.search(r"mini|nano", model):
        small = [name for name in names if name.startswith("gpt-") and "mini" in name]
        near = [name for name in small if ("codex" in name) == ("codex" in model)]
        return (near or small or [None])[-1]
    return None


def _newest(name: str) -> tuple[tuple[int, ...], str]:
    match = _VERSION.search(name)
    numbers = tuple(int(part) for part in re.split(r"[.-]", match.group()) if len(part) < 4) if match else ()
    return numbers, name


class TierMismatch:
    """Weighs each model call by what it did: only what all its calls say counts as simple."""

    wants = (Spend, Call, Say, Think)

    def __init__(self, limits: Limits, price: Price, next_tier: Callable[[str], str | None]) -> None:
        self._limits = limits
        self._price = price
        self._next_tier = next_tier
        self._seen: dict[str, None] = {}
        self._step_simple = True
        self._step_calls = 0
        self._examples: list[Evidence] = []
        self._simple: Usage = ZERO
        self._work_simple = 0
        self._work = 0
        self._calls = 0
        self._edits = 0
        self._model = ""
        self._found = Ledger()

    def apply(self, event: Event, tokens: int) -> None:
        """See `Detector`."""
        del tokens
        if isinstance(event, Call):
            self._call(event)
        elif isinstance(event, Say | Think):
            self._step_simple = self._step_simple and len(event.text) <= SHORT_SAY
        elif isinstance(event, Spend) and event.inherited not in (Inherited.YES, Inherited.GUESS_YES):
            self._spend(event)

    def raised(self) -> tuple[Raised, ...]:
        """See `Detector`."""
        return self._found.all

    def _call(self, event: Call) -> None:
        self._step_calls += 1
        self._calls += 1
        self._edits += event.tool_kind is ToolKind.EDIT
        simple = event.tool_kind in _READING or (
            event.tool_kind is ToolKind.SHELL and _SIMPLE.match(event.summary[:300]) is not None
        )
        self._step_simple = self._step_simple and simple
        if simple and len(self._examples) < SHOWN:
            self._examples.append(Evidence(f"{event.tool} {event.summary[:100]}", event.at, None, event.offset))

    def _spend(self, event: Spend) -> None:
        # The lines of one call repeat its usage, before and after what it asked for: the newest one has it all.
        if event.key in self._seen:
            return
        if len(self._seen) >= KEYS_KEPT:
            self._seen.pop(next(iter(self._seen)))
        self._seen[event.key] = None
        self._model = event.model or self._model
        work = event.usage.fresh
        self._work += work
        if self._step_calls and self._step_simple and event.usage.output <= SHORT_OUTPUT:
            self._work_simple += work
            self._simple += event.usage
        self._step_simple, self._step_calls = True, 0
        self._judge(event)

    def _judge(self, event: Spend) -> None:
        limits = self._limits
        if self._work < limits.tier_tokens or not self._model:
            return
        share = self._work_simple / self._work
        if share < limits.tier_simple_share * 0.9 or self._edits > EDITS * self._calls:
            self._found.end_all(event.at)
            return
        if share < limits.tier_simple_share:
            return
        tier = self._next_tier(self._model)
        dear = self._price(self._model, self._simple)
        cheap = self._price(tier, self._simple) if tier else None
        if tier is None or dear is None or cheap is None or cheap >= dear:
            return
        title = f"{share:.0%} of its work is simple: ${dear:.2f} with {self._model}, ${cheap:.2f} with {tier}"
        self._found.put(
            Raised(FindingKind.TIER_MISMATCH, "", Severity.INFO, event.at, title, tuple(self._examples), Verb.REDIRECT)
        )
