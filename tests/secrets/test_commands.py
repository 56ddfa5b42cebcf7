"""One folder with every kind in every field, through the real commands: nothing that they write shows a secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import zstandard

from tests.agents.builders import at, claude_call, claude_result, claude_user, codex_meta, codex_turn
from tests.secrets.makers import MAKERS, plant
from tests.secrets.test_entry import CODEX, FIELDS
from tui.cli import findings, lanes, report
from tui.cli.main import main

LOOP = 8
"""So often a command fails the same way: enough for a finding, whose title quotes it."""


def session(number: int) -> str:
    return f"5f0c21aa-0000-4000-8000-{number:012d}"


def write(folder: Path) -> list[str]:
    """A lane for each kind, with a loop whose title cuts the secret; and the fields in turn. Returns all parts."""
    parts: list[str] = []
    for number, name in enumerate(MAKERS):
        planted = plant(name, number)
        parts += planted.parts
        fields = [list(FIELDS)[(number + step) % len(FIELDS)] for step in range(0, len(FIELDS), 10)]
        records = [claude_user(f"{planted.text} first", sessionId=session(number), cwd="/srv/x")]
        for field in fields:
            if field not in CODEX:
                records += FIELDS[field](f"{'x' * (number % 40)} {planted.text} after")
        for turn in range(LOOP):
            call = f"toolu_{turn}"
            records += [
                claude_call("Bash", {"command": f"{'x' * (number % 30)} {planted.text}"}, call),
                claude_result(f"error: {planted.text} is refused", call, is_error=True),
            ]
        for second, record in enumerate(records):
            record.update(sessionId=session(number), timestamp=at(second))
        put(folder / ".claude/projects/-srv-x" / f"{session(number)}.jsonl", records)
        records = [codex_meta(), codex_turn(), *(record for field in CODEX for record in CODEX[field](planted.text))]
        thread = f"019fc8be-3658-7ca3-9e29-{number:012d}"
        records[0]["payload"]["id"] = thread
        put(folder / ".codex/sessions/2026/08/03" / f"rollout-2026-08-03T12-00-00-{thread}.jsonl", records)
    return parts


def put(path: Path, records: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def found(shown: str, parts: list[str], run: int = 8) -> str | None:
    """As `makers.shows`, for many parts in a long text."""
    pieces = {part[at : at + run] for part in parts for at in range(max(1, len(part) - run + 1))}
    return next((shown[at : at + run] for at in range(len(shown)) if shown[at : at + run] in pieces), None)


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> tuple[Path, list[str]]:
    home = tmp_path_factory.mktemp("secrets")
    return home, write(home)


@pytest.fixture
def run(planted, monkeypatch, capsys) -> Callable[..., str]:
    """Runs a command in the home with the secrets and gives what it wrote."""
    home, _ = planted
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(home)

    def command(*args: str) -> str:
        status = main(list(args))
        told = capsys.readouterr()
        assert status in (0, 3), told.err
        return told.out + told.err

    return command


@pytest.fixture(autouse=True, scope="module")
def _read_once() -> Iterator[None]:
    """Lets commands that read the same read it once: they differ in what they write of it."""
    with pytest.MonkeyPatch.context() as patch:
        read_once = cache(lanes.read_once)
        for module in (lanes, findings):
            patch.setattr(module, "read_once", read_once)
        patch.setattr(report, "report_of", cache(report.report_of))
        yield


COMMANDS = (
    ("lanes", "--since", "all", "--judge", "all"), ("lanes", "--since", "all", "--judge", "all", "--json"),
    ("findings", "--all", "--since", "all"), ("findings", "--all", "--since", "all", "--json"),
    ("events", ".claude", "--json"), ("events", ".codex", "--json"),
    ("report", "--since", "all", "--format", "md"), ("report", "--since", "all", "--format", "html"),
    ("report", "--since", "all", "--format", "json"),
    *(("explain", session(number), f".claude/projects/-srv-x/{session(number)}.jsonl") for number in (0, 90)),
    ("replay", "--since", "all", "--screenshot", "-", "--size", "200x60", f".claude/projects/-srv-x/{session(90)}.jsonl"),
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:1] + command[-2:]))
def test_no_command_shows_a_secret(planted, run, command):
    _, parts = planted
    shown = run(*command)
    assert "masked" in shown
    assert found(shown, parts) is None


def test_usage_and_its_index_hold_no_secret(planted, run, monkeypatch):
    home, parts = planted
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    assert found(run("usage", "--by", "lane", "--json"), parts) is None
    (index,) = (home / "cache" / "lanewatch").glob("*.usage")
    held = index.read_bytes().decode("latin-1")
    assert "masked" in held
    assert found(held, parts) is None


def test_an_export_holds_no_secret(planted, run):
    home, parts = planted
    run("export", "--since", "all", "-o", "run.tar.zst")
    plain = zstandard.ZstdDecompressor().stream_reader((home / "run.tar.zst").read_bytes()).read()
    assert plain.count(b".jsonl") > len(MAKERS)
    assert found(plain.decode("utf-8", "replace"), parts) is None
