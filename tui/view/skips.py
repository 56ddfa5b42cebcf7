"""The page of unreadable lines: path, line and reason, newest first."""

from __future__ import annotations

from tui.model.snapshot import Fleet
from tui.text.format import number
from tui.text.safe_text import safe_path, safe_text
from tui.text.styled_text import Line, Span, joined, own, word


def skip_lines(fleet: Fleet, cells: int) -> list[Line]:
    """The page of unreadable lines."""
    if not fleet.skipped:
        return [(word("nothing was skipped: every line was read", "good"),)]
    lines: list[Line] = []
    if fleet.skipped_lines > len(fleet.skipped):
        lines += [
            (
                Span(
                    joined(own("the newest "), number(len(fleet.skipped)), own(" of "), number(fleet.skipped_lines)),
                    "dim",
                ),
            ),
            (),
        ]
    for skip in reversed(fleet.skipped):
        where = joined(own(":"), number(skip.line)) if skip.line is not None else own("")
        lines.append((Span(joined(safe_path(skip.path, limit=cells - 12), where), "text"),))
        lines.append((word("    "), Span(safe_text(skip.why, limit=300), "warn")))
    return lines
