"""However the bytes of a transcript come, the same is said at the same events."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.demo.samples import FOLDER
from tests.effort import examples
from tui.fleet.shard import ShardFactory
from tui.judge.lane import LaneJudge
from tui.judge.limits import Limits
from tui.ledger.prices import PriceTable
from tui.model.event import UnreadableLine
from tui.sources.transcript import Transcript

LOOPING = next((FOLDER / "morning" / "claude").rglob("7d90c18f*.jsonl"))
LIMITED = next((FOLDER / "morning" / "claude").rglob("3d9c9611*.jsonl"))
CODEX = next((FOLDER / "morning" / "codex").rglob("*510e233d.jsonl"))

Said = list[tuple[int, str, str, float | None]]
"""At which offset which finding was first heard of, with its severity and since when it holds."""


def said(path: Path, cuts: list[int]) -> tuple[Said, LaneJudge]:
    data = path.read_bytes()
    reader = Transcript(str(path), None)
    judge = ShardFactory(PriceTable({}, {}), Limits()).judge()
    heard: Said = []
    known: set[tuple[str, str, str, bool]] = set()
    ends = [*sorted(cut % len(data) for cut in cuts), len(data)]
    begin = 0
    for end in ends:
        for event in reader.feed(data[begin:end]):
            if isinstance(event, UnreadableLine) or event.lane:
                continue
            judge.apply(event)
            for one in judge.raised():
                key = (one.kind.value, one.subject, one.severity.value, one.until is None)
                if key not in known:
                    known.add(key)
                    heard.append((event.offset, f"{one.kind}:{one.subject}", one.severity.value, one.since))
        begin = end
    return heard, judge


@pytest.mark.parametrize("path", [LOOPING, LIMITED, CODEX], ids=["a loop", "a hard stop", "healthy"])
@settings(max_examples=examples(8), deadline=None)
@given(cuts=st.lists(st.integers(0, 10**7), max_size=8))
def test_any_split_says_the_same_at_the_same_events(path: Path, cuts: list[int]):
    whole, judge = said(path, [])
    split, other = said(path, cuts)
    assert split == whole
    assert other.repetition == judge.repetition
    assert other.novelty == judge.novelty
    assert other.actions() == judge.actions()


def test_the_loop_is_heard_of_when_its_fourth_failure_is_written():
    heard, _ = said(LOOPING, [])
    kinds = [name.partition(":")[0] for _, name, _, _ in heard]
    assert kinds[0] == "repetition"
    assert heard[0][2] == "warn"
