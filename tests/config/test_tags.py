"""Tags: kept after a restart, shared by several processes, and safe if the file is damaged or cannot be written."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tui.config.tags import MOST_OF_A_LANE, Tags
from tui.model.evidence import LaneId

ONE, TWO = LaneId("claude:one"), LaneId("codex:two")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "lanewatch" / "tags.json"


def test_tags_survive_a_restart_and_the_file_is_private(file: Path) -> None:
    tags = Tags(file)
    assert not file.exists()
    tags.set([ONE, TWO], ["night", "urgent", "night"])
    assert tags.toggle([TWO], "night") is False
    assert Tags(file).of_lanes == {ONE: ("night", "urgent"), TWO: ("urgent",)}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    tags.set([ONE, TWO], [])
    assert Tags(file).of_lanes == {}


def test_two_processes_keep_each_others_tags(file: Path) -> None:
    here, there = Tags(file), Tags(file)
    here.set([ONE], ["night"])
    there.set([TWO], ["urgent"])
    here.refresh()
    assert here.of_lanes == {ONE: ("night",), TWO: ("urgent",)}
    assert here.words == ("night", "urgent")


def test_a_toggle_adds_unless_all_have_it(file: Path) -> None:
    tags = Tags(file)
    tags.set([ONE], ["night"])
    assert tags.toggle([ONE, TWO], "night") is True
    assert tags.of_lanes == {ONE: ("night",), TWO: ("night",)}
    assert tags.toggle([ONE, TWO], "night") is False
    assert tags.of_lanes == {}


@pytest.mark.parametrize("word", ["", "two words", "a:b", "-x", '"', "x" * 25, "a\x1b[0m", "a\u202eb", "a,b"])
def test_what_cannot_be_a_tag_is_refused_and_nothing_changes(word: str) -> None:
    tags = Tags()
    tags.set([ONE], ["night"])
    for refused in (lambda: tags.set([ONE], [word]), lambda: tags.toggle([ONE], word)):
        with pytest.raises(ValueError, match="cannot be a tag"):
            refused()
    assert tags.of_lanes == {ONE: ("night",)}


def test_a_lane_has_a_bounded_number_of_tags() -> None:
    with pytest.raises(ValueError, match="at most 8 tags"):
        Tags().set([ONE], [f"t{number}" for number in range(MOST_OF_A_LANE + 1)])


@pytest.mark.parametrize(
    "content",
    ["[", '{"schema": 2}', '{"schema": 1, "tags": []}', '{"schema": 1, "tags": {"claude:one": ["a b", "night"]}}'],
)
def test_a_damaged_file_is_told_and_kept_aside(file: Path, content: str) -> None:
    file.parent.mkdir(parents=True, mode=0o700)
    file.write_text(content)
    told: list[str] = []
    tags = Tags(file, told.append)
    assert len(told) == 1
    tags.set([TWO], ["urgent"])
    assert Tags(file).of_lanes[TWO] == ("urgent",)
    assert file.with_suffix(".broken").read_text() == content


def test_without_a_disk_tags_hold_until_the_end(file: Path) -> None:
    file.parent.parent.mkdir(parents=True)
    file.parent.write_text("no folder")
    told: list[str] = []
    tags = Tags(file, told.append)
    tags.set([ONE], ["night"])
    assert tags.of_lanes == {ONE: ("night",)}
    assert "tags hold until lanewatch ends" in told[-1]
