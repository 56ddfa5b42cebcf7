"""Which keys the footer names where: what can be pressed now, the most wanted first."""

from __future__ import annotations

from collections.abc import Callable

from tui.screen.bindings import APP, FLEET, LIVE, REPLAY, VERBS
from tui.screen.widgets.key_bar import KeyHint
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import own

_VERBS = tuple(key.id for key in VERBS)
_WANTED = {
    "table": (
        "lane.open", *_VERBS, "finding.list", "app.help", "app.quit", "lane.filter", "lane.next", "lane.sort",
        "order.audit", "lane.jump", "lane.explain",
    ),
    "detail": (
        "app.back", *_VERBS, "lane.next", "finding.mute", "lane.explain", "lane.jump", "app.help", "app.quit",
    ),
    "findings": (
        "app.back", "lane.open", *_VERBS, "lane.next", "finding.mute", "lane.explain", "lane.jump", "app.help",
    ),
}  # fmt: skip
_REPLAY = (
    "replay.play", "lane.next", "replay.next_action", "replay.next_event", "replay.slower", "replay.faster",
    "replay.jump", "replay.what_if", "finding.list", "lane.open", "app.help", "app.quit", "order.audit",
)  # fmt: skip
_INPUTS = {
    "filter": (KeyHint(own("enter"), own("keep"), "screen.keep_filter"),
               KeyHint(own("esc"), own("clear"), "screen.back")),
    "time": (KeyHint(own("enter"), own("go there"), "screen.go_to_time"),
             KeyHint(own("esc"), own("cancel"), "screen.back")),
    "mute": (KeyHint(own("enter"), own("mute"), "screen.keep_mute"),
             KeyHint(own("esc"), own("cancel"), "screen.back")),
}  # fmt: skip
_WORDS = {"app.back": "back"}
_KEYS = {key.id: key for key in (*APP, *FLEET, *LIVE, *REPLAY)}


def hints(scope: str, key_of: Callable[[str], SafeText], *, verbs: bool = True, replay: bool = False) -> list[KeyHint]:
    """Hints for `table`, `detail`, `findings`, and the inputs `filter`, `mute`, `time`; without `verbs` none of those.

    In a replay the table's are of the replay, and what only live lanes can do is left out.
    """
    if scope in _INPUTS:
        return list(_INPUTS[scope])
    made: list[KeyHint] = []
    for name in _REPLAY if replay and scope == "table" else _WANTED[scope]:
        if (name.startswith("verb.") and not verbs) or (name == "lane.jump" and replay):
            continue
        key = _KEYS[name]
        made.append(KeyHint(key_of(name), safe_text(key.hint or _WORDS[name]), f"screen.{key.action}"))
    return made
