"""The choice of columns while it is made."""

from __future__ import annotations

from tui.text.safe_text import safe_text
from tui.text.styled_text import line_width
from tui.view.column_choice import ColumnChoice, choice_keys, choice_line, choice_title
from tui.view.columns.registry import all_columns
from tui.view.lane_line import MOST_CELLS, ChosenColumns, chosen_layout, layout


def place(choice: ColumnChoice, name: str) -> int:
    return [one.name for one in choice.columns].index(name)


def test_without_a_change_the_table_stays_as_wide_as_it_can() -> None:
    choice = ColumnChoice.of((), layout(120))
    assert choice.words == ()
    assert [one.name for one in choice.columns] == [one.name for one in all_columns()]
    assert choice.shown == {placed.name for placed in layout(120)}


def test_each_change_is_written_as_in_a_view() -> None:
    choice = ColumnChoice.of(("state", "cost", "name:40"), ())
    assert choice.words == ("state", "cost", "name:40")
    choice = choice.moved(place(choice, "name"), -100)
    assert choice.words == ("name:40", "state", "cost")
    choice = choice.toggled(place(choice, "cost")).toggled(place(choice, "tags"))
    assert set(choice.words) == {"name:40", "state", "tags"}
    assert choice.as_declared(place(choice, "name")).words[0] == "name"
    assert choice.resized(place(choice, "age"), 100_000).widths["age"] == MOST_CELLS
    assert "age" in choice.resized(place(choice, "age"), 9).shown


def test_a_hidden_column_is_listed_where_it_is_declared() -> None:
    choice = ColumnChoice.of(("name", "state"), ())
    names = [one.name for one in choice.columns]
    assert names.index("name") < names.index("state") < names.index("word")
    assert len(names) == len(all_columns())


def test_the_last_column_stays() -> None:
    choice = ColumnChoice.of(("name",), ())
    assert choice.toggled(place(choice, "name")) is choice


def test_wide_columns_become_narrow_before_one_is_left_out() -> None:
    chosen = ChosenColumns.of(("state", "word", "name", "branch", "project", "burn", "tokens", "cost", "doing", "age"))
    assert chosen.least_cells > 110
    placed = chosen_layout(110, chosen)
    assert len(placed) == len(chosen.columns)
    assert sum(one.cells + 1 for one in placed) <= 110
    assert "branch" not in {one.name for one in chosen_layout(80, chosen)}


def test_each_line_is_as_wide_as_the_screen() -> None:
    choice = ColumnChoice.of(("state", "cost:12", "name"), ())
    for cells in (60, 80, 200):
        for at in range(len(choice.columns)):
            assert line_width(choice_line(choice, at, {"state": 3, "cost": 12}, cells)) == cells
        assert line_width(choice_title(choice, cells)) == cells
        assert line_width(choice_keys([(safe_text("x"), safe_text("word"))] * 40, cells)) <= cells
