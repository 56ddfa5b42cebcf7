"""One transcript's bytes: who wrote it, what each bad line costs, and going on in another process."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tailing.fakes import lines, said, transcript
from tui.model.event import AssistantText, UnreadableLine
from tui.sources.transcript import NOT_KNOWN, SNIFF_ENOUGH, SNIFF_LEAST, SNIFF_LINES

kinds = st.sampled_from(
    [b"fake word", b"fake \xc3\xa9", b"other", b"", b"\r", b"fake \xff", b"fake \0", b"crash", b"fake " + b"x" * 90]
)


@given(st.lists(kinds, max_size=70), st.lists(st.integers(0, 60), max_size=20), st.booleans())
def test_any_split_gives_the_same_events_and_skips_also_through_a_pickle(bodies, cuts, pickled):
    data = b"".join(body + b"\n" for body in bodies)
    whole = transcript(cap=80).feed(data)
    cut, at, pieces = transcript(cap=80), 0, []
    for size in cuts:
        pieces += cut.feed(data[at : at + size])
        at += size
        cut = pickle.loads(pickle.dumps(cut)) if pickled else cut
    assert pieces + cut.feed(data[at:]) == whole


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"fake \0\0", "holds NUL bytes"),
        (b"fake \xff\xfe", "not UTF-8 (byte 5 of the line)"),
        (b"other", "not fake"),
        (b"crash", "the fake reader failed on it (ZeroDivisionError: a reader's mistake)"),
    ],
)
def test_a_bad_line_costs_itself_alone(bad, why):
    out = transcript().feed(lines("a") + bad + b"\n" + lines("b"))
    assert said(out) == ["a", "b"]
    assert [entry for entry in out if isinstance(entry, UnreadableLine)] == [UnreadableLine("x.jsonl", 2, 7, why)]


def test_windows_newlines_and_empty_lines_change_nothing_but_places():
    out = transcript().feed(b"fake a\r\n\r\n\nfake b\r\n")
    assert [(entry.text, entry.offset) for entry in out if isinstance(entry, AssistantText)] == [("a", 0), ("b", 11)]


def test_lines_before_the_one_that_tells_are_read_in_order():
    out = transcript().feed(b"what\n" + b"\0\n" + lines("a"))
    assert [type(entry).__name__ for entry in out] == ["UnreadableLine", "UnreadableLine", "AssistantText"]
    assert [entry.line for entry in out[:2]] == [1, 2]


def test_a_file_that_never_tells_costs_one_skip():
    many = transcript()
    out = many.feed(b"what\n" * (SNIFF_LINES * 3))
    assert out == [UnreadableLine("x.jsonl", None, None, NOT_KNOWN)]
    assert many.ignored
    assert many.feed(lines("too late")) == []


def test_the_place_decides_only_if_the_content_is_silent():
    silent = transcript(hint="fake")
    assert silent.feed(b"what\n" * (SNIFF_LINES - 1)) == []
    assert silent.agent is None
    assert len(silent.feed(b"what\n")) == SNIFF_LINES
    assert silent.agent == "fake"


def test_a_file_that_will_not_grow_is_judged_by_what_it_has():
    assert transcript().feed(b"what\n", end_of_file=True) == [UnreadableLine("x.jsonl", None, None, NOT_KNOWN)]
    assert said(transcript().feed(b"fake a\nfake b", end_of_file=True)) == ["a", "b"]


def test_an_empty_file_says_nothing():
    nothing = transcript()
    assert nothing.feed(b"", end_of_file=True) == []


def test_many_short_lines_that_nobody_knows_do_not_lose_what_follows():
    late = transcript()
    assert late.feed(b"what\n" * (SNIFF_LEAST * 20)) == []
    assert said(late.feed(lines("a"))) == ["a"]


def test_what_is_held_of_a_file_that_tells_nothing_is_bounded_by_bytes():
    many = transcript()
    line = b"x" * (SNIFF_ENOUGH // SNIFF_LEAST) + b"\n"
    assert many.feed(line * (SNIFF_LEAST - 1)) == []
    assert many.feed(line * 2) == [UnreadableLine("x.jsonl", None, None, NOT_KNOWN)]


def test_the_mark_of_utf8_at_the_beginning_is_no_part_of_the_first_line():
    mark = b"\xef\xbb\xbf"
    for pieces in ([mark + lines("a")], [mark[:1], mark[1:] + lines("a")], [mark + b"\n", lines("a")]):
        marked = transcript()
        out = [entry for piece in pieces for entry in marked.feed(piece)]
        assert said(out) == ["a"]
        assert [entry for entry in out if isinstance(entry, UnreadableLine)] == []
    later = transcript()
    assert said(later.feed(lines("a") + mark + lines("b"))) == ["a"]  # only a file begins with one
