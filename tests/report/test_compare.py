"""Two runs side by side: what changed per action, what cannot be held side by side, and what a name on one side only is."""

from __future__ import annotations

import json

import pytest

from tests.demo.samples import FOLDER
from tests.judge.lanes import Script
from tests.report.making import material, report_on, sample
from tests.report.schemas import problems
from tests.report.test_command import LOOP, MORNING, run  # noqa: F401 (a fixture)
from tests.report.test_markdown import assert_harmless, hostile_report
from tui.report.analyse import compose
from tui.report.compare import compare
from tui.report.document import Comparison, Report, change_of
from tui.report.markdown import comparison_markdown
from tui.report.published import comparison_text, schema

SCHEMA = schema(Comparison, "comparison")


def work(tokens: int, count: int, command: str = "/test") -> Report:
    from tui.model.event import Origin

    lane = Script()
    for _ in range(count):
        lane.prompt(f"{command} --all", Origin.COMMAND).run("make test", "1 passed").spend(tokens)
    return report_on({"a": lane.events})


def measured(document: Comparison) -> dict[str, tuple[float | None, float | None, float | None]]:
    return {one.name: (one.a, one.b, one.change) for one in document.measures}


def test_half_as_much_per_action_is_half():
    document = compare(work(1000, 6), work(500, 6), ("before", "after"))
    assert measured(document)["tokens per action, median"] == (1000, 500, -0.5)
    (command,) = next(pairs for pairs in document.pairs if pairs.sort == "command").rows
    assert (command.name, command.a_count, command.a_each, command.b_each, command.change) == (
        "/test",
        6,
        1000,
        500,
        -0.5,
    )


def test_few_actions_are_doubted_and_many_are_not():
    assert any("fewer than 5" in doubt for doubt in compare(work(10, 4), work(10, 9), ("a", "b")).doubts)
    assert not any("fewer than 5" in doubt for doubt in compare(work(10, 6), work(10, 6), ("a", "b")).doubts)


def test_windows_of_other_lengths_are_told():
    assert any("differ in length" in doubt for doubt in compare(work(10, 6), work(10, 60), ("a", "b")).doubts)
    assert not any("differ in length" in doubt for doubt in compare(work(10, 6), work(10, 6), ("a", "b")).doubts)


def test_a_name_on_one_side_only_has_no_change():
    document = compare(work(10, 6, "/plan"), work(10, 6, "/test"), ("a", "b"))
    rows = next(pairs for pairs in document.pairs if pairs.sort == "command").rows
    assert {(row.name, row.a_tokens, row.b_tokens, row.change) for row in rows} == {
        ("/plan", 60, None, None),
        ("/test", None, 60, None),
    }


def test_before_and_after_the_stop_point():
    stop = sample("loop").stop
    assert stop is not None
    before = compose(material(FOLDER / "loop", None, stop.at - 1))
    after = compose(material(FOLDER / "loop", stop.at, None))
    found = measured(compare(before, after, ("before", "after")))
    assert found["tokens"][0] == 77_188_862
    assert found["tokens"][1] == stop.all_tokens
    new = found["new things per million tokens"]
    assert new[0] is not None and new[1] is not None
    assert new[1] < new[0] / 50


def test_unknown_is_not_compared():
    assert [change_of(a, b) for a, b in ((None, 1), (1, None), (0, 1), (2, 1), (1, 1))] == [None, None, None, -0.5, 0.0]
    document = compare(report_on({}), sample("loop"), ("nothing", "loop"))
    assert measured(document)["cost per action, median"][2] is None
    assert comparison_markdown(document)


def test_both_formats_are_safe_and_as_the_schema_says():
    for one, other in (
        (hostile_report(), sample("loop")),
        (sample("morning"), hostile_report()),
        (report_on({}), report_on({})),
    ):
        document = compare(one, other, ("<b>a", "| b |"))
        assert_harmless(comparison_markdown(document))
        assert problems(json.loads(comparison_text(document)), SCHEMA) == []


def test_the_command_takes_two_paths_or_two_windows(run):  # noqa: F811
    code, out, err = run("--compare", LOOP, MORNING)
    assert (code, err) == (0, "")
    assert out.startswith("# Two runs side by side\n")
    code, out, _ = run(
        "--compare", f"{LOOP}@..2026-05-09T06:00:00Z", f"{LOOP}@2026-05-09T06:00:00Z..", "--format", "json"
    )
    made = json.loads(out)
    assert code == 0
    assert made["a"]["window"]["asked_to"] == made["b"]["window"]["asked_from"] == "2026-05-09T06:00:00.000Z"
    assert made["a"]["figures"]["usage"]["total"] + made["b"]["figures"]["usage"]["total"] == 1_190_826_256


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--compare", LOOP), "expected 2 arguments"),
        (("--compare", LOOP, f"{LOOP}@noon.."), "is not a time"),
        (("--compare", LOOP, f"{LOOP}@2026-05-10..2026-05-09"), "ends before it begins"),
        ((MORNING, "--compare", LOOP, LOOP), "takes its paths and windows itself"),
    ],
)
def test_wrong_usage_is_one_line(run, args: tuple[str, ...], words: str):  # noqa: F811
    code, _, err = run(*args)
    assert code == 2
    assert words in err
    assert err.count("\n") == 1
