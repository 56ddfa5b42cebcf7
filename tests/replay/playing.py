"""What the tests of replay share: a player over a folder, and the whole folder read as `lanes --json` reads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from tui.fleet.live import LiveFleet
from tui.fleet.refresh import LIVE, RefreshPolicy
from tui.fleet.supervisor import Supervisor
from tui.judge.findings.hourly_burn import BurnLimits
from tui.judge.limits import Limits
from tui.ledger.prices import PriceTable
from tui.model.snapshot import Fleet, Scan
from tui.replay import checkpoints, cursor
from tui.replay.player import Player
from tui.replay.recording import Recording
from tui.sources.discover import Root, places

SAMPLES = Path(__file__).resolve().parents[2] / "sample_logs"
FOLDERS = [SAMPLES / "morning", SAMPLES / "loop", SAMPLES / "writing", *sorted((SAMPLES / "findings").glob("*/*"))]
BUDGET = 20_000_000
PRICES = PriceTable.shipped()


def supervisor(refresh: RefreshPolicy = LIVE) -> Supervisor:
    limits = Limits(BurnLimits(hourly_burn_tokens=BUDGET, tree_burn_tokens=BUDGET))
    return Supervisor(PRICES, limits=limits, fleet_budget=BUDGET, refresh=refresh)


def midnight(at: float) -> float:
    """Of UTC."""
    return at - at % 86400


def roots(folder: Path) -> list[Root]:
    found, refused = places([str(folder)])
    assert not refused
    return found


def recorded(folder: Path) -> Recording:
    recording = Recording(roots(folder))
    recording.open()
    recording.read_all()
    return recording


def player(recording: Recording) -> Player:
    """A player that goes back by feeding everything again."""
    return Player(recording, supervisor, midnight)


@contextmanager
def often(spacing: int = 3) -> Iterator[None]:
    """Checkpoints after every few entries, and never a longer way than back to one."""
    with (
        patch.object(checkpoints, "SPACING", spacing),
        patch.object(checkpoints, "GROWTH", 1000),
        patch.object(cursor, "RESTORED", -1000),
    ):
        yield


def loaded(recording: Recording) -> Player:
    """A player that goes back by checkpoints."""
    made = player(recording)
    made.load()
    return made


def read_at_once(folder: Path, at: float) -> Fleet:
    """The picture at `at` of everything, read as `lanes --json` reads."""
    live = LiveFleet(roots(folder), supervisor())
    live.add(*live.find(None))
    live.read_all()
    live.close()
    return live.snapshot(at, midnight(at))


def plain(fleet: Fleet) -> Fleet:
    """Without what does not belong to the moment: the count of changes, how far the reading has come, whose it is."""
    return replace(fleet, version=0, scan=Scan(), lanes=tuple(replace(lane, recording="") for lane in fleet.lanes))
