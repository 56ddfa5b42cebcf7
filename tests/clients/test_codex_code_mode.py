"""Codex in code mode, where its model calls tools from scripts: what the real client writes, as lanewatch reads it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.clients.lanes import Home, codex_exec

pytestmark = pytest.mark.clients

MODEL = "gpt-5.6-sol"
"""The client itself knows which models take scripts."""


@pytest.fixture
def coded(codex: Path, home: Path, model: int) -> Home:
    """A home in which the client has run all the scripts."""
    place = Home(home, model)
    settings = place.path / ".codex" / "config.toml"
    settings.write_text(
        settings.read_text().replace('"gpt-5.3-codex"', f'"{MODEL}"') + "[tools.update_plan]\nenabled = true\n"
    )
    (place.work / "old.txt").write_text("before\n")
    lane = codex_exec(codex, place, "go {{code=1}}")
    output = lane.output()
    assert lane.process.returncode == 0, output[-2000:]
    assert (place.work / "made.txt").read_text() == "one\ntwo\n"
    return place


def test_what_the_scripts_of_a_real_client_did(coded: Home) -> None:
    (rollout,) = (coded.path / ".codex" / "sessions").rglob("rollout-*.jsonl")
    events = [json.loads(line) for line in coded.lanewatch("events", str(rollout), "--json").splitlines()]
    calls = {event["call"]: event for event in events if event["kind"] == "call"}
    results = [event for event in events if event["kind"] == "result"]
    running, polled = "sleep 1.5; echo ran 3 tests", "sleep 1.5; echo from the cell"
    shown = [
        (call["tool"], call["tool_kind"], re.sub(r"(session|cell) \d+", r"\1 N", call["summary"]))
        for call in calls.values()
    ]
    assert shown == [
        ("update_plan", "plan", "look"),
        ("exec_command", "shell", "echo first"),
        ("exec_command", "shell", "echo second; exit 3"),
        ("apply_patch", "edit", str(coded.work / "made.txt")),
        ("exec_command", "shell", running),
        ("write_stdin", "shell", f"poll of session N: {running}"),
        ("exec_command", "shell", polled),
        ("wait", "shell", f"poll of cell N: {polled}"),
        ("apply_patch", "edit", str(coded.work / "none.txt")),
    ]
    ids = list(calls)
    assert [calls[ids[5]]["continues"], calls[ids[7]]["continues"]] == [ids[4], ids[6]]
    assert [
        (ids.index(one["call"]), one["ok"], one["exit_code"], one["text"].strip())
        for one in results
        if not one["background"]
    ] == [
        (0, True, None, ""),
        (1, True, 0, "first"),
        (2, False, 3, "second"),
        (3, True, None, "{}"),
        (5, True, 0, "ran 3 tests"),
        (6, True, 0, "from the cell"),
        (7, True, 0, "from the cell"),
        (8, False, None, results[-1]["text"].strip()),
    ]
    assert [ids.index(one["call"]) for one in results if one["background"]] == [4, 6]
    assert "No such file" in results[-1]["text"]
    edits = [
        (Path(one["path"]).name, one["change"], one["added"], one["removed"]) for one in events if one["kind"] == "edit"
    ]
    assert sorted(edits) == [("made.txt", "create", 2, 0), ("old.txt", "update", 1, 1)]
    assert [one for one in events if one["kind"] == "unknown"] == []

    (lane,) = coded.lanes()
    assert (lane["session"], lane["actions"], lane["findings"]) == (rollout.stem[-36:], 1, [])
