"""The bell: rings once for new needs and findings, never in a burst, never for what held at the start."""

from __future__ import annotations

from dataclasses import replace

from tests.fleets import NOW, circling, harbor
from tui.model.snapshot import LaneState, Scan
from tui.screen.bell import APART_S, Bell
from tui.screen.findings_model import SessionMutes
from tui.view.findings import listed_findings

QUIET = harbor()
LOUD = circling()
MUTES = SessionMutes()


def rings(bell, fleet, now, mutes=MUTES):
    return bell.rings(fleet, listed_findings(fleet, mutes), now)


def asking(fleet, count):
    lanes = tuple(
        replace(each, state=LaneState.NEEDS_INPUT) if index < count else each for index, each in enumerate(fleet.lanes)
    )
    return replace(fleet, lanes=lanes)


def test_no_bell_for_what_held_at_the_start():
    bell = Bell()
    assert not rings(bell, LOUD, 0)
    assert not rings(bell, LOUD, 100)


def test_no_bell_while_history_is_read():
    bell = Bell()
    reading = replace(LOUD, scan=Scan(1, 10, 1, 8))
    assert not rings(bell, replace(QUIET, scan=Scan(1, 10, 0, 8)), 0)
    assert not rings(bell, reading, 50)
    assert not rings(bell, LOUD, 100)


def test_a_new_stop_rings_once():
    bell = Bell()
    rings(bell, QUIET, 0)
    assert rings(bell, LOUD, 1)
    assert not rings(bell, LOUD, 2)
    assert not rings(bell, LOUD, 100)


def test_a_burst_rings_once_and_a_later_finding_once_more():
    bell = Bell()
    one, two = LOUD.findings[:2]
    rings(bell, QUIET, 0)
    assert rings(bell, replace(QUIET, findings=(one,)), 1)
    both = replace(QUIET, findings=(one, two))
    assert not rings(bell, both, 2)
    assert not rings(bell, both, 1 + APART_S - 0.1)
    assert rings(bell, both, 1 + APART_S)
    assert not rings(bell, both, 100)


def test_a_finding_that_ends_before_its_ring_does_not_ring():
    bell = Bell()
    one, two = LOUD.findings[:2]
    rings(bell, QUIET, 0)
    rings(bell, replace(QUIET, findings=(one,)), 1)
    rings(bell, replace(QUIET, findings=(one, two)), 2)
    assert not rings(bell, replace(QUIET, findings=(one,)), 50)


def test_warnings_and_muted_findings_do_not_ring():
    bell = Bell()
    rings(bell, QUIET, 0)
    assert not rings(bell, replace(QUIET, findings=LOUD.findings[2:]), 1)
    mutes = SessionMutes()
    for each in LOUD.findings:
        mutes.mute(each, "known", NOW)
    assert not rings(bell, LOUD, 100, mutes)


def test_a_lane_that_begins_to_need_a_person_rings():
    bell = Bell()
    rings(bell, QUIET, 0)
    assert rings(bell, asking(QUIET, 1), 1)


def test_the_bell_can_be_turned_off_for_lanes_and_for_findings():
    for needs, findings in ((True, False), (False, True)):
        bell = Bell(needs=needs, findings=findings)
        rings(bell, QUIET, 0)
        assert rings(bell, asking(QUIET, 1), 100) == needs
        assert rings(bell, LOUD, 200) == findings
