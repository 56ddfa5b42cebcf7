r"""A replay as an asciicast (version 2 of the format of asciinema): frames of lines become JSON lines.

    cast = Cast(200, 50, "the foreman's loop")
    out.write(cast.head)
    for at, lines in frames:
        out.write(cast.frame(at, lines))
    out.write(cast.end(at))

Only the lines of a frame that changed are written. The result contains our own escape codes (positions, clearing, the
cursor) and, from the lines, only colours and styles (`ESC [ ... m`). All other codes become visible text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence

from tui.text.safe_text import safe_text

_STYLE = re.compile(r"(\x1b\[[0-9;:]{0,64}m)")
_BEGIN = "\x1b[?7l\x1b[?25l\x1b[0m\x1b[2J"  # no wrapping, no cursor, an empty screen
_END = "\x1b[0m\x1b[?25h\x1b[?7h"


class Cast:
    """Writes one recording, a piece at a time. Holds one frame."""

    def __init__(self, width: int, height: int, title: str) -> None:
        """Columns and rows of the screen; the title is raw text.

        Raises:
            ValueError: a screen cannot have this size.
        """
        if width < 1 or height < 1:
            raise ValueError(f"a screen of {width}x{height}")
        self._height = height
        self._rows: list[str] | None = None
        self._began = self._last = 0.0
        header = {
            "version": 2, "width": width, "height": height, "title": safe_text(title, limit=200),
            "env": {"TERM": "xterm-256color"},
        }  # fmt: skip
        self.head = json.dumps(header) + "\n"
        """The first line of the file."""

    def frame(self, at_s: float, lines: Sequence[str]) -> str:
        """The line for the screen at `at_s` (seconds, by any clock that goes forward); "" if nothing changed.

        Lines contain no newline and may contain colours and styles; those beyond the height are left out, missing ones
        are empty. The recording begins with its first frame.

        Raises:
            ValueError: the time is earlier than that of the frame before, or is no number.
        """
        self._advance(at_s)
        rows = [_clean(line) for line in lines[: self._height]]
        rows += [""] * (self._height - len(rows))
        before = self._rows
        self._rows = rows
        if before is None:
            return self._event(_BEGIN + "".join(_put(number, row) for number, row in enumerate(rows, 1) if row))
        changed = [_put(number, row) for number, row in enumerate(rows, 1) if row != before[number - 1]]
        return self._event("".join(changed)) if changed else ""

    def end(self, at_s: float) -> str:
        """The last line: the last frame is shown until `at_s`, then the terminal is restored.

        Raises:
            ValueError: as in `frame`.
        """
        self._advance(at_s)
        return self._event(_END)

    def _advance(self, at_s: float) -> None:
        if not math.isfinite(at_s):
            raise ValueError(f"{at_s} is no time")
        if self._rows is None:
            self._began = at_s
        elif at_s < self._last:
            raise ValueError(f"a frame of {at_s} after one of {self._last}")
        self._last = at_s

    def _event(self, text: str) -> str:
        return json.dumps([round(self._last - self._began, 3), "o", text]) + "\n"


def _put(row: int, line: str) -> str:
    return f"\x1b[{row};1H{line}\x1b[0m\x1b[K"


def _clean(line: str) -> str:
    """The line with its colours and styles and no other codes; its texts go through `safe_text`."""
    return "".join(
        part if index % 2 else safe_text(part, limit=8 * len(part) + 8) for index, part in enumerate(_STYLE.split(line))
    )
