"""Reads the configuration file. Unknown keys are errors, because an ignored typing mistake would go unnoticed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from tui.budget.amount import EXPECTED
from tui.budget.budget import Budget, BudgetTable
from tui.config.errors import ConfigError
from tui.config.keys import KeyOverride
from tui.config.paths import Paths
from tui.config.schema import SECTIONS, Settings
from tui.config.toml_file import KeyPath, Table, TomlFile, as_table, leaves, parse_toml, read_toml
from tui.control.user_commands import MOST, NAME, PlacedCommand, UserCommand, mistakes
from tui.model.frozen import frozen
from tui.settings.declare import Checked, settings_in
from tui.text.messages import nearest, quoted

__all__ = ["ConfigError", "Loaded", "load_settings", "parse_settings", "read_settings"]

KEYS = "keys"
COMMANDS = "command"
BUDGETS = "budget"
TABLES: dict[str, type[Any]] = {BUDGETS: BudgetTable, COMMANDS: UserCommand}
"""The arrays of tables: of the budgets, and of the user's own commands."""
MOST_BUDGETS = 50
_MOST_KEYS = 16


@frozen
class Loaded:
    """The settings, the mistakes in the file (their keys have default values), and the origin of each value."""

    settings: Settings
    problems: tuple[ConfigError, ...] = ()
    origins: Mapping[str, str] | None = None
    """The place of each key that the file sets, such as `config.toml:3` for `screen.theme`."""

    def origin(self, key: str) -> str:
        """The origin of a key's value: a file and line, or `default`."""
        return (self.origins or {}).get(key, "default")


def load_settings(file: Path | None, paths: Paths) -> Settings:
    """The settings of the named file, which must exist; without a name, of the usual file if it exists.

    Raises:
        ConfigError: the first mistake in the file.
    """
    loaded = read_settings(file, paths)
    if loaded.problems:
        raise loaded.problems[0]
    return loaded.settings


def read_settings(file: Path | None, paths: Paths) -> Loaded:
    """The settings as in `load_settings`, with all mistakes in the order of the file."""
    is_usual = file is None
    if file is None:
        if not paths.config.exists():
            return Loaded(Settings())
        file = paths.config
    try:
        return _loaded(read_toml(file), _refusal(file, paths, is_usual=is_usual))
    except ConfigError as error:
        return Loaded(Settings(), (error,))


def parse_settings(text: str, name: str = "config.toml") -> Loaded:
    """The settings of a document; `name` is its name in messages."""
    try:
        return _loaded(parse_toml(text, name))
    except ConfigError as error:
        return Loaded(Settings(), (error,))


def _refusal(file: Path, paths: Paths, *, is_usual: bool) -> str:
    """The reason why the file may not contain commands of the user; empty if it may.

    A program that a project's file names must never be run.
    """
    if not is_usual:
        return f"commands are read only from {paths.config}, not from a file that --config names"
    for place in (file, file.parent, file.resolve().parent):
        seen = place.stat()
        if seen.st_uid not in (os.geteuid(), 0) or seen.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return f"commands are read only from a file that nobody else can write or replace: chmod go-w {place}"
    return ""


def _loaded(toml: TomlFile, no_commands: str = "") -> Loaded:
    reader = _Reader(toml, no_commands)
    settings = reader.settings()
    problems = sorted(reader.problems, key=lambda problem: problem.line or 0)
    origins = {".".join(path): f"{toml.name}:{line}" for path, line in toml.lines.items()}
    return Loaded(settings, tuple(problems), origins)


