"""The declaration of a setting: a field of a section, with its default, the kind of its value and its text.

A section is a class of values. Its fields determine how the file is read, the output of `config --defaults`, the
reference in the documentation, and the errors for wrong values. Each package declares its own settings;
`config/schema.py` lists the sections.
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
    """One setting: the kind of its value, one line about what it does, and its default."""

    kind: Kind[object]
    doc: str
    default: object


def setting(default: T, kind: Kind[T], doc: str) -> T:
    """A field of a section. `doc` is a sentence, with the unit if the kind does not show it."""
    return field(default=default, metadata={_KEY: Setting(kind, doc, default)})


def settings_in(section: type[Any]) -> dict[str, Setting]:
    """The settings of a section by name, in the order of declaration."""
    declared: tuple[Field[Any], ...] = fields(section)
    return {one.name: cast("Setting", one.metadata[_KEY]) for one in declared}


def with_settings_of(section: type[T], groups: Iterable[type[Any]]) -> type[T]:
    """The section extended by the settings of other classes, which a registry has found.

    Raises:
        TypeError: two of them have a setting with the same name.
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
    """A section whose settings depend on each other."""

    def conflicts(self) -> Iterable[tuple[str, str]]:
        """The settings that contradict others, each with the reason."""
        ...
