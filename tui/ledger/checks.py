"""The last run of tests of one lane, by the calls that run tests and what their results say."""

from __future__ import annotations

from dataclasses import replace

from tui.agents.run_counts import counts_of
from tui.agents.runs import Outcome, RunKind, outcome_of, runs_tests
from tui.model.event import Call, Edit, Result, ToolKind
from tui.model.snapshot import CheckOutcome, CheckRun

OPEN_LIMIT = 64
COMMAND_CHARS = 300
PROSE = (".md", ".rst", ".txt", ".adoc", ".mdx", ".svg", ".png", ".gitignore")
"""Endings of files whose change makes no run of tests stale."""
_OUTCOMES = {
    Outcome.PASSED: CheckOutcome.PASSED,
    Outcome.FAILED: CheckOutcome.FAILED,
    Outcome.EMPTY: CheckOutcome.EMPTY,
}


class CheckBook:
    """Receives the calls, results and edits of one lane, in the order of its transcript."""

    __slots__ = ("_open", "tests")

    def __init__(self) -> None:
        self._open: dict[str, str] = {}
        """The commands of runs that have no outcome yet, by call."""
        self.tests: CheckRun | None = None
        """The last run of tests that has an outcome; None: there was none."""

    def add_call(self, event: Call) -> None:
        """Notes a call that runs tests, or asks for the output of such a call."""
        if event.continues is not None:
            command = self._open.get(event.continues)
        elif event.tool_kind is ToolKind.SHELL and runs_tests(event.summary):
            command = event.summary
        else:
            return
        if command is None:
            return
        if len(self._open) >= OPEN_LIMIT:
            del self._open[next(iter(self._open))]
        self._open[event.call] = command

    def add_result(self, event: Result) -> None:
        """Takes the outcome of a run. A run that a person refused or stopped, or that still runs, has none."""
        command = self._open.get(event.call)
        if command is None or event.background or event.untold:
            return
        del self._open[event.call]
        if event.denied or event.interrupted:
            return
        outcome = _OUTCOMES.get(outcome_of(command, event, RunKind.TEST), CheckOutcome.UNKNOWN)
        passed, failed = (
            counts_of(event.text) if outcome in (CheckOutcome.PASSED, CheckOutcome.FAILED) else (None, None)
        )
        if outcome is CheckOutcome.PASSED and failed:
            passed = failed = None  # the counts are of something else
        self.tests = CheckRun(outcome, passed, failed, event.at, command[:COMMAND_CHARS])

    def add_edit(self, event: Edit) -> None:
        """Notes that the lane changed a file after the last run."""
        if self.tests is not None and not self.tests.is_stale and event.by_lane and not event.path.endswith(PROSE):
            self.tests = replace(self.tests, is_stale=True)
