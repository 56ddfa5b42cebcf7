"""Reads a theme's file. Each error names file, line and key.

A look is a colour and attributes: `#ffb454`, `bold #ffb454`, `bold black on yellow`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from tui.agents.registry import AGENTS
from tui.config.colour import DEFAULT, SIXTEEN, is_rgb
from tui.config.errors import ConfigError
from tui.config.theme import (
    ATTRIBUTES,
    BURN_STEPS,
    COLOURS,
    GROUNDS,
    HELD_STATES,
    NONE,
    REVERSE,
    RGB,
    STATES,
    TERMINAL,
    Look,
    ThemeSpec,
)
from tui.config.toml_file import KeyPath, Table, TomlFile, as_table, leaves
from tui.text.messages import nearest, quoted

_GROUND_KEYS = (*GROUNDS, "line", "track")
_SECTIONS: dict[str, tuple[str, ...]] = {
    "text": ("text", "dim", "strong", "accent"),
    "state": STATES,
    "usage": ("input", "cache_read", "cache_write", "output"),
    "signal": ("good", "warn", "stop"),
    "diff": ("added", "removed"),
}
_TOP_KEYS = ("name", "description", "dark", "colours", "base", "ground", "burn", "agent", "roles", *_SECTIONS)
_LOUD_STATES = ("needs_input", "limited", "stalled")
_MOST_NAME = 40


def parse_theme(toml: TomlFile, bases: Mapping[str, ThemeSpec] | None = None) -> ThemeSpec:
    """A theme from its file. With `base = "NAME"` it sets only what differs from that theme.

    Raises:
        ConfigError: the first mistake, with file, line and key.
    """
    return _ThemeReader(toml, bases or {}).theme()


class _ThemeReader:
    """Reads one theme; stops at the first mistake."""

    def __init__(self, toml: TomlFile, bases: Mapping[str, ThemeSpec]) -> None:
        self._toml = toml
        self._bases = bases
        self._base: ThemeSpec | None = None
        self._colours = RGB

    def theme(self) -> ThemeSpec:
        self._refuse_unknown((), self._toml.table, _TOP_KEYS)
        self._base = base = self._base_theme()
        self._colours = self._kind(base.colours if base else RGB)
        grounds = self._grounds()
        roles = self._primary_roles()
        derived = _derived(roles, grounds, self._colours)
        overrides = {**(base.overrides if base else {}), **self._overrides(roles | derived)}
        return ThemeSpec(
            name=self._name(),
            description=self._text("description", base.description if base else ""),
            dark=self._dark(),
            colours=self._colours,
            grounds=grounds,
            roles=roles | derived | overrides,
            overrides=overrides,
            file=self._toml.name,
        )

    def _kind(self, default: str) -> str:
        colours = self._text("colours", default)
        if colours not in COLOURS or (self._base is not None and colours != default):
            allowed = default if self._base is not None else ", ".join(COLOURS)
            raise self._error(("colours",), f"expected one of {allowed}, found {quoted(colours)}")
        return colours

    def _base_theme(self) -> ThemeSpec | None:
        if "base" not in self._toml.table:
            return None
        name = self._text("base", "")
        if name not in self._bases:
            raise self._error(("base",), f"there is no shipped theme {quoted(name)}{nearest(name, list(self._bases))}")
        return self._bases[name]

    def _name(self) -> str:
        name = self._text("name", "")
        if not name or len(name) > _MOST_NAME:
            raise self._error(("name",), f"expected a name of 1 to {_MOST_NAME} characters")
        return name

    def _dark(self) -> bool:
        value = self._toml.table.get("dark", self._base.dark if self._base else None)
        if not isinstance(value, bool):
            raise self._error(("dark",), "expected true or false")
        return value

    def _text(self, key: str, default: str) -> str:
        value = self._toml.table.get(key, default)
        if not isinstance(value, str) or not value.isprintable():
            raise self._error((key,), "expected text in quotes")
        return value

    def _grounds(self) -> dict[str, str]:
        table = self._section("ground", _GROUND_KEYS)
        grounds = dict(self._base.grounds) if self._base else {}
        for key in _GROUND_KEYS:
            if key in table:
                grounds[key] = self._ground(("ground", key), table[key])
            elif key not in grounds:
                raise self._error(("ground", key), "is missing")
        return grounds

    def _ground(self, path: KeyPath, value: object) -> str:
        if value == REVERSE and path[-1] == "cursor" and self._colours != RGB:
            return REVERSE
        return self._colour(path, value)

    def _primary_roles(self) -> dict[str, Look]:
        """The roles that a theme or its base must set."""
        roles: dict[str, Look] = dict(self._base.roles) if self._base else {}
        for section, keys in _SECTIONS.items():
            for key, value in self._section(section, keys).items():
                roles[_role(section, key)] = self._look((section, key), value)
            for key in keys:
                if _role(section, key) not in roles:
                    raise self._error((section, key), "is missing")
        roles |= self._agents(roles)
        for step, value in enumerate(self._steps()):
            roles[f"burn.{step}"] = self._look(("burn", "steps"), value)
        if "burn.0" not in roles:
            raise self._error(("burn", "steps"), "is missing")
        return roles

    def _agents(self, roles: Mapping[str, Look]) -> dict[str, Look]:
        """The looks of agents' names: each has the look of its hue, unless the theme states one for the agent."""
        table = self._section("agent", None)
        looks = {"agent" if key == "other" else f"agent.{key}": self._look(("agent", key), table[key]) for key in table}
        known = {"agent": roles["dim"], **roles, **looks}
        for agent in AGENTS:
            looks.setdefault(f"agent.{agent.name}", known.get(f"agent.{agent.hue}", known["agent"]))
        return looks

    def _steps(self) -> list[object]:
        table = self._section("burn", ("steps",))
        steps = table.get("steps", [])
        listed = cast("list[object]", steps) if isinstance(steps, list) else []
        if len(listed) != BURN_STEPS and table:
            raise self._error(("burn", "steps"), f"expected a list of {BURN_STEPS} looks, from cool to hot")
        return listed

    def _overrides(self, known: Mapping[str, Look]) -> dict[str, Look]:
        looks: dict[str, Look] = {}
        for path, value in leaves(self._section("roles", None)):
            role = ".".join(path)
            if role not in known:
                raise self._error(("roles", *path), f"unknown role{nearest(role, list(known))}")
            looks[role] = self._look(("roles", *path), value)
        return looks

    def _section(self, name: str, known: tuple[str, ...] | None) -> Table:
        table = as_table(self._toml.table.get(name, {}))
        if table is None:
            raise self._error((name,), f"expected a section, written [{name}]")
        if known is not None:
            self._refuse_unknown((name,), table, known)
        return table

    def _refuse_unknown(self, above: KeyPath, table: Table, known: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                raise self._error((*above, key), f"unknown key{nearest(key, known)}")

    def _look(self, path: KeyPath, value: object) -> Look:
        if not isinstance(value, str):
            raise self._error(path, 'expected a look such as "bold #ffb454", in quotes')
        front, _, back = f" {value}".partition(" on ")
        words = front.split()
        attributes = frozenset(word for word in words if word in ATTRIBUTES)
        colours = [word for word in words if word not in ATTRIBUTES]
        if len(colours) > 1:
            raise self._error(path, f"{quoted(value)} names two colours; attributes are {', '.join(ATTRIBUTES)}")
        colour = self._colour(path, colours[0]) if colours else None
        ground = self._colour(path, back.strip()) if back else None
        if colour is None and self._colours == RGB:
            raise self._error(path, f"{quoted(value)} names no colour")
        return Look(colour, ground, attributes)

    def _colour(self, path: KeyPath, value: object) -> str:
        allowed = {
            RGB: 'a colour such as "#ffb454"',
            TERMINAL: f'"{DEFAULT}" or one of the terminal\'s colours: {", ".join(SIXTEEN)}',
            NONE: f'"{DEFAULT}": a theme without colours has none',
        }
        if isinstance(value, str):
            fits = {RGB: is_rgb(value), TERMINAL: value == DEFAULT or value in SIXTEEN, NONE: value == DEFAULT}
            if fits[self._colours]:
                return value.lower()
        raise self._error(path, f"expected {allowed[self._colours]}, found {quoted(value)}")

    def _error(self, path: KeyPath, message: str) -> ConfigError:
        return self._toml.error(path, message)


def _role(section: str, key: str) -> str:
    return key if section in ("text", "signal") else f"{section}.{key}"


def _derived(roles: Mapping[str, Look], grounds: Mapping[str, str], colours: str) -> dict[str, Look]:
    """Looks that are derived from others; a theme may set its own below `roles`."""
    dim, strong, accent = roles["dim"], roles["strong"], roles["accent"]
    derived = {
        "title": strong.also("bold"),
        "section": dim.also("bold"),
        "brand": _filled(accent, grounds, colours),
        "scrub.here": _filled(accent, grounds, colours),
        "name": strong.also("bold"),
        "name.child": roles["text"],
        "head": dim,
        "head.sort": accent.also("bold"),
        "key": accent.also("bold"),
        "key.label": roles["text"],
        "match": accent.also("bold", "underline"),
        "markdown.heading": strong.also("bold", "underline"),
        "markdown.bold": strong.also("bold"),
        "markdown.italic": roles["text"].also("italic"),
        "markdown.code": accent,
        "burn.total": strong.also("bold"),
        "usage.total": accent,
        "bar.empty": replace(dim, ground=grounds["track"] if colours == RGB else None),
        "agent": roles.get("agent", dim),
    }
    derived |= {
        f"state.{state}": accent.also("bold") if role == "accent" else roles[role]
        for state, role in HELD_STATES.items()
    }
    derived |= {"pill.held": _filled(accent, grounds, colours)}
    derived |= {f"pill.{state}": _filled(roles[f"state.{state}"], grounds, colours) for state in _LOUD_STATES}
    return derived


def _filled(look: Look, grounds: Mapping[str, str], colours: str) -> Look:
    """The look with its colour as the background."""
    if colours == RGB:
        return Look(grounds["ground"], look.colour, look.attributes | {"bold"})
    return look.also("bold", "reverse")
