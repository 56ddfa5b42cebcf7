"""Transcripts as a person reads them: python -m tests.bench.judge.incidents.show FILE..."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple


class Step(NamedTuple):
    """What happens in a transcript."""

    time: str
    """As the transcript has it."""
    kind: str
    """user, text, call, result."""
    name: str
    """The tool of a call."""
    text: str


def _joined(content: str | list[dict[str, Any]]) -> str:
    """The text of a result, which may come in parts."""
    return content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)


def _codex_step(line: dict[str, Any]) -> Step | None:
    payload, time = line["payload"], line["timestamp"]
    match payload.get("type"):
        case "user_message":
            return Step(time, "user", "", payload["message"])
        case "agent_message" if line["type"] == "event_msg":  # else the report of a subagent
            return Step(time, "text", "", payload["message"])
        case "function_call":
            return Step(time, "call", payload["name"], payload["arguments"])
        case "custom_tool_call":
            return Step(time, "call", payload["name"], payload["input"])
        case "function_call_output" | "custom_tool_call_output":
            return Step(time, "result", "", _joined(payload["output"]))
    return None


def _claude_step(time: str, block: dict[str, Any]) -> Step:
    match block["type"]:
        case "text":
            return Step(time, "text", "", block["text"])
        case "tool_use":
            return Step(time, "call", block["name"], json.dumps(block["input"]))
    return Step(time, "result", "", _joined(block["content"]))


def steps(path: Path) -> Iterator[Step]:
    """What happens in a file of either agent, in its order."""
    with path.open(encoding="utf-8") as file:
        for text in file:
            line = json.loads(text)
            if "payload" in line:
                if step := _codex_step(line):
                    yield step
            elif line["type"] in ("assistant", "user"):
                content = line["message"]["content"]
                if isinstance(content, str):
                    yield Step(line["timestamp"], "user", "", content)
                else:
                    yield from (_claude_step(line["timestamp"], block) for block in content)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.judge.incidents.show", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    for path in parser.parse_args(argv).files:
        print(f"== {path}")
        for step in steps(path):
            text = step.text[:170].replace("\n", " | ")
            print(step.time[11:19], step.kind[:4], step.name, text)


if __name__ == "__main__":
    main()
