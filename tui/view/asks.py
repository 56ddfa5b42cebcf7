"""What a lane asks a person, in one line, and the lane that needs a person most."""

from __future__ import annotations

from collections.abc import Mapping

from tui.model.evidence import LaneId
from tui.model.finding import Severity
from tui.model.pending import PendingRequest
from tui.model.snapshot import Fleet, Lane
from tui.text.cell_width import cut
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, joined, own, word
from tui.view.finding_text import glyph_of as severity_glyph
from tui.view.flags import Flag, flag_role
from tui.view.names import name_of
from tui.view.repetition import row_words
from tui.view.states import NEEDING, glyph_of

NAME_CELLS, REASON_CELLS = 22, 30


def asks_words(lane: Lane) -> SafeText:
    """`asks: ` with the question, the command or the plan that waits; empty if it is not known."""
    request = next((one for one in lane.pending if not one.answered), None)
    if request is None and lane.pending:
        return answered_words(lane.pending[0])
    call = next(iter(lane.open_calls), None)
    text = request.text if request is not None else f"{call.tool} {call.summary}" if call is not None else ""
    words = " ".join(text[:1000].split())
    return joined(own("asks: "), safe_text(words, limit=200)) if words else own("")


def can_be_answered(lane: Lane) -> bool:
    """Whether the lane waits for an answer that can be given from here."""
    return any(request.is_answerable and not request.answered for request in lane.pending)


def answered_words(request: PendingRequest) -> SafeText:
    """`answered: chose 23:45, waiting for the client`, for a request that was answered."""
    return joined(own("answered: "), safe_text(request.answered, limit=60), own(", waiting for the client"))


def worst_line(fleet: Fleet, flags: Mapping[LaneId, Flag], *, ascii_only: bool = False) -> Line:
    """The lane that should be stopped, or else the one that needs a person most, and why; empty without any."""
    stops = [lane for lane in fleet.lanes if lane.id in flags and flags[lane.id].severity is Severity.STOP]
    if stops:
        lane = max(stops, key=lambda one: (flags[one.id].repetition.score, one.burn[1].tokens, one.id))
        flag = flags[lane.id]
        why = row_words(flag.repetition, REASON_CELLS) if flag.is_loop else flag.title
        glyph = severity_glyph(flag.severity, ascii_only=ascii_only)
        return _line(glyph, lane, why, flag_role(flag.severity))
    needing = [lane for lane in fleet.lanes if lane.state in NEEDING]
    if not needing:
        return ()
    lane = min(needing, key=lambda one: (NEEDING.index(one.state), one.state_since or 0.0, one.id))
    reason = safe_text(lane.evidence[0].text, limit=200) if lane.evidence else own("")
    return _line(glyph_of(lane.state, ascii=ascii_only), lane, asks_words(lane) or reason, "loud.warn")


def _line(glyph: SafeText, lane: Lane, why: SafeText, role: str) -> Line:
    name = Span(cut(name_of(lane), NAME_CELLS), "strong")
    return (
        word(" "),
        Span(glyph, role),
        word(" "),
        name,
        word(" "),
        Span(why, role if role != "pill.stop" else "stop"),
    )
