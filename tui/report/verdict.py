"""The whole report in one to three sentences: what happened, what would have stopped it, what it cost to go on."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.finding import Severity
from tui.report.document import Figures, Found, Numbered, StopPoint, Verdict, Window
from tui.view.words import money, percent, tokens


def verdict_of(
    window: Window, figures: Figures, lanes: int, numbered: Sequence[Numbered], stop: StopPoint | None,
    found: Sequence[Found],
) -> Verdict:  # fmt: skip
    """Made from the findings; honest where there is nothing to say."""
    if window.start is None and not figures.calls:
        return Verdict(("Nothing happened in this window.",), quiet=True)
    happened = _happened(window, figures, lanes, numbered)
    if stop is not None:
        return Verdict((happened, _stopped(stop), _saved(stop)), quiet=False)
    warned = [one for one in found if one.finding.severity is not Severity.INFO]
    if not warned:
        return Verdict((happened, "No finding asks for a hand on any lane."), quiet=True)
    gravest = max(warned, key=lambda one: one.finding.tokens_since or 0).finding
    more = f", and {len(warned) - 1} more" if len(warned) > 1 else ""
    said = f"Nothing said stop; worth a look: {gravest.title} ({gravest.kind.value}){more}."
    return Verdict((happened, said), quiet=False)


def _happened(window: Window, figures: Figures, lanes: int, numbered: Sequence[Numbered]) -> str:
    who = f"{lanes} {'lane' if lanes == 1 else 'lanes'}"
    on = ""
    if numbered:
        one = numbered[0]
        on = f" on {one.count} numbered actions, {one.first} to {one.last}"
    cost = f"; {money(figures.cost_usd)} at list price" if figures.cost_usd else ""
    return f"{who} spent {tokens(figures.usage.total)} tokens in {long_duration(window.duration_s)}{on}{cost}."


def _stopped(stop: StopPoint) -> str:
    where = f"As {stop.action} began, " if stop.action else ""
    return f"{where}the rule {stop.finding.kind.value} held: {stop.finding.title}."


def _saved(stop: StopPoint) -> str:
    share = f" ({percent(stop.share)} of all)" if stop.share is not None else ""
    beside = f"; all lanes together spent {tokens(stop.all_tokens)}" if stop.all_tokens > stop.tokens else ""
    return (
        f"Stopped there, the lanes concerned would not have spent {tokens(stop.tokens)} tokens{share} in the "
        f"{long_duration(stop.seconds)} that followed{beside}."
    )


def long_duration(seconds: float | None) -> str:
    """A length of time in words: `6 h 5 min 39 s`, `2 d 3 h`, `0.4 s`; unknown is `?`."""
    if seconds is None:
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
