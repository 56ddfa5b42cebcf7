"""Reads the facts that some agents write into a small file beside a transcript."""

from __future__ import annotations

from tui.agents.registry import sidecar_for
from tui.model.event import LaneInfo, UnreadableLine


def sidecar_event(transcript: str) -> LaneInfo | UnreadableLine | None:
    """The facts in the small file beside a transcript; None if there are none."""
    known = sidecar_for(transcript)
    return known.kind.read(known.path) if known is not None else None


def facts_beside(transcript: str) -> LaneInfo | None:
    """As `sidecar_event`, without a file that cannot be read."""
    said = sidecar_event(transcript)
    return said if isinstance(said, LaneInfo) else None
