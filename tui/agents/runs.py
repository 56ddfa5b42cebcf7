"""Runs that prove something (tests, builds, linters, type checks) and their outcome."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from tui.model.event import Result


class RunKind(StrEnum):
    """The kind of a run."""

    TEST = "test"
    BUILD = "build"
    LINT = "lint"


class Outcome(StrEnum):
    """The outcome of a run."""

    PASSED = "passed"
    FAILED = "failed"
    MASKED = "masked"
    """The command hides its exit code, and its output shows no count."""
    EMPTY = "empty"
    """It ran nothing."""
    UNKNOWN = "unknown"


WORDS = (
    "test", "spec", "build", "lint", "check", "tsc", "mypy", "pyright", "ruff", "vet", "clippy", "jest", "mocha", "tox",
    "nox", "verify", "ci", "prove", "compile", "fmt", "format", "types", "flake8", "black", "prettier", "biome", "make",
)  # fmt: skip
"""A command without any of these words is no run."""

_NO_RUNNER = (
    r"(?!(?:mkdir|touch|rm|rmdir|cd|pushd|ls|cat|cp|mv|ln|git|gh|echo|printf|head|tail|less|find|stat|chmod|open|code|vi|vim|"
    r"nano|which|export|source|grep|rg|tar|unzip|kill|sed|awk|diff|wc|tree|du)\s)"
)
"""Programs that run no tests, whatever their arguments are: `mkdir test-x`, `git init --bare test-x`."""
_TEST = re.compile(
    r"\b(?:pytest|py\.test|unittest|tox|nox|jest|vitest|mocha|ava|playwright|cypress|rspec|phpunit|ctest|gotestsum)\b"
    r"|\b(?:npm|pnpm|yarn|bun|deno|cargo|go|dotnet|swift|mix|gradle|gradlew|mvn|sbt|rake|make|just|bazel|flutter|zig)\b"
    r"[^;&|\n]*\b(?:test|tests|check|ci|verify|t)\b"
    r"|(?:^|[;&|\s])(?:python3?|node|ruby|bash|sh|\./)\s*\S*(?:test|spec|check|verify|prove)\S*"
    # A task of that name, by any runner: mise run test, task ci, hatch run test:all.
    r"|(?:^|[;&|]\s*)" + _NO_RUNNER + r"[\w./-]+\s+(?:run\s+)?(?:tests?|check|ci|verify)(?:[:\w-]*)(?:\s|$)"
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
_PATTERNS = ((RunKind.TEST, _TEST), (RunKind.LINT, _LINT), (RunKind.BUILD, _BUILD))
_MASK = re.compile(r"\|\|\s*(?:true|:|echo)|;\s*(?:echo|true|exit 0)")
_PIPE = re.compile(r"\|\s*(?:tail|head|grep|tee|cat|less)\b")
_CHAINED = re.compile(r"&&|;|\n")
_PARTS = re.compile(r"&&|\|\|?|[;\n]")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_SHELL_TEXT = re.compile(r"\b(?:ba|z|da)?sh\s+-\w*c\b")
"""A command whose quoted text is a command, too."""
_NO_TESTS = frozenset(
    (
        "git", "gh", "grep", "rg", "gofmt", "cat", "sed", "awk", "ls", "cd", "echo", "printf", "find", "head", "tail",
        "wc", "diff", "rm", "cp", "mv", "mkdir", "touch", "chmod", "code", "vim", "nano", "tee", "sort", "less", "open",
    )
)  # fmt: skip
"""Programs that run no tests, whatever files they are given."""
_TASK_RUNNERS = ("make ", "just ", "task ", "nox", "tox")
"""Programs that may run tests and linters with one call."""
_ONLY_LISTS = re.compile(r"--collect-only|--list-?tests?|--co\b|--dry-run|--help|--version|-list\b|--no-run")
_EMPTY = re.compile(
    r"(?i)no tests? (?:ran|found|to run|were)|\b0 (?:tests?|passed|selected)\b(?![^\n]*\b[1-9]\d* passed)"
    r"|collected 0 items"
    r"|\[no test files\]\s*\Z|no test suites? found|nothing to (?:be done|test)"
)
_FAILED_COUNT = re.compile(
    r"(?m)\b[1-9]\d* fail(?:ed|ing|ures?)?\b(?=\s*(?:$|[\d,;|.)(]|in \d|tests?\b))|\b[1-9]\d* errors? in \d"
    r"|\b(?:Failures|Failed|Errors|failures|errors|# fail)(?:[:=]\s*|\s+)[1-9]\d*\b"
)
"""A count of failures in a runner's summary. Texts such as `3 failed attempts` are not counts of tests."""
_FAILED_LINE = re.compile(
    r"(?m)^(?:FAILED|FAIL)\b|^--- FAIL|^not ok\b|test result: FAILED|BUILD FAILED|error\[E\d+\]|error TS\d+"
    r"|Found [1-9]\d* errors?\b(?! \([^)\n]*\b0 remaining)"
)
_ERROR = re.compile(r"(?m)\b[1-9]\d* errors?\b(?! \([^)\n]*\b0 remaining)|^ERROR\b|Traceback \(most recent")
"""The output of a failing build or linter. A passing test may print it too, if it provokes an error."""
_PASSED = re.compile(
    r"(?m)\b[1-9]\d* (?:pass(?:ed|ing)?|tests? passed|ok)\b|^ok\s|test result: ok|BUILD SUCCESS|All checks passed|"
    r"Success: no issues|\b0 errors|Tests:.*\b[1-9]\d* passed|^OK\b|no issues found|Compiled successfully|"
    r"Finished .*profile|\b[1-9]\d* fixed, 0 remaining"
)
_PASSED_TEXTS = (
    "test result: ok", "BUILD SUCCESS", "All checks passed", "Success: no issues", "no issues found",
    "Compiled successfully",
)  # fmt: skip
"""The alternatives of that pattern that are plain texts."""
_PASSED_SIGN = re.compile(
    r"\d (?:pass|tests? passed|ok|errors|fixed, 0 remaining)|[\nF](?:ok\s|OK|inished )|\A(?:ok\s|OK)"
)
"""A quick test for the other alternatives, each of which contains one of these."""
# A pattern with many alternatives is slow. Each is searched only in texts that contain one of the words it needs.
_FAILED_WORDS = ("ail", "error", "FAIL", "ERROR", "Errors", "Traceback", "not ok")
_PASSED_WORDS = (
    "pass", " ok", "\nok", "SUCCESS", "Success", "0 errors", "OK", "no issues", "Compiled", "Finished ", "0 remaining",
)  # fmt: skip
_EMPTY_WORDS = ("no test", "0 test", "0 passed", "0 selected", "collected 0", "nothing to ")
TAIL = 3000


