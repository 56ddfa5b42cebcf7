"""Text in which nothing is hidden, for messages on one line."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with all that is not printable escaped: files may hold anything, a message is one line."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
