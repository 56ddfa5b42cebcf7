"""Phases of other shapes than the sample's: none, one, two loops, bursts; and what holds for any counts."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tui.report.actions import LEAST_ACTIONS, MOST_PHASES, Measure, Stretch, measure, named, stretches

COUNTS = st.lists(st.integers(0, 30), max_size=120)


def ends(found: list[Stretch]) -> list[int]:
    return [one.last for one in found]


def test_too_few_actions_have_no_phases():
    assert stretches([5, 4, 0, 0, 0, 0, 0]) == []


def test_work_that_goes_on_finding_is_one_phase():
    assert stretches([3, 5, 2, 6, 3, 4, 2, 5, 3, 4, 6, 2, 3, 5, 4, 3]) == [Stretch(0, 15)]


def test_bursts_are_no_change():
    assert len(stretches([0, 9, 1, 0, 12, 2, 0, 7, 0, 1, 11, 0, 3, 8, 0, 2, 10, 1, 0, 9])) == 1


def test_a_migration_that_finds_one_thing_in_each_module_is_one_phase():
    assert len(stretches([1] * 40)) == 1


def test_nothing_new_from_the_beginning_is_one_phase():
    assert stretches([0] * 30) == [Stretch(0, 29)]


def test_a_loop_is_dated_to_when_it_could_be_known():
    # Two actions without anything new after a stretch that never had one.
    assert stretches([9, 8, 7, 9] + [0] * 30)[0] == Stretch(0, 5)


def test_a_silence_no_longer_than_those_before_it_is_no_end_yet():
    found = stretches([8, 9, 7, 8, 9, 8] + [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1] + [0] * 60)
    assert ends(found)[-1] == 77
    last = found[-1].first
    assert last == 23  # after the fifth silent action: four was the longest before


def test_two_loops_are_told_apart():
    work = [6, 8, 7, 9, 6, 8, 7, 9]
    found = stretches(work + [0] * 25 + work + [0] * 25)
    assert len(found) == 4
    assert abs(found[0].last - 9) <= 2
    assert found[2].first == 33  # new things are known as soon as they come
    assert abs(found[2].last - 42) <= 2


def test_long_runs_are_cut_in_blocks():
    found = stretches([5] * 2000 + [0] * 2000)
    assert len(found) == 2
    assert abs(found[0].last - 2000) < 40


@given(COUNTS)
def test_phases_cover_the_run_without_holes(counts: list[int]):
    found = stretches(counts)
    if len(counts) < LEAST_ACTIONS:
        assert found == []
        return
    assert 1 <= len(found) <= MOST_PHASES
    assert (found[0].first, found[-1].last) == (0, len(counts) - 1)
    assert all(right.first == left.last + 1 for left, right in pairwise(found))
    assert all(one.first <= one.last for one in found)


@given(COUNTS)
def test_the_same_counts_have_the_same_phases(counts: list[int]):
    assert stretches(counts) == stretches(list(counts))


def test_names_say_what_the_numbers_say():
    early, middle, late = Measure(6.7, 0.7, 0.6), Measure(0.1, 0.1, 1.0), Measure(0.0, 0.0, 1.0)
    assert named(early, middle)[0] == "converging"
    assert named(early, None)[0] == "exploring"
    assert named(middle, late)[0] == "repeating"
    assert named(late, None)[0] == "churning"
    assert named(Measure(0.0, 0.0, None), None) == ("idle", "nothing new came of it")
    assert named(Measure(0.3, 0.2, 0.4), None)[0] == "slow"


def test_a_stretch_in_numbers():
    assert measure([2, 0, 0, 0], [None, 1.0, 0.5, 0.0]) == Measure(0.5, 0.25, 0.5)
