r"""The boundary between the text of agents and the terminal.

Every text of a transcript is hostile: it may hold escape sequences (also 8-bit ones) that rename the window, write the
clipboard or move the cursor, bidirectional overrides and invisible characters that make it look like another text, very
many combining marks, and secrets. `safe_text` is the only way from such a text to a `SafeText`, and a `SafeText` is the
only text that a widget takes.

A result never contains: control characters (C0, DEL, C1), lone surrogates, noncharacters, format and other invisible
characters, spaces other than U+0020, line separators (except `\n` where asked for), more than four combining marks in a
row. Such characters are written as visible ones (`␛`, `<9B>`, `<202E>`), so that a reader knows that they were there.
Whole escape sequences, with which programs colour their output, are removed. This module does not escape markup: draw
a SafeText with a call that parses no markup.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from tui.text.own_text import SafeText
from tui.text.secrets.find import Span, mask_secrets, replace_spans, secret_spans
from tui.text.secrets.invisible import HIDDEN, SEQUENCE, SPELT, TONES, spelling

CUT = "…"
TAB = "    "

_HELD_BACK = 256
"""Characters behind the cut that are searched for secrets, but not shown: without them, a secret that the cut divides
would not be recognised.
"""
_EXPANSION = 16
"""Raw characters that are read for each one shown, so that a text with a colour sequence before every character still
fills a line.
"""
_CACHED_CHARS = 512
_MOST_MARKS = 4
"""The most combining marks in a row. Living languages need fewer."""
_PATH_CHARS = 4096

_BLANK = "\u2800"
"""A Braille pattern without dots: it looks like a space."""


@functools.cache
def _not_exact() -> re.Pattern[str]:
    return re.compile(f"{SPELT.pattern}|{_BLANK}")


# Common ranges, without combining marks and odd characters. All other texts are checked character by character.
_GOOD = (
    " -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u058f\u2010-\u2027\u2030-\u205e\u2070-\u20cf\u2100-\u2cee"
    "\u2e00-\u2fef\u2ff0-\u2fff\u3001-\u3029\u3030-\u3098\u309b-\u3163\u3165-\ua66e\uac00-\ud7a3\ue000-\ufb1d"
    "\uff01-\uff9f\uffa1-\uffef\ufffc\ufffd\U0001f000-\U0001f3fa\U0001f400-\U0001faff\U00020000-\U0002fffd"
)


@functools.cache
def _suspect(*, lines: bool) -> re.Pattern[str]:
    """What is not common. Compiled when the first text comes: that takes longer than all else a short command does."""
    return re.compile(f"[^{_GOOD}\n]" if lines else f"[^{_GOOD}]")


_EMOJI = "\u00a9\u00ae\u203c-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
# Terminals disagree about the width of joined emoji, so the parts are shown without the joiner.
_GLUE = re.compile(
    f"(?<=[{_EMOJI}#*0-9])[\ufe0e\ufe0f](?![\ufe00-\ufe0f])|(?<=[{_EMOJI}\ufe0f])(?:\u200d(?=[{_EMOJI}])|[{TONES}])"
)


def safe_text(raw: str, *, limit: int = 400, lines: bool = False) -> SafeText:
    r"""The text in a form that is safe to show.

    It has at most `limit` characters, on one line unless `lines` keeps its newlines. The work is bounded by `limit`,
    however long the text is. A text that was cut ends with `…`; a newline is shown as `⏎`, a tab as four spaces, a
    secret as its prefix and a mask. A second call on the result changes nothing.
    """
    if len(raw) <= _CACHED_CHARS:
        return _cached(raw, limit, lines)
    return _safe(raw, limit, lines)


def exact_text(raw: str) -> SafeText:
    r"""The whole text, with its line breaks, for a person who decides about it: nothing is cut or left out.

    No character is shown as another one. Besides what `safe_text` writes out, it writes out tabs, spaces other than
    U+0020, blank glyphs, variation selectors, joiners, each combining mark of a flood, and letters that pose as Latin
    ones. Secrets are masked: see `shows_all`.
    """
    return SafeText(mask_secrets(_spelt_out(_mask_hidden(raw))))


def shows_all(raw: str) -> bool:
    """False if `exact_text` masks a part of the text as a secret, so that a reader does not see all of it."""
    return exact_text(raw) == _spelt_out(raw)


def safe_path(raw: str, *, limit: int = 60) -> SafeText:
    """A path within `limit` characters. Its end is kept, because it distinguishes files: `…/src/main.py`."""
    text = safe_text(raw, limit=_PATH_CHARS)
    if len(text) <= limit:
        return text
    if limit <= 1:
        return SafeText(CUT[:limit])
    tail = text[1 - limit :]
    slash = tail.find("/")
    return SafeText(CUT + (tail if slash < 0 else tail[slash:]))


@functools.lru_cache(maxsize=4096)
def _cached(raw: str, limit: int, lines: bool) -> SafeText:
    return _safe(raw, limit, lines)


def _safe(raw: str, limit: int, lines: bool) -> SafeText:
    if limit <= 0:
        return SafeText("")
    bound = limit + _HELD_BACK
    text = raw if len(raw) <= bound else raw[:bound]
    whole = len(text) == len(raw)
    if not _is_plain(text, lines):
        text = raw[: bound * _EXPANSION]
        whole = len(text) == len(raw)
        text = SEQUENCE.sub("", text)
        whole = whole and len(text) <= bound
        text = text[:bound]
        if not _is_plain(text, lines):
            text = _visible(text, lines)
    text = mask_secrets(text)
    if whole and len(text) <= limit:
        return SafeText(text)
    room = limit if whole else min(limit, max(1, len(text) - _HELD_BACK + 1))
    return SafeText(text[: room - 1] + CUT)


def _is_plain(text: str, lines: bool) -> bool:
    if text.isascii() and text.isprintable():
        return True
    return _suspect(lines=lines).search(text) is None


def _visible(text: str, lines: bool) -> str:
    """The text with odd characters made visible; secrets that they had hidden are masked."""
    text = text.replace("\r\n", "\n").replace("\t", TAB)
    if not text.isascii():
        text = _GLUE.sub("", text)
    text = _mask_hidden(text)
    if not lines:
        text = text.replace("\n", "⏎")
    text = SPELT.sub(_spell, text)
    return text if _is_plain(text, lines) else _bound_marks(text)


def _mask_hidden(text: str) -> str:
    """Masks secrets that are interrupted by invisible characters: it searches the text without these characters."""
    if HIDDEN.search(text) is None:
        return mask_secrets(text)
    bare = HIDDEN.sub("", text)
    spans = secret_spans(bare)
    if not spans:
        return text
    places = [index for index, char in enumerate(text) if HIDDEN.match(char) is None]
    return replace_spans(text, [_placed(span, places) for span in spans])


def _placed(span: Span, places: list[int]) -> Span:
    return places[span[0]], places[span[1] - 1] + 1


def _spell(match: re.Match[str]) -> str:
    return spelling(match[0])


def _spelt_out(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = _not_exact().sub(_spell_exactly, text)
    if text.isascii():
        return text
    marks = _marks()
    return _WORD.sub(_spell_posing, marks.flood.sub(_spell_flood, marks.orphan.sub("\u25cc", text)))


def _spell_exactly(match: re.Match[str]) -> str:
    char = match[0]
    if char == "\t":
        return "\u2409   "
    return f"<{ord(char):04X}>" if char == _BLANK or unicodedata.category(char) == "Zs" else spelling(char)


def _spell_flood(match: re.Match[str]) -> str:
    run = match[0]
    return run[:_MOST_MARKS] + "".join(f"<{ord(mark):04X}>" for mark in run[_MOST_MARKS:])


def _bound_marks(text: str) -> str:
    marks = _marks()
    text = marks.orphan.sub("\u25cc", text)
    return marks.flood.sub(_shorten, text)


def _shorten(match: re.Match[str]) -> str:
    run = match[0]
    return f"{run[:_MOST_MARKS]}<+{len(run) - _MOST_MARKS}>"


class _Marks:
    """Patterns for combining marks.

    `orphan`: a mark without a base character; `flood`: more marks in a row than any language writes.
    """

    def __init__(self, chars: str) -> None:
        self.orphan = re.compile(rf"(?:\A|(?<=\n))(?=[{chars}])")
        self.flood = re.compile(rf"[{chars}]{{{_MOST_MARKS + 1},}}")


# These have no cell of their own either: Hangul vowels and finals, and marks that are newer than Python 3.11's tables.
_MORE_MARKS = (
    "\u0897\u0cf3\u0ece\u1160-\u11ff\u1acf-\u1add\u1ae0-\u1aeb\ud7b0-\ud7ff\U00010d69-\U00010d6d"
    "\U00010efa-\U00010eff\U00011241\U000113b8-\U000113c0\U000113c2\U000113c5\U000113c7-\U000113ca"
    "\U000113cc-\U000113d0\U000113d2\U000113e1\U000113e2\U00011b60-\U00011b67\U00011f00\U00011f01\U00011f03"
    "\U00011f34-\U00011f3a\U00011f3e-\U00011f42\U00011f5a\U00013440\U00013447-\U00013455\U0001611e-\U0001612f"
    "\U0001e08f\U0001e4ec-\U0001e4ef\U0001e5ee\U0001e5ef\U0001e6e3\U0001e6e6\U0001e6ee\U0001e6ef\U0001e6f5"
)


@functools.cache
def _marks() -> _Marks:
    """Compiled for the first text: reading the table of `unicodedata` takes some milliseconds."""
    codes = [code for code in range(0x300, 0x1F000) if unicodedata.category(chr(code)) in ("Mn", "Me", "Mc")]
    return _Marks(_MORE_MARKS + "".join(map(chr, codes)))


_WORD = re.compile(r"\w+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
# All Cyrillic letters, the Greek ones that look Latin, full-width and mathematical letters.
_POSING = re.compile(
    r"[\u0400-\u052f\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03b1\u03b3\u03b7"
    r"\u03b9\u03ba\u03bd\u03bf\u03c1\u03c5\u03c7\u03f2\u03f3\u03f9\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7cb]"
)


def _spell_posing(match: re.Match[str]) -> str:
    word = match[0]
    if _LATIN.search(word) is None:
        return word
    return _POSING.sub(lambda char: f"<{ord(char[0]):04X}>", word)
