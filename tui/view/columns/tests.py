"""The column with the outcome of the lane's last run of tests."""

from __future__ import annotations

from tui.model.snapshot import CheckOutcome, Lane
from tui.text.safe_text import safe_text
from tui.text.styled_text import Span, own
from tui.view.check_run import run_cell
from tui.view.columns.base import NOTHING, Column, FilterKey, JsonField, RowContext, Sort
from tui.view.json_out import iso

_ORDER = {outcome: place for place, outcome in enumerate(reversed(CheckOutcome), 1)}


def _cell(lane: Lane, row: RowContext, _cells: int) -> Span:
    return run_cell(lane.tests, ascii_only=row.ascii) if lane.tests is not None else NOTHING


def _sort(lane: Lane) -> tuple[float | str, ...]:
    run = lane.tests
    if run is None:
        return (0, 0)
    rank = 5 if run.outcome is CheckOutcome.FAILED else _ORDER[run.outcome]
    return (rank, run.failed or 0)


def _words() -> tuple[str, ...]:
    return tuple(outcome.value for outcome in CheckOutcome)


def _json(lane: Lane) -> object:
    run = lane.tests
    if run is None:
        return None
    return {
        "outcome": run.outcome.value, "passed": run.passed, "failed": run.failed, "at": iso(run.at),
        "command": safe_text(run.command), "before_last_edit": run.is_stale,
    }  # fmt: skip


COLUMNS = (
    Column(
        name="tests",
        place=125,
        rank=87,
        title=own("TESTS"),
        doc=own("its last run of tests; dim if it changed files since"),
        in_help=False,
        cells=11,
        leaves=12,
        cell=_cell,
        has=lambda lane, _flag: lane.tests is not None,
        sort=Sort("tests", 130, own("tests"), lambda lane, _alarm: _sort(lane), descending=True, in_steps=False),
        filters=(
            FilterKey("tests", lambda lane: lane.tests.outcome.value if lane.tests is not None else "", words=_words),
        ),
        json=(
            JsonField(
                "tests",
                165,
                "Its last run of tests: `outcome` (passed, failed, empty, unknown), the counts `passed` and `failed`"
                " (null where not stated), `at`, `command`, and whether it was `before_last_edit`; null if none ran.",
                _json,
            ),
        ),
    ),
)
