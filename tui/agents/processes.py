"""The live processes behind lanes, and how that is known.

Strongest first: Claude's own registry in the user's own homes, which is believed only while the process that it names
lives, is the very one (by the kernel's start ticks) and runs Claude Code's program; rollouts that a Codex process has
open; the folder that an agent process works in, if nothing better is known of it and no other agent works there. What
cannot be told apart is not told.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tui.agents.agent_program import LINUX
from tui.agents.claude.process_registry import ClaudeRegistry, Registered
from tui.agents.codex.daemon_watchers import attached
from tui.agents.process_table import AgentProcess, ProcessTable, Sight, open_paths
from tui.model.frozen import frozen
from tui.model.snapshot import ProcessFact

REGISTRY = "registry"
OPEN_FILE = "open file"
SHARED_DAEMON = "open file of a shared daemon"
"""The daemon lives; whether this thread does anything is not said."""
CWD = "cwd"

CLOCK_SLACK_S = 2.0
"""Where there is no /proc (macOS), a process may seem to have begun that much later than its client says."""
ROLLOUTS_CAP = 1000
"""Threads that one process may have open."""

_SYSTEMS = frozenset({"linux", "darwin", "win32"})
_ROLLOUT = re.compile(r"/rollout-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-([0-9a-fA-F-]{36})\.jsonl\Z")


@frozen
class Stale:
    """A registration that is not believed, and why not, in words for the operator."""

    path: str
    pid: int
    why: str
    foreign: bool = False
    """It was made on another machine or in another container, of whose processes nothing is known here."""


class ProcessProbe:
    """Looks at this machine's processes. One thread at a time; each look takes a few milliseconds.

    Args:
        homes: the user's own agent homes (`discover.homes`). Claude's registry is looked for beside each `projects`
            folder that is one of them, holds one of them or is right below one.
        table: the processes of this machine.
    """

    def __init__(self, homes: Iterable[str], table: ProcessTable | None = None) -> None:
        configs = dict.fromkeys(config for home in homes if (config := _config_folder(home)) is not None)
        self._registries = {config: ClaudeRegistry(os.path.join(config, "sessions")) for config in configs}  # noqa: PTH118
        self._table = table or ProcessTable()
        self._domain = _own_domain()
        self._stale: tuple[Stale, ...] = ()
        self._complete: tuple[str, ...] = ()

    @property
    def registries(self) -> tuple[str, ...]:
        """Folders of transcripts, ending in a separator, in which the last look would have seen every live session.

        A lane there without a process has none. A home is not among them while a Claude process runs that no
        registration explains (an old client), or if another machine's clients register there as well.
        """
        return self._complete

    @property
    def stale(self) -> tuple[Stale, ...]:
        """Registrations that the last look did not believe."""
        return self._stale

    def look(self) -> tuple[tuple[ProcessFact, ...], tuple[str, ...]]:
        """`probe()` and, from the same look, `registries`."""
        return self.probe(), self._complete

    def probe(self) -> tuple[ProcessFact, ...]:
        """What lives now: strongest evidence first, then by process id, so that equal looks are equal."""
        self._table.look()
        registered, foreign = self._registered()
        agents = self._table.agents
        rollouts = _rollouts(agents.values())
        better = (*registered, *rollouts)
        rest = self._unexplained(agents, {fact.pid: fact.agent for fact in better})
        old_client = self._is_in_doubt(better) or any(agent.agent == "claude" for agent in rest)
        self._complete = tuple(
            os.path.join(config, "projects", "")  # noqa: PTH118 (a separator at the end is the point)
            for config, others in foreign.items()
            if not others and not old_client
        )
        return (*better, *_by_folder(rest, better))

    def _is_in_doubt(self, certain: Sequence[ProcessFact]) -> bool:
        """True if some process may be a Claude that nothing proves; not a wrapper or a helper of a known one."""
        known = {fact.pid for fact in certain if fact.agent == "claude"}
        wrappers = {sight.parent for pid in known if (sight := self._table.see(pid))}
        seeming = [pid for pid, agent in self._table.doubtful.items() if agent == "claude" and pid not in wrappers]
        return any(known.isdisjoint(self._table.ancestors(pid)) for pid in seeming)

    # -- Claude's registry ----------------------------------------------------------------------

    def _registered(self) -> tuple[list[ProcessFact], dict[str, bool]]:
        """What the registries say that holds, and for each one that can be read whether others write to it too."""
        facts: list[ProcessFact] = []
        stale: list[Stale] = []
        foreign: dict[str, bool] = {}
        for config, registry in self._registries.items():
            entries = registry.read()
            if entries is None:
                continue
            foreign[config] = False
            for entry in entries.values():
                found = self._check(entry, os.path.join(config, "projects", ""))  # noqa: PTH118
                if isinstance(found, Stale):
                    stale.append(found)
                    foreign[config] = foreign[config] or found.foreign
                else:
                    facts.append(found)
        self._stale = tuple(sorted(stale, key=lambda each: each.path))
        return sorted(facts, key=lambda fact: fact.pid), foreign

    def _check(self, entry: Registered, transcripts: str) -> ProcessFact | Stale:
        if self._is_foreign(entry):
            return Stale(entry.path, entry.pid, "written on another machine or in another container", foreign=True)
        sight = self._table.see(entry.pid)
        if sight is None:
            return Stale(entry.path, entry.pid, "its process is gone")
        if LINUX and entry.proc_start is None:
            return Stale(entry.path, entry.pid, "it does not say when its process began")
        if not _is_same(entry, sight):
            return Stale(entry.path, entry.pid, "its process is gone; another one has its id")
        agent = self._table.agent(entry.pid)
        if agent is None or agent.agent != "claude":
            return Stale(entry.path, entry.pid, "its process does not run Claude Code")
        if not agent.is_worker and agent.home != _config_of(entry.path):
            return Stale(entry.path, entry.pid, "its process keeps its sessions in another folder")
        return ProcessFact(
            pid=entry.pid, session=entry.session, transcript=None, cwd=entry.cwd, agent="claude", status=entry.status,
            waiting_for=entry.waiting_for, start=agent.start, source=REGISTRY, home=transcripts,
        )  # fmt: skip

    def _is_foreign(self, entry: Registered) -> bool:
        """By `pidDomain`, such as `linux:<machine id>:pid:[4026531836]`. One of another form says nothing."""
        system, _, rest = (entry.domain or "").partition(":")
        machine, _, namespace = rest.partition(":")
        if system in _SYSTEMS and system != sys.platform:
            return True
        if self._domain is None or not namespace.startswith("pid:["):
            return False
        own_machine, own_namespace = self._domain
        return namespace != own_namespace or own_machine not in ("", machine)

    # -- the rest ---------------------------------------------------------------------------------

    def _unexplained(self, agents: Mapping[int, AgentProcess], certain: Mapping[int, str]) -> list[AgentProcess]:
        """Agents of which nothing better is known, without the wrappers and helpers of others of the same agent."""
        rest = [agent for pid, agent in agents.items() if pid not in certain and not agent.shared]
        if not rest:
            return []
        wrappers = {(sight.parent, agent) for pid, agent in certain.items() if (sight := self._table.see(pid))}
        kin = {**{pid: agent.agent for pid, agent in agents.items()}, **certain}
        return [
            agent
            for agent in rest
            if (agent.pid, agent.agent) not in wrappers
            and not any(kin.get(ancestor) == agent.agent for ancestor in self._table.ancestors(agent.pid))
        ]


def _config_of(path: str) -> str:
    """The real path of the agent's folder in which a registry file `sessions/<pid>.json` lies."""
    return os.path.realpath(os.path.join(path, os.pardir, os.pardir))  # noqa: PTH118


