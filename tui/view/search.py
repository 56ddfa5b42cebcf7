"""Hits of a search as lines and as JSON. Their texts come from transcripts: they are shown as safe text alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import Any

from tui.history.search import Hit, Progress
from tui.history.search_words import Query, spans_of
from tui.text.cell_width import cut
from tui.text.format import date, hour, number, size
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, column, joined, line_width, own, spread, word
from tui.view.json_out import SCHEMA, iso

SNIPPET = 240
"""The most characters of a snippet."""
_BEFORE = 60
"""Characters of a snippet before the first match."""
FOUND = "match"
"""The role of what was found."""
_ROLE_LOOKS = {"user": "accent", "assistant": "text", "tool": "dim", "error": "stop"}


def snippet(hit: Hit, query: Query, most: int = SNIPPET) -> SafeText:
    """The part of a hit's text around the first match, on one line."""
    spans = spans_of(query, hit.text)
    at = spans[0][0] if spans else 0
    before = min(_BEFORE, most // 3)
    start = 0 if at <= before else hit.text.find(" ", at - before, at) + 1 or at - before
    text = " ".join(hit.text[start : start + 2 * most + 400].split())
    return joined(own("…" if start else ""), safe_text(text, limit=most))


def marked(text: SafeText, query: Query, role: str = "text") -> Line:
    """A text with the matches in their role."""
    made: list[Span] = []
    end = 0
    for first, last in spans_of(query, text):
        if first < end:
            continue
        made += [Span(SafeText(text[end:first]), role), Span(SafeText(text[first:last]), FOUND)]
        end = last
    made.append(Span(SafeText(text[end:]), role))
    return tuple(span for span in made if span.text)


def when(hit: Hit, zone: tzinfo | None = None) -> SafeText:
    """The local day and time of a hit; `?` if its line states none."""
    return joined(date(hit.at, zone), own(" "), hour(hit.at, zone)) if hit.at is not None else own("?")


def hit_lines(hit: Hit, query: Query, cells: int, zone: tzinfo | None = None) -> list[Line]:
    """Two lines for a list: when, who, where; and the snippet."""
    left: Line = (
        column(when(hit, zone), 17, "dim"), column(safe_text(hit.role), 10, _ROLE_LOOKS[hit.role]),
        Span(safe_text(hit.title or hit.lane_id, limit=160), "strong"),
    )  # fmt: skip
    right: Line = (word("  "), Span(safe_text(hit.project, limit=24), "dim"), word("  "),
                   Span(safe_text(hit.agent, limit=12), "dim"), word(" "))  # fmt: skip
    if cells < 100:
        right = (word("  "), Span(safe_text(hit.project, limit=16), "dim"), word(" "))
    text = marked(snippet(hit, query, max(40, min(SNIPPET, cells - 6))), query)
    return [spread(left, right, cells), (word("  "), *text)]


def printed_hit(hit: Hit, query: Query) -> list[Line]:
    """The lines of a hit that a command prints."""
    return [
        (
            Span(when(hit), "dim"), word("  "), Span(safe_text(hit.role), _ROLE_LOOKS[hit.role]), word("  "),
            Span(safe_text(hit.lane_id, limit=80), "strong"), word("  "), Span(safe_text(hit.project, limit=40), "dim"),
            word("  "), Span(safe_text(hit.title, limit=100), "text"),
        ),
        (word("    "), *marked(snippet(hit, query), query)),
    ]  # fmt: skip


def note_lines(query: Query) -> list[Line]:
    """What was not understood in a query."""
    return [(Span(safe_text(note, limit=300), "warn"),) for note in query.notes]


def covered(progress: Progress, *, is_done: bool) -> SafeText:
    """What a search did not cover by the index, in words; empty if the index has all."""
    missing = progress.total - progress.indexed
    if not missing:
        return own("")
    told = joined(number(missing), own(" of "), number(progress.total), own(" transcripts ("),
                  size(progress.left_bytes), own(") are not in the index"))  # fmt: skip
    if is_done and progress.scanned >= missing:
        return joined(told, own(": they were read for this search"))
    if progress.scanned:
        return joined(told, own(", "), number(progress.scanned), own(" of them were read"))
    return told


def count_words(count: int, *, is_whole: bool) -> SafeText:
    """The number of hits: `12 hits`, `50 hits, there may be more`."""
    if not count:
        return own("no hits") if is_whole else own("no hits yet")
    of = own(" hit" if count == 1 else " hits")
    return joined(number(count), of, own("" if is_whole else ", there may be more"))


def title_line(title: SafeText, state: Line, cells: int) -> Line:
    """The head of the search screen: its name, and how far the index is."""
    room = max(8, cells - line_width(state) - 1)
    return spread((Span(cut(title, room), "title"),), (*state, word(" ")), cells)


def search_json(
    hits: Iterable[Hit], query: Query, progress: Progress, notes: Sequence[str], *, is_whole: bool
) -> dict[str, Any]:
    """The document of `search --json`."""
    return {
        "schema": SCHEMA,
        "hits": [_hit_json(hit, query) for hit in hits],
        "complete": is_whole,
        "transcripts": {
            "total": progress.total, "indexed": progress.indexed, "scanned": progress.scanned,
            "bytes_not_indexed": progress.left_bytes,
        },
        "index_problem": safe_text(progress.problem, limit=300) or None,
        "notes": [safe_text(note, limit=300) for note in notes],
    }  # fmt: skip


def _hit_json(hit: Hit, query: Query) -> dict[str, Any]:
    return {
        "lane": safe_text(hit.lane_id, limit=200),
        "session": safe_text(hit.session, limit=200),
        "agent": safe_text(hit.agent),
        "project": safe_text(hit.project),
        "title": safe_text(hit.title),
        "at": iso(hit.at),
        "role": hit.role,
        "snippet": snippet(hit, query),
        "path": safe_text(hit.path, limit=4000),
        "offset": hit.offset,
    }