class _Reader:
    """Converts one document into settings and collects its mistakes."""

    def __init__(self, toml: TomlFile, no_commands: str = "") -> None:
        """`no_commands` is the reason why the file may not contain commands of the user."""
        self.problems: list[ConfigError] = []
        self._toml = toml
        self._no_commands = no_commands

    def settings(self) -> Settings:
        known = (*SECTIONS, KEYS, *TABLES)
        for name in self._toml.table:
            if name not in known:
                self._unknown((name,), "section", known)
        sections = {name: self._section(name, section) for name, section in SECTIONS.items()}
        commands, budgets = tuple(self._commands()), tuple(self._budgets())
        return replace(Settings(), **sections, keys=dict(self._keys()), commands=commands, budgets=budgets)

    def _values(self, path: KeyPath, table: Table, section: type[Any]) -> dict[str, object]:
        """The good values of a table."""
        known = settings_in(section)
        values: dict[str, object] = {}
        for key, value in table.items():
            if key not in known:
                self._unknown((*path, key), "key", tuple(known))
                continue
            try:
                values[key] = known[key].kind.read(value)
            except ValueError as error:
                self._problem((*path, key), str(error))
        return values

    def _commands(self) -> Iterator[PlacedCommand]:
        """The user's own commands that are right."""
        names: set[str] = set()
        for path, table in self._tables(COMMANDS, MOST, self._no_commands):
            before = len(self.problems)
            command = UserCommand(**self._values(path, table, UserCommand))  # pyright: ignore[reportArgumentType]
            if not NAME.fullmatch(command.name):
                self._problem((*path, "name"), "expected small letters, digits and -, beginning with a letter")
            elif command.name in names:
                self._problem((*path, "name"), f"there are two commands {quoted(command.name)}")
            names.add(command.name)
            for why in mistakes(command.argv):
                self._problem((*path, "argv"), why)
            if len(self.problems) == before:
                yield PlacedCommand(command, self._toml.name, self._toml.lines.get((*path, "key")))

    def _budgets(self) -> Iterator[Budget]:
        """The budgets that are right."""
        known: set[str] = set()
        for path, table in self._tables(BUDGETS, MOST_BUDGETS):
            before = len(self.problems)
            values = self._values(path, table, BudgetTable)
            if len(self.problems) > before:
                continue
            if "limit" not in values:
                self._problem((*path, "limit"), f"a budget needs a limit: {EXPECTED}")
                continue
            try:
                budget = Budget.of(BudgetTable(**values))  # pyright: ignore[reportArgumentType]
            except ValueError as error:
                self._problem((*path, "mode"), str(error))
                continue
            if budget.id in known:
                self._problem((*path, "limit"), f"there are two budgets of {budget.id}")
                continue
            known.add(budget.id)
            yield budget

    def _tables(self, name: str, most: int, refused: str = "") -> Iterator[tuple[KeyPath, Table]]:
        """The tables of an array, each with its path. `refused` is the reason why the file may have none."""
        found = self._toml.table.get(name, [])
        tables = [as_table(one) for one in cast("list[object]", found)] if isinstance(found, list) else [None]
        if not tables:
            return
        if None in tables or len(tables) > most:
            self._problem((name,), f"expected at most {most} tables, each written [[{name}]]")
        elif refused:
            self._problem((name, "0"), refused)
        else:
            yield from (((name, str(number)), table or {}) for number, table in enumerate(tables))

    def _section(self, name: str, section: type[Any]) -> object:
        values = self._values((name,), self._table(name), section)
        made = section(**values)
        if isinstance(made, Checked):
            for key, why in made.conflicts():
                self._problem((name, key), why)
        return made

    def _keys(self) -> Iterator[tuple[str, KeyOverride]]:
        for path, value in leaves(self._table(KEYS)):
            name = ".".join(path)
            keys = _key_list(value)
            if keys is None:
                self._problem((KEYS, *path), f'expected a key such as "x", or "x, ctrl+x", found {quoted(value)}')
                continue
            yield name, KeyOverride(keys, self._toml.name, self._toml.lines.get((KEYS, *path)))

    def _table(self, name: str) -> Table:
        if name not in self._toml.table:
            return {}
        table = as_table(self._toml.table[name])
        if table is None:
            self._problem((name,), f"expected a section, written [{name}]")
        return table or {}

    def _unknown(self, path: KeyPath, what: str, known: tuple[str, ...]) -> None:
        hint = nearest(path[-1], known) or f"; known: {', '.join(known)}"
        self._problem(path, f"unknown {what}{hint}")

    def _problem(self, path: KeyPath, message: str) -> None:
        self.problems.append(self._toml.error(path, message))


def _key_list(value: object) -> tuple[str, ...] | None:
    parts: list[object]
    if isinstance(value, str):
        parts = [part.strip() for part in value.split(",")] if value.strip() else []
    elif isinstance(value, list):
        parts = cast("list[object]", value)
    else:
        return None
    keys = tuple(part for part in parts if isinstance(part, str) and part and part.isprintable())
    return keys if len(keys) == len(parts) <= _MOST_KEYS else None
