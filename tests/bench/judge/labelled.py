"""Transcripts of three agents whose steps people have labelled: "repeats the step before".

The data is public (MIT) and not shipped: name its folder by LANEWATCH_LABELLED, or a corpus that holds it in
`labelled/` by LANEWATCH_CORPUS. No threshold comes from the lanes that it is reported on: each agent's lanes are
measured with the threshold that is best on the other two agents'.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.judge.anchors import ANCHORS, Rule, steps_of
from tests.bench.judge.metrics import Row, Scores, auc, best_threshold, scores_at
from tui.judge.lane import LaneJudge
from tui.model.event import Call, Event, Result, ToolKind

STEPS_FILE = "solast_action_pairs.dev.jsonl.gz"
LEDGER_FILE = "magentic_ledger.dev.jsonl.gz"
LABELLED_REPEATS = 3
"""A lane with so many labelled repeats goes in circles."""
WINDOW = 20
SAME_CALL = "same call as before"
THREE_CALLS = "three equal calls in a row"
LENGTH = "length"
TOOLS = (
    "Gemini CLI (5 equal calls, cycles to 5)",
    "OpenHands (4 equal, 3 errors, A-B-A-B)",
    "agent-strace (n-grams of 3, 3 times)",
)
"""Rules of other tools that are neither of the two above."""
_LEAK = re.compile(r"; Next action:.*|\n---$", re.DOTALL)
"""The data glues the next call to an observation, which no agent saw there."""
_PAGE = re.compile(r"https?://[^\s)\]]+|\[[^\]]{6,}\]\(")


@dataclass(frozen=True)
class Scored:
    """One lane as a detector sees it: a score and a label for each labelled step, and for the lane itself."""

    agent: str
    lane: str
    steps: list[Row]
    whole: Row


@dataclass(frozen=True)
class Detector:
    """A way to score lanes. A fixed one gives 1 or 0; another's threshold is chosen on the other agents' lanes."""

    name: str
    lanes: list[Scored]
    fixed: bool
    has_steps: bool


def folder() -> Path | None:
    """Where the labelled transcripts are, if they are here."""
    named = os.environ.get("LANEWATCH_LABELLED")
    corpus = os.environ.get("LANEWATCH_CORPUS")
    place = Path(named) if named else Path(corpus) / "labelled" if corpus else None
    return place if place is not None and (place / STEPS_FILE).exists() else None


def lanes(path: Path) -> list[dict[str, Any]]:
    """The lanes of one file."""
    with gzip.open(path) as file:
        return [json.loads(line) for line in file]


def events_of(number: int, step: dict[str, Any]) -> list[Event]:
    """A labelled step as a call and its result."""
    args = step["args"] if isinstance(step["args"], dict) else {"input": step["args"]}
    tool = step["tool"]
    kind = ToolKind.OTHER
    if tool == "execute_bash":
        kind = ToolKind.SHELL
    elif tool == "str_replace_editor":
        kind = ToolKind.READ if args.get("command") == "view" else ToolKind.EDIT
    elif tool.startswith(("search", "read", "extract", "get_")):
        kind = ToolKind.SEARCH
    named = args.get("command") if kind is ToolKind.SHELL else args.get("path") or args.get("filepath") or ""
    text = _LEAK.sub("", step["obs"])
    at = 10.0 * number
    return [
        Call("", at, 2 * number, str(number), tool, kind, json.dumps(args, separators=(",", ":")), str(named)),
        Result("", at + 5, 2 * number + 1, str(number), not step.get("err"), text, len(text)),
    ]


Lane = dict[str, Any]


def scored(lane: Lane, steps: Sequence[float], whole: float) -> Scored:
    """A lane's scores, one for each step, beside its labels."""
    made: list[dict[str, Any]] = lane["steps"]
    rows = [(score, step["rep"] == 1) for step, score in zip(made, steps, strict=True) if step.get("rep") is not None]
    repeats = sum(step.get("rep") == 1 for step in made)
    return Scored(lane["lane"].split("/")[0], lane["lane"], rows, (whole, repeats >= LABELLED_REPEATS))


