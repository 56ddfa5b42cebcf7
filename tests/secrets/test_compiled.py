"""The compiled search that is kept between runs: private, checked, and never needed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hyperscan
import pytest

from tui.io.cache import Cache
from tui.text.secrets import compiled as module
from tui.text.secrets.compiled import compiled, keep_compiled_in, parsed

WORDS = [b"token", b"(?i)pass[0-9]{3}"]
FLAGS = [hyperscan.HS_FLAG_SINGLEMATCH] * 2


@pytest.fixture
def folder(tmp_path) -> Iterator[Path]:
    keep_compiled_in(lambda: Cache(tmp_path / "a" / "lanewatch"))
    yield tmp_path / "a" / "lanewatch"
    keep_compiled_in(None)


@pytest.fixture
def compilations(monkeypatch) -> list[int]:
    """One entry for each time that something is compiled."""
    made: list[int] = []
    real = module._compiled_anew
    monkeypatch.setattr(module, "_compiled_anew", lambda *given: made.append(1) or real(*given))
    return made


def found(database: hyperscan.Database) -> list[int]:
    hits: list[int] = []
    database.scan(
        b"a token and PASS123",
        match_event_handler=lambda index, *_: hits.append(index),
        scratch=hyperscan.Scratch(database),
    )
    return sorted(hits)


def only(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_a_search_is_compiled_once_and_then_read(folder, compilations):
    for _ in range(3):
        assert found(compiled(WORDS, FLAGS)) == [0, 1]
    assert len(compilations) == 1
    assert folder.stat().st_mode & 0o777 == 0o700
    assert only(folder).stat().st_mode & 0o777 == 0o600
    assert found(compiled([b"token"], FLAGS[:1])) == [0]
    assert len(compilations) == 2


def test_nothing_is_kept_unless_somebody_says_where(tmp_path, compilations):
    keep_compiled_in(None)
    compiled(WORDS, FLAGS)
    compiled(WORDS, FLAGS)
    assert len(compilations) == 2


def test_a_table_is_parsed_once_and_then_read(folder, monkeypatch):
    toml = b'[names]\nwords = ["a", "\xc3\xa4"]\n'
    assert parsed(toml) == {"names": {"words": ["a", "\u00e4"]}}
    path = only(folder)
    monkeypatch.setattr("tomllib.loads", lambda _: {"parsed": "anew"})
    assert parsed(toml) == {"names": {"words": ["a", "\u00e4"]}}
    Cache(folder).write(path.stem, b"something else")
    assert parsed(toml) == {"parsed": "anew"}
    assert parsed(toml + b"\n") == {"parsed": "anew"}


@pytest.mark.parametrize("at", [0, 30, 54, 58, 74, 500, -1])
def test_a_damaged_file_is_made_anew(folder, compilations, at):
    compiled(WORDS, FLAGS)
    path = only(folder)
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    assert found(compiled(WORDS, FLAGS)) == [0, 1]
    assert len(compilations) == 2
    compiled(WORDS, FLAGS)
    assert len(compilations) == 2


def test_a_file_that_is_whole_but_no_search_is_made_anew(folder, compilations):
    compiled(WORDS, FLAGS)
    Cache(folder).write(only(folder).stem, b"something else")
    assert found(compiled(WORDS, FLAGS)) == [0, 1]
    assert len(compilations) == 2


def _linked(folder: Path, path: Path) -> None:
    path.rename(folder.parent / "elsewhere")
    path.symlink_to(folder.parent / "elsewhere")


def _pipe(_folder: Path, path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


UNSAFE = {
    "an open file": lambda _folder, path: path.chmod(0o644),
    "an open folder": lambda folder, _path: folder.chmod(0o755),
    "a linked file": _linked,
    "a named pipe": _pipe,
    "a folder that is a link": lambda folder, _path: (
        folder.rename(folder.with_name("real")),
        folder.symlink_to(folder.with_name("real")),
    ),
}


@pytest.mark.parametrize("unsafe", UNSAFE.values(), ids=UNSAFE)
def test_what_others_may_have_written_is_not_read(folder, compilations, unsafe):
    compiled(WORDS, FLAGS)
    unsafe(folder, only(folder))
    assert found(compiled(WORDS, FLAGS)) == [0, 1]
    assert len(compilations) == 2


def test_a_folder_of_another_user_is_neither_read_nor_written(folder, compilations, monkeypatch):
    compiled(WORDS, FLAGS)
    before = only(folder).stat().st_mtime_ns
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    compiled(WORDS, FLAGS)
    assert len(compilations) == 2
    assert only(folder).stat().st_mtime_ns == before


def test_a_place_where_nothing_can_be_kept_is_no_error(tmp_path, compilations):
    (tmp_path / "file").write_text("")
    keep_compiled_in(lambda: Cache(tmp_path / "file" / "lanewatch"))
    try:
        assert found(compiled(WORDS, FLAGS)) == [0, 1]
    finally:
        keep_compiled_in(None)
    assert compilations == [1]


def test_few_files_stay(folder):
    for word in b"abcdefgh":
        compiled([bytes([word])], FLAGS[:1])
    assert len(list(folder.iterdir())) == 6


def test_a_command_keeps_the_search_in_the_cache_of_the_user(tmp_path):
    session = tmp_path / "s.jsonl"
    session.write_text('{"type":"user","sessionId":"x","message":{"role":"user","content":"token=a1B2c3D4e5F6"}}\n')
    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(tmp_path / "cache")}
    shown = []
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-m", "tui", "events", "--json", str(session)], env=env, capture_output=True, check=True
        )
        shown.append(run.stdout)
    assert shown[0] == shown[1]
    assert b"a1B2c3D4" not in shown[0]
    assert len(list((tmp_path / "cache" / "lanewatch").iterdir())) == 2
