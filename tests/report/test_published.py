"""The JSON of the report: as its schema describes it, whole, exact and safe; the schema is the one that was published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.report.making import EVERY, report_on, sample
from tests.report.schemas import problems, shape
from tests.report.test_markdown import hostile_report
from tui.report.document import Comparison
from tui.report.published import report_json, report_text, schema

REPORT, COMPARISON = schema(), schema(Comparison, "comparison")
PUBLISHED = {
    name: json.loads((Path(__file__).parent / "schema_1" / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("report", "comparison")
}


@pytest.mark.parametrize("made", [REPORT, COMPARISON], ids=["report", "comparison"])
def test_a_schema_asks_for_what_was_published_under_its_number(made):
    published = PUBLISHED[made["properties"]["kind"]["const"]]
    assert made["title"] == published["title"]
    assert made["$schema"] == published["$schema"]
    assert shape(made) == shape(published)


@pytest.mark.parametrize("made", [REPORT, COMPARISON], ids=["report", "comparison"])
def test_every_type_is_described(made):
    for name, one in made["$defs"].items():
        assert one["description"], name


@pytest.mark.parametrize("name", EVERY)
def test_every_sample_is_as_the_schema_says(name: str):
    made = json.loads(report_text(sample(name)))
    assert problems(made, REPORT) == problems(made, PUBLISHED["report"]) == []


def test_a_hostile_report_and_an_empty_one_are_too():
    for report in (hostile_report(), report_on({})):
        text = report_text(report)
        assert text.isascii()
        assert text.count("\n") == 1
        assert problems(json.loads(text), REPORT) == []
    assert "\\u001b" not in report_text(hostile_report())


def test_a_wrong_document_is_noticed():
    made = report_json(sample("loop"))
    made["head"]["lanes"] = "two"
    del made["stop"]
    made["head"]["window"]["start"] = 12
    made["head"]["window"]["end"] = "yesterday"
    made["head"]["more"] = 1
    assert len(problems(made, REPORT)) == 5


def test_figures_are_exact_and_what_is_unknown_is_null():
    made = report_json(sample("loop"))
    assert made["head"]["figures"]["usage"]["total"] == 1_190_826_256
    assert made["head"]["window"]["start"] == "2026-05-09T05:32:36.000Z"
    assert made["head"]["window"]["asked_from"] is None
    assert made["stop"]["finding"]["kind"] == "stop"
    assert report_json(sample("morning"))["head"]["figures"]["cost_usd"] is None
