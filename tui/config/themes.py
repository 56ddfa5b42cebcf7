"""All themes: the shipped ones and the user's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from tui.config.errors import ConfigError
from tui.config.paths import Paths
from tui.config.resources import DEFAULT_THEME, themes_dir
from tui.config.theme import ThemeSpec
from tui.config.theme_file import parse_theme
from tui.config.toml_file import read_toml
from tui.model.frozen import frozen
from tui.text.messages import nearest, quoted

SHORT = {"dark": "lanewatch-dark", "light": "lanewatch-light"}
"""Other words for themes. A theme of the user with such a name comes first."""
PLAIN_THEME = "mono"
"""The theme that is used if NO_COLOR is set."""
_MOST_FILES = 200


@frozen
class ThemeSet:
    """All themes, the default first, and the notices from reading them."""

    specs: tuple[ThemeSpec, ...]
    notices: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the themes, in the order in which the screen switches through them."""
        return tuple(spec.name for spec in self.specs)

    def choose(self, name: str, env: Mapping[str, str]) -> tuple[ThemeSpec, str | None]:
        """The theme with this name, and a notice if there is none. NO_COLOR, if set and not empty, comes first."""
        by_name = {spec.name: spec for spec in self.specs}
        if env.get("NO_COLOR"):
            return by_name.get(PLAIN_THEME, self.specs[0]), None
        found = by_name.get(name) or by_name.get(SHORT.get(name, ""))
        if found is not None:
            return found, None
        default = by_name.get(DEFAULT_THEME, self.specs[0])
        return default, f"there is no theme {quoted(name)}, so {default.name} is shown{nearest(name, self.names)}"


def load_themes(paths: Paths | None, shipped: Path | None = None) -> ThemeSet:
    """The shipped themes and the user's own, which replace shipped ones of the same name.

    A file with a mistake is left out, and a notice says so.

    Raises:
        FileNotFoundError: the installation is broken: it has no themes.
    """
    notices: list[str] = []
    found: dict[str, ThemeSpec] = {}
    for spec in _read_folder(shipped or themes_dir(), {}, notices):
        found[spec.name] = spec
    if not found:
        raise FileNotFoundError("this installation of lanewatch has no themes: reinstall it")
    own: dict[str, ThemeSpec] = {}
    for spec in _read_folder(paths.themes, found, notices) if paths is not None else ():
        if spec.name in own:
            notices.append(f"{spec.file}: {own[spec.name].file} already has a theme {quoted(spec.name)}")
            continue
        own[spec.name] = spec
        notices += _weak_notice(spec)
    every = {**found, **own}
    first = [DEFAULT_THEME] if DEFAULT_THEME in every else []
    return ThemeSet(tuple(every[name] for name in [*first, *(n for n in every if n not in first)]), tuple(notices))


def _weak_notice(spec: ThemeSpec) -> Iterator[str]:
    weak = list(spec.weak())
    if weak:
        role, ground, ratio = min(weak, key=lambda one: one[2])
        more = f" and {len(weak) - 1} more" if len(weak) > 1 else ""
        yield f"{spec.file}: hard to read: {role} on {ground} at {ratio:.1f}:1{more}; 4.5:1 is the least"


def _read_folder(folder: Path, bases: Mapping[str, ThemeSpec], notices: list[str]) -> Iterator[ThemeSpec]:
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix == ".toml" and not file.is_fifo())
    except FileNotFoundError:
        return
    except OSError as error:
        notices.append(f"{folder}: cannot be read: {error.strerror or error}")
        return
    for file in files[:_MOST_FILES]:
        try:
            yield parse_theme(read_toml(file), bases)
        except ConfigError as error:
            notices.append(str(error))
