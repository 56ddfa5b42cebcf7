"""A shard of a fleet: transcripts that share no call with others, and the lanes that were made from them.

Live, all transcripts are one shard. A replay has one for each transcript, or one for several transcripts that share
calls. A shard can be saved and restored, and lent to another Supervisor, which only reads it. Snapshots of lanes, their
names and their places in the tree belong to a Supervisor and not to a shard (`tree`, `snapshotter`).
"""

from __future__ import annotations

import io
import pickle
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tui.fleet.costs import ModelCosts, Prices
from tui.fleet.event_codec import TABLE, Table, opened, packed
from tui.judge.findings.base import Setup
from tui.judge.findings.hourly_burn import BurnLimits
from tui.judge.findings.registry import limit_groups, make_detectors
from tui.judge.lane import LaneJudge, NotJudged
from tui.judge.limits import Limits
from tui.ledger.calls import CallBook
from tui.ledger.lane import LaneLedger
from tui.model.event import Limit, UnreadableLine
from tui.model.snapshot import LimitState

SKIPS_KEPT = 1000

_MAIN = ("",)
"""The lanes of most transcripts."""

LimitKey = tuple[str, str | None, int | None, str | None, str]
"""The agent, the limit's name, its window in minutes, and what tells accounts apart: the plan and the home."""


@dataclass(slots=True, eq=False)
class LaneRecord:
    """One lane's state: its ledger and its judge. It belongs to exactly one shard."""

    ledger: LaneLedger
    judge: LaneJudge
    """A `NotJudged` while the lane is still to be judged later."""

    @property
    def key(self) -> str:
        """The lane's own name from its first event on; its id may come later."""
        return f"{self.ledger.path}\0{self.ledger.local}"


class FleetShard:
    """The lanes of some transcripts, with what is known of them."""

    __slots__ = ("_locals", "agents", "book", "deferred", "limits", "records", "skip_count", "skips")

    def __init__(self, book: CallBook) -> None:
        self.book = book
        self.records: dict[tuple[str, str], LaneRecord] = {}
        """By path, and the lane's name within it. Change it by `put` and `remove` alone."""
        self._locals: dict[str, tuple[str, ...]] = {}
        """The names of the lanes within each path."""
        self.agents: dict[str, str] = {}
        """The agent that writes each path."""
        self.deferred: set[str] = set()
        """Paths whose lanes are judged later."""
        self.limits: dict[LimitKey, LimitState] = {}
        self.skips: deque[UnreadableLine] = deque(maxlen=SKIPS_KEPT)
        """The newest lines and files that could not be read."""
        self.skip_count = 0

    def put(self, path: str, local: str, record: LaneRecord) -> None:
        """Adds a lane."""
        self.records[path, local] = record
        known = self._locals.get(path)
        self._locals[path] = _MAIN if known is None and not local else (*(known or ()), local)

    def of(self, path: str) -> dict[str, LaneRecord]:
        """The lanes of a transcript, by their names within it."""
        return {local: self.records[path, local] for local in self._locals.get(path, ())}

    def remove(self, path: str) -> dict[str, LaneRecord]:
        """Removes all lanes of a transcript, and returns them by their names within it."""
        return {local: self.records.pop((path, local)) for local in self._locals.pop(path, ())}

    @property
    def can_be_lent(self) -> bool:
        """Whether nothing in it depends on lanes of other shards, so that a borrower need not write to it."""
        return not any(record.ledger.guesses for record in self.records.values())

    def add_skip(self, skip: UnreadableLine) -> None:
        """Notes a line or file that could not be read."""
        self.skips.append(skip)
        self.skip_count += 1

    def add_limit(self, agent: str, event: Limit, path: str = "") -> bool:
        """Notes the state of a usage limit that a transcript states. True if it replaces what was known."""
        return take_limit(self.limits, agent, event, path)

    def keep_limit(self, limit: LimitState) -> None:
        """Notes the state of a usage limit, if none that is newer is known."""
        _keep_limit(self.limits, limit)

    def set_day(self, midnight: float) -> None:
        """Counts `today` from `midnight` (seconds UTC) on, in every lane that counts from another day."""
        for record in self.records.values():
            if record.ledger.day != midnight:
                record.ledger.set_day(midnight)


