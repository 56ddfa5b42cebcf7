"""Themes on the real screen: each one draws, NO_COLOR has priority, a file with a mistake affects only itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.color import ColorType
from rich.style import Style
from textual.app import App

from tests.screen.apps import Stage, strips_of
from tui.config.load import parse_settings
from tui.config.schema import Settings
from tui.config.theme import ATTRIBUTES, GROUNDS, RGB, ThemeSpec
from tui.config.themes import load_themes
from tui.screen.themes import Styles, Themes, textual_theme

SPECS = load_themes(None).specs
every_theme = pytest.mark.parametrize("spec", SPECS, ids=[spec.name for spec in SPECS])


def drawn(stage: Stage) -> list[Style]:
    """The styles of all pieces on the screen."""
    strips = strips_of(stage.app)
    return [segment.style for strip in strips for segment in strip if segment.style is not None and segment.text]


@every_theme
async def test_the_screen_is_drawn_with_every_theme(spec: ThemeSpec) -> None:
    stage = Stage(theme=spec.name)
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("question_mark")
        await pilot.pause()
        await pilot.press("escape", "ctrl+p")
        await pilot.pause()
        assert stage.app.theme == spec.name
        assert stage.app.current_theme.dark is spec.dark


@every_theme
def test_a_style_has_the_themes_colours_and_attributes(spec: ThemeSpec) -> None:
    styles = Styles(spec)
    for role, look in spec.roles.items():
        style = styles.of(role)
        assert style.color is not None
        assert style.bgcolor is not None
        assert {name for name in ATTRIBUTES if getattr(style, name)} == look.attributes
        if spec.colours == RGB:
            assert style.color.name == look.colour
            assert style.bgcolor.name == (look.ground or spec.grounds["ground"])
        else:
            assert style.bgcolor.type is ColorType.DEFAULT
    for ground in GROUNDS:
        assert styles.of("text", ground) is styles.of("text", ground)


def test_a_reversed_row_has_no_colours_and_inverts_reverse() -> None:
    mono = Styles(next(spec for spec in SPECS if spec.name == "mono"))
    terminal = Styles(next(spec for spec in SPECS if spec.name == "terminal"))
    assert mono.of("text", "cursor").reverse
    assert not mono.of("state.needs_input", "cursor").reverse
    assert mono.of("state.needs_input").reverse
    style = terminal.of("state.stalled", "cursor")
    assert style.reverse
    assert style.bold
    assert style.color is not None
    assert style.color.is_default
    assert not terminal.of("dim", "cursor").dim


@every_theme
def test_every_role_is_a_variable_of_style_sheets(spec: ThemeSpec) -> None:
    theme = textual_theme(spec)
    made = {**theme.to_color_system().generate(), **theme.variables}
    assert made["lane-working"] == (spec.look("state.working").colour if spec.colours == RGB else made["lane-working"])
    assert {"lane-needs-input", "lane-needs-input-style", "lane-burn-4", "lane-usage-cache-read", "lane-good"} <= set(
        made
    )
    assert {"lane-line", "lane-track", "lane-cursor"} <= set(made)
    shared = {name for name in textual_theme(SPECS[0]).variables if not name.startswith("lane-agent-")}
    assert shared <= set(made)  # a variable that one theme lacks would break the style sheets when that theme is chosen


class Sheet(App[None]):
    """Uses lanewatch's variables in a style sheet, which is read before any of its themes is in use."""

    CSS = "Screen { color: $lane-working; text-style: $lane-stalled-style; border: solid $lane-line; }"

    def __init__(self, themes: Themes) -> None:
        self._themes = themes
        super().__init__()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return self._themes.variable_defaults

    def on_mount(self) -> None:
        self._themes.register(self)
        self.theme = self._themes.use("paper")


async def test_style_sheets_may_use_our_variables() -> None:
    app = Sheet(Themes.load(Settings(), {}))
    async with app.run_test():
        paper = next(spec for spec in SPECS if spec.name == "paper")
        assert app.screen.styles.color.hex.lower() == paper.look("state.working").colour


# -- which themes there are -------------------------------------------------------------------------


def test_an_own_theme_is_listed_with_the_shipped_ones(tmp_path: Path) -> None:
    folder = tmp_path / ".config" / "lanewatch" / "themes"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text('name = "mine"\nbase = "ember"\n', encoding="utf-8")
    (folder / "bad.toml").write_text("name = ", encoding="utf-8")
    themes = Themes.load(Settings(), {"HOME": str(tmp_path)})
    assert "mine" in themes.names
    assert themes.use("mine") == themes.current == "mine"
    assert len(themes.notices) == 1
    assert "bad.toml:1" in themes.notices[0]


def test_an_unknown_theme_falls_back_to_the_default_and_says_so() -> None:
    settings = parse_settings('[screen]\ntheme = "embr"\n').settings
    themes = Themes.load(settings, {})
    assert themes.notices == ('there is no theme "embr", so lanewatch-dark is shown; did you mean "ember"?',)
    assert themes.use("embr") == "lanewatch-dark"
    assert themes.problem("ember") is None


def test_without_a_home_only_shipped_themes_are_listed() -> None:
    assert Themes.load(Settings(), {}).names == tuple(spec.name for spec in SPECS)


async def test_no_color_removes_every_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")  # Textual reads it from the environment itself
    stage = Stage(theme="ember", env={"NO_COLOR": "1"})
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("T")
        await pilot.pause()
        assert stage.app.theme == "mono"
        styles = drawn(stage)
        assert len(styles) > 50
        for style in styles:
            for colour in (style.color, style.bgcolor):
                assert colour is None or colour.is_default, style
        assert any(style.bold for style in styles)
        assert any(style.reverse for style in styles)


async def test_an_empty_no_color_has_no_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    stage = Stage(theme="ember", env={"NO_COLOR": ""})
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        ember = next(spec for spec in SPECS if spec.name == "ember")
        colours = {style.color.name for style in drawn(stage) if style.color is not None}
        assert ember.look("state.needs_input").colour in colours


def test_all_themes_are_registered_with_textual() -> None:
    app = App[None]()
    Themes.load(Settings(), {}).register(app)
    for spec in SPECS:
        registered = app.get_theme(spec.name)
        assert registered is not None
        assert registered.ansi is (spec.colours != RGB)
