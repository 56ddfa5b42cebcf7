"""What stands behind an option of the command line, made from its text; wrong ones are told in one line."""

from __future__ import annotations

import argparse
import os
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.cli.commands.report import Side
    from tui.control.verbs.base import Option


def at(text: str) -> float:
    """A time for the picture: ISO 8601, with a zone or local."""
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 2026-05-09T09:30:00Z") from None


def speed(text: str) -> float:
    """How many times faster than life: a number from 0.1 to 100000, or max."""
    if text == "max":
        return float("inf")
    try:
        speed = float(text.rstrip("x×"))
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no speed: a number from 0.1 to 100000, or max")
    return speed


def length(text: str) -> float:
    """A length of time in seconds: 90s, 15m, 24h, 7d."""
    from tui.config.load import parse_since

    try:
        seconds = parse_since(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if seconds is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no length of time")
    return seconds


def count(text: str) -> int:
    """A whole number, 0 or more."""
    if not text.isdecimal() or len(text) > 6:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of tool calls")
    return int(text)


def size(text: str) -> tuple[int, int]:
    """Columns and rows of a screen: 120x40."""
    columns, found, rows = text.partition("x")
    if not (found and columns.isdigit() and rows.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no size such as 120x40")
    if not (40 <= int(columns) <= 400 and 10 <= int(rows) <= 200):
        raise argparse.ArgumentTypeError(f"{text!r}: from 40x10 to 400x200")
    return int(columns), int(rows)


def side(text: str) -> Side:
    """One side of a comparison: `PATH`, `PATH@FROM..TO`, `@FROM..TO`; either time may be left out."""
    from tui.cli.commands.report import Side

    path, mark, window = text.rpartition("@")
    if not mark or ".." not in window or os.path.lexists(text):
        return Side(text, text)
    first, _, last = window.partition("..")
    since, until = (at(part) if part else None for part in (first, last))
    if since is not None and until is not None and since >= until:
        raise argparse.ArgumentTypeError(f"{text!r}: the window ends before it begins")
    return Side(text, path or None, since, until)


def add_options(parser: argparse.ArgumentParser, options: Iterable[Option]) -> None:
    """Adds the options that a verb declares."""
    for option in options:
        if option.takes == "nothing":
            parser.add_argument(option.flag, dest=option.name, action="store_true", help=option.help)
            continue
        kind = {"text": str, "duration": length, "count": count}[option.takes]
        parser.add_argument(option.flag, dest=option.name, type=kind, metavar=option.metavar, help=option.help)
