"""Which lane is which and whose child it is: stable ids, parents, children."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from hashlib import blake2b

from tui.ledger.lane import LaneLedger
from tui.model.evidence import LaneId

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHORT = 8


def short(session: str) -> str:
    """The part of a session's id that tells it from others: its first eight characters.

    A version 7 UUID begins with the time, so sessions of one minute begin alike: there the last eight tell.
    """
    match = _UUID.fullmatch(session)
    if match and match.group(1) == "7":
        return session[-_SHORT:]
    return session[:_SHORT]


def lane_id(ledger: LaneLedger, taken: Container[str]) -> LaneId:
    """`claude:fd2f6da7`, a subagent `claude:fd2f6da7/ab1e6012`; longer only where another lane has that name."""
    session = ledger.session or _of_path(ledger.path)
    # Codex gives a subagent a thread of its own: the session names it already.
    agent_id = "" if ledger.agent_id in (None, ledger.session) else ledger.agent_id
    candidates = [
        _join(ledger.agent, short(session), agent_id[:_SHORT]),
        _join(ledger.agent, short(session), agent_id),
        _join(ledger.agent, session, agent_id),
    ]
    for name in candidates:
        if name not in taken:
            return LaneId(name)
    # The same session in two files (a copy, a snapshot of it): the path tells them apart.
    digest = blake2b(f"{ledger.path}\0{ledger.local}".encode("utf-8", "surrogatepass"), digest_size=3).hexdigest()
    return LaneId(f"{candidates[0]}~{digest}")


def _join(agent: str, session: str, agent_id: str) -> str:
    return f"{agent}:{session}/{agent_id}" if agent_id else f"{agent}:{session}"


def _of_path(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    return name.removesuffix(".zst").removesuffix(".jsonl") or "unknown"


class Kinship:
    """Finds the parent of a lane among all lanes. Rebuilt whenever a lane's own facts change."""

    def __init__(self, lanes: Iterable[LaneLedger]) -> None:
        """Of several lanes that could be meant the first one is: lanes come by rank, the original before its copies."""
        self._by_session: dict[tuple[str, str], LaneLedger] = {}
        self._by_agent_id: dict[tuple[str, str, str], LaneLedger] = {}
        self._by_spawn: dict[str, LaneLedger] = {}
        for lane in lanes:
            if lane.agent_id is None:
                # Of two files of one session the one of the smaller rank is the session, the other a copy.
                self._by_session.setdefault((lane.agent, lane.session), lane)
            elif not lane.embedded:
                if lane.agent_id == lane.session:
                    # Codex: a subagent is a thread of its own, and may spawn others.
                    self._by_session.setdefault((lane.agent, lane.session), lane)
                self._by_agent_id.setdefault((lane.agent, lane.session, lane.agent_id), lane)
            for spawn in lane.spawned:
                self._by_spawn.setdefault(spawn, lane)

    def parent(self, lane: LaneLedger) -> LaneLedger | None:
        """The lane that spawned this one, or whose history it was forked from."""
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
