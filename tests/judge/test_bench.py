"""The evaluation itself: its halves, its anchors and its figures are what they are said to be."""

from __future__ import annotations

import pytest

from tests.bench.judge.anchors import ANCHORS, Step, crush, gemini, n_grams, openhands, same_calls
from tests.bench.judge.generator import DEVELOPMENT, HELD_OUT, LOOPS, QUIET, loop, quiet
from tests.bench.judge.metrics import auc, best_threshold, scores_at
from tests.bench.judge.peers_lanes import six


def step(args: str, result: str = "r", *, failed: bool = False, offset: int = 0) -> Step:
    return Step("Bash", args, result, failed, offset)


def test_a_seed_writes_the_same_lane_each_time():
    for kind in ("same_error", "cycle", "wrong_address"):
        assert loop(DEVELOPMENT, kind, 3, 0.25) == loop(DEVELOPMENT, kind, 3, 0.25)
    assert quiet(HELD_OUT, "conversion", 1) == quiet(HELD_OUT, "conversion", 1)
    assert quiet(HELD_OUT, "conversion", 1) != quiet(HELD_OUT, "conversion", 2)


def test_the_halves_share_no_words_and_no_parameters():
    assert not set(DEVELOPMENT.nouns) & set(HELD_OUT.nouns)
    assert not set(DEVELOPMENT.verbs) & set(HELD_OUT.verbs)
    for name in ("runners", "builders", "errors", "idle", "periods"):
        assert not set(getattr(DEVELOPMENT, name)) & set(getattr(HELD_OUT, name)), name
    assert DEVELOPMENT.codex != HELD_OUT.codex
    assert max(DEVELOPMENT.mixes) <= 0.4


@pytest.mark.parametrize("kind", LOOPS)
def test_every_loop_has_rounds_after_some_work(kind):
    made = loop(HELD_OUT, kind, 0, 0.1)
    assert len(made.marks) >= 2
    assert made.marks[0] > made.events[0].offset


@pytest.mark.parametrize("kind", QUIET)
def test_every_quiet_lane_has_steps_and_no_rounds(kind):
    made = quiet(HELD_OUT, kind, 0)
    assert made.events
    assert not made.marks


def test_the_anchors_fire_on_their_own_examples_and_not_before():
    same = [step("npm test", offset=n) for n in range(8)]
    assert same_calls(3)(same) == 2
    assert gemini(same) == 4
    assert openhands(same) == 3
    assert openhands([step("x", failed=True, offset=n) for n in range(4)]) == 2
    assert crush(same) == 5
    cycle = [step("ab"[n % 2], offset=n) for n in range(12)]
    assert gemini(cycle) == 9
    assert openhands(cycle) == 5
    assert n_grams(cycle) == 5
    different = [step(f"ls {n}", offset=n) for n in range(30)]
    assert not [
        name for name, rule in ANCHORS.items() if "names" not in name and "length" not in name and rule(different)
    ]


def test_the_figures():
    rows = [(0.9, True), (0.8, True), (0.7, False), (0.1, True), (0.0, False)]
    scores = scores_at(rows, 0.75)
    assert (scores.hits, scores.alarms, scores.misses) == (2, 0, 1)
    assert scores.precision == 1.0
    assert round(scores.recall, 3) == 0.667
    assert round(scores.f1, 3) == 0.8
    assert best_threshold(rows) in (0.8, 0.1)
    assert auc(rows) == pytest.approx(5 / 6)
    assert auc([(0.5, True), (0.5, False)]) == 0.5


def test_six_lanes_two_of_them_no_loops():
    assert [is_loop for _, is_loop, _ in six()] == [False, False, True, True, True, True]
