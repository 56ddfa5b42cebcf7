"""Real sessions of Codex in code mode, where a folder of them is at hand: LANEWATCH_CORPUS/codex-code-mode.

Calls are counted here a second time by a few lines that share nothing with the reader.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.agents.builders import only, read_all
from tui.agents.codex.reader import CodexReader
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.model.event import Call, Edit, Event, ToolKind
from tui.model.finding import FindingKind

NAMED = os.environ.get("LANEWATCH_CORPUS")
FOLDERS = [Path(NAMED) / "codex-code-mode"] if NAMED else []
FOLDERS += [Path(folder) for folder in os.environ.get("LANEWATCH_CODEX_SESSIONS", "").split(os.pathsep) if folder]
LOOPS = {
    FindingKind.REPETITION, FindingKind.declare("low_novelty"), FindingKind.FAMILY_TOO_LONG, FindingKind.declare("spiral"), FindingKind.STOP,
}  # fmt: skip
KINDS = {
    "exec_command": ToolKind.SHELL, "write_stdin": ToolKind.SHELL, "apply_patch": ToolKind.EDIT,
    "update_plan": ToolKind.PLAN, "view_image": ToolKind.READ, "web__run": ToolKind.WEB,
}  # fmt: skip
# The call of a tool, as the script has it outside its texts; what a text quotes is no call.
TEXTS = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`(?:[^`\\]|\\.)*`', re.DOTALL)
TOOL = re.compile(r"\btools\.(\w+)\(")


def sessions() -> list[Path]:
    found = sorted(path for folder in FOLDERS for path in folder.rglob("*.jsonl"))
    if not found:
        pytest.skip("LANEWATCH_CORPUS names no folder with codex-code-mode")
    return found


def events_of(path: Path) -> list[Event]:
    return read_all(CodexReader(), *(line for line in path.read_bytes().split(b"\n") if line))


def counted(path: Path) -> Counter[str]:
    """How often the scripts of a session call each tool, by their text alone."""
    tools: Counter[str] = Counter()
    for line in path.read_text().splitlines():
        payload = json.loads(line).get("payload") or {}
        if payload.get("type") == "custom_tool_call" and payload.get("name") == "exec":
            tools.update(TOOL.findall(TEXTS.sub("''", payload["input"])))
    return tools


def patched(path: Path) -> Counter[str]:
    """How often each file was changed, by the client's own reports."""
    files: Counter[str] = Counter()
    for line in path.read_text().splitlines():
        payload = json.loads(line).get("payload") or {}
        if payload.get("type") == "patch_apply_end" and payload.get("success"):
            files.update(list(payload["changes"]))
    return files


def test_the_calls_of_scripts_are_calls_of_their_kinds_with_arguments() -> None:
    wanted = missed = 0
    for path in sessions():
        expected = counted(path)
        calls = [call for call in only(events_of(path), Call) if call.args not in ("{}", "")]
        seen = Counter(
            call.tool
            for call in calls
            if call.tool_kind is KINDS.get(call.tool, call.tool_kind)
            and (not call.tool.startswith("mcp__") or call.tool_kind is ToolKind.MCP)
        )
        wanted += expected.total()
        missed += (expected - seen).total()
    assert wanted > 50
    assert missed <= 0.02 * wanted, f"{missed} of {wanted}"


def test_each_reported_file_is_one_edit() -> None:
    for path in sessions():
        edits = Counter(edit.path for edit in only(events_of(path), Edit))
        reported = patched(path)
        assert {file: edits[file] for file in reported} == dict(reported), path


def test_no_call_is_without_words_and_polls_are_polls() -> None:
    for path in sessions():
        for call in only(events_of(path), Call):
            assert call.summary.strip(), (path, call)
            if call.tool in ("write_stdin", "wait") and '"chars":"' not in call.args.replace('"chars":""', ""):
                assert (call.continues, call.tool_kind) != (None, ToolKind.SHELL), (path, call)


def test_honest_sessions_raise_no_loop_alarm() -> None:
    for path in sessions():
        supervisor = Supervisor(PriceTable.shipped())
        events = events_of(path)
        supervisor.feed(str(path), "codex", events)
        fleet = supervisor.snapshot(max(event.at or 0.0 for event in events), 0.0)
        assert [finding.title for finding in fleet.findings if finding.kind in LOOPS] == [], path
