"""Options that several commands share, and the conversion of their values. A wrong value is reported in one line."""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tui.text.times import ALL, DURATIONS, duration, is_time_of_day, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tui.budget.budget import Budget
    from tui.control.verbs.base import Option

SINCE = f"{', '.join(DURATIONS)}, {ALL}"
"""Examples of values for `--since`."""


class _LoadedNames:
    """The names that an option accepts. They are loaded only when they are needed."""

    _load: Callable[[], Iterable[str]]

    # Not stored in the object: argparse reads all attributes of an option when it writes the option's help.
    @property
    def choices(self) -> tuple[str, ...]:
        """The names, for completion and docs."""
        return tuple(self._load())

    @choices.setter
    def choices(self, _: object) -> None: ...


class NameOption(_LoadedNames, argparse._StoreAction):  # pyright: ignore[reportPrivateUsage, reportIncompatibleVariableOverride]
    """An option that accepts one known name. Its help does not load the names."""

    def __init__(
        self, option_strings: Sequence[str], dest: str, *, load: Callable[[], Iterable[str]], metavar: str, help: str
    ) -> None:
        self._load = load
        super().__init__(option_strings, dest, type=_known_name(load), metavar=metavar, help=help)


class NamesOption(_LoadedNames, argparse._AppendAction):  # pyright: ignore[reportPrivateUsage, reportIncompatibleVariableOverride]
    """An option that accepts a known name and may be given several times. Its help does not load the names."""

    def __init__(
        self,
        option_strings: Sequence[str],
        dest: str,
        *,
        load: Callable[[], Iterable[str]],
        metavar: str,
        help: str,
        aliases: Callable[[], Mapping[str, str]] | None = None,
    ) -> None:
        """`aliases` returns other words for a name; they are accepted, but not offered."""
        self._load = load
        super().__init__(option_strings, dest, type=_known_name(load, aliases), metavar=metavar, help=help)


def _known_name(
    load: Callable[[], Iterable[str]], aliases: Callable[[], Mapping[str, str]] | None = None
) -> Callable[[str], str]:
    """A check of a name. For a wrong one it suggests a similar name."""

    def known_name(text: str) -> str:
        from tui.text.messages import nearest, quoted

        known = tuple(load())
        if aliases is not None:
            text = aliases().get(text, text)
        if text in known:
            return text
        hint = nearest(text, known) or f"; known: {', '.join(known)}"
        raise argparse.ArgumentTypeError(f"there is no {quoted(text)}{hint}")

    return known_name


def names(load: Callable[[], Iterable[str]]) -> Callable[[str], tuple[str, ...]]:
    """The type of an option that takes known names with commas between them."""
    known_name = _known_name(load)

    def read(text: str) -> tuple[str, ...]:
        return tuple(known_name(name.strip()) for name in text.split(",") if name.strip())

    return read


