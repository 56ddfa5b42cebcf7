"""The tree of a fleet's lanes: each lane with its name, below its parent, with its live process."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b

from tui.agents.registry import files_of
from tui.fleet.clock_skew import Descent
from tui.fleet.shard import FleetShard, LaneRecord
from tui.ledger.burn import NO_BURN
from tui.ledger.forks import settle_fork
from tui.ledger.lane import LaneLedger, ModelTotal
from tui.model.evidence import LaneId
from tui.model.finding import Finding
from tui.model.snapshot import NOT_LOOKED, Burn, Lane, ProcessFact
from tui.sources.discover import is_named_after

DEEPEST = 100
"""The most generations that are shown as a tree. Real fleets had up to 50."""
NEVER = float("-inf")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHORT = 8

Recordings = Mapping[str, str]
"""By path: why a transcript is a recording; empty for the operator's own."""
Today = tuple[float, int, Mapping[str | None, ModelTotal]]
"""A midnight (seconds UTC), a version of the ledger, and the usage since that midnight."""


class LaneNode:
    """The part of a lane that belongs to one Supervisor: its name, its place in the tree, its newest snapshot.

    Its `record` may be shared with another Supervisor; the rest is not.
    """

    __slots__ = (
        "asked_since",
        "built_at",
        "built_of",
        "children",
        "family_findings",
        "findings",
        "fork_seen",
        "hidden",
        "id",
        "is_borrowed",
        "judge",
        "key",
        "lane",
        "ledger",
        "parent",
        "process",
        "recording",
        "today",
        "tree_spent",
    )  # fmt: skip

    def __init__(self, record: LaneRecord, recording: str, *, is_borrowed: bool) -> None:
        self.ledger = record.ledger
        self.judge = record.judge
        self.key = record.key
        """The lane's internal name from its first event on. Its id may be known later."""
        self.is_borrowed = is_borrowed
        """True if its record belongs to another Supervisor and is only read."""
        self.id = LaneId("")
        self.parent: LaneNode | None = None
        self.children: list[LaneNode] = []
        self.hidden = False
        """True for the copy inside the parent's file of a subagent that has a file of its own."""
        self.fork_seen: tuple[int, int] = (-1, -1)
        """The ledger's version and the number of its parent's counters for which its copied calls were decided."""
        self.process: ProcessFact | None = None
        self.recording = recording
        """Why the transcript is a recording; empty if it is the operator's own."""
        self.lane: Lane | None = None
        """The newest snapshot."""
        self.built_of: tuple[object, ...] = ()
        """The inputs of the snapshot except the time. If any differs, the snapshot is made again."""
        self.built_at = NEVER
        """The time of the snapshot in seconds UTC."""
        self.family_findings: tuple[Finding, ...] = ()
        """Findings on the lane as a member of a family."""
        self.findings: tuple[Finding, ...] = ()
        """All findings on the lane, ended ones too, as of the newest snapshot."""
        self.today: Today = (NEVER, -1, {})
        self.tree_spent: tuple[Burn, ...] = NO_BURN
        """What the lane and all below it spent in each window, also lanes that burn nothing any more."""
        self.asked_since: float | None = None
        """Since when its client says that it waits for a person, in seconds UTC; None: it does not say so."""

    @property
    def root(self) -> LaneNode:
        """The topmost lane above it, or itself."""
        node = self
        for _ in range(DEEPEST):
            if node.parent is None:
                break
            node = node.parent
        return node

    def usage_since(self, midnight: float) -> Mapping[str | None, ModelTotal]:
        """The usage of each model from `midnight` (seconds UTC) on, as of the ledger's present version."""
        ledger = self.ledger
        if ledger.day == midnight:
            return ledger.today
        if self.today[:2] != (midnight, ledger.version_count):
            self.today = (midnight, ledger.version_count, ledger.usage_since(midnight))
        return self.today[2]


