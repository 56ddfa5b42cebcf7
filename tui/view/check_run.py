"""A lane's last run of tests in words."""

from __future__ import annotations

from tui.model.snapshot import CheckOutcome, CheckRun
from tui.text.format import age, number
from tui.text.safe_text import SafeText
from tui.text.styled_text import Span, joined, own

_ROLES = {
    CheckOutcome.PASSED: "good",
    CheckOutcome.FAILED: "stop",
    CheckOutcome.EMPTY: "warn",
    CheckOutcome.UNKNOWN: "dim",
}


def run_cell(run: CheckRun, *, ascii_only: bool = False) -> Span:
    """`✓ 41`, `✗ 3 of 44`; dim if a file was changed afterwards, since the outcome may be another one now."""
    passed, failed = run.passed, run.failed
    words = own("?")
    if run.outcome is CheckOutcome.PASSED:
        words = joined(own("+ ") if ascii_only else own("✓ "), number(passed) if passed is not None else own("passed"))
    elif run.outcome is CheckOutcome.FAILED:
        mark = own("x ") if ascii_only else own("✗ ")
        count = own("failed") if not failed else number(failed)
        if failed and passed is not None:
            count = joined(number(failed), own(" of "), number(failed + passed))
        words = joined(mark, count)
    elif run.outcome is CheckOutcome.EMPTY:
        words = own("none ran")
    return Span(words, "dim" if run.is_stale else _ROLES[run.outcome])


def run_words(run: CheckRun, now: float) -> SafeText:
    """`41 passed, 3 failed, 2m ago, before the last edit`. `now` in seconds UTC."""
    counts = [
        joined(number(count), word)
        for count, word in ((run.failed, own(" failed")), (run.passed, own(" passed")))
        if count
    ]
    if not counts or run.outcome not in (CheckOutcome.PASSED, CheckOutcome.FAILED):
        counts = [_OUTCOME_WORDS[run.outcome]]
    when = [joined(age(now - run.at), own(" ago"))] if run.at is not None else []
    stale = [own("before its last edit")] if run.is_stale else []
    first, *rest = [*counts, *when, *stale]
    return joined(first, *(joined(own(", "), one) for one in rest))


_OUTCOME_WORDS = {
    CheckOutcome.PASSED: own("passed"),
    CheckOutcome.FAILED: own("failed"),
    CheckOutcome.EMPTY: own("no tests ran"),
    CheckOutcome.UNKNOWN: own("outcome unknown"),
}