def judge_lane(lane: Lane) -> tuple[Scored, bool]:
    """What the judge makes of a lane, and whether it raised its flag."""
    judge = LaneJudge()
    window: deque[float] = deque(maxlen=WINDOW)
    steps: list[float] = []
    worst, flagged = 0.0, False
    for number, step in enumerate(lane["steps"]):
        for event in events_of(number, step):
            judge.apply(event)
        verdict = judge.last_step
        assert verdict is not None
        window.append(verdict.waste)
        worst = max(worst, sum(window))
        flagged = flagged or judge.repetition.severity is not None
        steps.append(verdict.likeness)
    return scored(lane, steps, worst), flagged


def counted(lanes_scored: Sequence[Scored]) -> list[Scored]:
    """Each lane by its steps that repeat, which is what its label counts: 0.5 where there are as many as the label asks for.

    From which score on a step repeats, the labelled steps of the other agents say.
    """
    made: list[Scored] = []
    for lane in lanes_scored:
        least = best_threshold([row for other in lanes_scored if other.agent != lane.agent for row in other.steps])
        count = sum(score >= least for score, _ in lane.steps)
        made.append(Scored(lane.agent, lane.lane, lane.steps, (count / (2 * LABELLED_REPEATS), lane.whole[1])))
    return made


def equal_calls(lane: Lane, count: int) -> Scored:
    """1 where so many calls in a row, up to this one, are the same; the lane: where any are."""
    keys = [(step["tool"], json.dumps(step["args"], sort_keys=True)) for step in lane["steps"]]
    steps = [float(at + 1 >= count and len(set(keys[at + 1 - count : at + 1])) == 1) for at in range(len(keys))]
    return scored(lane, steps, max(steps, default=0.0))


def ruled(lane: Lane, rule: Rule) -> Scored:
    """1 for a lane in which another tool's rule fires."""
    events = [event for number, step in enumerate(lane["steps"]) for event in events_of(number, step)]
    return scored(lane, [0.0] * len(lane["steps"]), float(rule(steps_of(events)) is not None))


def detectors(found: Sequence[Lane]) -> list[Detector]:
    """Ours first, then the rules that it has to beat."""
    judged = [judge_lane(lane) for lane in found]
    shipped = [scored(lane, [0.0] * len(lane["steps"]), float(up)) for lane, (_, up) in zip(found, judged, strict=True)]
    lengths = [scored(lane, [float(at) for at in range(len(lane["steps"]))], len(lane["steps"])) for lane in found]
    made = [
        Detector("**lanewatch**, its score", [one for one, _ in judged], fixed=False, has_steps=True),
        Detector(
            "**lanewatch**, three steps that repeat", counted([one for one, _ in judged]), fixed=True, has_steps=False
        ),
        Detector("**lanewatch**, its flag as shipped", shipped, fixed=True, has_steps=False),
        Detector(SAME_CALL, [equal_calls(lane, 2) for lane in found], fixed=True, has_steps=True),
        Detector(THREE_CALLS, [equal_calls(lane, 3) for lane in found], fixed=True, has_steps=True),
        Detector(LENGTH, lengths, fixed=False, has_steps=True),
    ]
    for name in TOOLS:
        lanes_ruled = [ruled(lane, ANCHORS[name]) for lane in found]
        made.append(Detector(name, lanes_ruled, fixed=True, has_steps=False))
    return made


Pick = Callable[[Scored], list[Row]]


def step_rows(lane: Scored) -> list[Row]:
    """The rows of a lane's steps."""
    return lane.steps


def lane_rows(lane: Scored) -> list[Row]:
    """The row of the lane itself."""
    return [lane.whole]


def leave_one_out(lanes_scored: Sequence[Scored], pick: Pick, *, fixed: bool) -> Scores:
    """Each agent's rows under the threshold that is best for the other agents' rows; a fixed rule needs none."""
    by_agent: dict[str, list[Row]] = defaultdict(list)
    for lane in lanes_scored:
        by_agent[lane.agent] += pick(lane)
    total = Scores(0, 0, 0)
    for agent, mine in by_agent.items():
        others = [row for other, them in by_agent.items() if other != agent for row in them]
        total += scores_at(mine, 0.5 if fixed else best_threshold(others))
    return total


def draws(lanes_scored: Sequence[Scored], count: int = 1000, seed: int = 3) -> list[list[int]]:
    """Places of lanes drawn anew, as many of each agent as there are; the same for every detector of these lanes."""
    rng = random.Random(seed)
    by_agent: dict[str, list[int]] = defaultdict(list)
    for place, lane in enumerate(lanes_scored):
        by_agent[lane.agent].append(place)
    return [[rng.choice(mine) for mine in by_agent.values() for _ in mine] for _ in range(count)]


