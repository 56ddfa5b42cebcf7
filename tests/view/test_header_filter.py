"""The counts of the header and the filters that they stand for."""

from __future__ import annotations

import pytest

from tests.findings import circling
from tests.fleets import harbor
from tui.model.finding import Severity
from tui.model.snapshot import Fleet, LaneState
from tui.text.cell_width import width
from tui.text.styled_text import own
from tui.view.arrange import Filter
from tui.view.header import HeaderFacts, header_lines
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
