"""The page: one self-contained file, with no script and nothing that it loads, in the order of reading."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

from tui.model.event import Skip
from tui.report.document import Head, Report, Source
from tui.report.html.figures import tokens_section
from tui.report.html.findings import families_section, findings_section, stop_section
from tui.report.html.lanes import lanes_section
from tui.report.html.markup import Markup, anchor, element, group, link_to, page, style
from tui.report.html.parts import (
    cell,
    counted,
    folded,
    head_cell,
    listed,
    note,
    number_cell,
    number_column,
    row,
    said,
    table,
    text_column,
)
from tui.report.html.places import Places, places_of
from tui.report.html.record import closeout_section, coverage_section, half_done_section, retention_section
from tui.report.html.sections import (
    CLOSEOUT,
    COVERAGE,
    FAMILIES,
    FINDINGS,
    HALF_DONE,
    LANES,
    RETENTION,
    SOURCES,
    STOP,
    TIMELINE,
    TOKENS,
    WORK,
    Section,
    drawn,
)  # fmt: skip
from tui.report.html.summary import notes_of, summary
from tui.report.html.timeline import timeline_section
from tui.report.html.work import work_section
from tui.report.shown import shown
from tui.text.safe_text import SafeText, safe_path, safe_text
from tui.text.styled_text import joined, number, own

SOURCES_SHOWN = 500


def html_report(report: Report) -> str:
    """The report as one HTML file, to be written as UTF-8.

    It holds no script and loads nothing; its policy forbids both. Every text is made safe and then escaped.
    """
    places = places_of(report)
    title = joined(shown(report.head.title, limit=120), own(" · lanewatch report"))
    made = [(part, make(places)) for part, make in _SECTIONS]
    full = [(part, section) for part, section in made if section is not None]
    empty = [part for part, section in made if section is None]
    root = element(
        "html",
        _head(title, report.head),
        element(
            "body",
            element("a", own("Skip to the report"), href=link_to(TOP), class_="skip"),
            element(
                "div", summary(places), _contents([part for part, _ in full]),
                element("main", *(section for _, section in full), _empty(empty), _foot(report.head), id=TOP),
                class_="page",
            ),
        ),
        lang="en",
    )  # fmt: skip
    return page(root)


TOP = anchor("report")


@cache
def _sheet() -> str:
    return (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


@cache
def _policy() -> SafeText:
    """Nothing may be loaded or run; the one style sheet is named by its hash, so that no other style counts."""
    digest = b64encode(sha256(_sheet().encode()).digest()).decode()
    return safe_text(f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'")


def _head(title: SafeText, head: Head) -> Markup:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy()),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="generator", content=joined(own("lanewatch "), shown(head.version, limit=40))),
        element("title", title),
        style(_sheet()),
    )


def _contents(parts: Sequence[Section]) -> Markup:
    """The table of contents: the sections that have something in them."""
    items = [element("li", element("a", part.title, href=link_to(part.place))) for part in parts]
    return element(
        "nav", element("p", own("Contents"), class_="kicker"), element("ol", *items), aria_label=own("Contents")
    )  # fmt: skip


def _empty(parts: Sequence[Section]) -> Markup | None:
    """What there is nothing to say of, in one place."""
    if not parts:
        return None
    items = [element("li", part.empty) for part in parts]
    return element("section", element("h2", own("Nothing to tell")), element("ul", *items, class_="statements"))


# -- sources ----------------------------------------------------------------------------------------


def _sources_section(places: Places) -> Markup | None:
    """What the figures rest on: transcripts, doubts, what could not be read."""
    head = places.report.head
    doubts = (
        group(element("h3", own("To be read with care")), notes_of(head.notes, places)) if head.notes else None
    )  # fmt: skip
    parts = doubts, _sources(places), _skipped(head)
    return drawn(SOURCES, *parts) if any(parts) else None


def _sources(places: Places) -> Markup | None:
    if not places.report.sources:
        return None
    shown = places.report.sources[:SOURCES_SHOWN]
    rows = [_source(places, source) for source in shown]
    more = len(places.report.sources) - len(shown)
    told = note(own("and "), number(more), own(" more")) if more > 0 else None
    words = note(own("Evidence names a transcript and a byte in it: T2:48213 is byte 48,213 of the second one."))
    columns = (text_column("Transcript"), text_column("Path"), text_column("Lanes"))
    return group(words, table(own("Transcripts"), columns, rows), told)


def _source(places: Places, source: Source) -> Markup:
    lanes = [places.lane_link(lane) for lane in source.lanes[:4]]
    more = joined(own(" and "), number(len(source.lanes) - 4), own(" more")) if len(source.lanes) > 4 else None
    place, _ = places.sources[source.path]
    path = element("code", element("bdi", safe_path(shown(source.path, limit=1000), limit=120)))
    return row(head_cell(said(source.ref, 12)), cell(path), cell(listed(lanes), more), place=place)


def _skipped(head: Head) -> Markup | None:
    if not head.skipped_lines:
        return None
    columns = (text_column("Transcript"), number_column("Line"), text_column("Why"))
    rows = [_skip(skip) for skip in head.skipped[:100]]
    title = joined(own("What could not be read: "), counted(head.skipped_lines, "line", "lines"))
    return folded(title, table(own("Skipped, the newest"), columns, rows))


def _skip(skip: Skip) -> Markup:
    line = number(skip.line) if skip.line is not None else own("whole file")
    path = element("code", element("bdi", safe_path(shown(skip.path, limit=1000), limit=100)))
    return row(head_cell(path), number_cell(line), cell(said(skip.why, 200)))


_SECTIONS: tuple[tuple[Section, Callable[[Places], Markup | None]], ...] = (
    (TIMELINE, timeline_section),
    (WORK, work_section),
    (STOP, stop_section),
    (FAMILIES, families_section),
    (FINDINGS, findings_section),
    (TOKENS, tokens_section),
    (LANES, lanes_section),
    (COVERAGE, coverage_section),
    (CLOSEOUT, closeout_section),
    (HALF_DONE, half_done_section),
    (RETENTION, retention_section),
    (SOURCES, _sources_section),
)
"""In the order of reading."""


def _foot(head: Head) -> Markup:
    masked = joined(counted(head.masked, "secret is", "secrets are"), own(" masked in its texts."))
    return element(
        "footer",
        element(
            "p", own("Made by lanewatch "), said(head.version, 40),
            own(" from the agents' own transcripts. Times are UTC. Each token is counted once. "), masked,
        ),
    )  # fmt: skip
