"""`lanewatch replay`: the live screen on recorded time."""

from __future__ import annotations

import argparse

from tui.cli import arguments
from tui.cli.command import Command, Given


def _declare(parser: argparse.ArgumentParser) -> None:
    arguments.paths(parser)
    parser.add_argument(
        "--speed", type=arguments.speed, metavar="N", help="play N times faster than real time, or max [default: 60]"
    )
    parser.add_argument("--at", type=arguments.recorded_at, metavar="TIME", help="begin at TIME, paused")
    parser.add_argument(
        "--from", dest="first", type=arguments.recorded_at, metavar="TIME", help="leave out what happened before TIME"
    )
    parser.add_argument(
        "--to", dest="last", type=arguments.recorded_at, metavar="TIME", help="leave out what happened after TIME"
    )
    parser.add_argument(
        "--policy", metavar="FILE", help="a file with the [policy] that `w` tries [default: your configuration]"
    )
    parser.add_argument("--screenshot", metavar="FILE", help="write the screen at --at as SVG, then exit")
    parser.add_argument("--cast", metavar="FILE", help="write the replay as an asciicast, then exit [speed: 600]")
    parser.add_argument(
        "--size",
        type=arguments.size,
        default=(120, 40),
        metavar="WxH",
        help="columns and rows of --screenshot and --cast [default: 120x40]",
    )
    arguments.looks(parser)


def _run(given: Given) -> int:
    from tui.cli.common import Common
    from tui.cli.live import ScreenArgs
    from tui.cli.replay import ReplayArgs, run

    args = ReplayArgs(
        speed=given.speed, at=given.at, first=given.first, last=given.last, policy=given.policy,
        screenshot=given.screenshot, cast=given.cast, size=given.size,
    )  # fmt: skip
    return run(Common.of(given), args, ScreenArgs.of(given))


COMMANDS = (
    Command(
        name="replay", order=20, arguments="[PATH...]", options="--speed --at --from --to",
        summary="The live screen on recorded time",
        description="The live screen on recorded time: play, step, jump.", declare=_declare, run=_run,
        examples=(
            ("sample_logs/loop --speed 600", "a run of six hours in half a minute"),
            ("sample_logs/morning --at 2026-05-09T09:20Z", "begin at a time, paused"),
        ),
    ),
)  # fmt: skip
