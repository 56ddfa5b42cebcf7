"""The table of live agent processes. A look is so cheap that a live screen can take one every other second.

The program file that runs decides what counts as an agent: see `agent_program`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import psutil

from tui.agents.agent_program import RUNTIMES, apparent_agent, certain_agent, exe_id, native_agent
from tui.agents.process import AgentProcess, Sight, identity_of, see
from tui.agents.registry import find

TURNS = 5
"""A known process that is no agent is examined again once in this many looks; new processes and agents in each look."""

GENERATIONS = 16
"""The most ancestors that are examined. More would be a circle or damage."""


class Seeming(NamedTuple):
    """A process that appears to run an agent, without a proof."""

    agent: str
    """The agent's name in the registry."""
    home: str | None
    """See `AgentProcess.home`."""


See = Callable[[int], Sight | None]
Pids = Callable[[], Iterable[int]]


class ProcessTable:
    """The agent processes of this user. Remembers what it has seen. Not thread-safe.

    `workers` are child processes of this program that simulate an agent, with its name: those of the demo. The id of a
    child is not used again before its parent has waited for it.
    """

    def __init__(self, see: See = see, pids: Pids = psutil.pids, workers: Mapping[int, str] | None = None) -> None:
        self._see = see
        self._pids = pids
        self._workers = dict(workers or {})
        self._turn = 0
        self._known: dict[int, AgentProcess | None] = {}
        """The agent that each process id last belonged to; None: no agent."""
        self._judged: dict[int, tuple[Sight, tuple[int, int]]] = {}
        """The sight of each examined process at that time, and device and inode of the file that it ran."""
        self._sights: dict[int, Sight | None] = {}
        """The processes seen since the last look began."""
        self._doubtful: dict[int, Seeming] = {}

    @property
    def doubtful(self) -> Mapping[int, Seeming]:
        """The agents that processes seem to be, by name or script but without a proof; by process id."""
        return self._doubtful

    def look(self) -> Mapping[int, AgentProcess]:
        """The agents that live now, by process id.

        One that took the place of another program (by `exec`, or by getting its id) may be noticed `TURNS` looks late.
        """
        self._turn += 1
        self._sights = {}
        now = {pid: self._known.get(pid) for pid in self._pids()}
        for pid, known in now.items():
            if known is not None or pid not in self._known or (pid + self._turn) % TURNS == 0:
                now[pid] = self._judge(pid)
        self._known = now
        self._judged = {pid: seen for pid, seen in self._judged.items() if pid in now}
        self._doubtful = {pid: agent for pid, agent in self._doubtful.items() if pid in now}
        return self.agents

    @property
    def agents(self) -> Mapping[int, AgentProcess]:
        """See `Processes.agents`."""
        return {pid: agent for pid, agent in self._known.items() if agent is not None}

    def see(self, pid: int) -> Sight | None:
        """See `Processes.see`."""
        if pid not in self._sights:
            self._sights[pid] = self._see(pid)
        return self._sights[pid]

    def agent(self, pid: int) -> AgentProcess | None:
        """See `Processes.agent`."""
        self._known[pid] = self._judge(pid)
        return self._known[pid]

    def ancestors(self, pid: int) -> list[int]:
        """Process ids of its parent, the parent's parent and so on, as far as may be seen."""
        found: list[int] = []
        sight = self.see(pid)
        while sight is not None and sight.parent > 1 and sight.parent not in found and len(found) < GENERATIONS:
            found.append(sight.parent)
            sight = self.see(sight.parent)
        return found

    def _judge(self, pid: int) -> AgentProcess | None:
        sight = self.see(pid)
        if sight is not None and pid in self._workers:
            return AgentProcess(pid, self._workers[pid], identity_of(sight), None, shared=False, is_worker=True)
        if sight is None or (sight.name not in RUNTIMES and native_agent(sight.name) is None):
            self._judged.pop(pid, None)
            self._doubtful.pop(pid, None)
            return None
        # A program that replaces another by `exec` keeps id and start time. The file that runs distinguishes them.
        seen = sight, exe_id(pid)
        before = self._judged.get(pid)
        if before is not None and (before[0].name, before[0].start, before[1]) == (sight.name, sight.start, seen[1]):
            return self._known.get(pid)
        self._judged[pid] = seen
        return self._examine(pid, sight)

    def _examine(self, pid: int, sight: Sight) -> AgentProcess | None:
        """Examines a process by its program file.

        This takes several times longer than a look, and is done once for each process.
        """
        self._doubtful.pop(pid, None)
        try:
            process = psutil.Process(pid)
            if hasattr(os, "getuid") and process.uids().real != os.getuid():
                return None
            args = process.cmdline()
            name = certain_agent(pid, args)
            agent = find(name or "")
            if agent is None or agent.program is None:
                if seeming := find(apparent_agent(sight.name, args) or ""):
                    home_of = seeming.program.home_of if seeming.program is not None else None
                    home = home_of(environment_of(process)) if home_of is not None else None
                    self._doubtful[pid] = Seeming(seeming.name, home)
                return None
            program = agent.program
            return AgentProcess(
                pid, agent.name, identity_of(sight), program.folder_of(args, _cwd(process)),
                shared=program.is_shared(args), anywhere=program.is_anywhere(args),
                home=program.home_of(environment_of(process)),
            )  # fmt: skip
        except (psutil.Error, OSError):
            self._judged.pop(pid, None)  # it may be changing: it is examined again later
            return None


def _cwd(process: psutil.Process) -> str | None:
    try:
        return process.cwd() or None
    except (psutil.Error, OSError):
        return None


def environment_of(process: psutil.Process) -> Mapping[str, str]:
    """A process's environment; empty if it may not be read."""
    try:
        return process.environ()
    except (psutil.Error, OSError):
        return {}
