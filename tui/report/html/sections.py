"""The sections of the page, in the order of reading: their anchors, their titles, what is said of one that is empty."""

from __future__ import annotations

from typing import LiteralString, NamedTuple

from tui.report.html.markup import Child, Markup, Token, anchor, element
from tui.text.safe_text import SafeText
from tui.text.styled_text import own


class Section(NamedTuple):
    """One section."""

    place: Token
    title: SafeText
    empty: SafeText
    """What the page says in its stead if there is nothing in it."""


def _section(place: LiteralString, title: LiteralString, empty: LiteralString) -> Section:
    return Section(anchor(place), own(title), own(empty))


TIMELINE = _section("timeline", "Timeline", "Nothing in it has both a time and tokens: there is no timeline.")
WORK = _section("phases", "Phases and actions", "There is no action.")
STOP = _section("stop", "The stop", "No finding said stop.")
FAMILIES = _section("families", "Families", "No three actions in a row shared a proof shape: there is no family.")
FINDINGS = _section("findings", "Findings", "Nothing was found.")
TOKENS = _section("tokens", "Tokens", "No token was spent.")
LANES = _section("lanes", "Lanes", "There is no lane.")
COVERAGE = _section(
    "coverage", "Coverage and gaps", "No check was seen to run, and nothing was declared that was not done."
)
CLOSEOUT = _section("closeout", "Closeout", "There is no line of work to close.")
HALF_DONE = _section("half-done", "Half done", "Nothing was left half done.")
RETENTION = _section("retention", "What to keep", "There is no record of actions to keep.")
SOURCES = _section("sources", "Sources", "No transcript was read.")


def drawn(part: Section, *children: Child) -> Markup:
    """A section of the document with its heading."""
    return element("section", element("h2", part.title), *children, id=part.place)
