"""The input line of a client, as its pane shows it: where a draft of a person may stand.

Measured on Claude Code 2.1.329 and 2.1.197 and Codex 0.169.0, at rest and at work: all keep the terminal's cursor in
their input line (Claude Code keeps it there though it hides it), which begins with one glyph; further lines of a draft
are indented. `!` in place of the glyph is their shell mode. A dialog has no cursor behind a glyph, or has its choices
below.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PROMPT = re.compile(r"(?:│\s*)?[^\w\s!#]\s*\Z")


@dataclass(frozen=True, slots=True)
class PromptRow:
    """The row that the cursor stands in, and the one below it."""

    left: str
    """What stands before the cursor."""
    right: str
    """What stands behind it: a draft, or the words that a client shows in an empty line."""
    below: str

    @property
    def is_at_start(self) -> bool:
        """Nothing but the glyph stands before the cursor."""
        return bool(_PROMPT.match(self.left))

    @property
    def goes_on(self) -> bool:
        """The row below belongs to the same draft or dialog."""
        return self.below[:1].isspace() and bool(self.below.strip())

    def holds_only(self, words: str) -> bool:
        """The input line is these words and nothing else."""
        return (
            self.left.rstrip().endswith(words)
            and bool(_PROMPT.match(self.left.rstrip().removesuffix(words)))
            and not self.right.strip(" \N{NO-BREAK SPACE}│")
            and not self.goes_on
        )


def prompt_row(cursor_x: int, cursor_y: int, screen: str) -> PromptRow:
    """The row out of a whole screen, as `capture-pane -p` prints it."""
    rows = [*screen.split("\n"), ""]
    row = rows[cursor_y] if cursor_y < len(rows) - 1 else ""
    below = rows[cursor_y + 1] if cursor_y + 1 < len(rows) else ""
    return PromptRow(row[:cursor_x].ljust(cursor_x), row[cursor_x:].rstrip(), below.rstrip())
