"""A theme is one file: it is found by name, in the list and on the command line."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.screen.apps import Stage, at_rest
from tui.cli.main import main
from tui.config.resources import themes_dir
from tui.config.themes import load_themes


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """The shipped themes with one more file, as a change of the project would add it."""
    folder = tmp_path / "themes"
    shutil.copytree(themes_dir(), folder)
    text = (folder / "ember.toml").read_text("utf-8")
    text = text.replace('name = "ember"', 'name = "toy"').replace("Warm dark: umber and lamplight", "Wooden blocks")
    (folder / "toy.toml").write_text(text, "utf-8")
    return folder


async def test_a_new_theme_is_one_file(
    shipped: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("tui.config.themes.themes_dir", lambda: shipped)
    monkeypatch.setenv("HOME", str(shipped.parent))
    assert main(["config", "--themes"]) == 0
    assert "toy                Wooden blocks" in capsys.readouterr().out
    themes = load_themes(None)
    assert not themes.notices
    assert "toy" in [spec.name for spec in themes.specs]
    monkeypatch.setattr("tests.screen.apps.shipped_themes", lambda: themes)
    stage = Stage(theme="toy")
    async with stage.running() as pilot:
        assert stage.app.theme == "toy"
        await pilot.press("T")
        await at_rest(pilot)
        assert "theme toy" in stage.text()
        await pilot.press("down")
        assert stage.app.theme != "toy"
    sys.stdout.write("\na new theme needs 1 file in themes/\n")
