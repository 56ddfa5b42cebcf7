"""Nothing unsafe comes through in any format, whatever field of the document holds it; no template can get around that."""

from __future__ import annotations

import json
import random
import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import TemplateAssertionError
from markupsafe import Markup

from tests.effort import examples
from tests.report.documents import fleet_report, loop_report, short_report
from tests.report.filled import filled, text_fields
from tests.report.html_tools import Reader, skeleton, with_texts
from tests.report.test_markdown import assert_harmless
from tui.report.document import Comparison, Report
from tui.report.html_page import area, html_environment, html_report, line, share_as_length
from tui.report.markdown import comparison_markdown, markdown, markdown_environment
from tui.report.published import comparison_text, report_text
from tui.report.render import TEMPLATES, digits

SECRET = "ghp_0123456789abcdefghijABCDEFGHIJ456789"
ALL_AT_ONCE = f"\x1b]0;renamed\x07<script>alert(1)</script> {{{{7*7}}}} \x1b[31mred\x1b[0m \u202etxt.exe\u2066 {SECRET} | [x](https://evil.example)"
HOSTILE = (
    "<script>document.title='ran'</script>", "</script><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)", "</style><style>*{display:none}</style>", "</title></head><body><h1>gone</h1>",
    "javascript:alert(1)", "<svg onload=alert(1)>", "<!--", "-->", "]]>", "<![CDATA[", "&lt;script&gt;", "&#60;b&#62;", "&amp",
    "\x1b]0;renamed\x07", "\x1b[31mred\x1b[0m", "\u202etxt.exe", "\u0000", "\ud800", "a\nb\r\nc\td", "`${7*7}`", "{{7*7}}",
    "{% if 1 %}", "{# note #}", "x" * 5000, "<a href=//example.com>", "</bdi></td></tr></table>", "<base href=//example.com>",
    "\u2028", "%3Cscript%3E", SECRET,
)  # fmt: skip
LOOP, FLEET, SHORT = loop_report(), fleet_report(70), short_report()
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@cache
def pages(text: str) -> dict[str, str]:
    """Every format of documents that hold a text in every field."""
    report, comparison = filled(Report, text), filled(Comparison, text)
    return {
        "html": html_report(report),
        "markdown": markdown(report),
        "comparison": comparison_markdown(comparison),
        "json": report_text(report),
        "comparison json": comparison_text(comparison),
    }


# -- every field of a text, found from the types ----------------------------------------------------


def test_the_types_tell_all_fields_of_texts():
    found = text_fields(Report) | text_fields(Comparison)
    assert {
        "ActionRow.title",
        "Condition.text",
        "Member.words",
        "UnreadableLine.why",
        "Finding.title",
        "Measure.name",
    } <= found
    assert len(found) > 60


@pytest.mark.parametrize("format", ["html", "markdown", "comparison", "json", "comparison json"])
def test_nothing_unsafe_comes_through(format: str):
    page = pages(ALL_AT_ONCE)[format]
    if format.endswith("json"):
        page = json.dumps(json.loads(page), ensure_ascii=False)
    assert SECRET not in page
    assert "0123456789abcdef" not in page
    assert "‹masked›" in page
    assert not UNSEEN.search(page)
    assert "{{7*7}}" in page  # quoted, and never worked out
    if format == "html":
        assert "<script" not in page
        assert "&lt;script&gt;" in page
    if "json" not in format and format != "html":
        assert_harmless(page)


@pytest.mark.parametrize("text", HOSTILE)
def test_each_hostile_text_alone(text: str):
    made = pages(f"1 {text} 2")
    assert skeleton(made["html"]) == harmless()
    assert_no_text_is_an_address_a_style_or_an_id(made["html"], text)
    for page in (made["markdown"], made["comparison"]):
        assert_harmless(page)
        assert not UNSEEN.search(page)
    assert made["json"].isascii()
    assert not UNSEEN.search(json.dumps(json.loads(made["json"]), ensure_ascii=False))
    assert "0123456789abcdef" not in "".join(made.values())


@settings(max_examples=examples(40))
@given(st.text(min_size=1, max_size=80))
def test_any_text_in_every_field_changes_no_element(text: str):
    page = html_report(filled(Report, f"1{text}2"))
    assert skeleton(page) == harmless()
    assert not UNSEEN.search(page)


@cache
def harmless():
    """The elements of a page whose texts are words."""
    return skeleton(html_report(filled(Report, "1 word 2")))


# -- different texts in different fields ------------------------------------------------------------


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


REPORTS = {"loop": LOOP, "fleet": FLEET, "short": SHORT}


@cache
def plain(name: str):
    """The elements of a report's page whose texts are words."""
    return skeleton(html_report(with_texts(REPORTS[name], numbered(lambda _: "word"))))


@pytest.mark.parametrize("name", ["loop", "fleet"])
@pytest.mark.parametrize("seed", range(2))
def test_hostile_words_change_no_element(name, seed):
    dice = random.Random(seed)
    page = html_report(with_texts(REPORTS[name], numbered(lambda _: dice.choice(HOSTILE))))
    assert skeleton(page) == plain(name)
    page.encode("utf-8")


