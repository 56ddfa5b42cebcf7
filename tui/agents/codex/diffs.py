"""The diffs in the patches that Codex's model writes."""

from __future__ import annotations

from collections.abc import Iterator

from tui.agents.codex.patch import PatchedFile, patched_files
from tui.agents.tools import fields_of
from tui.model.diff import DiffLine, FileDiff, Sign
from tui.model.event import Call


def diffs_of(call: Call) -> tuple[FileDiff, ...]:
    """The changes of a call's patch, file by file; empty if it has no patch."""
    files = patched_files(fields_of(call.args))
    return tuple(FileDiff(file.path, tuple(_lines(file)), is_whole=file.is_new) for file in files)


def _lines(file: PatchedFile) -> Iterator[DiffLine]:
    for number, line in enumerate(file.lines):
        if line.startswith("@@"):
            if number or line[2:].strip():
                yield DiffLine(Sign.PLACE, line[2:].strip())
        elif line[:1] in (Sign.ADDED, Sign.REMOVED):
            yield DiffLine(Sign(line[:1]), line[1:])
        else:
            yield DiffLine(Sign.SAME, line[1:])
