"""A newcomer's first minutes: every verb tried on the demo's workers, and the log that tells of it."""

from __future__ import annotations

import json
import time

import pytest

from tests.commands import program

pytestmark = pytest.mark.tmux


def test_every_verb_in_the_demo_and_the_story_of_it(tmux):
    screen = tmux("demo", size=(140, 40))
    screen.shows("lanes named live: obey")
    screen.shows("20 lanes")
    screen.keys("/")
    screen.shows("keep")
    screen.keys("-l", "endpoint pier")
    screen.keys("Enter")
    screen.until(lambda text: "routes gate" in text and "Prove that" in text.splitlines()[3], "the loop's row alone")

    screen.keys("p")
    screen.shows("u undo")  # a notice, which goes by itself
    screen.shows("paused before its next")
    screen.keys("r")
    screen.until(lambda text: "working" in text.splitlines()[3], "it goes on")

    screen.keys("d")
    screen.shows("^s continue")
    screen.keys("-l", "Read the harbour modules instead.")
    screen.keys("C-s")
    screen.shows("enter confirm")
    time.sleep(0.4)  # the question takes no answer in its first moment
    screen.keys("Enter")
    screen.until(lambda text: "cat harbour/" in text, "the worker has changed its ways")

    screen.keys("c")
    screen.shows("Write the closing summary now")
    screen.keys("C-s")
    screen.shows("enter confirm")
    time.sleep(0.4)
    screen.keys("Enter")
    screen.until(lambda text: "closed" in text.splitlines()[3], "the worker has ended")

    screen.keys("a")
    story = screen.shows("asked to close")
    for words in (
        "asked to pause", "the gate pauses it at", "paused before its next", "asked to resume", "resumed",
        "asked to redirect", "text: ", "Read the harbour modules instead.", "delivered: the text is in its transcript",
        "asked to close", "closing summary of", "process exited",
    ):  # fmt: skip
        assert words in story, f"{words!r} is not in the story:\n{story}"
    screen.keys("Escape")
    screen.until(lambda text: "esc back" not in text, "the fleet again")
    screen.keys("Escape")
    screen.until(lambda text: "endpoint pier" not in text, "all lanes again")
    screen.keys("/")
    screen.shows("keep")
    screen.keys("-l", "winter")
    screen.keys("Enter")
    screen.until(lambda text: "A answers it here" in text and "winter" in text.splitlines()[3], "the row that asks")
    screen.keys("A")
    screen.shows("nobody is at it")
    time.sleep(0.4)
    screen.keys("Down")  # the second option
    screen.keys("Enter")
    screen.keys("Enter")  # send these answers
    screen.until(lambda text: "you chose 23:45" in text, "it does what it was answered")
    screen.until(lambda text: "rm -r timetable/drafts" in text, "it asks again")
    asked = program("answer", "--demo", "winter", "--json", home=screen.home, TMPDIR=str(screen.home))
    (request,) = json.loads(asked.stdout)["pending"]
    answered = program(
        "answer", "--demo", "winter", "--request", request["request"], "--deny", "keep them", home=screen.home,
        TMPDIR=str(screen.home),
    )  # fmt: skip
    assert answered.returncode == 0, answered.stderr
    screen.until(lambda text: "you said no: keep them" in text, "it does what the command answered")

    screen.keys("q")
    assert screen.ended() == 0
