"""A sought place: the occurrence with the same text around it, however lines are broken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.view.sought import Sought, nearest

TEXT = "Prefer explicit paths when the worktree is mixed.\nNever commit without scope when the worktree is mixed."


def at(text: str, words: str, number: int) -> Sought:
    begin = -1
    for _ in range(number):
        begin = text.index(words, begin + 1)
    return Sought.in_text(text, begin, begin + len(words))


def test_the_occurrence_with_the_same_text_around_it_is_found():
    pieces = ["│ - **Prefer** explicit paths when the", "│ worktree is mixed.", "", "│ Never commit with", "│ out scope when the work",
              "│ tree is mixed."]  # fmt: skip
    found = [nearest(pieces, at(TEXT, "worktree", number)) for number in (1, 2)]
    assert [one.piece for one in found if one is not None] == [1, 4]


def test_words_that_are_not_there_are_not_found():
    assert nearest(["one", "two"], Sought("three")) is None
    assert nearest([], Sought("three")) is None
    assert nearest(["one"], Sought("--")) is None


@given(st.lists(st.sampled_from(["mixed", "tree", "work", "a", "-", "\u0130", "\ufb01"]), max_size=60), st.data())
def test_the_piece_has_the_beginning_of_the_words(pieces: list[str], data: st.DataObject):
    words = data.draw(st.sampled_from(["mixed", "worktree", "fi", "xedtr"]))
    found = nearest(pieces, Sought(words, "tree", "a"))
    assert (found is not None) == (words in "".join(filter(str.isalnum, "".join(pieces).casefold())))
    if found is not None:
        assert pieces[found.piece].strip("-")
