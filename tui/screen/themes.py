"""Themes on the screen: roles become styles of drawn lines, and variables of style sheets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.style import Style
from textual.app import App
from textual.filter import Monochrome, NoColor
from textual.theme import Theme

from tui.config.colour import DEFAULT
from tui.config.paths import Paths
from tui.config.schema import Settings
from tui.config.theme import REVERSE, RGB, Look, ThemeSpec
from tui.config.themes import PLAIN_THEME, ThemeSet, load_themes
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import own


class Styles:
    """The style of each role on each background, for widgets that draw lines."""

    def __init__(self, spec: ThemeSpec) -> None:
        self._spec = spec
        self._made: dict[tuple[str, str], Style] = {}

    def of(self, role: str, ground: str = "ground") -> Style:
        """The style of a role on the background `ground`, `surface`, `panel` or `cursor`.

        A role without a look in the theme has the look of the part before its last dot, and at last that of text.
        `loud.ROLE` is the role in bold; `pill.ROLE` is the role with its colour as the background.
        """
        key = (role, ground)
        style = self._made.get(key)
        if style is None:
            style = self._made[key] = self._make(self._look(role), self._spec.grounds[ground])
        return style

    def _look(self, role: str) -> Look:
        manner, _, rest = role.partition(".")
        if role in self._spec.roles or manner not in ("loud", "pill"):
            return self._spec.look(role)
        look = self._spec.look(rest).also("bold")
        if manner == "loud":
            return replace(look, attributes=look.attributes - {"dim"})
        if self._spec.colours != RGB:
            return look.also("reverse")
        return Look(self._spec.grounds["ground"], look.colour, look.attributes)

    def _make(self, look: Look, ground: str) -> Style:
        if ground == REVERSE:
            return _reversed(look)
        colour = look.colour or self._spec.look("text").colour or DEFAULT
        return _style(colour, look.ground or ground, look.attributes)


def _style(colour: str, ground: str, attributes: frozenset[str]) -> Style:
    return Style.parse(f"{' '.join(sorted(attributes))} {colour} on {ground}")


def _reversed(look: Look) -> Style:
    """The style on a reversed row: without colours, which would be confusing there; `reverse` is inverted."""
    kept = (look.attributes ^ {"reverse"}) - {"dim"}
    return _style(DEFAULT, DEFAULT, frozenset(kept))


class Themes:
    """All themes, registered with Textual, and the styles of the one in use."""

    def __init__(self, themes: ThemeSet, env: Mapping[str, str]) -> None:
        self._themes = themes
        self._env = env
        self._spec, _ = themes.choose("", env)
        self.styles = Styles(self._spec)
        self.notices = themes.notices

    @classmethod
    def load(cls, settings: Settings, env: Mapping[str, str]) -> Themes:
        """The shipped themes and those in the configuration folder that `env` names.

        `notices` report files with a mistake, and a theme in the settings that does not exist.
        """
        home = env.get("HOME", "")
        paths = Paths.of(env, Path(home)) if home or env.get("XDG_CONFIG_HOME") else None
        themes = cls(load_themes(paths), env)
        notice = themes.problem(settings.screen.theme)
        if notice:
            themes.notices = (*themes.notices, notice)
        return themes

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the themes that can be used, in order. With NO_COLOR there is only one."""
        return (PLAIN_THEME,) if self._env.get("NO_COLOR") else self._themes.names

    @property
    def current(self) -> str:
        """The name of the theme in use."""
        return self._spec.name

    def doc(self, name: str) -> SafeText:
        """The description of a theme, which may come from a file of the user."""
        return next(
            (safe_text(spec.description, limit=100) for spec in self._themes.specs if spec.name == name), own("")
        )

    def problem(self, name: str) -> str | None:
        """The notice for `use` with this name; None if the theme exists."""
        return self._themes.choose(name, self._env)[1]

    def use(self, name: str) -> str:
        """Uses the theme with this name, or the default if there is none. Returns the name of the theme in use."""
        self._spec, _ = self._themes.choose(name, self._env)
        self.styles = Styles(self._spec)
        return self._spec.name

    def register(self, app: App[Any]) -> None:
        """Registers all themes with Textual."""
        for spec in self._themes.specs:
            app.register_theme(textual_theme(spec))
        _obey_no_color(app, plain=bool(self._env.get("NO_COLOR")))

    @property
    def variable_defaults(self) -> dict[str, str]:
        """The values for `App.get_theme_variable_defaults`, because style sheets are read before a theme is in use."""
        return _lane_variables(self._spec)


