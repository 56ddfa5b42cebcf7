"""Claude's registry files: what is read from them, how often, and that nothing in them can do harm."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tui.agents.claude import processes as claude_registry
from tui.agents.claude.processes import FILE_CAP, ClaudeRegistry, Registered

ENTRY: dict[str, Any] = {
    "pid": 4242,
    "sessionId": "ed570807-668f-4cb1-924f-9e3e23f21a00",
    "cwd": "/home/u/w",
    "startedAt": 1795215595159,
    "procStart": "249419",
    "version": "2.1.329",
    "kind": "interactive",
    "pidDomain": "linux:3d1219c7c4c5404aaa1f6d2a48adfda4:pid:[4026531836]",
    "status": "busy",
    "statusUpdatedAt": 1795215595098,
}


def read_one(folder: Path, entry: object, name: str = "4242.json") -> Registered | None:
    (folder / name).write_text(entry if isinstance(entry, str) else json.dumps(entry))
    entries = ClaudeRegistry(str(folder)).read()
    assert entries is not None
    return entries.get(4242)


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in ENTRY.items() if name != key}


def test_a_whole_entry(tmp_path: Path) -> None:
    assert read_one(tmp_path, ENTRY) == Registered(
        path=str(tmp_path / "4242.json"),
        pid=4242,
        session="ed570807-668f-4cb1-924f-9e3e23f21a00",
        cwd="/home/u/w",
        proc_start="249419",
        started=1795215595.159,
        status="busy",
        waiting_for=None,
        domain="linux:3d1219c7c4c5404aaa1f6d2a48adfda4:pid:[4026531836]",
    )


def test_an_older_client_states_less(tmp_path: Path) -> None:
    entry = read_one(tmp_path, {"pid": 4242, "sessionId": "s", "cwd": "/w", "startedAt": 1})
    assert entry is not None
    assert (entry.status, entry.proc_start, entry.domain) == (None, None, None)


@pytest.mark.parametrize("status", ["idle", "busy", "waiting"])
def test_known_states(tmp_path: Path, status: str) -> None:
    entry = read_one(tmp_path, {**ENTRY, "status": status})
    assert entry is not None
    assert entry.status == status


@pytest.mark.parametrize("status", ["pondering", "", 3, None, ["busy"], {"busy": True}, True])
def test_another_state_is_no_state(tmp_path: Path, status: object) -> None:
    entry = read_one(tmp_path, {**ENTRY, "status": status, "waitingFor": "permission"})
    assert entry is not None
    assert entry.status is None
    assert entry.waiting_for is None


def test_what_it_waits_for_counts_only_while_it_waits(tmp_path: Path) -> None:
    waiting = read_one(tmp_path, {**ENTRY, "status": "waiting", "waitingFor": "permission prompt"})
    busy = read_one(tmp_path, {**ENTRY, "status": "busy", "waitingFor": "permission prompt"})
    assert waiting is not None
    assert busy is not None
    assert (waiting.waiting_for, busy.waiting_for) == ("permission prompt", None)


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        "{}",
        "\0" * 40,
        '{"pid": 4242, "sessionId": "s"',
        without("pid"),
        without("sessionId"),
        {**ENTRY, "pid": 4243},
        {**ENTRY, "pid": "4242"},
        {**ENTRY, "pid": [4242]},
        {**ENTRY, "sessionId": ""},
        {**ENTRY, "sessionId": 7},
        {**ENTRY, "sessionId": "s" * 5000},
        "[" * 5000,
        '{"a":' * 3000,
    ],
)
def test_a_broken_entry_is_not_there(tmp_path: Path, entry: object) -> None:
    assert read_one(tmp_path, entry) is None


@pytest.mark.parametrize("field", ["cwd", "procStart", "startedAt", "pidDomain", "waitingFor", "status"])
@pytest.mark.parametrize("value", [None, [], {}, True, -1.5, "x" * 5000, {"deep": [[[]]]}])
def test_a_field_of_another_type_costs_that_field(tmp_path: Path, field: str, value: object) -> None:
    entry = read_one(tmp_path, {**ENTRY, field: value})
    assert entry is not None
    assert entry.session == ENTRY["sessionId"]


def test_a_true_is_no_process_id(tmp_path: Path) -> None:
    (tmp_path / "1.json").write_text('{"pid": true, "sessionId": "s"}')
    assert ClaudeRegistry(str(tmp_path)).read() == {}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=examples(150))
@given(st.dictionaries(st.sampled_from(sorted({*ENTRY, "waitingFor"})), json_values), st.booleans())
def test_any_values_are_read_or_left(fields: dict[str, Any], keep_names: bool) -> None:
    entry = {**ENTRY, **fields}
    if keep_names:
        entry |= {"pid": 4242, "sessionId": "s"}
    with tempfile.TemporaryDirectory() as folder:
        found = read_one(Path(folder), entry)
    if keep_names:
        assert found is not None
    if found is not None:
        assert found.pid == 4242
        assert found.session
        assert found.status in (None, "idle", "busy", "waiting")


@settings(max_examples=examples(150))
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_left(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "4242.json").write_bytes(data)
        assert ClaudeRegistry(folder).read() in ({}, None) or json.loads(data)["pid"] == 4242


def test_a_file_that_is_too_large_is_not_there(tmp_path: Path) -> None:
    padded = json.dumps({**ENTRY, "padding": "x" * FILE_CAP})
    assert read_one(tmp_path, padded) is None
    assert read_one(tmp_path, json.dumps(ENTRY) + " " * FILE_CAP) is None, "cut off, it would still be whole"
    assert read_one(tmp_path, {**ENTRY, "padding": "x" * 1000}) is not None


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text(json.dumps({**ENTRY, "pid": 3}))
    folder = tmp_path / "sessions"
    folder.mkdir()
    os.mkfifo(folder / "1.json")  # opening it would hang
    (folder / "2.json").mkdir()
    (folder / "3.json").symlink_to(outside)
    (folder / "4.json").symlink_to(folder / "4.json")
    (folder / "5.json").symlink_to("/dev/zero")
    assert ClaudeRegistry(str(folder)).read() == {}


def test_secrets_beside_it_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = count_opens(monkeypatch)
    for name in ("4242.7736f06f.key", "4242.json.tmp", "x.json", "4242.json\n", "-1.json", "0.json", "٤.json"):
        (tmp_path / name).write_text(json.dumps({**ENTRY, "peerToken": "secret"}))
    assert ClaudeRegistry(str(tmp_path)).read() == {}
    assert opened == []


def test_a_missing_folder_is_no_registry(tmp_path: Path) -> None:
    assert ClaudeRegistry(str(tmp_path / "none")).read() is None
    (tmp_path / "file").write_text("")
    assert ClaudeRegistry(str(tmp_path / "file")).read() is None


def count_opens(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    opened: list[str] = []
    really = claude_registry.open_transcript

    def counting(path: str, *args: Any) -> Any:
        opened.append(Path(path).name)
        return really(path, *args)

    monkeypatch.setattr(claude_registry, "open_transcript", counting)
    return opened


def test_a_file_is_read_again_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = count_opens(monkeypatch)
    file = tmp_path / "4242.json"
    file.write_text(json.dumps(ENTRY))
    (tmp_path / "7.json").write_text("broken")
    registry = ClaudeRegistry(str(tmp_path))
    for _ in range(5):
        entries = registry.read()
        assert entries is not None
        assert entries[4242].status == "busy"
    assert sorted(opened) == ["4242.json", "7.json"]

    file.write_text(json.dumps({**ENTRY, "status": "idle"}))
    os.utime(file, ns=(1, 1))  # the same moment again and again: its number is what counts
    for _ in range(3):
        entries = registry.read()
        assert entries is not None
        assert entries[4242].status == "idle"
    assert sorted(opened) == ["4242.json", "4242.json", "7.json"]

    file.unlink()
    assert registry.read() == {}
