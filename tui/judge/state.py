"""States of the files that a lane changed.

A state is a sum of the lines' marks, so that earlier states are recognised.
"""

from __future__ import annotations

import re
from enum import IntEnum
from zlib import crc32

import orjson

PATHS = 48
STATES = 16
MASK = 0xFFFFFFFF


class Change(IntEnum):
    """The effect of an edit on its file."""

    NONE = 0
    """The file is as it was."""
    UNDONE = 1
    """The file is in its first state again."""
    BACK = 2
    """The file is in an earlier state again."""
    NEW = 3
    """The file is in a new state."""


class _File:
    __slots__ = ("now", "states")

    def __init__(self) -> None:
        self.now = 0
        self.states: list[int] = [0]


class FileStates:
    """The files that a lane edited. A state is the sum of the marks of added lines less those of removed lines."""

    __slots__ = ("_files", "tree")

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self.tree = 0
        """The state of all files together."""

    def edit(self, call: str, summary: str) -> Change | None:
        """Takes an edit that succeeded. Returns the change; None if the arguments (`call`) do not state it."""
        deltas = _deltas(call, summary)
        if not deltas:
            return None
        best = Change.NONE
        for path, (is_whole, total) in deltas.items():
            best = max(best, self._move(path, is_whole=is_whole, total=total))
        return best

    def take_back(self, path: str | None) -> Change:
        """Sets one file, or all files (None), back to the first state."""
        names = [path] if path is not None else list(self._files)
        found = Change.NONE
        for name in names:
            at = (
                name
                if name in self._files
                else next((one for one in self._files if one.endswith(f"/{name}") or name.endswith(f"/{one}")), None)
            )
            if at is not None and self._files[at].now != 0:
                self._set(at, self._files[at], 0)
                found = Change.UNDONE
        return found

    def forget_history(self, *, all_of_it: bool = False) -> None:
        """Forgets the earlier states. `all_of_it`: the present states too, since the files were replaced by others."""
        if all_of_it:
            self._files.clear()
            self.tree = 0
        for file in self._files.values():
            file.states = [file.now]

    def _move(self, path: str, *, is_whole: bool, total: int) -> Change:
        known = self._files.pop(path, None)
        if known is None:
            if len(self._files) >= PATHS:
                oldest = next(iter(self._files))
                self._set(oldest, self._files.pop(oldest), 0)
            known = _File()
        self._files[path] = known
        now = total if is_whole else (known.now + total) & MASK
        if now == known.now:
            return Change.NONE if is_whole else Change.NEW  # the same lines at other places
        self._set(path, known, now)
        if now == known.states[0]:
            return Change.UNDONE
        if now in known.states:
            return Change.BACK
        known.states.append(now)
        if len(known.states) > STATES:
            del known.states[1]
        return Change.NEW

    def _set(self, path: str, file: _File, now: int) -> None:
        name = crc32(path.encode("utf-8", "replace"))
        for sign, state in ((-1, file.now), (1, now)):
            if state:
                self.tree = (self.tree + sign * crc32(b"%d" % state, name)) & MASK
        file.now = now


def _sum(text: str) -> int:
    return sum(crc32(line.strip().encode("utf-8", "replace")) for line in text.split("\n") if line.strip())


_PATCHED = re.compile(r"^\*\*\* (Add|Update|Delete) File: (.+)$")


_PATH = ("file_path", "path", "notebook_path", "filePath", "filename")
_WHOLE = ("content", "file_text", "new_source", "contents")
_OLD = ("old_string", "old_str", "oldString", "oldText")
_NEW = ("new_string", "new_str", "newString", "newText")


def _text(fields: dict[str, object], keys: tuple[str, ...]) -> str | None:
    """The first of these fields that is a text."""
    return next((value for key in keys if isinstance(value := fields.get(key), str)), None)


def _deltas(args: str, summary: str) -> dict[str, tuple[bool, int]]:
    """By path: whether the whole file was written, and the sum for the whole file or for the change."""
    if "*** Begin Patch" in args:
        return _patched(args)
    try:
        fields = orjson.loads(args)
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(fields, dict):
        return {}
    found: dict[str, object] = fields  # pyright: ignore[reportUnknownVariableType]
    path = _text(found, _PATH) or summary
    if (whole := _text(found, _WHOLE)) is not None:
        return {path: (True, (_sum(whole) + 1) & MASK)}
    total = 0
    seen = False
    edits = found.get("edits")
    for one in edits if isinstance(edits, list) else [found]:  # pyright: ignore[reportUnknownVariableType]
        if not isinstance(one, dict):
            continue
        edit: dict[str, object] = one  # pyright: ignore[reportUnknownVariableType]
        new = _text(edit, _NEW)
        if new is None:
            continue
        seen = True
        total += _sum(new) - _sum(_text(edit, _OLD) or "")
    return {path: (False, total & MASK)} if seen else {}


def _patched(args: str) -> dict[str, tuple[bool, int]]:
    found: dict[str, tuple[bool, int]] = {}
    path = ""
    for line in args.replace("\\n", "\n").split("\n"):
        match = _PATCHED.match(line)
        if match is not None:
            path = match.group(2).strip()
            is_whole = match.group(1) == "Add"
            found.setdefault(path, (is_whole, int(is_whole)))
        elif path and line[:1] in ("+", "-"):
            text = line[1:].strip()
            if text:
                sign = 1 if line[0] == "+" else -1
                found[path] = (found[path][0], (found[path][1] + sign * crc32(text.encode("utf-8", "replace"))) & MASK)
    return found


_BACK = re.compile(
    r"\bgit\s+(?:checkout\s+(?:HEAD\s+)?(?:--\s+)?(?P<path>[\w./-]+\.\w+|\.)|restore\s+(?:--\S+\s+)*(?P<path2>\S+)|stash(?:\s+(?:push|-u))?\s*(?:$|[;&|])"
    r"|reset\s+--hard|revert\b|show\s+\w+:\S+\s*>\s*(?P<path3>\S+))"
)


_OTHER_FILES = re.compile(r"\bgit\s+(?:checkout|switch|pull|merge|rebase|reset|cherry-pick|clone|am)\b")


def brings_other_files(command: str) -> bool:
    """Whether a command puts another version of all files in place."""
    return "git" in command and _OTHER_FILES.search(command) is not None


def taken_back(command: str) -> tuple[bool, str | None]:
    """Whether a command puts files back to a committed state, and the path of the file; None: all files."""
    if "git" not in command:
        return False, None
    match = _BACK.search(command)
    if match is None:
        return False, None
    path = match["path"] or match["path2"] or match["path3"]
    return True, None if path in (None, ".") else path


_COUNT = re.compile(
    rb"(?i)\b(\d{1,6}) (?:\w+ )?(?:failed|failing|failures?|errors?|problems?|broken|violations?|issues?|warnings?)\b"
)
_COUNTED_AFTER = re.compile(rb"(?i)\b(?:failures|errors|failed|problems)[:=] ?(\d{1,6})\b")


def count_left(data: bytes) -> int | None:
    """The number of failures or errors that a check states; None if it states none."""
    found = _COUNT.findall(data[-1500:]) or _COUNTED_AFTER.findall(data[-1500:])
    return sum(map(int, found[-4:])) if found else None
