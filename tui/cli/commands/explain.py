"""`lanewatch explain LANE`: why this state and these findings, where each number comes from."""

from __future__ import annotations

import shutil
from dataclasses import replace

from tui.cli.commands.lanes import picture
from tui.cli.session import CommandError, Common, mutes_of, say
from tui.model.finding import QUIET
from tui.model.snapshot import Fleet, Lane
from tui.text.safe_text import safe_text
from tui.text.styled_text import joined, own
from tui.view.detail import explain_lines
from tui.view.findings_plain import judged_lines
from tui.view.plain import page_text

NAMED = 5
"""Lanes that a name could be are named up to so many."""


def run(wanted: str, common: Common, at: float | None) -> int:
    """Prints the explanation of one lane.

    Raises:
        CommandError: no lane, or more than one, answers to that name.
    """
    fleet = picture(common, at)
    lane = lane_called(fleet, wanted)
    say([joined(safe_text(lane.id), own("  "), safe_text(lane.title, limit=160)), own("")])
    # What was judged stands below in full, so it is left out of the page that the screen shows.
    plain = replace(lane, findings=(), repetition=QUIET)
    say(page_text(explain_lines(plain, min(120, shutil.get_terminal_size((100, 24)).columns), fleet.at)))
    say(judged_lines(lane, fleet, mutes_of()))
    return 0


def lane_called(fleet: Fleet, wanted: str) -> Lane:
    """The lane of that id, or the only one whose id or session holds it.

    Raises:
        CommandError: none or several.
    """
    exact = [lane for lane in fleet.lanes if wanted in (lane.id, lane.session)]
    found = exact or [lane for lane in fleet.lanes if wanted in lane.id or wanted in lane.session]
    if len(exact) > 1:
        found = [lane for lane in exact if lane.parent is None] or exact
    if not found:
        raise CommandError(f"no lane is called {wanted!r}: lanewatch lanes shows what there is")
    if len(found) > 1:
        names = ", ".join(lane.id for lane in found[:NAMED])
        more = f", and {len(found) - NAMED} more: name more of its id" if len(found) > NAMED else ""
        raise CommandError(f"{wanted!r} could be {len(found)} lanes: {names}{more}")
    return found[0]
