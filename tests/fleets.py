"""Invented fleets at a fixed time, for views and screens."""

from __future__ import annotations

from dataclasses import replace

from tui.model.cost import NO_COST
from tui.model.event import Origin, PlanItem, ToolKind, UnreadableLine
from tui.model.evidence import Evidence, LaneId
from tui.model.finding import (
    Condition,
    Family,
    Finding,
    FindingKind,
    Member,
    NoveltyPoint,
    Repetition,
    RepetitionKind,
    Severity,
    StepShown,
    Verb,
)
from tui.model.snapshot import (
    Action,
    Burn,
    Context,
    FileTouch,
    Fleet,
    Lane,
    LaneState,
    LimitState,
    ModelUsage,
    OpenCall,
    ProcessFact,
    Scan,
)
from tui.model.trust import Trust
from tui.model.usage import ZERO, Usage

NOW = 1_778_320_800.0
"""2026-05-09 10:00:00 UTC."""

SPARK = (0, 0, 3, 5, 8, 13, 9, 4, 0, 0, 2, 6, 11, 17, 12, 9, 14, 20, 26, 19, 15, 22, 30, 18)


def usage(total: int) -> Usage:
    """A usage of about `total` tokens, split as agents' usage is split."""
    return Usage(
        input=total // 500, cache_read=total * 95 // 100, cache_write_5m=total // 40, cache_write_1h=total // 80,
        output=total // 100, reasoning=total // 300,
    )  # fmt: skip


