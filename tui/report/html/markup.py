"""The one place where text becomes HTML.

A `Markup` is HTML that is safe as it stands, and only this module makes one: from elements and attributes that are
listed here, and from text, which it escapes. Text is a `SafeText`, so it has been through `tui.text.safe_text` before.
The lists hold nothing that runs, loads or leaves the page: no script, no handler, no style, no address but `#` and an
anchor of our own. A mistake in a template is a ValueError, never a hole.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import LiteralString, NewType, final

from tui.text.safe_text import SafeText

Token = NewType("Token", str)
"""The value of an attribute that is made of literals and numbers alone: an anchor, a length, a path."""

TAGS = frozenset(
    [
        "a",
        "article",
        "aside",
        "b",
        "bdi",
        "body",
        "br",
        "caption",
        "circle",
        "code",
        "col",
        "colgroup",
        "data",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "footer",
        "g",
        "h1",
        "h2",
        "h3",
        "h4",
        "head",
        "header",
        "html",
        "i",
        "li",
        "line",
        "link",
        "main",
        "meta",
        "nav",
        "ol",
        "p",
        "path",
        "rect",
        "section",
        "small",
        "span",
        "strong",
        "tspan",
        "style",
        "summary",
        "svg",
        "table",
        "tbody",
        "td",
        "text",
        "tfoot",
        "th",
        "thead",
        "time",
        "title",
        "tr",
        "ul",
    ]
)
ATTRIBUTES = frozenset(
    [
        "aria-hidden",
        "aria-label",
        "aria-labelledby",
        "charset",
        "class",
        "colspan",
        "content",
        "cx",
        "cy",
        "d",
        "datetime",
        "dir",
        "fill",
        "height",
        "href",
        "http-equiv",
        "id",
        "lang",
        "media",
        "name",
        "open",
        "pointer-events",
        "preserveAspectRatio",
        "r",
        "role",
        "scope",
        "stroke",
        "tabindex",
        "text-anchor",
        "title",
        "transform",
        "value",
        "vector-effect",
        "viewBox",
        "width",
        "x",
        "x1",
        "x2",
        "y",
        "y1",
        "y2",
    ]
)
_VOID = frozenset(("br", "col", "link", "meta"))
_BLOCKS = frozenset(
    [
        "article",
        "aside",
        "body",
        "caption",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "g",
        "h1",
        "h2",
        "h3",
        "h4",
        "head",
        "header",
        "html",
        "li",
        "link",
        "main",
        "meta",
        "nav",
        "ol",
        "p",
        "path",
        "rect",
        "section",
        "style",
        "summary",
        "svg",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "title",
        "tr",
        "ul",
    ]
)
"""A line of their own in the file; white space after these means nothing."""
_ANCHOR = re.compile(r"#[a-z0-9-]+")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "`": "&#96;"})


@final
class Markup:
    """HTML that is safe as it stands. Made by `element` and its kin alone."""

    __slots__ = ("_html",)

    _html: str

    def __init__(self) -> None:
        raise TypeError("HTML is made by element(), group() and text(), never by hand")

    def __str__(self) -> str:
        return self._html


Child = Markup | SafeText | None
Value = LiteralString | SafeText | Token | int | float | bool | None


def element(tag: LiteralString, /, *children: Child, **attributes: Value) -> Markup:
    """An element with its children; texts among them are escaped, None is left out.

    An attribute's name is written with `_` for `-`, and `class_`. None and False leave it out, True writes it bare.

    Raises:
        ValueError: an element or attribute that no page of ours needs, or a link that leaves the page.
    """
    if tag not in TAGS:
        raise ValueError(f"no page of ours has an element {tag!r}")
    opening = "".join((tag, *(_attribute(name, value) for name, value in attributes.items())))
    end = "\n" if tag in _BLOCKS else ""
    if tag in _VOID:
        return _made(f"<{opening}>{end}")
    return _made(f"<{opening}>{_inner(children)}</{tag}>{end}")


def group(*children: Child) -> Markup:
    """Children one after the other, without an element around them."""
    return _made(_inner(children))


def grouped(children: Iterable[Child]) -> Markup:
    """The same of any number."""
    return _made(_inner(children))


def style(sheet: str) -> Markup:
    """The page's style sheet, as it is: a file of this package.

    Raises:
        ValueError: it would end its element.
    """
    if "<" in sheet:
        raise ValueError("a style sheet that is put into a page holds no `<`")
    return _made(f"<style>{sheet}</style>\n")


def page(root: Markup) -> str:
    """The whole file."""
    return f"<!doctype html>\n{root}"


# -- values of attributes ---------------------------------------------------------------------------


def anchor(kind: LiteralString, *numbers: int) -> Token:
    """The id of a place in the page: `action-2-17`."""
    return Token("-".join((kind, *map(str, numbers))))


def link_to(place: Token) -> Token:
    """An `href` to an anchor of this page."""
    return Token(f"#{place}")


def percent(part: float) -> Token:
    """A length in parts of a hundred: 0.125 is `12.5%`."""
    return Token(f"{_number(part * 100)}%")


def box(width: float, height: float) -> Token:
    """A `viewBox` from the origin."""
    return Token(f"0 0 {_number(width)} {_number(height)}")


def area(points: Iterable[tuple[float, float]]) -> Token:
    """A `path` around these points."""
    return Token(f"{line(points)}Z")


def line(points: Iterable[tuple[float, float]]) -> Token:
    """A `path` through these points; empty if there are none."""
    steps = " L".join(f"{_number(x)} {_number(y)}" for x, y in points)
    return Token(f"M{steps}" if steps else "")


def classes(*names: LiteralString) -> Token:
    """A `class` of several names; empty ones are left out."""
    return Token(" ".join(name for name in names if name))


# -- how it is written ------------------------------------------------------------------------------


def _made(html: str) -> Markup:
    made = object.__new__(Markup)
    made._html = html  # pyright: ignore[reportPrivateUsage] # this is the module that may
    return made


def _inner(children: Iterable[Child]) -> str:
    return "".join(
        child._html if isinstance(child, Markup) else _escaped(child)  # pyright: ignore[reportPrivateUsage]
        for child in children
        if child is not None
    )


def _attribute(name: str, value: Value) -> str:
    if value is None or value is False:
        return ""
    name = "class" if name == "class_" else name.replace("_", "-")
    if name not in ATTRIBUTES:
        raise ValueError(f"no page of ours has an attribute {name!r}")
    if value is True:
        return f" {name}"
    written = _number(value) if isinstance(value, int | float) else value
    if name == "href" and _ANCHOR.fullmatch(written) is None:
        raise ValueError(f"a link of ours stays in the page: {written!r}")
    return f' {name}="{_escaped(written)}"'


def _escaped(text: str) -> str:
    """What has a meaning in text or in a quoted attribute, as a reference."""
    return text.translate(_ESCAPES)


def _number(value: float) -> str:
    """At most two decimals, none that say nothing. What is no number is 0: a drawing never breaks on a figure."""
    if not math.isfinite(value):
        return "0"
    written = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return "0" if written == "-0" else written
