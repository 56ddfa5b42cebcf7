"""What happened between two pictures of the fleet: which lanes, in which order, and what they spent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fleets import NOW, finding, lane, usage
from tui.model.finding import FindingKind, Severity
from tui.model.snapshot import Fleet, Lane, LaneState, ModelUsage
from tui.screen.findings_model import SessionMutes
from tui.text.cell_width import width
from tui.text.styled_text import line_width, own
from tui.view.away import Away, What, away_between, away_head, away_line, away_title, away_words
from tui.view.findings import listed_findings

LATER = NOW + 720
WORKING, WAITING, ENDED = LaneState.WORKING, LaneState.WAITING, LaneState.ENDED


def fleet(at: float, *lanes: Lane) -> Fleet:
    found = tuple(one for each in lanes for one in each.findings)
    return Fleet(at=at, lanes=lanes, findings=found)


def away(before: Fleet, now: Fleet) -> Away:
    return away_between(before, now, listed_findings(now, SessionMutes()))


def on(one: Lane, state: LaneState, total: int, cost: float | None = 3.71, **changes: object) -> Lane:
    """The same lane later."""
    spent = usage(total)
    later = {"state": state, "usage": spent, "cost_usd": cost, "last_event": LATER - 5, "findings": ()} | changes
    return replace(one, models=(ModelUsage(one.model, 50, spent, cost),), **later)


def text(away: Away, cells: int) -> str:
    rows = [away_line(row, cells) for row in away.rows]
    return "\n".join("".join(span.text for span in line) for line in (*away_head(away, cells), *rows))


def morning() -> tuple[Fleet, Fleet]:
    """One lane of each kind."""
    asks, loops, done, works, more, still = (
        lane(name, total=1_000_000) for name in ("asks", "loops", "done", "works", "more", "still")
    )
    stop = finding(FindingKind.REPETITION, loops, Severity.STOP, "npm install failed 12 times")
    return fleet(NOW, asks, loops, done, works, more, still), fleet(
        LATER,
        on(works, WORKING, 1_200_000),
        on(done, WAITING, 1_400_000, doing="All tests pass."),
        lane("young", started=NOW + 60, total=300_000, cost_usd=None),
        on(loops, WORKING, 2_000_000, findings=(replace(stop, since=NOW + 30),)),
        on(asks, LaneState.NEEDS_INPUT, 1_100_000),
        on(more, WORKING, 1_100_000),
        still,
    )


def test_lanes_that_ask_come_first_then_what_went_wrong_then_finished_then_new_and_a_sum() -> None:
    made = away(*morning())
    assert [row.what for row in made.rows] == [What.ASKS, What.WRONG, What.FINISHED, What.NEW, What.WORKED]
    assert [one.title for one in made.rows[-1].lanes] == ["works", "more"]
    shown = text(made, 120)
    for words in ("looping", "working → needs you", "All tests pass.", "npm install failed 12 times", "2 lanes", "$ ?"):
        assert words in shown, words
    line = away_words(made, own("."), 120)
    assert line.startswith("away 12m: 1 asks you, 1 new stop, 1 finished, 1 new lane, ")
    assert "≥$2.50" in line  # five lanes with a price spent half a dollar each
    assert line.endswith(" · . shows it")
    assert away_title(made).endswith(", 12m")


@pytest.mark.parametrize("cells", [53, 71, 108, 128])
def test_every_line_is_as_wide_as_asked(cells: int) -> None:
    made = away(*morning())
    lines = [*away_head(made, cells), *(away_line(row, cells) for row in made.rows)]
    assert {line_width(line) for line in lines if line} == {cells}
    short = away_words(made, own("."), cells)
    assert width(short) <= cells
    assert "1 asks you, 1 new stop" in short
    assert short.endswith(". shows it")


def test_nothing_happened() -> None:
    before, _ = morning()
    made = away(before, replace(before, at=LATER))
    assert made.rows == ()
    assert away_words(made, own("."), 80) == "away 12m: nothing happened"


def test_a_finding_that_holds_has_its_row_and_asks_tell_when_they_began() -> None:
    loops, quiet, asked, asks = (
        lane(name, state) for name, state in zip(
            ("loops", "quiet", "asked", "asks"),
            (WORKING, WORKING, LaneState.NEEDS_INPUT, LaneState.NEEDS_INPUT), strict=True,
        )
    )  # fmt: skip
    loops, quiet = (
        replace(one, findings=(finding(FindingKind.REPETITION, one, Severity.STOP, "as before", since=NOW - 60),))
        for one in (loops, quiet)
    )
    more = loops.usage.total + 500_000
    again = replace(asks, waits_since=NOW + 60)
    made = away(
        fleet(NOW, loops, quiet, asked, asks),
        fleet(LATER, on(loops, WORKING, more, findings=loops.findings), quiet, asked, again),
    )
    assert [(row.what, row.lanes[0].title) for row in made.rows] == [
        (What.ASKS, "asks"), (What.ASKED, "asked"), (What.HOLDS, "loops"), (What.HOLDS, "quiet"),
    ]  # fmt: skip
    assert away_words(made, own("."), 120).startswith("away 12m: 1 asks you, 1 still asks you, 2 stop from before, ")
    assert "looping" in text(made, 120)


def test_what_held_before_or_is_muted_is_no_news_and_what_is_over_since_then_is() -> None:
    one = lane("one", ENDED)
    old = finding(FindingKind.REPETITION, one, Severity.STOP, "as before", since=NOW - 60)
    held = replace(one, findings=(old,))
    assert away(fleet(NOW, held), fleet(LATER, held)).rows == ()
    unjudged = replace(one, judged=False)
    assert away(fleet(NOW, unjudged), fleet(LATER, held)).rows == ()
    over = replace(old, since=NOW + 60, until=NOW + 120)
    now = replace(fleet(LATER, one), past_findings=(over,))
    assert [row.what for row in away(fleet(NOW, one), now).rows] == [What.WRONG]
    mutes = SessionMutes()
    mutes.mute(old, "known", NOW)
    now = fleet(LATER, held)
    assert away_between(fleet(NOW, one), now, listed_findings(now, mutes)).rows == ()


@pytest.mark.parametrize(
    ("then", "now", "total", "what"),
    [
        (WORKING, ENDED, 0, What.FINISHED), (WAITING, WAITING, 500, What.FINISHED), (WAITING, LaneState.IDLE, 0, None),
        (WORKING, LaneState.LIMITED, 0, What.WRONG), (LaneState.LIMITED, LaneState.LIMITED, 0, None),
        (WORKING, WORKING, 500_000, What.WORKED), (WORKING, WORKING, 0, None),
        (LaneState.NEEDS_INPUT, LaneState.NEEDS_INPUT, 0, What.ASKED), (WAITING, LaneState.NEEDS_INPUT, 0, What.ASKS),
    ],
)  # fmt: skip
def test_what_happened_to_a_lane(then: LaneState, now: LaneState, total: int, what: What | None) -> None:
    one = lane("one", then, total=1_000_000)
    made = away(fleet(NOW, one), fleet(LATER, on(one, now, 1_000_000 + total)))
    assert [row.what for row in made.rows] == ([what] if what else [])


def test_a_lane_that_was_found_late_or_counted_again_spent_an_unknown_amount() -> None:
    old, shrunk, gone = lane("old"), lane("shrunk", total=900), lane("gone", total=500)
    now = fleet(LATER, replace(old, last_event=LATER - 1), on(shrunk, WAITING, 400))
    made = away(fleet(NOW, shrunk, gone), now)
    assert {row.what: row.tokens for row in made.rows} == {
        What.NEW: None, What.FINISHED: None,
        What.RECOUNTED: old.usage.total + usage(400).total - shrunk.usage.total - gone.usage.total,
    }  # fmt: skip
    assert made.tokens == 0
    assert made.is_lower_bound
    assert not made.cost.is_known
    assert "gone, found later" in text(made, 128)
    fork = replace(old, forked=True, last_event=LATER - 1)
    assert away(fleet(NOW), fleet(LATER, fork)).tokens == fork.usage.total


STATES = st.sampled_from((*LaneState,))
LANES = st.dictionaries(st.sampled_from("abcdef"), st.tuples(STATES, st.integers(0, 10**7), st.booleans()), max_size=6)


@given(LANES, LANES)
def test_the_tokens_of_all_rows_are_the_difference_of_the_sums(then, now) -> None:
    def picture(at, lanes):
        made = [
            lane(name, state, total=total, started=NOW - 60 + 120 * young, last_event=at - 1)
            for name, (state, total, young) in lanes.items()
        ]
        return fleet(at, *made)

    before, after = picture(NOW, then), picture(LATER, now)
    made = away(before, after)
    sums = [sum(one.usage.total for one in each.lanes) for each in (before, after)]
    assert sum(row.tokens or 0 for row in made.rows) == sums[1] - sums[0]
    assert all((row.tokens or 0) >= 0 for row in made.rows if row.what is not What.RECOUNTED)
