"""Invented findings, a family and lanes that go in circles, at the fixed time of `tests.fleets`."""

from __future__ import annotations

from dataclasses import replace

from tests.fleets import NOW, harbor
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
    Verb,
)
from tui.model.snapshot import Fleet

LOOPING = LaneId("claude:5f0c21aa")
FOREMAN = LaneId("codex:9d1e44b0")
PATH = "/home/ada/.claude/projects/-home-ada-harbor/5f0c21aa.jsonl"


def finding(key: str = "repetition:go test", **changes: object) -> Finding:
    """A lane that goes in circles; every field can be given another value."""
    base = Finding(
        kind=FindingKind.REPETITION, key=key, lane=LOOPING, family=None, severity=Severity.STOP, since=NOW - 1140,
        until=None, tokens_since=1_240_000, title="`go test ./booking/...` failed 12 times with the same error",
        evidence=(
            Evidence("go test ./booking/... -run Overlap: FAIL TestOverlap", NOW - 1140, PATH, 20_114),
            Evidence("the same again", NOW - 64, PATH, 88_031),
        ),
        suggest=Verb.REDIRECT,
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def member(number: int, tokens: int, novelty: float, outcome: str = "ended") -> Member:
    """One action of the family."""
    return Member(
        lane=FOREMAN, action=number, name=f"S{number:03}", title=f"S{number:03} prove the refund envelope for pier {number}",
        started=NOW - 7200 + 300 * number, ended=None if outcome == "running" else NOW - 6950 + 300 * number,
        offset=4096 * number, path="/home/ada/.codex/sessions/9d1e44b0.jsonl", tokens=tokens, steps=31, novelty=novelty,
        outcome=outcome, words=(f"{number:03}", f"pier {number}"),
    )  # fmt: skip


def family() -> Family:
    """Four proofs of one envelope; the fourth is running."""
    return Family(
        id="f1", template="S<…> prove the refund envelope for <…>",
        members=(member(1, 900_000, 0.6), member(2, 950_000, 0.1), member(3, 980_000, 0.05), member(4, 400_000, 0.02, "running")),
        count=14, tokens=12_300_000, tokens_since_third=9_100_000, similarity=0.97,
        conditions=(
            Condition("enough actions succeeded", True, "3 members ended well"),
            Condition("checks unchanged", True, "the same two checks in the last 3"),
            Condition("next action differs only in its name", False, "it has not begun"),
        ),
        answer="4% of their steps were new: 0.3 per 1k tokens", since=NOW - 6300, is_open=True,
    )  # fmt: skip


def stop_finding() -> Finding:
    """The family's own finding: no single lane's."""
    return finding(
        "stop:f1", kind=FindingKind.STOP, lane=None, family="f1", since=NOW - 5400, tokens_since=9_100_000,
        title="S004 differs from three proven actions by its label alone", suggest=Verb.CLOSE,
        evidence=(Evidence("S004 prove the refund envelope for pier 4", NOW - 6000, None, None),),
    )  # fmt: skip


def circling() -> Fleet:
    """The harbour with one lane in circles, one family, a mild finding and one that has passed."""
    base = harbor()
    loop = finding()
    mild = finding(
        "low_novelty", kind=FindingKind.declare("low_novelty"), severity=Severity.WARN, lane=FOREMAN, tokens_since=None, since=None,
        title="little new for 20 minutes", evidence=(), suggest=None,
    )  # fmt: skip
    past = finding(
        "missing_tool:Bash", kind=FindingKind.declare("missing_tool"), severity=Severity.INFO, until=NOW - 600,
        title="tool Bash does not exist, 3 calls",
    )  # fmt: skip
    repetition = Repetition(
        score=0.91, severity=Severity.STOP, kind=RepetitionKind.SAME_ERROR, reason=loop.title, period=1, repeats=12,
        since=NOW - 1140, offset=20_114,
    )  # fmt: skip
    curve = tuple(NoveltyPoint(NOW - 2400 + 300 * i, 20, max(0.2, 12.0 - 2 * i), 150_000) for i in range(8))
    lanes = tuple(
        replace(lane, repetition=repetition, novelty=curve, findings=(loop,))
        if lane.id == LOOPING
        else replace(lane, findings=(mild,))
        if lane.id == FOREMAN
        else lane
        for lane in base.lanes
    )
    return replace(
        base, lanes=lanes, findings=(stop_finding(), loop, mild), past_findings=(past,), families=(family(),)
    )
