"""The text of `lanewatch --help`, made from the declared commands and the options of the live screen."""

from __future__ import annotations

import argparse
import textwrap
from functools import partial

from tui.agents.registry import HOMES
from tui.cli.command import Command, all_commands, watch
from tui.text.times import DURATION_WORDS, TIME_WORDS

_HEAD = """\
lanewatch: live burn, state and needs of every AI agent lane, from the agents' own transcripts.

Usage: lanewatch [PATH...] [OPTIONS]
       lanewatch COMMAND [ARGS...]
"""
_TAIL = """\
Keys: j k move, enter detail, / filter, s sort, f findings, n next finding, o tmux pane, ? all keys.
Exit codes: 0 done, 1 refused, expired, undone or failed (a line says why), 2 wrong usage,
            3 findings (of `lanewatch findings`), 4 a verb was not seen to take effect in time,
            5 a closed lane has ended, but wrote no closing summary.
"""
WIDTH = 100
TEXT_AT = 24
"""The column at which the text of a command or an option begins."""


def help_page() -> str:
    """The whole page."""
    lines = [_row(command) for command in (watch(), *all_commands())]
    return "\n".join((_HEAD, _homes(), "Commands:", *lines, "", _options(), f"{_TAIL}{_times()}{_environment()}"))


def _row(command: Command) -> str:
    options = f"[{command.options}]" if command.options else ""
    return f"  {command.usage:<{TEXT_AT - 4}}  {command.summary:<42} {options}".rstrip()


def _options() -> str:
    """The options of the live screen, as argparse lists them."""
    shape = partial(argparse.HelpFormatter, max_help_position=TEXT_AT, width=WIDTH)
    page = argparse.ArgumentParser(usage=argparse.SUPPRESS, add_help=False, formatter_class=shape)
    watch().declare(page)
    return f"Options:{page.format_help().partition('options:')[2]}"


def _homes() -> str:
    """The agents' homes, as a paragraph."""
    places = ", ".join(homes.words for homes in HOMES if homes.words)
    text = (
        f"Without a path it watches every agent home that it finds: {places}. New homes, sessions and subagents appear"
        " by themselves."
    )
    return f"{textwrap.fill(text, WIDTH - 2, break_on_hyphens=False)}\n"


def _times() -> str:
    return f"{textwrap.fill(f'Times: {DURATION_WORDS} {TIME_WORDS}', WIDTH - 2, subsequent_indent=' ' * 7)}\n"


def _environment() -> str:
    names = ["NO_COLOR", *(name for homes in HOMES for name in homes.variables), "XDG_CONFIG_HOME", "XDG_STATE_HOME"]
    text = f"Environment: {', '.join(names)}."
    return f"{textwrap.fill(text, WIDTH - 2, subsequent_indent=' ' * 12, break_on_hyphens=False)}\n"
