"""What was used in each day, week or month, and by whom, from the sums of the index.

The sums are by quarter hour, so that days can be made for any time zone. Where a limit of time lies within a quarter
hour, the calls themselves are summed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from tui.history.index import CLASSES, QUARTER_S, UNKNOWN_QUARTER
from tui.model.cost import NO_COST, Cost
from tui.model.usage import ZERO, Usage

_EPOCH = date(1970, 1, 1).toordinal()
_QUARTERS_A_DAY = 96
_SHIFT_DAYS = 1_000_000
_STEP_S = 7 * 86_400
_SUMS = ", ".join(f"sum({name})" for name in CLASSES)


class Per(StrEnum):
    """The length of a period."""

    DAY = "day"
    WEEK = "week"
    """From Monday on, as in ISO 8601."""
    MONTH = "month"


class By(StrEnum):
    """Whose usage is summed."""

    AGENT = "agent"
    MODEL = "model"
    PROJECT = "project"
    LANE = "lane"


class Prices(Protocol):
    """The part of a price table that is used here."""

    def cost(self, model: str, usage: Usage, *, prompt: int | None = None) -> float | None:
        """US dollars, or None if the model has no known price. `prompt`: tokens of the prompt of each call."""
        ...

    def long_prompt_above(self, model: str) -> int | None:
        """Tokens of prompt above which a call costs more; None if the model has one price."""
        ...


class Group(NamedTuple):
    """One agent, model, project or lane."""

    name: str | None
    """The name of the agent, model or project, or the title of the lane; masked, not safe to show. None: unknown."""
    lane: tuple[str, str, str | None] | None = None
    """Of a lane: its agent, its session, and its agent id if it is a subagent."""


class Used(NamedTuple):
    """What was used in one period, or by one group in it."""

    start: date | None
    """The first day of the period; None: the time of the calls is not known, or there are no periods."""
    group: Group | None
    calls: int
    usage: Usage
    cost: Cost
    """Its parts are calls."""
    is_lower_bound: bool
    """True if the output of a call was counted before it was complete."""


class Asked(NamedTuple):
    """What is asked for. Times are seconds UTC."""

    per: Per | None
    by: By | None
    since: float | None
    """Calls from this time on; None: all."""
    until: float | None
    """Calls before this time; None: all."""


def used(
    sql: sqlite3.Connection, asked: Asked, offset: Callable[[float], int], prices: Prices, thresholds: Sequence[int]
) -> list[Used]:
    """The usage, by period and then by name; groups without a name come last.

    Args:
        sql: an index.
        asked: the periods, groups and limits.
        offset: how many seconds local time is ahead of UTC at a time in seconds UTC.
        prices: what usage costs.
        thresholds: the sizes of prompts for which the index was made.
    """
    by = {None: "0", By.AGENT: "lane.agent", By.MODEL: "0", By.PROJECT: "lane.project", By.LANE: "lane.id"}[asked.by]
    names: dict[int, str | None] = dict(sql.execute("SELECT id, text FROM name"))
    sums: dict[tuple[date | None, int], _Sum] = {}
    starts: dict[int | None, date | None] = {}
    for day, owner, model, band, calls, provisional, *counts in sql.execute(_query(sql, asked, by, offset, thresholds)):
        if day not in starts:
            starts[day] = _start(day, asked.per)
        group = model if asked.by is By.MODEL else owner
        found = sums.get((starts[day], group))
        if found is None:
            found = sums[starts[day], group] = _Sum()
        usage = Usage(*counts)
        found.add(calls, provisional, usage, _cost(prices, thresholds, names.get(model), band, usage, calls))
    made = [
        Used(start, _group(sql, asked.by, group, names), one.calls, one.usage, one.cost, one.provisional > 0)
        for (start, group), one in sums.items()
    ]
    return sorted(made, key=_order)


def total(rows: Sequence[Used]) -> Used:
    """The sum of all rows."""
    cost = sum((row.cost for row in rows), NO_COST)
    usage = sum((row.usage for row in rows), ZERO)
    is_lower_bound = any(row.is_lower_bound for row in rows)
    return Used(None, None, sum(row.calls for row in rows), usage, cost, is_lower_bound)


class _Sum:
    __slots__ = ("calls", "cost", "provisional", "usage")

    def __init__(self) -> None:
        self.calls = self.provisional = 0
        self.usage, self.cost = ZERO, NO_COST

    def add(self, calls: int, provisional: int, usage: Usage, cost: Cost) -> None:
        self.calls += calls
        self.provisional += provisional
        self.usage += usage
        self.cost += cost


def _order(row: Used) -> tuple[bool, int, bool, int, str]:
    name = row.group.name if row.group is not None else ""
    start = row.start.toordinal() if row.start is not None else 0
    return row.start is None, start, name is None, -row.usage.total, name or ""


def _cost(prices: Prices, thresholds: Sequence[int], model: str | None, band: int, usage: Usage, calls: int) -> Cost:
    """The cost of calls of one model whose prompts are of one size."""
    if usage.total == 0:
        return Cost(0.0, calls, calls)
    if model is None:
        return Cost(0.0, 0, calls)
    above = prices.long_prompt_above(model)
    prompt = None
    if above is not None:
        prompt = above + 1 if band > thresholds.index(above) else 0
    usd = prices.cost(model, usage, prompt=prompt)
    return Cost(0.0, 0, calls) if usd is None else Cost(usd, calls, calls)


def _group(sql: sqlite3.Connection, by: By | None, group: int, names: dict[int, str | None]) -> Group | None:
    if by is None:
        return None
    if by is not By.LANE:
        return Group(names.get(group))
    agent, session, agent_id, title = sql.execute(
        "SELECT agent, session, agent_id, title FROM lane WHERE id = ?", (group,)
    ).fetchone()
    return Group(title or None, (names.get(agent) or "", session, agent_id if agent_id != session else None))


# -- periods ------------------------------------------------------------------------------------------


def _start(day: int | None, per: Per | None) -> date | None:
    """The first day of the period in which a day lies. `day` counts from 1970."""
    if day is None or per is None:
        return None
    try:
        found = date.fromordinal(day + _EPOCH)
    except (ValueError, OverflowError):
        return None
    if per is Per.WEEK:
        return found - timedelta(days=min(found.weekday(), found.toordinal() - 1))
    return found.replace(day=1) if per is Per.MONTH else found


def offsets(first: int, last: int, offset: Callable[[float], int]) -> Iterator[tuple[int, int]]:
    """The offsets of local time between two quarter hours: each with the quarter hour before which it holds.

    The last one holds without end. Offsets are in quarter hours.
    """
    step = _STEP_S // QUARTER_S
    low, held = first, _quarters(offset(first * QUARTER_S))
    while low < last:
        high = min(low + step, last)
        if (new := _quarters(offset(high * QUARTER_S))) != held:
            before, after = low, high
            while after - before > 1:
                middle = (before + after) // 2
                before, after = (middle, after) if _quarters(offset(middle * QUARTER_S)) == held else (before, middle)
            yield after, held
            held = new
        low = high
    yield 1 << 60, held


def _quarters(seconds: int) -> int:
    return seconds // QUARTER_S


# -- queries ------------------------------------------------------------------------------------------


def _query(
    sql: sqlite3.Connection, asked: Asked, by: str, offset: Callable[[float], int], thresholds: Sequence[int]
) -> str:
    """The statement that sums by day, group, model and size of the prompt. Only numbers are put into it."""
    first: int | None = None
    parts: list[str] = []
    conditions: list[str] = []
    if asked.since is not None:
        first = -int(-asked.since // QUARTER_S)
        conditions.append(f"quarter >= {first}")
        parts.append(_edge(asked.since, min(first * QUARTER_S, _or_end(asked.until)), thresholds))
    if asked.until is not None:
        last = int(asked.until // QUARTER_S)
        conditions.append(f"quarter < {last} AND quarter > {UNKNOWN_QUARTER}")
        if first is None or last >= first:
            parts.append(_edge(last * QUARTER_S, asked.until, thresholds))
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    whole = f"SELECT lane, quarter, model, band, calls, provisional, {', '.join(CLASSES)} FROM roll{where}"  # noqa: S608
    rows = " UNION ALL ".join([whole, *parts])
    return (
        f"SELECT {_day(sql, offset) if asked.per is not None else 'NULL'} AS day, {by} AS owner, model, band,"  # noqa: S608
        f" sum(calls), sum(provisional), {_SUMS} FROM ({rows}) AS rows JOIN lane ON lane.id = rows.lane"
        " GROUP BY day, owner, model, band"
    )


def _or_end(until: float | None) -> float:
    return until if until is not None else float("inf")


def _edge(since: float, until: float, thresholds: Sequence[int]) -> str:
    """The calls from one time to another, which lie within one quarter hour, in the form of sums."""
    prompt = "(input + cache_read + cache_write_5m + cache_write_1h + cache_write_other)"
    band = " + ".join(f"({prompt} > {above})" for above in thresholds) or "0"
    columns = f"lane, {int(since // QUARTER_S)}, model, {band}, 1, provisional, {', '.join(CLASSES)}"
    limits = f"at >= {since!r} AND at < {until!r} AND NOT free"
    lanes = f"lane IN (SELECT id FROM lane WHERE started < {until!r} AND last >= {since!r})"  # noqa: S608
    return (
        f"SELECT {columns} FROM call WHERE {lanes} AND {limits} AND NOT shared"  # noqa: S608
        f" UNION ALL SELECT {columns} FROM shared WHERE {limits}"
    )


def _day(sql: sqlite3.Connection, offset: Callable[[float], int]) -> str:
    """The local day of a quarter hour, counted from 1970, in SQL."""
    first, last = sql.execute(
        f"SELECT min(quarter), max(quarter) FROM roll WHERE quarter > {UNKNOWN_QUARTER}"  # noqa: S608
    ).fetchone()
    if first is None:
        return "NULL"
    *changes, (_, final) = offsets(first, last, offset)
    shift = "".join(f" WHEN quarter < {before} THEN {held}" for before, held in changes)
    ahead = f"CASE{shift} ELSE {final} END" if shift else f"{final}"
    local = f"quarter + ({ahead}) + {_SHIFT_DAYS * _QUARTERS_A_DAY}"
    return f"CASE WHEN quarter = {UNKNOWN_QUARTER} THEN NULL ELSE ({local}) / {_QUARTERS_A_DAY} - {_SHIFT_DAYS} END"
