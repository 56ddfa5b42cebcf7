"""`lanewatch explain LANE`: prints why a lane has its state and findings, and where each number comes from."""

from __future__ import annotations

import argparse

from tui.cli import arguments
from tui.cli.command import Command, Given


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lane", metavar="LANE", help="a lane's id, or a part of it that no other lane has")
    arguments.paths(parser)
    parser.add_argument("--at", type=arguments.at, metavar="TIME", help="as of this time instead of now")


def _run(given: Given) -> int:
    """Prints the explanation of one lane.

    Raises:
        CommandError: no lane, or more than one, has that name.
    """
    from dataclasses import replace

    from tui.cli.ansi import output_cells
    from tui.cli.common import Common, say
    from tui.cli.lanes import lane_called, read_once
    from tui.cli.session import mutes_of
    from tui.model.finding import QUIET
    from tui.text.safe_text import safe_text
    from tui.text.styled_text import Span, word
    from tui.view.detail import explain_lines
    from tui.view.findings_plain import judged_lines

    fleet = read_once(Common.of(given), given.at)
    lane = lane_called(fleet, given.lane)
    say([(Span(safe_text(lane.id), "strong"), word("  "), Span(safe_text(lane.title, limit=160), "text")), ()])
    # The findings are printed in full below, so they are left out of the page that the screen shows.
    plain = replace(lane, findings=(), repetition=QUIET)
    say(explain_lines(plain, min(120, output_cells()), fleet.at))
    say(judged_lines(lane, fleet, mutes_of()))
    return 0


COMMANDS = (
    Command(
        name="explain", order=60, arguments="LANE", summary="Why a lane has its state, where each number comes from",
        description="Why a lane has its state and findings, and where each number comes from.",
        examples=(
            ("7d90c18f", "by a part of the id"),
            ('"booking front end"', "by words of its title"),
            ("7d90c18f --at 09:20", "as it was at 09:20"),
        ),
        declare=_declare, run=_run,
    ),
)  # fmt: skip
