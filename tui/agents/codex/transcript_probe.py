"""Finds an operator's text in a Codex rollout: as a prompt, from a hook, or as the reason of a refused call.

The kinds of lines were measured on Codex 0.169.0.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui.agents.transcript_probe import Decided, Heard, TranscriptProbe, objects, texts
from tui.io.json_fields import Record, obj, text

_OUTPUTS = ("function_call_output", "custom_tool_call_output")
_REJECTED = "rejected by user"
_REJECTED_MCP = "user rejected MCP tool call"
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
    elif given.get("type") in _OUTPUTS:
        output = given.get("output")
        parts = [output, *(block.get("text") for block in objects(output))]
        for part in parts:
            if isinstance(part, str) and _BLOCKED in part:
                yield Heard.DENIED, part[part.index(_BLOCKED) :]


def decided(fields: Record) -> Iterator[Decided]:
    """The results in a line. A rollout does not say who decided; a refusal has a text of its own."""
    given = obj(fields.get("payload"))
    if fields.get("type") != "response_item" or given.get("type") not in _OUTPUTS:
        return
    call = text(given.get("call_id"))
    output = given.get("output")
    words = output if isinstance(output, str) else "".join(str(one.get("text")) for one in objects(output))
    if call is not None:
        yield Decided(call, _REJECTED in words or words.endswith(_REJECTED_MCP), is_result=True)


PROBE = TranscriptProbe(heard=heard, decided=decided)
