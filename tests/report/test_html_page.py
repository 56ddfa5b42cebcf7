"""The page as a document: what it states, where it leads, how it reads without its style and without colour."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.report.documents import empty_report, fleet_report, loop_report
from tests.report.html_tools import Reader, skeleton
from tui.config.colour import READABLE, contrast
from tui.report.charts import COLUMNS, round_ticks, time_scale
from tui.report.document import ActionRow, Timeline, Window
from tui.report.html_page import ACTIONS_SHOWN, FINDINGS_SHOWN, LANES_SHOWN, html_report

CSS = (Path(__file__).resolve().parents[2] / "tui" / "report" / "templates" / "style.css").read_text(encoding="utf-8")
REPORTS = {"loop": loop_report(), "empty": empty_report(), "one lane": fleet_report(1), "400 lanes": fleet_report(400)}
every_page = pytest.mark.parametrize("page", REPORTS, indirect=True)


@cache
def page_of(name: str) -> str:
    return html_report(REPORTS[name])


@pytest.fixture
def page(request: pytest.FixtureRequest) -> str:
    return page_of(request.param)


# -- what it states ---------------------------------------------------------------------------------


def test_the_first_screen_says_what_went_wrong_and_where_it_could_have_stopped():
    words = Reader(page_of("loop")).words
    for told in (
        "2026-05-09 05:32:36 to 11:38:15 UTC", "6 h 5 min 39 s (6.094 h)", "2 lanes", "1.191B", "1,190,826,256", "195.4M/h",
        "$600.61", "At 05:58:11 UTC, as S091 began", "937.1M tokens (79%)", "5 h 39 min 45 s", "S085 … S172", "164,098,", "31,305,",
    ):  # fmt: skip
        assert told in words, told
    assert words.index("Where it could have been stopped") < words.index("Timeline Burn by lane")


def test_what_is_unknown_is_shown_as_unknown():
    report = loop_report()
    head = replace(report.head, burn=None, figures=replace(report.head.figures, cost_usd=None))
    words = Reader(html_report(replace(report, head=head))).words
    assert "$ ?" in words
    assert re.search(r"\d+ of \d+ lanes priced", words)
    assert "?/h" in words


def test_what_is_empty_is_told_in_one_place():
    words = Reader(page_of("empty")).words
    assert "Nothing to tell" in words
    assert "No finding said stop." in words
    assert [attributes["href"] for tag, attributes in Reader(page_of("empty")).elements if tag == "a"] == ["#report"]


def test_a_big_fleet_is_told_by_its_biggest_lanes_and_the_rest_as_one():
    words = Reader(page_of("400 lanes")).words
    assert f"the other {400 - LANES_SHOWN} lanes together" in words
    assert "the other 393 lanes together" in words
    assert f"And {133 - FINDINGS_SHOWN} milder or cheaper ones: {133 - FINDINGS_SHOWN} × unverified claim" in words
    assert "The other 388 lines of work" in words


def test_a_long_line_of_work_shares_columns_and_lists_what_spent_most():
    report = loop_report()
    run = report.runs[0]
    rows: tuple[ActionRow, ...] = tuple(replace(run.actions[at % 87], index=at) for at in range(2 * COLUMNS + 1))
    reader = Reader(html_report(replace(report, runs=(replace(run, actions=rows),))))
    assert "Each column is the mean of 3 actions." in reader.words
    assert f"{len(rows) - ACTIONS_SHOWN} that spent less are not listed" in reader.words


@pytest.mark.parametrize("window", [Window(None, None), Window(5.0, 5.0), Window(1e300, 2e300), Window(2.0, 1.0)])
def test_odd_times_break_nothing(window):
    report = loop_report()
    odd = replace(
        report, head=replace(report.head, window=window), timeline=Timeline(window.start, 0.0, report.timeline.series)
    )
    skeleton(html_report(odd))


# -- one file ---------------------------------------------------------------------------------------


@every_page
def test_it_loads_nothing_and_runs_nothing(page):
    reader = Reader(page)
    assert {"script", "iframe", "img", "object", "embed", "base", "form", "link"}.isdisjoint(
        tag for tag, _ in reader.elements
    )
    policy = next(
        value["content"] for _, value in reader.elements if value.get("http-equiv") == "Content-Security-Policy"
    )
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; base-uri 'none'; form-action 'none'", policy or ""
    )
    assert not re.search(r"url\(|@import|https?://|//[a-z]", CSS)
    assert ("meta", {"name": "referrer", "content": "no-referrer"}) in reader.elements
    assert "http" not in re.sub(r"http-equiv", "", page)


@every_page
def test_anchors_are_one_each_and_every_link_leads_somewhere(page):
    elements = Reader(page).elements
    places = Counter(attributes["id"] for _, attributes in elements if "id" in attributes)
    assert [place for place, count in places.items() if count > 1] == []
    links = {str(attributes["href"])[1:] for tag, attributes in elements if tag == "a"}
    assert links <= set(places)


@pytest.mark.parametrize("name", REPORTS)
def test_the_same_report_is_the_same_page(name):
    assert html_report(REPORTS[name]) == page_of(name)


# -- for everyone -----------------------------------------------------------------------------------


@every_page
def test_it_is_a_document_with_headings_in_order(page):
    elements = Reader(page).elements
    assert elements[0] == ("html", {"lang": "en"})
    tags = [tag for tag, _ in elements]
    assert [tags.count(tag) for tag in ("head", "h1", "main", "nav")] == [1, 1, 1, 1]
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


@every_page
def test_every_drawing_has_words_and_every_table_a_caption_and_heads(page):
    elements = Reader(page).elements
    charts = [attributes for tag, attributes in elements if tag == "svg" and "chart" in (attributes.get("class") or "")]
    assert all(attributes.get("aria-label") or attributes.get("aria-hidden") == "true" for attributes in charts)
    tags = [tag for tag, _ in elements]
    assert tags.count("table") == tags.count("caption") == tags.count("thead")
    assert all("scope" in attributes for tag, attributes in elements if tag == "th")
    boxes = [attributes for _, attributes in elements if attributes.get("class") == "scroll"]
    assert len(boxes) == tags.count("table")
    assert all(attributes.get("tabindex") == "0" and attributes.get("aria-label") for attributes in boxes)


def test_no_state_is_told_by_colour_alone():
    words = Reader(page_of("loop")).words
    for told in ("⊗ stop", "▲ warn", "i info", "✓ holds", "✓ passed", "✗ failed", "~ ran, unclear", "· not run"):
        assert told in words, told


def schemes() -> dict[str, dict[str, str]]:
    """The colours of each scheme by name; the dark one and paper say what they change."""
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    light, dark, paper = [dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block)) for block in blocks]
    return {"light": light, "dark": light | dark, "paper": light | paper}


@pytest.mark.parametrize("scheme", ["light", "dark", "paper"])
def test_words_and_drawings_stand_out_from_their_ground(scheme):
    colours = schemes()[scheme]
    for ground in ("ground", "surface", "stop-tint"):
        for name in ("text", "strong", "dim", "accent", "stop", "warn", "good"):
            assert contrast(colours[name], colours[ground]) >= READABLE, (name, ground)
    for name in [name for name in colours if re.fullmatch(r"s\d|s-rest|u-.*", name)]:
        assert contrast(colours[name], colours["ground"]) >= 3, name  # WCAG 2.2, 1.4.11: parts of a drawing


@pytest.mark.parametrize("scheme", ["light", "dark", "paper"])
def test_neighbours_in_a_stack_differ_in_lightness(scheme):
    colours = schemes()[scheme]
    for low, high in (("s0", "s1"), ("s2", "s3"), ("s4", "s5"), ("s6", "s7"), ("s8", "s9")):
        assert contrast(colours[low], colours[high]) >= 1.5, (low, high)


# -- axes -------------------------------------------------------------------------------------------


def test_an_axis_has_few_round_ticks():
    assert round_ticks(270e6) == [100e6, 200e6]
    assert round_ticks(0.93) == [0.2, 0.4, 0.6000000000000001, 0.8]
    assert round_ticks(0) == round_ticks(float("inf")) == round_ticks(float("nan")) == []
    for top in (1, 3, 7, 12, 99, 12345, 9.9e9):
        assert 1 <= len(round_ticks(top)) <= 4, top


def test_a_time_axis_has_few_round_times():
    scale = time_scale(1_778_304_756.0, 1_778_326_695.0, one_day=True)
    assert scale is not None
    assert [tick.label for tick in scale.ticks()] == ["06:00", "07:00", "08:00", "09:00", "10:00", "11:00"]
    for span in (3, 60, 500, 4000, 90_000, 1e6, 1e8, 1e10):
        some = time_scale(1_778_304_756.0, 1_778_304_756.0 + span, one_day=False)
        assert some is not None
        assert 1 <= len(some.ticks()) <= 8, span
        assert all(0 <= tick.place <= 1 for tick in some.ticks())
    assert time_scale(None, 1.0, one_day=True) is time_scale(2.0, 2.0, one_day=True) is None
