"""A transcript on disk."""

from __future__ import annotations

from typing import NamedTuple


class Found(NamedTuple):
    """A transcript on disk: size in bytes, times in seconds UTC.

    Two of one file are unequal if anything in the file changed.
    """

    path: str
    dev: int
    ino: int
    size: int
    mtime: float
    ctime: float
    """Changes with permissions and links too."""
