"""What the ledger says of transcripts, in the form of the index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui.history.scan import Scanned, resumed, scan
from tui.history.tally import HOWS, CountedLane
from tui.ledger.calls import CallBook
from tui.ledger.keys import key_of
from tui.ledger.lane import LaneLedger
from tui.model.event import UnreadableLine, UsageReported
from tui.model.usage import classes
from tui.sources.transcript import Transcript

FACTS = (
    "session", "agent_id", "agent_type", "parent_session", "parent_call", "forked", "cwd", "first_cwd", "branch", "version",
    "started", "has_unread_usage",
)  # fmt: skip


def pieces(data: bytes, size: int, offset: int = 0) -> Iterator[bytes]:
    for at in range(offset, len(data), size):
        yield data[at : at + size]


def scanned(path: str, data: bytes) -> Scanned:
    return scan(path, lambda size: pieces(data, size))


def continued(path: str, before: Scanned, data: bytes) -> Scanned:
    """The scan of a file that has grown to `data`."""
    made = resumed(path, before, lambda size: pieces(data, size, before.offset))
    return made or scanned(path, data)


def ledgers(path: str, data: bytes) -> tuple[dict[str, Any], int]:
    """By lane: its facts, and its calls as its own lines state them. And the number of unreadable lines."""
    transcript = Transcript(path)
    found: dict[str, LaneLedger] = {}
    hows: dict[tuple[str, int], tuple[int, int | None]] = {}
    unreadable = 0
    for event in [*transcript.feed(data), *transcript.feed_last()]:
        if isinstance(event, UnreadableLine):
            unreadable += event.line is not None
            continue
        ledger = found.get(event.lane)
        if ledger is None:
            ledger = found[event.lane] = LaneLedger(transcript.agent or "", path, event.lane, CallBook())
            if event.lane:
                ledger.session = found[""].session if "" in found else ""
        if isinstance(event, UsageReported):
            counter = key_of(repr(event.counter)) if event.counter is not None else None
            hows.setdefault((event.lane, key_of(event.key)), (HOWS.index(event.inherited), counter))
        ledger.apply(event)
    return {local: _told(ledger, hows) for local, ledger in found.items()}, unreadable


def _told(ledger: LaneLedger, hows: dict[tuple[str, int], tuple[int, int | None]]) -> Any:
    calls = [
        (call.key, call.at, call.model, *classes(call.usage), call.provisional, *hows[ledger.local, call.key])
        for call in ledger.calls
    ]
    return [getattr(ledger, name) for name in FACTS], calls


def told(lanes: list[CountedLane]) -> dict[str, Any]:
    """The same of scanned lanes."""
    return {
        lane.local: ([getattr(lane, name) for name in FACTS], [call[: len(call) - 2] for call in lane.calls])
        for lane in lanes
    }
