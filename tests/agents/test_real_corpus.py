"""Real transcripts, where a folder of them is at hand: LANEWATCH_CORPUS names it.

Its EXPECTED.json gives for each transcript the right totals of its own lane, and the wrong total
that a sum over lines gives.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.agents.builders import larger, only, read_all, spent
from tui.agents import registry
from tui.model.event import Call, Event, Result, Unknown, UsageReported
from tui.model.usage import ZERO, Usage

NAMED = os.environ.get("LANEWATCH_CORPUS")
CORPUS = Path(NAMED) if NAMED else None


def expected() -> dict[str, dict[str, Any]]:
    """The right totals by path; fails if a folder is named that states none."""
    if CORPUS is None:
        pytest.skip("LANEWATCH_CORPUS names no folder of real transcripts")
    stated = CORPUS / "EXPECTED.json"
    assert stated.is_file(), f"{CORPUS} has no EXPECTED.json"
    return json.loads(stated.read_text())


def claude_files() -> list[str]:
    return sorted(path for path, totals in expected().items() if totals["kind"] == "claude")


def events_of(path: Path) -> list[Event]:
    lines = [line for line in path.read_bytes().split(b"\n") if line]
    agent = next(agent for agent in map(registry.sniff, lines) if agent is not None)
    return read_all(registry.make_reader(agent), *lines)


def test_each_transcript_gives_its_right_totals_and_never_the_naive_one() -> None:
    stated = expected()
    files = claude_files()
    assert files, "the corpus holds no transcript of Claude Code"
    for file in files:
        usage = spent(events_of(CORPUS / file), lane="")  # type: ignore[operator]
        right, tokens = stated[file], stated[file]["tokens"]
        assert usage.total == right["total"], file
        assert usage.total != right["naive_total"] or right["lines_with_usage"] == right["api_calls"], file
        assert (usage.input, usage.output, usage.cache_read) == (
            tokens["input"], tokens["output"], tokens["cache_read"],
        ), file  # fmt: skip
        assert usage.cache_write == tokens["cache_write_flat"], file
        assert usage.cache_write_1h == tokens["cache_write_1h"], file
        # Older lines do not state a lifetime; the corpus books these writes as the default five minutes.
        assert usage.cache_write_5m + usage.cache_write_other == tokens["cache_write_5m"], file


def test_the_number_of_calls_is_the_number_of_distinct_messages() -> None:
    stated = expected()
    for file in claude_files():
        keys = {event.key for event in only(events_of(CORPUS / file), UsageReported) if event.lane == ""}  # type: ignore[operator]
        assert len(keys) == stated[file]["api_calls"] - stated[file]["synthetic"], file


def test_all_transcripts_together_count_each_message_once() -> None:
    calls: dict[str, Usage] = {}
    for file in claude_files():
        for event in only(events_of(CORPUS / file), UsageReported):  # type: ignore[operator]
            calls[event.key] = larger(calls.get(event.key, ZERO), event.usage)
    assert sum(calls.values(), ZERO).total == oracle([CORPUS / file for file in claude_files()])  # type: ignore[operator]


def test_every_line_of_the_corpus_is_known() -> None:
    for file in claude_files():
        events = events_of(CORPUS / file)  # type: ignore[operator]
        assert only(events, Unknown) == [], file
        answered = {event.call for event in only(events, Result)}
        assert len(answered) <= len(only(events, Call)) + 1, file  # a session may begin with an answer


def oracle(paths: list[Path]) -> int:
    """The total over all messages, counted without any of the project's own code."""
    largest: dict[str, dict[str, int]] = {}
    for path in paths:
        for line in path.read_text().split("\n"):
            record = json.loads(line) if line else {}
            inner = record.get("data", {}).get("message", {}) if record.get("type") == "progress" else record
            message = inner.get("message") if inner.get("type") == "assistant" else None
            if not message or message.get("model") == "<synthetic>":
                continue
            counts = largest.setdefault(message["id"], {})
            for name in (
                "input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens",
            ):  # fmt: skip
                counts[name] = max(counts.get(name, 0), message["usage"].get(name) or 0)
    return sum(sum(counts.values()) for counts in largest.values())
