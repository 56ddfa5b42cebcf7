"""A thread on a model of the house: nobody knows its price. The newest generation of Codex's lines."""

from __future__ import annotations

from writing.codex import NEW, CodexLane, patch, run
from writing.dice import at
from writing.lane import Lane

ROOT = "/home/mara/harbor-telemetry"


def lanes() -> list[Lane]:
    """The thread."""
    lane = CodexLane(
        "telemetry",
        at("09:10:50"),
        cwd=ROOT,
        branch="fuel-report",
        model="harbor-coder-32b",
        version=NEW,
        source="exec",
        provider="local",
        prompt_tokens=17_800,
        plan_type=None,
    )
    lane.prompt(
        "Nightly report: fuel per crossing from the ferries' telemetry, one row for each vessel and tide. "
        "Python, no new dependencies."
    )
    lane.entitle("Fuel per crossing, nightly report")
    lane.step(
        run(
            "ls data | head; wc -l data/2026-05-08/*.csv",
            "aurora.csv\nborealis.csv\n  86400 data/2026-05-08/aurora.csv",
            0.2,
            300,
        ),
        out=140,
        secs=20,
        say="I look at one night of data.",
    )
    lane.step(
        run(
            "sed -n '1,4p' data/2026-05-08/aurora.csv",
            "t,lat,lon,speed_kn,fuel_lph\n00:00:01,54.18,12.08,0.0,41.2",
            0.1,
            900,
        ),
        out=120,
        secs=18,
    )
    lane.step(
        patch(
            ROOT,
            "report/crossings.py",
            '+"""Cuts a night of telemetry into crossings."""\n+\n+MOVING_KN = 1.5\n+\n+\n+def crossings(rows):\n'
            "+    return split_when(rows, lambda row: row.speed_kn < MOVING_KN)",
            new=True,
        ),
        out=1_310,
        secs=89,
        say="A crossing lasts from leaving the berth to lying still again.",
    )
    lane.step(
        run(
            "python -m pytest -q report",
            "....F\nE  assert 11 == 12\nFAILED test_crossings.py::test_whole_night",
            9,
            1_100,
            code=1,
        ),
        out=130,
        secs=22,
    )
    lane.wait(95)
    lane.step(
        patch(ROOT, "report/crossings.py", "-MOVING_KN = 1.5\n+MOVING_KN = 0.8  # in the fairway they creep"),
        out=420,
        secs=55,
        say="The missing crossing creeps out of the fairway at 1.1 knots.",
    )
    lane.step(run("python -m pytest -q report", ".....\n5 passed", 8, 240), out=90, secs=21)
    lane.wait(140)
    lane.step(
        patch(
            ROOT,
            "report/fuel.py",
            '+"""Fuel per crossing, in litres: flow integrated over time."""\n+\n+\n+def litres(rows):\n'
            "+    return sum(row.fuel_lph for row in rows) / 3600",
            new=True,
        ),
        out=1_620,
        secs=110,
    )
    lane.step(
        run(
            "python -m report data/2026-05-08 | head -4",
            "vessel    tide  crossings  litres\naurora    ebb          6   1184.2",
            31,
            480,
        ),
        out=150,
        secs=24,
        say="The first table.",
    )
    lane.wait(210)
    lane.step(run("python -m pytest -q && git commit -qam 'Fuel per crossing'", "11 passed", 14, 200), out=110, secs=26)
    lane.step(
        out=280,
        secs=41,
        say="The report has a row for each vessel and tide; one night takes 31 s. 11 tests pass, no new dependencies.",
        ends=True,
    )
    return [lane]
