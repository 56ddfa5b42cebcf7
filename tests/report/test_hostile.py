"""Whatever events come, in whatever order and at whatever times: a report that its schema describes and no table breaks."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.report.making import report_on
from tests.report.schemas import problems
from tests.report.test_markdown import HOSTILE, assert_harmless
from tui.model.event import (
    ApiError,
    AssistantText,
    Call,
    Compact,
    Edit,
    Event,
    Limit,
    Mark,
    Origin,
    Plan,
    PlanItem,
    Prompt,
    Result,
    State,
    ToolKind,
    UsageReported,
)
from tui.model.usage import Usage
from tui.report.markdown import markdown
from tui.report.published import report_text, schema

TIMES = st.one_of(st.none(), st.floats(0, 4000), st.sampled_from([-1e9, 1e11, 1e15]))
WORDS = st.one_of(
    st.sampled_from([*HOSTILE, "S001 go", "S002 go on", "/test -v", "make test", "go test ./...", "noted, next"]),
    st.text(max_size=20),
)
IDS = st.sampled_from("abcd")
COUNTS = st.integers(0, 10**12)
SCHEMA = schema()


@st.composite
def events(draw: st.DrawFn) -> Event:
    at, text, name = draw(TIMES), draw(WORDS), draw(IDS)
    where = ("", at, draw(st.integers(0, 10**6)))
    kind = draw(st.integers(0, 10))
    match kind:
        case 0:
            return Prompt(*where, text, draw(st.sampled_from(Origin)))
        case 1:
            return AssistantText(*where, text)
        case 2:
            return Call(*where, name, text[:20] or "Bash", draw(st.sampled_from(ToolKind)), "{}", text)
        case 3:
            return Result(
                *where,
                name,
                draw(st.sampled_from([True, False, None])),
                text,
                len(text),
                draw(st.sampled_from([0, 1, None])),
            )
        case 4:
            return Edit(*where, text or "a", None, "update", draw(st.booleans()))
        case 5:
            usage = Usage(draw(COUNTS), draw(COUNTS), output=draw(COUNTS))
            return UsageReported(
                *where,
                f"{name}{draw(st.integers(0, 9))}",
                draw(st.sampled_from([None, "gpt-5.4", text])),
                usage,
                draw(st.none() | COUNTS),
            )
        case 6:
            return State(*where, draw(st.sampled_from(Mark)))
        case 7:
            return Plan(*where, (PlanItem(text, draw(st.sampled_from(["pending", "completed", ""]))),))
        case 8:
            return Compact(*where, None, draw(st.none() | COUNTS), draw(st.none() | COUNTS))
        case 9:
            return Limit(*where, text, 300, 50.0, None, reached=draw(st.booleans()))
        case _:
            return ApiError(*where, text, final=draw(st.booleans()))


@settings(max_examples=examples(60))
@given(st.dictionaries(IDS, st.lists(events(), max_size=25), max_size=3), st.none() | st.floats(0, 4000))
def test_any_events_make_a_report(lanes: dict[str, list[Event]], since: float | None):
    report = report_on(lanes, since=since)
    made = json.loads(report_text(report))
    assert problems(made, SCHEMA) == []
    assert_harmless(markdown(report))
    total = report.head.figures.usage.total
    assert sum(run.figures.usage.total for run in report.runs) == total
    assert sum(lane.figures.usage.total for lane in report.lanes) == total


@settings(max_examples=examples(40))
@given(st.lists(events(), max_size=25))
def test_the_whole_is_at_least_a_window_of_it(made: list[Event]):
    timed = [replace(event, at=event.at if event.at is not None else 1.0) for event in made]
    whole, part = report_on({"a": timed}), report_on({"a": timed}, since=2000.0)
    assert part.head.figures.usage.total <= whole.head.figures.usage.total
    assert part.head.figures.tool_calls <= whole.head.figures.tool_calls
    assert part.head.actions <= whole.head.actions
