"""The requests by which Codex's daemon asks its clients for a person's answer, and the answers that it takes.

Methods and fields were read from the schema of 0.169.0 and tried on it. A request of a kind that was not tried is
shown, but only the pane can answer it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import orjson

from tui.agents.pending import not_shown_whole, questions_of
from tui.io.json_fields import array, obj, text
from tui.model.frozen import frozen
from tui.model.pending import Answer, Decision, PendingKind, PendingRequest, chosen_labels

COMMAND = "item/commandExecution/requestApproval"
FILE_CHANGE = "item/fileChange/requestApproval"
QUESTION = "item/tool/requestUserInput"
ELICITATION = "mcpServer/elicitation/request"
_ONLY_PANE = "only its pane can answer this kind of request"
_PLAIN = frozenset({
    "threadId", "turnId", "itemId", "startedAtMs", "availableDecisions", "approvalId", "command", "commandActions",
    "reason", "cwd",
})  # fmt: skip
"""Fields of a command's request that say nothing about its effect, or are shown elsewhere."""


@frozen
class CodexRequest:
    """A request as this connection received it."""

    number: int
    """The daemon's number for it, counted over all its threads."""
    method: str
    request: PendingRequest


def codex_request(message: Mapping[str, Any], items: Mapping[str, Mapping[str, Any]]) -> CodexRequest:
    """The request in a message of the daemon. `items` are the thread's items by id, for a change of files."""
    try:
        return _request(message, items)
    except (TypeError, RecursionError):  # of the encoder of JSON, for arguments nested some hundred levels deep
        why = "its arguments are nested too deeply to be shown"
        made = PendingRequest(PendingKind.PERMISSION, str(message.get("method")), "", is_whole=False, unanswerable=why)
        return CodexRequest(cast("int", message["id"]), str(message.get("method")), made)


def _request(message: Mapping[str, Any], items: Mapping[str, Mapping[str, Any]]) -> CodexRequest:
    method = str(message.get("method"))
    params = obj(message.get("params"))
    item = text(params.get("itemId"))
    changes = items.get(item or "", {}).get("changes") if method == FILE_CHANGE else None
    made = _shown(method, params, changes)
    started = params.get("startedAtMs")
    whole = _hash({"method": method, "params": params, "changes": changes})
    # The number tells equal requests apart that state no time, as those about a tool of an MCP server.
    named = {name: params.get(name) for name in ("threadId", "turnId", "itemId", "startedAtMs")}
    named["number"] = message["id"]
    made = replace(
        made, asked_at=started / 1000 if isinstance(started, int | float) else None, call=item,
        reason=text(params.get("reason")) or "", cwd=text(params.get("cwd")),
        id=_hash({**named, "whole": whole})[:32], hash=whole,
    )  # fmt: skip
    made = replace(made, unanswerable=made.unanswerable or not_shown_whole(made))
    return CodexRequest(cast("int", message["id"]), method, made)


def answer_of(method: str, request: PendingRequest, given: Answer) -> dict[str, Any] | None:
    """The daemon's form of an answer; None if this kind of request takes no such answer.

    `accept` allows this once. Answers that would hold longer are never sent.
    """
    if method in (COMMAND, FILE_CHANGE):
        words = {Decision.ALLOW: "accept", Decision.DENY: "decline"}
        return {"decision": words[given.decision]} if given.decision in words else None
    if method == ELICITATION:
        if given.decision is Decision.ALLOW:
            return {"action": "accept", "content": {}}
        return {"action": "decline"} if given.decision is Decision.DENY else None
    if method == QUESTION and given.decision is Decision.CHOOSE:
        return {"answers": {key: {"answers": labels} for key, labels in chosen_labels(request, given).items()}}
    return None


