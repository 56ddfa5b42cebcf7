"""Tags: words of the operator's own on lanes, in a file of the state folder. Several processes may write it at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import cast

from tui.config.state_file import Document, StateFile
from tui.model.evidence import LaneId
from tui.text.messages import printable, quoted

SCHEMA = 1
MOST = 10_000
"""Maximum number of lanes with tags; those that were tagged first are removed first."""
MOST_OF_A_LANE = 8
WORD_CHARS = 24
_WORD = re.compile(rf"\w[\w./@+-]{{0,{WORD_CHARS - 1}}}")
"""A tag. Other characters have a meaning of their own in the filter."""

TagsOf = Mapping[LaneId, tuple[str, ...]]


class Tags:
    """The tags of lanes. If the file cannot be written, they hold until lanewatch ends, and that is reported.

    Not thread-safe. A change is made under a lock to the present content of the file, so that no change is lost.
    """

    def __init__(self, file: Path | None = None, tell: Callable[[str], None] = lambda _text: None) -> None:
        """Reads the file; None keeps tags in memory. `tell` receives a line for the operator."""
        self._file = StateFile(file, SCHEMA, lambda document: _read(document)[1]) if file is not None else None
        self._tell = tell
        self.of_lanes: TagsOf = {}
        """The tags of each lane that has any. Another object after each change."""
        self.refresh()

    @property
    def is_kept(self) -> bool:
        """True if tags are written to a file."""
        return self._file is not None

    @property
    def words(self) -> tuple[str, ...]:
        """All tags in use, in alphabetical order."""
        return tuple(sorted({word for words in self.of_lanes.values() for word in words}))

    def set(self, lanes: Iterable[LaneId], words: Iterable[str]) -> None:
        """Gives these lanes exactly these tags; without words they have none.

        Raises:
            ValueError: a word cannot be a tag, or there are too many.
        """
        checked = _checked(words)
        self._change(dict.fromkeys(lanes, checked))

    def toggle(self, lanes: Iterable[LaneId], word: str) -> bool:
        """Adds a tag to lanes, or removes it if all of them have it. True if it was added.

        Raises:
            ValueError: the word cannot be a tag, or a lane would have too many.
        """
        _checked([word])
        self.refresh()
        wanted = list(lanes)
        adds = not all(word in self.of_lanes.get(lane, ()) for lane in wanted)
        changes: dict[LaneId, tuple[str, ...]] = {}
        for lane in wanted:
            others = tuple(one for one in self.of_lanes.get(lane, ()) if one != word)
            changes[lane] = _checked([*others, word]) if adds else others
        self._change(changes)
        return adds

    def refresh(self) -> None:
        """Reads what other lanewatch processes have written. If the file is unchanged, only its date is checked."""
        if self._file is None or not self._file.has_changed:
            return
        document, wrong = self._file.read()
        self.of_lanes = _read(document)[0]
        if wrong:
            self._tell(printable(f"{self._file.path}: {wrong}"))

    def _change(self, changes: TagsOf) -> None:
        self.of_lanes = _merged(self.of_lanes, changes)
        if self._file is None:
            return

        def merged(document: Document) -> Document:
            tags = _merged(_read(document)[0], changes)
            self.of_lanes = tags
            return {"tags": {lane: list(words) for lane, words in tags.items()}}

        try:
            wrong = self._file.change(merged, durable=True)
        except OSError as error:
            self._tell(printable(f"{self._file.path}: tags hold until lanewatch ends: {error.strerror or error}"))
            return
        if wrong:
            self._tell(printable(f"{self._file.path}: {wrong}"))


def _merged(known: TagsOf, changes: TagsOf) -> dict[LaneId, tuple[str, ...]]:
    others = {lane: words for lane, words in known.items() if lane not in changes}
    made = others | {lane: words for lane, words in changes.items() if words}
    return dict(list(made.items())[-MOST:])


def _checked(words: Iterable[str]) -> tuple[str, ...]:
    """The words without repetition.

    Raises:
        ValueError: one of them cannot be a tag, or there are too many.
    """
    found = tuple(dict.fromkeys(words))
    for word in found:
        if not _is_tag(word):
            raise ValueError(f"{quoted(word)} cannot be a tag: at most {WORD_CHARS} letters, digits and . / @ + - _")
    if len(found) > MOST_OF_A_LANE:
        raise ValueError(f"a lane has at most {MOST_OF_A_LANE} tags")
    return found


def _is_tag(word: str) -> bool:
    return _WORD.fullmatch(word) is not None and word.isprintable()


def _read(document: Document) -> tuple[dict[LaneId, tuple[str, ...]], str]:
    """The tags in the file, and what is wrong with it ("" if nothing)."""
    entries = document.get("tags", None if document else {})
    if not isinstance(entries, dict):
        return {}, f"tags cannot be read: not an object of lanes of schema {SCHEMA}"
    found: dict[LaneId, tuple[str, ...]] = {}
    unread = 0
    for lane, words in cast("dict[str, object]", entries).items():
        listed = cast("list[object]", words) if isinstance(words, list) else []
        usable = tuple(word for word in listed if isinstance(word, str) and _is_tag(word))[:MOST_OF_A_LANE]
        unread += not usable or len(usable) != len(listed)
        if usable:
            found[LaneId(lane)] = tuple(dict.fromkeys(usable))
    return found, f"the tags of {unread} lanes cannot be read" if unread else ""
