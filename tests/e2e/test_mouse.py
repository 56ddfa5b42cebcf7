"""The bytes that a terminal sends for a click, on a heading, on a count of the header, and on an offer."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.tmux


def click(screen, words: str, rows: slice) -> None:
    """Clicks the first cell of these words in the first of these rows that has them, once one has.

    The bytes are as SGR mouse reporting encodes a click.
    """
    lines = screen.until(lambda text: words in "\n".join(text.splitlines()[rows]), words).splitlines()
    at = next(at for at in range(*rows.indices(len(lines))) if words in lines[at])
    column = lines[at].index(words) + 1
    screen.run("send-keys", "-l", f"\x1b[<0;{column};{at + 1}M\x1b[<0;{column};{at + 1}m")


def test_clicks_sort_filter_and_choose(tmux):
    screen = tmux("demo", size=(160, 40))
    screen.shows("needs you")
    screen.shows("LOOP")  # a column that appears between the look and the click would move the others
    screen.keys("g")
    headings, header = slice(2, 3), slice(1)
    click(screen, "TOKENS", headings)
    screen.shows("TOKENS▼")
    click(screen, "TOKENS", headings)
    screen.shows("TOKENS▲")
    click(screen, "needs you", header)
    screen.shows("filter state:needs_input")
    click(screen, "needs you", header)
    screen.until(lambda text: "filter state" not in text, "all lanes again")
    screen.keys(":")
    screen.shows("esc leave")
    screen.keys("-l", "sort cost")
    # While one types, offers are left out and the others move: the one that is left stands above the input.
    offer = slice(-2, -1)
    screen.until(lambda text: text.splitlines()[offer][0].startswith(" sort cost"), "the only offer")
    click(screen, " sort cost", offer)
    screen.until(lambda text: "esc leave" not in text and "sort cost" in text, "the rows sorted by cost")
    screen.keys("C-c")
    screen.shows("q quits")
    screen.keys("C-c")
    assert screen.ended() == 0
