"""The choices that the operator made on the screen, kept over restarts: theme, view, order, columns, window, split."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from tui.config.schema import Settings
from tui.config.state_file import Document, StateFile, as_table, read_fields
from tui.ledger.burn import WINDOWS_S
from tui.model.frozen import frozen
from tui.settings.declare import setting
from tui.settings.kinds import Choice, Switch, Text, Whole, Window, Words
from tui.text.messages import printable
from tui.view.columns.registry import all_sorts

SCHEMA = 1


def _sorts() -> tuple[str, ...]:
    return tuple(sort.name for sort in all_sorts())


@frozen
class Choices:
    """The choices: each field is remembered independently of the others."""

    theme: str = setting("", Text("a theme's name"), "The theme.")
    view: str = setting("", Text("a view's name"), "The saved view that is shown; empty: none.")
    sort: str = setting("attention", Choice(_sorts), "The order of the table.")
    reverse: bool = setting(False, Switch(), "Whether that order is reversed.")
    window_s: int = setting(300, Window(WINDOWS_S), "The burn window, in seconds.")
    used: bool = setting(False, Switch(), "Whether a key was ever pressed: until then the keys that matter are shown.")
    filters: tuple[str, ...] = setting((), Words(item="filters"), "The last filters, the newest first.")
    columns: tuple[str, ...] = setting(
        (), Words(item="columns"), "The columns from left to right, some with a width; empty: as many as fit."
    )
    split: int = setting(
        0, Whole(0, 90), "The height of the panel below the table, in percent of the screen; 0: chosen by lanewatch."
    )

    @classmethod
    def configured(cls, settings: Settings) -> Choices:
        """The choices of the configuration."""
        screen = settings.screen
        return cls(theme=screen.theme, sort=screen.sort, columns=screen.columns, window_s=settings.burn.window_s)


def _say_nothing(_text: str) -> None:
    pass


class Remembered:
    """The choices of the operator in a small private file; for fields without one, those of the configuration.

    A choice counts until the value in the configuration changes: a person who edits the configuration then sees its new
    value. On a disk that cannot be written, choices count until lanewatch ends.
    """

    def __init__(
        self, file: Path | None = None, configured: Choices | None = None, tell: Callable[[str], None] = _say_nothing
    ) -> None:
        """Reads the file; None keeps nothing. `tell` receives a line for the operator if the file is damaged."""
        self._file = StateFile(file, SCHEMA) if file is not None else None
        self._configured = configured or Choices()
        self._tell = tell
        self.chosen = self._read()
        """The choices that count now."""

    @property
    def is_kept(self) -> bool:
        """True if choices are written to a file."""
        return self._file is not None

    def keep(self, **changes: object) -> None:
        """Remembers choices by their names in `Choices`. Nothing is written if they count already."""
        chosen = replace(self.chosen, **changes)  # pyright: ignore[reportArgumentType]
        if chosen == self.chosen:
            return
        self.chosen = chosen
        if self._file is None:
            return
        configured = asdict(self._configured)
        made = {name: {"value": value, "configured": configured[name]} for name, value in changes.items()}

        def merged(document: Document) -> Document:
            return {"chosen": as_table(document.get("chosen")) | made}

        with contextlib.suppress(OSError):  # only a convenience: a disk that cannot be written is no error here
            self._file.change(merged)

    def _read(self) -> Choices:
        if self._file is None:
            return self._configured
        document, wrong = self._file.read()
        if wrong:
            self._tell(f"{self._file.path}: {wrong}; the screen begins as the configuration says")
        configured = as_table(json.loads(json.dumps(asdict(self._configured))))
        chosen = as_table(document.get("chosen"))
        entries = {name: as_table(entry) for name, entry in chosen.items()}
        counted = {
            name: entry.get("value")
            for name, entry in entries.items()
            if name in configured and entry.get("configured") == configured[name]
        }
        values, problems = read_fields(Choices, counted)
        for problem in problems:
            self._tell(printable(f"{self._file.path}: {problem}"))
        return replace(self._configured, **values)  # pyright: ignore[reportArgumentType]
