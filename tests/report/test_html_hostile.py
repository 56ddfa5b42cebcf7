"""Whatever stands in a transcript: the page has the elements and attributes that it would have with harmless words."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.report.documents import fleet_report, loop_report, short_report
from tests.report.html_tools import Reader, skeleton, text_fields, with_texts
from tui.report.html import html_report

HOSTILE = (
    "<script>document.title='ran'</script>", "</script><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)", "</style><style>*{display:none}</style>", "</title></head><body><h1>gone</h1>",
    "javascript:alert(1)", "<svg onload=alert(1)>", "<!--", "-->", "]]>", "<![CDATA[", "&lt;script&gt;", "&#60;b&#62;", "&amp",
    "\x1b]0;renamed\x07", "\x1b[31mred\x1b[0m", "\u202etxt.exe", "\u0000", "\ud800", "a\nb\r\nc\td", "`${7*7}`", "{{7*7}}",
    "x" * 5000, "<a href=//example.com>", "</bdi></td></tr></table>", "<base href=//example.com>", "\u2028", "%3Cscript%3E",
    "ghp_0123456789abcdefghijABCDEFGHIJ456789",
)  # fmt: skip
LOOP, FLEET, SHORT = loop_report(), fleet_report(70), short_report()


def numbered(words):
    """A change of texts that keeps apart what was apart and empty what was empty; the text stands first or last."""
    seen: dict[str, str] = {}

    def change(raw: str) -> str:
        if not raw:
            return raw
        if raw not in seen:
            index = len(seen)
            word = words(index)
            seen[raw] = f"{word}{index}" if index % 2 else f"{index}{word}"
        return seen[raw]

    return change


HARMLESS = {
    id(report): skeleton(html_report(with_texts(report, numbered(lambda _: "word")))) for report in (LOOP, FLEET, SHORT)
}


def test_the_reports_here_hold_a_text_in_every_kind_of_field():
    # A field that is empty in all of them would be tested by nobody.
    assert text_fields(SHORT) == text_fields(LOOP)
    here = text_fields(LOOP) | text_fields(FLEET)
    assert {"ActionRow.title", "Closeout.run", "Condition.text", "Head.version", "Line.text", "Source.ref"} <= here
    assert {
        "Gap.kind",
        "Note.text",
        "Skip.why",
        "Moment.by",
        "StopPoint.caveat",
        "Truth.outcome",
        "Member.outcome",
    } <= here


@pytest.mark.parametrize("report", [LOOP, FLEET], ids=["loop", "fleet"])
@pytest.mark.parametrize("seed", range(2))
def test_hostile_words_change_no_element(report, seed):
    dice = random.Random(seed)
    page = html_report(with_texts(report, numbered(lambda _: dice.choice(HOSTILE))))
    assert skeleton(page) == HARMLESS[id(report)]
    page.encode("utf-8")


@settings(max_examples=examples(60))
@given(st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=40))
def test_any_words_change_no_element(words):
    page = html_report(with_texts(SHORT, numbered(lambda index: words[index % len(words)])))
    assert skeleton(page) == HARMLESS[id(SHORT)]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_word_is_an_address_a_style_or_an_id(text):
    page = html_report(with_texts(SHORT, numbered(lambda _: text)))
    for tag, attributes in Reader(page).elements:
        assert set(attributes) <= {
            "aria-hidden", "aria-label", "charset", "class", "colspan", "content", "cx", "cy", "d", "datetime", "fill",
            "height", "href", "http-equiv", "id", "lang", "name", "open", "pointer-events", "preserveaspectratio", "r", "role",
            "scope", "stroke", "tabindex", "text-anchor", "title", "vector-effect", "viewbox", "width", "x", "x1", "x2", "y",
            "y1", "y2",
        }, (tag, attributes)  # fmt: skip
        for name in ("class", "id", "href", "d", "name", "role", "fill", "http-equiv"):
            assert text not in (attributes.get(name) or "")
        assert (attributes.get("href") or "#").startswith("#")


def test_nothing_of_a_secret_or_an_escape_code_is_left():
    page = html_report(
        with_texts(LOOP, numbered(lambda _: " ghp_0123456789abcdefghijABCDEFGHIJ456789 \x1b]0;x\x07 \u202e "))
    )
    assert "0123456789abcdefghij" not in page
    assert not set(page) & {"\x1b", "\x07", "\u202e", "\u0000"}
