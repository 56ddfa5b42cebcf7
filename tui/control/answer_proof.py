"""Finds in a transcript whether lanewatch's answer or somebody else's was taken."""

from __future__ import annotations

from enum import Enum, auto

import orjson

from tui.agents.registry import probe_of
from tui.agents.transcript_probe import MOST, Decided, read_at
from tui.control.context import VerbContext
from tui.io.json_fields import obj
from tui.model.control import Order


class Outcome(Enum):
    """The outcome of an answer, as the transcript states it."""

    UNKNOWN = auto()
    TAKEN = auto()
    ELSEWHERE = auto()
    """Somebody at the pane or another hook answered first."""


def outcome_in(order: Order, context: VerbContext) -> tuple[Outcome, str]:
    """The outcome of an answer by the transcripts of lane and session since the order was given, with the evidence."""
    calls = set(order.facts.get("calls", "").split())
    refuses = order.facts.get("refuses") == "True"
    found = [one for path in {order.path, context.main.path} for one in _decided(order.agent, path, order, calls)]
    by_hook = [one for one in found if one.by_hook and one.refused is not None]
    if any(one.refused is refuses for one in by_hook):
        return Outcome.TAKEN, f"the transcript says: {'denied' if refuses else 'allowed'} by a hook"
    if by_hook:
        return Outcome.ELSEWHERE, "another hook answered first, and otherwise"
    person = next((one for one in found if one.by_person), None)
    if person is not None:
        return Outcome.ELSEWHERE, "answered in the pane first, says the transcript"
    results = [one for one in found if one.is_result]
    if not results or len({one.call for one in results}) < len(calls):
        return Outcome.UNKNOWN, ""
    if all(one.by_hook is None for one in results):
        # This agent's transcript does not say who decided.
        if any(one.refused is refuses for one in results):
            return Outcome.TAKEN, f"its result stands in the transcript: {'refused' if refuses else 'it ran'}"
        return Outcome.ELSEWHERE, "answered otherwise in its pane first, says the transcript"
    return Outcome.ELSEWHERE, "answered in the pane first: its result stands in the transcript without our decision"


def _decided(agent: str, path: str, order: Order, calls: set[str]) -> list[Decided]:
    offset = order.offset if path == order.path else 0
    decided = probe_of(agent).decided
    found: list[Decided] = []
    data = read_at(path, offset, MOST)
    for line in data[: data.rfind(b"\n") + 1].splitlines():
        if not any(call.encode() in line for call in calls):
            continue
        try:
            fields = obj(orjson.loads(line))
        except orjson.JSONDecodeError:
            continue
        found += [one for one in decided(fields) if one.call in calls]
    return found
