"""`lanewatch config`: checks the configuration, or prints what can be configured."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli import arguments
from tui.cli.command import Command, Given

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.config.keys import KeyOverride
    from tui.screen.keymap import KeyTable


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--defaults", action="store_true", help="print every setting with its default and what it does")
    parser.add_argument("--themes", action="store_true", help="list the themes")
    parser.add_argument("--keys", action="store_true", help="list the key bindings: their ids and keys")
    parser.add_argument("--path", action="store_true", help="print where the configuration file is looked for")
    arguments.config(parser)


def _run(given: Given) -> int:
    """Prints what the options request; without an option, checks the configuration.

    The check prints every mistake, one per line, and returns 1 if there is one.

    Raises:
        ConfigError: the configuration is wrong, so that keys or themes cannot be listed.
    """
    from tui.cli.common import Common, say
    from tui.cli.session import settings_of
    from tui.text.safe_text import safe_path

    if given.defaults:
        from tui.config.defaults import annotated_defaults

        sys.stdout.write(annotated_defaults())
        return 0
    where = _path(given.config)
    if given.path and not given.themes and not given.keys:
        say([safe_path(str(where), limit=4096)])
        return 0
    if not given.themes and not given.keys:
        return _check(given.config, where)
    settings = settings_of(Common(config=given.config))
    return _themes() if given.themes else _keys(settings.keys)


def _check(file: str | None, where: Path) -> int:
    from tui.cli.common import CommandError, price_table, say, warn
    from tui.config.load import read_settings
    from tui.config.paths import Paths
    from tui.screen.keymap import mistakes_in
    from tui.text.safe_text import safe_path
    from tui.text.styled_text import joined, own

    loaded = read_settings(Path(file) if file else None, Paths.of(os.environ, Path.home()))
    problems = [*loaded.problems, *mistakes_in(loaded.settings)]
    told = [str(problem) for problem in sorted(problems, key=lambda problem: problem.line or 0)]
    try:
        price_table(loaded.settings)
    except CommandError as error:
        told.append(str(error))
    for one in told:
        warn(one)
    if told:
        return 1
    state = (
        own("ok") if where.exists() else own("no such file: defaults apply; `lanewatch config --defaults` prints them")
    )
    say([joined(safe_path(str(where), limit=4096), own(": "), state)])
    return 0


def _path(file: str | None) -> Path:
    from tui.config.paths import Paths

    return Path(file) if file else Paths.of(os.environ, Path.home()).config


def _key_table(keys: Mapping[str, KeyOverride]) -> KeyTable:
    from tui.screen.keymap import KeyTable

    return KeyTable(keys)


def _keys(keys: Mapping[str, KeyOverride]) -> int:
    from tui.cli.common import say
    from tui.screen.bindings import SCOPES
    from tui.text.safe_text import safe_text

    table = _key_table(keys)
    for where, rows in SCOPES.items():
        say([safe_text(where)])
        say([safe_text(f"  {row.id:<18} {table.keys_of(row.id):<24} {row.description}", limit=200) for row in rows])
    return 0


def _themes() -> int:
    from tui.cli.common import say
    from tui.config.paths import Paths
    from tui.config.themes import load_themes
    from tui.text.safe_text import safe_text

    themes = load_themes(Paths.of(os.environ, Path.home()))
    say([safe_text(f"{spec.name:<18} {spec.description}", limit=120) for spec in themes.specs])
    say([safe_text(notice, limit=300) for notice in themes.notices])
    return 0


COMMANDS = (
    Command(
        name="config", order=240, options="--defaults",
        summary="Check the configuration, or list defaults, themes or keys",
        description="Check the configuration, or print its defaults, themes, keys or path.", declare=_declare, run=_run,
        examples=(
            ("--defaults", "every setting with its text"),
            ("--keys", "the ids and keys of all bindings"),
        ),
    ),
)  # fmt: skip
