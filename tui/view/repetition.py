"""How repetitive a lane is: a meter, a few words for its row, and its repeated steps side by side."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import NamedTuple

from tui.model.finding import Repetition, RepetitionKind, Severity, StepShown
from tui.text.cell_width import cut, width
from tui.text.format import duration, number, time_of_day
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, bar, fit_line, joined, line_width, own, spread, word
from tui.view.finding_text import SEVERITIES
from tui.view.highlight_diff import differing, differs, squeezed

METER_STEPS = 10
"""The steps of the meter, so that small changes do not redraw a row."""
SHELLS = ("Bash", "bash", "shell", "exec_command", "local_shell", "run_shell_command", "run_in_terminal", "terminal")
"""Tools whose names say nothing, because they run a command."""
LEAST_LONG, LEAST_SHORT = 11, 7
"""With fewer cells than these, the repeated call is left out and only its count is shown."""
ROUND_NAMED = 4
"""A round of at most this many steps is described by all of them, a longer one by its last step."""
COLLAPSED = 2
"""This many further steps equal to the first one are shown as one line."""
WITH_AGE = 76
"""From this width on, the time of the first repeated step is followed by its age."""
BESIDE = 96
"""From this width on, a step's outcome is on the same line."""


class _Wording(NamedTuple):
    """The words for a kind of repetition, in full and short. `names`: whether a row names the repeated call as well."""

    long: SafeText
    short: SafeText
    names: bool = True


_WORDINGS: dict[RepetitionKind, _Wording] = {
    RepetitionKind.SAME_RESULT: _Wording(own("same result"), own("same")),
    RepetitionKind.SAME_ERROR: _Wording(own("same error"), own("error")),
    RepetitionKind.CYCLE: _Wording(own("rounds"), own("rounds")),
    RepetitionKind.MONOLOGUE: _Wording(own("the same words"), own("same words"), names=False),
    RepetitionKind.LABELS: _Wording(own("only the name differs"), own("name only"), names=False),
    RepetitionKind.STALE: _Wording(own("nothing new"), own("stale"), names=False),
    RepetitionKind.SAME_OUTCOME: _Wording(own("same failure"), own("failure")),
    RepetitionKind.SEARCHING: _Wording(own("finds nothing new"), own("no find")),
    RepetitionKind.REREADING: _Wording(own("read before"), own("reread")),
    RepetitionKind.WAITING: _Wording(own("no change"), own("waits")),
    RepetitionKind.OSCILLATION: _Wording(own("back and forth"), own("undone")),
    RepetitionKind.PLANNING: _Wording(own("plan rewritten"), own("replans"), names=False),
    RepetitionKind.ASKING: _Wording(own("same question"), own("asks again"), names=False),
    RepetitionKind.RESPAWN: _Wording(own("started again"), own("respawns"), names=False),
    RepetitionKind.AFTER_DONE: _Wording(own("after it was done"), own("after done"), names=False),
    RepetitionKind.COMPACTION: _Wording(own("compactions"), own("compacts"), names=False),
}


def meter(repetition: Repetition, cells: int, role: str) -> Line:
    """The score as a bar."""
    return bar(round(repetition.score * METER_STEPS) / METER_STEPS, cells, role)


def row_words(repetition: Repetition, cells: int) -> SafeText:
    """The reason in at most `cells` cells: `npm install ×12 same error`. The count is kept longest."""
    if repetition.kind is None:
        return cut(safe_text(repetition.reason, limit=200), cells)
    wording = _WORDINGS[repetition.kind]
    count = joined(own("×"), number(repetition.repeats), own(" ")) if repetition.repeats > 1 else own("")
    long, short = joined(count, wording.long), joined(count, wording.short)
    what = _what(repetition)
    if what:
        for tail, least in ((long, LEAST_LONG), (short, LEAST_SHORT))[: 2 if wording.names else 1]:
            room = cells - width(tail) - 1
            if room >= min(width(what), least):
                return joined(_brief(what, room), own(" "), tail)
    return _first_fit((long, short), cells)


def _first_fit(texts: tuple[SafeText, ...], cells: int) -> SafeText:
    return next((text for text in texts if width(text) <= cells), cut(texts[-1], cells))


def _what(repetition: Repetition) -> SafeText:
    steps = repetition.steps
    if not steps or repetition.kind is RepetitionKind.STALE:
        return own("")
    if repetition.kind is RepetitionKind.CYCLE and 1 < repetition.period <= min(ROUND_NAMED, len(steps)):
        round_ = steps[-repetition.period :]
        return safe_text("→".join(_command(step.text).split(" ", 1)[0] for step in round_), limit=80)
    return safe_text(_command(steps[-1].text), limit=80)


def _brief(what: SafeText, cells: int) -> SafeText:
    """As many of the first words as fit."""
    if width(what) <= cells:
        return what
    words = what.split(" ")
    while len(words) > 1:
        words.pop()
        text = SafeText(" ".join(words))
        if width(text) <= cells:
            return text
    return cut(what, cells)


def _command(raw: str) -> str:
    """The raw text of a step without a shell tool's name at its beginning."""
    tool, _, rest = raw.strip().partition(" ")
    return rest.strip() if tool in SHELLS and rest.strip() else raw


