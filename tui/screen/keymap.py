"""The configured keys. All are checked before Textual receives them, because Textual's own keymap refuses nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from textual.binding import Binding
from textual.keys import REPLACED_KEYS, Keys, format_key, key_to_character

from tui.config.errors import ConfigError
from tui.config.keys import BindingSpec, KeyOverride, key_mistakes, resolve_keys
from tui.config.schema import Settings
from tui.control.user_commands import PlacedCommand
from tui.screen.bindings import SCOPES, TYPED, USER, specs, user_keys
from tui.text.messages import nearest, quoted
from tui.text.safe_text import SafeText, safe_text

APART = (
    frozenset(("the lane table", "a page")),
    frozenset(("a list of rows", "a page")),
    frozenset(("live lanes", "a replay")),
    frozenset((USER, "a replay")),
    frozenset((USER, "a conversation")),
    *(
        frozenset(("a conversation", other))
        for other in ("the fleet", "live lanes", "a replay", "the lane table", "a page", "anywhere")
    ),
    *(
        frozenset(("the usage", other))
        for other in (
            "anywhere",
            "the fleet",
            "live lanes",
            "a replay",
            "a list of rows",
            "the lane table",
            "a conversation",
            "the list of columns",
            USER,
        )
    ),
    *(
        frozenset(("the search", other))
        for other in (
            "the fleet",
            "live lanes",
            "a replay",
            "a list of rows",
            "the lane table",
            "a page",
            "a conversation",
            "the usage",
            "the list of columns",
            USER,
        )
    ),
    *(
        frozenset(("the list of columns", other))
        for other in (
            "the fleet",
            "live lanes",
            "a replay",
            "the lane table",
            "a page",
            "anywhere",
            "a conversation",
            USER,
        )
    ),
)
"""Pairs of places that never have the focus together."""
NEEDED = ("app.quit",)

_MODIFIERS = ("alt", "ctrl", "hyper", "meta", "shift", "super")
_NEVER_SENT = ("return", "newline")
_NAMED = tuple(sorted({key.value for key in Keys if re.fullmatch(r"[a-z][a-z0-9]+", key.value)} - set(_NEVER_SENT)))
_ALSO = {
    "esc": "escape", "return": "enter", "del": "delete", "ins": "insert", "pgup": "pageup", "pgdn": "pagedown",
    "page_up": "pageup", "page_down": "pagedown", "spacebar": "space",
}  # fmt: skip
# A terminal sends the same code for both keys of each pair, so they cannot be distinguished.
_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape", "ctrl+space": "ctrl+at"}
_SHOWN = {"enter": "enter", "pagedown": "pgdn", "pageup": "pgup", "escape": "esc", "backspace": "bksp", "delete": "del"}


class KeyTable:
    """The keys of every binding.

    `textual_keymap` names the keys of every id, whether they were remapped or not, so that Textual uses exactly the
    keys that were checked. A binding without a key gets one there that no terminal sends.
    """

    def __init__(self, overrides: Mapping[str, KeyOverride], table: Iterable[BindingSpec] | None = None) -> None:
        """Checks the table, by default the shipped one.

        Raises:
            ConfigError: an override is wrong; the message names file, line and key.
        """
        rows = specs() if table is None else table
        self._keys = resolve_keys(rows, overrides, read_key, apart=APART, needed=NEEDED)
        self.textual_keymap = {name: ",".join(keys) or f"<{name}>" for name, keys in self._keys.items()}

    def keys_of(self, binding: str) -> SafeText:
        """All keys of a binding for a list, such as `j, ↓`; empty if it has none."""
        return safe_text(", ".join(map(key_label, self._keys[binding])))

    def shown(self, binding: str) -> SafeText:
        """The first key of a binding, for a hint; empty if it has none."""
        keys = self._keys[binding]
        return key_label(keys[0]) if keys else safe_text("")


def keys_of_settings(settings: Settings) -> KeyTable:
    """The keys of a live screen: the shipped ones, those that the settings change, and those of the user's commands.

    Raises:
        ConfigError: a key or the name of a command is wrong or taken; the message names file, line and key.
    """
    for error in _taken_names(settings.commands):
        raise error
    return KeyTable({**settings.keys, **_overrides(settings.commands)}, (*specs(), *_user_specs(settings.commands)))


def mistakes_in(settings: Settings) -> list[ConfigError]:
    """All mistakes in the keys that the settings name."""
    commands = settings.commands
    table, overrides = (*specs(), *_user_specs(commands)), {**settings.keys, **_overrides(commands)}
    return [*_taken_names(commands), *key_mistakes(table, overrides, read_key, apart=APART, needed=NEEDED)]


def _user_specs(commands: Iterable[PlacedCommand]) -> Iterator[BindingSpec]:
    for key in user_keys(placed.command for placed in commands):
        yield BindingSpec(id=key.id, keys=(), description=key.description, where=USER)


def _overrides(commands: Iterable[PlacedCommand]) -> dict[str, KeyOverride]:
    """The keys of the user's commands, as if they were set in the section `keys`."""
    return {
        f"command.{one.command.name}": KeyOverride(
            (one.command.key,) if one.command.key else (), one.file, one.line, f"command {one.command.name}: key"
        )
        for one in commands
    }


