"""The quick scan counts exactly as the ledger does, whatever stands in a transcript and in however many steps it grew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.history.ledgers import continued, ledgers, scanned, told
from tests.history.lines import transcripts
from tui.history.scan import scan

PATH = "/home/ada/.claude/projects/harbor/s1.jsonl"
SAMPLES = Path(__file__).resolve().parents[2] / "sample_logs"


def holds(path: str, data: bytes) -> None:
    made = scanned(path, data)
    lanes, unreadable = ledgers(path, data)
    assert told(made.lanes) == lanes
    assert not made.agent or made.unreadable == unreadable


@settings(max_examples=examples(300), deadline=None)
@given(transcripts())
def test_a_scan_counts_as_the_ledger_does(data):
    holds(PATH, data)


@settings(max_examples=examples(120), deadline=None)
@given(transcripts(), st.data())
def test_a_transcript_that_grew_is_counted_as_one_that_was_there_at_once(data, draw):
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(data)), min_size=1, max_size=3)))
    made = scanned(PATH, data[: cuts[0]])
    for cut in [*cuts[1:], len(data)]:
        made = continued(PATH, made, data[:cut])
    lanes, unreadable = ledgers(PATH, data)
    if _ends_early(data, cuts):
        return  # a last line without its newline was taken before it was whole
    assert told(made.lanes) == lanes
    assert not made.agent or made.unreadable == unreadable


def _ends_early(data: bytes, cuts: list[int]) -> bool:
    """Whether a cut lies behind a whole object that is not the whole line."""
    return any(
        data[:cut].endswith(b"}") and cut < len(data) and not data[cut : cut + 2].startswith((b"\n", b"\r\n"))
        for cut in cuts
    )


def test_samples_are_counted_as_the_ledger_does():
    found = sorted(SAMPLES.rglob("*.jsonl"))
    assert len(found) > 50
    for path in found:
        holds(str(path.parent / f"x{path.name}"), path.read_bytes())  # no sidecar has this name


@pytest.mark.skipif("LANEWATCH_CORPUS" not in os.environ, reason="LANEWATCH_CORPUS names no folder of transcripts")
def test_real_transcripts_are_counted_as_the_ledger_does():
    for path in sorted(Path(os.environ["LANEWATCH_CORPUS"]).rglob("*.jsonl")):
        holds(str(path.parent / f"x{path.name}"), path.read_bytes())


def test_a_line_beyond_the_cap_is_left_out_in_any_pieces():
    long, short = b'{"type":"mode","sessionId":"s1","x":"' + b"y" * 300 + b'"}', b'{"type":"mode","sessionId":"s1"}'
    data = b"\n".join([short, long, short, long, short, b""])
    for size in (1, 7, 64, 100, 301, 5000):
        made = scan(PATH, lambda _, size=size: (data[at : at + size] for at in range(0, len(data), size)), cap=200)
        assert (made.unreadable, made.offset) == (2, len(data))
        assert (made.head, made.before) == (data[:64], data[-64:])
