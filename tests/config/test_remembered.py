"""Choices of the operator: kept over restarts, and never a reason for the screen not to begin."""

from __future__ import annotations

import errno
import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.config import state_file
from tui.config.remembered import Choices, Remembered

CONFIGURED = Choices(theme="lanewatch-dark")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "lanewatch" / "screen.json"


def opened(file: Path | None, configured: Choices = CONFIGURED) -> tuple[Remembered, list[str]]:
    told: list[str] = []
    return Remembered(file, configured, told.append), told


def test_choices_survive_a_restart_and_the_file_is_private(file: Path) -> None:
    first, _ = opened(file)
    assert first.chosen == CONFIGURED
    assert not file.exists()  # a read writes nothing
    first.keep(theme="mono", split=40)
    first.keep(sort="cost", reverse=True)
    again, told = opened(file)
    assert again.chosen == replace(CONFIGURED, theme="mono", split=40, sort="cost", reverse=True)
    assert told == []
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_later_change_of_the_configuration_goes_before_the_choice(file: Path) -> None:
    opened(file)[0].keep(theme="mono", split=40)
    again, _ = opened(file, replace(CONFIGURED, theme="paper"))
    assert again.chosen == Choices(theme="paper", split=40)


def test_two_lanewatch_processes_keep_each_others_choices(file: Path) -> None:
    one, two = opened(file)[0], opened(file)[0]
    one.keep(theme="mono")
    two.keep(sort="burn")
    assert opened(file)[0].chosen == replace(CONFIGURED, theme="mono", sort="burn")


def test_without_a_file_choices_count_until_the_end() -> None:
    kept, _ = opened(None)
    kept.keep(theme="mono")
    assert kept.chosen.theme == "mono"


def test_a_disk_that_cannot_be_written_is_no_error(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(state_file, "atomic_write", refuse)
    kept, told = opened(file)
    kept.keep(theme="mono")
    assert kept.chosen.theme == "mono"
    assert told == []
    assert not file.exists()


def test_one_wrong_value_costs_that_value_alone_and_is_told(file: Path) -> None:
    opened(file)[0].keep(theme="mono", sort="cost")
    document = json.loads(file.read_text())
    document["chosen"]["sort"]["value"] = "beauty"
    file.write_text(json.dumps(document))
    again, told = opened(file)
    assert again.chosen == replace(CONFIGURED, theme="mono")
    assert len(told) == 1
    assert "sort" in told[0]
    assert "beauty" in told[0]


@given(
    st.one_of(st.binary(max_size=200), st.sampled_from([b"[]", b"{}", b'{"schema": 1, "chosen": 7}', b'{"schema": 9}']))
)
def test_a_damaged_file_gives_the_configured_choices(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("damaged") / "screen.json"
    file.write_bytes(content)
    kept, told = opened(file)
    assert kept.chosen == CONFIGURED
    assert len(told) <= 1
    kept.keep(theme="mono")
    assert opened(file)[0].chosen.theme == "mono"


@pytest.mark.parametrize("open_", ["file", "folder", "link"])
def test_a_file_that_others_can_write_is_not_read(tmp_path: Path, open_: str) -> None:
    told: list[str] = []
    file = tmp_path / "lanewatch" / "screen.json"
    Remembered(file, Choices(), told.append).keep(sort="cost")
    assert Remembered(file, Choices(), told.append).chosen.sort == "cost"
    assert not told
    if open_ == "link":
        file.rename(tmp_path / "elsewhere")
        file.symlink_to(tmp_path / "elsewhere")
    else:
        (file if open_ == "file" else file.parent).chmod(0o777)
    assert Remembered(file, Choices(), told.append).chosen.sort == "attention"
    assert len(told) == 1


def test_no_lock_is_made_through_a_link(tmp_path: Path) -> None:
    file = tmp_path / "lanewatch" / "screen.json"
    file.parent.mkdir()
    file.with_suffix(".lock").symlink_to(tmp_path / "made")
    Remembered(file, Choices()).keep(sort="cost")
    assert not (tmp_path / "made").exists()
