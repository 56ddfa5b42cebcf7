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

from tests.bench.judge.metrics import Scores, auc, best_threshold, scores_at
from tui.judge.lane import LaneJudge
from tui.model.event import Call, Event, Result, ToolKind

STEPS_FILE = "solast_action_pairs.dev.jsonl.gz"
LEDGER_FILE = "magentic_ledger.dev.jsonl.gz"
LABELLED_REPEATS = 3
"""A lane with so many labelled repeats goes in circles."""
WINDOW = 20
_LEAK = re.compile(r"; Next action:.*|\n---$", re.DOTALL)
"""The data glues the next call to an observation, which no agent saw there."""
_PAGE = re.compile(r"https?://[^\s)\]]+|\[[^\]]{6,}\]\(")


@dataclass
class Judged:
    """One lane: its agent, a score and a label for each labelled step, and for the lane itself."""

    agent: str
    steps: list[tuple[float, bool]]
    lane: tuple[float, bool]
    length: int
    flagged: bool


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


def judge_lane(lane: dict[str, Any]) -> Judged:
    """What the judge makes of a lane, step by step."""
    judge = LaneJudge()
    window: deque[float] = deque(maxlen=WINDOW)
    steps: list[tuple[float, bool]] = []
    best, flagged = 0.0, False
    for number, step in enumerate(lane["steps"]):
        for event in events_of(number, step):
            judge.apply(event)
        verdict = judge.last_step
        assert verdict is not None
        window.append(verdict.waste)
        best = max(best, sum(window))
        flagged = flagged or judge.repetition.severity is not None
        if step.get("rep") is not None:
            steps.append((verdict.likeness, step["rep"] == 1))
    repeats = sum(step.get("rep") == 1 for step in lane["steps"])
    agent = lane["lane"].split("/")[0]
    return Judged(agent, steps, (best, repeats >= LABELLED_REPEATS), len(lane["steps"]), flagged)


Rows = dict[str, list[tuple[float, bool]]]
"""Scores and labels by agent."""


def others_threshold(rows: Rows) -> Scores:
    """Each agent's rows under the threshold that is best for the other agents."""
    total = Scores(0, 0, 0)
    for agent, mine in rows.items():
        others = [row for other, them in rows.items() if other != agent for row in them]
        total += scores_at(mine, best_threshold(others))
    return total


def interval(
    judged: Sequence[Judged], measure: Callable[[Sequence[Judged]], float], seed: int = 3
) -> tuple[float, float]:
    """The middle 95% of a measure over lanes drawn anew."""
    rng = random.Random(seed)
    values = sorted(measure([rng.choice(judged) for _ in judged]) for _ in range(200))
    return values[5], values[194]


def by_agent(judged: Sequence[Judged], rows: Callable[[Judged], list[tuple[float, bool]]]) -> Rows:
    """Rows grouped by agent."""
    grouped: Rows = defaultdict(list)
    for lane in judged:
        grouped[lane.agent] += rows(lane)
    return grouped


def report(print_line: Callable[[str], None]) -> None:
    """Prints the labelled part."""
    place = folder()
    if place is None:
        print_line("labelled transcripts: not here (LANEWATCH_LABELLED or LANEWATCH_CORPUS names their folder)")
        return
    judged = [judge_lane(lane) for lane in lanes(place / STEPS_FILE)]
    steps = by_agent(judged, lambda lane: lane.steps)
    flat = [row for rows in steps.values() for row in rows]
    step_scores = others_threshold(steps)
    low, high = interval(judged, lambda some: auc([row for lane in some for row in lane.steps]))
    print_line(
        f"| labelled steps ({len(flat)}, {sum(label for _, label in flat)} repeats) | F1 {step_scores.f1:.3f}, "
        f"precision {step_scores.precision:.2f}, recall {step_scores.recall:.2f}; AUC {auc(flat):.3f} ({low:.3f} to {high:.3f}) |"
    )
    whole = by_agent(judged, lambda lane: [lane.lane])
    lane_scores = others_threshold(whole)
    rows = [lane.lane for lane in judged]
    low, high = interval(judged, lambda some: auc([lane.lane for lane in some]))
    print_line(
        f"| labelled lanes ({len(rows)}, {sum(label for _, label in rows)} in circles), threshold of the other agents | "
        f"F1 {lane_scores.f1:.3f}, precision {lane_scores.precision:.2f}, recall {lane_scores.recall:.2f}; "
        f"AUC {auc(rows):.3f} ({low:.3f} to {high:.3f}) |"
    )
    fixed = scores_at([(float(lane.flagged), lane.lane[1]) for lane in judged], 0.5)
    print_line(
        f"| the same by the shipped flag, nothing chosen on them | F1 {fixed.f1:.3f}, precision {fixed.precision:.2f}, recall {fixed.recall:.2f} |"
    )
    length = by_agent(judged, lambda lane: [(float(lane.length), lane.lane[1])])
    long = others_threshold(length)
    print_line(
        f"| the same by plain length | F1 {long.f1:.3f}, precision {long.precision:.2f}, recall {long.recall:.2f}; "
        f"AUC {auc([row for rows_ in length.values() for row in rows_]):.3f} |"
    )
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
