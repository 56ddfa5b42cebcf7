"""Commands of the user in the configuration: what is read, what is refused, and from which file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.config.errors import ConfigError
from tui.config.load import load_settings, parse_settings, read_settings
from tui.config.paths import Paths
from tui.control.user_commands import PLACEHOLDERS, REFUSED, UserCommand, filled
from tui.screen.keymap import keys_of_settings, mistakes_in

GOOD = """
[[command]]
name = "lazygit"
key = "L"
argv = ["lazygit", "-p", "{folder}"]
run = "screen"

[[command]]
name = "words"
argv = ["wc", "-w", "{transcript}"]
confirm = true
"""


def command(argv: str, rest: str = "") -> str:
    return f'[[command]]\nname = "mine"\nkey = "L"\n{rest}argv = {argv}\n'


def test_commands_are_read_in_the_order_of_the_file():
    settings = parse_settings(GOOD)
    assert not settings.problems
    first, second = settings.settings.commands
    assert first.command == UserCommand("lazygit", "L", ("lazygit", "-p", "{folder}"), "screen")
    assert (second.command.run, second.command.confirm, second.command.key) == ("background", True, "")
    assert (first.file, first.line) == ("config.toml", 4)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (command('["git", "{titel}"]'), "config.toml:4: command.0.argv: there is no placeholder {titel}"),
        (command('["{folder}/run"]'), "config.toml:4: command.0.argv: the program itself may not be a placeholder"),
        (command('["{id}"]'), "the program itself may not be a placeholder"),
        (command("[]"), "config.toml:4: command.0.argv: a program is missing"),
        (command('"git diff"'), "config.toml:4: command.0.argv: expected a list of a program and its arguments"),
        (command('["sh", "-c", "cd {folder}; ls"]'), "{folder} would become part of a shell's code"),
        (command('["bash", "-lc", "{session}"]'), "{session} would become part of a shell's code"),
        (command('["/usr/bin/env", "zsh", "-c", "{id}"]'), "{id} would become part of a shell's code"),
        (command('["git"]', 'run = "nowhere"\n'), 'config.toml:4: command.0.run: expected one of "background"'),
        (command('["git"]', "shell = true\n"), "config.toml:4: command.0.shell: unknown key"),
        ('[command]\nname = "x"\n', "config.toml:1: command: expected at most 50 tables, each written [[command]]"),
        (command('["git"]') + command('["git"]'), 'config.toml:6: command.1.name: there are two commands "mine"'),
        (command('["git"]').replace("mine", "My own"), "config.toml:2: command.0.name: expected small letters"),
    ],
)
def test_mistakes_are_told_with_file_line_and_key(text: str, problem: str):
    loaded = parse_settings(text)
    assert loaded.settings.commands[1:] == ()
    assert problem in "\n".join(map(str, loaded.problems))


@pytest.mark.parametrize("name", REFUSED)
def test_what_an_agent_wrote_is_no_placeholder(name: str):
    (problem,) = parse_settings(command(f'["echo", "{{{name}}}"]')).problems
    assert f"{{{name}}} is refused" in str(problem)
    assert "no way to check it" in str(problem)


def test_a_shell_may_take_values_as_words_of_their_own():
    assert not parse_settings(command('["sh", "-c", "cd \\"$1\\" && ls", "x", "{folder}"]')).problems


def test_a_value_stays_one_word_whatever_it_contains():
    values = dict.fromkeys(PLACEHOLDERS, "-x; $(id) `id` 'a \" b\n{id}")
    assert filled(("a", "{folder}", "--in={id}", "{{id}}"), values) == (
        "a", values["folder"], f"--in={values['id']}", "{id}",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("p", 'config.toml:3: command mine: key: "p" already is "Pause before the next tool or call" (verb.pause)'),
        ("enter", "(lane.open) in the fleet; give that another key first"),
        ("j", '"j" already is "Down" (move.down)'),
        ("ctrl+nope", 'config.toml:3: command mine: key: there is no key "ctrl+nope"'),
    ],
)
def test_a_key_that_is_taken_is_refused_at_the_start(key: str, problem: str):
    settings = parse_settings(command('["git"]').replace('"L"', f'"{key}"')).settings
    with pytest.raises(ConfigError) as caught:
        keys_of_settings(settings)
    assert problem in str(caught.value)
    assert problem in "\n".join(map(str, mistakes_in(settings)))


def test_two_commands_with_one_key_are_refused():
    text = command('["git"]') + command('["ls"]').replace("mine", "other")
    with pytest.raises(
        ConfigError, match=r'config\.toml:7: command other: key: "L" already is "Run git" \(command\.mine\)'
    ):
        keys_of_settings(parse_settings(text).settings)


def test_a_name_of_lanewatch_itself_is_refused():
    with pytest.raises(ConfigError, match="command pause: name: lanewatch itself has such a command"):
        keys_of_settings(parse_settings(command('["git"]').replace("mine", "pause")).settings)


def test_a_command_without_a_key_has_none():
    table = keys_of_settings(parse_settings(GOOD).settings)
    assert table.shown("command.lazygit") == "L"
    assert table.shown("command.words") == ""


def test_a_file_of_a_project_adds_no_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    home, project = tmp_path / "home", tmp_path / "project"
    for folder in (home, project):
        folder.mkdir()
    paths = Paths.of({}, home)
    for name in ("config.toml", "lanewatch.toml", ".lanewatch.toml", ".config/lanewatch/config.toml"):
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(GOOD)
    monkeypatch.chdir(project)
    assert load_settings(None, paths).commands == ()
    assert load_settings(None, Paths.of({"XDG_CONFIG_HOME": ".config"}, home)).commands == ()
    named = read_settings(project / "lanewatch.toml", paths)
    assert named.settings.commands == ()
    (problem,) = named.problems
    assert f"lanewatch.toml:2: command.0: commands are read only from {paths.config}" in str(problem)


def test_the_own_file_may_not_be_writable_by_others(tmp_path: Path):
    paths = Paths.of({}, tmp_path)
    paths.config.parent.mkdir(parents=True)
    paths.config.write_text(GOOD)
    paths.config.chmod(0o600)
    assert [one.command.name for one in load_settings(None, paths).commands] == ["lazygit", "words"]
    for place, mode in ((paths.config, 0o602), (paths.config, 0o620), (paths.config.parent, 0o777)):
        before = place.stat().st_mode
        place.chmod(mode)
        (problem,) = read_settings(None, paths).problems
        assert "commands are read only from a file that nobody else can write or replace" in str(problem)
        place.chmod(before)
