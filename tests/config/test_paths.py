"""The paths of lanewatch's own files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.config import resources
from tui.config.paths import Paths
from tui.config.resources import sample_logs_dir, themes_dir

HOME = Path("/home/ada")


def test_the_default_paths_of_the_xdg_specification() -> None:
    paths = Paths.of({}, HOME)
    assert paths == Paths(
        config=HOME / ".config/lanewatch/config.toml",
        themes=HOME / ".config/lanewatch/themes",
        closings=HOME / ".config/lanewatch/closings",
        state=HOME / ".local/state/lanewatch",
        cache=HOME / ".cache/lanewatch",
    )
    assert paths.mutes == HOME / ".local/state/lanewatch/mutes.json"


def test_paths_from_the_environment() -> None:
    paths = Paths.of({"XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s", "XDG_CACHE_HOME": "/k"}, HOME)
    assert paths == Paths(
        Path("/c/lanewatch/config.toml"),
        Path("/c/lanewatch/themes"),
        Path("/c/lanewatch/closings"),
        Path("/s/lanewatch"),
        Path("/k/lanewatch"),
    )


@pytest.mark.parametrize("value", ["", "relative/path", "."])
def test_a_relative_base_is_ignored(value: str) -> None:
    assert Paths.of({"XDG_CONFIG_HOME": value}, HOME) == Paths.of({}, HOME)


def test_shipped_files_are_found_in_the_checkout() -> None:
    assert (themes_dir() / "lanewatch-dark.toml").is_file()
    assert sample_logs_dir().is_dir()


def test_files_of_the_package_come_before_those_of_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "tui"
    (tmp_path / "site" / "themes").mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert themes_dir() == tmp_path / "site" / "themes"
    (package / "_data" / "themes").mkdir(parents=True)
    assert themes_dir() == package / "_data" / "themes"
    with pytest.raises(FileNotFoundError, match="sample_logs is missing"):
        sample_logs_dir()
