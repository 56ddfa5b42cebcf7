"""Words and values for messages: on one line, without control characters, with a hint at the word that was meant."""

from __future__ import annotations

_SHOWN_CHARS = 60


def quoted(value: object) -> str:
    """A value for a message: in quotes, on one line, not too long."""
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    shown = printable(shown)
    return shown if len(shown) <= _SHOWN_CHARS else shown[: _SHOWN_CHARS - 1] + "…"


def nearest(word: str, known: list[str] | tuple[str, ...]) -> str:
    """A hint at the known word that was probably meant, to be put at a message's end; empty if none is near."""
    from difflib import get_close_matches  # noqa: PLC0415 (rarely needed, and slow to import)

    near = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def printable(text: str) -> str:
    """The text with everything that is not printable escaped, so that a message is one line."""
    return (
        text
        if text.isprintable()
        else "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
    )
