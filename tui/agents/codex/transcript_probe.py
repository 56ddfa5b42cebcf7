"""Finds an operator's text in a Codex rollout: as a prompt, from a hook, or as the reason of a refused call.

The kinds of lines were measured on Codex 0.169.0.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui.agents.transcript_probe import Heard, TranscriptProbe, objects, texts
from tui.io.json_fields import Record, obj

_BLOCKED = "blocked by PreToolUse hook:"
"""The beginning of the result of a call that a hook refused."""


def heard(fields: Record) -> Iterator[tuple[Heard, str]]:
    if fields.get("type") != "response_item":
        return
    given = obj(fields.get("payload"))
    if given.get("type") == "message" and given.get("role") in ("user", "developer"):
        kind = Heard.PROMPT if given.get("role") == "user" else Heard.HOOK
        for block in objects(given.get("content")):
            yield from texts(kind, block.get("text"))
    elif given.get("type") in ("function_call_output", "custom_tool_call_output"):
        output = given.get("output")
        parts = [output, *(block.get("text") for block in objects(output))]
        for part in parts:
            if isinstance(part, str) and _BLOCKED in part:
                yield Heard.DENIED, part[part.index(_BLOCKED) :]


PROBE = TranscriptProbe(heard=heard)
