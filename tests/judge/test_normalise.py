"""What changes without meaning anything is taken out; what means something stays."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.judge.normalise import (
    is_redacted,
    label_words,
    mark,
    without_digits,
    without_hashes,
    without_ids,
    without_label,
)
from tui.judge.novelty_filter import LARGEST, SMALLEST, Seen, SeenLines

SAME = [
    ("ERR at 2026-05-09T05:32:36.120Z", "ERR at 2026-05-10T11:38:15.001Z"),
    ("request 0b5e1c9a-7d0e-4f61-9c8e-1f2a3b4c5d6e failed", "request 9f8e7d6c-5b4a-4321-8fed-0a1b2c3d4e5f failed"),
    ("took 3.21s", "took 2.87s"),
    ("pid 48211", "pid 48930"),
    ("job_8f3kx2 queued", "job_91abz7 queued"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_ids_and_times_mean_nothing(one, other):
    assert without_ids(one) == without_ids(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3 failed, 40 passed", "2 failed, 41 passed"),
        ("Error in a.py", "Error in b.py"),
        ("step 3", "step 4"),
        ("rms 0.0312", "rms 0.0287"),
    ],
)
def test_counts_and_words_mean_something(one, other):
    assert without_ids(one) != without_ids(other)


def test_hashes_of_one_length_become_equal_and_words_do_not():
    def masked(text: str) -> bytes:
        return without_hashes(without_digits(text.encode()))

    assert masked("commit 8f3a2bc1") == masked("commit 1e9d04fa")
    assert masked("bad input") != masked("dad input")
    assert masked("a.py") != masked("b.py")


def test_the_label_of_an_action_is_taken_out_in_any_spelling():
    words = label_words("S091 prove refund-hold")
    assert without_label(b"TestRefundHold in refund_hold.go", words) == without_label(b"Test~~ in ~_~.go", ())


@pytest.mark.parametrize("text", ["[REDACTED]", "token=<redacted>", "sha256:ab12", "key ****"])
def test_what_was_cut_out_is_known(text):
    assert is_redacted(text)


def test_plain_text_is_not_cut():
    assert not is_redacted("reduce the action of this")


@given(st.lists(st.integers(0, 2**32 - 1), max_size=300))
def test_what_was_just_seen_is_known(marks):
    seen = Seen()
    for one in marks:
        seen.add(one)
        assert one in seen


def test_a_table_that_grows_forgets_nothing():
    seen, lines = Seen(), SeenLines(LARGEST)
    marks = list(range(1, 4 * SMALLEST))
    seen.learn(marks)
    assert not seen.unseen(marks)
    assert seen.take([*marks, 9999]) == [9999]
    assert lines.look(marks, marks) == (list(range(len(marks))), [])
    assert lines.look(marks, [*marks[:-1], 0]) == ([], [len(marks) - 1])


@given(st.binary(max_size=60).map(lambda data: data.replace(b"0", b"####").replace(b"1", b"ab#f")))
def test_hashes_are_runs_of_four_signs(data):
    assert without_hashes(data) == re.sub(rb"[a-fA-F#]{4,}", b"~", data)


def test_memory_has_an_end():
    seen = Seen()
    seen.learn(mark(str(number)) for number in range(20 * LARGEST))
    known = sum(mark(str(number)) in seen for number in range(20 * LARGEST))
    assert known <= LARGEST
    assert mark(str(20 * LARGEST - 1)) in seen
