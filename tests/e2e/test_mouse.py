"""The bytes that a terminal sends for a click, on a heading, on a count of the header, and on an offer."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.tmux


def click(screen, words: str, row: int) -> None:
    """Clicks the first cell of these words in a row of the screen, as SGR mouse reporting encodes it."""
    column = screen.screen().splitlines()[row].index(words) + 1
    screen.run("send-keys", "-l", f"\x1b[<0;{column};{row + 1}M\x1b[<0;{column};{row + 1}m")


def test_clicks_sort_filter_and_choose(tmux):
    screen = tmux("demo", size=(160, 40))
    screen.shows("needs you")
    screen.shows("LOOP")  # a column that appears between the look and the click would move the others
    screen.keys("g")
    click(screen, "TOKENS", 2)
    screen.shows("TOKENS▼")
    click(screen, "TOKENS", 2)
    screen.shows("TOKENS▲")
    click(screen, "needs you", 0)
    screen.shows("filter state:needs_input")
    click(screen, "needs you", 0)
    screen.until(lambda text: "filter state" not in text, "all lanes again")
    screen.keys(":")
    screen.shows("esc leave")
    screen.keys("-l", "sort cost")
    screen.shows(":sort cost")
    click(screen, "sort cost", next(at for at, line in enumerate(screen.screen().splitlines()) if " sort cost" in line))
    screen.until(lambda text: "esc leave" not in text and "sort cost" in text, "the rows sorted by cost")
    screen.keys("C-c")
    screen.shows("q quits")
    screen.keys("C-c")
    assert screen.ended() == 0