def paths(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say what is read: PATH..., --since and --config."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="transcripts or folders of them")
    parser.add_argument("--since", metavar="TIME", help=f"only transcripts changed since TIME: {SINCE}, 07:12")
    config(parser)


def config(parser: argparse.ArgumentParser) -> None:
    """Adds --config."""
    parser.add_argument("--config", metavar="FILE", help="use FILE as the configuration file")


def budget(parser: argparse.ArgumentParser) -> None:
    """Adds --budget, which may be repeated."""
    parser.add_argument(
        "--budget", type=_budget, action="append", default=[], metavar="BUDGET",
        help="a budget such as 5M, '5M fresh', '$20/week' or project:web=2M/day; may be repeated",
    )  # fmt: skip


def _budget(text: str) -> Budget:
    from tui.budget.budget import budget as read

    try:
        return read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def demo(parser: argparse.ArgumentParser) -> None:
    """Adds --demo."""
    parser.add_argument("--demo", action="store_true", help="the lanes of the demo that runs in another terminal")


def json(parser: argparse.ArgumentParser) -> None:
    """Adds --json."""
    parser.add_argument("--json", action="store_true", help="print stable JSON (schema 1) to stdout")


class JudgeWhat(StrEnum):
    """The lanes that a command judges."""

    ALL = "all"
    RECENT = "recent"
    """Live and recent lanes with those of the same line of work, and the others if they are small together."""


def judge(parser: argparse.ArgumentParser) -> None:
    """Adds --judge."""
    parser.add_argument(
        "--judge", choices=[what.value for what in JudgeWhat], default=JudgeWhat.RECENT.value, metavar="WHAT",
        help="all: search also long histories for findings; recent: of these, only lanes at work and what belongs to"
        " them (see [judge] in the configuration) [default: recent]",
    )  # fmt: skip


def looks(parser: argparse.ArgumentParser) -> None:
    """Adds the options for the look of a screen: --theme, --no-mouse, --ascii."""
    parser.add_argument(
        "--theme", type=_known_name(_themes, _short_themes), metavar="NAME",
        help="one of the themes, or dark or light; `lanewatch config --themes` lists them",
    )  # fmt: skip
    parser.add_argument(
        "--no-mouse", action="store_true", help="leave the mouse to the terminal (text selection); M switches it later"
    )
    parser.add_argument("--ascii", action="store_true", help="glyphs of plain ASCII only")


def _themes() -> list[str]:
    """The names of all themes, those of the user included."""
    from pathlib import Path

    from tui.config.paths import Paths
    from tui.config.themes import load_themes

    return [spec.name for spec in load_themes(Paths.of(os.environ, Path.home())).specs]


def _short_themes() -> dict[str, str]:
    """The other words for themes that no theme of the user has as its name."""
    from tui.config.themes import SHORT

    known = _themes()
    return {short: name for short, name in SHORT.items() if short not in known}


def live(parser: argparse.ArgumentParser) -> None:
    """Adds the options of a live screen: --poll, --read-only, --budget."""
    parser.add_argument("--poll", action="store_true", help="do not rely on change notices (network mounts)")
    parser.add_argument("--read-only", action="store_true", help="look only: no verb can be used")
    budget(parser)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison, as named on the command line.

    Without a path: the agents' homes. Times are seconds UTC.
    """

    label: str
    path: str | None
    since: float | None = None
    until: float | None = None


def at(text: str) -> float:
    """A time as seconds UTC: see `times.moment`."""
    try:
        return moment(text, time.time())
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is {error}") from None


class TimeOfDay(str):
    """A time such as `07:12`. Its day is known when the recording is."""


def recorded_at(text: str) -> float | TimeOfDay:
    """As `at`, but a time of day is one of the recording: it is returned as it was given."""
    moment_now = at(text)  # also checks that there is such a time of day
    return TimeOfDay(text) if is_time_of_day(text) else moment_now


def speed(text: str) -> float:
    """A replay speed, as a multiple of real time: a number from 0.1 to 100000, or max (infinity)."""
    if text == "max":
        return float("inf")
    try:
        speed = float(text.rstrip("x×"))
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a speed: a number from 0.1 to 100000, or max")
    return speed


def length(text: str) -> float:
    """A duration in seconds."""
    seconds = duration(text.strip())
    if not seconds:
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration such as {', '.join(DURATIONS)}")
    return seconds


def count(text: str) -> int:
    """A whole number from 0 to 999999."""
    if not text.isdecimal() or len(text) > 6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of tool calls")
    return int(text)


def size(text: str) -> tuple[int, int]:
    """The columns and rows of a screen, from text such as 120x40."""
    columns, found, rows = text.partition("x")
    if not (found and columns.isdigit() and rows.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 120x40")
    if not (40 <= int(columns) <= 400 and 10 <= int(rows) <= 200):
        raise argparse.ArgumentTypeError(f"{text!r}: from 40x10 to 400x200")
    return int(columns), int(rows)


def side(text: str) -> Side:
    """One side of a comparison: `PATH`, `PATH@FROM..TO` or `@FROM..TO`; FROM or TO may be left out."""
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
        parser.add_argument(
            option.flag, dest=option.name, type=kind, metavar=option.metavar, help=option.help,
            action="append" if option.repeats else "store",
        )  # fmt: skip
