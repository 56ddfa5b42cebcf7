r"""Invisible parts of a text (escape sequences, controls, invisible characters), and how they are written out.

Programs colour their output by escape sequences. A sequence that begins in one text and does not end there would hide
the text that is appended, so `closed` is applied to each text before texts are joined.
"""

from __future__ import annotations

import functools
import re
import unicodedata

# Code points that are invisible and take no cell: general category Cf, and Unicode's default ignorable ones.
INVISIBLE = (
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
NONCHARACTERS = "\ufdd0-\ufdef\ufffe\uffff" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)
)
CONTROLS = "\x00-\x09\x0b-\x1f\x7f-\x9f"
_ODD_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
TONES = "\U0001f3fb-\U0001f3ff"  # Skin tones: our tables give them no cell, most terminals two.
_ODD = CONTROLS + INVISIBLE + NONCHARACTERS + _ODD_SPACES + TONES + "\u2028\u2029\ud800-\udfff"

SPELT = re.compile(f"[{_ODD}]")
HIDDEN = re.compile(f"[{CONTROLS}{INVISIBLE}{NONCHARACTERS}\ud800-\udfff]")
_BEYOND_16 = re.compile("[\U00010000-\U0010ffff]")
_HIDDEN_16 = re.compile(f"[{re.sub(_BEYOND_16.pattern + '-?', '', CONTROLS + INVISIBLE + NONCHARACTERS)}\ud800-\udfff]")
"""As `HIDDEN`, for texts without characters above 16 bits: the smaller class is searched ten times as fast."""

# Whole sequences (ECMA-48, 7 and 8 bit): CSI, strings with their end, charsets, two-character sequences.
# A string stops at any other control. So no search runs past the next control, and the time is linear.
_STRING = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*+(?:\x07|\x1b\\|\x9c)"
SEQUENCE = re.compile(
    rf"\x1b(?:\[[0-?]*+[ -/]*+[@-~]|[PX\]^_]{_STRING}|[ -/]++[0-~]|[0-OQ-WYZ\\`a-~])"
    rf"|\x9b[0-?]*+[ -/]*+[@-~]|[\x90\x98\x9d-\x9f]{_STRING}"
)
UNSEEN = re.compile(f"{SEQUENCE.pattern}|{HIDDEN.pattern}")
"""Everything invisible that may stand between the characters of a text: whole escape sequences, controls, odd code
points.
"""

_INTRODUCER = re.compile("[\x1b\x80-\x9f]")
"""The characters that begin an escape sequence, and nothing else."""


def closed(text: str) -> str:
    """The text without escape sequences and without characters that could begin one. Other odd characters stay."""
    if "\x1b" not in text and (text.isascii() or _INTRODUCER.search(text) is None):
        return text
    return _INTRODUCER.sub(lambda match: spelling(match[0]), SEQUENCE.sub("", text))


def parts_seen(text: str, border: str) -> list[str]:
    """Cuts the text at everything that `UNSEEN` matches, but faster. `border` is one of the characters of `HIDDEN`."""
    if _INTRODUCER.search(text) is not None:
        text = border.join(SEQUENCE.split(text))
    return (_HIDDEN_16 if _BEYOND_16.search(text) is None else HIDDEN).split(text)


@functools.cache
def spelling(char: str) -> str:
    """A control as its Unicode picture, any other odd character as its code point in hex."""
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if unicodedata.category(char) == "Zs":
        return "  " if char == "\u3000" else " "
    return f"<{code:02X}>" if code < 0x100 else f"<{code:04X}>"
