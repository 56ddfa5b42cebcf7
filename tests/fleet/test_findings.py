"""Findings that need more than one lane's transcript: budgets, processes, all lanes together."""

from __future__ import annotations

from tests.judge.lanes import Script
from tui.fleet.supervisor import Supervisor
from tui.judge.findings.hourly_burn import BurnLimits
from tui.judge.limits import Limits
from tui.ledger.prices import PriceTable
from tui.model.event import Call, Edit, LaneInfo, Plan, PlanItem, ToolKind
from tui.model.finding import FindingKind

PRICES = PriceTable({}, {})


def feed(supervisor: Supervisor, name: str, script: Script, **facts: str) -> None:
    info = LaneInfo("", script.events[0].at, 0, session=name, **facts)
    supervisor.feed(f"/home/mara/.claude/projects/p/{name}.jsonl", "claude", [info, *script.events])


def burning(tokens: int) -> Script:
    script = Script(10_000.0).prompt("Go.")
    for n in range(6):
        script.read(f"src/{'abcdef'[n]}.py", f"text of its own {n * n}").spend(tokens // 6)
    return script


def test_a_lane_over_its_hourly_budget():
    supervisor = Supervisor(PRICES, limits=Limits(BurnLimits(hourly_burn_tokens=1_000_000)))
    script = burning(1_200_000)
    feed(supervisor, "one", script)
    [found] = supervisor.snapshot(script.at + 1, 0.0).findings
    assert found.kind is FindingKind.declare("hourly_burn")
    assert found.lane == "claude:one"
    assert found.since == 10_070.0  # three calls in a minute: a pace above it, and more than half of it gone
    later = supervisor.snapshot(script.at + 60, 0.0)
    assert later.findings[0].since == found.since
    assert not [
        one
        for one in supervisor.snapshot(script.at + 4000, 0.0).findings
        if one.kind is FindingKind.declare("hourly_burn")
    ]


def test_all_lanes_together_over_their_budget():
    supervisor = Supervisor(PRICES, fleet_budget=1_000_000)
    script = burning(400_000)
    feed(supervisor, "one", script)
    feed(supervisor, "two", script)
    # The same keys in both: they are copies of one another, and count once.
    assert not supervisor.snapshot(script.at + 1, 0.0).findings
    other = burning(900_000)
    for event in other.events:
        if hasattr(event, "key"):
            object.__setattr__(event, "key", f"other-{event.key}")
    feed(supervisor, "three", other)
    [found] = supervisor.snapshot(script.at + 2, 0.0).findings
    assert found.lane is None
    assert "all lanes together" in found.title


def test_a_kind_that_is_off_is_never_raised():
    supervisor = Supervisor(
        PRICES, limits=Limits(BurnLimits(hourly_burn_tokens=1000)), off=frozenset({FindingKind.declare("hourly_burn")})
    )
    script = burning(1_200_000)
    feed(supervisor, "one", script)
    assert not supervisor.snapshot(script.at + 1, 0.0).findings


def test_two_lanes_in_one_file_and_the_tokens_since():
    supervisor = Supervisor(PRICES)
    scripts = {name: Script(10_000.0).prompt(f"Work on {name}.") for name in ("one", "two")}
    for turn in range(2):
        for name, script in scripts.items():
            script.run("make", f"step {turn} of {name}")
            script.events.append(Edit("", script.at + (name == "two"), 100 * turn + 7, "src/a.py", None, "update"))
            script.spend(1000)
            del name
    for name, script in scripts.items():
        feed(supervisor, name, script, cwd="/home/mara/harbor")
    found = [one for one in supervisor.snapshot(11_000.0, 0.0).findings if one.kind is FindingKind.declare("collision")]
    assert {one.lane for one in found} == {"claude:one", "claude:two"}
    assert found[0].title.startswith("this lane and claude:")


def test_a_killed_lane_says_what_it_left_half_done():
    supervisor = Supervisor(PRICES)
    script = Script(10_000.0).prompt("Move it.")
    script.events.append(Plan("", script.at, 150, (PlanItem("move", "in_progress"), PlanItem("test", "pending"))))
    script.events.append(Call("", script.at, 170, "open", "Bash", ToolKind.SHELL, "{}", "pnpm test"))
    feed(supervisor, "one", script)
    supervisor.observe([], ["/home/mara/.claude"])
    fleet = supervisor.snapshot(script.at + 300, 0.0)
    assert [one.kind for one in fleet.findings] == [FindingKind.HARD_STOP]
    assert "1 tool call without a result, 2 of 2 planned steps open" in fleet.findings[0].title


def test_threads_that_spawn_threads_without_end():
    supervisor = Supervisor(PRICES)
    for level in reversed(range(12)):
        script = Script(10_000.0 + 100 * level).prompt("Find out why the build fails, then mend it.")
        above = f"s{level - 1}" if level else None
        own = f"s{level}" if level else None
        info = LaneInfo("", script.events[0].at, 0, session=f"s{level}", parent_session=above, agent_id=own)
        supervisor.feed(f"/home/mara/.codex/sessions/{level}.jsonl", "codex", [info, *script.events])
    fleet = supervisor.snapshot(12_000.0, 0.0)
    assert max(lane.depth for lane in fleet.lanes) == 11
    found = {one.title for one in fleet.findings if one.kind is FindingKind.declare("spiral")}
    assert found == {
        "its subagents start subagents, 11 levels deep; 5 levels are usual",
        "11 subagents were started with the same prompt: “Find out why the build fails, then mend it.”",
    }
    assert {one.lane for one in fleet.findings if one.kind is FindingKind.declare("spiral")} == {"codex:s0"}


def test_a_turn_in_a_daemon_that_nobody_shows():
    """The pane was closed by hand: the loop goes on in the daemon."""
    from tui.fleet.state import Verdict, detached
    from tui.model.snapshot import LaneState, ProcessFact

    def fact(*viewers: str) -> ProcessFact:
        return ProcessFact(7, "s", "/t", None, "codex", None, None, "1", "open file of a shared daemon", viewers)

    working = Verdict(LaneState.WORKING, 199.5, ())  # a tool has just begun, in a turn that is old
    (raised,) = detached(fact(), "/work", working, 100.0, 200.0)
    assert raised.kind is FindingKind.declare("detached")
    assert raised.since is None  # nobody wrote down when the pane went
    assert "no Codex client is connected to it" in [one.text for one in raised.evidence]
    assert detached(fact("/other"), "/work", working, 100.0, 200.0)
    for quiet in (
        fact("/work"),
        fact("/other", ""),
        None,
        ProcessFact(7, "s", "/t", None, "codex", None, None, "1", "open file"),
    ):
        assert detached(quiet, "/work", working, 100.0, 200.0) == ()
    assert detached(fact(), "/work", working, 195.0, 200.0) == ()
    assert detached(fact(), "/work", working, None, 200.0) == ()
    assert detached(fact(), "/work", Verdict(LaneState.WAITING, 100.0, ()), 100.0, 200.0) == ()
    assert detached(fact(), None, working, 100.0, 200.0) == ()
