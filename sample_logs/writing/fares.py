"""A long session that runs out of context: the client compacts it, and it goes on."""

from __future__ import annotations

from writing.claude import OLD, ClaudeLane, bash, edit, grep, read, todos, write
from writing.dice import at
from writing.lane import Lane

ROOT = "/home/mara/harbor-fares"
RULES = ("base fare", "season", "vehicle", "resident discount", "group", "rounding")
SUMMARY = """The fare engine moves from Python to Go, rule by rule, each proven against 4,000 recorded quotes.
Done: base fare, season, vehicle (all quotes equal). Next: resident discount, group, rounding.
Asked by the person meanwhile: keep the old rounding, half up, per passenger and not per booking."""


def lanes() -> list[Lane]:
    """The session."""
    lane = ClaudeLane(
        "fares", at("09:08:00"), cwd=ROOT, branch="go-engine", version=OLD, cache="1h", own_prompt_tokens=6_200
    )
    lane.mode("acceptEdits")
    lane.prompt(
        "Port the fare engine from Python to Go, one rule at a time. A rule is done when all 4,000 recorded quotes "
        "come out the same. Never two rules in one commit."
    )
    lane.title("Port the fare engine to Go")
    _look(lane)
    _rule(lane, 0, 22_800, 1_900, "4000 quotes, 4000 equal")
    _rule(lane, 1, 27_300, 2_700, "4000 quotes, 4000 equal")
    lane.queue("Keep the old rounding: half up, per passenger and not per booking.", 21)
    _rule(lane, 2, 31_600, 3_300, "4000 quotes, 3988 equal\nfirst: vehicle 'van' 612 cm: 41.50, want 44.00")
    lane.step(
        edit(f"{ROOT}/engine/vehicle.go", "if length > 600 {", "if length >= 600 {", 63),
        think="Twelve quotes, all vans between 600 and 619 cm: the table's limit belongs to the longer class.",
        say="All twelve are vans just over six metres.",
        out=740,
        secs=63,
    )
    lane.step(
        bash("go run ./cmd/replay quotes.jsonl", "Replay all quotes", "4000 quotes, 4000 equal", 96, 600),
        out=130,
        secs=17,
    )
    lane.step(bash("git commit -qam 'Fares: vehicle'", "Commit", "", 0.9, 60), out=120, secs=15)
    lane.compact(SUMMARY, 31_400, 84)
    _rule(lane, 3, 7_900, 2_500, "4000 quotes, 4000 equal")
    _rule(lane, 4, 8_600, 2_900, "4000 quotes, 4000 equal")
    _rule(lane, 5, 5_200, 2_200, "4000 quotes, 3999 equal\nfirst: group of 11: 302.40, want 302.45")
    lane.step(
        read(f"{ROOT}/legacy/fares/rounding.py", "from decimal import ROUND_HALF_UP\n\ndef total(parts):", 2_600),
        think="",
        say="One quote differs: eleven passengers, rounded once instead of eleven times.",
        out=510,
        secs=49,
    )
    lane.step(edit(f"{ROOT}/engine/round.go", "return half(sum)", "return sumOf(each, half)", 19), out=620, secs=46)
    lane.step(
        bash("go run ./cmd/replay quotes.jsonl", "Replay all quotes", "4000 quotes, 4000 equal", 94, 600),
        out=120,
        secs=17,
    )
    lane.step(
        bash(
            "go test ./... && git commit -qam 'Fares: rounding'", "Test and commit", "ok  fares/engine  1.9s", 29, 420
        ),
        out=160,
        secs=19,
    )
    lane.step(
        say="All six rules are in Go, each in its own commit; all 4,000 recorded quotes come out the same.",
        out=390,
        secs=34,
        ends=True,
    )
    lane.end_turn()
    return [lane]


def _look(lane: ClaudeLane) -> None:
    lane.step(
        grep(
            "^class .*Rule",
            f"{ROOT}/legacy",
            "\n".join(f"legacy/fares/{r.split()[0]}.py:11:class {r.split()[0].title()}Rule" for r in RULES),
            900,
        ),
        todos(*((f"Port {rule}", "pending") for rule in RULES)),
        think="",
        say="Six rules. I port them in the order in which they are applied.",
        out=720,
        secs=44,
    )
    lane.step(
        read(f"{ROOT}/legacy/fares/engine.py", "class Engine:\n    def quote(self, trip):", 38_400),
        read(f"{ROOT}/cmd/replay/main.go", "package main\n\n// Replays recorded quotes against the engine.", 6_800),
        out=210,
        secs=28,
    )


def _rule(lane: ClaudeLane, number: int, legacy_tokens: int, out: int, verdict: str) -> None:
    rule = RULES[number]
    name = rule.split()[0]
    lane.step(
        read(
            f"{ROOT}/legacy/fares/{name}.py",
            f"class {name.title()}Rule(Rule):\n    def apply(self, quote):",
            legacy_tokens,
        ),
        out=160,
        secs=21,
    )
    lane.step(
        write(
            f"{ROOT}/engine/{name}.go",
            f"package engine\n\n// {name.title()} applies the {rule} rule.\n"
            f"func {name.title()}(q *Quote) error {{\n\treturn q.apply(tables.{name.title()})\n}}\n",
        ),
        todos(
            *(
                (f"Port {each}", "completed" if i < number else "in_progress" if i == number else "pending")
                for i, each in enumerate(RULES)
            )
        ),
        say=f"Rule {number + 1} of 6: {rule}.",
        out=out,
        secs=out / 42,
    )
    lane.step(bash("go run ./cmd/replay quotes.jsonl", "Replay all quotes", verdict, 112, 2_400), out=140, secs=19)
