"""Pictures of transcripts whose lanes have ended: all that a fleet needs of them, so that they need not be read again.

A picture says nothing that depends on other transcripts, on the time or on the operator: a lane's place in the tree,
its state, its family and its collisions are computed from the pictures as they are from ledgers and judges. Only who
owns a call that several transcripts state is decided before: such transcripts are a group, of which all pictures are
used or none.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tui.fleet.shard import FleetShard, LaneRecord, LimitKey, take_limit
from tui.fleet.tree import LaneTree
from tui.judge.ended import Judgement
from tui.judge.findings.collision import Touch
from tui.ledger.ended import Account, account_of, calls_of
from tui.ledger.lane import LaneLedger
from tui.ledger.past_calls import PastCalls
from tui.model.event import Limit, UnreadableLine
from tui.model.frozen import frozen
from tui.model.snapshot import LimitState

ACTIONS_KEPT = 200
"""So many of a lane's newest actions are kept, which is as many as a snapshot shows."""
NO_PARENT = ("", "")

LaneName = tuple[str, str]
"""The path of a transcript and the lane's name within it."""


@dataclass(slots=True)
class Notes:
    """What a transcript states besides the facts of its lanes, in its order."""

    writes: list[Touch] = field(default_factory=list[Touch])
    limits: dict[LimitKey, LimitState] = field(default_factory=dict[LimitKey, LimitState])
    skips: list[UnreadableLine] = field(default_factory=list[UnreadableLine])

    def add_limit(self, agent: str, event: Limit, path: str) -> None:
        """Notes the state of a usage limit."""
        take_limit(self.limits, agent, event, path)


@frozen
class LanePicture:
    """What is known of one lane."""

    local: str
    account: Account
    judgement: Judgement | None
    """None: it was counted, but not judged."""
    fork_of: LaneName | None
    """For a fork whose copied calls were found by its parent's: the parent, or `NO_PARENT`. None: any other lane."""


@frozen
class Picture:
    """What is known of one transcript."""

    agent: str
    cwd: str | None
    """The folder that its first lines state, by which a copy is recognised."""
    lanes: list[LanePicture]
    writes: list[tuple[str, str, float, int]]
    """The writes of files: the lane, the file's whole path, the time, the offset."""
    limits: list[LimitState]
    skips: list[UnreadableLine]

    @property
    def is_judged(self) -> bool:
        """Whether all lanes were judged."""
        return all(lane.judgement is not None for lane in self.lanes)


@frozen
class Taken:
    """A picture with what is kept beside it, because it is rarely needed."""

    picture: Picture
    calls: list[tuple[str, PastCalls]]
    """By lane: its own calls."""
    keys: array[int]
    """The keys of all calls that it states: see `key_of`."""


def take(shard: FleetShard, tree: LaneTree, path: str, cwd: str | None, notes: Notes) -> Taken:
    """The picture of a transcript that was read to its end. `cwd` is the folder that its first lines state."""
    records = shard.of(path)
    prefix = len(f"{path}\0")
    return Taken(
        Picture(
            shard.agents.get(path, ""), cwd, [_lane(record, tree) for record in records.values()],
            [(one.lane[prefix:], one.path, one.at, one.offset) for one in notes.writes],
            list(notes.limits.values()), list(notes.skips),
        ),
        [(local, calls_of(record.ledger)) for local, record in records.items()],
        array("q", (shard.book.key(row) for record in records.values() for row in record.ledger.rows)),
    )  # fmt: skip


def writes_of(path: str, picture: Picture) -> Iterable[Touch]:
    """The writes of files by the lanes of a transcript, in its order."""
    return (Touch(f"{path}\0{local}", file, at, path, offset) for local, file, at, offset in picture.writes)


def groups(shard: FleetShard, tree: LaneTree) -> dict[str, frozenset[str]]:
    """Transcripts that state the same calls, or of which one decides which calls of another are its own, by path.

    A transcript that is in no group is left out.
    """
    above: dict[str, str] = {}

    def top(path: str) -> str:
        while above.setdefault(path, path) != path:
            path = above[path]
        return path

    for one, other in _related(shard, tree):
        above[top(one)] = top(other)
    found: dict[str, set[str]] = {}
    for path in above:
        found.setdefault(top(path), set()).add(path)
    return {path: frozenset(group) for group in found.values() for path in group if len(group) > 1}


def changed_forks(tree: LaneTree, forks: Mapping[LaneName, LaneName]) -> set[str]:
    """The transcripts whose pictures must not be used, because a fork has another parent than when they were made.

    `forks` are the forks of the pictures that are used, with their parents. A fork that was read needs its parent's
    calls, which a picture does not have.
    """
    found: set[str] = set()
    for node in tree.nodes:
        ledger, parent = node.ledger, node.parent.ledger if node.parent is not None else None
        known = forks.get((ledger.path, ledger.local))
        if known is not None and known != _name(parent):
            found.add(ledger.path)
        if ledger.guesses and parent is not None and parent.past is not None:
            found.add(parent.path)
    return found


def _related(shard: FleetShard, tree: LaneTree) -> Iterable[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for call in shard.book.shared():
        holders = [call.owner, *(copy[0] for copy in call.copies)]
        paths = [holder.path for holder in holders if isinstance(holder, LaneLedger)]
        pairs += [(paths[0], path) for path in paths[1:] if path != paths[0]]
    for node in tree.nodes:
        if node.ledger.guesses and node.parent is not None:
            pairs.append((node.ledger.path, node.parent.ledger.path))
    return pairs


def _lane(record: LaneRecord, tree: LaneTree) -> LanePicture:
    ledger, judge = record.ledger, record.judge
    judgement = Judgement.of(judge) if judge.is_judged else None
    offsets: set[int] = set()
    if judgement is not None:
        offsets = {shape.offset for shape in judgement.actions}
        for raised in judgement.raised:
            ledger.tokens_between(raised.since, raised.until)  # now it knows them
    node = tree.node_of(record)
    parent = node.parent.ledger if node is not None and node.parent is not None else None
    fork = _name(parent) if ledger.guesses else None
    return LanePicture(ledger.local, account_of(ledger, ACTIONS_KEPT, offsets), judgement, fork)


def _name(ledger: LaneLedger | None) -> LaneName:
    return (ledger.path, ledger.local) if ledger is not None else NO_PARENT
