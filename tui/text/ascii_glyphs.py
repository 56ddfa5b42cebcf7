"""Our own glyphs in plain ASCII, one cell each, for fonts and terminals that lack them."""

from __future__ import annotations

from tui.text.safe_text import SafeText

_GLYPHS = {
    "└": "`", "▸": ">", "·": ".", "…": "~", "↻": "@", "≥": ">", "×": "x", "✓": "v", "√": "v", "▼": "v", "▲": "^",
    "Σ": "=", "▾": "v",
    "⊗": "X", "✗": "x", "“": '"', "”": '"', "┤": "|", "○": "o", "●": "*", "◐": "w", "◆": "!", "■": "#", "◌": "?",
    "‹": "<", "›": ">", "│": "|", "─": "-", "–": "-",
    "▏": ".", "▎": ":", "▍": ":", "▌": "|", "▋": "|", "▊": "#", "▉": "#", "█": "#",
    "▁": "_", "▂": "_", "▃": ".", "▄": "-", "▅": "=", "▆": "=", "▇": "#", "␛": "^", "←": "<", "→": ">", "↑": "^",
    "↓": "v", "▶": ">", "‖": "=", "⣀": ".", "⣤": ":", "⣶": "|", "⣿": "#", "∴": ":", "☰": "=", "⋯": "~",
}  # fmt: skip
_TABLE = str.maketrans(_GLYPHS)


def in_ascii(text: SafeText) -> SafeText:
    """The text with our own glyphs replaced. Other characters stay."""
    return text if text.isascii() else SafeText(text.translate(_TABLE))
