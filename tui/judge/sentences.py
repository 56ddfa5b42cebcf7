"""Sentences about a lane that loops: what repeats, what varies, and the outcome."""

from __future__ import annotations

from collections.abc import Sequence

from tui.judge.evidence import Group
from tui.judge.names import template
from tui.judge.signals import Like
from tui.model.finding import RepetitionKind

_PROGRESS: dict[RepetitionKind, str] = {
    RepetitionKind.SAME_RESULT: "a different result, or a change before the next try",
    RepetitionKind.SAME_ERROR: "a different error, or its cause fixed before the next try",
    RepetitionKind.SAME_OUTCOME: "an attempt that succeeds or fails differently",
    RepetitionKind.CYCLE: "a round with a different result",
    RepetitionKind.MONOLOGUE: "a call that does what is said",
    RepetitionKind.LABELS: "a different result",
    RepetitionKind.STALE: "a tool call that brings something new",
    RepetitionKind.SEARCHING: "a new search result, or other work",
    RepetitionKind.REREADING: "an edit or an answer based on what was read",
    RepetitionKind.WAITING: "a different answer, or other work in the meantime",
    RepetitionKind.OSCILLATION: "a new state of the files",
    RepetitionKind.PLANNING: "one step of the plan done",
    RepetitionKind.ASKING: "work that uses the answer",
    RepetitionKind.RESPAWN: "a subagent with a different task, or the work done without one",
    RepetitionKind.AFTER_DONE: "the end of the turn, or other work",
    RepetitionKind.COMPACTION: "work done between two compactions",
}
_VARIES = (
    RepetitionKind.SAME_ERROR, RepetitionKind.SAME_OUTCOME, RepetitionKind.SAME_RESULT, RepetitionKind.LABELS,
    RepetitionKind.SEARCHING, RepetitionKind.WAITING,
)  # fmt: skip
DIFFERING = 3
"""The most differing words that are shown."""
DIFFERING_CHARS = 18


def progress_of(kind: RepetitionKind | None) -> str:
    """The progress that is missing for this kind of repetition, in words; empty if the kind declares none."""
    return _PROGRESS.get(kind, "") if kind is not None else ""


def differing(texts: Sequence[str]) -> str:
    """The words that differ between otherwise equal calls: `-v, -vv, -A`; empty if there are none, or too many."""
    _, slots = template(tuple(dict.fromkeys(texts)))
    named = list(dict.fromkeys(slot.strip("'\"()[]{}") or slot for slot in slots if slot))
    if len(named) < 2 or len(named) < len(slots) or any(len(one) > DIFFERING_CHARS for one in named):
        return ""
    return ", ".join(named[:DIFFERING]) + (", …" if len(named) > DIFFERING else "")


def quoted(text: str, limit: int) -> str:
    """Raw text on one line, cut at `limit` characters."""
    line = " ".join(text.split())
    return f"`{line}`" if len(line) <= limit else f"`{line[: limit - 1]}…`"


def group_reason(group: Group) -> tuple[RepetitionKind, str]:
    """The kind of repetition of a group, and the sentence about it."""
    kind, count = group.kind, group.count
    text = quoted(group.steps[-1][0], 48)
    outcome = group.steps[-1][1]
    said = f": {_cut(outcome, 80)}" if outcome else ""
    match kind:
        case RepetitionKind.SAME_ERROR:
            reason = f"{text} failed {count} times with the same error"
        case RepetitionKind.SAME_OUTCOME:
            reason = f"{count} attempts with `{_cut(group.program, 24)}` failed the same way{said}"
        case RepetitionKind.SAME_RESULT:
            reason = f"{text} ran {count} times with the same result"
        case RepetitionKind.LABELS:
            reason = f"{count} nearly equal tool calls had the same result, the last one {text}"
        case RepetitionKind.SEARCHING:
            program = _cut(group.program, 24)
            reason = f"{count} calls of `{program}` in different words found nothing new, the last one {text}"
        case RepetitionKind.REREADING:
            reason = f"{text} was read {count} times without a change in it"
        case RepetitionKind.WAITING:
            reason = f"checked {count} times without a change: {text}{said}"
        case RepetitionKind.OSCILLATION:
            reason = f"the files returned to an earlier state {_times(count)}, the last time by {text}"
        case RepetitionKind.PLANNING:
            reason = f"the plan was written {_times(count)} and no step of it was done"
        case RepetitionKind.ASKING:
            reason = f"asked the same question {_times(count)}: {text}"
        case RepetitionKind.RESPAWN:
            reason = f"{count} subagents were started for the same task: {text}"
        case RepetitionKind.AFTER_DONE:
            reason = f"said that the work is done, then wrote {count} more texts about it, the last one {text}"
        case _:
            reason = f"{text} ran {_times(count)} and brought nothing new"
    varies = differing([step[0] for step in group.steps]) if kind in _VARIES else ""
    return kind, f"{reason}; only this differs: {varies}" if varies else reason


def alike_reason(steps: Sequence[Like]) -> tuple[RepetitionKind, str]:
    """The kind of repetition of steps with similar outcomes (the newest last), and the sentence about it."""
    newest, count = steps[-1], len(steps)
    text = quoted(newest.step.text, 48)
    said = f": {_cut(newest.step.outcome, 80)}" if newest.step.outcome else ""
    calls = len({one.bare for one in steps})
    if newest.failed and calls > 1:
        kind, reason = (
            RepetitionKind.SAME_OUTCOME,
            f"{count} attempts, {calls} of them different, failed in the same way{said}",
        )
    elif newest.failed:
        kind, reason = RepetitionKind.SAME_ERROR, f"{text} failed {count} times with the same error"
    elif calls > 1:
        kind, reason = RepetitionKind.LABELS, f"{count} calls had similar results, the last one {text}{said}"
    else:
        kind, reason = RepetitionKind.SAME_RESULT, f"{text} ran {count} times with similar results"
    varies = differing([one.step.text for one in steps[-DIFFERING - 1 :]]) if calls > 1 else ""
    return kind, f"{reason}; only this differs: {varies}" if varies else reason


def said_reason(count: int, text: str) -> str:
    """The reason for messages that say the same with other steps between them."""
    return f"said nearly the same {count} times without progress: “{_cut(text, 60)}”"


def cycle_reason(texts: list[str], rounds: int) -> str:
    """The reason for a cycle of several calls."""
    names = " → ".join(quoted(text, 32) for text in texts[:3])
    more = f" → … ({len(texts)} calls)" if len(texts) > 3 else ""
    return f"{rounds} rounds of {names}{more} brought nothing new"


def compaction_reason(count: int) -> str:
    """The reason for repeated compactions of the context."""
    return f"the context was compacted {count} times, with almost no work between"


def stale_reason(wasted: int, of: int, text: str) -> str:
    """The reason for steps without a period that bring nothing new."""
    return f"{wasted} of its last {of} tool calls brought nothing new, such as {quoted(text, 48)}"


def _times(count: int) -> str:
    """`once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _cut(text: str, limit: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
