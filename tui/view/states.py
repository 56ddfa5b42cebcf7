"""How a lane's state looks without colour: its glyph, its ASCII glyph, its word.

Glyphs are one cell wide in every terminal font that has them (Geometric Shapes and General Punctuation, none of them
an emoji); the ASCII ones serve where a font or a screen reader has none.
"""

from __future__ import annotations

from typing import NamedTuple

from tui.model.snapshot import LaneState
from tui.text.safe_text import SafeText

WORD_CELLS = 10


class StateLook(NamedTuple):
    """One state: a glyph, the same in ASCII, and a word of at most `WORD_CELLS` cells."""

    glyph: SafeText
    ascii: SafeText
    word: SafeText


def _look(glyph: str, plain: str, word: str) -> StateLook:
    return StateLook(SafeText(glyph), SafeText(plain), SafeText(word))


LOOKS: dict[LaneState, StateLook] = {
    LaneState.NEEDS_INPUT: _look("◆", "!", "needs you"),
    LaneState.LIMITED: _look("■", "#", "limited"),
    LaneState.STALLED: _look("◌", "~", "stalled"),
    LaneState.WAITING: _look("◐", "?", "waiting"),
    LaneState.PAUSING: _look("▷", ">", "pausing"),
    LaneState.REDIRECTING: _look("◇", "<", "redirect"),
    LaneState.CLOSING: _look("□", "=", "closing"),
    LaneState.WORKING: _look("●", "*", "working"),
    LaneState.PAUSED: _look("‖", "|", "paused"),
    LaneState.IDLE: _look("○", "-", "idle"),
    LaneState.CLOSED: _look("×", "x", "closed"),
    LaneState.ENDED: _look("·", ".", "ended"),
}


def glyph_of(state: LaneState, *, ascii: bool = False) -> SafeText:
    """The state's glyph, one cell wide."""
    look = LOOKS[state]
    return look.ascii if ascii else look.glyph


def word_of(state: LaneState) -> SafeText:
    """The state in a word."""
    return LOOKS[state].word
