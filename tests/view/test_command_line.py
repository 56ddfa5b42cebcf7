"""The offers of the command line: which fit what was typed, and how they are listed."""

from __future__ import annotations

import pytest

from tui.text.styled_text import line_width, own
from tui.view.command_line import WIDEST, Offer, completed, matching, offer_line, unknown_line, window_of_rows

OFFERS = [
    Offer("pause", own("Pause the lane"), own("p")),
    Offer("copy id", own("Copy the lane's session id"), own("y")),
    Offer("copy path", own("Copy the path of its transcript"), own("Y")),
    Offer("what if", own("What if a policy had run"), own("w")),
    Offer("sort", own("Sort by a column"), own("s"), "COLUMN"),
    Offer("sort cost", own("The cost"), is_value=True),
    Offer("sort name", own("The name"), is_value=True),
    Offer("theme paper", own("Warm light"), is_value=True),
]


def texts(typed: str) -> list[str]:
    return [offer.text for offer in matching(OFFERS, typed)]


def test_nothing_typed_lists_the_commands_without_values():
    assert texts("") == texts("  ") == ["pause", "copy id", "copy path", "what if", "sort"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("pause", "pause"), ("PA", "pause"), ("copy p", "copy path"), ("cp", "copy id"), ("wi", "what if"),
        ("cost", "sort cost"), ("sort c", "sort cost"), ("s n", "sort name"), ("paper", "theme paper"),
        ("transcript", "copy path"), ("pse", "pause"),
    ],
)  # fmt: skip
def test_the_best_fit_comes_first(typed, first):
    assert texts(typed)[0] == first


def test_letters_in_the_middle_of_a_word_alone_do_not_fit():
    assert texts("aue") == []
    assert texts("zz") == []


def test_an_exact_name_comes_before_longer_ones():
    assert texts("sort") == ["sort", "sort cost", "sort name"]


def test_after_a_command_only_its_values_are_listed():
    assert texts("sort ") == ["sort cost", "sort name"]
    assert texts("sort n")[0] == "sort name"


def test_a_command_with_an_argument_is_completed_with_a_blank():
    assert completed(OFFERS[4]) == "sort "
    assert completed(OFFERS[0]) == "pause"


@pytest.mark.parametrize("cells", [20, 60, 80, 120, 200])
def test_a_row_fits_and_its_key_stands_at_the_right(cells):
    for offer in OFFERS:
        line = offer_line(offer, cells, is_chosen=False)
        text = "".join(span.text for span in line)
        assert line_width(line) == min(cells, WIDEST)
        assert text.rstrip().endswith(offer.key) if offer.key else True
        assert offer.text[:10] in text


def test_hostile_names_are_shown_safely():
    offer = Offer("theme \x1b[31mred\x07", own(""), is_value=True)
    for line in (offer_line(offer, 80, is_chosen=True), unknown_line("\x1b]0;x\x07", "", 80)):
        assert "".join(span.text for span in line).isprintable()


def test_the_chosen_row_is_always_among_those_shown():
    assert window_of_rows(3, 2, 10) == range(3)
    for chosen in range(40):
        shown = window_of_rows(40, chosen, 12)
        assert chosen in shown
        assert len(shown) == 12
