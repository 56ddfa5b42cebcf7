"""Reports for the tests: of the sample logs, and of lanes that are written event by event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from tests.demo.samples import FOLDER
from tui.fleet.costs import ModelCosts
from tui.fleet.feed import EventsUntil
from tui.fleet.live import LiveFleet
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.model.event import Event, LaneInfo
from tui.model.snapshot import Fleet
from tui.report.analyse import Material, compose
from tui.report.document import ActionRow, Report
from tui.report.facts import Facts
from tui.sources.discover import places

SETTLED_S = 2.0
FINDINGS = sorted(path.relative_to(FOLDER).as_posix() for path in (FOLDER / "findings").glob("*/*") if path.is_dir())
EVERY = ["loop", "morning", *FINDINGS]


def material(folder: Path, since: float | None = None, until: float | None = None) -> Material:
    """Everything below a folder, read at once."""
    prices, facts = PriceTable.shipped(), Facts(since)
    only = EventsUntil(until) if until is not None else None
    supervisor = Supervisor(prices, listener=facts, only=only)
    live = LiveFleet(places([str(folder)])[0], supervisor)
    live.add(*live.find(None))
    live.read_all()
    live.close()
    fleet = live.snapshot((facts.end or 0.0) + SETTLED_S, 0.0)
    return Material(fleet, supervisor.ledger, facts, ModelCosts(prices), "test", since=since, until=until)


@cache
def _read(name: str) -> Material:
    """A folder of the sample logs, read once."""
    return material(FOLDER / name)


@cache
def sample(name: str) -> Report:
    """The report on a folder of the sample logs."""
    return compose(_read(name))


def fleet(name: str) -> Fleet:
    """What the same reading shows as lanes."""
    return _read(name).fleet


def report_on(
    lanes: Mapping[str, Sequence[Event]], *, agent: str = "codex", cwd: str = "/home/mara/harbor", **given: object
) -> Report:
    """The report on lanes written by hand: events by the name of their transcript."""
    prices, facts = PriceTable.shipped(), Facts(given.get("since"))  # type: ignore[arg-type]
    supervisor = Supervisor(prices, listener=facts)
    for name, events in lanes.items():
        supervisor.feed(f"/{name}.jsonl", agent, [LaneInfo("", None, 0, session=name, cwd=cwd), *events])
    seen = supervisor.snapshot((facts.end or 0.0) + SETTLED_S, 0.0)
    return compose(Material(seen, supervisor.ledger, facts, ModelCosts(prices), "test", **given))  # type: ignore[arg-type]


def rows(report: Report) -> dict[str, ActionRow]:
    """Actions of the first line of work, by name."""
    return {row.name: row for row in report.runs[0].actions}
