"""Every column that is declared: in the table, the orders, the filter, the settings, JSON, help and docs."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from tests.fleets import NOW, harbor, lane
from tui.config.load import parse_settings
from tui.model.finding import Severity
from tui.model.snapshot import CheckOutcome, CheckRun, Context, Fleet, PullRequest
from tui.model.trust import Trust
from tui.model.usage import ZERO
from tui.screen.table_order import sort_values
from tui.text.cell_width import width
from tui.text.styled_text import line_width
from tui.view.arrange import Arrangement, arrange
from tui.view.columns.base import Alarm, RowContext
from tui.view.columns.registry import (
    all_columns,
    all_sorts,
    column_named,
    first_sort,
    plain_columns,
    screen_columns,
    sort_named,
)
from tui.view.filter import Filter, filter_keys
from tui.view.flags import Flag
from tui.view.help import help_lines
from tui.view.lane_line import lane_line, layout, title_line
from tui.view.lanes_json import lane_fields, lanes_json
from tui.view.plain import lanes_table, page_text

KNOWN = lane(
    "99999999", tags=("night",), effort="high", pull=PullRequest(12, "https://github.com/ada/harbor/pull/12", True),
    tests=CheckRun(CheckOutcome.FAILED, 41, 3, NOW - 120, "go test ./..."),
)  # fmt: skip
"""A lane of which everything is known."""
UNKNOWN = lane("00000000", cost_usd=None, context=Context(None, None), model=None, last_event=None, started=None)
each_column = pytest.mark.parametrize("column", all_columns(), ids=lambda column: column.name)
each_sort = pytest.mark.parametrize("sort", all_sorts(), ids=lambda sort: sort.name)


def text_of(lines):
    return "\n".join("".join(span.text for span in line) for line in lines)


def test_nothing_is_declared_twice():
    columns = all_columns()
    filters = [(key.name, f"{key.name}: of {column.name}") for column in columns for key in column.filters]
    for what, declared in {
        "name": [(column.name, column.title) for column in columns],
        "place": [(column.place, column.name) for column in columns],
        "rank": [(column.rank, column.name) for column in screen_columns()],
        "plain_rank": [(column.plain_rank, column.name) for column in plain_columns()],
        "name of an order": [(sort.name, sort.label) for sort in all_sorts()],
        "place of an order": [(sort.place, sort.name) for sort in all_sorts()],
        "key in the JSON": [(field.key, field.doc) for field in lane_fields()],
        "place in the JSON": [(field.place, field.key) for field in lane_fields()],
        "key of the filter": filters,
        "sign": [sign for column in columns for sign in column.signs],
    }.items():
        times = Counter(value for value, _ in declared)
        twice = [(value, who) for value, who in declared if times[value] > 1]
        assert twice == [], f"{what} must be unique; taken: {sorted(declared)}"


@each_column
def test_a_column_is_found_by_its_name_and_shown_somewhere(column):
    assert column_named(column.name) is column
    assert column in screen_columns() or column in plain_columns()


@each_column
def test_a_heading_fits_and_is_marked_if_the_rows_follow_it(column):
    for cells in (column.cells + 1, 200):
        (placed,) = layout(cells, [replace(column, leaves=0)])
        assert width(placed.title) <= placed.cells < cells
        marked = title_line([placed], cells, column.sort)[0].role
        assert marked == ("head.sort" if column.sort else "head")
        assert "▼" not in text_of([title_line([placed], cells)])


@each_column
@pytest.mark.parametrize("flag", [None, Flag(Severity.STOP)], ids=["calm", "flagged"])
def test_a_cell_is_as_wide_as_its_column_also_where_nothing_is_known(column, flag):
    for each in (*harbor().lanes, KNOWN, UNKNOWN):
        for cells in (column.cells + 1, 60):
            placed = layout(cells, [column])
            assert line_width(lane_line(each, placed, RowContext(NOW, 0, flag=flag, marked=True), cells)) == cells


def test_the_widest_table_has_all_columns_of_the_screen_in_their_places():
    assert [placed.column for placed in layout(1000)] == [one for one in all_columns() if one in screen_columns()]


def test_the_plain_table_has_its_columns_in_their_places():
    heading = page_text(lanes_table(harbor(), 1000))[0]
    assert heading.split() == text_of([[*map(_title, layout(1000, plain_columns()))]]).split()


def _title(placed):
    return title_line([placed], placed.cells + 1)[0]


@each_column
def test_settings_take_every_column(column):
    loaded = parse_settings(f'[screen]\ncolumns = ["{column.name}"]')
    assert loaded.problems == ()
    assert loaded.settings.screen.columns == (column.name,)


@each_sort
def test_settings_take_every_order(sort):
    loaded = parse_settings(f'[screen]\nsort = "{sort.name}"')
    assert loaded.problems == ()
    assert sort_named(loaded.settings.screen.sort) is sort


def test_the_first_order_is_the_default():
    assert parse_settings("").settings.screen.sort == first_sort().name


def test_an_unknown_order_is_told_with_all_that_there_are():
    (problem,) = parse_settings('[screen]\nsort = "colour"').problems
    assert all(f'"{sort.name}"' in str(problem) for sort in all_sorts())


@each_sort
def test_an_order_and_its_reverse_are_those_of_its_key(sort):
    fleet = harbor()
    tops = {each.id: each for each in fleet.lanes if each.parent is None}
    for reverse in (False, True):
        order = [each for each in arrange(fleet, Arrangement(sort, reverse)).order if each in tops]
        keys = [sort.key(tops[each], Alarm()) for each in order]
        assert keys == sorted(keys, reverse=sort.descending != reverse)


def test_the_command_line_offers_every_order():
    assert [value.text for value in sort_values()] == [sort.name for sort in all_sorts()]


each_field = pytest.mark.parametrize("key", filter_keys().values(), ids=lambda key: key.name)


@each_field
def test_every_field_of_the_filter_finds_what_it_reads(key):
    if key.text is None or key.name in FLAGS:
        return
    found = next(each for each in (*harbor().lanes, KNOWN) if key.text(each).split())
    assert Filter(f"{key.name}:{key.text(found).split()[0].lower()}").matches(found, NOW)
    assert not Filter(f"{key.name}:no-such-word").matches(found, NOW)


@each_field
def test_every_figure_of_the_filter_is_compared(key):
    if key.measure is None:
        return
    for found in harbor().lanes:
        value = key.measure.value(found, NOW)
        assert Filter(f"{key.name}:?").matches(found, NOW) == (value is None)
        assert not Filter(f"{key.name}>999999999999999").matches(found, NOW)
        assert Filter(f"{key.name}>=0").matches(found, NOW) == (value is not None)
    assert Filter(f"{key.name}>{key.measure.unit.value}").mistakes == ()


FLAGS = ("loop", "finding")
"""Filter keys for what no lane of the harbor has."""


def test_every_json_key_has_a_value_that_json_holds():
    made = json.loads(json.dumps(lanes_json(Fleet(NOW, (*harbor().lanes, UNKNOWN))), allow_nan=False))
    for each in made["lanes"]:
        assert list(each) == [field.key for field in lane_fields()]
    assert all(field.doc.endswith(".") and "\n" not in field.doc for field in lane_fields())


@each_column
def test_the_help_page_explains_the_column_and_its_signs(column):
    page = text_of(help_lines({}, 80))
    rows = [*([(column.title or column.name, column.doc)] if column.in_help else []), *column.signs]
    for label, text in rows:
        assert f"{label:13}{text}" in page


def test_the_help_page_names_every_filter_key():
    page = text_of(help_lines({}, 80))
    for key in filter_keys().values():
        assert key.name in page


def test_every_heading_sorts():
    assert [column.name for column in all_columns() if column.title and column.sort is None] == []


def cell_of(name, each):
    cell = column_named(name).cell(each, RowContext(NOW, 0), 10)
    return (cell.text, cell.role)


@pytest.mark.parametrize(
    ("name", "known", "shown"),
    [
        ("tokens", {"calls": 0, "usage": ZERO}, ("·", "dim")),
        ("tokens", {"calls": 0, "usage": ZERO, "trust": (Trust.SUSPECT,)}, ("?", "dim")),
        ("context", {"calls": 0, "context": Context(None, None)}, ("·", "dim")),
        ("context", {"calls": 3, "context": Context(None, None)}, ("?", "dim")),
        ("cost", {"cost_usd": None}, ("$ ?", "warn")),
        ("age", {"last_event": None}, ("?", "dim")),
        ("effort", {}, ("·", "dim")),
        ("pr", {}, ("·", "dim")),
        ("tags", {}, ("·", "dim")),
        ("tests", {}, ("·", "dim")),
        ("tests", {"tests": CheckRun(CheckOutcome.FAILED, 41, 3, NOW, "t")}, ("✗ 3 of 44", "stop")),
        ("tests", {"tests": CheckRun(CheckOutcome.FAILED, None, None, NOW, "t")}, ("✗ failed", "stop")),
        ("tests", {"tests": CheckRun(CheckOutcome.PASSED, 1204, 0, NOW, "t")}, ("✓ 1,204", "good")),
        ("tests", {"tests": CheckRun(CheckOutcome.PASSED, None, None, NOW, "t", True)}, ("✓ passed", "dim")),
        ("tests", {"tests": CheckRun(CheckOutcome.EMPTY, None, None, NOW, "t")}, ("none ran", "warn")),
        ("tests", {"tests": CheckRun(CheckOutcome.UNKNOWN, None, None, NOW, "t")}, ("?", "dim")),
    ],
)
def test_what_is_unknown_is_a_question_mark_and_nothing_is_a_dim_dot(name, known, shown):
    assert cell_of(name, lane("00000000", **known)) == shown


def test_a_doubt_stands_before_the_tokens():
    shown = cell_of("tokens", lane("00000000"))[0]
    assert cell_of("tokens", lane("00000000", trust=(Trust.PROVISIONAL,)))[0] == f"≥{shown}"
    assert cell_of("tokens", lane("00000000", trust=(Trust.SUSPECT, Trust.PROVISIONAL)))[0] == f"?{shown}"
