"""Sums by period and owner are those of the calls themselves, in any zone and within any limits of time."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.history.indexes import says, wanted
from tests.property.test_chain import encode, message
from tui.fleet.costs import ModelCosts
from tui.history.index import QUARTER_S
from tui.history.sync import current
from tui.history.usage import Asked, By, Per, offsets, total, used
from tui.ledger.lane import ModelTotal
from tui.ledger.prices import PriceTable
from tui.model.usage import Usage

ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "America/New_York")
SUMMER, YEAR_S = 1_778_317_200, 365 * 86_400
PRICES = PriceTable.shipped()
THRESHOLDS = sorted({one.long_prompt.above for one in PRICES.models().values() if one.long_prompt is not None})
MODELS = ("claude-opus-4-6", "gpt-5.4", "nobody-knows", "claude-sonnet-4-5")


def offset_in(zone: str):
    return lambda at: int(datetime.fromtimestamp(at, ZoneInfo(zone)).utcoffset().total_seconds())


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """Three sessions over two years, with prompts of all sizes and a call without a time."""
    folder = tmp_path_factory.mktemp("projects")
    at = SUMMER
    for number in range(3):
        session, lines = f"{number:08d}-0000-4000-8000-000000000000", []
        for call in range(60):
            at += 7 * 3600 + call * 977
            line = message(session, 0, f"{number}x{call}", 1 + call)
            line["timestamp"] = datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", ".000Z")
            line["cwd"] = f"/w/harbor-{number}"
            line["message"]["model"] = MODELS[call % 4]
            line["message"]["usage"]["cache_read_input_tokens"] = call * 9_000
            line["message"]["stop_reason"] = "end_turn"
            if call == 30:
                del line["timestamp"]
            lines.append(line)
        (folder / f"{session}.jsonl").write_bytes(encode(lines))
    with ExitStack() as stack:
        yield current(stack, wanted(folder)._replace(thresholds=THRESHOLDS), None)


def start_of(day: date, per: Per) -> date:
    if per is Per.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if per is Per.MONTH else day


@settings(max_examples=examples(90), deadline=None)
@given(st.data())
def test_sums_are_those_of_the_calls(index, data):
    zone, per, by = (data.draw(st.sampled_from(choice)) for choice in (ZONES, list(Per), list(By)))
    limit = st.one_of(st.none(), st.integers(SUMMER, SUMMER + 150 * 86_400).map(float))
    since, until = data.draw(limit), data.draw(limit)
    rows = used(index, Asked(per, by, since, until), offset_in(zone), PRICES, THRESHOLDS)
    expected: dict[tuple[date | None, str | None], Usage] = defaultdict(Usage)
    for name, _, at, model, counts in says(index)["calls"].values():
        if (since is not None and (at is None or at < since)) or (until is not None and (at is None or at >= until)):
            continue
        day = start_of(datetime.fromtimestamp(at, ZoneInfo(zone)).date(), per) if at is not None else None
        session = name.removesuffix(".jsonl")
        group = {By.AGENT: "claude", By.MODEL: model, By.PROJECT: f"harbor-{int(session[:8])}", By.LANE: session}[by]
        expected[day, group] += Usage(*counts)
    found = {(row.start, row.group.lane[1] if row.group.lane else row.group.name): row.usage for row in rows}
    assert found == expected


def test_costs_are_those_of_the_ledger(index):
    costs = ModelCosts(PRICES)
    models: dict[str, ModelTotal] = defaultdict(ModelTotal)
    calls: dict[str, int] = defaultdict(int)
    for *_, model, counts in says(index)["calls"].values():
        models[model].add(Usage(*counts), long=costs.is_long(model, Usage(*counts)))
        calls[model] += 1
    rows = used(index, Asked(None, By.MODEL, None, None), offset_in("UTC"), PRICES, THRESHOLDS)
    assert {row.group.name for row in rows} == set(MODELS)
    for row in rows:
        cost = costs.cost(row.group.name, models[row.group.name])
        assert (row.cost.parts, row.cost.is_whole) == (calls[row.group.name], cost is not None)
        assert row.cost.usd == pytest.approx(cost or 0.0)
    everything = total(rows)
    priced = sum(calls[row.group.name] for row in rows if row.cost.is_whole)
    assert (everything.calls, everything.cost.priced, everything.cost.is_whole) == (180, priced, False)
    assert priced >= 90


@given(st.sampled_from(ZONES), st.integers(0, 50 * YEAR_S // QUARTER_S), st.integers(0, 3 * YEAR_S // QUARTER_S))
@settings(max_examples=examples(60), deadline=None)
def test_offsets_hold_until_they_change(zone, first, length):
    offset = offset_in(zone)
    found = list(offsets(first, first + length, offset))
    for quarter in {
        first,
        first + length // 2,
        first + length,
        *(before - 1 for before, _ in found[:-1]),
        *(before for before, _ in found[:-1]),
    }:
        held = next(held for before, held in found if quarter < before)
        assert held == offset(quarter * QUARTER_S) // QUARTER_S
