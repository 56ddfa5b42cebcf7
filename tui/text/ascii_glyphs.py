"""Our own glyphs in plain ASCII, one cell for one cell: for fonts and terminals that have no others."""

from __future__ import annotations

from tui.text.safe_text import SafeText

_GLYPHS = {
    "└": "`", "▸": ">", "·": ".", "…": "~", "↻": "@", "≥": ">", "×": "x", "✓": "v", "√": "v", "▼": "v", "▲": "^",
    "⊗": "X", "✗": "x", "“": '"', "”": '"', "┤": "|", "○": "o", "●": "*", "◐": "w", "◆": "!", "■": "#", "◌": "?",
    "‹": "<", "›": ">", "│": "|", "─": "-", "–": "-",
    "▏": ".", "▎": ":", "▍": ":", "▌": "|", "▋": "|", "▊": "#", "▉": "#", "█": "#",
    "▁": "_", "▂": "_", "▃": ".", "▄": "-", "▅": "=", "▆": "=", "▇": "#", "␛": "^", "←": "<", "→": ">", "↑": "^",
    "↓": "v", "▶": ">", "‖": "=", "⣀": ".", "⣤": ":", "⣶": "|", "⣿": "#",
}  # fmt: skip
_TABLE = str.maketrans(_GLYPHS)


def in_ascii(text: SafeText) -> SafeText:
    """The text with our own glyphs replaced. Other people's letters stay as they are."""
    return text if text.isascii() else SafeText(text.translate(_TABLE))
