"""Counts with their noun."""

from __future__ import annotations


def plural(count: int, one: str, many: str = "") -> str:
    """`1 lane`, `88 lanes`; `many` where it is not the noun with an s."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
