"""What the sections of the page are built of: tables, cells, badges, figures, statements with their evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import LiteralString

from tui.model.finding import Severity
from tui.model.frozen import frozen
from tui.report.document import Line
from tui.report.html.markup import Child, Markup, Token, classes, element, group, grouped, percent
from tui.report.html.places import Places
from tui.report.shown import exact, rounded, shown
from tui.text.format import money
from tui.text.format import percent as percent_words
from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, number, own
from tui.view.findings import SEVERITIES

BAR_PX = 6


@frozen
class Column:
    """One column of a table."""

    title: SafeText
    is_number: bool = True
    hint: SafeText | None = None


def text_column(title: LiteralString) -> Column:
    """A column of words."""
    return Column(own(title), is_number=False)


def number_column(title: LiteralString, hint: LiteralString | None = None) -> Column:
    """A column of figures."""
    return Column(own(title), hint=own(hint) if hint is not None else None)


# -- sections ---------------------------------------------------------------------------------------


def note(*children: Child) -> Markup:
    """A remark in small type."""
    return element("p", *children, class_="note")


def folded(title: Child, *children: Child, is_open: bool = False) -> Markup:
    """Something that a reader opens; on paper it is open."""
    return element("details", element("summary", title), *children, open=is_open)


# -- tables -----------------------------------------------------------------------------------------


def table(
    caption: SafeText,
    columns: Sequence[Column],
    rows: Iterable[Markup],
    foot: Markup | None = None,
    *,
    class_: LiteralString = "",
) -> Markup:
    """A table in a box of its own, which scrolls where the page is narrow."""
    heads = [
        element(
            "th", column.title, scope="col", title=column.hint, class_="num" if column.is_number else None
        )
        for column in columns
    ]  # fmt: skip
    drawn = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *heads)),
        element("tbody", *rows),
        element("tfoot", foot) if foot is not None else None,
        class_=class_ or None,
    )
    return scrolled(caption, drawn)


def scrolled(name: SafeText, *children: Child) -> Markup:
    """A box that scrolls sideways, by the keyboard too."""
    return element("div", *children, class_="scroll", tabindex=0, role="region", aria_label=name)


def row(*cells: Markup, place: Token | None = None, class_: LiteralString | None = None) -> Markup:
    """One line of a table."""
    return element("tr", *cells, id=place, class_=class_)


def head_cell(*children: Child, class_: LiteralString | None = None) -> Markup:
    """The cell that names its line."""
    return element("th", *children, scope="row", class_=class_)


def cell(*children: Child, class_: LiteralString | None = None) -> Markup:
    """A cell of words."""
    return element("td", *children, class_=class_)


def number_cell(words: SafeText, title: SafeText | None = None) -> Markup:
    """A cell of one figure."""
    return element("td", words, class_="num", title=title)


def token_cell(count: int | None) -> Markup:
    """Tokens to three digits, the exact count beside them for who asks."""
    return number_cell(rounded(count), exact(count))


def exact_cell(count: int | None) -> Markup:
    """Tokens to the last one."""
    return number_cell(exact(count))


def money_cell(usd: float | None) -> Markup:
    """Dollars; an unknown cost says why."""
    return number_cell(money(usd), own("a model in it has no known price") if usd is None else None)


def share_cell(share: float | None, look: LiteralString = "fill-accent") -> Markup:
    """A share as a bar with its figure."""
    return element("td", share_bar(share, look), element("span", percent_words(share)), class_="num share")


def share_bar(share: float | None, look: LiteralString = "fill-accent") -> Markup:
    """A share as a bar alone."""
    part = min(1.0, max(0.0, share)) if share is not None else 0.0
    return element(
        "svg",
        element("rect", width="100%", height=BAR_PX, class_="track", fill="none"),
        element("rect", width=percent(part), height=BAR_PX, class_=look, fill="gray"),
        class_="bar", height=BAR_PX, aria_hidden="true",
    )  # fmt: skip


# -- words ------------------------------------------------------------------------------------------


def said(raw: str, limit: int = 300) -> Markup:
    """A text of a transcript, with its own direction of writing."""
    return element("bdi", shown(raw, limit=limit))


def code(raw: str, limit: int = 200) -> Markup:
    """A command, a path or a template."""
    return element("code", element("bdi", shown(raw, limit=limit)))


def counted(count: int, one: LiteralString, more: LiteralString) -> SafeText:
    """`1 lane`, `88 actions`."""
    return joined(exact(count), own(" "), own(one if count == 1 else more))


def severity_badge(severity: Severity) -> Markup:
    """A severity by its shape, its word and its colour."""
    look = SEVERITIES[severity]
    kind = _BADGES.get(severity, "info")
    return element(
        "span", element("span", look.glyph, aria_hidden="true"), own(" "), look.word, class_=classes("badge", kind)
    )


_BADGES: dict[Severity, LiteralString] = {Severity.STOP: "stop", Severity.WARN: "warn", Severity.INFO: "info"}


def statements(places: Places, lines: Sequence[Line], most: int = 40) -> Markup:
    """Statements, each with what it rests on; how many more there are."""
    items = [element("li", said(line.text, 600), *places.refs(line.evidence)) for line in lines[:most]]
    return group(element("ul", *items, class_="statements"), and_more(len(lines) - most))


def and_more(count: int) -> Markup | None:
    """`and 12 more`; None if there are no more."""
    return note(own("and "), number(count), own(" more")) if count > 0 else None


def listed(children: Iterable[Child], between: LiteralString = ", ") -> Markup:
    """Children in one line, with something between them."""
    made: list[Child] = []
    for child in children:
        made += (own(between), child)
    return grouped(made[1:])
