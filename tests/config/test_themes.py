"""Theme files: their content, their mistakes, and that a file with a mistake does not affect the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tui.agents.registry import AGENTS
from tui.config.errors import ConfigError
from tui.config.paths import Paths
from tui.config.resources import themes_dir
from tui.config.theme import BURN_STEPS, GROUNDS, HELD_STATES, NONE, RGB, STATES, TERMINAL, Look, ThemeSpec
from tui.config.theme_file import parse_theme
from tui.config.themes import load_themes
from tui.config.toml_file import parse_toml
from tui.model.snapshot import LaneState

SHIPPED = load_themes(None)
DARK = (themes_dir() / "lanewatch-dark.toml").read_text(encoding="utf-8")
MONO = (themes_dir() / "mono.toml").read_text(encoding="utf-8")


def parse(text: str) -> ThemeSpec:
    return parse_theme(parse_toml(text, "t.toml"), {spec.name: spec for spec in SHIPPED.specs})


def by_name(name: str) -> ThemeSpec:
    return next(spec for spec in SHIPPED.specs if spec.name == name)


def test_the_shipped_themes() -> None:
    assert SHIPPED.notices == ()
    assert SHIPPED.names[0] == "lanewatch-dark"
    assert set(SHIPPED.names) == {
        "lanewatch-dark", "lanewatch-light", "high-contrast", "deuteranopia", "protanopia", "tritanopia", "terminal",
        "mono", "ember", "fjord", "paper",
    }  # fmt: skip


@pytest.mark.parametrize("spec", SHIPPED.specs, ids=SHIPPED.names)
def test_a_shipped_theme_has_every_role(spec: ThemeSpec) -> None:
    assert Path(spec.file).stem == spec.name
    assert 10 <= len(spec.description) <= 60
    assert {*STATES, *HELD_STATES} == {state.value for state in LaneState}
    assert {f"state.{state}" for state in STATES} <= set(spec.roles)
    assert {f"burn.{step}" for step in range(BURN_STEPS)} <= set(spec.roles)
    assert {"brand", "bar.empty", "head.sort", "pill.stalled", "burn.total", "diff.added", "agent"} <= set(spec.roles)
    assert set(GROUNDS) <= set(spec.grounds)


def test_an_agent_has_the_look_of_its_hue_unless_the_theme_names_it() -> None:
    agent = next(agent for agent in AGENTS if agent.hue != "other")
    look = f"agent.{agent.name}"
    head = 'name = "mine"\nbase = "lanewatch-dark"\n[agent]\n'
    assert parse(f'{head}{agent.hue} = "#ff0000"\n').look(look).colour == "#ff0000"
    assert parse(f'{head}{agent.hue} = "#ff0000"\n{agent.name} = "#00ff00"\n').look(look).colour == "#00ff00"


def test_a_role_without_a_look_has_the_look_of_its_parent() -> None:
    spec = by_name("lanewatch-dark")
    for agent in AGENTS:
        assert spec.look(f"agent.{agent.name}") == spec.look(f"agent.{agent.hue}"), agent.name
    assert len({spec.look(f"agent.{agent.hue}") for agent in AGENTS}) > 1
    assert spec.look("agent.somebody") == spec.look("agent")
    assert spec.look("name.child.deep") == spec.look("name.child")
    assert spec.look("nothing.known") == spec.look("text")


def test_looks_are_colours_and_attributes() -> None:
    spec = parse(
        DARK.replace('working = "', 'working = "bold underline ').replace('name = "lanewatch-dark"', 'name = "x"')
    )
    assert spec.look("state.working").attributes == {"bold", "underline"}
    assert spec.look("pill.needs_input").ground == spec.look("state.needs_input").colour
    assert by_name("terminal").look("state.needs_input") == Look("yellow", None, frozenset({"bold"}))
    assert (by_name("terminal").colours, by_name("mono").colours, spec.colours) == (TERMINAL, NONE, RGB)


def test_a_theme_may_change_another_theme() -> None:
    spec = parse(
        'name = "mine"\nbase = "lanewatch-light"\n[state]\nneeds_input = "#ff0000"\n[roles]\nhead.sort = "#00aa00"\n'
    )
    light = by_name("lanewatch-light")
    assert (spec.name, spec.dark) == ("mine", False)
    assert spec.look("state.needs_input").colour == "#ff0000"
    assert spec.look("state.limited") == light.look("state.limited")
    assert spec.look("head.sort").colour == "#00aa00"
    assert spec.look("pill.limited") == light.look("pill.limited")
    assert spec.grounds == light.grounds


def test_derived_looks_follow_a_changed_colour() -> None:
    spec = parse('name = "mine"\nbase = "lanewatch-dark"\n[state]\nstalled = "#ff0000"\n[text]\naccent = "#00ff00"\n')
    assert spec.look("pill.stalled").ground == "#ff0000"
    assert spec.look("key").colour == spec.look("brand").ground == "#00ff00"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("dark = true", 'dark = "yes"', "dark: expected true or false"),
        ('name = "lanewatch-dark"', 'name = ""', "name: expected a name of 1 to 40 characters"),
        ('colours = "rgb"', 'colours = "rbg"', 'colours: expected one of rgb, terminal, none, found "rbg"'),
        ('working = "', 'workin = "#ffffff"\nworking = "', 'state.workin: unknown key; did you mean "working"?'),
        ("[usage]", "[usge]", 'usge: unknown key; did you mean "usage"?'),
        ('working = "#', 'working = "', 'state.working: expected a colour such as "#ffb454", found "'),
        ('working = "#', 'working = "blue #', "names two colours; attributes are bold, dim, italic"),
        ('working = "#', 'working = "on #', "names no colour"),
        ("[diff]\nadded", "[diff]\n# added", "diff.added: is missing"),
        ('steps = ["', 'steps = ["#ffffff", "', "burn.steps: expected a list of 5 looks, from cool to hot"),
        ('line = "#', 'line = "reverse #', "ground.line: expected a colour"),
        ('cursor = "#', 'cursor = "reverse" # ', 'ground.cursor: expected a colour such as "#ffb454", found "rev'),
        ("[signal]", "roles.head.srt = '#ffffff'\n[signal]", "usage.roles: unknown key"),
        ("dark = true", 'dark = true\nroles.head.srt = "#ffffff"', 'head.srt: unknown role; did you mean "head.sort"?'),
        ("dark = true", "dark = true\nroles.head.sort = 1", "roles.head.sort: expected a look such as"),
        ("dark = true", 'dark = true\nbase = "no-such"', 'base: there is no shipped theme "no-such"'),
    ],
)
def test_a_mistake_names_file_line_and_key(old: str, new: str, problem: str) -> None:
    assert old in DARK
    changed = DARK[: DARK.index(old)].count("\n") + 1
    with pytest.raises(ConfigError) as caught:
        parse(DARK.replace(old, new, 1))
    assert problem in str(caught.value)
    assert str(caught.value).startswith("t.toml:")
    assert str(caught.value).isprintable()
    assert (caught.value.line or 0) - changed in (0, 1)


def test_a_missing_key_names_file_and_key() -> None:
    with pytest.raises(ConfigError, match=r"^t\.toml: dark: expected true or false$"):
        parse(DARK.replace("dark = true\n", ""))
    with pytest.raises(ConfigError, match=r"^t\.toml: burn\.steps: is missing$"):
        parse(DARK.replace("[burn]\nsteps", "[roles]\n# steps"))


def test_a_theme_keeps_the_kind_of_its_base() -> None:
    with pytest.raises(ConfigError, match=r"^t\.toml:3: colours: expected one of none, found"):
        parse('name = "mine"\nbase = "mono"\ncolours = "rgb"\n')


LINES = [number for number, line in enumerate(DARK.splitlines()) if " = " in line]
odd = st.sampled_from(
    [
        "1",
        "true",
        '""',
        '"x"',
        '"#fff"',
        '"bold"',
        '" on "',
        '"on #ffffff"',
        "[]",
        '["#ffffff"]',
        "{}",
        "{ a = 1 }",
        '"\\n"',
    ]
)


@settings(max_examples=examples(200), deadline=None)
@given(number=st.sampled_from(LINES), value=odd)
def test_no_value_ends_in_a_traceback(number: int, value: str) -> None:
    lines = DARK.splitlines()
    lines[number] = f"{lines[number].partition(' = ')[0]} = {value}"
    try:
        spec = parse("\n".join(lines))
    except ConfigError as error:
        assert error.line == number + 1
        assert str(error).isprintable()
    else:
        assert spec.look("text").colour


def test_themes_of_other_kinds_refuse_rgb_colours() -> None:
    terminal = (themes_dir() / "terminal.toml").read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match="a theme without colours has none"):
        parse(MONO.replace('idle = "dim"', 'idle = "dim red"'))
    with pytest.raises(ConfigError, match="one of the terminal's colours: black, red"):
        parse(terminal.replace('idle = "dim default"', 'idle = "dim #ffffff"'))


# -- the folder -------------------------------------------------------------------------------------


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths.of({"XDG_CONFIG_HOME": str(tmp_path)}, tmp_path)
    made.themes.mkdir(parents=True)
    return made


def test_a_missing_theme_folder_is_not_a_mistake(tmp_path: Path) -> None:
    assert load_themes(Paths.of({}, tmp_path)) == SHIPPED


def test_own_themes_are_added_and_replace_shipped_ones(paths: Paths) -> None:
    (paths.themes / "mine.toml").write_text('name = "mine"\nbase = "ember"\n', encoding="utf-8")
    (paths.themes / "dark.toml").write_text('name = "lanewatch-dark"\nbase = "ember"\n', encoding="utf-8")
    (paths.themes / "notes.txt").write_text("not a theme", encoding="utf-8")
    themes = load_themes(paths)
    assert themes.notices == ()
    assert themes.names == (*SHIPPED.names, "mine")
    assert themes.specs[0].grounds == by_name("ember").grounds


def test_a_file_with_a_mistake_gives_a_notice_and_the_others_load(paths: Paths) -> None:
    (paths.themes / "a.toml").write_text("name = ", encoding="utf-8")
    (paths.themes / "b.toml").write_text('name = "good"\nbase = "fjord"\n', encoding="utf-8")
    (paths.themes / "c.toml").write_bytes(b"\xff\xfe")
    (paths.themes / "d.toml").mkdir()
    (paths.themes / "e.toml").write_text('name = "good"\nbase = "fjord"\n', encoding="utf-8")
    themes = load_themes(paths)
    assert "good" in themes.names
    assert len(themes.notices) == 4
    for notice, words in zip(
        themes.notices, ("a.toml:1: not TOML", "c.toml:1: not UTF-8", "d.toml", "e.toml"), strict=True
    ):
        assert words in notice


def test_a_theme_that_is_hard_to_read_loads_with_a_notice(paths: Paths) -> None:
    text = 'name = "faint"\nbase = "lanewatch-dark"\n[text]\ndim = "#444444"\n'
    (paths.themes / "faint.toml").write_text(text, encoding="utf-8")
    themes = load_themes(paths)
    assert "faint" in themes.names
    assert len(themes.notices) == 1
    assert "hard to read: dim on cursor at 1." in themes.notices[0]


def test_an_installation_without_themes_is_reported(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="reinstall"):
        load_themes(None, tmp_path)


@pytest.mark.parametrize(
    ("name", "env", "chosen", "notice"),
    [
        ("fjord", {}, "fjord", None),
        ("fjrd", {}, "lanewatch-dark", 'there is no theme "fjrd", so lanewatch-dark is shown; did you mean "fjord"?'),
        ("fjord", {"NO_COLOR": "1"}, "mono", None),
        ("fjord", {"NO_COLOR": ""}, "fjord", None),
        ("light", {}, "lanewatch-light", None),
    ],
)
def test_choosing_a_theme(name: str, env: dict[str, str], chosen: str, notice: str | None) -> None:
    spec, said = SHIPPED.choose(name, env)
    assert (spec.name, said) == (chosen, notice)
