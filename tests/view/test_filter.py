"""The filter: its grammar, the lanes that match, what it says about mistakes, and completion."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fleets import NOW, circling, harbor, lane
from tui.model.snapshot import LaneState
from tui.view.columns.base import Unit
from tui.view.filter import Filter, completions, figure, filter_keys, screen_words
from tui.view.states import LOOKS, word_of

FLEET = circling()


def titles(text: str) -> list[str]:
    return [each.title.split()[0] for each in FLEET.lanes if Filter(text).matches(each, FLEET.at)]


def problems(text: str) -> tuple[str, ...]:
    return Filter(text).problems(FLEET.lanes, FLEET.at)


@pytest.mark.parametrize("state", list(LaneState))
@pytest.mark.parametrize("form", ["{}", "state:{}", 'state:"{}"', '"{}"'])
def test_a_state_is_found_by_the_word_that_the_screen_shows(state, form):
    written = form.format(word_of(state))
    assert Filter(written).matches(lane("00000000", state), NOW)
    other = next(one for one in LaneState if word_of(state) not in word_of(one) and state.value not in one.value)
    assert not Filter(written).matches(lane("00000000", other), NOW)
    assert Filter(written).mistakes == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("needs you", ["Move"]),
        ("!needs you state:needs_input", []),
        ("state:needs you", ["Move"]),
        ("state:limited,idle", ["Import", "Which"]),
        ("finding:stop", ["S088", "Upgrade"]),
        ("-finding:stop loop", ["Night"]),
        ("cost:>4", ["Upgrade"]),
        ("cost>4", ["Upgrade"]),
        ("cost>=4.71 cost<5", ["Upgrade"]),
        ("cost:?", ["S088"]),
        ("burn>10M/h", ["Ferry", "S088"]),
        ("burn>10m !agent:codex", ["Ferry"]),
        ("age>20m", ["Import", "Which"]),
        ("age<1h state:idle", ["Which"]),
        ("context>75%", ["S088"]),
        ("title:quay", ["Quay"]),
        ('"payment webhooks"', ["Move"]),
        ("project:widget", ["Upgrade"]),
        ("nothing-of-that-name", []),
    ],
)
def test_conditions(text, found):
    assert titles(text) == found


@pytest.mark.parametrize("text", ["", "   ", "!", "-", "state:", "cost>", "!state:", 'title:"', "!!"])
def test_a_condition_that_was_only_begun_is_left_out(text):
    assert titles(text) == [each.title.split()[0] for each in FLEET.lanes]
    assert problems(text) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("state:foo", 'no state "foo"'),
        ("state:wroking", 'no state "wroking"; did you mean "working"?'),
        ("sate:working", 'no field "sate"; did you mean "state"?'),
        ("cost>x", '"x" is no figure of cost: write cost>1.50'),
        ("burn:5M", "burn is a figure: write burn>5M/h, or burn:? for unknown"),
        ("project>5", "project has no figure: write project:5"),
        ("project:harbour", 'no lane has project "harbour"; did you mean "harbor"?'),
        ("age<soon", '"soon" is no figure of age: write age>1h30m'),
        ("lopping", 'no lane has "lopping"'),
        ("finding:stopp", 'no finding "stopp"; did you mean "stop"?'),
    ],
)
def test_what_is_not_understood_is_told_and_matches_nothing(text, said):
    assert titles(text) == titles(f"!{text}") == [] or said.startswith("no lane has")
    assert len(problems(text)) == 1
    assert problems(text)[0].startswith(said)


def test_a_word_that_no_lane_has_just_now_is_no_mistake():
    assert problems("state:stalled") == ()
    assert titles("state:stalled") == []


def test_a_text_with_a_colon_in_quotes_is_a_text():
    named = replace(FLEET.lanes[0], title="fix: 12:30 slots")
    assert Filter('"fix: 12"').matches(named, NOW)
    assert Filter("12:30").matches(named, NOW)
    assert Filter("fix:").matches(named, NOW)
    assert not Filter("fix:").matches(FLEET.lanes[0], NOW)


words = st.sampled_from(
    [*filter_keys(), *screen_words(), ":", ">", "<", "=", "!", "-", '"', " ", "5M", "1h", "?", ",", "x", "§", "\n"]
)


@given(st.lists(words, max_size=12).map("".join))
def test_any_text_is_a_filter_and_one_condition_more_never_shows_more(text):
    shown = {each.id for each in FLEET.lanes if Filter(text).matches(each, FLEET.at)}
    problems(text)
    narrower = {each.id for each in FLEET.lanes if Filter(f"{text} ferry").matches(each, FLEET.at)}
    assert narrower <= shown or '"' in text or text.endswith(tuple("!-:<>=,"))
    for offered in completions(text, FLEET.lanes):
        assert offered.isprintable()


@given(
    st.sampled_from([key for key in filter_keys().values() if key.measure]),
    st.sampled_from(FLEET.lanes),
    st.floats(0, 1e9),
)
def test_a_known_figure_is_below_equal_or_above(key, each, number):
    below, above = Filter(f"{key.name}<{number:.3f}"), Filter(f"{key.name}>={number:.3f}")
    known = key.measure.value(each, FLEET.at) is not None
    unit_is_time = key.measure.unit is Unit.SECONDS
    if not unit_is_time:
        assert below.matches(each, FLEET.at) + above.matches(each, FLEET.at) == known
        assert Filter(f"!{below.text}").matches(each, FLEET.at) != below.matches(each, FLEET.at)


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("5M", Unit.TOKENS, 5e6), ("1.5b", Unit.TOKENS, 1.5e9), ("5M/h", Unit.TOKENS_PER_HOUR, 5e6), ("200k", Unit.TOKENS, 2e5),
        ("$1", Unit.DOLLARS, 1), (".5", Unit.DOLLARS, 0.5), ("1h30m", Unit.SECONDS, 5400), ("90", Unit.SECONDS, 90),
        ("75%", Unit.PERCENT, 75), ("75", Unit.PERCENT, 75), ("five", Unit.TOKENS, None), ("-1", Unit.TOKENS, None),
        ("1e9", Unit.TOKENS, None), ("nan", Unit.DOLLARS, None), ("", Unit.TOKENS, None),
    ],
)  # fmt: skip
def test_figures(text, unit, number):
    assert figure(text, unit) == number


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("sta", "state:"),
        ("state:wo", "state:working"),
        ("!state:wo", "!state:working"),
        ("ferry state:ne", 'ferry state:"needs you"'),
        ("state:idle,wo", "state:idle,working"),
        ("project:wi", "project:widget"),
        ("cos", "cost>"),
        ("need", '"needs you"'),
        ("agent:cod", "agent:codex"),
    ],
)
def test_completion(typed, offered):
    found = completions(typed, FLEET.lanes)
    assert offered in found
    assert all(one.startswith(typed.rpartition(" ")[0]) for one in found)


def test_every_completed_word_is_understood():
    for key in filter_keys().values():
        for offered in completions(f"{key.name}:", FLEET.lanes):
            assert Filter(offered).mistakes == ()


def test_nothing_is_offered_after_a_blank_but_all_fields():
    assert set(completions("", harbor().lanes)) >= {"state:", "cost>", "working"}
    assert "ferry state:" in completions("ferry ", harbor().lanes)


def test_all_states_have_a_word_of_their_own():
    assert len({word_of(state) for state in LOOKS}) == len(LOOKS)


def test_a_word_of_the_screen_that_no_lane_has_now_is_not_suggested_to_itself():
    lanes = [lane("a")]
    assert Filter("loop").problems(lanes, NOW) == ('no lane is "loop" now',)
    assert Filter("lopo").problems(lanes, NOW) == ('no lane has "lopo"; did you mean "loop"?',)
