"""The builder of HTML: what is text stays text, and nothing can be made that runs or loads."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.html_tools import Reader
from tui.report.html.markup import (
    ATTRIBUTES,
    TAGS,
    Markup,
    anchor,
    area,
    box,
    classes,
    element,
    group,
    line,
    link_to,
    percent,
    style,
)
from tui.text.safe_text import safe_text
from tui.text.styled_text import own

HTML = Path(__file__).resolve().parents[2] / "tui" / "report" / "html"


@given(st.text())
def test_a_text_comes_back_as_it_went_in(raw):
    text = safe_text(raw)
    reader = Reader(f"{element('p', text, element('bdi', text))}")
    assert [tag for tag, _ in reader.elements] == ["p", "bdi"]
    assert "".join(reader.texts).rstrip("\n") == (text + text).rstrip("\n")
    assert not reader.odd


@given(st.text())
def test_a_text_in_an_attribute_stays_in_it(raw):
    text = safe_text(raw)
    reader = Reader(f"{element('p', title=text, aria_label=text)}")
    assert reader.elements == [("p", {"title": text, "aria-label": text})]


def test_markup_is_not_made_by_hand():
    with pytest.raises(TypeError):
        Markup()


@pytest.mark.parametrize(
    "tag", ["script", "iframe", "img", "object", "form", "input", "base", "foreignObject", "use", "animate"]
)
def test_what_runs_or_loads_is_no_element(tag):
    assert tag not in TAGS
    with pytest.raises(ValueError, match="no page of ours has an element"):
        element(tag)


@pytest.mark.parametrize(
    "name", ["onclick", "onload", "style", "src", "srcset", "xlink:href", "action", "formaction", "ping"]
)
def test_what_runs_or_loads_is_no_attribute(name):
    assert name not in ATTRIBUTES
    with pytest.raises(ValueError, match="no page of ours has an attribute"):
        element("p", **{name: own("x")})


@pytest.mark.parametrize(
    "to", ["https://example.com", "javascript:alert(1)", "//example.com", "#a b", "", "#", "data:text/html,x"]
)
def test_a_link_stays_in_the_page(to):
    with pytest.raises(ValueError, match="stays in the page"):
        element("a", href=safe_text(to))


def test_the_values_of_attributes():
    place = anchor("action", 2, 17)
    made = element("a", own("x"), href=link_to(place), id=place, tabindex=-1, open=True, title=None, role=False)
    assert str(made) == '<a href="#action-2-17" id="action-2-17" tabindex="-1" open>x</a>'
    assert percent(0.125) == "12.5%"
    assert percent(float("nan")) == "0%"
    assert box(74, 1000.0) == "0 0 74 1000"
    assert line([(0, 1.234), (2.5, 0.0)]) == "M0 1.23 L2.5 0"
    assert line([]) == ""
    assert area([(0, 0), (1, 0), (1, 1)]) == "M0 0 L1 0 L1 1Z"
    assert classes("a", "", "b") == "a b"
    assert str(element("rect", x=float("inf"), y=-0.001)) == '<rect x="0" y="0"></rect>\n'


def test_a_group_leaves_out_nothing_but_none():
    assert str(group(own("a"), None, element("br"), own("<"))) == "a<br>&lt;"


def test_a_style_sheet_cannot_end_its_element():
    with pytest.raises(ValueError, match="holds no"):
        style("p { content: '</style>' }")


@pytest.mark.parametrize("path", sorted(HTML.glob("*.py")), ids=lambda path: path.name)
def test_only_the_builder_writes_html(path):
    # No other module has a piece of HTML in a string, makes a Token of anything but literals, or reaches into a Markup.
    if path.name == "markup.py":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            assert "<" not in node.value, ast.unparse(node)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Token":
            assert all(isinstance(each, ast.Constant) for each in node.args), ast.unparse(node)
        assert not (isinstance(node, ast.Attribute) and node.attr == "_html"), path.name
        assert not (isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("SafeText", "Markup")), ast.unparse(
            node
        )
