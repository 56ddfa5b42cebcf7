"""The width of text in terminal cells, by the same tables that the screen uses."""

from __future__ import annotations

from rich.cells import cell_len

from tui.text.safe_text import SafeText


def width(text: SafeText) -> int:
    """The width of the text in cells."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: SafeText, cells: int, *, right: bool = False) -> SafeText:
    """The text in exactly `cells` cells: padded, or cut with `…`."""
    short = cut(text, cells)
    gap = " " * (cells - width(short))
    return SafeText(gap + short) if right else SafeText(short + gap)


def cut(text: SafeText, cells: int) -> SafeText:
    """The text in at most `cells` cells; the last one is `…` if something is missing."""
    if width(text) <= cells:
        return text
    if cells <= 0:
        return SafeText("")
    if text.isascii():
        return SafeText(text[: cells - 1] + "…")
    used = 0
    for index, char in enumerate(text):
        used += cell_len(char)
        if used > cells - 1:
            return SafeText(text[:index] + "…")
    return text
