"""A last line without a newline: not a line while it may still grow, and not lost where it never gets one."""

from __future__ import annotations

import gzip

import pytest

from tests.property.test_chain import encode, message, prompt
from tui.model.event import UnreadableLine, UsageReported
from tui.sources.transcript import NOT_KNOWN, Transcript

SESSION = "00000001-0000-4000-8000-000000000000"
DATA = encode([prompt(SESSION, 1, "go"), message(SESSION, 5, "a", 7), message(SESSION, 9, "b", 8)])


def spends(events):
    return [event.key for event in events if isinstance(event, UsageReported)]


def test_it_is_not_a_line_until_asked_for_at_rest():
    transcript = Transcript("x.jsonl")
    assert len(spends(transcript.feed(DATA[:-1]))) == 1
    assert len(spends(transcript.feed_last())) == 1
    assert transcript.feed_last() == []


def test_its_newline_may_still_come_and_changes_nothing():
    transcript = Transcript("x.jsonl")
    transcript.feed(DATA[:-1])
    transcript.feed_last()
    more = transcript.feed(b"\n" + encode([message(SESSION, 12, "c", 9)]))
    whole = Transcript("x.jsonl").feed(DATA + encode([message(SESSION, 12, "c", 9)]))
    assert spends(more) == spends(whole)[-1:]
    assert more[-1].offset == whole[-1].offset


def test_a_torn_line_is_left_alone_and_read_once_it_is_whole():
    transcript = Transcript("x.jsonl")
    transcript.feed(DATA[:-40])
    assert transcript.feed_last() == []
    assert len(spends(transcript.feed(DATA[-40:]))) == 1


def test_a_file_of_one_line_without_newline_is_known():
    transcript = Transcript("x.jsonl")
    line = encode([message(SESSION, 5, "a", 7)])[:-1]
    assert transcript.feed(line) == []
    assert len(spends(transcript.feed_last())) == 1
    assert transcript.agent == "claude"


def test_one_marked_line_without_newline_is_known():
    transcript = Transcript("x.jsonl")
    assert transcript.feed(b"\xef\xbb\xbf" + encode([message(SESSION, 5, "a", 7)])[:-1]) == []
    assert len(spends(transcript.feed_last())) == 1
    assert transcript.unread() is None


def test_a_last_line_that_was_never_finished_is_told_at_rest():
    transcript = Transcript("x.jsonl")
    transcript.feed(DATA[:-40])
    assert transcript.feed_last() == []
    start = DATA[:-1].rfind(b"\n") + 1
    size = len(DATA) - 40 - start
    assert transcript.unread() == UnreadableLine("x.jsonl", 3, start, f"the last line is not finished ({size} bytes)")
    transcript.feed(DATA[-40:])
    assert transcript.unread() is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (DATA.replace(b"\n", b"\r"), "its lines end in carriage returns alone: transcripts have newlines"),
        (gzip.compress(DATA, mtime=0), "a gzip file: unpack it first"),
        (gzip.compress(DATA, mtime=0).replace(b"\n", b""), "a gzip file: unpack it first"),
        (DATA.decode().encode("utf-16"), "UTF-16 text: transcripts are UTF-8"),
        (b'{"type": "prom', NOT_KNOWN),
        (b"what\nelse", NOT_KNOWN),
    ],
    ids=["cr", "gzip", "gzip-one-line", "utf16", "torn", "strange"],
)
def test_a_file_of_which_no_line_was_read_is_told_once_and_why(data: bytes, why: str):
    transcript = Transcript("x.jsonl")
    assert transcript.feed(data) == []
    assert transcript.feed_last() == []
    assert transcript.unread() == UnreadableLine("x.jsonl", None, None, why)


def test_an_empty_rest_is_nothing_to_tell():
    transcript = Transcript("x.jsonl")
    transcript.feed(DATA + b"  \r")
    assert transcript.unread() is None
    assert Transcript("y.jsonl").unread() is None
