"""What a row tells of the lanes that it hides, and what is told of rows out of view."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fleets import NOW, circling, harbor, lane
from tui.model.cost import NO_COST, Cost
from tui.model.evidence import LaneId
from tui.model.finding import Severity
from tui.model.snapshot import Judging, Lane, LaneState
from tui.model.trust import Trust
from tui.model.usage import ZERO
from tui.text.cell_width import width
from tui.text.safe_text import safe_text
from tui.text.styled_text import line_width, own
from tui.view.arrange import Arrangement, GroupRow, arrange, moved_rows
from tui.view.columns.base import RowContext
from tui.view.columns.registry import all_columns, sort_named
from tui.view.doubt import cost_words, priced_words
from tui.view.flags import Flag
from tui.view.header import HeaderFacts, header_lines
from tui.view.lane_line import empty_columns, group_line, lane_line, layout
from tui.view.summary import Urgent, folded_below, out_of_view, summary_of, urgent_line

STOP = Flag(Severity.STOP, title=own("stop it"))


def text_of(line):
    return "".join(span.text for span in line)


def tree() -> tuple[Lane, ...]:
    """A working root, a worker below it that asks, and one below that which burns."""
    root = lane("root", title="Loom", per_hour=1_200_000, cost_usd=1.0)
    asks = lane("asks", LaneState.NEEDS_INPUT, parent=root.id, depth=1, cost_usd=2.0)
    deep = lane("deep", parent=asks.id, depth=2, per_hour=12_000_000, cost_usd=None)
    other = lane("other", LaneState.WAITING, cost_usd=4.0)
    burn = tuple(
        replace(mine, tokens=mine.tokens + more.tokens) for mine, more in zip(root.burn, deep.burn, strict=True)
    )
    cost = root.cost + asks.cost + deep.cost
    return replace(root, tree_burn=burn, tree_cost=cost), asks, deep, other


def folded_row(cells: int, **changes: object) -> str:
    lanes = tree()
    fleet = replace(harbor(), lanes=lanes)
    root = lanes[0]
    hidden = folded_below(fleet, [root.id, lanes[3].id], frozenset({root.id}))
    below = summary_of(hidden[root.id], {lanes[2].id: STOP})
    row = replace(RowContext(NOW, 0, fold="+", below=below), **changes)  # type: ignore[arg-type]
    return text_of(lane_line(root, layout(cells), row, cells))


def test_a_folded_row_hides_every_lane_below_it_and_no_other():
    lanes = tree()
    fleet = replace(harbor(), lanes=lanes)
    root, asks, deep, other = lanes
    assert folded_below(fleet, [root.id, other.id], frozenset({root.id})) == {root.id: [asks, deep]}
    assert folded_below(fleet, [root.id, asks.id, other.id], frozenset({asks.id})) == {asks.id: [deep]}
    assert folded_below(fleet, [root.id, other.id], frozenset()) == {}


def test_a_folded_row_carries_the_worst_state_the_findings_the_count_and_the_sums():
    shown = folded_row(200)
    assert shown.startswith("◆")
    assert "⊗" in shown[:4]
    assert "needs you" in shown
    assert "+2" in shown
    assert "Σ13.2M" in shown
    assert "Σ≥$3.00" in shown
    assert "1 stop" in shown


def test_a_hidden_stop_is_seen_at_every_width():
    for cells in (30, 60, 80, 120, 200):
        assert "⊗" in folded_row(cells)[:4], cells


def test_a_row_that_is_sorted_by_the_sum_of_its_tree_shows_that_sum():
    root = tree()[0]
    open_row = RowContext(NOW, 0, fold="-", sort=sort_named("burn"))
    assert "Σ13.2M" in text_of(lane_line(root, layout(120), open_row, 120))
    by_age = replace(open_row, sort=sort_named("recent"))
    assert "Σ" not in text_of(lane_line(root, layout(120), by_age, 120))
    leaf = replace(open_row, fold="")
    assert "Σ" not in text_of(lane_line(root, layout(120), leaf, 120))


@pytest.mark.parametrize("cells", [60, 80, 120, 200])
def test_the_row_of_a_group_uses_the_empty_cells_beside_it(cells):
    below = summary_of(circling().lanes, {one.id: STOP for one in circling().lanes[:2]})
    group = GroupRow(safe_text("a long project name"), tuple(one.id for one in circling().lanes), (LaneId("x"),))
    columns = layout(cells, without=empty_columns(()))
    line = group_line(group, columns, RowContext(NOW, 1, below=below, sums=True, fold="-"), cells)
    text = text_of(line)
    assert line_width(line) == cells
    assert "lanes + 1 hidden" in text
    assert "2 stop" in text or cells == 60
    if cells >= 120:
        assert "a long project name  10 lanes + 1 hidden" in text
        assert "needs you" in text


def test_a_tree_with_a_lane_that_needs_a_person_stands_before_calm_ones():
    fleet = replace(harbor(), lanes=tree())
    order = arrange(fleet, Arrangement(sort_named("attention"))).order
    assert order[0] == fleet.lanes[0].id


def test_moved_rows_are_the_fewest_that_must_move():
    lanes = {one.id: one for one in tree()}
    root, asks, deep, other = lanes
    assert moved_rows([root, asks, deep, other], [root, asks, deep, other], lanes) == 0
    assert moved_rows([root, asks, deep, other], [other, root, asks, deep], lanes) == 1
    many = {one.id: one for one in (lane(str(index)) for index in range(6))}
    ids = list(many)
    assert moved_rows(ids, [*ids[1:], ids[0]], many) == 1
    assert moved_rows(ids, ids[::-1], many) == 5


def test_what_is_urgent_out_of_view_is_told_with_its_direction():
    lanes = {one.id: one for one in tree()}
    order = list(lanes)
    flags = {order[2]: STOP}
    assert out_of_view(order, range(1), lanes, flags, {}) == (Urgent(), Urgent(1, 1))
    assert out_of_view(order, range(3, 4), lanes, flags, {}) == (Urgent(1, 1), Urgent())
    assert out_of_view(order, range(4), lanes, flags, {}) == (Urgent(), Urgent())
    assert text_of(urgent_line(Urgent(), Urgent(1, 2))) == " ▼ 1 stop, 2 needs you below  "
    assert urgent_line(Urgent(), Urgent()) == ()
    hidden = summary_of([lanes[order[1]], lanes[order[2]]], flags)
    assert hidden is not None
    assert out_of_view(order[:1], range(1, 1), lanes, {}, {order[0]: hidden})[0] == Urgent(1, 1)


def test_the_header_keeps_stop_warn_and_needs_you_at_every_width():
    facts = HeaderFacts(own("all"), own("live"), findings={Severity.STOP: 2, Severity.WARN: 3})
    for cells in range(24, 200):
        first = text_of(header_lines(circling(), facts, cells)[0])
        assert len(first) == cells
        assert all(words in first for words in ("⊗ 2", "▲ 3", "◆ 1")), cells
    at_60 = text_of(header_lines(circling(), facts, 60)[0])
    assert all(words in at_60 for words in ("2 stop", "3 warn", "1 needs you"))


def test_the_header_keeps_a_lane_that_a_limit_stopped_at_every_width():
    facts = HeaderFacts(own("last 24h"), own("live"), findings={Severity.STOP: 3, Severity.WARN: 12})
    lanes = (*harbor().lanes, *(lane(f"busy{at}", LaneState.STALLED) for at in range(20)))
    for cells in (28, 34, 40, 60, 80):
        first = text_of(header_lines(replace(harbor(), lanes=lanes), facts, cells)[0])
        assert "■ 1" in first, cells
        assert "◆ 1" in first, cells


def test_the_header_of_an_old_recording_has_the_total_and_says_what_is_judged():
    facts = HeaderFacts(own("all"), own("logs"))
    old = replace(
        circling(), totals_today=ZERO, cost_today=NO_COST, totals=lane("one", total=2_000_000).usage,
        cost=Cost(3.5, 1, 1), judging=Judging(8, 106),
    )  # fmt: skip
    assert text_of(header_lines(old, facts, 160)[1]).startswith(" today 0 tok")
    recorded = replace(old, lanes=tuple(replace(one, recording="a copy") for one in old.lanes))
    second = text_of(header_lines(recorded, facts, 160)[1])
    assert second.startswith(" total 2.00M tok  $3.50")
    assert "judging 8 of 106 transcripts" in second


def test_a_sum_with_unpriced_parts_is_a_lower_bound():
    whole, none, part = Cost(8.66, 17, 17), Cost(0.0, 0, 3), Cost(8.66, 17, 18)
    assert cost_words(whole) == "$8.66"
    assert priced_words(whole) == ""
    assert cost_words(part) == "≥$8.66"
    assert priced_words(part) == "17 of 18 priced"
    assert cost_words(none) == "$ ?"
    assert cost_words(part + Cost(200.0, 1, 1), 7, is_sum=True) == "Σ≥$209"
    assert whole.exact_usd == 8.66
    assert part.exact_usd is None
    assert lane("idle", total=0, models=(), cost_usd=0.0).cost == NO_COST


def test_a_summary_adds_the_own_figures_of_its_lanes():
    lanes = tree()
    made = summary_of(lanes, {})
    assert made is not None
    assert made.lanes == 4
    assert made.usage == sum((one.usage for one in lanes), ZERO)
    assert made.cost == Cost(7.0, 3, 4)
    assert made.flag is None
    assert summary_of((), {}) is None


def test_a_group_burns_what_its_trees_burn_also_by_lanes_that_ended_below_them():
    root, asks, deep, other = tree()
    ended = replace(deep, state=LaneState.ENDED, burn=tuple(replace(one, tokens=0) for one in deep.burn))
    made = summary_of([root, asks, ended, other], {})
    assert made is not None
    assert [one.tokens for one in made.burn] == [one.tokens for one in root.tree_burn]


def test_a_group_whose_lanes_state_no_usage_has_an_unknown_sum():
    silent = replace(lane("aaaaaaaa"), usage=ZERO, calls=0, trust=(Trust.SUSPECT,))
    free = replace(silent, trust=())
    assert summary_of([silent], {}).is_unknown
    assert not summary_of([free], {}).is_unknown
    assert not summary_of([silent, lane("bbbbbbbb")], {}).is_unknown
    columns = {one.name: one for one in all_columns()}
    group = summary_of([silent], {})
    row = RowContext(0.0, 0, 1, "", False)
    assert [columns[name].group_cell(group, row, 7).text for name in ("tokens", "cost")] == ["?", "?"]


@pytest.mark.parametrize(
    "usd", [0.0, 0.00001, 0.0042, 0.42, 12.3, 99.6, 999.7, 1234.5, 9_960.0, 123_456.0, 1.2e6, 9.96e6]
)
@pytest.mark.parametrize("is_lower_bound", [False, True])
def test_a_sum_of_dollars_fits_its_column(usd: float, is_lower_bound: bool):
    words = cost_words(Cost(usd, 1, 1), 7, is_sum=True, is_lower_bound=is_lower_bound)
    assert width(words) <= 7
    assert words.startswith("Σ≥$" if is_lower_bound else ("Σ$", "Σ<$"))
