"""The JSON of the report: as its shipped schema describes it, whole, exact and safe."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from tests.report.making import EVERY, report_on, sample
from tests.report.test_markdown import hostile_report
from tests.report.validate import problems
from tui.report.json_doc import report_json, report_text
from tui.report.schema import comparison_schema, schema, schema_text


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    return json.loads(files("tui.report").joinpath("report.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("made", [schema, comparison_schema])
def test_the_shipped_schemas_are_the_documents_own(made):
    text = schema_text(made())
    name = "comparison" if made is comparison_schema else "report"
    assert files("tui.report").joinpath(f"{name}.schema.json").read_text(encoding="utf-8") == text


def test_every_type_is_described(shipped: dict[str, Any]):
    for name, one in shipped["$defs"].items():
        assert one["description"], name


@pytest.mark.parametrize("name", EVERY)
def test_every_sample_is_as_the_schema_says(name: str, shipped: dict[str, Any]):
    made = json.loads(report_text(sample(name)))
    assert problems(made, shipped, shipped) == []


def test_a_hostile_report_and_an_empty_one_are_too(shipped: dict[str, Any]):
    for report in (hostile_report(), report_on({})):
        text = report_text(report)
        assert text.isascii()
        assert text.count("\n") == 1
        assert problems(json.loads(text), shipped, shipped) == []
    assert "\\u001b" not in report_text(hostile_report())


def test_a_wrong_document_is_noticed(shipped: dict[str, Any]):
    made = report_json(sample("loop"))
    made["head"]["lanes"] = "two"
    del made["stop"]
    made["head"]["window"]["start"] = 12
    assert len(problems(made, shipped, shipped)) == 3


def test_figures_are_exact_and_what_is_unknown_is_null():
    made = report_json(sample("loop"))
    assert made["head"]["figures"]["usage"]["total"] == 1_190_826_256
    assert made["head"]["window"]["start"] == "2026-05-09T05:32:36.000Z"
    assert made["head"]["window"]["asked_from"] is None
    assert made["stop"]["finding"]["kind"] == "stop"
    assert report_json(sample("morning"))["head"]["figures"]["cost_usd"] is None
