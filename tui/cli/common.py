"""Shared by commands: their common options, errors, prices, and where transcripts are searched. It imports little."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tui.config.data_sections import DataDefaults, DataSettings
from tui.config.paths import Paths
from tui.ledger.prices import PriceError, PriceTable
from tui.model.frozen import frozen
from tui.sources.discover import Root, RootKind, homes, places
from tui.text.safe_text import SafeText, safe_text

if TYPE_CHECKING:
    from tui.cli.running_demo import RunningDemo
    from tui.model.event import UnreadableLine
    from tui.text.styled_text import Printed


class CommandError(Exception):
    """An error that stops a command, as one clear line. Exit code 1."""


@frozen
class Common:
    """The options that the reading commands share, as given on the command line."""

    paths: tuple[str, ...] = ()
    since: str | None = None
    config: str | None = None
    demo: RunningDemo | None = None
    """The demo whose lanes are meant; None: the user's own."""

    @classmethod
    def of(cls, given: argparse.Namespace) -> Common:
        """The options from a command line with `arguments.paths`, and maybe `arguments.demo`.

        Raises:
            CommandError: the lanes of a demo are meant, and none runs.
        """
        if not getattr(given, "demo", False):
            return cls(tuple(given.paths), given.since, given.config)
        from tui.cli.running_demo import running_demo

        demo = running_demo()
        if demo is None:
            raise CommandError("no demo runs: start `lanewatch demo` in another terminal")
        if given.paths:
            raise CommandError("--demo means the lanes of the demo: name no other path")
        return cls.of_demo(demo, given.config)

    @classmethod
    def of_demo(cls, demo: RunningDemo, config: str | None) -> Common:
        """The lanes of a demo."""
        return cls((str(demo.home),), None, config, demo)


def now() -> float:
    """The time now in seconds UTC. Only commands read the clock; all other code receives the time."""
    return time.time()


def warn(text: str) -> None:
    """Prints one line on standard error about a problem that does not stop the command."""
    sys.stderr.write(f"lanewatch: {safe_text(text, limit=2000)}\n")


def data_settings_of(common: Common) -> DataSettings:
    """The settings of what is read and what it costs. Without a configuration file, the others are not imported.

    Raises:
        ConfigError: the file is wrong; the message names file, line and key.
    """
    paths = Paths.of(os.environ, Path.home())
    if common.config is None and not paths.config.exists():
        return DataDefaults()
    from tui.config.load import load_settings

    return load_settings(Path(common.config) if common.config else None, paths)


def price_table(settings: DataSettings) -> PriceTable:
    """The shipped prices, overridden by those of the user's file.

    Raises:
        CommandError: the user's file cannot be read or used.
    """
    shipped = PriceTable.shipped()
    if not settings.prices.file:
        return shipped
    path = Path(settings.prices.file).expanduser()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: the price file cannot be read: {error}") from error
    try:
        return shipped.merged(PriceTable.load(text, str(path)))
    except PriceError as error:
        raise CommandError(str(error)) from error


def named_roots(common: Common) -> tuple[list[Root], list[UnreadableLine], SafeText]:
    """The named paths, those that cannot be read, and a description of them.

    Raises:
        CommandError: none of the paths exists.
    """
    named, refused = places(common.paths)
    if not named:
        raise CommandError("; ".join(f"{skip.path}: {skip.why}" for skip in refused))
    words = common.paths[0] if len(common.paths) == 1 else f"{len(common.paths)} paths"
    return named, refused, safe_text(words, limit=40)


def home_roots(settings: DataSettings) -> list[Root]:
    """The agents' homes that exist, and the paths of the settings."""
    return [*own_homes(), *_extra(settings)]


def own_homes() -> list[Root]:
    """The agent homes of the user, as the environment names them. Verbs can act only on lanes in them."""
    return homes(os.environ, Path.home())


def _extra(settings: DataSettings) -> list[Root]:
    return [Root(str(Path(path).expanduser()), None, RootKind.FOLDER) for path in settings.watch.paths]


def say_aside(lines: Iterable[SafeText]) -> None:
    """Prints progress to standard error at once; the result goes to standard output."""
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    sys.stderr.flush()


def say(lines: Iterable[Printed]) -> None:
    """Prints lines to standard output: on a terminal in colours and wrapped at words."""
    from tui.cli.ansi import show

    show(lines, sys.stdout)