class LaneTree:
    """All lanes of one Supervisor, with their names and parents."""

    def __init__(self, *, keeps_names: bool) -> None:
        """`keeps_names`: a lane keeps the name under which it was first shown. Otherwise names follow the rank."""
        self._keeps_names = keeps_names
        self._nodes: dict[LaneRecord, LaneNode] = {}
        self._lent: dict[LaneRecord, LaneNode] = {}
        """Nodes of borrowed records that were given back. If a record is borrowed again, its node has its snapshot
        already."""
        self._ids: dict[LaneId, LaneNode] = {}
        self.roots: list[LaneNode] = []
        """The topmost lanes, newest first."""

    @property
    def nodes(self) -> Collection[LaneNode]:
        """All lanes since the last `link`, hidden ones too."""
        return self._nodes.values()

    def node(self, lane: LaneId) -> LaneNode | None:
        """The lane of that id; None if there is none."""
        return self._ids.get(lane)

    def node_of(self, record: LaneRecord) -> LaneNode | None:
        """The lane of that record; None if there is none."""
        return self._nodes.get(record)

    def forget(self, record: LaneRecord) -> None:
        """Removes a lane whose transcript is read again."""
        node = self._nodes.pop(record, None)
        if node is not None:
            self._ids.pop(node.id, None)

    def link(self, shards: Iterable[FleetShard], borrowed: Collection[FleetShard], recordings: Recordings) -> None:
        """Takes the lanes of these shards, and finds each lane's name, parent and children.

        `borrowed` are the shards that belong to another Supervisor. `recordings` says by path why transcripts are
        recordings.
        """
        before, self._nodes = self._nodes, {}
        for shard in shards:
            is_borrowed = shard in borrowed
            for record in shard.records.values():
                node = before.pop(record, None) or self._lent.pop(record, None)
                if node is None:
                    node = LaneNode(record, recordings.get(record.ledger.path, NOT_LOOKED), is_borrowed=is_borrowed)
                self._nodes[record] = node
        self._lent.update((record, node) for record, node in before.items() if node.is_borrowed)
        self._put_below()

    def _put_below(self) -> None:
        # By rank, so that the order in which files were read does not matter.
        nodes = sorted(self._nodes.values(), key=lambda node: (node.ledger.rank, node.ledger.local))
        by_ledger = {id(node.ledger): node for node in nodes}
        kinship = Kinship(node.ledger for node in nodes)
        before = [node.parent for node in nodes]
        if not self._keeps_names:
            self._ids.clear()
        for node in nodes:
            node.children, node.parent = [], None
            node.hidden = kinship.has_own_file(node.ledger)
            if not self._keeps_names:
                node.id = LaneId("")
        for node, old in zip(nodes, before, strict=True):
            self._name(node)
            parent = kinship.parent(node.ledger)
            found = by_ledger.get(id(parent)) if parent is not None else None
            if found is not None and _descends(found, node):
                found = None
            if found is not old:
                node.fork_seen = (-1, -1)
            node.parent = found
        self.roots = []
        for node in sorted(nodes, key=_newest_first):
            if not node.hidden:
                (self.roots if node.parent is None else node.parent.children).append(node)
        _cut_deep(self.roots)

    def _name(self, node: LaneNode) -> None:
        if node.id or (not node.ledger.session and node.ledger.version_count < 1):
            return
        node.id = lane_id(node.ledger, self._ids)
        self._ids[node.id] = node

    def settle_forks(self) -> None:
        """Decides which calls of a fork are its parent's, for all forks that have new counters or whose parent has."""
        for node in self._nodes.values():
            child, parent = node.ledger, node.parent.ledger if node.parent is not None else None
            if not child.guesses:
                continue
            seen = child.version_count, len(parent.sequence) if parent is not None else -1
            if seen != node.fork_seen:
                settle_fork(child, parent, child.book)
                node.fork_seen = child.version_count, seen[1]

    def assign_processes(self, processes: Sequence[ProcessFact]) -> None:
        """Gives each lane its live process."""
        found = live_processes(self._nodes.values(), processes)
        for node in self._nodes.values():
            node.process = found.get(node.key)

    def descents(self) -> list[Descent]:
        """Every shown lane that was started by another lane. Forks do not count."""
        return [
            Descent(
                node.parent.id, node.id, node.parent.ledger.path, node.parent.ledger.local,
                tuple(name for name in (node.ledger.parent_call, node.ledger.agent_id) if name),
                node.ledger.path, node.ledger.started, node.ledger.last_event,
            )
            for node in self._nodes.values()
            if node.parent is not None and not node.hidden and not node.ledger.forked
        ]  # fmt: skip

    def in_order(self) -> Iterator[LaneNode]:
        """All lanes with a snapshot, a parent before its children."""
        stack = list(reversed(self.roots))
        while stack:
            node = stack.pop()
            stack.extend(reversed(node.children))
            if node.lane is not None:
                yield node


def recording_of(node: LaneNode) -> str:
    """The reason why a lane can only be read.

    Empty if its transcript is the operator's own and is named after its session.
    """
    ledger = node.ledger
    is_main = ledger.agent_id in (None, ledger.session)
    if node.recording or not is_main or is_named_after(ledger.path, ledger.session, ledger.agent):
        return node.recording
    return "its file is not named after its session, as a copy's is not"


def live_processes(nodes: Iterable[LaneNode], processes: Sequence[ProcessFact]) -> dict[str, ProcessFact]:
    """The live process of each lane that has one, by the lane's key. A recording has none."""
    found: dict[str, ProcessFact] = {}
    by_session = {(fact.agent, fact.session): fact for fact in processes if fact.session and not fact.transcript}
    by_transcript = {fact.transcript: fact for fact in processes if fact.transcript}
    mains = [n for n in nodes if n.ledger.agent_id is None and not n.hidden and not recording_of(n)]
    alike = Counter((n.ledger.agent, n.ledger.session) for n in mains)
    for node in mains:
        ledger = node.ledger
        fact = by_transcript.get(ledger.path)
        if fact is None:
            fact = by_session.get((ledger.agent, ledger.session))
            if fact is not None and alike[ledger.agent, ledger.session] > 1 and not _is_written_by(fact, ledger.path):
                continue
        if fact is not None and ledger.path.startswith(fact.home or ""):
            found[node.key] = fact
    for fact in processes:
        if fact.session or fact.transcript or not fact.cwd:
            continue
        # A working folder is weak evidence: it counts only for the folder's newest lane, and only without better
        # evidence.
        candidates = [n for n in mains if n.ledger.agent == fact.agent and n.ledger.cwd == fact.cwd]
        newest = max(candidates, key=lambda n: n.ledger.last_event or 0.0, default=None)
        if newest is not None:
            found.setdefault(newest.key, fact)
    return found


