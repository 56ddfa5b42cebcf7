"""PLACEHOLDER by the lead so that the rest runs; to be replaced whole by its owner."""

from __future__ import annotations

from tui.ui.bindings import SCOPES
from tui.view.safe_text import SafeText, safe_text


class KeyTable:
    """The keys as configured. `textual_keymap`: id -> keys for App.set_keymap; `shown(id)`: keys for the screen."""

    def __init__(self, keys: dict[str, str]) -> None:
        self.textual_keymap = {key.id: key.keys for rows in SCOPES.values() for key in rows} | keys

    def shown(self, binding: str) -> SafeText:
        names = {"slash": "/", "question_mark": "?", "escape": "esc", "pagedown": "pgdn", "pageup": "pgup", "colon": ":"}
        return safe_text(" ".join(names.get(k, k) for k in self.textual_keymap[binding].split(",")[:1]))
