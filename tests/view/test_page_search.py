"""The search on a page."""

from __future__ import annotations

from tui.text.safe_text import safe_text
from tui.text.styled_text import Line, Span, word
from tui.view.conversation import FOUND
from tui.view.page_search import found_lines

PAGE: list[Line] = [
    (word("KEYS", "section"),), (word("p", "key"), word("Pause the lane")), (word("q", "key"), word("Quit")), (),
    (word("STATES", "section"),), (word("paused"),), (word("working"),),
]  # fmt: skip


def texts(words: str) -> list[str]:
    return ["".join(span.text for span in line) for line in found_lines(PAGE, safe_text(words))]


def test_lines_are_found_below_their_headings():
    assert texts("PAUSE") == ["KEYS", "pPause the lane", "", "STATES", "paused"]
    assert texts("lane pause") == ["KEYS", "pPause the lane"]
    assert texts("states") == ["STATES"]


def test_what_was_found_is_marked():
    (_, line) = found_lines(PAGE, safe_text("quit"))
    assert Span(safe_text("Quit"), FOUND) in line


def test_nothing_found_is_said():
    assert texts("zebra\x1b[31m")[0].startswith("nothing on this page contains zebra")
