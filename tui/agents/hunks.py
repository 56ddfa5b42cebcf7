"""The hunks of a diff, with the numbers of their lines, as clients report them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tui.io.json_fields import array, integer, obj
from tui.model.diff import DiffLine, Hunk, Sign

LINES_BOUND = 20_000
"""The most lines of one change whose numbers are shown."""
_PLACE = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_SIGNS = (Sign.ADDED, Sign.REMOVED, Sign.SAME)


def hunks_of_patch(patch: object) -> tuple[Hunk, ...]:
    """The hunks of a list of objects with `oldStart`, `newStart` and `lines`; empty if one of them states no number."""
    made: list[Hunk] = []
    for one in array(patch):
        fields = obj(one)
        old, new = integer(fields.get("oldStart")), integer(fields.get("newStart"))
        lines = [line for line in array(fields.get("lines")) if isinstance(line, str)]
        if old is None or new is None or old < 0 or new < 0:
            return ()
        made.append(Hunk(old, new, _lines(lines)))
    return _bounded(made)


def hunks_of_diff(diff: str) -> tuple[Hunk, ...]:
    """The hunks of a unified diff of one file; empty if a place states no numbers."""
    made: list[Hunk] = []
    places = list(re.finditer(r"^@@.*$", diff, re.MULTILINE))
    ends = [*(place.start() for place in places[1:]), len(diff)]
    for place, end in zip(places, ends, strict=False):
        stated = _PLACE.match(place[0])
        if stated is None:
            return ()
        lines = diff[place.end() + 1 : end].removesuffix("\n").split("\n")
        # Of a side without lines, the number is that of the line before.
        old, new = (int(stated[at]) + (stated[at + 1] == "0") for at in (1, 3))
        made.append(Hunk(old, new, _lines(lines)))
    return _bounded(made)


def _lines(lines: Iterable[str]) -> tuple[DiffLine, ...]:
    # Some programs cut the blank off a line that is empty on both sides.
    return tuple(DiffLine(Sign(line[:1] or " "), line[1:]) for line in lines if not line or line[0] in _SIGNS)


def _bounded(hunks: list[Hunk]) -> tuple[Hunk, ...]:
    return tuple(hunks) if sum(len(hunk.lines) for hunk in hunks) <= LINES_BOUND else ()