def _is_same(entry: Registered, sight: Sight) -> bool:
    """Whether the process that was seen is the one that registered.

    On Linux by the kernel's start ticks. Elsewhere (macOS) the client's own word cannot be compared with anything: a
    process that had begun when the client registered counts, since one that got the number of another began later.
    """
    if LINUX:
        return entry.proc_start == sight.start
    try:
        return entry.started is not None and float(sight.start) <= entry.started + CLOCK_SLACK_S
    except ValueError:
        return False


def _rollouts(agents: Iterable[AgentProcess]) -> list[ProcessFact]:
    """Threads that Codex processes have open."""
    facts: dict[str, ProcessFact] = {}
    agents = list(agents)
    # Only Codex's own clients show a daemon's threads; one whose folder is not known could show any of them.
    clients = [agent for agent in agents if agent.agent == "codex" and not agent.shared]
    viewers = tuple(sorted("" if agent.anywhere else agent.cwd or "" for agent in clients))
    nobody = _Nobody()
    # A process of its own says more of a thread than the daemon that serves all of them: it comes later and wins.
    for agent in sorted(agents, key=lambda agent: (not agent.shared, agent.pid)):
        if agent.agent != "codex":
            continue
        for path, thread in _open_threads(agent.pid):
            seen_by = () if agent.shared and nobody.watches(path) else viewers
            facts[path] = ProcessFact(
                pid=agent.pid, session=thread, transcript=path, cwd=None if agent.shared else agent.cwd,
                agent="codex", status=None, waiting_for=None, start=agent.start,
                source=SHARED_DAEMON if agent.shared else OPEN_FILE, viewers=seen_by if agent.shared else None,
            )  # fmt: skip
    return sorted(facts.values(), key=lambda fact: (fact.pid, fact.transcript or ""))


