"""The last run of tests of a lane, and the pull request that it made or works on."""

from __future__ import annotations

import pytest

from tui.agents.run_counts import counts_of
from tui.ledger.calls import CallBook
from tui.ledger.lane import LaneLedger
from tui.model.event import Call, Edit, Event, LaneInfo, Result, ToolKind
from tui.model.snapshot import CheckOutcome, CheckRun, PullRequest

URL = "https://github.com/ada/harbor/pull/12"


def ledger(*events: Event) -> LaneLedger:
    made = LaneLedger("claude", "/x.jsonl", "", CallBook())
    for event in events:
        made.apply(event)
    return made


def call(command: str, name: str = "a", continues: str | None = None) -> Call:
    return Call("", 10, 10, name, "Bash", ToolKind.SHELL, "{}", command, continues)


def result(text: str, name: str = "a", *, ok: bool | None = True, **more: bool) -> Result:
    return Result("", 20, 20, name, ok, text, len(text), **more)


def edit(path: str = "src/a.py", *, by_lane: bool = True) -> Edit:
    return Edit("", 30, 30, path, None, "update", by_lane)


@pytest.mark.parametrize(
    ("output", "counts"),
    [
        ("= 3 failed, 41 passed, 2 skipped in 1.2s =", (41, 3)),
        ("= 41 passed, 2 warnings in 1.2s =", (41, 0)),
        ("= 1 failed, 4 passed, 2 errors in 1.2s =", (4, 3)),
        ("Test Suites: 1 failed, 2 passed, 3 total\nTests:       3 failed, 41 passed, 44 total\nTime: 2 s", (41, 3)),
        (" Test Files  1 failed | 2 passed (3)\n      Tests  3 failed | 41 passed (44)", (41, 3)),
        ("test result: ok. 40 passed; 0 failed; 0 ignored\ntest result: FAILED. 1 passed; 3 failed; 0 ignored", (41, 3)),
        ("  41 passing (2s)\n  3 failing\n\n  1) a test\n", (41, 3)),
        ("Ran 44 tests in 0.2s\n\nFAILED (failures=2, errors=1)", (41, 3)),
        ("Ran 44 tests in 0.2s\n\nOK", (44, 0)),
        ("Tests run: 10, Failures: 0, Errors: 0, Skipped: 0\nTests run: 44, Failures: 2, Errors: 1, Skipped: 0", (41, 3)),
        ("44 examples, 3 failures", (41, 3)),
        ("97% tests passed, 3 tests failed out of 44", (41, 3)),
        ("OK (44 tests, 90 assertions)", (44, 0)),
        ("Failed!  - Failed:     3, Passed:    41, Skipped:     0, Total:    44", (41, 3)),
        ("# tests 44\n# pass 41\n# fail 3\n", (41, 3)),
        ("44 tests completed, 3 failed", (41, 3)),
        ("ok  harbor/booking 0.4s", (None, None)),
        ("", (None, None)),
    ],
)  # fmt: skip
def test_counts_are_those_of_the_summary(output, counts):
    assert counts_of(output) == counts
    assert (
        counts_of("12 passed of yesterday\n" * 400 + output) == counts or not output.strip() or counts == (None, None)
    )


def test_the_last_run_counts_and_an_edit_makes_it_stale():
    one = ledger(call("pytest -q"), result("= 3 failed, 41 passed in 1s =", ok=False))
    assert one.checks.tests == CheckRun(CheckOutcome.FAILED, 41, 3, 20, "pytest -q")
    for event in (edit("README.md"), edit(by_lane=False)):
        one.apply(event)
    assert not one.checks.tests.is_stale
    one.apply(edit())
    assert one.checks.tests.is_stale
    for event in (call("pytest -q", "b"), result("44 passed in 1s", "b")):
        one.apply(event)
    assert one.checks.tests == CheckRun(CheckOutcome.PASSED, 44, 0, 20, "pytest -q")


def test_a_run_that_is_polled_has_the_outcome_of_its_last_output():
    one = ledger(call("make test"), result("", background=True, untold=True))
    assert one.checks.tests is None
    for event in (call("", "b", "a"), result("44 passed in 9s", "b")):
        one.apply(event)
    assert (one.checks.tests.passed, one.checks.tests.command) == (44, "make test")


@pytest.mark.parametrize("more", [{"denied": True}, {"interrupted": True}, {"background": True}])
def test_a_run_without_an_outcome_is_none(more):
    assert ledger(call("pytest"), result("5 passed", ok=None, **more)).checks.tests is None


def test_other_commands_are_no_runs_and_hidden_outcomes_are_unknown():
    assert ledger(call("ls tests"), result("5 passed")).checks.tests is None
    assert ledger(call("ruff check"), result("All checks passed!")).checks.tests is None
    assert ledger(call("cargo check && mypy tests"), result("Success: no issues")).checks.tests is None
    assert ledger(call("make lint test"), result("5 passed")).checks.tests.passed == 5
    assert ledger(call("npm run build && npm test"), result("5 passed")).checks.tests.passed == 5
    for command in ("git commit -m 'test(step): make check'", "gofmt -l ./x_test.go", "rg x | grep -v 'make test'"):
        assert ledger(call(command), result("5 passed")).checks.tests is None
    assert ledger(call("bash -lc 'cd x && pytest -q' | tail -5"), result("5 passed")).checks.tests.passed == 5
    hidden = ledger(call("make test || true"), result("…")).checks.tests
    assert hidden.outcome is CheckOutcome.UNKNOWN
    assert ledger(call("pytest -q tests/x"), result("no tests ran in 0.1s")).checks.tests.outcome is CheckOutcome.EMPTY


@pytest.mark.parametrize(
    ("command", "output", "pull"),
    [
        ("gh pr create --fill", f"Creating pull request\n\n{URL}\n", PullRequest(12, URL, True)),
        ("git push && gh pr create --title 'x 7'", URL, PullRequest(12, URL, True)),
        ("gh pr checkout 12", "Switched to branch 'x'", PullRequest(12, "", False)),
        (f"gh pr comment {URL} --body 'Done'", "", PullRequest(12, URL, False)),
        ("gh pr view 12 --json url", URL, None),
        ("gh pr list", URL, None),
        ("echo gh pr create", "no address", None),
        ("glab mr create", "https://gitlab.com/ada/harbor/-/merge_requests/3", PullRequest(
            3, "https://gitlab.com/ada/harbor/-/merge_requests/3", True)),
    ],
)  # fmt: skip
def test_a_pull_request_is_that_of_a_command_that_makes_or_changes_it(command, output, pull):
    assert ledger(call(command), result(output)).pull == pull


def test_a_failed_command_makes_none_and_a_record_of_the_client_names_one():
    assert ledger(call("gh pr create"), result(URL, ok=False)).pull is None
    assert ledger(LaneInfo("", 5, 5, pull=URL)).pull == PullRequest(12, URL, False)
    assert ledger(LaneInfo("", 5, 5, pull="javascript:alert(1)")).pull is None
    made = ledger(call("gh pr create"), result(URL), LaneInfo("", 25, 25, pull=URL))
    assert made.pull == PullRequest(12, URL, True)
