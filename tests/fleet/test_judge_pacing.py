"""The families of all lanes are looked at when something changed, and at a pace."""

from __future__ import annotations

from dataclasses import replace

from tests.findings import family
from tui.fleet.fleet_judge import JudgePacing
from tui.fleet.refresh import LIVE


class Judge:
    """Notes what it is asked, and gives one family that has a new count each time."""

    def __init__(self) -> None:
        self.compared = self.pictured = 0
        self.chains_change = True

    def update(self, lanes, *, relations_changed):
        return self.chains_change

    def compare_lanes(self, lanes, *, relations_changed):
        self.compared += 1

    def snapshots(self, ledgers):
        self.pictured += 1
        return (replace(family(), count=self.pictured),), ()


def test_without_a_change_time_alone_compares_nothing():
    judge = Judge()
    pacing = JudgePacing(judge, LIVE)
    assert pacing.look([], 0.0, changed=True, relations_changed=False)
    for now in (0.5, 2.0, 100.0):
        assert not pacing.look([], now, changed=False, relations_changed=False)
    assert (judge.compared, judge.pictured) == (1, 1)


def test_a_change_within_the_pace_is_shown_after_it():
    judge = Judge()
    pacing = JudgePacing(judge, LIVE)
    pacing.look([], 0.0, changed=True, relations_changed=False)
    judge.chains_change = False
    assert not pacing.look([], 0.2, changed=True, relations_changed=False)
    assert not pacing.look([], 0.4, changed=False, relations_changed=False)
    assert pacing.look([], 1.5, changed=False, relations_changed=False)
    assert not pacing.look([], 3.0, changed=False, relations_changed=False)
    assert (judge.compared, judge.pictured) == (2, 2)