def middle(values: Sequence[float]) -> str:
    """The ends of the middle 95%."""
    ordered = sorted(values)
    last = len(ordered) - 1
    return f"{ordered[round(0.025 * last)]:.3f} to {ordered[round(0.975 * last)]:.3f}"


def table(made: Sequence[Detector], pick: Pick, drawn: Sequence[list[int]]) -> list[str]:
    """The lines of a table: F1, by how much the first detector is better, and the area under the curve."""
    lines: list[str] = []
    ours: list[float] = []
    for detector in made:
        some = [[detector.lanes[place] for place in places] for places in drawn]
        f1s = [leave_one_out(one, pick, fixed=detector.fixed).f1 for one in some]
        ours = ours or f1s
        scores = leave_one_out(detector.lanes, pick, fixed=detector.fixed)
        first = leave_one_out(made[0].lanes, pick, fixed=made[0].fixed)
        less = f"{first.f1 - scores.f1:.3f} ({middle([a - b for a, b in zip(ours, f1s, strict=True)])})"
        areas = [auc([row for lane in one for row in pick(lane)]) for one in some]
        area = auc([row for lane in detector.lanes for row in pick(lane)])
        cells = [
            f"{scores.f1:.3f} ({middle(f1s)})",
            less if detector is not made[0] else "",
            f"{scores.precision:.2f}",
            f"{scores.recall:.2f}",
            f"{area:.3f} ({middle(areas)})",
        ]
        lines.append(f"| {detector.name} | {' | '.join(cells)} |")
    return lines


def disagreements(ours: Detector, flag: Detector) -> list[str]:
    """The lanes in which label and judge disagree: repeats missed, steps wrongly called repeats, and the flag."""
    lines: list[str] = []
    for lane, flagged in zip(ours.lanes, flag.lanes, strict=True):
        others = [row for other in ours.lanes if other.agent != lane.agent for row in other.steps]
        here = scores_at(lane.steps, best_threshold(others))
        up, label = flagged.whole[0] > 0, flagged.whole[1]
        if here.misses + here.alarms > 1 or up != label:
            said = "" if up == label else ", flagged" if up else ", not flagged"
            lines.append(
                f"    {lane.lane}: {here.hits + here.misses} repeats of {len(lane.steps)} labelled steps, "
                f"{here.misses} missed, {here.alarms} too many{said}"
            )
    return lines


def report(print_line: Callable[[str], None]) -> None:
    """Prints the labelled part."""
    place = folder()
    if place is None:
        print_line("labelled transcripts: not here (LANEWATCH_LABELLED or LANEWATCH_CORPUS names their folder)")
        return
    made = detectors(lanes(place / STEPS_FILE))
    drawn = draws(made[0].lanes)
    parts: list[tuple[str, Pick]] = [("step", step_rows), ("lane", lane_rows)]
    for what, pick in parts:
        rows = [row for lane in made[0].lanes for row in pick(lane)]
        print_line(
            f"| labelled {what}s ({len(rows)}, {sum(label for _, label in rows)} positive), threshold of the other agents "
            "| F1 (95%) | the first less this (95%) | precision | recall | AUC (95%) |"
        )
        print_line("|---|---|---|---|---|---|")
        told = made if what == "lane" else [detector for detector in made if detector.has_steps]
        for line in table(told, pick, drawn):
            print_line(line)
        print_line("")
    print_line("lanes with more than one step, or the flag, against the label:")
    for line in disagreements(made[0], made[2]):
        print_line(line)
    if (place / LEDGER_FILE).exists():
        print_line(_ledger(lanes(place / LEDGER_FILE)))


def _ledger(found: list[dict[str, Any]]) -> str:
    """Browsing lanes: the share of pages that were seen before, against an orchestrator's own word on a loop."""
    rows: list[tuple[float, bool]] = []
    for lane in found:
        seen: set[str] = set()
        stale: list[float] = []
        for step in lane["steps"]:
            pages = set(_PAGE.findall(step["obs"]))
            stale.append(len(pages & seen) / len(pages) if pages else 0.5)
            seen |= pages
        for entry in lane["labels"].get("ledger", []):
            after = entry["after"]
            if 0 < after <= len(stale):
                rows.append((stale[after - 1], bool(entry["loop"] or entry["noprog"])))
    return f"| browsing lanes, weak labels ({len(rows)} turns): share of pages seen before | AUC {auc(rows):.3f} |"
