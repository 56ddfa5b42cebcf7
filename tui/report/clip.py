"""Cutting raw texts so that no secret is cut in two: half of one would be masked by nobody."""

from __future__ import annotations

from tui.text.secrets.find import MASK, mask_secrets, secret_spans

HELD_BACK = 256
"""Characters beyond the limit that are looked at: a secret that begins before it may end there."""


def clip(text: str, limit: int) -> str:
    """The first `limit` characters; fewer where a secret lies across the limit."""
    if len(text) <= limit:
        return text
    for start, end in secret_spans(text[: limit + HELD_BACK]):
        if start < limit < end:
            return text[:start]
    return text[:limit]


def shortened(text: str, limit: int) -> str:
    """A text of at most `limit` characters, cut between words where it can be; what was cut ends in `…`."""
    text = text.strip()
    if len(text) <= limit:
        return text
    cut = clip(text, limit - 1)
    space = cut.rfind(" ")
    return f"{cut[:space].rstrip(' ,;:') if space > limit // 2 else cut.rstrip()}…"


def whole_line(text: str, part: str) -> str:
    """The line of a text in which `part` stands, whole; the mask alone where a key of several lines runs through it."""
    at = text.find(part)
    if at < 0 or not part:
        return mask_secrets(part)
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at + len(part))
    end = end if end >= 0 else len(text)
    line = text[start:end].strip()
    for first, last in secret_spans(text):
        if first < end and last > start and not (start <= first and last <= end):
            return MASK
    return line
