"""The steps of budgets that were reached, in a file of the state folder, so that each is told once over restarts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

from tui.budget.standing import Standing
from tui.budget.steps import Key, Reached, advanced
from tui.config.state_file import Document, StateFile
from tui.text.messages import printable

SCHEMA = 1
MOST = 10_000


class BudgetSteps:
    """The steps that were reached. If the file cannot be written, they hold until lanewatch ends.

    Not thread-safe. A change is made under a lock to the present content of the file.
    """

    def __init__(self, file: Path | None = None, tell: Callable[[str], None] = lambda _text: None) -> None:
        """None keeps them in memory. `tell` receives a line for the operator when the file cannot be used."""
        self._file = StateFile(file, SCHEMA) if file is not None else None
        self._tell = tell
        self._told = ""
        self._known: Mapping[Key, Reached] = _read(self._file.read()[0]) if self._file is not None else {}

    def advance(self, standings: Sequence[Standing], now: float) -> Mapping[Key, Reached]:
        """The steps that are reached at `now` (seconds UTC); writes them down if they changed."""
        if self._file is not None and self._file.has_changed:
            self._known = _read(self._file.read()[0])
        found = advanced(self._known, standings, now)
        keys = {one.key for one in standings}
        kept = {key: reached for key, reached in self._known.items() if key not in keys}
        if self._file is not None and kept | found != self._known:
            self._write(standings, now)
        else:
            self._known = kept | found
        return found

    def _write(self, standings: Sequence[Standing], now: float) -> None:
        keys = {one.key for one in standings}

        def changed(document: Document) -> Document:
            known = _read(document)
            others = {key: reached for key, reached in known.items() if key not in keys}
            self._known = dict(list((others | advanced(known, standings, now)).items())[-MOST:])
            return {"steps": [[*key, *reached] for key, reached in self._known.items()]}

        assert self._file is not None  # noqa: S101 (only called with a file)
        try:
            wrong = self._file.change(changed)
        except OSError as error:
            wrong = f"the steps of budgets hold until lanewatch ends: {error.strerror or error}"
        if wrong and wrong != self._told:
            self._told = wrong
            self._tell(printable(f"{self._file.path}: {wrong}"))


def _read(document: Document) -> dict[Key, Reached]:
    entries = document.get("steps")
    found: dict[Key, Reached] = {}
    for entry in cast("list[object]", entries) if isinstance(entries, list) else []:
        match entry:
            case [
                str(budget),
                str(owner),
                int() | float() | None as start,
                int() | float() as step,
                int() | float() as at,
            ]:
                found[budget, owner] = Reached(start, step, at)
            case _:
                pass
    return found