def _shown(method: str, params: dict[str, Any], changes: object) -> PendingRequest:
    if method == COMMAND:
        known = {name: value for name, value in params.items() if name not in _PLAIN and value is not None}
        kind = known.pop("kind", "command")
        if known.get("environmentId") == "local":
            del known["environmentId"]
        decisions = params.get("availableDecisions")
        refused = isinstance(decisions, list) and "accept" not in decisions
        why = "its client does not offer to allow it once" if refused else ""
        if kind != "command":  # text for a program that runs already, or a checkpoint for a person at the client
            why = _ONLY_PANE
        command = text(params.get("command")) or ""
        return PendingRequest(
            PendingKind.PERMISSION, "exec_command" if kind == "command" else _value(kind), command,
            tuple((name, _value(value)) for name, value in known.items() if not name.startswith("proposed")),
            unanswerable=why or ("" if command else "its client does not state the command"),
        )  # fmt: skip
    if method == FILE_CHANGE:
        listed = [obj(one) for one in array(changes)]
        acts = [_act(one) for one in listed]
        details = tuple((act, text(one.get("diff")) or "") for act, one in zip(acts, listed, strict=True))
        why = "" if listed else "its client does not state the change"
        grant = text(params.get("grantRoot"))
        if grant is not None:
            why = "it asks for more than this one change: only its pane can answer it"
        return PendingRequest(PendingKind.PERMISSION, "apply_patch", "\n".join(acts), details, unanswerable=why)
    if method == QUESTION:
        stated = array(params.get("questions"))
        questions = questions_of(params)
        is_secret = any(obj(one).get("isSecret") is True for one in stated)
        why = "it asks for a secret: only its pane can take it" if is_secret else ""
        if len({question.key for question in questions}) != len(stated):
            why = "its questions are too many, or cannot be told apart"
        return PendingRequest(
            PendingKind.QUESTION, "request_user_input", questions[0].text if questions else "", (), questions,
            unanswerable=why or ("" if questions else "its client does not state the questions"),
        )  # fmt: skip
    if method == ELICITATION:
        return _elicitation(params)
    return PendingRequest(PendingKind.PERMISSION, method, _value(dict(params)), unanswerable=_ONLY_PANE)


def _elicitation(params: dict[str, Any]) -> PendingRequest:
    """The question of an MCP server, or the client's own question whether a tool of the server may be called."""
    meta = dict(obj(params.get("_meta")))
    # A server could call its form a permission. One that is answered with nothing asks for nothing.
    is_permission = (
        meta.get("codex_approval_kind") == "mcp_tool_call"
        and params.get("mode") in (None, "form")
        and not obj(params.get("requestedSchema")).get("properties")
    )
    server, tool = text(params.get("serverName")) or "mcp", text(meta.get("tool_name"))
    shown: dict[str, object] = dict(obj(meta.get("tool_params"))) if is_permission else {}
    for name in (
        ("codex_approval_kind", "persist", "tool_name", "tool_params", "tool_params_display") if is_permission else ()
    ):
        meta.pop(name, None)
    told = ("threadId", "turnId", "message", "requestedSchema", "mode", "_meta", "serverName")
    rest = {"_meta": meta or None, **{name: value for name, value in params.items() if name not in told}}
    details = [*shown.items(), *((name, value) for name, value in rest.items() if value is not None)]
    return PendingRequest(
        PendingKind.PERMISSION, f"mcp__{server}__{tool}" if tool and is_permission else server,
        text(params.get("message")) or "", tuple((name, _value(value)) for name, value in details),
        unanswerable="" if is_permission else "a form of an MCP server: only its pane can answer it",
    )  # fmt: skip


def _act(change: Mapping[str, Any]) -> str:
    """The change of a file in words: `update /w/a to /w/b`."""
    kind = obj(change.get("kind"))
    name = text(kind.get("type")) or _value(change.get("kind"))
    rest = {field: value for field, value in kind.items() if field not in ("type", "move_path") and value is not None}
    target = kind.get("move_path")
    moved = "" if target is None else f" to {_value(target)}"
    return f"{name} {_value(change.get('path'))}{moved}{f' {_value(rest)}' if rest else ''}"


def _hash(value: object) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _value(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
