"""One lane inside the engine: its account, its judge, its place in the tree and its last picture."""

from __future__ import annotations

from tui.judge.lane import LaneJudge
from tui.ledger.burn import KEEP_S
from tui.ledger.lane import LaneLedger
from tui.model.control import FREE
from tui.model.evidence import LaneId
from tui.model.finding import Finding
from tui.model.snapshot import NOT_LOOKED, Lane, LaneState

DEEPEST = 100
"""Generations that are shown as a tree; real fleets have been seen 50 deep."""

_NO_FINDING = frozenset({LaneState.ENDED, LaneState.IDLE, LaneState.WAITING})
"""States that are no findings of themselves."""


class Entry:
    """One lane in the fleet: its account, its name, its place in the tree and its last picture."""

    __slots__ = (
        "built_at", "built_version", "children", "control", "family", "findings", "fork_seen", "hidden", "id", "judge",
        "lane", "ledger", "parent", "recording",
    )  # fmt: skip

    def __init__(self, ledger: LaneLedger, judge: LaneJudge) -> None:
        self.ledger = ledger
        self.judge = judge
        self.family: tuple[Finding, ...] = ()
        """What is said of the lane as a member of a family."""
        self.findings: tuple[Finding, ...] = ()
        """All of it, ended ones too, as of the last picture."""
        self.control = FREE
        self.recording = NOT_LOOKED
        """Why its transcript is not the operator's own; empty if it is."""
        self.id = LaneId("")
        self.parent: Entry | None = None
        self.children: list[Entry] = []
        self.hidden = False
        self.lane: Lane | None = None
        self.fork_seen: tuple[int, int] = (-1, -1)
        """The account's version, and how many of its parent's counters, when it was told which calls are copies."""
        self.built_version = -1
        self.built_at = float("-inf")

    @property
    def key(self) -> str:
        """Its own name from its first event on: its id may come later."""
        return f"{self.ledger.path}\0{self.ledger.local}"

    @property
    def root(self) -> Entry:
        """The topmost lane above it, or itself."""
        entry = self
        for _ in range(DEEPEST):
            if entry.parent is None:
                break
            entry = entry.parent
        return entry

    def is_silent(self, lane: Lane, now: float, depth: int) -> bool:
        """Whether time can change nothing of the unchanged picture `lane` but the state and the words for that."""
        parent = self.parent.id if self.parent else None
        return (
            (lane.id, lane.parent, lane.depth) == (self.id, parent, depth)
            and self.ledger.meter.newest <= now - KEEP_S
            and not any(burn.tokens for burn in lane.tree_burn)
            and lane.state in _NO_FINDING
        )
