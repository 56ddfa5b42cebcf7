"""What is declared once is found everywhere: a toy of each kind, registered in a test alone, and the docs."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

import pytest

from tui.cli import commands
from tui.cli.command import all_commands
from tui.cli.commands.completion import SHELLS, completion_script
from tui.cli.help_page import help_page
from tui.cli.main import main
from tui.config.load import parse_settings
from tui.config.schema import SECTIONS, Screen
from tui.model.frozen import frozen
from tui.settings.declare import setting
from tui.settings.kinds import Whole

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def docs():
    """docs/generate.py as a module."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_docs_are_as_their_declarations_say(docs):
    for path, text in docs.pages().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run `make docs`"


def told(kind: str, files: int) -> None:
    sys.stdout.write(f"\na new {kind} needs {files} production file\n")


TOY_COMMAND = """
from tui.cli.command import Command

def _declare(parser):
    parser.add_argument("--loudly", action="store_true", help="in capitals")

def _run(given):
    print("HELLO" if given.loudly else "hello")
    return 0

COMMANDS = (Command(name="say-hello", order=45, summary="Greets", description="Greets you.", declare=_declare, run=_run),)
"""


@pytest.fixture
def toy_command(tmp_path, monkeypatch):
    """A command in a folder of its own: it stands for a file in tui/cli/commands."""
    (tmp_path / "say_hello.py").write_text(TOY_COMMAND)
    monkeypatch.setattr(commands, "__path__", [*commands.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    yield
    sys.modules.pop("tui.cli.commands.say_hello", None)


@pytest.mark.usefixtures("toy_command")
def test_a_new_command_is_one_file(docs, capsys):
    assert main(["say-hello", "--loudly"]) == 0
    assert capsys.readouterr().out == "HELLO\n"
    names = [command.name for command in all_commands()]
    assert names.index("say-hello") == names.index("lanes") + 1
    assert "  say-hello             Greets" in help_page()
    for shell in SHELLS:
        script = completion_script(shell)
        assert "say-hello" in script
        assert "loudly" in script
    assert "| `lanewatch say-hello` | Greets |" in docs.command_table()
    assert "| `--loudly` | in capitals |" in docs.command_pages()
    told("command", 1)


@frozen
class ScreenWithToy(Screen):
    """A section with one more field: it stands for a line in `tui/config/schema.py`."""

    loudness: int = setting(3, Whole(0, 11), "How loud the screen is.")


def test_a_new_setting_is_one_field(docs, capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(SECTIONS, "screen", ScreenWithToy)
    assert main(["config", "--defaults"]) == 0
    listed = capsys.readouterr().out
    assert "# How loud the screen is. (a whole number from 0 to 11)\nloudness = 3\n" in listed
    assert "| `loudness` | `3` | a whole number from 0 to 11 | How loud the screen is. |" in docs.setting_pages()
    assert parse_settings(listed).settings.screen == ScreenWithToy()
    loaded = parse_settings("[screen]\nloudness = 11\nmouse = false\n").settings.screen
    assert loaded == ScreenWithToy(loudness=11, mouse=False)
    mine = tmp_path / "mine.toml"
    for line, problem in (
        ("loudness = 12", "screen.loudness: expected a whole number from 0 to 11, found 12"),
        ("loudnes = 1", 'screen.loudnes: unknown key; did you mean "loudness"?'),
    ):
        mine.write_text(f"[screen]\n{line}\n")
        assert main(["config", "--config", str(mine)]) == 1
        assert f"mine.toml:2: {problem}" in capsys.readouterr().err
    told("setting", 1)
