"""What a policy would have saved, by the figures of the recording itself."""

from __future__ import annotations

import pytest

from tests.replay.playing import SAMPLES, loaded, recorded
from tui.fleet.policy import Rules
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.usage import ZERO
from tui.replay.what_if import CAVEAT, Saved, of_finding, of_policy

STOP = Rules(close=frozenset({FindingKind.STOP}), typing_s=0)
QUIET = [path for path in sorted((SAMPLES / "findings").glob("*/quiet")) if path.parent.name != "owed_output"]
"""That one holds a `stop` whose outputs are given in the end."""


@pytest.fixture(scope="module")
def loop():
    return loaded(recorded(SAMPLES / "loop"))


def action(player, name):
    return min(mark.at for mark in player.marks().actions if mark.name == name and mark.lane.startswith("codex:"))


@pytest.fixture(scope="module")
def stopped(loop):
    """What the policy STOP saves of the loop; the player stands where it stood."""
    loop.seek(loop.last - 1000)
    at = loop.at
    saved = of_policy(loop, STOP)
    assert loop.at == at
    return saved


@pytest.fixture(scope="module")
def raised():
    """A recording of two minutes in which a stop is raised."""
    return loaded(recorded(SAMPLES / "findings" / "stop" / "raised"))


def test_the_loop_is_stopped_at_its_seventh_action(loop, stopped):
    saved = stopped
    [act] = saved.acts
    assert act.lane == "codex:ab2a4b36"
    assert act.verb is Verb.CLOSE
    assert act.at == action(loop, "S091")
    assert "S088 to S091" in act.rule
    assert [one.lane for one in saved.lanes] == [act.lane]
    loop.seek(loop.last)
    end = next(lane for lane in loop.snapshot().lanes if lane.id == act.lane)
    loop.seek(act.at)
    then = next(lane for lane in loop.snapshot().lanes if lane.id == act.lane)
    assert saved.usage == end.usage - then.usage
    assert 936_000_000 < saved.usage.total < 938_000_000
    assert saved.cost.exact_usd == pytest.approx(end.cost_usd - then.cost_usd)
    assert saved.seconds == end.last_event - act.at
    assert "differently" in CAVEAT


def test_from_a_finding_the_other_way_round(loop, stopped):
    finding = next(one for one in loop.marks().findings if one.kind is FindingKind.STOP)
    saved = of_finding(loop, finding)
    assert saved.usage == stopped.usage
    assert saved.acts[0].at == finding.since


def test_a_limit_of_burn_acts_at_the_first_event_beyond_it(raised):
    played = raised
    rules = Rules(lane_hourly_tokens=5_000_000, typing_s=0)
    saved = of_policy(played, rules)
    act = saved.acts[0]
    assert act.verb is Verb.PAUSE
    assert act.at > played.recording.start + 60
    played.seek(act.at)
    lane = next(lane for lane in played.snapshot().lanes if lane.id == act.lane)
    assert lane.tree_burn[1].tokens_per_hour > rules.lane_hourly_tokens
    played.seek(played.previous_event())
    before = next(lane for lane in played.snapshot().lanes if lane.id == act.lane)
    assert before.tree_burn[1].tokens_per_hour <= rules.lane_hourly_tokens


@pytest.mark.parametrize("folder", QUIET, ids=lambda path: path.parent.name)
def test_quiet_logs_have_nothing_to_save(folder):
    rules = Rules(close=frozenset({FindingKind.STOP}), pause=frozenset({FindingKind.REPETITION}), typing_s=0)
    assert of_policy(loaded(recorded(folder)), rules) == Saved()


def test_what_is_muted_or_off_saves_nothing(raised):
    assert of_policy(raised, STOP) != Saved()
    assert of_policy(raised, STOP, lambda _: True) == Saved()
    assert of_policy(raised, Rules()).usage == ZERO


def test_what_has_no_price_makes_the_saving_a_lower_bound():
    played = loaded(recorded(SAMPLES / "morning"))
    rules = Rules(lane_hourly_tokens=1, min_severity=Severity.STOP, typing_s=0)
    saved = of_policy(played, rules)
    unpriced = [one for one in saved.lanes if not one.cost.is_whole]
    assert unpriced
    assert saved.cost.exact_usd is None
    assert saved.cost.usd > 0
    assert saved.cost.priced == saved.cost.parts - len(unpriced)
