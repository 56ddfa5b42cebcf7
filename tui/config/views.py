"""Views that the operator saved: filter, groups, hidden lanes, order and columns. Each has a name, some a digit key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

from tui.config.state_file import Document, StateFile, as_table, read_fields
from tui.model.frozen import frozen
from tui.settings.declare import setting
from tui.settings.kinds import Choice, Switch, Text, Whole, Words
from tui.text.messages import printable, quoted
from tui.view.arrange import Hide
from tui.view.columns.registry import all_groupings, all_sorts

SCHEMA = 1
KEYS = range(1, 10)
"""The digit keys that can show a view."""
MOST = 100
NAME_CHARS = 40


def _sorts() -> tuple[str, ...]:
    return tuple(sort.name for sort in all_sorts())


def _groups() -> tuple[str, ...]:
    return ("", *(group.name for group in all_groupings()))


@frozen
class View:
    """A saved arrangement of the table."""

    name: str = setting("", Text("a name"), "Its name, which is unique.")
    key: int = setting(0, Whole(0, KEYS[-1]), "The digit that shows it; 0: none.")
    filter: str = setting("", Text("a filter"), "The filter; empty: all lanes.")
    group: str = setting("", Choice(_groups), "What lanes are grouped by; empty: nothing.")
    hide: str = setting("none", Choice(tuple(Hide)), "Which lanes are hidden.")
    sort: str = setting("attention", Choice(_sorts), "The order of the rows.")
    reverse: bool = setting(False, Switch(), "Whether that order is reversed.")
    columns: tuple[str, ...] = setting(
        (),
        Words(item="columns"),
        "The columns from left to right, some with a width (`name:30`); empty: as many as fit.",
    )


class SavedViews:
    """The saved views, in a private file of the state folder.

    If it cannot be written, they hold until lanewatch ends, and that is reported.
    """

    def __init__(self, file: Path | None = None, tell: Callable[[str], None] = lambda _text: None) -> None:
        """Reads the file; None keeps views in memory. `tell` receives a line for the operator."""
        self._file = StateFile(file, SCHEMA, lambda document: _read(document)[1]) if file is not None else None
        self._tell = tell
        self._views: dict[str, View] = {}
        self.refresh()

    @property
    def is_kept(self) -> bool:
        """True if the views are written to a file."""
        return self._file is not None

    def all(self) -> tuple[View, ...]:
        """All views: those on keys in the order of their keys, then the others by name."""
        return tuple(sorted(self._views.values(), key=lambda view: (view.key or KEYS.stop, view.name)))

    def named(self, name: str) -> View | None:
        """The view of this name."""
        return self._views.get(name)

    def on_key(self, key: int) -> View | None:
        """The view on a digit key."""
        return next((view for view in self._views.values() if view.key == key), None)

    def save(self, view: View, key: int | None = None) -> View:
        """Saves a view in place of the one with its name, and returns it with its key.

        Without a `key` a view that exists keeps its key, and a new view gets the first free key. A view that had the
        given key loses it.

        Raises:
            ValueError: the name is empty, or there are too many views.
        """
        self.refresh()
        name = view.name.strip()
        if not name or len(name) > NAME_CHARS or not name.isprintable():
            raise ValueError(f"a view needs a name of at most {NAME_CHARS} characters")
        if name not in self._views and len(self._views) >= MOST:
            raise ValueError(f"there are {MOST} views: delete one first")
        known = self._views.get(name)
        taken = {one.key for one in self._views.values()}
        free = next((one for one in KEYS if one not in taken), 0)
        kept = key if key is not None else known.key if known is not None else free
        saved = replace(view, name=name, key=kept)
        others = {one.name: replace(one, key=0) if one.key == kept else one for one in self._views.values()}
        self._change(others | {name: saved})
        return saved

    def delete(self, name: str) -> bool:
        """Removes a view. False if there is none of this name."""
        self.refresh()
        if name not in self._views:
            return False
        self._change({one: view for one, view in self._views.items() if one != name})
        return True

    def refresh(self) -> None:
        """Reads what other lanewatch processes have written. If the file is unchanged, only its date is checked."""
        if self._file is None or not self._file.has_changed:
            return
        document, wrong = self._file.read()
        self._views = _read(document)[0]
        if wrong:
            self._tell(printable(f"{self._file.path}: {wrong}"))

    def _change(self, views: dict[str, View]) -> None:
        self._views = views
        if self._file is None:
            return
        entries = [asdict(view) for view in self.all()]
        try:
            wrong = self._file.change(lambda _document: {"views": entries}, durable=True)
        except OSError as error:
            self._tell(printable(f"{self._file.path}: views hold until lanewatch ends: {error.strerror or error}"))
            return
        if wrong:
            self._tell(printable(f"{self._file.path}: {wrong}"))


def _read(document: Document) -> tuple[dict[str, View], str]:
    """The views in the file, and what is wrong with it ("" if nothing). A wrong value has its default."""
    entries = document.get("views", None if document else [])
    if not isinstance(entries, list):
        return {}, f"views cannot be read: not a list of views of schema {SCHEMA}"
    found: dict[str, View] = {}
    wrong: list[str] = []
    for entry in cast("list[object]", entries)[:MOST]:
        values, problems = read_fields(View, as_table(entry))
        view = replace(View(), **values)  # pyright: ignore[reportArgumentType]
        if view.name and view.name not in found:
            found[view.name] = view
            wrong += [f"view {quoted(view.name)}: {problem}" for problem in problems]
        else:
            wrong.append("a view without a name of its own")
    return found, "; ".join(wrong[:3])
