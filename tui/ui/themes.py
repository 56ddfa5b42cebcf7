"""PLACEHOLDER by the lead so that the rest runs; to be replaced whole by its owner."""

from __future__ import annotations

from rich.style import Style
from textual.app import App
from textual.theme import Theme

_C = {
    "text": "#c8d0dc",
    "strong": "bold #eef2f7",
    "dim": "#7d8899",
    "accent": "#7aa2f7",
    "title": "bold #eef2f7",
    "section": "bold #7d8899",
    "brand": "bold #0f1319 on #7aa2f7",
    "head": "#7d8899",
    "head.sort": "bold #7aa2f7",
    "name": "bold #eef2f7",
    "name.child": "#c8d0dc",
    "key": "bold #7aa2f7",
    "key.label": "#9aa5b5",
    "good": "#9ece6a",
    "warn": "#e0af68",
    "stop": "#f7768e",
    "bar.empty": "#2a3140",
    "state.working": "#7ec699",
    "state.needs_input": "bold #ffb454",
    "state.limited": "bold #f7768e",
    "state.stalled": "bold #ff7eb6",
    "state.waiting": "#7aa2f7",
    "state.idle": "#7d8899",
    "state.ended": "#7d8899",
    "pill.needs_input": "bold #0f1319 on #ffb454",
    "pill.limited": "bold #0f1319 on #f7768e",
    "pill.stalled": "bold #0f1319 on #ff7eb6",
    "burn.0": "#5f87af",
    "burn.1": "#6fb3b8",
    "burn.2": "#e0af68",
    "burn.3": "#ff9e64",
    "burn.4": "bold #ff757f",
    "burn.total": "bold #ff9e64",
    "usage.input": "#7aa2f7",
    "usage.cache_read": "#5f87af",
    "usage.cache_write": "#bb9af7",
    "usage.output": "#9ece6a",
    "usage.total": "#7aa2f7",
    "agent.claude": "#d7a07a",
    "agent.codex": "#8fbcbb",
}
_G = {"ground": "#0f1319", "surface": "#141a23", "panel": "#1a212c", "cursor": "#263145"}


class Styles:
    def __init__(self) -> None:
        self._made: dict[tuple[str, str], Style] = {}

    def of(self, role: str, ground: str = "ground") -> Style:
        key = (role, ground)
        if key not in self._made:
            base = Style(bgcolor=_G.get(ground, _G["ground"]))
            self._made[key] = base + Style.parse(_C.get(role, _C["text"]))
        return self._made[key]


class Themes:
    """Registers themes with Textual and gives role styles of the one in use."""

    names: tuple[str, ...] = ("lanewatch-dark",)
    current = "lanewatch-dark"

    def __init__(self) -> None:
        self.styles = Styles()

    notices: tuple[str, ...] = ()

    @classmethod
    def load(cls, settings: object, env: object) -> Themes:
        """All themes: shipped and the user's own; `env` is asked for NO_COLOR."""
        return cls()

    def register(self, app: App[None]) -> None:
        app.register_theme(
            Theme(
                "lanewatch-dark",
                primary="#7aa2f7",
                background=_G["ground"],
                surface=_G["surface"],
                panel=_G["panel"],
                foreground="#c8d0dc",
                dark=True,
            )
        )

    def use(self, name: str) -> str:
        return "lanewatch-dark"
