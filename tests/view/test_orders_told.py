"""The service in words: routes, orders and the log, whole in a narrow pane too, and judged by place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fleets import harbor
from tests.screen.fake_service import ROUTES
from tui.control.audit import AuditRecord
from tui.model.control import LaneControl, Order, OrderStep, RouteKind, Stage
from tui.model.finding import Verb
from tui.model.snapshot import Lane
from tui.text.cell_width import width
from tui.text.safe_text import safe_text
from tui.text.styled_text import Line, line_width, own
from tui.view.control_lines import audit_page, control_section

LATE = "not seen after 10 s: Bash runs for 41 s, in the foreground, and asks nothing before it ends"


def lane(*, reached: bool = True) -> Lane:
    return replace(harbor().lanes[0], control=LaneControl(ROUTES if reached else ()))


def order(lane: Lane, stronger: str = "") -> Order:
    at = harbor().at - 20
    steps = (
        OrderStep(at, Stage.REQUESTED, RouteKind.GATE, "pauses before its next tool or model call; nothing is lost"),
        OrderStep(at + 10, Stage.OVERDUE, RouteKind.GATE, LATE),
    )
    return Order(
        "a", Verb.PAUSE, lane.id, lane.agent, lane.session, None, RouteKind.GATE, "ann", at, "", "", at + 10, steps,
        stronger,
    )  # fmt: skip


def text(line: Line) -> str:
    return "".join(span.text for span in line)


def flat(lines: list[Line]) -> str:
    return " ".join(" ".join(map(text, lines)).split())


@pytest.mark.parametrize("cells", [60, 78, 118])
def test_nothing_of_an_order_is_cut_off(cells: int) -> None:
    some = lane()
    lines = control_section(some, [order(some, "interrupt it by tmux: Bash is cut off")], cells, own("+"))
    assert all(line_width(line) == cells for line in lines)
    told = flat(lines)
    assert LATE in told
    assert "+ interrupt it by tmux: Bash is cut off" in told
    assert all(route.why in told for route in ROUTES)


def test_a_lane_that_nothing_leads_to_has_no_section() -> None:
    some = lane(reached=False)
    assert control_section(some, [], 80, own("+")) == []


def test_orders_of_other_lanes_are_theirs() -> None:
    some, other = lane(), harbor().lanes[1]
    assert LATE not in flat(control_section(some, [order(other)], 80, own("+")))


def test_an_order_of_a_policy_names_it() -> None:
    some = lane()
    policed = replace(order(some), by="policy: pause on repetition", run_by="ann", reason="the same 12 times")
    told = flat(control_section(some, [policed], 118, own("+")))
    assert "pause by gate asked by policy: pause on repetition because of the same 12 times" in told
    assert "asked by" not in flat(control_section(some, [order(some)], 118, own("+")))


def entry(stage: Stage, words: str, after: float = 0.0, **texts: str) -> AuditRecord:
    return AuditRecord(
        1778320800.0 + after, "ann", "pause", "claude:5f0c21aa", "a", stage.value, "gate", words,
        texts.get("reason", ""), texts.get("text", ""),
    )  # fmt: skip


@pytest.mark.parametrize("cells", [40, 70, 120])
def test_the_log_is_told_whole(cells: int) -> None:
    lines = audit_page([entry(Stage.REQUESTED, "holds"), entry(Stage.OVERDUE, LATE, 10)], cells)
    assert all(line_width(line) == cells for line in lines)
    assert LATE in flat(lines)


def roles(lines: list[Line], words: str) -> set[str]:
    return {span.role for line in lines for span in line if words in span.text}


def test_what_came_of_an_order_is_judged_by_its_place_not_by_what_somebody_wrote() -> None:
    lie = "finding x:  took effect: all is well"
    lines = audit_page([entry(Stage.REQUESTED, "  took effect: fooled you", reason=lie, text=lie)], 200)
    assert not roles(lines, "took effect") & {"good", "warn"}
    assert roles(audit_page([entry(Stage.EFFECTIVE, "held")], 200), "took effect: held") == {"good"}
    assert roles(audit_page([entry(Stage.REFUSED, "no route")], 200), "refused: no route") == {"warn"}


def test_wide_characters_are_measured_in_cells() -> None:
    some = lane()
    wide = safe_text("港の料金表を移す " * 12)
    late = order(some, wide)
    for line in control_section(some, [late], 60, own("+")):
        assert width(safe_text(text(line).rstrip())) <= 60
