"""Claims held against what the transcript shows; never a word about lying, and silence where there is doubt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.judge.lanes import Script
from tui.agents.runs import Outcome, RunKind, kinds_of, outcome_of
from tui.judge.findings.unverified_claim import UnverifiedClaim
from tui.model.event import Edit, Event, Result, ToolKind

PASSED = "12 passed in 0.4s"
FAILED = "FAILED tests/test_a.py::test_b\n1 failed, 11 passed"


def edited(script: Script, path: str = "src/a.py") -> Script:
    script.edit(path, "new")
    script.events.append(Edit("", script.at, 7000 + len(script.events), path, None, "update"))
    return script


def told(events: list[Event]):
    detector = UnverifiedClaim()
    for event in events:
        detector.apply(event, 0)
    return [one for one in detector.raised() if one.until is None]


def test_a_run_older_than_the_last_edit():
    script = edited(Script().run("pytest -q", PASSED)).say("Done. All tests pass.")
    [found] = told(script.events)
    assert found.title == (
        "it says “All tests pass.”, but its transcript does not show it: it edited a file after the last test run, so this "
        "run shows nothing about the present files"
    )
    assert [one.text.split(":")[0] for one in found.evidence] == ["claimed", "last test run", "edited after it"]
    assert found.severity == "info"


def test_a_claim_against_a_failed_run():
    script = edited(Script()).run("pytest -q", FAILED, ok=False).say("All tests pass now.")
    [found] = told(script.events)
    assert found.severity == "warn"
    assert found.title.endswith("the last test run failed")


@pytest.mark.parametrize("command", ["pytest -q --collect-only", "pytest -q tests/none"])
def test_a_run_that_ran_nothing(command):
    script = edited(Script()).run(command, "collected 0 items\nno tests ran in 0.01s").say("The tests pass.")
    assert told(script.events)[0].title.endswith("the last test run ran nothing")


def test_a_run_that_hides_its_result():
    script = edited(Script()).run("make test || true", "…").say("All tests pass.")
    assert told(script.events)[0].title.endswith("the last test run hides its result")


def test_it_ends_when_the_tests_do_pass():
    script = edited(Script().run("pytest -q", PASSED)).say("All tests pass.").run("pytest -q", PASSED)
    assert not told(script.events)


BUN = "Error in POST /api: no such user\nFAIL would be printed here\n 46 pass\n 0 fail\nRan 46 tests."
QUIET = {
    "an error that a test provokes": lambda s: edited(s).run("bun run test | tail -20", BUN).say("All tests pass."),
    "a part, while another part fails": lambda s: (
        edited(s).run("make check", FAILED, ok=False).say("The focused core tests pass.")
    ),
    "one test of two": lambda s: edited(s).run("npx playwright test", FAILED, ok=False).say("The login test passes."),
    "with the failure beside it": lambda s: (
        edited(s).run("pytest", FAILED, ok=False).say("All tests pass but test_b. test_b fails with a timeout.")
    ),
    "what is to be done to tests": lambda s: edited(s).say("Now update the tests to pass a delay."),
    "tests that pass before a lint that fails": lambda s: (
        edited(s)
        .run("bun test | tail && bun lint | tail", " 9 pass\n 0 fail\nerror: unused", ok=False)
        .say("Tests pass.")
    ),
    "errors that the linter fixed": lambda s: (
        edited(s).run("ruff check --fix .", "Found 1 error (1 fixed, 0 remaining).").say("Ruff is clean.")
    ),
    "a proven claim": lambda s: edited(s).run("pytest -q", PASSED).say("All tests pass."),
    "a scratch runner": lambda s: edited(s).run("python check_retry.py", "3 passed").say("The tests pass."),
    "a runner of the house": lambda s: edited(s).run("mise run test", "ok").say("All tests pass."),
    "a summary behind a pipe": lambda s: edited(s).run("pytest 2>&1 | tail -3", PASSED).say("All tests pass."),
    "only prose was edited": lambda s: edited(s.run("pytest -q", PASSED), "README.md").say("All tests pass."),
    "what should be": lambda s: edited(s).say("The tests should pass now."),
    "what will be": lambda s: edited(s).say("Once the tests pass I will commit."),
    "what is asked": lambda s: edited(s).say("Do all tests pass?"),
    "what is denied": lambda s: edited(s).run("pytest", FAILED, ok=False).say("The tests do not pass yet."),
    "somebody's words": lambda s: edited(s).say('You asked that "all tests pass".'),
    "no edit at all": lambda s: s.say("All tests pass."),
    "a subagent ran them": lambda s: (
        edited(s).call("Agent", ToolKind.AGENT, "{}", "test it", "12 passed").say("All tests pass.")
    ),
    "it still runs": lambda s: edited(s).run("pytest -q | tee log", "collecting").say("All tests pass."),
}


@pytest.mark.parametrize("make", QUIET.values(), ids=QUIET)
def test_what_is_left_alone(make):
    assert not told(make(Script()).events)


@pytest.mark.parametrize(
    ("command", "kinds"),
    [
        ("pytest -q", {RunKind.TEST}),
        ("cd web && pnpm --filter web test", {RunKind.TEST}),
        ("go test ./...", {RunKind.TEST}),
        ("cargo clippy", {RunKind.LINT}),
        ("ruff check . && pytest", {RunKind.TEST, RunKind.LINT}),
        ("npm run build", {RunKind.BUILD}),
        ("npx tsc --noEmit", {RunKind.BUILD}),
        ("cat tests/test_a.py", set()),
        ("rg -n pytest", set()),
        ("git commit -m 'test'", set()),
        ("ls", set()),
    ],
)
def test_what_a_command_proves(command, kinds):
    found = set(kinds_of(command))
    assert kinds <= found
    if not kinds and "pytest" not in command:
        assert not found


@pytest.mark.parametrize(
    ("command", "text", "ok", "outcome"),
    [
        ("pytest", PASSED, True, Outcome.PASSED),
        ("pytest", FAILED, False, Outcome.FAILED),
        ("pytest || true", FAILED, True, Outcome.FAILED),
        ("pytest; echo done", "done", True, Outcome.MASKED),
        ("pytest --collect-only", "12 tests collected", True, Outcome.EMPTY),
        ("go test ./...", "ok  harbor/internal 0.4s", True, Outcome.PASSED),
        ("make test | head", "running", True, Outcome.UNKNOWN),
        ("bun test | tail", BUN, True, Outcome.PASSED),
        ("bun test | tail", "error: x\n 3 pass\n 1 fail", True, Outcome.FAILED),
        ("npx mocha | tail", "  45 passing (1s)\n  1 failing", True, Outcome.FAILED),
        ("npx playwright test | tail", "  1 failed\n    [chromium] a.ts\n  3 passed (10s)", True, Outcome.FAILED),
        ("npx vitest run | tail", " Tests  1 failed | 45 passed (46)", True, Outcome.FAILED),
        ("cargo test 2>&1 | tail", "test result: FAILED. 1 passed; 2 failed; 0 ignored", True, Outcome.FAILED),
        ("cargo test 2>&1 | tail", "test result: ok. 5 passed; 0 failed; 0 ignored", True, Outcome.PASSED),
        ("go test ./... | tail", "ok  a 0.1s\n--- FAIL: TestB (0.00s)\nFAIL", True, Outcome.FAILED),
        ("mvn test | tail", "Tests run: 5, Failures: 1, Errors: 0", True, Outcome.FAILED),
        ("pytest -q | tail", "1 error in 0.12s", True, Outcome.FAILED),
        ("pytest -q | tail", "retry: 3 failed attempts\n5 passed in 0.2s", True, Outcome.PASSED),
    ],
)
def test_what_a_result_says(command, text, ok, outcome):
    assert outcome_of(command, Result("", 0.0, 0, "c", ok, text, len(text)), RunKind.TEST) is outcome


@pytest.mark.parametrize(
    "command",
    ["git init --bare test-branch-err", "mkdir test-x", "rm -rf test-x && ls", "cat tests", "touch test_a.txt"],
)
def test_what_only_has_test_in_a_name_is_no_run(command: str):
    assert RunKind.TEST not in kinds_of(command)


@pytest.mark.parametrize("how", ["denied", "interrupted"])
def test_a_run_that_a_person_refused_is_no_run(how: str):
    script = Script().edit("a.py", "x = 1").run("pytest -q", "12 passed in 1s").run("pytest -q", "rejected", ok=False)
    script.events[-1] = replace(script.events[-1], **{how: True})
    assert not told(script.say("All tests pass.").events)
