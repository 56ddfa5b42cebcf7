"""A reader of lines such as `fake 7`, so that these tests speak of bytes and files and of no agent's format."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tui.io.lines import BadLine, Line
from tui.model.event import AssistantText, Event
from tui.sources.discover import Root, RootKind
from tui.sources.tail import Tailer
from tui.sources.transcript import Transcript


class FakeReader:
    agent: ClassVar[str] = "fake"

    def read(self, line: Line) -> list[Event]:
        if line.data == b"crash":
            raise ZeroDivisionError("a reader's mistake")
        if not line.data.startswith(b"fake "):
            raise BadLine("not fake")
        return [AssistantText("", None, line.offset, line.data[5:].decode())]


def sniff(line: bytes) -> str | None:
    return "fake" if line.startswith(b"fake ") else None


def make_reader(agent: str) -> FakeReader:
    assert agent == "fake"
    return FakeReader()


def transcript(path: str = "x.jsonl", hint: str | None = None, cap: int = 1 << 20) -> Transcript:
    return Transcript(path, hint, sniff=sniff, make_reader=make_reader, cap=cap)


def folder(path: Path) -> Root:
    return Root(str(path), None, RootKind.FOLDER)


def tailer(*roots: Path) -> Tailer:
    return Tailer(lambda: [folder(root) for root in roots], transcript)


def said(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, AssistantText)]


def lines(*words: object) -> bytes:
    return b"".join(b"fake %s\n" % str(word).encode() for word in words)
