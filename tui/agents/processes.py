"""Finds the live processes of lanes, with the evidence for each.

The strongest evidence is in an agent's own files (`Agent.evidence`: a registry that is believed, transcripts that a
process has open). Next comes the folder in which an agent process works, if there is no better evidence and no other
process of that agent works there. If processes cannot be distinguished, nothing is stated about them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from tui.agents.process import CWD, REGISTRY, AgentProcess, Stale
from tui.agents.process_table import ProcessTable
from tui.agents.registry import AGENTS
from tui.model.snapshot import ProcessFact


class ProcessProbe:
    """Examines this machine's processes. Not thread-safe. Each look takes a few milliseconds.

    Args:
        homes: the user's own agent homes (`discover.homes`).
        table: the processes of this machine.
    """

    def __init__(self, homes: Iterable[str], table: ProcessTable | None = None) -> None:
        places = list(homes)
        self._evidence = {agent.name: agent.evidence(places) for agent in AGENTS if agent.evidence is not None}
        self._table = table or ProcessTable()
        self._complete: tuple[str, ...] = ()

    @property
    def registries(self) -> tuple[str, ...]:
        """Folders of transcripts, ending in a separator, in which the last look would have seen every live session.

        A lane there without a process has none. A home is not among them while a process of its agent runs that no
        registration explains (an old client) and that may keep its sessions there, or if another machine's clients
        register there as well.
        """
        return self._complete

    @property
    def stale(self) -> tuple[Stale, ...]:
        """Registrations that the last look did not believe."""
        return tuple(one for evidence in self._evidence.values() for one in evidence.stale)

    def look(self) -> tuple[tuple[ProcessFact, ...], tuple[str, ...]]:
        """`probe()` and, from the same look, `registries`."""
        return self.probe(), self._complete

    def probe(self) -> tuple[ProcessFact, ...]:
        """The live processes.

        The strongest evidence comes first, then by process id, so that equal looks give equal results.
        """
        self._table.look()
        found = [fact for evidence in self._evidence.values() for fact in evidence.look(self._table)]
        better = sorted(found, key=lambda fact: fact.source != REGISTRY)
        rest = self._unexplained(self._table.agents, {fact.pid: fact.agent for fact in better})
        self._complete = tuple(
            folder
            for name, evidence in self._evidence.items()
            if evidence.complete
            for unknown in [self._unknown(name, better, rest)]
            for folder in evidence.complete
            if not any(home is None or folder.startswith(os.path.join(home, "")) for home in unknown)  # noqa: PTH118
        )
        unserved = {name: tuple(evidence.unserved) for name, evidence in self._evidence.items()}
        return (*better, *_by_folder(rest, better, unserved))

    def _unknown(self, name: str, certain: Sequence[ProcessFact], rest: Sequence[AgentProcess]) -> set[str | None]:
        """The folders of sessions of processes without evidence.

        These are or may be this agent, and their session is unknown. Wrappers and helpers are left out. None stands for
        an unknown folder.
        """
        known = {fact.pid for fact in certain if fact.agent == name}
        wrappers = {sight.parent for pid in known if (sight := self._table.see(pid))}
        seeming = {
            pid: each.home for pid, each in self._table.doubtful.items() if each.agent == name and pid not in wrappers
        }
        return {agent.home for agent in rest if agent.agent == name} | {
            home for pid, home in seeming.items() if known.isdisjoint(self._table.ancestors(pid))
        }

    def _unexplained(self, agents: Mapping[int, AgentProcess], certain: Mapping[int, str]) -> list[AgentProcess]:
        """Agent processes without better evidence.

        Wrappers and helpers of other processes of the same agent are left out.
        """
        rest = [agent for pid, agent in agents.items() if pid not in certain and not agent.shared]
        if not rest:
            return []
        wrappers = {(sight.parent, agent) for pid, agent in certain.items() if (sight := self._table.see(pid))}
        known = {**{pid: agent.agent for pid, agent in agents.items()}, **certain}
        return [
            agent
            for agent in rest
            if (agent.pid, agent.agent) not in wrappers
            and not any(known.get(ancestor) == agent.agent for ancestor in self._table.ancestors(agent.pid))
        ]


def _by_folder(
    agents: Sequence[AgentProcess], better: Sequence[ProcessFact], unserved: Mapping[str, tuple[str, ...]]
) -> list[ProcessFact]:
    """Facts for agents that are alone in their folder among all processes of the same agent."""
    crowd: dict[tuple[str, str | None], int] = {}
    for agent, cwd in [*((each.agent, each.cwd) for each in agents), *((each.agent, each.cwd) for each in better)]:
        crowd[agent, cwd] = crowd.get((agent, cwd), 0) + 1
    return [
        ProcessFact(
            pid=agent.pid, session=None, transcript=None, cwd=agent.cwd, agent=agent.agent, status=None,
            waiting_for=None, start=agent.start, source=CWD, unserved=unserved.get(agent.agent, ()),
        )
        for agent in sorted(agents, key=lambda agent: agent.pid)
        if agent.cwd is not None and crowd[agent.agent, agent.cwd] == 1
    ]  # fmt: skip
