"""The demo's honest workers, which read one file after another: no loop is found in them, however long they work."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.property.test_chain import encode, message, prompt
from tui.agents.claude.demo_worker import PROMPTS, honest_work
from tui.cli.common import Common
from tui.cli.lanes import read_once
from tui.model.finding import FindingKind

SESSION = "00000001-0000-4000-8000-000000000000"
STEPS = 240
LOOPS = {FindingKind.REPETITION, FindingKind.STOP, FindingKind("family_too_long"), FindingKind("low_novelty")}


def written(kind: str, folder: Path) -> None:
    """The transcript of a worker after so many steps."""
    lines = [prompt(SESSION, 0, PROMPTS[kind])]
    for step in range(1, STEPS + 1):
        command, output = honest_work(kind, step)
        asked = message(SESSION, 10 * step, f"c{step}", 90)
        asked["message"]["content"] = [
            {"type": "tool_use", "id": f"t{step}", "name": "Bash", "input": {"command": command}}
        ]
        asked["message"]["stop_reason"] = "tool_use"
        result = prompt(SESSION, 10 * step + 2, "")
        result["message"]["content"] = [{"type": "tool_result", "tool_use_id": f"t{step}", "content": output}]
        lines += [asked, result]
    (folder / f"{SESSION}.jsonl").write_bytes(encode(lines))


@pytest.mark.parametrize("kind", sorted(set(PROMPTS) - {"ask", "loop"}))
def test_no_loop_is_found_in_honest_work(kind: str, tmp_path: Path):
    written(kind, tmp_path)
    fleet = read_once(Common((str(tmp_path),)), 1.9e9)
    [lane] = fleet.lanes
    assert lane.tool_calls == STEPS
    assert [one.title for one in (*fleet.findings, *fleet.past_findings) if one.kind in LOOPS] == []


def test_no_two_files_are_alike():
    seen = Counter(honest_work("work", step) for step in range(1, STEPS + 1))
    assert set(seen.values()) == {1}
    assert honest_work("work", 7) == honest_work("work", 7)
