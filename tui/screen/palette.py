"""What the command palette lists: every key's action by its name, the orders and the themes. All words are our own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from tui.screen.bindings import Key
from tui.view.arrange import Sort

THEME = "theme:"
"""Before the name of a theme that was chosen."""
IN_PALETTE = ("app.", "lane.", "fleet.", "finding.", "verb.", "order.", "replay.")
NOT_IN_PALETTE = ("back", "command_palette")


class Entry(NamedTuple):
    """One line of it, and what choosing it means: a key's action, an order of the rows, a theme."""

    words: str
    help: str
    chosen: Sort | str


def palette(scopes: Mapping[str, tuple[Key, ...]], themes: Iterable[str]) -> Iterator[Entry]:
    """All lines, the keys of these scopes first."""
    for keys in scopes.values():
        for key in keys:
            if key.id.startswith(IN_PALETTE) and "(" not in key.action and key.action not in NOT_IN_PALETTE:
                yield Entry(key.description, key.id, key.action)
    for sort in Sort:
        yield Entry(f"Sort by {sort.value}", "sort the rows now", sort)
    for name in themes:
        yield Entry(f"Theme: {name}", "another theme", f"{THEME}{name}")
