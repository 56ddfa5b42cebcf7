"""Finds an operator's text in Claude Code's transcript: as a prompt, from a hook, as a refusal, or in the queue.

The kinds of lines were measured on Claude Code 2.1.329 and 2.1.197.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import orjson

from tui.agents.transcript_probe import (
    MOST,
    SLICE,
    Decided,
    Heard,
    TranscriptProbe,
    objects,
    read_at,
    size_of,
    texts,
)
from tui.io.json_fields import Record, obj, stamp, text

QUEUE_TAIL = 4 * 1024 * 1024
HIDES_HOOKS = (2, 1, 197)
"""The newest known version whose transcripts of subagents lack the texts that hooks add."""
_PASTED = re.compile(r"</?pasted_content[^>]*>")
"""The tag that the client puts around a long paste."""


def heard(fields: Record) -> Iterator[tuple[Heard, str]]:
    kind = fields.get("type")
    if kind == "user":
        content = obj(fields.get("message")).get("content")
        if isinstance(content, str):
            yield Heard.PROMPT, _PASTED.sub(" ", content)
        for block in objects(content):
            if block.get("type") == "text":
                yield from texts(Heard.PROMPT, block.get("text"))
            elif block.get("type") == "tool_result" and block.get("is_error") is True:
                yield from texts(Heard.DENIED, block.get("content"))
    elif kind == "attachment":
        given = obj(fields.get("attachment"))
        if given.get("type") == "queued_command":
            yield from texts(Heard.PROMPT, given.get("prompt"))
        elif given.get("type") == "hook_additional_context":
            yield from texts(Heard.HOOK, given.get("content"))
        elif given.get("type") == "hook_blocking_error":
            yield from texts(Heard.HOOK, obj(given.get("blockingError")).get("blockingError"))
    elif kind == "queue-operation":
        waits = {"enqueue": Heard.QUEUED, "popAll": Heard.UNQUEUED}.get(str(fields.get("operation")))
        if waits is not None:
            yield from texts(waits, fields.get("content"))


def answered_since(path: str, offset: int, at: float) -> bool:
    """Whether a model has answered in this transcript to a request made after `at` (seconds UTC)."""
    before: set[object] = set()
    start = max(0, offset - SLICE)
    for line in read_at(path, start, MOST).split(b"\n"):
        if b'"assistant"' not in line:
            continue
        try:
            fields = obj(orjson.loads(line))
        except orjson.JSONDecodeError:
            continue
        when, name = stamp(fields.get("timestamp")), obj(fields.get("message")).get("id")
        if fields.get("type") != "assistant" or when is None or not isinstance(name, str):
            continue
        if when <= at:
            before.add(name)
        elif name not in before:
            return True
    return False


def decided(fields: Record) -> Iterator[Decided]:
    """The decision of a hook, and results; 2.1.329 says beside a result who decided, 2.1.197 does not."""
    given = obj(fields.get("attachment"))
    call = text(given.get("toolUseID"))
    if given.get("type") == "hook_permission_decision" and call is not None:
        yield Decided(call, given.get("decision") != "allow", by_hook=True)
    if fields.get("type") != "user":
        return
    stated = obj(fields.get("permissionDecision"))
    source = text(stated.get("source")) or ""
    refused = stated.get("decision") != "accept" if stated else None
    for block in objects(obj(fields.get("message")).get("content")):
        call = text(block.get("tool_use_id"))
        if block.get("type") == "tool_result" and call is not None:
            yield Decided(call, refused, source == "hook", source.startswith("user"), is_result=True)


def hides_hooks_of_subagents(version: str) -> bool:
    """True up to 2.1.197, which writes a hook's text only into the main transcript; 2.1.329 writes it into both."""
    numbers = tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())
    return len(numbers) == 3 and numbers <= HIDES_HOOKS


def queued_prompts(path: str) -> int:
    """The number of prompts in Claude Code's queue, by the `queue-operation` lines at the transcript's end.

    An Escape sends these prompts instead of stopping the turn.
    """
    size = size_of(path)
    waiting = 0
    for line in read_at(path, max(0, size - QUEUE_TAIL), QUEUE_TAIL).splitlines():
        if b'"queue-operation"' not in line:
            continue
        if b'"enqueue"' in line:
            waiting += 1
        elif b'"popAll"' in line:
            waiting = 0
        elif b'"dequeue"' in line or b'"remove"' in line:
            waiting = max(0, waiting - 1)
    return waiting


PROBE = TranscriptProbe(
    heard=heard, queued_prompts=queued_prompts, answered_since=answered_since, decided=decided,
    hides_hooks_of_subagents=hides_hooks_of_subagents,
)  # fmt: skip
