"""One folder for each finding: `raised`, in which it holds, and `quiet`, in which something only looks like it."""

from __future__ import annotations

from writing.findings import circles, collisions, families, money, words
from writing.findings.case import Case
from writing.lane import Lane

STORIES = (families, circles, words, money, collisions)


def cases() -> list[Case]:
    """Every folder."""
    return [case for story in STORIES for case in story.cases()]


def lanes() -> list[Lane]:
    """Every lane of every folder."""
    return [lane for case in cases() for lane in case.lanes]
