"""The columns of the lane's state: as a glyph with the marks of the row, and as a word."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.finding import Severity
from tui.model.snapshot import Lane, LaneState
from tui.text.styled_text import Line, Span, own, word
from tui.view.columns.base import Alarm, Column, FilterKey, Grouping, JsonField, RowContext, Sort, SortKey
from tui.view.finding_text import glyph_of as severity_glyph
from tui.view.flags import LOOP, LOOP_ASCII, flag_role
from tui.view.states import LOOKS, NEEDING, glyph_of, word_of
from tui.view.summary import Summary, most_severe

_ORDER = {state: index for index, state in enumerate(LOOKS)}


def _worst(lane: Lane, row: RowContext) -> LaneState:
    """The state that the row shows: that of the lane, or of a hidden lane below it that needs a person more."""
    return lane.state if row.below is None else min(lane.state, row.below.state, key=lambda state: _ORDER[state])


def _glyph(lane: Lane, row: RowContext, _cells: int) -> Line:
    state = _worst(lane, row)
    return (Span(glyph_of(state, ascii=row.ascii), f"state.{state}"), *_mark(row))


def _group_glyph(group: Summary, row: RowContext, _cells: int) -> Line:
    return (Span(glyph_of(group.state, ascii=row.ascii), f"state.{group.state}"), *_mark(row))


def _mark(row: RowContext) -> Line:
    """The signs beside the state: the operator's mark, and the flag, which shows a loop or the severity."""
    flag = most_severe(row.flag, row.below.flag if row.below is not None else None)
    gap = word("+", "key") if row.marked else word(" ")
    if flag is None:
        return (gap,) if row.marked else ()
    loop = LOOP_ASCII if row.ascii else LOOP
    glyph = loop if flag.is_loop else severity_glyph(flag.shown, ascii_only=row.ascii)
    return (gap, Span(glyph, flag_role(flag.severity)))


def _word(lane: Lane, row: RowContext, _cells: int) -> Span:
    state = _worst(lane, row)
    return Span(word_of(state), f"state.{state}")


def _group(tree: Sequence[Lane]) -> str:
    """The state of the tree that needs a person most."""
    return min((lane.state for lane in tree), key=lambda state: _ORDER[state]).value


def _words() -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for state in LOOKS for word in (str(word_of(state)), state.value)))


def _attention(lane: Lane, alarm: Alarm) -> SortKey:
    # A lane that should be stopped burns tokens unseen, so it comes before lanes that only wait.
    if alarm.severity == Severity.STOP.rank:
        return (-1,)
    return (min(_ORDER[lane.state], len(NEEDING) - alarm.need) if alarm.need else _ORDER[lane.state],)


COLUMNS = (
    Column(
        name="state",
        place=10,
        rank=10,
        doc=own("the state as a glyph, then the mark of a finding"),
        in_help=False,
        cells=3,
        cell=_glyph,
        group_cell=_group_glyph,
    ),
    Column(
        name="word",
        place=20,
        rank=70,
        plain_rank=10,
        title=own("STATE"),
        doc=own("the state in a word"),
        in_help=False,
        cells=9,
        cell=_word,
        group_cell=lambda group, _row, _cells: Span(word_of(group.state), f"state.{group.state}"),
        sort=Sort(
            "attention",
            10,
            own("attention"),
            _attention,
            ties=lambda lane: (-lane.tree_burn[1].tokens, -(lane.last_event or 0.0)),
        ),
        filters=(FilterKey("state", lambda lane: f"{lane.state.value} {word_of(lane.state)}", words=_words),),
        group=Grouping("state", 30, _group, lambda value: word_of(LaneState(value))),
        json=(JsonField("state", 80, "The lane's state, as in the glossary.", lambda lane: lane.state.value),),
    ),
)
