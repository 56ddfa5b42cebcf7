"""`lanewatch config`: check the configuration, or print what there is to configure."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tui.cli.session import Common, price_table, say, settings_of
from tui.config.paths import Paths
from tui.text.safe_text import safe_path, safe_text
from tui.text.styled_text import joined, own


def run(wanted: str, file: str | None) -> int:
    """Does what was asked: defaults, themes, keys, path or check.

    Raises:
        ConfigError: the configuration is wrong.
    """
    if wanted == "defaults":
        from tui.config.defaults import annotated_defaults

        sys.stdout.write(annotated_defaults())
        return 0
    if wanted == "path":
        say([safe_path(str(_path(file)), limit=4096)])
        return 0
    settings = settings_of(Common(config=file))
    if wanted == "keys":
        return _keys(settings.keys)
    if wanted == "themes":
        return _themes(file)
    price_table(settings)
    _check_keys(settings.keys)
    where = _path(file)
    state = (
        own("ok") if where.exists() else own("not there: the defaults hold; `lanewatch config --defaults` prints them")
    )
    say([joined(safe_path(str(where), limit=4096), own(": "), state)])
    return 0


def _path(file: str | None) -> Path:
    return Path(file) if file else Paths.of(os.environ, Path.home()).config


def _keys(keys: object) -> int:
    from tui.screen.bindings import SCOPES

    table = _check_keys(keys)
    for where, rows in SCOPES.items():
        say([safe_text(where)])
        say([safe_text(f"  {row.id:<18} {table.keys_of(row.id):<24} {row.description}", limit=200) for row in rows])
    return 0


def _check_keys(keys: object):  # noqa: ANN202
    from tui.screen.keymap import KeyTable

    return KeyTable(keys)  # type: ignore[arg-type]


def _themes(file: str | None) -> int:
    from tui.config.themes import load_themes

    themes = load_themes(Paths.of(os.environ, Path.home()))
    say([safe_text(f"{spec.name:<18} {spec.description}", limit=120) for spec in themes.specs])
    say([safe_text(notice, limit=300) for notice in themes.notices])
    return 0
