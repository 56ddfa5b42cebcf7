"""The audit log: changed, removed or missing lines are noticed, even after more lines were written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tui.control import audit
from tui.control.audit import AuditRecord
from tui.control.folder import ControlFolder

AT = 1_778_320_800.0


@pytest.fixture
def folder(tmp_path: Path) -> ControlFolder:
    return written(tmp_path / "lanewatch", 4)


def written(path: Path, count: int) -> ControlFolder:
    folder = ControlFolder(path)
    folder.prepare()
    for number in range(count):
        add(folder, number)
    return folder


def add(folder: ControlFolder, number: int) -> None:
    audit.append(
        folder, AuditRecord(AT + number, "ann", "pause", "claude:a", f"o{number}", "requested", "gate", "so", "", "")
    )


def file_of(folder: ControlFolder) -> Path:
    return folder.path / "audit" / "2026-05.jsonl"


def head_of(folder: ControlFolder) -> Path:
    return file_of(folder).with_suffix(".head")


def change(edit: Callable[[list[bytes]], list[bytes]]) -> Callable[[ControlFolder], None]:
    def done(folder: ControlFolder) -> None:
        lines = file_of(folder).read_bytes().splitlines(keepends=True)
        file_of(folder).write_bytes(b"".join(edit(lines)))

    return done


HARM = {
    "a line changed": (change(lambda lines: [lines[0].replace(b"ann", b"bob"), *lines[1:]]), "was changed"),
    "a line taken out": (change(lambda lines: [lines[0], *lines[2:]]), "changed or removed"),
    "the first line taken out": (change(lambda lines: lines[1:]), "changed or removed"),
    "the last line changed": (change(lambda lines: [*lines[:-1], lines[-1].replace(b"ann", b"bob")]), "was changed"),
    "the last line taken out": (change(lambda lines: lines[:-1]), "1 of 4 lines are missing"),
    "all lines taken out": (change(lambda _: []), "4 of 4 lines are missing"),
    "the file deleted": (lambda folder: file_of(folder).unlink(), "4 of 4 lines are missing"),
    "the head deleted": (lambda folder: head_of(folder).unlink(), "its head is missing"),
}


def test_unchanged_log_has_no_problems(folder):
    assert audit.problems(folder) == []
    assert [entry.order for entry in audit.read(folder)] == ["o0", "o1", "o2", "o3"]


@pytest.mark.parametrize("name", HARM)
def test_a_change_is_noticed(folder, name):
    harm, words = HARM[name]
    harm(folder)
    assert any(words in problem for problem in audit.problems(folder)), audit.problems(folder)


@pytest.mark.parametrize("name", [name for name in HARM if name != "the head deleted"])
def test_a_change_is_noticed_after_more_was_written(folder, name):
    HARM[name][0](folder)
    add(folder, 9)
    add(folder, 10)
    assert audit.problems(folder)


def test_lanewatch_killed_before_it_wrote_the_head_file(folder):
    before = head_of(folder).read_bytes()
    add(folder, 4)
    add(folder, 5)
    head_of(folder).write_bytes(before)
    assert audit.problems(folder) == []
    add(folder, 6)
    assert audit.problems(folder) == []
    assert head_of(folder).read_bytes().startswith(b"000000000007 ")


@given(data=st.data())
@settings(max_examples=examples(60), deadline=None)
def test_any_changed_byte_is_noticed(tmp_path_factory, data):
    folder = written(tmp_path_factory.mktemp("log") / "lanewatch", 3)
    raw = bytearray(file_of(folder).read_bytes())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    file_of(folder).write_bytes(bytes(raw))
    assert audit.problems(folder)
