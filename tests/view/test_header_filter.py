"""The counts of the header and the filters that they stand for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.findings import circling
from tests.fleets import NOW, harbor
from tui.model.finding import Severity
from tui.model.snapshot import Fleet, LaneState, LimitState
from tui.text.cell_width import width
from tui.text.styled_text import own
from tui.view.arrange import Filter
from tui.view.header import HeaderFacts, header_lines, limit_name
from tui.view.header_filter import filter_at


@pytest.mark.parametrize("cells", [60, 80, 120, 200])
@pytest.mark.parametrize("fleet", [harbor(), circling()], ids=["harbor", "circling"])
def test_every_count_has_a_filter_that_finds_what_was_counted(fleet: Fleet, cells: int):
    facts = HeaderFacts(own("last 24h"), own("live"), findings={Severity.STOP: 1, Severity.WARN: 2})
    line = header_lines(fleet, facts, cells)[0]
    found = {filter_at(line, cell) for cell in range(cells)} - {""}
    counted = "".join(span.text for span in line)
    assert ("finding:stop" in found) is ("stop" in counted or "⊗" in counted)
    states = [LaneState(one.removeprefix("state:")) for one in found if one.startswith("state:")]
    for state in states:
        expected = {lane.id for lane in fleet.lanes if lane.state is state}
        assert {lane.id for lane in fleet.lanes if Filter(f"state:{state}").matches(lane, fleet.at)} == expected


def test_cells_outside_a_count_have_none():
    line = header_lines(harbor(), HeaderFacts(own(""), own("")), 120)[0]
    assert filter_at(line, 2) == ""
    assert filter_at(line, sum(width(span.text) for span in line) + 5) == ""
    assert filter_at((), 0) == ""


def test_limits_of_two_accounts_are_named():
    limits = [
        LimitState("codex", "codex", 300, used, NOW + 60, NOW, plan) for plan, used in (("pro", 67.0), ("team", 52.0))
    ]
    assert [str(limit_name(one, limits)) for one in limits] == ["codex pro 5h", "codex team 5h"]
    homes = [replace(one, home=home) for one, home in zip(limits, (".codex", ".codex-work"), strict=True)]
    assert [str(limit_name(one, homes)) for one in homes] == ["codex codex 5h", "codex codex-work 5h"]
    assert str(limit_name(limits[0], limits[:1])) == "codex 5h"
