"""Novelty against burn over a lane's life, and the finding that one fell while the other did not."""

from __future__ import annotations

from tests.judge.lanes import Script, judged
from tui.judge.novelty_trend import POINTS
from tui.model.finding import FindingKind


def lane(*, later: str) -> Script:
    """An hour: twenty minutes of finding out, then forty of something else at the same burn."""
    script = Script().prompt("Make the importer robust.")
    for n in range(60):
        script.read(f"src/part_{n}.py", "\n".join(f"def f{n}_{k}(): return {'xyzuvw'[k]}{n}" for k in range(6))).spend(
            20_000
        )
    for n in range(120):
        match later:
            case "churn":
                # Another order of known things each time: nothing repeats exactly.
                one, other = (n * 7) % 60, (n * 13 + 5) % 60
                path = f"src/part_{one}.py"
                script.read(path, "\n".join(f"def f{one}_{k}(): return {'xyzuvw'[k]}{one}" for k in range(6)))
                script.spend(20_000).run(f"wc -l src/part_{other}.py", "6 lines")
            case "redacted":
                script.run(f"cat notes_{n}.md", "[REDACTED 120 characters]").spend(20_000)
            case _:
                path = f"docs/page_{n}.md"
                script.read(path, "\n".join(f"about {'abcdefghij'[n % 10]} {n}: {k * n}" for k in range(6)))
        script.spend(20_000)
    return script


def low(script: Script):
    return [one for one in judged(script.events).raised() if one.kind is FindingKind.declare("low_novelty")]


def test_the_fall_is_told_with_the_share_at_the_start():
    [found] = low(lane(later="churn"))
    assert found.until is None
    assert "only 4% of what its last 45 tool calls brought was new (at its start 53%)" in found.title
    assert all("per 1" in one.text for one in found.evidence)
    assert found.evidence[0].at is not None and found.evidence[1].at is not None
    assert found.evidence[1].at - found.evidence[0].at >= 1800


def test_work_that_finds_new_things_is_left_alone():
    assert not low(lane(later="reads"))


def test_a_short_lane_has_no_early_rate_to_fall_from():
    script = Script()
    for _ in range(20):
        script.run("make", "nothing to be done").spend(20_000)
    assert not low(script)


def test_the_curve_holds_a_whole_life_in_few_points():
    script = Script()
    for n in range(3000):
        script.read(f"src/f{n % 40}.py", f"text {n}").spend(1000)
    judge = judged(script.events)
    points = judge.novelty
    assert len(points) <= POINTS
    assert sum(point.steps for point in points) == 3000
    assert sum(point.tokens for point in points) == 3_000_000
    assert [point.at for point in points] == sorted(point.at for point in points)


def test_what_was_cut_out_of_a_log_is_not_taken_for_nothing_new():
    assert not [one for one in judged(lane(later="redacted").events).raised() if one.kind == FindingKind("low_novelty")]
