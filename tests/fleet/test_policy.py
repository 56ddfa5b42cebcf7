"""What a policy wants, and above all what it leaves alone."""

from __future__ import annotations

from dataclasses import replace

from tests.findings import circling as in_circles
from tests.fleets import NOW, action, finding, lane
from tui.fleet.policy import Done, Rules, is_due, wanted
from tui.model.control import Held, LaneControl
from tui.model.event import Origin
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.snapshot import Fleet

RULES = Rules(pause=frozenset({FindingKind.REPETITION}), close=frozenset({FindingKind.STOP}))


def fleet(*lanes, findings=()) -> Fleet:
    return Fleet(at=NOW, lanes=lanes, findings=tuple(findings))


def circling(**changes):
    made = lane("5f0c21aa", **{"busy": True, **changes})
    return made, finding(FindingKind.REPETITION, made, Severity.STOP, "`npm test` failed 12 times")


def asked(rules, *lanes, findings=(), muted=lambda one: False):
    return wanted(fleet(*lanes, findings=findings), rules, muted)


def test_nothing_by_default():
    made, found = circling()
    assert asked(Rules(), made, findings=[found]) == []


def test_a_finding_pauses_and_names_its_rule():
    made, found = circling()
    (one,) = asked(RULES, made, findings=[found])
    assert (one.lane, one.verb) == (made.id, Verb.PAUSE)
    assert one.rule == "policy: pause on repetition"
    assert one.words == 'policy: pause on repetition ("`npm test` failed 12 times")'


def test_close_goes_before_pause():
    made, found = circling()
    stop = finding(FindingKind.STOP, made, Severity.STOP, "proven")
    (one,) = asked(RULES, made, findings=[stop, found])
    assert one.verb is Verb.CLOSE


def test_what_is_milder_muted_idle_spared_or_in_hand_is_left_alone():
    made, found = circling()
    mild = replace(found, severity=Severity.WARN)
    assert asked(RULES, made, findings=[mild]) == []
    assert asked(RULES, made, findings=[found], muted=lambda one: True) == []
    assert asked(RULES, replace(made, busy=False), findings=[found]) == []
    assert asked(RULES, replace(made, control=LaneControl(held=Held.PAUSING)), findings=[found]) == []
    for word in (made.id, made.project, made.session):
        assert asked(replace(RULES, spare=(word,)), made, findings=[found]) == []


def test_a_lane_that_a_person_writes_to_is_left_alone():
    lately = replace(action(0, "S1", "S1 look", 10), started=NOW - 30, origin=Origin.PERSON)
    made, found = circling(actions=(lately,))
    assert asked(RULES, made, findings=[found]) == []
    assert asked(replace(RULES, typing_s=10), made, findings=[found])
    assert asked(replace(RULES, typing_s=30), made, findings=[found]), "so long ago that it is over"
    assert asked(replace(RULES, typing_s=30.1), made, findings=[found]) == []
    foreman = replace(lately, origin=Origin.AGENT)
    assert asked(RULES, replace(made, actions=(foreman,)), findings=[found])


def test_burn_above_the_limit_pauses_the_top_of_the_tree():
    made = lane("5f0c21aa", busy=True, per_hour=14_000_000)
    child = lane("ab1e6012", busy=True, per_hour=14_000_000, parent=made.id)
    (one,) = asked(Rules(lane_hourly_tokens=10_000_000), made, child)
    assert (one.lane, one.verb) == (made.id, Verb.PAUSE)
    assert "10,000,000 tokens an hour" in one.rule
    assert asked(Rules(lane_hourly_tokens=20_000_000), made, child) == []
    exact = round(made.tree_burn[1].tokens_per_hour)
    assert asked(Rules(lane_hourly_tokens=exact), made, child) == [], "a limit that is reached is not passed"


def test_one_more_prompt_of_the_family_is_no_person_at_work():
    """A foreman's prompts look like a person's; those of the repeated family are what is to be stopped."""
    whole = in_circles()
    found = next(one for one in whole.findings if one.kind is FindingKind.STOP and one.family)
    family = next(one for one in whole.families if one.id == found.family)
    name = found.lane or family.members[-1].lane
    index = next(member.action for member in reversed(family.members) if member.lane == name)
    of_family = replace(
        action(index, "S091", "S091 prove it", 9), index=index, origin=Origin.PERSON, started=whole.at - 5
    )
    of_a_person = replace(of_family, index=index + 1)

    def is_wanted(*actions) -> bool:
        lanes = tuple(replace(one, actions=actions, busy=True) if one.id == name else one for one in whole.lanes)
        rules = Rules(pause=frozenset({FindingKind.STOP}))
        return any(one.lane == name for one in wanted(replace(whole, lanes=lanes), rules, lambda _: False))

    assert is_wanted(of_family)
    assert not is_wanted(of_family, of_a_person)


def test_it_acts_again_when_that_was_long_enough_ago_or_at_once_if_it_grew_graver():
    made, found = circling()
    (grave,) = asked(RULES, made, findings=[found])
    mild = replace(grave, severity=Severity.WARN)
    rules = replace(RULES, again_s=600)
    assert is_due(grave, None, rules, NOW)
    assert not is_due(grave, Done(NOW - 599, Severity.STOP), rules, NOW)
    assert is_due(grave, Done(NOW - 600, Severity.STOP), rules, NOW)
    assert is_due(grave, Done(NOW - 1, Severity.WARN), rules, NOW)
    assert not is_due(mild, Done(NOW - 1, Severity.STOP), rules, NOW)


def test_without_a_pace_it_acts_again_only_on_what_grew_graver():
    made, found = circling()
    (one,) = asked(RULES, made, findings=[found])
    never = replace(RULES, again_s=0)
    assert not is_due(one, Done(NOW - 1e6, Severity.STOP), never, NOW)
    assert is_due(one, Done(NOW - 1, Severity.WARN), never, NOW)
