"""The scanner: as strict as JSON except for comments and one trailing comma, with exact positions."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.control.install.json_text import DEEPEST, JsonTextError, after_comments, scan

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values, st.sampled_from([None, 0, 2, "\t"]), st.booleans())
def test_values_are_those_of_the_json_parser(value, indent, ascii_only):
    document = scan(json.dumps(value, indent=indent, ensure_ascii=ascii_only))
    assert document.root is not None
    assert document.value(document.root) == value
    assert document.extras is None


@given(st.text(alphabet='{}[],:"\\ \n/*1truefalsn-.eu0', max_size=40))
def test_accepted_text_without_extras_is_plain_json(text):
    """Compares with the standard library: it accepts exactly the same texts."""
    try:
        expected = json.loads(text, parse_constant=pytest.fail)
    except ValueError:
        expected = JsonTextError
    try:
        document = scan(text)
        found = JsonTextError if document.root is None or document.extras is not None else document.value(document.root)
    except JsonTextError:
        found = JsonTextError
    assert found == expected


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{"a" 1}', 1, 6),
        ('{\n  "a": 1\n  "b": 2}', 3, 3),
        ('{"a": 1,,}', 1, 9),
        ("{,}", 1, 2),
        ("{'a': 1}", 1, 2),
        ('{"a": nope}', 1, 7),
        ('{"a": 01}', 1, 8),
        ('{"a": "tab\there"}', 1, 7),
        ('{"a": "\\x"}', 1, 7),
        ('{"a": "open}', 1, 7),
        ('{"a": 1} x', 1, 10),
        ('\ufeff{"a": x}', 1, 7),
        ('{\r\n "a": 1 /* never', 2, 9),
        ("[1, 2", 1, 6),
        ('{"a": NaN}', 1, 7),
    ],
)
def test_an_error_has_line_and_column(text, line, column):
    with pytest.raises(JsonTextError) as raised:
        scan(text)
    assert (raised.value.line, raised.value.column) == (line, column)


def test_comments_and_a_trailing_comma_are_reported():
    assert scan('{"a": [1, 2,]}').extras == 11
    assert scan("// c\n{}").extras == 0
    assert scan('{"url": "http://x/*y*/"}').extras is None


def test_blank_texts_have_no_root():
    for text in ("", " \r\n", "\ufeff", "// only this"):
        assert scan(text).root is None


def test_the_last_of_equal_keys_counts():
    document = scan('{"a": 1, "b": 0, "a": 2}')
    assert document.root is not None
    assert document.value(document.root) == {"a": 2, "b": 0}
    assert len(document.root.members("a")) == 2


def test_the_depth_of_nesting_is_limited():
    scan("[" * DEEPEST + "]" * DEEPEST)
    with pytest.raises(JsonTextError, match="deep"):
        scan("[" * 100_000)


def test_after_comments_stops_before_the_following_white_space():
    text = "  /* a */ // b\n  }"
    assert text[after_comments(text, 0) :] == "\n  }"
    assert after_comments("   }", 0) == 0
