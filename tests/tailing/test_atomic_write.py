"""A file is written whole or not at all."""

from __future__ import annotations

import stat

import pytest

from tui.io.files import atomic_write


def write(path, data: bytes, **options) -> None:
    with atomic_write(path, **options) as file:
        file.write(data)


def test_the_new_file_takes_the_place_and_is_private(tmp_path):
    path = tmp_path / "a.json"
    write(path, b"old", mode=0o644)
    write(path, b"new", durable=True)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_seen_before_the_end(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with atomic_write(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"


@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt()])
def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path, error):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(type(error)), atomic_write(path) as file:
        file.write(b"half")
        raise error
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_replaced_and_not_followed(tmp_path):
    target, path = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"theirs")
    path.symlink_to(target)
    write(path, b"ours")
    assert target.read_bytes() == b"theirs"
    assert not path.is_symlink()


def test_a_name_of_the_greatest_length_can_be_written(tmp_path):
    path = tmp_path / ("ü" * 127)
    write(path, b"x")
    assert path.read_bytes() == b"x"
