"""Reading what has any type: JSON, times, counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.io.json_fields import MAX_COUNT, compact_json, count, epoch, number, parse, stamp
from tui.io.lines import BadLine


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not JSON"),
        (b'{"a":', "not JSON"),
        (b'{"a":1} x', "not JSON"),
        (b'{"a":NaN}', "not JSON"),
        (b"\x00\x00\x00", "not JSON"),
        (b"[1]", "not an object: a list"),
        (b'"x"', "not an object: a text"),
        (b"3.5", "not an object: a number"),
        (b"true", "not an object: a truth value"),
        (b"null", "not an object: null"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested too deeply"),
    ],
)
def test_a_bad_line_says_why_in_words(data: bytes, why: str) -> None:
    with pytest.raises(BadLine, match=why):
        parse(data)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (rb'{"a":"cut \ud83d"}', "cut \ufffd"),
        (rb'{"a":"\ude00 cut"}', "\ufffd cut"),
        (rb'{"a":"\ud83d\ude00 and \ud83d"}', "\U0001f600 and \ufffd"),
        (rb'{"a":"\\ud83d \ud83d"}', "\\ud83d \ufffd"),
        (rb'{"a":"\\\ud83d"}', "\\\ufffd"),
        (b'{"a":"caf\xe9"}', "caf\ufffd"),
    ],
)
def test_broken_characters_cost_themselves_not_the_line(data: bytes, value: str) -> None:
    assert parse(data)["a"] == value


def test_repair_does_not_hide_other_damage() -> None:
    with pytest.raises(BadLine):
        parse(rb'{"a":"\ud83d"')


@given(st.binary())
def test_any_bytes_are_an_object_or_a_bad_line(data: bytes) -> None:
    try:
        assert isinstance(parse(data), dict)
    except BadLine as error:
        assert str(error)


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2026-02-03T00:25:27.197Z", 1770078327.197),
        ("2026-02-03T01:25:27.197+01:00", 1770078327.197),
        ("2026-02-03T00:25:27.197", 1770078327.197),
        ("yesterday", None),
        ("", None),
        (1770078327, None),
        (None, None),
        ({}, None),
    ],
)
def test_times(value: object, at: float | None) -> None:
    assert stamp(value) == (pytest.approx(at) if at is not None else None)


@given(st.text())
def test_any_text_is_a_time_or_none(value: str) -> None:
    assert stamp(value) is None or isinstance(stamp(value), float)


@given(st.integers(0, MAX_COUNT))
def test_counts_are_taken_as_they_are(value: int) -> None:
    assert count({"n": value}, "n") == value


@pytest.mark.parametrize("value", [-1, MAX_COUNT + 1, 1.0, True, False, "1", [], {}])
def test_what_is_no_count_is_refused_by_name(value: object) -> None:
    with pytest.raises(BadLine, match=r"^n is not a token count$"):
        count({"n": value}, "n")


def test_an_absent_count_is_no_tokens() -> None:
    assert count({}, "n") == count({"n": None}, "n") == 0


@pytest.mark.parametrize("value", [True, "1", None, float("inf"), float("nan")])
def test_what_is_no_number_is_none(value: object) -> None:
    assert number(value) is None


def test_values_too_deep_to_write_are_named() -> None:
    deep: object = 1
    for _ in range(1000):
        deep = [deep]
    assert "nested too deeply" in compact_json(deep)


@pytest.mark.parametrize(
    ("value", "at"),
    [(1_765_000_000.5, 1_765_000_000.5), (0, 0.0), (-1, None), (1e300, None), (True, None), ("0", None)],
)
def test_a_time_as_a_number(value: object, at: float | None):
    assert epoch(value) == at
