"""Order, filter and folds of the table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fleets import circling, harbor, lane, many
from tui.model.cost import Cost
from tui.model.finding import Severity
from tui.model.snapshot import Fleet, LaneState
from tui.text.styled_text import own
from tui.view import arrange as arranging
from tui.view.arrange import (
    PINNED,
    Arrangement,
    Choice,
    GroupRow,
    Hide,
    Rows,
    group_id,
    is_overtaken,
    needs_you,
    next_needing,
)
from tui.view.columns.registry import all_groupings, all_sorts, first_sort, grouping_named, sort_named
from tui.view.filter import Filter
from tui.view.flags import Flag
from tui.view.names import name_of

NONE = frozenset()
FLEET = harbor()
LANES = {each.id: each for each in FLEET.lanes}


def arrange(fleet, sort, wanted, folded, keep=None, *, reverse=False):
    return arranging.arrange(fleet, Arrangement(sort, reverse, wanted), Choice(folded), keep).order


def titles(order):
    return [LANES[each].title.split()[0] for each in order]


def test_attention_puts_what_waits_for_a_person_first_and_children_below_their_parent():
    order = arrange(FLEET, first_sort(), Filter(), NONE)
    assert titles(order) == ["Move", "Import", "Quay", "S088", "Ferry", "Map", "Review", "Which"]


def test_burn_sorts_trees_by_what_the_tree_burns():
    assert titles(arrange(FLEET, sort_named("burn"), Filter(), NONE))[:2] == ["S088", "Ferry"]


@pytest.mark.parametrize("sort", all_sorts(), ids=lambda sort: sort.name)
def test_every_order_holds_every_lane_once_with_parents_first(sort):
    for reverse in (False, True):
        order = arrange(FLEET, sort, Filter(), NONE, reverse=reverse)
        assert sorted(order) == sorted(LANES)
        for each in order:
            parent = LANES[each].parent
            assert parent is None or order.index(parent) < order.index(each)


@given(st.permutations(list(LANES)), st.lists(st.sampled_from(list(LaneState)), min_size=8, max_size=8))
def test_kept_rows_never_move(kept, states):
    moved = replace(FLEET, lanes=tuple(replace(x, state=s) for x, s in zip(FLEET.lanes, states, strict=True)))
    before = arrange(FLEET, first_sort(), Filter(), NONE, kept)
    assert arrange(moved, first_sort(), Filter(), NONE, kept) == before


def test_new_lanes_come_after_the_kept_ones():
    order = arrange(FLEET, first_sort(), Filter(), NONE)
    more = replace(FLEET, lanes=(lane("new00000", LaneState.NEEDS_INPUT), *FLEET.lanes))
    assert arrange(more, first_sort(), Filter(), NONE, order) == [*order, "claude:new00000"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ferry", ["Ferry"]), ("agent:codex", ["S088"]), ("state:needs_input", ["Move"]),
        ("model:haiku", ["Ferry", "Map"]), ("!agent:claude", ["S088"]), ("project:harbor branch:webhooks", ["Move"]),
        ("id:9d1e", ["S088"]), ("reviewer", ["Ferry", "Review"]), ("nothing-of-that-name", []),
    ],
)  # fmt: skip
def test_filters(text, found):
    assert titles(arrange(FLEET, first_sort(), Filter(text), NONE)) == found


def test_folds_hide_what_is_below_and_a_filter_looks_inside():
    folded = frozenset({FLEET.lanes[0].id})
    assert "Map" not in titles(arrange(FLEET, first_sort(), Filter(), folded))
    assert titles(arrange(FLEET, first_sort(), Filter("caller"), folded)) == ["Ferry", "Map"]


def test_next_needing_goes_round_and_ends_where_nothing_needs_anybody():
    order = arrange(FLEET, sort_named("name"), Filter(), NONE)
    first = next_needing(order, LANES, None)
    second = next_needing(order, LANES, first)
    assert first != second
    assert {first, second} == {each.id for each in FLEET.lanes if needs_you(each)}
    quiet = {each.id: replace(each, state=LaneState.WORKING) for each in FLEET.lanes}
    assert next_needing(order, quiet, None) is None


def test_a_lane_whose_parent_is_not_there_stands_at_the_top():
    orphan = replace(many(1).lanes[0], parent="claude:gone")
    assert arrange(replace(FLEET, lanes=(orphan,)), sort_named("name"), Filter(), NONE) == [orphan.id]


def test_very_deep_trees_are_arranged():
    chain = tuple(lane(f"{i:08d}", parent=f"claude:{i - 1:08d}" if i else None, depth=i) for i in range(3000))
    assert len(arrange(replace(FLEET, lanes=chain), sort_named("name"), Filter(), NONE)) == 3000


def rows(fleet=FLEET, group=None, hide=Hide.NONE, wanted="", **choice):
    grouping = grouping_named(group) if group else None
    arrangement = Arrangement(first_sort(), False, Filter(wanted), grouping, hide)
    chosen = Choice(**{name: frozenset(ids) for name, ids in choice.items()})
    return arranging.arrange(fleet, arrangement, chosen)


@pytest.mark.parametrize("group", all_groupings(), ids=lambda group: group.name)
@pytest.mark.parametrize("hide", list(Hide))
def test_groups_hold_each_lane_with_a_row_once_and_name_its_value(group, hide):
    found = rows(circling(), group.name, hide)
    members = [lane for row in found.groups.values() for lane in row.lanes]
    assert sorted(members) == sorted(one for one in found.order if one not in found.groups)
    assert len(set(members)) == len(members) == len(circling().lanes) - found.hidden
    for row in found.groups.values():
        assert str(row.title)


def test_a_tree_is_in_the_group_of_its_root_or_of_the_state_that_needs_a_person_most():
    asking = {each.id: replace(each, project="else", state=LaneState.NEEDS_INPUT) for each in FLEET.lanes if each.depth}
    fleet = replace(FLEET, lanes=tuple(asking.get(each.id, each) for each in FLEET.lanes))
    assert [str(row.title) for row in rows(fleet, "project").groups.values()] == ["harbor"]
    first = next(iter(rows(fleet, "state").groups.values()))
    assert str(first.title) == "needs you"
    assert set(asking) < set(first.lanes)


def test_a_folded_group_keeps_its_row_alone_and_a_filter_looks_inside():
    heading = group_id("harbor")
    assert rows(group="project", folded=[heading]).order == [heading]
    assert len(rows(group="project", folded=[heading], wanted="caller").order) == 3


def test_lanes_without_a_value_are_the_last_group():
    fleet = replace(
        FLEET, lanes=tuple(replace(each, branch=None) if "Move" in each.title else each for each in FLEET.lanes)
    )
    assert [str(row.title) for row in rows(fleet, "branch").groups.values()] == ["main", "no branch"]


def test_hidden_lanes_are_counted_and_stay_where_they_must_be_seen():
    ended = [each for each in FLEET.lanes if each.state is LaneState.ENDED]
    found = rows(hide=Hide.ENDED)
    assert found.hidden == len(ended) == len(FLEET.lanes) - len(found.order)
    assert rows(hide=Hide.IDLE).hidden == len(ended) + 1
    assert rows(hide=Hide.IDLE, wanted="ferry").hidden == 0
    parent = FLEET.lanes[0]
    over = replace(FLEET, lanes=(replace(parent, state=LaneState.ENDED), *FLEET.lanes[1:]))
    assert parent.id in rows(over, hide=Hide.ENDED).order  # a lane below it works
    root = next(each for each in FLEET.lanes if each.state is LaneState.IDLE)
    assert root.id in rows(hide=Hide.IDLE, pinned=[root.id]).order
    flagged = arranging.arrange(FLEET, Arrangement(first_sort(), hide=Hide.IDLE), flags={root.id: Flag(Severity.STOP)})
    assert root.id in flagged.order


def test_the_sums_of_a_group_include_its_hidden_lanes():
    (group,) = rows(group="project", hide=Hide.ENDED).groups.values()
    ended = [each.id for each in FLEET.lanes if each.state is LaneState.ENDED]
    assert list(group.hidden) == ended
    assert len(group.lanes) + len(ended) == len(FLEET.lanes)
    assert not set(group.hidden) & set(rows(group="project", hide=Hide.ENDED).order)
    over = replace(FLEET, lanes=tuple(replace(each, state=LaneState.ENDED) for each in FLEET.lanes))
    assert rows(over, group="project", hide=Hide.ENDED).groups == {}


def test_the_order_by_name_is_that_of_the_names_shown():
    lanes = tuple(replace(each, parent=None, project=each.id[::-1]) for each in FLEET.lanes)
    order = arranging.arrange(replace(FLEET, lanes=lanes), Arrangement(sort_named("name"))).order
    names = {each.id: name_of(each).lower() for each in lanes}
    assert [names[one] for one in order] == sorted(names.values())


def test_pinned_lanes_stand_above_all_others_and_are_a_group_of_their_own():
    root = next(each for each in FLEET.lanes if each.state is LaneState.IDLE)
    assert rows(pinned=[root.id]).order[0] == root.id
    grouped = rows(group="project", pinned=[root.id])
    assert grouped.order[:2] == [PINNED, root.id]
    assert grouped.groups[PINNED].lanes == (root.id,)


def test_an_urgent_lane_below_others_is_noticed_and_none_after_a_sort():
    first, *others = [each for each in FLEET.lanes if each.parent is None]
    calm = replace(FLEET, lanes=tuple(replace(each, state=LaneState.WORKING) for each in (first, *others)))
    order = [each.id for each in calm.lanes]

    def overtaken(fleet, order, **more):
        return is_overtaken(fleet, Rows(order, more.pop("groups", {}), 0), first_sort(), **more)

    assert not overtaken(calm, order)
    ended = replace(calm, lanes=(*calm.lanes[:-1], replace(calm.lanes[-1], state=LaneState.WAITING)))
    assert not overtaken(ended, order[::-1])
    asking = replace(calm, lanes=(*calm.lanes[:-1], replace(calm.lanes[-1], state=LaneState.NEEDS_INPUT)))
    assert overtaken(asking, order)
    assert not overtaken(asking, arrange(asking, first_sort(), Filter(), NONE))
    assert overtaken(calm, order, flags={order[-1]: Flag(Severity.STOP)})
    assert not overtaken(asking, order, pinned=order[:-1])  # it is the first of those that are not pinned
    row, other = group_id("a"), group_id("b")
    last = GroupRow(own("b"), (order[-1],))
    assert overtaken(asking, [row, *order], groups={row: GroupRow(own("a"), tuple(order))})
    assert overtaken(
        asking, [row, *order[:-1], other], groups={row: GroupRow(own("a"), tuple(order[:-1])), other: last}
    )
    assert not overtaken(asking, [other, order[-1], row, *order[:-1]], groups={other: last, row: last})


def test_groups_are_sorted_by_their_sums_and_kept_in_their_places():
    dear, *cheap = (
        replace(lane(name, project=project), tree_cost=Cost(usd, 1, 1))
        for name, project, usd in (("dear", "few", 9.0), ("one", "many", 6.0), ("two", "many", 5.0))
    )
    fleet = Fleet(at=0.0, lanes=(dear, *cheap))
    by_cost = Arrangement(sort_named("cost"), group=grouping_named("project"))
    made = arranging.arrange(fleet, by_cost)
    assert [str(row.title) for row in made.groups.values()] == ["many", "few"]
    reverse = arranging.arrange(fleet, replace(by_cost, reverse=True)).order
    assert reverse == [group_id("few"), dear.id, group_id("many"), cheap[1].id, cheap[0].id]
    assert arranging.arrange(fleet, by_cost, keep=reverse).order == reverse
