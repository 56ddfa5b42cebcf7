"""The declaration of a setting: a field of a section, with its default, the kind of its value and its text.

A section is a class of values. Its file's reader, `config --defaults`, the reference in the documentation and what is
wrong with a value all follow from its fields. Each package declares the settings of what it does; `config/schema.py`
names the sections.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import Field, field, fields, make_dataclass
from typing import Any, Protocol, TypeVar, cast, runtime_checkable

from tui.model.frozen import frozen
from tui.settings.kinds import Kind

T = TypeVar("T")
_KEY = "setting"


@frozen
class Setting:
    """One setting: what its value may be, what it does, in one line, and its default."""

    kind: Kind[object]
    doc: str
    default: object


def setting(default: T, kind: Kind[T], doc: str) -> T:
    """A field of a section. `doc` is a sentence, with the unit where the kind does not tell it."""
    return field(default=default, metadata={_KEY: Setting(kind, doc, default)})


def settings_in(section: type[Any]) -> dict[str, Setting]:
    """The settings of a section by name, in their order."""
    declared: tuple[Field[Any], ...] = fields(section)
    return {one.name: cast("Setting", one.metadata[_KEY]) for one in declared}


def with_settings_of(section: type[T], groups: Iterable[type[Any]]) -> type[T]:
    """A section with the settings of other classes too, which a registry has found.

    Raises:
        TypeError: two of them have a setting of one name.
    """
    added = [
        (name, type(one.default), setting(one.default, one.kind, one.doc))
        for group in groups
        for name, one in settings_in(group).items()
    ]
    namespace = {"__doc__": section.__doc__}
    made = make_dataclass(section.__name__, added, bases=(section,), unsafe_hash=True, slots=True, namespace=namespace)
    return cast("type[T]", made)


@runtime_checkable
class Checked(Protocol):
    """A section whose settings must go together."""

    def conflicts(self) -> Iterable[tuple[str, str]]:
        """Each setting that does not fit the others, and why not."""
        ...
