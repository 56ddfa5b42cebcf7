"""The text of the screen without lanes: where lanewatch searches, and what to do."""

from __future__ import annotations

from tui.agents.registry import AGENTS
from tui.model.snapshot import Fleet
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, fit_line, hung, own, word

NOTHING_SOON = own("")


def empty_lines(
    fleet: Fleet, cells: int, hidden: int = 0, *, named: bool = False, soon: SafeText = NOTHING_SOON
) -> list[Line]:
    """A few lines for a fleet without lanes, or for a table without a match.

    Args:
        fleet: has no lane that is shown.
        cells: the width of a line.
        hidden: the number of lanes that are left out on purpose.
        named: True if the operator named the paths.
        soon: the lanes that will be there by themselves, in words; empty: none.
    """
    if hidden:
        return [(), fit_line((word("  all lanes are hidden, since they ended or are idle", "dim"),), cells)]
    if fleet.lanes:
        return [(), fit_line((word("  no lane matches the filter; esc clears it", "dim"),), cells)]
    if not fleet.scan.complete:
        return [(), fit_line((word("  reading transcripts …", "dim"),), cells)]
    if soon:
        return [(), fit_line((word("  "), Span(soon, "dim")), cells)]
    titles = " or ".join(agent.title for agent in AGENTS)
    if named:
        told = f"No transcript of {titles} was found there: other agents are not read yet."
        return [
            (),
            fit_line((word("  no lanes", "title"),), cells),
            (),
            *_told(told, cells),
        ]
    told = f"lanewatch shows a lane as soon as {titles} writes a transcript; no restart is needed."
    lines: list[Line] = [
        (word("  no lanes yet", "title"),),
        (),
        *_told(told, cells),
        (word("  Older ones:          ", "dim"), word("lanewatch --since 7d", "accent")),
        (word("  Other folders:       ", "dim"), word("lanewatch PATH...", "accent")),
        (word("  What was looked for: ", "dim"), word("lanewatch doctor", "accent")),
        (word("  See it move:         ", "dim"), word("lanewatch demo", "accent")),
    ]
    return [(), *(fit_line(line, cells) for line in lines)]


def _told(text: str, cells: int) -> list[Line]:
    return hung((word("  "), Span(safe_text(text), "text")), cells - 1)