def lane(name: str, state: LaneState = LaneState.WORKING, **changes: object) -> Lane:
    """A lane; every field can be given another value."""
    total = changes.pop("total", 1_200_000)
    assert isinstance(total, int)
    rate = changes.pop("per_hour", 0)
    assert isinstance(rate, int)
    spent = usage(total)
    cost = changes.setdefault("cost_usd", 3.21)
    assert cost is None or isinstance(cost, float)
    model = str(changes.pop("model", "claude-opus-4-6"))
    burn = (Burn(60, rate // 60), Burn(300, rate // 12), Burn(3600, rate))
    base = Lane(
        id=LaneId(f"claude:{name}"), agent="claude", session=f"{name}-0000-4000-8000-000000000000",
        path=f"/home/ada/.claude/projects/-home-ada-harbor/{name}.jsonl", parent=None, depth=0, title=name,
        project="harbor", cwd="/home/ada/harbor", branch="main", version="2.1.329", agent_type=None, forked=False,
        state=state, state_since=NOW - 64, evidence=(Evidence("a turn is open and lines still come", NOW - 4),),
        started=NOW - 2400, last_event=NOW - 4, model=model, models=(ModelUsage(model, 41, spent, cost),), usage=spent,
        tree_usage=spent, inherited=ZERO, calls=41, cost_usd=cost, trust=(), burn=burn, tree_burn=burn,
        spark=tuple(value * rate // 40_000 for value in SPARK), context=Context(84_000, 200_000), tool_calls=57,
        tool_errors=2, open_calls=(), doing="Bash go test ./booking/...", actions=(), action_count=0, plan=(), files=(),
        unknown_lines=0, process=None, recording="", first_cwd="/home/ada/harbor",
    )  # fmt: skip
    made = replace(base, **changes)  # type: ignore[arg-type]
    return made if "tree_cost" in changes else replace(made, tree_cost=made.cost)


def action(index: int, name: str, title: str, total: int, outcome: str = "ended", errors: int = 0) -> Action:
    """One action of four minutes."""
    start = NOW - 2400 + index * 240
    return Action(
        index=index, name=name, title=title, origin=Origin.PERSON, started=start, last_event=start + 230,
        usage=usage(total), calls=9 + index, errors=errors, files=("booking/slots.go",), outcome=outcome, offset=0,
    )  # fmt: skip


def harbor() -> Fleet:
    """A fleet as an operator meets it: one lane burns, one asks, some wait, some are done."""
    main = lane(
        "5f0c21aa", per_hour=14_200_000, total=9_400_000, title="Ferry timetable: overlapping sailings",
        open_calls=(OpenCall("t1", "Bash", ToolKind.SHELL, "go test ./booking/... -run Overlap", NOW - 38),),
        evidence=(Evidence("Bash runs for 38 s", NOW - 38), Evidence("Bash: go test ./booking/... -run Overlap")),
        actions=(
            action(0, "HARB-112", "HARB-112 find why two sailings can overlap", 2_100_000),
            action(1, "HARB-113", "HARB-113 reject overlapping sailings in the planner", 3_900_000, errors=3),
            action(2, "Now cover it with tests, then run the whole suite", "Now cover it with tests, then run the whole suite",
                   3_400_000, "running", 1),
        ),
        action_count=3,
        plan=(PlanItem("Reproduce the overlap", "completed"), PlanItem("Reject it in the planner", "completed"),
              PlanItem("Cover with tests", "in_progress"), PlanItem("Run the whole suite", "pending")),
        files=(FileTouch("/home/ada/harbor/booking/slots.go", 4, NOW - 300, True),
               FileTouch("/home/ada/harbor/booking/slots_test.go", 2, NOW - 45, True)),
        process=ProcessFact(4711, "5f0c21aa", None, "/home/ada/harbor", "claude", "busy", None, "4711@boot", "registry"),
    )  # fmt: skip
    child = lane(
        "5f0c21aa/explore1", parent=main.id, depth=1, title="Map every caller of planSailing", agent_type="Explore",
        per_hour=3_100_000, total=1_300_000, model="claude-haiku-4-5-20251001", cost_usd=0.18,
        doing="Grep planSailing\\(",
    )  # fmt: skip
    done = lane(
        "5f0c21aa/review02", LaneState.ENDED, parent=main.id, depth=1, title="Review the planner change", agent_type="reviewer",
        total=640_000, last_event=NOW - 700, doing="Two findings, both minor.", spark=(0,) * 24,
    )  # fmt: skip
    asks = lane(
        "c81d7e02", LaneState.NEEDS_INPUT, title="Move the payment webhooks to the new queue", total=2_850_000,
        open_calls=(OpenCall("t2", "Bash", ToolKind.SHELL, "kubectl -n harbor apply -f queue.yaml", NOW - 190),),
        evidence=(Evidence("its own registry says it waits for you: permission", NOW - 190),), last_event=NOW - 190,
        state_since=NOW - 190, spark=(0,) * 24, branch="webhooks",
    )  # fmt: skip
    codex = replace(
        lane("9d1e44b0", title="S088 prove the refund envelope", per_hour=41_700_000, total=61_000_000, model="gpt-5.3-codex"),
        id=LaneId("codex:9d1e44b0"), agent="codex", version="0.169.0", doing="exec_command ./run_lane.sh --lane S088",
        context=Context(201_000, 258_400), cost_usd=None, trust=(Trust.UNPRICED,),
        models=(ModelUsage("gpt-5.3-codex", 310, usage(61_000_000), None),),
    )  # fmt: skip
    waits = lane(
        "aa34bc19",
        LaneState.WAITING,
        title="Quay maps: tiles for narrow screens",
        total=4_100_000,
        last_event=NOW - 240,
        spark=(0,) * 24,
        doing="Done: 14 tiles, 2 skipped.",
    )
    limited = replace(
        lane("77aa0c3d", LaneState.LIMITED, title="Import the 2019 price lists", total=18_000_000, last_event=NOW - 1300, spark=(0,) * 24),
        evidence=(Evidence("a usage limit stopped it; it resets in 1 h 12 min"),),
    )  # fmt: skip
    idle = lane(
        "0b66f1d2",
        LaneState.IDLE,
        title="Which harbours have no tide data?",
        total=310_000,
        last_event=NOW - 2900,
        spark=(0,) * 24,
        doing="Eleven of 212 have none.",
    )
    lanes = (main, child, done, asks, codex, waits, limited, idle)
    totals = ZERO
    for each in lanes:
        totals += each.usage
    cost = sum((each.cost for each in lanes), NO_COST)
    burns = tuple(Burn(window, sum(each.burn[i].tokens for each in lanes)) for i, window in enumerate((60, 300, 3600)))
    return Fleet(
        at=NOW, lanes=lanes, totals=totals, totals_today=totals, cost=cost, cost_today=cost, burn=burns,
        spark=tuple(sum(values) for values in zip(*(each.spark for each in lanes), strict=True)),
        models=(), limits=(LimitState("codex", "codex", 300, 62.0, NOW + 4320, NOW - 30), LimitState("codex", "codex", 10080, 18.0, NOW + 300_000, NOW - 30)),
        skipped=(UnreadableLine("/home/ada/.claude/projects/-home-ada-harbor/0b66f1d2.jsonl", 41, 20_114, "not JSON (unexpected end)"),),
        skipped_lines=1, scan=Scan(10, 10, 8, 8), version=1,
    )  # fmt: skip


def many(count: int) -> Fleet:
    """A fleet of `count` lanes."""
    states = list(LaneState)
    lanes = tuple(
        lane(f"{index:08x}", states[index % len(states)], title=f"lane number {index}", per_hour=(index % 17) * 300_000)
        for index in range(count)
    )
    return replace(harbor(), lanes=lanes)


# -- what is judged -------------------------------------------------------------------------------------


def curve(
    first: float, last: float, *, start: float = NOW - 2400, step: float = 60, tokens: int = 90_000
) -> tuple[NoveltyPoint, ...]:
    """A life of 40 stretches in which novelty per 1k tokens falls from `first` to `last` after a quarter of it."""
    return tuple(
        NoveltyPoint(
            start + index * step,
            8,
            tokens / 1000 * (first if index < 10 else last + (first - last) * 0.7 ** (index - 9)),
            tokens,
        )
        for index in range(40)
    )


def finding(kind: FindingKind, of: Lane | None, severity: Severity, title: str, **changes: object) -> Finding:
    """A finding that holds since eleven minutes."""
    base = Finding(
        kind=kind, key=kind.value, lane=of.id if of else None, family=None, severity=severity, since=NOW - 660, until=None,
        tokens_since=4_200_000, title=title, evidence=(), suggest=Verb.REDIRECT,
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


INSTALLS = tuple(
    StepShown(
        "npm install --no-audit",
        f"exit 1: ERESOLVE could not resolve react@19.{patch}",
        NOW - 400 + 48 * index,
        41_000 + index,
    )
    for index, patch in enumerate((0, 0, 1, 1, 0, 0))
)
CYCLE_STEPS = tuple(
    StepShown(text, outcome, NOW - 300 + 20 * index, 9_000 + index)
    for index, (text, outcome) in enumerate((
        ("Read tariff/rates.go", "412 lines"), ("Edit tariff/rates.go", "the string to replace was not found"),
        ("go test ./tariff/... -run Night", "FAIL TestNightRate"),
    ) * 2)
)  # fmt: skip
LABELS = tuple(
    StepShown(
        f"./run_lane.sh --lane S0{number} --envelope {name}",
        "ok: envelope holds, 3 checks",
        NOW - 900 + 180 * index,
        70_000 + index,
    )
    for index, (number, name) in enumerate(
        ((84, "cancel"), (85, "rebook"), (86, "upgrade"), (87, "waive"), (88, "refund"))
    )
)


def envelopes(of: LaneId) -> Family:
    """The foreman's family: nine envelopes proven one after the other, the tenth begun."""
    names = ("accept", "hold", "split", "merge", "cancel", "rebook", "upgrade", "waive", "void", "refund")
    members = tuple(
        Member(
            lane=of, action=index, name=f"S0{79 + index}", title=f"S0{79 + index} prove the {name} envelope",
            started=NOW - 3000 + 280 * index, ended=NOW - 2740 + 280 * index if index < 9 else None, offset=1000 * index, path="x",
            tokens=6_100_000 - 40_000 * index, steps=31 - index % 3, novelty=max(0.02, 0.92 * 0.52**index),
            outcome="ended" if index < 9 else "running", words=(f"{79 + index}", name),
        )
        for index, name in enumerate(names)
    )  # fmt: skip
    return Family(
        id="envelopes", template="S0<n> prove the <name> envelope", members=members, count=10, tokens=59_200_000,
        tokens_since_third=41_300_000, similarity=0.97,
        conditions=(
            Condition("the envelope is proven", True, "9 members ended well"),
            Condition("the guardrails are unchanged", True, "route, session and tenant checks the same over the last 3"),
            Condition("the next one differs by label alone", True, "S088 fits the template: 88, refund"),
        ),
        answer="0.02, 0.02 and 0.02 of 1: nothing in their steps or results was new.", since=NOW - 2440, is_open=True,
    )  # fmt: skip


def circling() -> Fleet:
    """The harbour's fleet on a bad day: a foreman's loop, a failing install, a small circle, and things worth knowing."""
    fleet = harbor()
    by_title = {each.title.split()[0]: each for each in fleet.lanes}
    family = envelopes(by_title["S088"].id)
    labels = Repetition(0.93, Severity.STOP, RepetitionKind.LABELS, "9 actions in a row of one shape: only the name changes",
                        1, 9, NOW - 2440, 70_000, LABELS)  # fmt: skip
    foreman = replace(by_title["S088"], repetition=labels, novelty=curve(1.9, 0.01, tokens=1_500_000))
    proven = finding(
        FindingKind.STOP, foreman, Severity.STOP, "the envelope is proven; S088 only puts in another name", key="stop:envelopes",
        family="envelopes", tokens_since=41_300_000, since=NOW - 2440, suggest=Verb.CLOSE,
        evidence=(Evidence("S081 prove the split envelope: ended well, 3 checks green", NOW - 2180, foreman.path, 2000),
                  Evidence("S086 prove the upgrade envelope: the same steps, the same checks", NOW - 760, foreman.path, 7000),
                  Evidence("S088 prove the refund envelope begins", NOW - 200, foreman.path, 9000)),
    )  # fmt: skip
    long = finding(FindingKind.FAMILY_TOO_LONG, foreman, Severity.WARN, "10 adjacent actions of one shape (5 allowed)",
                   key="family:envelopes", family="envelopes", tokens_since=29_000_000, since=NOW - 1600)  # fmt: skip
    foreman = replace(foreman, findings=(proven, long))
    failing = Repetition(0.81, Severity.STOP, RepetitionKind.SAME_ERROR, "npm install failed 12 times with the same error",
                         1, 12, NOW - 640, 41_000, INSTALLS)  # fmt: skip
    loop = lane(
        "e1c55d07", title="Upgrade the booking widget to React 19", total=7_300_000, per_hour=9_800_000, repetition=failing,
        novelty=curve(1.9, 0.02), doing="Bash npm install --no-audit", project="widget", cost_usd=4.71,
        actions=(action(0, "Upgrade the booking widget", "Upgrade the booking widget to React 19", 7_300_000, "running", 12),), action_count=1,
    )  # fmt: skip
    circles = finding(
        FindingKind.REPETITION, loop, Severity.STOP, "npm install failed 12 times with the same error", tokens_since=3_900_000, since=NOW - 640,
        evidence=(Evidence("npm install --no-audit → exit 1: ERESOLVE could not resolve react@19.0", NOW - 640, loop.path, 41_000),
                  Evidence("nothing was edited since", NOW - 640)), suggest=Verb.PAUSE,
    )  # fmt: skip
    loop = replace(loop, findings=(circles,))
    turning = Repetition(0.58, Severity.WARN, RepetitionKind.CYCLE, "read, edit, test: 4 rounds, the same edit fails each time",
                         3, 4, NOW - 300, 9_000, CYCLE_STEPS)  # fmt: skip
    cycle = lane("b20f7a6e", title="Night tariff: round to the quarter hour", total=1_900_000, per_hour=2_600_000,
                 repetition=turning, novelty=curve(1.4, 0.3), doing="go test ./tariff/... -run Night")  # fmt: skip
    turns = finding(FindingKind.REPETITION, cycle, Severity.WARN, turning.reason, since=NOW - 300, tokens_since=410_000)
    cycle = replace(cycle, findings=(turns,))
    asks = by_title["Move"]
    needs = finding(FindingKind.NEEDS_INPUT, asks, Severity.WARN, "waits for a permission: kubectl -n harbor apply -f queue.yaml",
                    since=NOW - 190, tokens_since=0, suggest=None)  # fmt: skip
    asks = replace(asks, findings=(needs,))
    ferry = by_title["Ferry"]
    claim = finding(FindingKind.UNVERIFIED_CLAIM, ferry, Severity.INFO, "says all tests pass; the last run is older than the last edit",
                    since=NOW - 70, tokens_since=120_000, suggest=None,
                    evidence=(Evidence("“All tests pass now.”", NOW - 70), Evidence("slots_test.go edited after the last run", NOW - 45)))  # fmt: skip
    ferry = replace(ferry, findings=(claim,), novelty=curve(1.6, 1.2))
    past = (
        finding(FindingKind.declare("collision"), ferry, Severity.WARN, "booking/slots.go was changed by two lanes", until=NOW - 1500, since=NOW - 1800, suggest=None),
        finding(FindingKind.declare("missing_tool"), by_title["Quay"], Severity.INFO, "calls of a tool that is not there: browser_open", until=NOW - 2000, since=NOW - 2100, suggest=None),
    )  # fmt: skip
    changed = {each.id: each for each in (foreman, asks, ferry)}
    lanes = (*(changed.get(each.id, each) for each in fleet.lanes), loop, cycle)
    return replace(
        fleet, lanes=lanes, findings=(proven, circles, long, needs, turns, claim), past_findings=past, families=(family,),
        version=2,
    )  # fmt: skip


def crowd() -> Fleet:
    """Fifty lanes, one of which runs away and one of which is worth a look."""
    fleet = many(50)
    circles = circling()
    runaway, warned = circles.lanes[-2:]
    lanes = list(fleet.lanes)
    lanes[31] = replace(
        lanes[32],
        id=LaneId("claude:e1c55d07"),
        title=runaway.title,
        repetition=runaway.repetition,
        findings=runaway.findings,
    )
    lanes[12] = replace(
        lanes[18],
        id=LaneId("claude:b20f7a6e"),
        title=warned.title,
        repetition=warned.repetition,
        findings=warned.findings,
    )
    return replace(fleet, lanes=tuple(lanes), findings=(*runaway.findings, *warned.findings), version=3)
