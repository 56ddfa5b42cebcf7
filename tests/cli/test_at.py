"""`--at`: lanes and findings at that time, without anything that came later."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.demo.samples import FOLDER
from tui.cli.main import main
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.replay.player import Player
from tui.replay.recording import Recording
from tui.sources.discover import places

MOMENTS = ("2026-05-09T09:13:30+00:00", "2026-05-09T09:30:00+00:00")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)


def test_no_finding_from_after_the_time(capsys):
    main(["findings", str(FOLDER / "morning"), "--at", MOMENTS[0], "--json"])
    at = datetime.fromisoformat(MOMENTS[0])
    for finding in json.loads(capsys.readouterr().out)["findings"]:
        assert datetime.fromisoformat(finding["since"]) <= at, finding
        assert all(one["at"] is None or datetime.fromisoformat(one["at"]) <= at for one in finding["evidence"])


@pytest.mark.parametrize("moment", MOMENTS)
def test_lanes_are_the_same_as_in_a_replay_at_that_time(capsys, moment):
    main(["lanes", str(FOLDER / "morning"), "--at", moment, "--json"])
    told = json.loads(capsys.readouterr().out)
    roots, _ = places([str(FOLDER / "morning")])
    recording = Recording(roots)
    recording.open()
    player = Player(
        recording, lambda refresh: Supervisor(PriceTable.shipped(), refresh=refresh), lambda at: at - at % 86_400
    )
    player.load()
    player.seek(datetime.fromisoformat(moment).astimezone(UTC).timestamp())
    fleet = player.snapshot()
    assert told["totals"]["total"] == fleet.totals.total
    assert {lane["id"] for lane in told["lanes"]} == {lane.id for lane in fleet.lanes}
    assert {lane["id"]: lane["state"] for lane in told["lanes"]} == {lane.id: lane.state.value for lane in fleet.lanes}
