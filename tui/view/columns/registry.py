"""All columns: each is declared by a module of this folder, and found there."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from tui.view import columns
from tui.view.columns.base import Column, Grouping, Sort

_NO_COLUMNS = ("base", "registry")


@cache
def all_columns() -> tuple[Column, ...]:
    """Every column, from left to right."""
    names = [module.name for module in pkgutil.iter_modules(columns.__path__) if module.name not in _NO_COLUMNS]
    found: list[Column] = []
    for name in names:
        found += importlib.import_module(f"{columns.__name__}.{name}").COLUMNS
    return tuple(sorted(found, key=lambda column: (column.place, column.name)))


def column_named(name: str) -> Column:
    """The column of that name.

    Raises:
        KeyError: there is none.
    """
    return {column.name: column for column in all_columns()}[name]


@cache
def screen_columns() -> tuple[Column, ...]:
    """The columns of the table on the screen, the most important first."""
    return _by_rank([(column.rank, column) for column in all_columns()])


@cache
def plain_columns() -> tuple[Column, ...]:
    """The columns of the table that `lanewatch lanes` prints, the most important first."""
    return _by_rank([(column.plain_rank, column) for column in all_columns()])


def _by_rank(columns: list[tuple[int | None, Column]]) -> tuple[Column, ...]:
    ranked = [(rank, column) for rank, column in columns if rank is not None]
    return tuple(column for _, column in sorted(ranked, key=lambda one: one[0]))


@cache
def all_sorts() -> tuple[Sort, ...]:
    """Every order of the rows, as the key for sorting steps through them. The first is the order at the start."""
    sorts = [column.sort for column in all_columns() if column.sort is not None]
    return tuple(sorted(sorts, key=lambda sort: sort.place))


@cache
def all_groupings() -> tuple[Grouping, ...]:
    """Every grouping, as the key for grouping steps through them."""
    found = [column.group for column in all_columns() if column.group is not None]
    return tuple(sorted(found, key=lambda group: group.place))


def grouping_named(name: str) -> Grouping:
    """The grouping of that name.

    Raises:
        KeyError: there is none.
    """
    return {group.name: group for group in all_groupings()}[name]


def first_sort() -> Sort:
    """The order at the start."""
    return all_sorts()[0]


def sort_named(name: str) -> Sort:
    """The order of that name.

    Raises:
        KeyError: there is none.
    """
    return {sort.name: sort for sort in all_sorts()}[name]
