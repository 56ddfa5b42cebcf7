"""Which key does what, as data: the table's rows, what a person remapped, and whether the two make sense together.

Remapping is checked here since Textual's own keymap is silent about it: an unknown id, a key that does not exist and a
key that takes another one's place all pass, and for a program with keys that stop work this is not good enough.
Textual is not needed for any of this but the names of keys, which the caller brings.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from tui.config.errors import ConfigError
from tui.model.frozen import frozen
from tui.text.messages import nearest, quoted

ANYWHERE = "anywhere"


@frozen
class BindingSpec:
    """One row of the table of keys: a permanent id, its default keys, what it does, and where it holds."""

    id: str
    keys: tuple[str, ...]
    description: str
    where: str


@frozen
class KeyOverride:
    """The keys that a person gave to a binding; none at all if it shall have no key. `line` counts from 1."""

    keys: tuple[str, ...]
    file: str | None = None
    line: int | None = None


KeyReader = Callable[[str], str]
"""Turns a key as a person writes it into the name that key events carry. Raises ValueError, saying what is wrong."""


def resolve_keys(
    specs: Iterable[BindingSpec],
    overrides: Mapping[str, KeyOverride],
    read_key: KeyReader,
    *,
    apart: Collection[frozenset[str]] = (),
    needed: Collection[str] = (),
) -> dict[str, tuple[str, ...]]:
    """The keys of every binding, by its id.

    `apart` names pairs of places that never hold at once, where one key may mean two things. `needed` are bindings
    that must keep a key.

    Raises:
        ConfigError: an override names no binding or no key, leaves a needed binding without one, or gives one key
            two meanings in one place.
        ValueError: the default keys themselves collide.
    """
    table = {spec.id: spec for spec in specs}
    final = {spec.id: tuple(map(read_key, spec.keys)) for spec in table.values()}
    for name, override in overrides.items():
        final[name] = _keys_of(name, override, table, read_key, needed)
    for error in _collisions(table, final, overrides, apart):
        raise error
    return final


def key_mistakes(
    specs: Iterable[BindingSpec],
    overrides: Mapping[str, KeyOverride],
    read_key: KeyReader,
    *,
    apart: Collection[frozenset[str]] = (),
    needed: Collection[str] = (),
) -> list[ConfigError]:
    """Everything for which `resolve_keys` would refuse the overrides; empty if it takes them.

    Collisions with a binding whose own override is wrong are left out: which keys it shall have is not known.
    """
    table = {spec.id: spec for spec in specs}
    final = {spec.id: tuple(map(read_key, spec.keys)) for spec in table.values()}
    found: list[ConfigError] = []
    for name, override in overrides.items():
        try:
            final[name] = _keys_of(name, override, table, read_key, needed)
        except ConfigError as error:
            found.append(error)
            final.pop(name, None)
    return [*found, *(one for one in _collisions(table, final, overrides, apart) if isinstance(one, ConfigError))]


def _keys_of(
    name: str,
    override: KeyOverride,
    table: Mapping[str, BindingSpec],
    read_key: KeyReader,
    needed: Collection[str],
) -> tuple[str, ...]:
    if name not in table:
        hint = nearest(name, list(table))
        raise _error(name, override, f"there is no such binding{hint}")
    keys = tuple(_read(name, override, read_key))
    if name in needed and not keys:
        raise _error(name, override, "it must keep a key")
    return keys


def _read(name: str, override: KeyOverride, read_key: KeyReader) -> Iterator[str]:
    seen: set[str] = set()
    for written in override.keys:
        try:
            key = read_key(written)
        except ValueError as error:
            raise _error(name, override, str(error)) from None
        if key in seen:
            raise _error(name, override, f"the key {quoted(written)} stands in it twice")
        seen.add(key)
        yield key


def _collisions(
    table: Mapping[str, BindingSpec],
    final: Mapping[str, tuple[str, ...]],
    overrides: Mapping[str, KeyOverride],
    apart: Collection[frozenset[str]],
) -> Iterator[Exception]:
    owners: dict[str, list[str]] = {}
    for name, keys in final.items():
        for key in keys:
            for other in owners.setdefault(key, []):
                if _at_once(table[name].where, table[other].where, apart):
                    yield _collision(key, name, other, table, overrides)
            owners[key].append(name)


def _at_once(one: str, other: str, apart: Collection[frozenset[str]]) -> bool:
    return one == other or frozenset((one, other)) not in apart


def _collision(
    key: str, name: str, other: str, table: Mapping[str, BindingSpec], overrides: Mapping[str, KeyOverride]
) -> Exception:
    written = sorted((one for one in (name, other) if one in overrides), key=lambda one: overrides[one].line or 0)
    if not written:
        return ValueError(f"the default key {key} is both {other} and {name}")
    if written[-1] == other:  # what a person wrote last is the mistake
        name, other = other, name
    override = overrides[name]
    taken = table[other]
    where = "" if taken.where == ANYWHERE else f" in {taken.where}"
    return _error(
        name, override, f'{quoted(key)} already is "{taken.description}" ({other}){where}; give that another key first'
    )


def _error(name: str, override: KeyOverride, message: str) -> ConfigError:
    return ConfigError(override.file, override.line, f'keys."{name}"', message)
