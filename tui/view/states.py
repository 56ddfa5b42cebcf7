"""PLACEHOLDER by the lead so that the rest runs: to be replaced whole by its owner."""

from __future__ import annotations

from tui.model.snapshot import LaneState
from tui.view.safe_text import SafeText

_T = {"needs_input": ("◆", "!", "needs you"), "limited": ("▣", "#", "limited"), "stalled": ("◌", "?", "stalled"), "waiting": ("◐", "w", "waiting"), "working": ("●", "*", "working"), "idle": ("○", "o", "idle"), "ended": ("·", ".", "ended")}


def glyph_of(state: LaneState, *, ascii: bool = False) -> SafeText:
    return SafeText(_T[state][1 if ascii else 0])


def word_of(state: LaneState) -> SafeText:
    return SafeText(_T[state][2])
