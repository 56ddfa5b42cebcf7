"""A lane begins to go in circles while somebody looks, in a real tmux: the row, the panel, the mute, the shell."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest

from tests.demo.samples import FOLDER

pytestmark = pytest.mark.tmux

LOOP = next((FOLDER / "morning" / "claude").rglob("7d90c18f*.jsonl"))


def lines_as_if_now() -> list[bytes]:
    """The sample's looping lane, moved so that its fifth failure is written now."""
    raw = LOOP.read_bytes().splitlines(keepends=True)
    found = [json.loads(line) for line in raw]
    shift = datetime.now(UTC) - datetime.fromisoformat(found[failures(raw)[3]]["timestamp"])
    for line in found:
        if "timestamp" in line:
            moved = datetime.fromisoformat(line["timestamp"]) + shift
            line["timestamp"] = moved.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return [json.dumps(line).encode() + b"\n" for line in found]


def failures(lines: list[bytes]) -> list[int]:
    return [index for index, line in enumerate(lines) if b"ERESOLVE" in line and b"tool_result" in line]


def test_the_row_says_so_the_panel_lists_it_and_a_mute_silences_it(tmux, tmp_path):
    lines = lines_as_if_now()
    proof = failures(lines)[3]
    path = tmp_path / "projects" / "harbor-web" / LOOP.name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"".join(lines[:proof]))
    pane = tmux(str(tmp_path / "projects"))
    pane.shows("Upgrade the booking front end")
    assert "looping" not in pane.screen()

    with path.open("ab") as file:
        file.write(b"".join(lines[proof : proof + 1]))
    began = time.monotonic()
    pane.shows("looping")
    # No bound is asserted: the bench measures. It is printed for who runs this with -s.
    print(f"from the line that proves it to the screen: {time.monotonic() - began:.2f} s")

    pane.keys("f", "m", *"known", "Enter")  # in one piece: the input gets what comes behind the key that opens it
    pane.shows("muted")
    assert "FINDINGS" in pane.screen()
    pane.keys("Escape")
    pane.until(lambda screen: "FINDINGS" not in screen, "panel closed")
    pane.keys("q")
    assert pane.ended() == 0
    mutes = tmp_path / ".local" / "state" / "lanewatch" / "mutes.json"
    assert "known" in mutes.read_text(encoding="utf-8")
