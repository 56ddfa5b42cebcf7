"""Counts with their noun, cut texts that say so, and a report of nothing."""

from __future__ import annotations

import re

import pytest

from tests.report.making import EVERY, report_on, sample
from tui.report.compare import compare
from tui.report.display_text import shortened
from tui.report.html_page import html_report
from tui.report.markdown import markdown

ONE_MANY = re.compile(r"(?<![\d.,])1 (?:lanes|actions|runs of checks|lines or files)\b")


@pytest.mark.parametrize("name", EVERY)
def test_one_is_no_many(name: str):
    assert not ONE_MANY.search(markdown(sample(name)))
    assert not ONE_MANY.search(html_report(sample(name)))


def test_a_report_of_nothing_says_so():
    report = report_on({}, since=0.0, until=3600.0)
    page = markdown(report)
    assert page == (
        "# Nothing happened\n\n> No agent did anything here.\n\nLooked at: 1970-01-01 00:00:00 to 1970-01-01 01:00:00, "
        "UTC.\n"
    )
    assert "No agent did anything here." in html_report(report)
    assert "Run" not in report.head.title


def test_a_text_is_cut_between_words_and_says_so():
    assert shortened("tests for a payment that arrives; in the night", 40) == "tests for a payment that arrives; in…"
    assert shortened("a" * 50, 40) == "a" * 39 + "…"
    assert shortened(" short ", 40) == "short"


def test_both_figures_of_a_comparison_count_the_same_actions():
    report = sample("loop")
    made = compare(report, report, ("a", "b"))
    (actions,) = [one for one in made.measures if one.name == "actions"]
    assert made.a.actions == actions.a == 175