@settings(max_examples=examples(40))
@given(st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=40))
def test_any_words_change_no_element(words):
    page = html_report(with_texts(SHORT, numbered(lambda index: words[index % len(words)])))
    assert skeleton(page) == plain("short")


TAGS = {
    "a", "article", "aside", "bdi", "body", "caption", "circle", "code", "dd", "details", "div", "dl", "dt", "em", "figcaption",
    "figure", "footer", "h1", "h2", "h3", "head", "header", "html", "li", "line", "main", "meta", "nav", "ol", "p", "path", "rect",
    "section", "span", "strong", "style", "summary", "svg", "table", "tbody", "td", "text", "tfoot", "th", "thead", "time", "title",
    "tr", "tspan", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "aria-hidden", "aria-label", "charset", "class", "colspan", "content", "cx", "cy", "d", "datetime", "fill", "height", "href",
    "http-equiv", "id", "lang", "name", "open", "pointer-events", "preserveaspectratio", "r", "role", "scope", "stroke", "tabindex",
    "text-anchor", "title", "vector-effect", "viewbox", "width", "x", "x1", "x2", "y", "y1", "y2",
}  # fmt: skip


def assert_no_text_is_an_address_a_style_or_an_id(page: str, text: str) -> None:
    for tag, attributes in Reader(page).elements:
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES, (tag, attributes)
        for name in ("class", "id", "href", "d", "name", "role", "fill", "http-equiv"):
            assert text not in (attributes.get(name) or "")
        assert re.fullmatch(r"#[a-z0-9-]+", attributes.get("href") or "#x")


# -- templates --------------------------------------------------------------------------------------


def environments():
    return [("html", html_environment()), ("markdown", markdown_environment())]


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.*")), ids=lambda path: path.name)
def test_every_template_keeps_the_rules(path):
    environment = markdown_environment() if ".md." in path.name else html_environment()
    source = path.read_text(encoding="utf-8")
    environment.compile(source)
    assert not re.search(r"\|\s*safe\b|autoescape", source)


@pytest.mark.parametrize(("name", "environment"), environments(), ids=["html", "markdown"])
@pytest.mark.parametrize(
    "template",
    [
        "{{ made ~ raw }}", "{{ made + raw }}", "{{ raw + made }}", "{{ '<b>%s' % raw }}", "{{ made.join([raw]) }}",
        "{{ made.format(raw) }}", "{{ made.replace('a', raw) }}", "{{ made['format'](raw) }}", "{{ raw|safe }}",
        "{{ [made, raw]|join }}", "{{ raw|tojson }}", "{{ raw|replace('a', made) }}", "{{ raw|format(made) }}",
        "{{ raw|forceescape }}", "{% autoescape false %}{{ raw }}{% endautoescape %}", "{{ made.__add__(raw) }}",
    ],
)  # fmt: skip
def test_what_could_go_around_the_boundary_does_not_compile(name, environment, template):
    with pytest.raises(TemplateAssertionError):
        environment.from_string(template)


@pytest.mark.parametrize(("name", "environment"), environments(), ids=["html", "markdown"])
@pytest.mark.parametrize("value", [["a"], {"a": 1}, object(), True, b"a"])
def test_only_texts_and_numbers_are_printed(name, environment, value):
    with pytest.raises(TypeError, match="texts and numbers"):
        environment.from_string("{{ value }}").render(value=value)


@pytest.mark.parametrize(("name", "environment"), environments(), ids=["html", "markdown"])
@given(raw=st.text())
def test_a_text_that_goes_through_macros_and_blocks_is_safe(name, environment, raw):
    template = environment.from_string(
        "{% macro one(text) %}{{ text }}{% endmacro %}{% set block %}{{ one(raw) }}{% endset %}{{ block }}"
    )
    page = template.render(raw=f"{raw} {SECRET} {raw}")
    assert not UNSEEN.search(page)
    assert SECRET not in page
    if name == "html":
        assert not Reader(page).elements


def test_words_made_of_numbers_take_no_text():
    for name in ("exact", "rounded", "money", "percent", "clock", "long_duration"):
        assert markdown_environment().from_string(f"{{{{ value|{name} }}}}").render(value=12.5)
        with pytest.raises(TypeError):
            markdown_environment().from_string(f"{{{{ value|{name} }}}}").render(value="<b>")


# -- numbers of drawings ----------------------------------------------------------------------------


def test_numbers_of_drawings():
    assert [digits(one) for one in (1, 1.0, 1.234, -0.001, float("inf"), float("nan"))] == [
        "1",
        "1",
        "1.23",
        "0",
        "0",
        "0",
    ]
    assert share_as_length(0.125) == "12.5%"
    assert line([(0, 1.234), (2.5, 0.0)]) == "M0 1.23 L2.5 0"
    assert line([]) == ""
    assert area([(0, 0), (1, 0), (1, 1)]) == "M0 0 L1 0 L1 1Z"
    assert isinstance(area([]), Markup)
    with pytest.raises(ValueError, match="could not convert"):
        line([("<b>", 0)])  # type: ignore[list-item]