# -- the repeated steps -----------------------------------------------------------------------------


def steps_lines(
    repetition: Repetition, cells: int, now: float, *, loud: bool = True, told: Container[str] = ()
) -> list[Line]:
    """The newest repeated steps, one per line. Words that differ from the first step of the kind are highlighted.

    `loud` is False if the finding is muted. `told`: a text that the page has shown above and that is not repeated.
    """
    if repetition.severity is None or not repetition.steps:
        return []
    role = SEVERITIES[repetition.severity].role if loud else "dim"
    left = (word("REPEATED STEPS  ", "section"), *_score(repetition, role))
    lines: list[Line] = [spread(left, _counted(repetition, now, cells), cells)]
    if repetition.reason and repetition.reason not in told:
        lines.append((Span(safe_text(repetition.reason, limit=300), f"loud.{role}" if loud else "dim"),))
    lines += _steps(repetition, cells)
    return [*lines, ()]


def _score(repetition: Repetition, role: str) -> Line:
    return (*meter(repetition, 6, role), word(" "), Span(SafeText(f"{repetition.score:.2f}"), role))


def _counted(repetition: Repetition, now: float, cells: int) -> Line:
    """`27 times · first at 21:31:12, 1m20 ago`: the count, and the time of the first of the repeated steps.

    It is earlier than the finding, whose own time is told as since when it is flagged.
    """
    spans: list[Span] = []
    if repetition.repeats:
        spans.append(Span(joined(number(repetition.repeats), own(" times")), "text"))
    if repetition.period > 1:
        spans.append(Span(joined(own(" · rounds of "), number(repetition.period), own(" steps")), "dim"))
    first = repetition.first_at
    if first is not None:
        spans += [word(" · first at ", "dim"), Span(time_of_day(first), "text")]
        if cells >= WITH_AGE:
            spans.append(Span(joined(own(", "), duration(now - first), own(" ago")), "dim"))
    return tuple(spans)


def _steps(repetition: Repetition, cells: int) -> list[Line]:
    steps = repetition.steps
    period = max(1, min(repetition.period, len(steps)))
    shared = _shared_outcome(steps)
    texts = max(width(safe_text(step.text, limit=300)) for step in steps)
    lines: list[Line] = []
    same = _equal_to_the_first(steps) if period == 1 else 0
    if same >= COLLAPSED:
        lines += _step(steps[0], None, cells, texts, with_outcome=not shared)
        until = joined(own("to "), time_of_day(steps[-1].at), own("  "), _part(repetition))
        lines.append((word("       "), Span(until, "dim")))
    else:
        if period == 1 and repetition.repeats > len(steps):
            lines.append((Span(_part(repetition), "dim"),))
        for index, step in enumerate(steps):
            first = steps[index % period] if index >= period else None
            lines += _step(step, first, cells, texts, with_outcome=not shared)
    if shared:
        lines.append((word("each time → ", "dim"), Span(safe_text(shared, limit=300), "text")))
    return lines


def _part(repetition: Repetition) -> SafeText:
    """Which of the repeats are shown: `the last 8 of 27`, or `all 5`."""
    shown = len(repetition.steps)
    if repetition.repeats <= shown:
        return joined(own("all "), number(shown))
    return joined(own("the last "), number(shown), own(" of "), number(repetition.repeats))


def _shared_outcome(steps: Sequence[StepShown]) -> str:
    """The outcome of the steps if all have the same one; else empty."""
    outcomes = {step.outcome for step in steps}
    return outcomes.pop() if len(outcomes) == 1 and len(steps) > 1 else ""


def _equal_to_the_first(steps: Sequence[StepShown]) -> int:
    """The number of steps after the first, if all are equal to it; else 0."""
    first = steps[0]
    return len(steps) - 1 if all((step.text, step.outcome) == (first.text, first.outcome) for step in steps) else 0


def _step(step: StepShown, first: StepShown | None, cells: int, texts: int, *, with_outcome: bool) -> list[Line]:
    at = (Span(time_of_day(step.at), "dim"), word("  "))
    text = _marked(step.text, first.text if first else None)
    outcome = _marked(step.outcome, first.outcome if first else None) if with_outcome and step.outcome else ()
    room = cells - line_width(at)
    if not outcome:
        return [(*at, *squeezed(text, room))]
    if cells < BESIDE:
        return [(*at, *squeezed(text, room)), (word("          → ", "dim"), *squeezed(outcome, cells - 12))]
    left = min(texts, room * 3 // 5)
    right = room - left - 3
    return [(*at, *fit_line(squeezed(text, left), left), word(" → ", "dim"), *squeezed(outcome, right))]


def _marked(raw: str, first: str | None) -> Line:
    text = safe_text(raw, limit=300)
    if first is None:
        return (Span(text, "text"),)
    line = differing(text, safe_text(first, limit=300))
    if differs(line) or not line:
        return line
    return tuple(Span(span.text, "dim") for span in line)


def role_of(severity: Severity) -> str:
    """The role of a flagged row's mark and meter."""
    return "dim" if severity is Severity.INFO else SEVERITIES[severity].role
