"""Sentences about a lane that goes in circles: what repeats, what varies, and the outcome."""

from __future__ import annotations

from collections.abc import Sequence

from tui.judge.evidence import Group
from tui.judge.names import template
from tui.judge.signals import Like
from tui.model.finding import RepetitionKind

_PROGRESS: dict[RepetitionKind, str] = {
    RepetitionKind.SAME_RESULT: "another result, or a change before the next try",
    RepetitionKind.SAME_ERROR: "another error, or its cause mended before the next try",
    RepetitionKind.SAME_OUTCOME: "an attempt that fails otherwise, or succeeds",
    RepetitionKind.CYCLE: "a round that ends otherwise",
    RepetitionKind.MONOLOGUE: "a call that does what is said",
    RepetitionKind.LABELS: "a result that differs by more than the label",
    RepetitionKind.STALE: "a step that brings something new",
    RepetitionKind.SEARCHING: "something found that was not known, or work without it",
    RepetitionKind.REREADING: "an edit or an answer made of what was read",
    RepetitionKind.WAITING: "another answer, or work that does not wait for it",
    RepetitionKind.OSCILLATION: "files in a state in which they were not before",
    RepetitionKind.PLANNING: "a step of the plan done",
    RepetitionKind.ASKING: "work on the answer that was given",
    RepetitionKind.RESPAWN: "a helper with another task, or the work done without one",
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
    _, slots = template(list(dict.fromkeys(texts)))
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
            reason = f"{text} failed {count} times, same error"
        case RepetitionKind.SAME_OUTCOME:
            reason = f"{count} attempts with `{_cut(group.program, 24)}`, each failed the same{said}"
        case RepetitionKind.SAME_RESULT:
            reason = f"{text} ran {count} times, same result"
        case RepetitionKind.LABELS:
            reason = f"{count} calls, only the label differs, same result: {text}"
        case RepetitionKind.SEARCHING:
            reason = f"{count} calls of `{_cut(group.program, 24)}` with other words, nothing new found, last: {text}"
        case RepetitionKind.REREADING:
            reason = f"{text} read {count} times, unchanged"
        case RepetitionKind.WAITING:
            reason = f"asked {count} times and nothing moved: {text}{said}"
        case RepetitionKind.OSCILLATION:
            reason = f"back at an earlier state {count} times, last by {text}"
        case RepetitionKind.PLANNING:
            reason = f"the plan was written {count} times and nothing of it done between"
        case RepetitionKind.ASKING:
            reason = f"asked the same {count} times: {text}"
        case RepetitionKind.RESPAWN:
            reason = f"{count} helpers started for the same task: {text}"
        case RepetitionKind.AFTER_DONE:
            reason = f"said that the work is done, then wrote {count} more texts about it, last {text}"
        case _:
            reason = f"{text} {count} times, nothing new"
    varies = differing([step[0] for step in group.steps]) if kind in _VARIES else ""
    return kind, f"{reason}; only this differs: {varies}" if varies else reason


def alike_reason(steps: Sequence[Like]) -> tuple[RepetitionKind, str]:
    """The kind of repetition of steps with similar outcomes (the newest last), and the sentence about it."""
    newest, count = steps[-1], len(steps)
    text = quoted(newest.step.text, 48)
    said = f": {_cut(newest.step.outcome, 80)}" if newest.step.outcome else ""
    calls = len({one.bare for one in steps})
    if newest.failed and calls > 1:
        kind, reason = RepetitionKind.SAME_OUTCOME, f"{count} attempts, {calls} of them different, failed alike{said}"
    elif newest.failed:
        kind, reason = RepetitionKind.SAME_ERROR, f"{text} failed {count} times, same error"
    elif calls > 1:
        kind, reason = RepetitionKind.LABELS, f"{count} calls had like results, the last of them {text}{said}"
    else:
        kind, reason = RepetitionKind.SAME_RESULT, f"{text} ran {count} times, like results"
    varies = differing([one.step.text for one in steps[-DIFFERING - 1 :]]) if calls > 1 else ""
    return kind, f"{reason}; only this differs: {varies}" if varies else reason


def said_reason(count: int, text: str) -> str:
    """The reason for messages that say the same with other steps between them."""
    return f"said nearly the same {count} times, and got no further: “{_cut(text, 60)}”"


def cycle_reason(texts: list[str], rounds: int) -> str:
    """The reason for a cycle of several calls."""
    names = " → ".join(quoted(text, 32) for text in texts[:3])
    more = f" → … ({len(texts)} calls)" if len(texts) > 3 else ""
    return f"{rounds} rounds of {names}{more}, nothing new"


def compaction_reason(count: int) -> str:
    """The reason for repeated compactions of the context."""
    return f"the context was compacted {count} times and next to nothing done between"


def stale_reason(wasted: int, of: int, text: str) -> str:
    """The reason for steps without a period that bring nothing new."""
    return f"{wasted} of the last {of} steps bought nothing new, such as {quoted(text, 48)}"


def _cut(text: str, limit: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
