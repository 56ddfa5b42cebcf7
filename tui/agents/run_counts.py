"""The numbers of passed and failed tests that a test runner prints at the end of its output."""

from __future__ import annotations

import re
from collections.abc import Callable

TAIL = 3000
"""The number of last characters that are searched."""

Counts = tuple[int | None, int | None]
"""Passed and failed tests; None: not stated."""

_PASSED = re.compile(r"\b(\d{1,7}) (?:tests? )?pass(?:ed|ing)\b")
_FAILED = re.compile(r"\b(\d{1,7}) (?:tests? )?fail(?:ed|ing|ures?)\b")
_ERRORS = re.compile(r"\b(\d{1,7}) errors?\b")


def _sums(text: str, last_only: bool) -> Counts:
    """Counts such as `3 failed, 41 passed`: of all lines, or of the last line that states any."""
    lines = [line for line in text.splitlines() if _PASSED.search(line) or _FAILED.search(line)]
    if last_only:
        lines = lines[-1:]
    passed = [int(one) for line in lines for one in _PASSED.findall(line)]
    failed = [int(one) for line in lines for one in _FAILED.findall(line)]
    # pytest counts tests that could not be set up as errors, on the same line.
    failed += [
        int(one) for line in lines if _PASSED.search(line) or _FAILED.search(line) for one in _ERRORS.findall(line)
    ]
    return (sum(passed) if passed else None), (sum(failed) if failed else 0 if passed else None)


def _of_total(total: int, *failed: int) -> Counts:
    return max(0, total - sum(failed)), sum(failed)


def _numbers(found: re.Match[str]) -> list[int]:
    return [int(one) if one else 0 for one in found.groups()]


def _unittest(found: re.Match[str]) -> Counts:
    ran, marks = int(found[1]), found[2] or ""
    failed = [int(one) for one in re.findall(r"(?:failures|errors)=(\d+)", marks)]
    return _of_total(ran, *failed)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Counts]], ...] = (
    # jest and vitest state files and tests; only the line of the tests counts.
    (re.compile(r"(?m)^\s*Tests:?\s+(?=.*\d+ (?:passed|failed)).*$"), lambda found: _sums(found[0], last_only=True)),
    (re.compile(r"(?s)\bRan (\d{1,7}) tests? in [^\n]*\n\s*(?:OK|FAILED)([^\n]*)"), _unittest),
    # Maven, JUnit
    (
        re.compile(r"\bTests run: (\d{1,7}), Failures: (\d{1,7}), Errors: (\d{1,7})"),
        lambda found: _of_total(*_numbers(found)),
    ),
    (re.compile(r"\b(\d{1,7}) examples?, (\d{1,7}) failures?"), lambda found: _of_total(*_numbers(found))),
    (re.compile(r"\b(\d{1,7}) tests? completed, (\d{1,7}) failed"), lambda found: _of_total(*_numbers(found))),
    (re.compile(r"\b(\d{1,7}) tests? failed out of (\d{1,7})"), lambda found: _of_total(int(found[2]), int(found[1]))),
    (re.compile(r"\bOK \((\d{1,7}) tests?, "), lambda found: (int(found[1]), 0)),
    (
        re.compile(r"\bTests: (\d{1,7}), Assertions: \d+(?:, Errors: (\d{1,7}))?(?:, Failures: (\d{1,7}))?"),
        lambda found: _of_total(*_numbers(found)),
    ),
    (re.compile(r"\bFailed: +(\d{1,7}), Passed: +(\d{1,7})"), lambda found: (int(found[2]), int(found[1]))),
    (re.compile(r"(?s)# pass (\d{1,7})\n# fail (\d{1,7})"), lambda found: (int(found[1]), int(found[2]))),
)  # fmt: skip
"""The summaries of runners that have a form of their own. The last one in the output counts."""
_SEVERAL = re.compile(r"(?m)^test result: ")
_TWO_LINES = re.compile(r"(?m)^\s*\d{1,7} (?:passing|failing|passed|failed)\b(?: \(.*\))?\s*$")


def counts_of(text: str) -> Counts:
    """Passed and failed tests by the runner's own summary; None where it states no number."""
    text = text[-TAIL:]
    for pattern, counts in _FORMS:
        found = [*pattern.finditer(text)]
        if found:
            return counts(found[-1])
    if _SEVERAL.search(text):  # cargo: one summary for each part of the project
        return _sums("\n".join(line for line in text.splitlines() if line.startswith("test result: ")), last_only=False)
    lines = [found[0] for found in _TWO_LINES.finditer(text)]
    if lines:  # mocha, playwright: each number on a line of its own
        return _sums("\n".join(lines[-2:]), last_only=False)
    return _sums(text, last_only=True)