class _Nobody:
    """Which daemons have no client at all, asked once for each Codex home: an `exec` in a folder shows no thread."""

    def __init__(self) -> None:
        self._homes: dict[str, bool] = {}

    def watches(self, rollout: str) -> bool:
        """True if for certain no client is connected to the daemon that has this rollout open."""
        home, found, _ = rollout.rpartition("/sessions/")
        if not found:
            return False
        if home not in self._homes:
            self._homes[home] = attached(Path(home)) is False
        return self._homes[home]


def _by_folder(agents: Sequence[AgentProcess], better: Sequence[ProcessFact]) -> list[ProcessFact]:
    """Facts for agents that are alone in their folder among all processes of the same agent."""
    crowd: dict[tuple[str, str | None], int] = {}
    for agent, cwd in [*((each.agent, each.cwd) for each in agents), *((each.agent, each.cwd) for each in better)]:
        crowd[agent, cwd] = crowd.get((agent, cwd), 0) + 1
    return [
        ProcessFact(
            pid=agent.pid, session=None, transcript=None, cwd=agent.cwd, agent=agent.agent, status=None,
            waiting_for=None, start=agent.start, source=CWD,
        )
        for agent in sorted(agents, key=lambda agent: agent.pid)
        if agent.cwd is not None and crowd[agent.agent, agent.cwd] == 1
    ]  # fmt: skip


def _open_threads(pid: int) -> list[tuple[str, str]]:
    """Rollouts that a process has open, with the ids of their threads."""
    found = {path: match[1].lower() for path in open_paths(pid) if (match := _ROLLOUT.search(path))}
    return sorted(found.items())[:ROLLOUTS_CAP]


def _config_folder(home: str) -> str | None:
    """Claude's config folder for a place where transcripts are read, as a real path; None if it is in none."""
    real = os.path.realpath(home)
    if os.path.isdir(os.path.join(real, "projects")):  # noqa: PTH112, PTH118
        return real
    while True:
        parent, name = os.path.split(real)
        if name == "projects":
            return parent
        if parent == real:
            return None
        real = parent


def _own_domain() -> tuple[str, str] | None:
    """This machine's id ("" if it has none) and the process namespace that we are in. None where there is no such."""
    try:
        namespace = os.readlink("/proc/self/ns/pid")  # noqa: PTH115
    except OSError:
        return None
    try:
        with open("/etc/machine-id", encoding="ascii") as file:  # noqa: PTH123
            return file.read(64).strip(), namespace
    except (OSError, ValueError):
        return "", namespace
