"""Requests of agents for which a hook waits: reads their records, and writes the operator's answer to one of them.

The docstring of `gate/ask.py` describes the files and their fields.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from typing import Any

import orjson

from tui.agents.pending import not_shown_whole, request_of
from tui.agents.registry import find
from tui.control.folder import ControlFolder, FolderError, plain_id
from tui.control.gate.ask import NO_ARGUMENTS, VALID_S, digest
from tui.control.gate.gate import boot_id, since_boot
from tui.control.refused import Refused
from tui.control.routes.gate_client import has_ended
from tui.io.json_fields import array, number, obj, text
from tui.model.frozen import frozen
from tui.model.pending import Answer, Decision, PendingRequest, chosen_labels

TAKEN = "somebody else has answered it already"
GONE = "it does not wait any more: it was answered in the pane, or its client has ended"
CHANGED = "the request is not the one that was shown"


@frozen
class Asked:
    """A request for whose answer a hook waits."""

    key: str
    """The session's name at the gate."""
    agent_id: str | None
    request: PendingRequest
    calls: tuple[str, ...]
    """The ids of the calls in the transcript to which it may belong; equal calls at the same time cannot be
    distinguished."""
    waiter: tuple[int, str]

    @property
    def lives(self) -> bool:
        """True if the hook still waits."""
        return not has_ended(self.waiter)


def asked_requests(folder: ControlFolder) -> tuple[Asked, ...]:
    """All requests for whose answers hooks wait now, the oldest first."""
    names = [name for name in folder.names("pending") if name.endswith(".json")]
    found = [one for name in names if (one := _asked(folder, name)) is not None and one.lives]
    return tuple(sorted(found, key=lambda one: (one.request.asked_at or 0.0, one.request.id)))


NAMED_S, LOOK_S = 1.0, 0.02
"""Seconds in which a client writes a call to its transcript after it has asked about it, and between two looks."""


def calls_of(folder: ControlFolder, nonce: str) -> tuple[str, ...]:
    """The ids of the calls to which a request may belong. Waits for them up to `NAMED_S`: the hook notes them late.

    Empty if they are not known, or if the request no longer waits.
    """
    end = time.monotonic() + NAMED_S
    while plain_id(nonce) and (found := _asked(folder, f"{nonce}.json")) is not None:
        if found.calls or time.monotonic() >= end:
            return found.calls
        time.sleep(LOOK_S)
    return ()


def is_asked(folder: ControlFolder, nonce: str) -> bool:
    """True as long as a hook has noted that it waits for the answer."""
    return plain_id(nonce) and _asked(folder, f"{nonce}.json") is not None


def put_answer(folder: ControlFolder, request: PendingRequest, answer: Answer, order: str) -> None:
    """Gives the answer of an order to the hook that waits for exactly this request.

    Raises:
        Refused: it no longer waits, is another one by now, or was answered already.
        FolderError: the answer cannot be written.
    """
    now = _asked(folder, f"{request.id}.json") if plain_id(request.id) else None
    if now is None or not now.lives:
        raise Refused(GONE)
    if now.request.hash != request.hash:
        raise Refused(CHANGED)
    fields: dict[str, object] = {
        "v": 1, "nonce": request.id, "hash": request.hash, "order": order, "decision": answer.decision.value,
        "text": answer.text, "boot": boot_id(), "uptime": since_boot(), "valid_s": VALID_S,
    }  # fmt: skip
    if answer.decision is Decision.CHOOSE:
        chosen = chosen_labels(request, answer)
        fields["answers"] = {key: ", ".join(labels) for key, labels in chosen.items()}
    if not folder.write_new(f"answers/{request.id}.json", orjson.dumps(fields)):
        raise Refused(TAKEN)


def has_answer(folder: ControlFolder, nonce: str) -> bool:
    """True as long as an answer waits to be read."""
    return folder.read(f"answers/{nonce}.json") is not None


def remove_abandoned(folder: ControlFolder) -> None:
    """Removes the files of hooks that were killed."""
    waiting = {asked.request.id for asked in asked_requests(folder)}
    for part in ("pending", "answers"):
        for name in folder.names(part):
            found = _asked(folder, name) if part == "pending" else None
            dead = found is not None and not found.lives
            if dead or (part == "answers" and name.removesuffix(".json") not in waiting):
                with contextlib.suppress(FolderError):
                    folder.remove(f"{part}/{name}")


def _asked(folder: ControlFolder, name: str) -> Asked | None:
    fields = folder.read_object(f"pending/{name}")
    if fields is None:
        return None
    nonce, agent, session, tool = (text(fields.get(field)) for field in ("nonce", "agent", "session", "tool"))
    waiter = obj(fields.get("waiter"))
    pid, start = waiter.get("pid"), text(waiter.get("start"))
    if nonce is None or name != f"{nonce}.json" or agent is None or session is None or tool is None:
        return None
    if not plain_id(nonce) or not isinstance(pid, int) or start is None:
        return None
    calls = tuple(call for call in array(fields.get("calls")) if isinstance(call, str))
    request = _request(fields, agent, tool)
    request = replace(request, id=nonce, call=calls[0] if len(calls) == 1 else None)
    return Asked(f"{agent}-{session}", text(fields.get("agent_id")), request, calls, (pid, start))


def _request(fields: dict[str, Any], agent: str, tool: str) -> PendingRequest:
    declared = find(agent)
    given = fields.get("input")
    made = request_of(tool, obj(given), declared.asking if declared is not None else {})
    why = text(fields.get("unanswerable")) or ""
    stated = text(fields.get("hash")) or ""
    # The hash must be that of the shown content; otherwise somebody else wrote the record.
    if not why and digest(tool, given) != stated:
        why = "its record does not fit its own hash"
    if not why and not isinstance(given, dict):
        why = NO_ARGUMENTS
    made = replace(made, asked_at=number(fields.get("at")), cwd=text(fields.get("cwd")), hash=stated)
    return replace(made, unanswerable=why or not_shown_whole(made), is_whole=given is not None)
