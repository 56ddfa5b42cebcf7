"""Key bindings: the rows of their table, the keys that a person chose, and checks for mistakes.

Remapping is checked here because Textual's own keymap reports no errors: it accepts an unknown id, a key that does not
exist, and a key that another binding has. This module needs only the names of keys from Textual, which the caller
passes in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from tui.config.errors import ConfigError
from tui.model.frozen import frozen
from tui.text.messages import nearest, quoted

ANYWHERE = "anywhere"


@frozen
class BindingSpec:
    """One row of the table of keys: a permanent id, default keys, what it does, and the place where it is active."""

    id: str
    keys: tuple[str, ...]
    description: str
    where: str


@frozen
class KeyOverride:
    """The keys that a person chose for a binding; empty for no key. `line` counts from 1."""

    keys: tuple[str, ...]
    file: str | None = None
    line: int | None = None
    setting: str = ""
    """The key of the file that sets it, for messages; empty: the binding's own key in the section `keys`."""


KeyReader = Callable[[str], str]
"""Converts a key as a person writes it into the name used in key events. Raises ValueError, which says what is
wrong."""


def resolve_keys(
    specs: Iterable[BindingSpec],
    overrides: Mapping[str, KeyOverride],
    read_key: KeyReader,
    *,
    apart: Collection[frozenset[str]] = (),
    needed: Collection[str] = (),
) -> dict[str, tuple[str, ...]]:
    """The keys of every binding, by its id.

    `apart` contains pairs of places that are never active together, so one key may have two meanings. `needed` are
    bindings that must keep a key.

    Raises:
        ConfigError: an override names an unknown binding or key, leaves a needed binding without one, or gives
            one key two meanings in one place.
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
    """All mistakes for which `resolve_keys` would raise; empty if there are none.

    Collisions with a binding whose own override is wrong are left out, because its keys are unknown.
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
            raise _error(name, override, f"the key {quoted(written)} is listed twice")
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
    if written[-1] == other:  # the override that stands later in the file is reported
        name, other = other, name
    override = overrides[name]
    taken = table[other]
    where = "" if taken.where == ANYWHERE else f" in {taken.where}"
    return _error(
        name, override, f'{quoted(key)} already is "{taken.description}" ({other}){where}; give that another key first'
    )


def _error(name: str, override: KeyOverride, message: str) -> ConfigError:
    return ConfigError(override.file, override.line, override.setting or f'keys."{name}"', message)
