"""Notices from the settings to the channels; only the receiving programs are replaced."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.findings import NOW, circling, finding, stop_finding
from tests.screen.apps import Stage
from tui.cli.live import _Voice
from tui.cli.notices import notifier_of
from tui.config.mutes import Mutes
from tui.config.schema import Notify
from tui.control.notify import Notifier

WRITES = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read())"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A file that a command writes; reading waits until it is there."""
    os.mkfifo(tmp_path / "out")
    return tmp_path / "out"


def made(settings: Notify, written: list[str], env: dict[str, str] | None = None) -> Notifier | None:
    return notifier_of(settings, Mutes(None, pytest.fail), written.append, pytest.fail, NOW - 7200, env or {})


def test_by_default_only_the_screens_bell_gives_notice():
    assert made(Notify(), []) is None


def test_the_command_receives_the_findings_document(out: Path):
    notifier = made(Notify(command=(sys.executable, "-c", WRITES, str(out))), [])
    assert notifier is not None
    assert notifier.take(circling(), NOW) is not None
    document = json.loads(out.read_text())
    notifier.close()
    assert document["schema"] == 1
    assert [one["kind"] for one in document["findings"]] == [
        "stop",
        "repetition",
    ]  # the warning is less severe than the setting
    assert [one["id"] for one in document["families"]] == ["f1"]
    assert document["findings"][0]["muted"] is None


def test_the_document_contains_only_families_of_its_findings(out: Path):
    notifier = made(Notify(command=(sys.executable, "-c", WRITES, str(out)), kinds=("repetition",)), [])
    assert notifier is not None
    notifier.take(circling(), NOW)
    assert json.loads(out.read_text())["families"] == []
    notifier.close()


@pytest.mark.parametrize(
    ("env", "head"), [({}, "\x1b]777;notify;"), ({"TMUX": "/tmp/x,1,0"}, "\x1bPtmux;\x1b\x1b]777;")]
)
def test_the_terminal_receives_safe_text(env: dict[str, str], head: str):
    written: list[str] = []
    notifier = made(Notify(osc="777", min_severity="warn"), written, env)
    assert notifier is not None
    hostile = replace(stop_finding(), title="a;b\x1b]0;pwned\x07\n\u202e", evidence=())
    notifier.take(replace(circling(), findings=(hostile, finding())), NOW)
    (one,) = written
    assert one.startswith(head)
    assert "pwned" not in one
    assert "\u202e" not in one
    assert "(and 1 more)" in one


async def test_a_line_from_a_thread_reaches_the_screen():
    app = Stage(circling()).app
    voice = _Voice()
    voice.early.append("at first")
    voice.say("before it begins")
    assert voice.early == ["at first", "before it begins"]
    said: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()
    async with app.run_test():
        app.say = lambda text, *, loud=False: said.put_nowait((text, loud))  # type: ignore[method-assign]
        voice.app = app
        await asyncio.to_thread(voice.say, "notify.command: \x1b[31mit failed")
        assert await asyncio.wait_for(said.get(), 20) == ("notify.command: it failed", True)
        voice.write("\x1b]9;x\x07")  # a headless screen has no terminal: this is not a failure
    await asyncio.to_thread(voice.say, "too late")  # a screen that has ended has none either