def kinds_of(command: str) -> tuple[RunKind, ...]:
    """The kinds of runs in a command; one command may contain several."""
    return _kinds_of(command[:600])


@lru_cache(maxsize=64)  # each command is examined more than once
def _kinds_of(text: str) -> tuple[RunKind, ...]:
    if not _holds_one(text, WORDS):
        return ()
    return tuple([kind for kind, pattern in _PATTERNS if pattern.search(text)])


def runs_tests(command: str) -> bool:
    """True if one of its commands runs tests. A linter or a build with the word `check` does not, nor does a text."""
    if RunKind.TEST not in kinds_of(command):
        return False
    text = command[:600]
    for part in _PARTS.split(text if _SHELL_TEXT.search(text) else _QUOTED.sub("''", text)):
        program = part.split(maxsplit=1)[:1]
        if program and program[0].rpartition("/")[2] in _NO_TESTS:
            continue
        kinds = kinds_of(part.strip())
        if RunKind.TEST in kinds and (len(kinds) == 1 or part.lstrip().startswith(_TASK_RUNNERS)):
            return True
    return False


def outcome_of(command: str, result: Result, kind: RunKind) -> Outcome:
    """The outcome of a run: by its own summary first, since a pipe hides the exit code.

    A test may print the errors that it provokes, so an error above a summary without failures is no failure. A build or
    a linter that prints nothing has found nothing, even behind a pipe.
    """
    text = result.text[-TAIL:]
    if _ONLY_LISTS.search(command):
        return Outcome.EMPTY
    has_passed = _has_passed(text)
    if _holds_one(text, _FAILED_WORDS) and _tells_failure(text, kind, has_passed):
        return Outcome.FAILED
    failed = result.ok is False or (result.exit_code is not None and result.exit_code != 0)
    if failed:
        # If there are several commands, another one may have failed.
        return Outcome.PASSED if has_passed and _CHAINED.search(command) else Outcome.FAILED
    if has_passed:
        return Outcome.PASSED
    if _holds_one(text.casefold(), _EMPTY_WORDS) and _EMPTY.search(text):
        return Outcome.EMPTY
    if _MASK.search(command) and (kind is RunKind.TEST or text.strip()):
        return Outcome.MASKED
    if _PIPE.search(command) and text.strip():
        return Outcome.UNKNOWN  # the output after the pipe shows neither a count nor a failure
    if result.background:
        return Outcome.UNKNOWN
    return Outcome.PASSED if result.ok or result.exit_code == 0 else Outcome.UNKNOWN


def has_failed(text: str) -> bool:
    """Whether the output of a run of any kind states a failure."""
    text = text[-TAIL:]
    if not _holds_one(text, _FAILED_WORDS):
        return False
    has_passed = _has_passed(text)
    return _tells_failure(text, RunKind.TEST if has_passed else RunKind.BUILD, has_passed)


@lru_cache(maxsize=1)  # this is called with the same result for each kind of run in its command
def _has_passed(text: str) -> bool:
    if not (_holds_one(text, _PASSED_WORDS) or text.startswith("ok")):
        return False
    if _holds_one(text, _PASSED_TEXTS):
        return True
    return _PASSED_SIGN.search(text) is not None and _PASSED.search(text) is not None


def _tells_failure(text: str, kind: RunKind, has_passed: bool) -> bool:
    """Whether a text that contains one of `_FAILED_WORDS` states a failure of this kind of run."""
    if _FAILED_COUNT.search(text):
        return True
    if kind is not RunKind.TEST:
        return _FAILED_LINE.search(text) is not None or _ERROR.search(text) is not None
    lines = list(_FAILED_LINE.finditer(text))
    if not lines:
        return False
    summaries = list(_PASSED.finditer(text)) if has_passed else []
    return not summaries or lines[-1].start() > summaries[-1].start()


def _holds_one(text: str, words: tuple[str, ...]) -> bool:
    for word in words:  # noqa: SIM110 - any() takes three times as long, and this is asked of each result
        if word in text:
            return True
    return False
