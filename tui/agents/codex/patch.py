"""The files that a Codex patch changes: from the patch as the model wrote it, and from the client's report."""

from __future__ import annotations

import re
from typing import NamedTuple

from tui.agents.hunks import hunks_of_diff
from tui.agents.tools import absolute
from tui.io.json_fields import Record, array, obj, text
from tui.model.diff import Hunk

FILES_BOUND = 200

_BEGIN = "*** Begin Patch"
_FILE = re.compile(r"\*\*\* (Add|Update|Delete) File: (.+)")
_MOVED = re.compile(r"\*\*\* Move to: (.+)")
_CHANGES = {"Add": "create", "Update": "update", "Delete": "delete"}


class FileChange(NamedTuple):
    """One file of a patch. `added` and `removed` are lines, None where they are not stated."""

    path: str
    change: str
    added: int | None
    removed: int | None


class PatchedFile(NamedTuple):
    """One file of a patch as the model wrote it: its path and the lines below its heading."""

    path: str
    lines: list[str]
    is_new: bool = False


def patched_files(args: object) -> list[PatchedFile]:
    """The files of the first patch in a call's arguments, with their lines."""
    patch = next((words[start:] for words in _words(args) if (start := words.find(_BEGIN)) >= 0), "")
    found: list[PatchedFile] = []
    for line in patch.splitlines():
        named = _FILE.match(line)
        if named is not None and len(found) < FILES_BOUND:
            found.append(PatchedFile(named[2].strip(), [], named[1] == "Add"))
        elif line.startswith("*** End Patch"):
            break
        elif found and not line.startswith("*** "):
            found[-1].lines.append(line)
    return found


def written_patch(args: object, cwd: str | None) -> tuple[FileChange, ...]:
    """The files of a patch in a call's arguments: a patch call, or a patch within a shell command."""
    for words in _words(args):
        start = words.find(_BEGIN)
        if start >= 0:
            return tuple(_read(words[start:], cwd))
    return ()


def reported_changes(changes: object, cwd: str | None) -> list[FileChange]:
    """The files of a patch as the client reports them; `changes` is an object with the paths as keys."""
    found: list[FileChange] = []
    for path, fields in list(obj(changes).items())[:FILES_BOUND]:
        found += _reported(absolute(path, cwd), obj(fields), cwd)
    return found


def reported_hunks(changes: object, cwd: str | None) -> dict[str, tuple[Hunk, ...]]:
    """The changed lines of each file, with their numbers, where the client's report states these."""
    found: dict[str, tuple[Hunk, ...]] = {}
    for path, fields in list(obj(changes).items())[:FILES_BOUND]:
        diff = obj(fields).get("unified_diff")
        hunks = hunks_of_diff(diff) if isinstance(diff, str) else ()
        if hunks:
            found[absolute(text(obj(fields).get("move_path")) or path, cwd)] = hunks
    return found


def _words(args: object) -> list[str]:
    if isinstance(args, str):
        return [args]
    fields = obj(args)
    words = [fields.get(key) for key in ("input", "patch", "cmd", "command")]
    flat = [*words[:3], *array(words[3]), words[3]]
    return [word for word in flat if isinstance(word, str)]


def _read(patch: str, cwd: str | None) -> list[FileChange]:
    found: list[FileChange] = []
    for line in patch.splitlines():
        sign = line[:1]
        if sign != "*":
            if sign in ("+", "-") and found and (last := found[-1]).added is not None and last.removed is not None:
                plus = sign == "+"
                found[-1] = FileChange(last.path, last.change, last.added + plus, last.removed + (not plus))
            continue
        named, moved = _FILE.match(line), _MOVED.match(line)
        if named is not None and len(found) < FILES_BOUND:
            counts = (None, None) if named[1] == "Delete" else (0, 0)
            found.append(FileChange(absolute(named[2].strip(), cwd), _CHANGES[named[1]], *counts))
        elif moved is not None and found:
            old = found.pop()
            found += _moved(old.path, absolute(moved[1].strip(), cwd), 0, 0)
    return found


def _reported(path: str, fields: Record, cwd: str | None) -> list[FileChange]:
    content = fields.get("content")
    lines = _line_count(content) if isinstance(content, str) else None
    if fields.get("type") == "add":
        return [FileChange(path, "create", lines, 0)]
    if fields.get("type") == "delete":
        return [FileChange(path, "delete", 0, lines)]
    diff = fields.get("unified_diff")
    added, removed = _diff_size(diff) if isinstance(diff, str) else (None, None)
    target = text(fields.get("move_path"))
    if target is not None:
        return _moved(path, absolute(target, cwd), added, removed)
    return [FileChange(path, "update", added, removed)]


def _moved(old: str, new: str, added: int | None, removed: int | None) -> list[FileChange]:
    return [FileChange(old, "move", None, None), FileChange(new, "create", added, removed)]


def _diff_size(diff: str) -> tuple[int, int]:
    lines = diff.splitlines()
    added = sum(line.startswith("+") and not line.startswith("+++ ") for line in lines)
    return added, sum(line.startswith("-") and not line.startswith("--- ") for line in lines)


def _line_count(content: str) -> int:
    return content.count("\n") + (1 if content and not content.endswith("\n") else 0)
