"""Invented fleets at a fixed time, for views and screens."""

from __future__ import annotations

from dataclasses import replace

from tui.model.event import Origin, PlanItem, Skip, ToolKind
from tui.model.evidence import Evidence, LaneId
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
    Trust,
)
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
    model = str(changes.pop("model", "claude-opus-4-6"))
    burn = (Burn(60, rate // 60), Burn(300, rate // 12), Burn(3600, rate))
    base = Lane(
        id=LaneId(f"claude:{name}"), agent="claude", session=f"{name}-0000-4000-8000-000000000000",
        path=f"/home/ada/.claude/projects/-home-ada-harbor/{name}.jsonl", parent=None, depth=0, title=name,
        project="harbor", cwd="/home/ada/harbor", branch="main", version="2.1.329", agent_type=None, forked=False,
        state=state, state_since=NOW - 64, evidence=(Evidence("a turn is open and lines still come", NOW - 4),),
        started=NOW - 2400, last_event=NOW - 4, model=model, models=(ModelUsage(model, 41, spent, 3.21),), usage=spent,
        tree_usage=spent, inherited=ZERO, calls=41, cost_usd=3.21, trust=(), burn=burn, tree_burn=burn,
        spark=tuple(value * rate // 40_000 for value in SPARK), context=Context(84_000, 200_000), tool_calls=57,
        tool_errors=2, open_calls=(), doing="Bash go test ./booking/...", actions=(), action_count=0, plan=(), files=(),
        unknown_lines=0, process=None,
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


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
        process=ProcessFact(4711, "5f0c21aa", None, "/home/ada/harbor", "claude", "busy", None, NOW - 2400, "registry"),
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
    burns = tuple(Burn(window, sum(each.burn[i].tokens for each in lanes)) for i, window in enumerate((60, 300, 3600)))
    return Fleet(
        at=NOW, lanes=lanes, totals=totals, totals_today=totals, cost_usd=None, cost_today_usd=None, burn=burns,
        spark=tuple(sum(values) for values in zip(*(each.spark for each in lanes), strict=True)),
        models=(), limits=(LimitState("codex", "codex", 300, 62.0, NOW + 4320, NOW - 30), LimitState("codex", "codex", 10080, 18.0, NOW + 300_000, NOW - 30)),
        skipped=(Skip("/home/ada/.claude/projects/-home-ada-harbor/0b66f1d2.jsonl", 41, 20_114, "not JSON (unexpected end)"),),
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
