"""The real command in a real tmux: what a person sees and presses."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

from tests.property.test_chain import encode, message, prompt
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.tmux

SESSION = "0a1b2c3d-0000-4000-8000-000000000000"


@pytest.fixture
def transcript(tmp_path):
    path = tmp_path / "projects" / "harbor" / f"{SESSION}.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(encode([prompt(SESSION, 1, "HARB-9 paint the quay"), message(SESSION, 5, "one", 50)]))
    return path


def test_lanes_totals_keys_and_a_clean_end(tmux, transcript):
    pane = tmux(str(transcript.parents[1]))
    pane.shows("HARB-9 paint the quay")
    assert pane.ask("#{alternate_on}") == "1"

    with transcript.open("ab") as file:
        file.write(encode([message(SESSION, 9, "two", 999_000)]))
    pane.shows("1.00M")

    late = transcript.with_name("ffffffff-0000-4000-8000-000000000000.jsonl")
    late.write_bytes(encode([prompt(late.stem, 3, "a lane that came late"), message(late.stem, 8, "late", 7)]))
    pane.shows("a lane that came late")

    pane.keys("j", "Enter")
    pane.shows("esc back")
    pane.keys("Escape")  # with a key close behind it, it would be another one
    pane.until(lambda screen: "esc back" not in screen, "the table again")
    pane.keys("/", *"late", "Enter")
    pane.shows("1 of 2")
    pane.keys("Escape")
    pane.until(lambda screen: "1 of 2" not in screen, "all lanes again")
    pane.keys("?")
    pane.shows("keys and glyphs")
    pane.keys("Escape")
    pane.until(lambda screen: "keys and glyphs" not in screen, "help closed")
    pane.keys("s")
    pane.shows("sort burn")
    pane.keys("o")
    pane.shows("no tmux pane")
    pane.keys("q")
    assert pane.ended() == 0
    assert pane.ask("#{alternate_on} #{mouse_any_flag}") == "0 0"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_killed_screen_leaves_the_terminal_clean(tmux, transcript, number, code):
    pane = tmux(str(transcript))
    pane.shows("HARB-9")
    assert pane.ask("#{mouse_any_flag}") == "1"
    os.kill(pane.pid, number)
    assert pane.ended() == code
    assert pane.ask("#{alternate_on} #{mouse_any_flag} #{mouse_sgr_flag}") == "0 0 0"


def test_the_mouse_can_be_left_to_the_terminal(tmux, transcript):
    pane = tmux("--no-mouse", str(transcript))
    pane.shows("HARB-9")
    assert pane.ask("#{mouse_any_flag}") == "0"
    pane.keys("M")
    pane.shows("mouse on")
    assert pane.ask("#{mouse_any_flag}") == "1"
    pane.keys("M")
    pane.shows("mouse off")
    assert pane.ask("#{mouse_any_flag}") == "0"


def test_the_demo_moves(tmux):
    pane = tmux("demo")
    pane.shows("Port the fare engine")
    first = pane.screen().splitlines()[3:20]
    pane.until(lambda screen: screen.splitlines()[3:20] != first, "movement")
    pane.keys("q")
    assert pane.ended() == 0


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (200, 60)])
def test_every_size(tmux, transcript, size):
    pane = tmux(str(transcript), size=size)
    pane.shows("paint")
    pane.keys("q")
    assert pane.ended() == 0


def test_it_does_not_outlive_its_terminal(tmux, transcript):
    pane = tmux(str(transcript))
    pane.shows("HARB-9")
    process = psutil.Process(pane.pid)
    pane.close()  # the terminal is gone: nobody reads what is written, and no key will come
    process.wait(timeout=PATIENCE_S)


def test_a_new_profile_needs_no_restart(tmux, tmp_path):
    pane = tmux()
    pane.shows("no lanes yet")
    late = tmp_path / ".claude-late" / "projects" / "harbor" / f"{SESSION}.jsonl"
    late.parent.mkdir(parents=True)
    late.write_bytes(encode([prompt(SESSION, 1, "a profile that came late"), message(SESSION, 5, "one", 50)]))
    pane.shows("a profile that came late")
