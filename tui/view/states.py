"""The look of a lane's state without colour: its glyph, its ASCII glyph, its word.

Glyphs are one cell wide in every terminal font that has them (from Geometric Shapes and General Punctuation; none is an
emoji). The ASCII ones are for fonts and screen readers without these glyphs.
"""

from __future__ import annotations

from typing import NamedTuple

from tui.control.verbs.registry import held_states
from tui.model.snapshot import LaneState
from tui.text.safe_text import SafeText
from tui.text.styled_text import own

WORD_CELLS = 10


class StateLook(NamedTuple):
    """The look of a state.

    A glyph, the same in ASCII, a word of at most `WORD_CELLS` cells, and its meaning in a few words.
    """

    glyph: SafeText
    ascii: SafeText
    word: SafeText
    meaning: SafeText


_OWN = {
    LaneState.NEEDS_INPUT: StateLook(
        own("◆"), own("!"), own("needs you"), own("asks you: a permission, a question, a plan")
    ),
    LaneState.LIMITED: StateLook(own("■"), own("#"), own("limited"), own("stopped by a usage limit")),
    LaneState.STALLED: StateLook(own("◌"), own("~"), own("stalled"), own("no output in mid-turn")),
    LaneState.WAITING: StateLook(own("◐"), own("?"), own("waiting"), own("done, waiting for your prompt")),
    LaneState.WORKING: StateLook(own("●"), own("*"), own("working"), own("in progress")),
    LaneState.IDLE: StateLook(own("○"), own("-"), own("idle"), own("waiting for a long time")),
    LaneState.ENDED: StateLook(own("·"), own("."), own("ended"), own("finished, or its process exited")),
}
"""The states without control. States that a verb makes are declared with the verb."""
_HELD = {LaneState.of(one.held): StateLook(one.glyph, one.ascii, one.word, one.meaning) for one in held_states()}
LOOKS = {state: (_OWN | _HELD)[state] for state in LaneState}
"""All states, in the order in which a person should look."""
_COUNTED_HELD = {LaneState.of(one.held) for one in held_states() if one.is_counted}
COUNTED = (
    LaneState.NEEDS_INPUT, LaneState.LIMITED, LaneState.STALLED,
    *(state for state in LOOKS if state in _COUNTED_HELD),
    LaneState.WORKING, LaneState.WAITING,
)  # fmt: skip
"""The states that the header counts, in its order."""
NEEDING = (LaneState.NEEDS_INPUT, LaneState.LIMITED, LaneState.STALLED)
"""The states in which a lane needs a person to continue."""


def glyph_of(state: LaneState, *, ascii: bool = False) -> SafeText:
    """The state's glyph, one cell wide."""
    look = LOOKS[state]
    return look.ascii if ascii else look.glyph


def word_of(state: LaneState) -> SafeText:
    """The word for the state."""
    return LOOKS[state].word
