"""What other tools do, rebuilt from the public descriptions of their rules, on the same steps.

Only the deterministic rules over tool calls: no resets by a person's message, no second model that judges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui.model.event import AssistantText, Call, Event, Result


@dataclass(frozen=True)
class Step:
    """One call with its result, or (tool "") a message."""

    tool: str
    args: str
    result: str
    failed: bool
    offset: int


def steps_of(events: Sequence[Event]) -> list[Step]:
    """Calls with results, and messages, in order."""
    open_calls: dict[str, Call] = {}
    made: list[Step] = []
    for event in events:
        if isinstance(event, Call):
            open_calls[event.call] = event
        elif isinstance(event, Result) and event.call in open_calls:
            call = open_calls.pop(event.call)
            made.append(Step(call.tool, call.args, event.text, event.ok is False, event.offset))
        elif isinstance(event, AssistantText):
            made.append(Step("", event.text, "", failed=False, offset=event.offset))
    return made


Rule = Callable[[Sequence[Step]], int | None]
"""Offset of the step at which the rule first fires, or None."""


def _first(steps: Sequence[Step], fires: Callable[[Sequence[Step]], bool]) -> int | None:
    for end in range(1, len(steps) + 1):
        if fires(steps[max(0, end - 64) : end]):
            return steps[end - 1].offset
    return None


def _calls(steps: Sequence[Step]) -> list[Step]:
    return [step for step in steps if step.tool]


def _in_a_row(steps: Sequence[Step], count: int, key: Callable[[Step], object]) -> bool:
    last = steps[-count:]
    return len(last) == count and len({key(step) for step in last}) == 1


def same_calls(count: int) -> Rule:
    """So many identical calls in a row (opencode 3, Roo's fourth, Cline's hard 5)."""
    return lambda steps: _first(_calls(steps), lambda seen: _in_a_row(seen, count, lambda step: (step.tool, step.args)))


def gemini(steps: Sequence[Step]) -> int | None:
    """Gemini CLI: a cycle of one to five identical calls, five times in a row."""

    def fires(seen: Sequence[Step]) -> bool:
        keys = [(step.tool, step.args) for step in seen]
        return any(
            len(keys) >= 5 * size and all(keys[-1 - at] == keys[-1 - at - size] for at in range(4 * size))
            for size in range(1, 6)
        )

    return _first(_calls(steps), fires)


def openhands(steps: Sequence[Step]) -> int | None:
    """OpenHands: four equal calls with equal results, three that fail alike, three messages, six steps A-B-A-B."""

    def fires(seen: Sequence[Step]) -> bool:
        def whole(step: Step) -> object:
            return step.tool, step.args, step.result

        if _in_a_row(seen, 4, whole) and seen[-1].tool:
            return True
        if _in_a_row(seen, 3, lambda step: (step.tool, step.args, step.failed)) and seen[-1].failed:
            return True
        if _in_a_row(seen, 3, lambda step: (step.tool, step.args)) and not seen[-1].tool:
            return True
        keys = [whole(step) for step in seen[-6:]]
        return len(keys) == 6 and keys[0] == keys[2] == keys[4] and keys[1] == keys[3] == keys[5] and keys[0] != keys[1]

    return _first(steps, fires)


def crush(steps: Sequence[Step]) -> int | None:
    """crush: the same call with the same result more than five times in the last ten steps."""
    return _first(
        _calls(steps),
        lambda seen: max(Counter((step.tool, step.args, step.result) for step in seen[-10:]).values()) > 5,
    )


def previous(steps: Sequence[Step]) -> int | None:
    """The same call as the one before."""
    return same_calls(2)(steps)


def names_only(steps: Sequence[Step]) -> int | None:
    """tktop's idea of drift, reduced to its core: one tool's name is most of the last steps (its windows, by name)."""
    return _first(
        _calls(steps), lambda seen: len(seen) >= 8 and max(Counter(step.tool for step in seen[-10:]).values()) >= 8
    )


def n_grams(steps: Sequence[Step]) -> int | None:
    """agent-strace: a run of one to three identical calls, three times over."""

    def fires(seen: Sequence[Step]) -> bool:
        keys = [(step.tool, step.args) for step in seen]
        return any(
            len(keys) >= 3 * size and keys[-size:] == keys[-2 * size : -size] == keys[-3 * size : -2 * size]
            for size in range(1, 4)
        )

    return _first(_calls(steps), fires)


def longer_than(count: int) -> Rule:
    """Plain length."""
    return lambda steps: steps[count].offset if len(steps) > count else None


ANCHORS: dict[str, Rule] = {
    "Gemini CLI (5 equal calls, cycles to 5)": gemini,
    "OpenHands (4 equal, 3 errors, A-B-A-B)": openhands,
    "opencode (3 equal calls)": same_calls(3),
    "Roo (4), Cline hard (5): at the 4th equal call": same_calls(4),
    "crush (6 of 10 equal with result)": crush,
    "agent-strace (n-grams of 3, 3 times)": n_grams,
    "tktop (tools' names)": names_only,
    "same call as before": previous,
    "length over 35 steps": longer_than(35),
}
