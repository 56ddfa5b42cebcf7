"""Saved views: kept over restarts, one per key, shared by several processes."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from tui.config.views import KEYS, SavedViews, View

NIGHT = View(name="night", filter="needs you", group="project", hide="ended", sort="cost", columns=("name:40", "cost"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "lanewatch" / "views.json"


def opened(file: Path | None) -> tuple[SavedViews, list[str]]:
    told: list[str] = []
    return SavedViews(file, told.append), told


def test_a_view_survives_a_restart_on_the_first_free_key(file: Path) -> None:
    views, told = opened(file)
    assert views.all() == ()
    assert not file.exists()
    assert views.save(NIGHT) == replace(NIGHT, key=1)
    assert views.save(View(name="day")).key == 2
    again, _ = opened(file)
    assert again.named("night") == again.on_key(1) == replace(NIGHT, key=1)
    assert [view.name for view in again.all()] == ["night", "day"]
    assert again.on_key(3) is None
    assert told == []
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_key_shows_one_view_and_a_view_saved_again_keeps_its_key(file: Path) -> None:
    views, _ = opened(file)
    views.save(NIGHT)
    views.save(View(name="day"), 1)
    assert [(view.name, view.key) for view in views.all()] == [("day", 1), ("night", 0)]
    assert views.save(replace(View(name="day"), sort="burn")).key == 1
    for number in range(20):
        views.save(View(name=f"more {number}"))
    keys = [view.key for view in views.all() if view.key]
    assert sorted(keys) == list(KEYS)


def test_a_view_can_be_deleted(file: Path) -> None:
    views, _ = opened(file)
    views.save(NIGHT)
    assert not views.delete("dawn")
    assert views.delete("night")
    assert opened(file)[0].all() == ()


def test_views_of_another_lanewatch_are_read_and_kept(file: Path) -> None:
    one, two = opened(file)[0], opened(file)[0]
    one.save(NIGHT)
    two.save(View(name="day"))
    one.refresh()
    assert [view.name for view in one.all()] == ["night", "day"]


@pytest.mark.parametrize("name", ["", "   ", "a" * 41, "two\nlines"])
def test_a_name_must_be_one(name: str) -> None:
    views, _ = opened(None)
    with pytest.raises(ValueError, match="name"):
        views.save(View(name=name))
    assert views.all() == ()


def test_a_wrong_value_has_its_default_and_is_told(file: Path) -> None:
    opened(file)[0].save(NIGHT)
    document = json.loads(file.read_text())
    document["views"][0]["sort"] = "beauty"
    document["views"].append({"key": 2})
    file.write_text(json.dumps(document))
    views, told = opened(file)
    assert views.all() == (replace(NIGHT, key=1, sort="attention"),)
    assert len(told) == 1
    assert "beauty" in told[0]
    views.save(View(name="day"))
    assert file.with_suffix(".broken").exists()
    assert [view.name for view in opened(file)[0].all()] == ["night", "day"]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"schema": 1}', b'{"schema": 1, "views": {}}', b"\xff"])
def test_a_damaged_file_holds_no_views_and_is_set_aside(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    views, told = opened(file)
    assert views.all() == ()
    assert len(told) == 1
    views.save(NIGHT)
    assert opened(file)[0].named("night") is not None