class ShardFactory:
    """Makes, saves and restores shards. It holds the prices and the judge's limits, to which all of them refer."""

    def __init__(self, prices: Prices, limits: Limits, *, fleet_budget: int = 0) -> None:
        """`fleet_budget` is tokens per hour of all lanes (0: none)."""
        self.prices = prices
        self.limits = limits
        self._costs = ModelCosts(prices)
        self._fleet_budget = fleet_budget
        budgets = limits.of(BurnLimits)
        self._lane_budget = bool(budgets.hourly_burn_tokens or budgets.tree_burn_tokens)
        self._setup = Setup(limits, prices)
        self.not_judged = NotJudged(limits)
        """The judge of all lanes that are judged later."""
        self._table: Table = {
            **TABLE,
            type(prices): lambda _: (_the_prices, ()),
            Limits: lambda _: (_the_limits, ()),
            **dict.fromkeys(limit_groups(), _saved_group),
        }

    def shard(self) -> FleetShard:
        """An empty shard."""
        made = FleetShard(CallBook())
        if self._fleet_budget:
            made.book.meter.keep_whole()
        return made

    def record(self, shard: FleetShard, path: str, agent: str, local: str, midnight: float) -> LaneRecord:
        """A new lane in the shard: `local` is its name within the transcript, empty for the main lane."""
        ledger = LaneLedger(agent, path, local, shard.book, self._costs.is_long)
        ledger.set_day(midnight)
        if self._lane_budget:
            ledger.meter.keep_whole()
        if local:
            main = shard.records.get((path, ""))
            ledger.session = main.ledger.session if main else ""
        judge = self.not_judged if path in shard.deferred else self.judge()
        made = LaneRecord(ledger, judge)
        shard.put(path, local, made)
        return made

    def judge(self) -> LaneJudge:
        """A new lane's judge, with all detectors."""
        return LaneJudge(self.limits, make_detectors(self._setup))

    def packed(self, value: object) -> bytes:
        """Ledgers, judges and what they hold in few bytes, without the prices and limits."""
        return packed(value, self._table)

    def unpacked(self, data: bytes) -> Any:
        """What was packed by this process, or by one with the same prices and limits that this process started."""
        return _Unpickler(io.BytesIO(opened(data)), self).load()

    def save(self, shard: FleetShard) -> bytes:
        """The whole shard in few bytes, for `restored` in the same process."""
        lanes = [(key, record.ledger, record.judge) for key, record in shard.records.items()]
        skips = (list(shard.skips), shard.skip_count)
        return self.packed((shard.book, shard.agents, shard.limits, skips, lanes))

    def restored(self, saved: bytes) -> FleetShard:
        """The shard that `save` saved. It continues exactly as the saved one."""
        book, agents, limits, skips, lanes = self.unpacked(saved)
        made = FleetShard(book)
        made.agents, made.limits = agents, limits
        made.skips.extend(skips[0])
        made.skip_count = skips[1]
        for (path, local), ledger, judge in lanes:
            made.put(path, local, LaneRecord(ledger, judge))
        return made


def take_limit(limits: dict[LimitKey, LimitState], agent: str, event: Limit, path: str) -> bool:
    """Puts the state of a usage limit that a transcript states among those that are known. True if it is news."""
    if event.used_percent is None:
        return False
    window, home = event.window_minutes, _home_name(path)
    return _keep_limit(
        limits,
        LimitState(agent, event.name, window, event.used_percent, event.resets_at, event.at, event.plan, home),
    )


def _keep_limit(limits: dict[LimitKey, LimitState], limit: LimitState) -> bool:
    key = (limit.agent, limit.name, limit.window_minutes, limit.plan, limit.home)
    known = limits.get(key)
    if known is not None and limit_weight(limit) < limit_weight(known):
        return False
    limits[key] = limit
    return True


def _home_name(path: str) -> str:
    """The name of the folder that holds the sessions of a transcript's home; empty if the path has no such folder."""
    parts = path.replace("\\", "/").split("/")
    place = next((at for at, part in enumerate(parts) if part in ("sessions", "archived_sessions")), 0)
    return parts[place - 1] if place > 0 else ""


def limits_of(shards: Iterable[FleetShard]) -> tuple[LimitState, ...]:
    """Each limit in its newest known state, whichever transcript stated it."""
    found: dict[LimitKey, LimitState] = {}
    for shard in shards:
        for key, limit in shard.limits.items():
            known = found.get(key)
            found[key] = limit if known is None else max(known, limit, key=limit_weight)
    return tuple(sorted(found.values(), key=_limit_order))


def _limit_order(limit: LimitState) -> tuple[str, str, int, str, str]:
    return limit.agent, limit.name or "", limit.window_minutes or 0, limit.plan or "", limit.home


def limit_weight(limit: LimitState) -> tuple[float, ...]:
    """A sort key for statements about one limit.

    The greatest counts: the latest or, of those of one time, the worst.
    """
    unknown = float("-inf")
    heard, used, resets = limit.heard, limit.used_percent, limit.resets_at
    return tuple(unknown if each is None else each for each in (heard, used, resets))


def skips_of(shards: Iterable[FleetShard]) -> tuple[UnreadableLine, ...]:
    """The lines and files that could not be read, in the order of files and lines."""
    skips = (skip for shard in shards for skip in shard.skips)
    return tuple(sorted(skips, key=lambda skip: (skip.path, skip.line or 0, skip.offset or 0, skip.why)))


def _the_prices() -> Prices:
    """Stands in saved bytes for the prices that a shard is restored with."""
    raise NotImplementedError


def _the_limits() -> Limits:
    """Stands in saved bytes for the limits that a shard is restored with."""
    raise NotImplementedError


def _the_group(group: type[Any]) -> Any:
    """Stands in saved bytes for a class of limits, as the shard is restored with."""
    raise NotImplementedError


def _saved_group(limits: object) -> tuple[Callable[[type[Any]], Any], tuple[type[Any]]]:
    return _the_group, (type(limits),)


class _Unpickler(pickle.Unpickler):
    """Reads only what this process, or one that it started, packed."""

    def __init__(self, file: io.BytesIO, factory: ShardFactory) -> None:
        super().__init__(file)
        self._factory = factory

    def find_class(self, module: str, name: str) -> Any:
        if module == __name__ and name == _the_prices.__name__:
            return lambda: self._factory.prices
        if module == __name__ and name == _the_limits.__name__:
            return lambda: self._factory.limits
        if module == __name__ and name == _the_group.__name__:
            return self._factory.limits.of
        return super().find_class(module, name)
