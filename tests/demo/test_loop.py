"""The foreman's loop: 88 actions, 1.191 billion tokens, and the first moment at which it could have been stopped."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.demo.samples import FOLDER, counting
from tui.fleet.live import LiveFleet
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.model.event import Prompt, UnreadableLine
from tui.model.finding import FindingKind
from tui.model.snapshot import Fleet
from tui.sources.discover import places
from tui.sources.transcript import Transcript

LOOP = FOLDER / "loop"
HOURS = 6.0 + 5 / 60 + 39 / 3600
PRICES = PriceTable({}, {})


def seconds(clock: str) -> float:
    return datetime.fromisoformat(f"2026-05-09T{clock}+00:00").astimezone(UTC).timestamp()


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    roots, _ = places([str(LOOP)])
    live = LiveFleet(roots, Supervisor(PRICES))
    found, refused = live.find(None)
    live.add(found, refused)
    live.read_all()
    return live.snapshot(seconds("11:38:20"), 0.0)


def test_the_figures_are_those_of_the_postmortem(fleet: Fleet):
    by_agent = {lane.agent: lane for lane in fleet.lanes}
    codex, loom = by_agent["codex"].usage.total, by_agent["claude"].usage.total
    assert round(codex / HOURS / 1e6, 1) == 164.1
    assert round(loom / HOURS / 1e6, 1) == 31.3
    assert round((codex + loom) / HOURS / 1e6, 1) == 195.4
    assert round((codex + loom) / 1e9, 3) == 1.191
    assert by_agent["codex"].action_count == 88
    assert by_agent["claude"].started == seconds("05:32:36")
    assert by_agent["codex"].last_event == pytest.approx(seconds("11:38:15"), abs=0.01)


def test_they_are_counted_by_the_rules(fleet: Fleet):
    expected = json.loads((LOOP / "expected.json").read_text(encoding="utf-8"))
    assert counting().count(LOOP) == expected
    assert fleet.totals.total == expected["total"]["total"]


def test_the_stop_names_the_family_and_what_was_spent_since(fleet: Fleet):
    [stop] = [finding for finding in fleet.findings if finding.kind is FindingKind.STOP]
    family = next(family for family in fleet.families if family.id == stop.family)
    assert family.template.startswith("S<n> prove the operator action <…> in the envelope.")
    assert (family.members[0].name, family.count) == ("S088", 85)
    assert all(condition.holds for condition in family.conditions)
    assert stop.tokens_since is not None
    assert 0.93e9 < stop.tokens_since < 0.94e9


def test_it_is_raised_when_s091_begins_and_nothing_before():
    """The run as it happened, line by line over both transcripts in the order of time."""
    events = []
    for path in sorted(LOOP.rglob("*.jsonl")):
        reader = Transcript(str(path), None)
        made = [event for event in reader.feed(path.read_bytes()) if not isinstance(event, UnreadableLine)]
        agent = "codex" if "codex" in path.relative_to(LOOP).parts else "claude"
        events += [(event.at or 0.0, str(path), agent, event) for event in made]
    events.sort(key=lambda one: one[0])
    supervisor = Supervisor(PRICES)
    for at, path, agent, event in events:
        supervisor.feed(path, agent, [event])
        begins = isinstance(event, Prompt) and event.text.startswith("S0") and agent == "codex"
        if not begins:
            continue
        kinds = {finding.kind for finding in supervisor.snapshot(at, 0.0).findings if finding.severity == "stop"}
        if event.text.startswith("S091"):
            assert FindingKind.STOP in kinds
            return
        assert not kinds, event.text
    pytest.fail("S091 never began")


def test_it_is_small():
    assert sum(path.stat().st_size for path in Path(LOOP).rglob("*.jsonl")) < 3_000_000
