"""`lanewatch logs LANE`: prints what the agent said and did."""

from __future__ import annotations

import argparse

from tui.cli import arguments
from tui.cli.command import Command, Given


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lane", metavar="LANE", help="a lane's id, a part that only one lane has, or a transcript")
    parser.add_argument("-f", "--follow", action="store_true", help="follow: print new entries until Ctrl-C")
    parser.add_argument("--tail", type=int, metavar="N", help="the last N entries alone")
    parser.add_argument("--since", type=arguments.at, metavar="TIME",
                        help="entries from TIME on: 10m (ago), 07:12, 2026-05-09T09:20")  # fmt: skip
    parser.add_argument("--until", type=arguments.at, metavar="TIME", help="entries before TIME")
    parser.add_argument("--errors", action="store_true", help="errors and failed calls alone")
    parser.add_argument("--words", action="store_true", help="only what was said and what failed: no results of calls")
    parser.add_argument("--whole", action="store_true", help="long entries are not shortened")
    parser.add_argument("paths", nargs="*", metavar="PATH", default=[],
                        help="look for the lane in these transcripts or folders")  # fmt: skip
    parser.add_argument("--in", dest="places", action="append", default=[], metavar="PATH", help="the same, as option")
    parser.add_argument("--width", type=int, metavar="N",
                        help="wrap lines at N cells (in a pipe: nowhere, so that grep finds all)")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object per entry")
    arguments.config(parser)


def _run(given: Given) -> int:
    """Prints the entries.

    Raises:
        CommandError: no lane, or more than one, has that name; or its transcript cannot be read.
    """
    from tui.cli.command import UsageError
    from tui.cli.common import Common
    from tui.cli.logs import LogsOptions, print_logs

    if given.tail is not None and given.tail < 0:
        raise UsageError("--tail takes a number of entries")
    if given.width is not None and given.width < 20:
        raise UsageError("--width takes a number of cells from 20 on")
    if given.follow and given.until is not None:
        raise UsageError("--follow goes on from now: it does not go together with --until")
    options = LogsOptions(
        tail=given.tail, since=given.since, until=given.until, errors=given.errors, words=given.words,
        whole=given.whole, follow=given.follow, json=given.json, width=given.width,
    )  # fmt: skip
    return print_logs(Common((*given.paths, *given.places), None, given.config), given.lane, options)


COMMANDS = (
    Command(
        name="logs", order=48, arguments="LANE [PATH...]", options="-f --tail N --errors",
        summary="What the agent said and did", description="Prints the conversation of a lane: prompts, texts, calls "
        "with their results, diffs, errors.", declare=_declare, run=_run,
        examples=(
            ("7d90c18f -f", "follow a lane"),
            ("7d90c18f --errors --tail 5", "its last five failures"),
            ("7d90c18f --since 10m", "the last ten minutes"),
        ),
    ),
)  # fmt: skip
