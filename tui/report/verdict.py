"""The whole report in one to three sentences: what happened, what would have stopped it, what it cost to go on."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from tui.model.action_name import ticket_parts
from tui.model.finding import Finding, FindingKind, Severity
from tui.report.clip import shortened
from tui.report.document import Figures, Found, Numbered, StopPoint, Verdict, Window
from tui.report.plural import plural
from tui.text.format import money, percent, tokens

ACTION_CHARS = 60


def verdict_of(
    window: Window, figures: Figures, lanes: int, numbered: Sequence[Numbered], stop: StopPoint | None,
    found: Sequence[Found], half: int,
) -> Verdict:  # fmt: skip
    """Made from the findings; honest where there is nothing to say. `half`: so much was left half done."""
    if window.start is None and not figures.calls:
        return Verdict(("No agent did anything here.",), quiet=True)
    happened = _happened(window, figures, lanes, numbered)
    if stop is not None:
        return Verdict((happened, _stopped(stop), _saved(stop)), quiet=False)
    left = (f"{half} {'thing was' if half == 1 else 'things were'} left half done.",) if half else ()
    grave = [one.finding for one in found if one.finding.severity is not Severity.INFO]
    if grave:
        return Verdict((happened, f"Nothing said stop; worth a look: {_named(grave)}.", *left), quiet=False)
    mild = [one.finding for one in found]
    words = f"No finding asks for a hand on any lane{f'; worth knowing: {_named(mild)}' if mild else ''}."
    return Verdict((happened, words, *left), quiet=True)


def _named(findings: Sequence[Finding]) -> str:
    """The one after which most was spent, and how many more there are."""
    first = max(findings, key=lambda one: one.tokens_since or 0)
    more = f", and {len(findings) - 1} more" if len(findings) > 1 else ""
    return f"{first.title} ({first.kind.value}){more}"


def _happened(window: Window, figures: Figures, lanes: int, numbered: Sequence[Numbered]) -> str:
    who = plural(lanes, "lane")
    on = ""
    if numbered:
        one = numbered[0]
        on = f" on {one.count} numbered actions, {one.first} to {one.last}"
    cost = f"; {money(figures.cost_usd)} at list price" if figures.cost_usd else ""
    return f"{who} spent {tokens(figures.usage.total)} tokens in {long_duration(window.duration_s)}{on}{cost}."


def _stopped(stop: StopPoint) -> str:
    finding = stop.finding
    # `stop` looks at an action as it begins, the other rules at what has been done.
    how = "As {} began" if finding.kind is FindingKind.STOP else "In {}"
    told = f"{stop.title}{_in_the_end(stop)}{_earlier(stop)}."
    if stop.before_window:
        return f"The rule {finding.kind.value} held since before the window began: {told}"
    where = f"{how.format(_called(stop.action))}, the" if stop.action else "The"
    return f"{where} rule {finding.kind.value} held: {told}"


def _in_the_end(stop: StopPoint) -> str:
    return f"; in the end it was {stop.in_the_end}" if stop.in_the_end else ""


def _earlier(stop: StopPoint) -> str:
    """Other lanes on which something said stop before; the first of them by name."""
    if not stop.earlier:
        return ""
    first = stop.earlier[0]
    before = long_duration(stop.at - first.since) if first.since is not None else "?"
    lane = f" on {first.lane}" if first.lane is not None else ""
    more = f", and {len(stop.earlier) - 1} more" if len(stop.earlier) > 1 else ""
    return f"; {before} before it {first.kind.value} said stop{lane}{more}"


def _saved(stop: StopPoint) -> str:
    share = f" ({percent(stop.share)} of all)" if stop.share is not None else ""
    spent, time = tokens(stop.tokens), long_duration(stop.seconds)
    if stop.finding.until is not None:
        if stop.before_window:
            return f"It ended {time} into the window; until then {spent} tokens{share} were spent."
        return (
            f"It ended {time} later, as the work turned to something else; until then {spent} tokens{share} were spent."
        )
    if not stop.tokens and stop.before_window:
        return "The lanes concerned spent nothing in the window."
    if not stop.tokens:
        return "The run ended there: nothing was spent after it."
    beside = f"; all lanes together spent {tokens(stop.all_tokens)}" if stop.all_tokens > stop.tokens else ""
    when, how = ("before", "of the window") if stop.before_window else ("there", "that followed")
    return (
        f"Stopped {when}, the lanes concerned would not have spent {spent} tokens{share} in the {time} {how}{beside}."
    )


def _called(action: str) -> str:
    """A ticket as it stands, a prompt's first line in quotes."""
    if ticket_parts(action) is not None:
        return action
    return f"“{shortened(action, ACTION_CHARS)}”"


def long_duration(seconds: float | None) -> str:
    """A length of time in words: `6 h 5 min 39 s`, `2 d 3 h`, `0.4 s`; unknown is `?`."""
    if seconds is None or not isfinite(seconds):
        return "?"
    if seconds < 1:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    days, hours, minutes, rest = whole // 86400, whole % 86400 // 3600, whole % 3600 // 60, whole % 60
    if days:
        parts = ((days, "d"), (hours, "h"))
    elif hours:
        parts = ((hours, "h"), (minutes, "min"), (rest, "s"))
    else:
        parts = ((minutes, "min"), (rest, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
