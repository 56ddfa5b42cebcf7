"""Removes text that changes without a meaning: ids, hashes, times, and the words of a label.

The results are only compared; the screen shows the original text.
"""

from __future__ import annotations

import re
from zlib import crc32

_DIGITS = bytes(35 if 48 <= byte <= 57 else byte for byte in range(256))
"""Every digit becomes `#`: numbers of one length become equal, in one pass over the bytes."""
LOWER = bytes(35 if 48 <= byte <= 57 else byte + 32 if 65 <= byte <= 90 else byte for byte in range(256))
"""As `_DIGITS`, and in lower case."""
_HEX_ONLY = bytes(35 if chr(byte) in "abcdefABCDEF#" else 32 for byte in range(256))
"""A table: `#` for each sign of a hash, a hexadecimal id or a part of a UUID, whose digits are `#` already."""

_VOLATILE = re.compile(
    r"""
    \d{4}-\d\d-\d\d(?:[T\ ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?   # dates
    | \d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?                                         # times of day, lengths
    | \b(?:                                                                      # one boundary for all: fast
        \d+(?:\.\d+)?\s?(?:ms|us|ns|µs|s|sec|secs|seconds|m|min)\b                # lengths of time
        | 0x[0-9a-fA-F]+\b
        | (?=[0-9a-fA-F-]*\d)(?=[0-9a-fA-F-]*[a-fA-F])[0-9a-fA-F]{6,}(?:-[0-9a-fA-F]{4,}){0,4}\b   # hashes, uuids
        | [A-Za-z]{1,12}[_-](?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{5,}\b            # req_8f3kx2
    )
    | \d{5,}(?:\.\d+)?                                                            # epochs, process ids, sizes
    """,
    re.VERBOSE,
)


def mark(text: str) -> int:
    """A 32-bit mark of a text: the same in every process."""
    return crc32(text.encode("utf-8", "replace"))


def without_ids(text: str) -> str:
    """The text with `#` for ids, hashes, times and long numbers. Small numbers and words may matter and stay."""
    return _VOLATILE.sub("#", text)


def without_digits(data: bytes) -> bytes:
    """The text with `#` for each digit.

    A quick test: texts that still differ are different, unless only hashes differ.
    """
    return data.translate(_DIGITS)


def without_hashes(data: bytes) -> bytes:
    """The text with `~` for the rest of each hash, which has four signs or more. Digits must be `#` already."""
    # By hand, since a regular expression looks at each sign and takes ten times as long.
    shown = data.translate(_HEX_ONLY)
    at = shown.find(b"####")
    if at < 0:
        return data
    parts: list[bytes] = []
    end = 0
    while at >= 0:
        parts.append(data[end:at])
        end = shown.find(b" ", at + 4)
        if end < 0:
            parts.append(b"")
            return b"~".join(parts)
        at = shown.find(b"####", end)
    parts.append(data[end:])
    return b"~".join(parts)


def is_redacted(text: str) -> bool:
    """Whether something was masked in the text, so that equality proves nothing."""
    return (
        "edacted" in text
        or "EDACTED" in text
        or "****" in text
        or "[hash" in text
        or "sha256:" in text
        or "<removed>" in text
        or "<masked>" in text
    )


_WORD = re.compile(r"[A-Za-z][a-z]+|[A-Z]+|[a-z]+|\d+")
LABEL_WORDS = 8


def label_words(title: str) -> tuple[bytes, ...]:
    """The words of an action's title in lower case: `S091 prove refund-hold` gives prove, refund, hold."""
    words = dict.fromkeys(word.lower() for word in _WORD.findall(title[:200]) if len(word) > 2 and not word.isdigit())
    return tuple(word.encode("ascii") for word in list(words)[:LABEL_WORDS])


def without_label(data: bytes, words: tuple[bytes, ...]) -> bytes:
    """The text in lower case, without the words of the action's own label."""
    data = data.lower()
    for word in words:
        data = data.replace(word, b"~")
    return data