def textual_theme(spec: ThemeSpec) -> Theme:
    """The theme as Textual takes it, with variables such as `$lane-working` and `$lane-working-style`."""
    grounds = {name: _css(colour) for name, colour in spec.grounds.items() if colour != REVERSE}

    def colour(role: str) -> str:
        return _css(spec.look(role).colour or DEFAULT)

    return Theme(
        name=spec.name,
        primary=colour("accent"),
        secondary=colour("accent"),
        accent=colour("accent"),
        warning=colour("warn"),
        error=colour("stop"),
        success=colour("good"),
        foreground=colour("text"),
        background=grounds["ground"],
        surface=grounds["surface"],
        panel=grounds["panel"],
        boost=grounds["panel"],
        dark=spec.dark,
        ansi=spec.colours != RGB,
        variables=_lane_variables(spec) | _widget_variables(spec),
    )


def _obey_no_color(app: App[Any], *, plain: bool) -> None:
    """Replaces the colour filter that Textual adds under NO_COLOR by a suitable one.

    Textual chooses its filter by the first theme of an app, which is always one of Textual's own. That filter turns
    colours into greys, and the terminal's own colours into black on black. An empty NO_COLOR has no effect.
    """
    filters = app._filters  # pyright: ignore[reportPrivateUsage]
    kept = [one for one in filters if not isinstance(one, Monochrome)]
    filters[:] = [*kept, NoColor()] if plain else kept


def _lane_variables(spec: ThemeSpec) -> dict[str, str]:
    """`$lane-ROLE` and `$lane-ROLE-style` for every role, `$lane-line`, `$lane-track`, `$lane-cursor` for grounds."""
    variables: dict[str, str] = {}
    for role, look in spec.roles.items():
        name = "lane-" + role.removeprefix("state.").replace(".", "-").replace("_", "-")
        variables[name] = _css(look.colour or DEFAULT)
        variables[f"{name}-style"] = " ".join(sorted(look.attributes)) or "none"
    for ground in ("line", "track", "cursor"):
        variables[f"lane-{ground}"] = _css(_plain(spec.grounds[ground]))
    return variables


def _widget_variables(spec: ThemeSpec) -> dict[str, str]:
    """The colours of Textual's own widgets: the palette, inputs, scrollbars, toasts."""

    def colour(role: str) -> str:
        return _css(spec.look(role).colour or DEFAULT)

    ground, cursor = _css(spec.grounds["ground"]), _css(_plain(spec.grounds["cursor"]))
    line, track = _css(spec.grounds["line"]), _css(spec.grounds["track"])
    chosen = "reverse" if spec.grounds["cursor"] == REVERSE else "bold"
    return {
        "text-muted": colour("dim"), "text-disabled": colour("dim"), "foreground-muted": colour("dim"),
        "foreground-disabled": colour("dim"), "text-primary": colour("accent"), "text-secondary": colour("accent"),
        "text-accent": colour("accent"), "text-warning": colour("warn"), "text-error": colour("stop"),
        "text-success": colour("good"), "link-color": colour("accent"), "link-color-hover": colour("accent"),
        "block-cursor-foreground": colour("strong"), "block-cursor-background": cursor,
        "block-cursor-text-style": chosen,
        "block-cursor-blurred-foreground": colour("text"), "block-cursor-blurred-background": cursor,
        "block-cursor-blurred-text-style": chosen, "block-hover-background": track, "border": colour("accent"),
        "border-blurred": line, "scrollbar": line, "scrollbar-hover": colour("dim"),
        "scrollbar-active": colour("accent"),
        "scrollbar-background": ground, "scrollbar-background-hover": ground, "scrollbar-background-active": ground,
        "scrollbar-corner-color": ground, "input-cursor-background": colour("text"), "input-cursor-foreground": ground,
        "input-selection-background": cursor, "input-selection-foreground": colour("text"),
        "screen-selection-background": cursor, "screen-selection-foreground": colour("text"),
        "footer-background": _css(spec.grounds["panel"]), "footer-foreground": colour("text"),
        "footer-key-foreground": colour("accent"), "footer-description-foreground": colour("text"),
        "button-foreground": colour("text"), "button-color-foreground": ground, "surface-active": track,
        # Textual's style sheets use these variables, but only its own themes define them.
        "ansi-background": "transparent" if spec.colours == RGB else ground,
        "ansi-foreground": "transparent" if spec.colours == RGB else colour("text"),
    }  # fmt: skip


def _plain(ground: str) -> str:
    return DEFAULT if ground == REVERSE else ground


def _css(colour: str) -> str:
    """A theme's colour in the syntax of style sheets."""
    return colour if colour.startswith("#") else f"ansi_{colour}"
