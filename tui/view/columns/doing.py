"""The column that says what the lane does, asks or did last, or why it is flagged if that matters more."""

from __future__ import annotations

from tui.model.finding import Severity
from tui.model.snapshot import Lane, LaneState
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, joined, own
from tui.view.asks import asks_words
from tui.view.columns.base import Column, RowContext, Sort, Stretch
from tui.view.flags import Flag, flag_role
from tui.view.repetition import row_words
from tui.view.states import NEEDING
from tui.view.summary import summary_words

DOING_CELLS = 26
"""Room for `npm install ×12 same error`."""
_STOPPED = (LaneState.LIMITED, LaneState.STALLED)


def _cell(lane: Lane, row: RowContext, cells: int) -> Span | Line:
    if row.below is not None and not _is_urgent(lane, row.flag):
        return summary_words(row.below, cells, ascii_only=row.ascii)
    if row.flag is not None and _tells_flag(lane, row.flag):
        return _reason(row.flag, cells)
    return Span(_doing(lane, with_state=not row.has_word), _role(lane))


def _is_urgent(lane: Lane, flag: Flag | None) -> bool:
    """Whether the lane itself needs a person more than what its row hides."""
    return lane.state in NEEDING or (flag is not None and flag.severity is Severity.STOP)


def _tells_flag(lane: Lane, flag: Flag) -> bool:
    """Whether the cell shows the reason for the flag. Not for severity info, nor while the lane waits for a person."""
    if flag.severity is Severity.INFO or lane.control.held is not None:
        return False
    if lane.state is LaneState.NEEDS_INPUT or lane.state in _STOPPED:
        return False
    return flag.is_loop or flag.severity is Severity.STOP


def _reason(flag: Flag, cells: int) -> Span:
    return Span(row_words(flag.repetition, cells) if flag.is_loop else flag.title, flag_role(flag.severity))


def _doing(lane: Lane, *, with_state: bool) -> SafeText:
    """The text of the cell. `with_state`: it begins with the lane's need, because no other column shows that."""
    if lane.control.held is not None or lane.control.overdue:
        words = safe_text(lane.control.words, limit=200)
        return joined(own("! "), words) if lane.control.overdue else words
    if lane.state is LaneState.NEEDS_INPUT:
        asked = asks_words(lane)
        return asked or (joined(own("needs you: "), _why(lane)) if with_state else _why(lane))
    if lane.state in _STOPPED:
        return _why(lane)
    if lane.open_calls:
        latest = lane.open_calls[-1]
        return safe_text(f"{latest.tool} {latest.summary}", limit=200)
    return safe_text(lane.doing, limit=200)


def _why(lane: Lane) -> SafeText:
    return safe_text(lane.evidence[0].text, limit=200) if lane.evidence else own("")


def _role(lane: Lane) -> str:
    if lane.control.held is not None or lane.control.overdue:
        return "loud.warn" if lane.control.overdue else f"state.{lane.state}"
    if lane.state is LaneState.NEEDS_INPUT:
        return "loud.warn"  # bold; the role of the state is filled without colour, like that of a stop
    if lane.state in _STOPPED:
        return f"state.{lane.state}"
    return "dim" if lane.state in (LaneState.IDLE, LaneState.ENDED) else "text"


COLUMNS = (
    Column(
        name="doing",
        place=140,
        rank=60,
        title=own("DOING"),
        doc=own("what it does, asks or did last, or why it is flagged"),
        in_help=False,
        cells=DOING_CELLS,
        stretch=Stretch(),
        cell=_cell,
        sort=Sort("doing", 100, own("doing"), lambda lane, _alarm: (lane.doing.lower(),), in_steps=False),
        group_cell=lambda group, row, cells: summary_words(group, cells, ascii_only=row.ascii),
    ),
)