def _taken_names(commands: Iterable[PlacedCommand]) -> Iterator[ConfigError]:
    taken = {key.action for keys in SCOPES.values() for key in keys} | {spec.name for spec in TYPED}
    for one in commands:
        name = one.command.name
        if name in taken:
            yield ConfigError(one.file, one.line, f"command {name}: name", "lanewatch itself has such a command")


def key_label(key: str) -> SafeText:
    """A key's name as a person reads it: `?`, `^p`, `esc`, `↓`."""
    *modifiers, base = key.split("+")
    label = _SHOWN.get(base) or format_key(base)
    held = "".join("^" if modifier == "ctrl" else f"{modifier}+" for modifier in modifiers)
    return safe_text(held + label)


def read_key(written: str) -> str:
    """The name in key events for a key as a person writes it: `?`, `Ctrl+P`, `pgdn`, `shift+a`.

    Raises:
        ValueError: there is no such key, or no terminal sends it.
    """
    text = written.strip()
    *modifiers, base = text.split("+") if len(text) > 1 else [text]
    held = sorted({modifier.strip().lower() for modifier in modifiers})
    unknown = next((modifier for modifier in held if modifier not in _MODIFIERS), None)
    if unknown is not None or not base:
        raise _no_key(written)
    key = "+".join((*_without_shift(held, base), _base(base, held, written)))
    return _SAME.get(key, key)


def _without_shift(held: list[str], base: str) -> list[str]:
    """The modifiers. Shift alone with a letter is left out, because terminals then send the capital letter."""
    return [] if held == ["shift"] and len(base) == 1 and base.isalpha() else held


def _base(base: str, held: list[str], written: str) -> str:
    base = base.strip()
    if len(base) == 1:
        if held == ["shift"] and not base.isalpha():
            raise ValueError(f"{quoted(written)}: write the character that the two keys make")
        return _character(base.upper() if held == ["shift"] else base.lower() if held else base, written)
    name = base.lower()
    name = _ALSO.get(name, name)
    if name in _NAMED:
        return name
    character = key_to_character(REPLACED_KEYS.get(name, name))
    if character is None:
        raise _no_key(written)
    return _character(character, written)


def _character(character: str, written: str) -> str:
    if not character.isprintable() or character == " ":
        raise _no_key(written)
    if character == ",":
        return "comma"  # Textual would read it as the separator of two keys
    return next(iter(Binding.make_bindings([Binding(character, "")]))).key


def _no_key(written: str) -> ValueError:
    return ValueError(f"there is no key {quoted(written)}{nearest(written.rpartition('+')[2], (*_NAMED, *_ALSO))}")
