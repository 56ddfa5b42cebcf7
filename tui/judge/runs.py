"""Commands that prove something: tests, builds, linters, type checks; and what their result really says."""

from __future__ import annotations

import re
from enum import StrEnum

from tui.model.event import Result


class RunKind(StrEnum):
    """What a run proves."""

    TEST = "test"
    BUILD = "build"
    LINT = "lint"


class Outcome(StrEnum):
    """What came of it."""

    PASSED = "passed"
    FAILED = "failed"
    MASKED = "masked"
    """Its command hides its own exit code, and its output shows no count."""
    EMPTY = "empty"
    """It ran nothing."""
    UNKNOWN = "unknown"


WORDS = (
    "test", "spec", "build", "lint", "check", "tsc", "mypy", "pyright", "ruff", "vet", "clippy", "jest", "mocha", "tox",
    "nox", "verify", "ci", "prove", "compile", "fmt", "format", "types", "flake8", "black", "prettier", "biome", "make",
)  # fmt: skip
"""A quick look: a command without any of these proves nothing that we know of."""

_TEST = re.compile(
    r"\b(?:pytest|py\.test|unittest|tox|nox|jest|vitest|mocha|ava|playwright|cypress|rspec|phpunit|ctest|gotestsum)\b"
    r"|\b(?:npm|pnpm|yarn|bun|deno|cargo|go|dotnet|swift|mix|gradle|gradlew|mvn|sbt|rake|make|just|bazel|flutter|zig)\b"
    r"[^;&|\n]*\b(?:test|tests|check|ci|verify|t)\b"
    r"|(?:^|[;&|\s])(?:python3?|node|ruby|bash|sh|\./)\s*\S*(?:test|spec|check|verify|prove)\S*"
    # Any runner's task of that name: mise run test, task ci, hatch run test:all.
    r"|(?:^|[;&|]\s*)[\w./-]+\s+(?:run\s+)?(?:tests?|check|ci|verify)(?:[:\w-]*)(?:\s|$)"
)
_BUILD = re.compile(
    r"\b(?:npm|pnpm|yarn|bun|cargo|go|dotnet|swift|gradle|gradlew|mvn|make|bazel|zig|docker|vite|webpack)\b[^;&|\n]*"
    r"\b(?:build|compile|package|install|assemble)\b|\btsc\b|\bcargo\s+check\b|^make$"
)
_LINT = re.compile(
    r"\b(?:ruff|flake8|pylint|mypy|pyright|eslint|biome|golangci-lint|clippy|rubocop|shellcheck|prettier|black)\b"
    r"|(?:^|[;&|]\s*)[\w./-]+\s+(?:run\s+)?(?:lint|fmt|format|typecheck|types)(?:[:\w-]*)(?:\s|$)"
    r"|\bgo\s+vet\b|\b(?:npm|pnpm|yarn|make|just)\b[^;&|\n]*\b(?:lint|types?|typecheck|format)\b"
)
_MASK = re.compile(r"\|\|\s*(?:true|:|echo)|;\s*(?:echo|true|exit 0)")
_PIPE = re.compile(r"\|\s*(?:tail|head|grep|tee|cat|less)\b")
_ONLY_LISTS = re.compile(r"--collect-only|--list-?tests?|--co\b|--dry-run|--help|--version|-list\b|--no-run")
_EMPTY = re.compile(
    r"(?i)no tests? (?:ran|found|to run|were)|\b0 (?:tests?|passed|selected)\b(?![^\n]*\b[1-9]\d* passed)"
    r"|collected 0 items"
    r"|\[no test files\]\s*\Z|no test suites? found|nothing to (?:be done|test)"
)
_FAILED = re.compile(
    r"(?m)\b[1-9]\d* (?:failed|failing|failures?|errors?)\b|^(?:FAILED|FAIL|ERROR)\b|^--- FAIL|test result: FAILED|"
    r"BUILD FAILED|Found [1-9]\d* errors?|error\[E\d+\]|error TS\d+|Tests:.*\b[1-9]\d* failed|Traceback \(most recent"
)
_PASSED = re.compile(
    r"(?m)\b[1-9]\d* (?:passed|passing|tests? passed|ok)\b|^ok\s|test result: ok|BUILD SUCCESS|All checks passed|"
    r"Success: no issues|0 errors|Tests:.*\b[1-9]\d* passed|^OK\b|no issues found|Compiled successfully|"
    r"Finished .*profile"
)
# A pattern of many ways is slow: each is asked only where one of these words stands, without which none can match.
_FAILED_WORDS = ("fail", "error", "FAIL", "ERROR", "Traceback")
_PASSED_WORDS = ("pass", " ok", "\nok", "SUCCESS", "Success", "0 errors", "OK", "no issues", "Compiled", "Finished ")
_EMPTY_WORDS = ("no test", "0 test", "0 passed", "0 selected", "collected 0", "nothing to ")
TAIL = 3000


def kinds_of(command: str) -> tuple[RunKind, ...]:
    """What the command proves; one command may prove several things."""
    text = command[:600]
    if not _holds_one(text, WORDS):
        return ()
    patterns = ((RunKind.TEST, _TEST), (RunKind.LINT, _LINT), (RunKind.BUILD, _BUILD))
    return tuple(kind for kind, pattern in patterns if pattern.search(text))


def outcome_of(command: str, result: Result, kind: RunKind) -> Outcome:
    """What came of a run. Its own words are believed before its exit code, which a pipe hides.

    A build, and a linter, that has nothing to say has nothing to complain of, pipe or not.
    """
    text = result.text[-TAIL:]
    if _ONLY_LISTS.search(command):
        return Outcome.EMPTY
    if _holds_one(text, _FAILED_WORDS) and _FAILED.search(text):
        return Outcome.FAILED
    failed = result.ok is False or (result.exit_code is not None and result.exit_code != 0)
    if failed:
        return Outcome.FAILED
    if (_holds_one(text, _PASSED_WORDS) or text.startswith("ok")) and _PASSED.search(text):
        return Outcome.PASSED
    if _holds_one(text.casefold(), _EMPTY_WORDS) and _EMPTY.search(text):
        return Outcome.EMPTY
    if _MASK.search(command) and (kind is RunKind.TEST or text.strip()):
        return Outcome.MASKED
    if _PIPE.search(command) and text.strip():
        return Outcome.UNKNOWN  # neither a count nor a failure in what the pipe lets through
    if result.background:
        return Outcome.UNKNOWN
    return Outcome.PASSED if result.ok or result.exit_code == 0 else Outcome.UNKNOWN


def has_failed(text: str) -> bool:
    """Whether the output of a run tells of a failure, by its own words."""
    text = text[-TAIL:]
    return _holds_one(text, _FAILED_WORDS) and _FAILED.search(text) is not None


def _holds_one(text: str, words: tuple[str, ...]) -> bool:
    for word in words:  # noqa: SIM110 - any() takes three times as long, and this is asked of each result
        if word in text:
            return True
    return False
