"""The filter for the lanes that a count of the header counts."""

from __future__ import annotations

from tui.model.finding import Severity
from tui.model.snapshot import LaneState
from tui.text.cell_width import width
from tui.text.styled_text import Line

_MANNERS = ("state.", "pill.", "loud.")


def filter_at(line: Line, cell: int) -> str:
    """The filter for the count in a cell of a header line; empty if there is no count.

    A count has the role of its state (`pill.needs_input`) or of its severity (`loud.warn`).
    """
    at = 0
    for span in line:
        at += width(span.text)
        if cell < at:
            return _filter_of(span.role)
    return ""


def _filter_of(role: str) -> str:
    manner = next((one for one in _MANNERS if role.startswith(one)), "")
    name = role.removeprefix(manner)
    if not manner:
        return ""
    if name in {state.value for state in LaneState}:
        return f"state:{name}"
    return f"finding:{name}" if name in {severity.value for severity in Severity} else ""
