"""What is to be counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tui.sources.found import Found


class Wanted(NamedTuple):
    """The transcripts to count, and how they are read."""

    found: Sequence[Found]
    """All transcripts."""
    roots: Sequence[str]
    """The real paths of the folders and files in which they lie."""
    cap: int
    """Bytes of the longest line that is read."""
    thresholds: Sequence[int]
    """The sizes of prompts, ascending, above which some model has another price."""
    processors: int = 1
