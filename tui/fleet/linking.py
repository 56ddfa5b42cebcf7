"""The lanes of a fleet put into their tree: named, each below its parent, with the live process that is its own."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from tui.fleet.clock_skew import Descent
from tui.fleet.lane_record import DEEPEST, Entry
from tui.fleet.tree import Kinship, lane_id
from tui.model.evidence import LaneId
from tui.model.snapshot import ProcessFact
from tui.sources.discover import is_named_after

LONGEST_FOLDER = 200
"""Characters of a path that Claude Code keeps in the name of a project's folder."""


def link(lanes: Iterable[Entry], ids: dict[LaneId, Entry], *, anew: bool) -> list[Entry]:
    """Finds each lane's parent and children. Returns those at the top, the newest first.

    `ids` are the names that were given, and gets new ones: a lane keeps its name, since a person may have learnt it,
    unless all are named `anew`.
    """
    # By rank, so that nothing depends on the order in which files were read.
    entries = sorted(lanes, key=lambda entry: (entry.ledger.rank, entry.ledger.local))
    by_ledger = {id(entry.ledger): entry for entry in entries}
    kin = Kinship(entry.ledger for entry in entries)
    before = [entry.parent for entry in entries]
    if anew:
        ids.clear()
    for entry in entries:
        entry.children, entry.parent = [], None
        entry.hidden = kin.has_own_file(entry.ledger)
        if anew:
            entry.id = LaneId("")
    for entry, old in zip(entries, before, strict=True):
        _name(entry, ids)
        parent = kin.parent(entry.ledger)
        found = by_ledger.get(id(parent)) if parent is not None else None
        if found is not None and _descends(found, entry):
            found = None
        if found is not old:
            entry.built_version, entry.fork_seen = -1, (-1, -1)
        entry.parent = found
    roots: list[Entry] = []
    for entry in sorted(entries, key=_newest_first):
        if entry.hidden:
            continue
        (roots if entry.parent is None else entry.parent.children).append(entry)
    _cut_deep(roots)
    return roots


def recording_of(entry: Entry) -> str:
    """Why a lane can only be read; empty if its transcript is the operator's own and is its session's."""
    ledger = entry.ledger
    is_main = ledger.agent_id in (None, ledger.session)
    if entry.recording or not is_main or is_named_after(ledger.path, ledger.session):
        return entry.recording
    return "its file is not named after its session, as a copy's is not"


def by_process(entries: Iterable[Entry], processes: Sequence[ProcessFact]) -> dict[int, ProcessFact]:
    """The live process of each lane that has one, by the identity of the lane's ledger. A recording has none."""
    found: dict[int, ProcessFact] = {}
    by_session = {(fact.agent, fact.session): fact for fact in processes if fact.session and not fact.transcript}
    by_transcript = {fact.transcript: fact for fact in processes if fact.transcript}
    mains = [e for e in entries if e.ledger.agent_id is None and not e.hidden and not recording_of(e)]
    alike = Counter((e.ledger.agent, e.ledger.session) for e in mains)
    for entry in mains:
        ledger = entry.ledger
        fact = by_transcript.get(ledger.path)
        if fact is None:
            fact = by_session.get((ledger.agent, ledger.session))
            if fact is not None and alike[ledger.agent, ledger.session] > 1 and not _is_written_by(fact, ledger.path):
                continue
        if fact is not None and ledger.path.startswith(fact.home or ""):
            found[id(ledger)] = fact
    for fact in processes:
        if fact.session or fact.transcript or not fact.cwd:
            continue
        # A folder is weak evidence: only its newest lane, and only if nothing better is known of it.
        candidates = [e for e in mains if e.ledger.agent == fact.agent and e.ledger.cwd == fact.cwd]
        newest = max(candidates, key=lambda e: e.ledger.last_event or 0.0, default=None)
        if newest is not None:
            found.setdefault(id(newest.ledger), fact)
    return found


def _is_written_by(fact: ProcessFact, path: str) -> bool:
    """Whether a transcript lies where Claude Code writes that of a session which began in the process's folder.

    Asked where several transcripts bear one session's name: all but one are copies. The folder is named after the
    path, with a dash for whatever is no letter or digit, and cut if it is long (seen with 2.1.197 and 2.1.329).
    """
    if fact.cwd is None:
        return False
    folder = posixpath.basename(posixpath.dirname(path))
    wanted = re.sub(r"[^A-Za-z0-9]", "-", fact.cwd)
    return folder == wanted or (len(wanted) > LONGEST_FOLDER and folder.startswith(wanted[:LONGEST_FOLDER]))


def _name(entry: Entry, ids: dict[LaneId, Entry]) -> None:
    if entry.id or (not entry.ledger.session and entry.ledger.version_count < 1):
        return
    entry.id = lane_id(entry.ledger, ids)
    ids[entry.id] = entry


def _descends(entry: Entry, ancestor: Entry) -> bool:
    """Transcripts can claim anything, a circle of parents too."""
    seen: set[int] = set()
    walk: Entry | None = entry
    while walk is not None and id(walk) not in seen:
        if walk is ancestor:
            return True
        seen.add(id(walk))
        walk = walk.parent
    return False


def _cut_deep(roots: list[Entry]) -> None:
    """Transcripts can claim a descent of any depth; what lies deeper than `DEEPEST` stands at the top."""
    level = list(roots)
    for _ in range(DEEPEST):
        level = [child for entry in level for child in entry.children]
    while level:
        for entry in level:
            if entry.parent is not None:
                entry.parent.children.remove(entry)
                entry.parent = None
            roots.append(entry)
        for _ in range(DEEPEST):
            level = [child for entry in level for child in entry.children]


def _newest_first(entry: Entry) -> tuple[float, str, str]:
    return -(entry.ledger.started or 0.0), entry.ledger.path, entry.ledger.local


def descents(entries: Iterable[Entry]) -> list[Descent]:
    """Every lane that is shown and was started by another one; forks were not."""
    return [
        Descent(
            entry.parent.id, entry.id, entry.parent.ledger.path, entry.parent.ledger.local,
            tuple(name for name in (entry.ledger.parent_call, entry.ledger.agent_id) if name),
            entry.ledger.path, entry.ledger.started, entry.ledger.last_event,
        )
        for entry in entries
        if entry.parent is not None and not entry.hidden and not entry.ledger.forked
    ]  # fmt: skip
