"""What two texts share stands back, what differs stands out, and nothing of the text is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.text.safe_text import safe_text
from tui.text.styled_text import Span, line_width
from tui.view.highlight_diff import DIFFERS, SHARED, differing, differs, squeezed


def text_of(line):
    return "".join(span.text for span in line)


def marked(line):
    return [span.text.strip() for span in line if span.role == DIFFERS]


def test_only_the_words_that_differ_stand_out():
    line = differing(safe_text("./run.sh --lane S085 --name rebook"), safe_text("./run.sh --lane S084 --name cancel"))
    assert marked(line) == ["S085", "rebook"]
    assert text_of(line) == "./run.sh --lane S085 --name rebook"


def test_equal_texts_differ_in_nothing():
    assert not differs(differing(safe_text("npm install"), safe_text("npm install")))


words = st.text(st.sampled_from("ab 日_-/.9é"), max_size=60)


@given(words, words)
def test_every_character_of_the_text_is_there_once(ours, theirs):
    text = safe_text(ours)
    assert text_of(differing(text, safe_text(theirs))) == text


@given(words, words, st.integers(10, 80))
def test_squeezing_cuts_what_is_shared_alone_and_never_adds(ours, theirs, cells):
    line = differing(safe_text(ours), safe_text(theirs))
    short = squeezed(line, cells)
    assert [span for span in short if span.role == DIFFERS] == [span for span in line if span.role == DIFFERS]
    assert line_width(short) <= max(cells, line_width(line))
    if line_width(line) <= cells:
        assert short == line


def test_a_long_command_is_squeezed_until_what_differs_can_be_seen():
    line = (Span(safe_text("x" * 90), SHARED), Span(safe_text("S085"), DIFFERS), Span(safe_text(" y" * 40), SHARED))
    short = squeezed(line, 40)
    assert line_width(short) <= 40
    assert "S085" in text_of(short)