def _is_written_by(fact: ProcessFact, path: str) -> bool:
    """Whether a transcript lies where its client writes a session that began in the process's folder."""
    return fact.cwd is not None and files_of(fact.agent).is_place_of(path, fact.cwd)


def _descends(node: LaneNode, ancestor: LaneNode) -> bool:
    """Whether the lane descends from `ancestor`. Transcripts may claim anything, even a circle of parents."""
    seen: set[int] = set()
    walk: LaneNode | None = node
    while walk is not None and id(walk) not in seen:
        if walk is ancestor:
            return True
        seen.add(id(walk))
        walk = walk.parent
    return False


def _cut_deep(roots: list[LaneNode]) -> None:
    """Moves lanes deeper than `DEEPEST` to the top: transcripts may claim any depth."""
    level = list(roots)
    for _ in range(DEEPEST):
        level = [child for node in level for child in node.children]
    while level:
        for node in level:
            if node.parent is not None:
                node.parent.children.remove(node)
                node.parent = None
            roots.append(node)
        for _ in range(DEEPEST):
            level = [child for node in level for child in node.children]


def _newest_first(node: LaneNode) -> tuple[float, str, str]:
    return -(node.ledger.started or 0.0), node.ledger.path, node.ledger.local


def short(session: str) -> str:
    """The eight characters of a session's id that distinguish it.

    Usually the first eight. Version 7 UUIDs begin with the time and are alike for sessions of one minute, so their last
    eight are used.
    """
    match = _UUID.fullmatch(session)
    if match and match.group(1) == "7":
        return session[-_SHORT:]
    return session[:_SHORT]


def lane_id(ledger: LaneLedger, taken: Container[str]) -> LaneId:
    """`claude:fd2f6da7`, or for a subagent `claude:fd2f6da7/ab1e6012`. Longer if another lane has that name."""
    session = ledger.session or _of_path(ledger.path)
    # Codex gives a subagent a thread of its own, which the session already names.
    agent_id = "" if ledger.agent_id in (None, ledger.session) else ledger.agent_id
    candidates = [
        _join(ledger.agent, short(session), agent_id[:_SHORT]),
        _join(ledger.agent, short(session), agent_id),
        _join(ledger.agent, session, agent_id),
    ]
    for name in candidates:
        if name not in taken:
            return LaneId(name)
    # The same session is in two files (a copy). The path distinguishes them.
    digest = blake2b(f"{ledger.path}\0{ledger.local}".encode("utf-8", "surrogatepass"), digest_size=3).hexdigest()
    return LaneId(f"{candidates[0]}~{digest}")


def _join(agent: str, session: str, agent_id: str) -> str:
    return f"{agent}:{session}/{agent_id}" if agent_id else f"{agent}:{session}"


def _of_path(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    return name.removesuffix(".zst").removesuffix(".jsonl") or "unknown"


class Kinship:
    """Finds the parent of a lane among all lanes. A new one is made whenever a lane's own facts change."""

    def __init__(self, lanes: Iterable[LaneLedger]) -> None:
        """Lanes come by rank, originals before copies. If several lanes match, the first one counts."""
        self._by_session: dict[tuple[str, str], LaneLedger] = {}
        self._by_agent_id: dict[tuple[str, str, str], LaneLedger] = {}
        self._by_spawn: dict[str, LaneLedger] = {}
        for lane in lanes:
            if lane.agent_id is None:
                # Of two files of one session, the one with the smaller rank is the session, the other a copy.
                self._by_session.setdefault((lane.agent, lane.session), lane)
            elif not lane.embedded:
                if lane.agent_id == lane.session:
                    # In Codex, a subagent is a thread of its own, and may spawn others.
                    self._by_session.setdefault((lane.agent, lane.session), lane)
                self._by_agent_id.setdefault((lane.agent, lane.session, lane.agent_id), lane)
            for spawn in lane.spawned:
                self._by_spawn.setdefault(spawn, lane)

    def parent(self, lane: LaneLedger) -> LaneLedger | None:
        """The lane that spawned this one, or from whose history it was forked."""
        for spawn in (lane.parent_call, lane.agent_id):
            found = self._by_spawn.get(spawn) if spawn else None
            if found is not None and found is not lane:
                return found
        if lane.agent_id is not None:
            session = lane.parent_session or lane.session
            found = self._by_session.get((lane.agent, session))
        elif lane.parent_session:
            found = self._by_session.get((lane.agent, lane.parent_session))
        else:
            return None
        return found if found is not lane else None

    def has_own_file(self, lane: LaneLedger) -> bool:
        """True for a subagent recorded inside its parent's file that also has a file of its own."""
        return lane.embedded and (lane.agent, lane.session, lane.agent_id or "") in self._by_agent_id
