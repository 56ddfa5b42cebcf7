"""The diffs that Claude Code's edit tools state: old and new text of a place, or a whole new file."""

from __future__ import annotations

from collections.abc import Iterator

from tui.agents.tools import fields_of
from tui.io.json_fields import Record, array, obj, text
from tui.model.diff import DiffLine, FileDiff, Sign
from tui.model.event import Call, ToolKind

COMPARED_LINES = 2_000
"""A longer text is shown as removed and added as a whole: comparing takes quadratic time."""
AROUND = 2
"""The number of lines shown before and after each change."""


def diffs_of(call: Call) -> tuple[FileDiff, ...]:
    """The changes that an edit makes in its file; empty for other calls."""
    if call.tool_kind is not ToolKind.EDIT:
        return ()
    args = fields_of(call.args)
    path = text(args.get("file_path")) or text(args.get("notebook_path"))
    lines = tuple(_lines(args))
    is_whole = text(args.get("content")) is not None
    return (FileDiff(path, lines, is_whole=is_whole),) if path is not None and lines else ()


def _lines(args: Record) -> Iterator[DiffLine]:
    edits = [obj(edit) for edit in array(args.get("edits"))] or [args]
    for number, edit in enumerate(edits):
        if number:
            yield DiffLine(Sign.PLACE, "")
        whole = text(args.get("content")) or text(args.get("new_source"))
        yield from _compared(text(edit.get("old_string")) or "", text(edit.get("new_string")) or whole or "")


def _compared(old: str, new: str) -> Iterator[DiffLine]:
    from difflib import unified_diff  # noqa: PLC0415 (its import takes two milliseconds, which every start would pay)

    before, after = old.splitlines(), new.splitlines()
    if max(len(before), len(after)) > COMPARED_LINES or not before or not after:
        yield from (DiffLine(Sign.REMOVED, line) for line in before)
        yield from (DiffLine(Sign.ADDED, line) for line in after)
        return
    for number, line in enumerate(unified_diff(before, after, n=AROUND, lineterm="")):
        if number > 2:  # after the two names of files and the first place
            yield DiffLine(Sign.PLACE, "") if line.startswith("@@") else DiffLine(Sign(line[:1]), line[1:])
