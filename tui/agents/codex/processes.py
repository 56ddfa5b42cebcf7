"""Codex's live processes: how its program is recognised, its open rollouts, and whether a client shows its daemon.

A client (the TUI, an editor) keeps one connection to the daemon's socket while it lives, whatever its folder is; a
closed pane, a killed client and `/quit` end the connection at once. Linux lists both ends of such sockets in
`/proc/net/unix`, with the listener's path at its end of each connection. If none is listed, certainly no client shows
any thread. If one is listed, its thread cannot be known: a new client shows none and has no rollout.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path

from tui.agents.process import OPEN_FILE, SHARED_DAEMON, AgentProcess, Processes, Program, Stale, open_paths
from tui.model.snapshot import ProcessFact

NAME = "codex"
SOCKET = "app-server-control/app-server-control.sock"
"""A path in a Codex home: a link to the socket, which has a shorter path."""
TABLE = Path("/proc/net/unix")

ROLLOUTS_CAP = 1000
"""The most threads that one process may have open."""
_ROLLOUT = re.compile(r"/rollout-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-([0-9a-fA-F-]{36})\.jsonl\Z")
_CD = frozenset({"-C", "--cd"})
_OLDER = frozenset({"resume", "fork"})
CONNECT_S = 0.2
_LISTENS = 0x10000
"""The flag of a socket that accepts connections (`__SO_ACCEPTCON`)."""


def attached(codex_home: Path, table: Path = TABLE) -> bool | None:
    """False if no client is connected to the daemon of a Codex home, so that none shows its threads.

    None if that is not certain: a client is connected (its thread is not known; a short call to the daemon counts as
    well), no daemon listens, or the system has no such table. Never True: see the module. Reads one small file and a
    link: some tens of microseconds for each hundred local sockets of the machine.
    """
    found = _at_socket(codex_home, table)
    return False if found is not None and connections(*found) == 0 else None


def has_ended(codex_home: Path, table: Path = TABLE) -> bool:
    """Whether a Codex home has the socket of a daemon and certainly nobody listens on it: the daemon was killed.

    Also False if the system has no such table.
    """
    found = _at_socket(codex_home, table)
    if found is None or not os.path.lexists(codex_home / SOCKET) or connections(*found) is not None:
        return False
    # A daemon in another network namespace is not in the table.
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.settimeout(CONNECT_S)
            client.connect(found[1])
        except (ConnectionRefusedError, FileNotFoundError):
            return True
        except OSError:
            return False
    return False


def _at_socket(codex_home: Path, table: Path) -> tuple[bytes, bytes] | None:
    """The text of the table, and the path to which the socket of a Codex home is bound; None if one cannot be read."""
    path = codex_home / SOCKET
    try:
        bound = path.readlink() if path.is_symlink() else path
        return table.read_bytes(), bytes(bound)
    except OSError:
        return None


def connections(table: bytes, path: bytes) -> int | None:
    """The number of connections to the listener at a path; None if nobody listens there.

    `table` is the text of `/proc/net/unix`. Its columns are address, count, protocol, flags, type, state, inode and,
    if bound, path. A connection that was not accepted yet counts too.
    """
    listening = False
    found = 0
    for line in table.splitlines():
        if not line.endswith(path):
            continue
        columns = line.split(None, 7)
        if len(columns) != 8 or columns[7] != path:
            continue
        try:
            listens = int(columns[3], 16) & _LISTENS
        except ValueError:
            continue
        if listens:
            listening = True
        else:
            found += 1
    return found if listening else None


class CodexEvidence:
    """The threads that Codex processes have open."""

    stale: tuple[Stale, ...] = ()
    complete: tuple[str, ...] = ()

    def __init__(self, homes: Sequence[str]) -> None:
        """`homes` are the folders of rollouts for which it is reported whether their daemon has ended."""
        self._homes = homes
        self.unserved: tuple[str, ...] = ()

    def look(self, table: Processes) -> list[ProcessFact]:
        """The threads that Codex processes have open, in the order of process ids."""
        agents = [agent for agent in table.agents.values() if agent.agent == NAME]
        found = _rollouts(agents)
        # Only a client about which nothing better is known may have shown a daemon that has ended.
        is_needed = not {agent.pid for agent in agents} <= {fact.pid for fact in found}
        self.unserved = tuple(
            os.path.join(home, "")  # noqa: PTH118 (a separator at its end)
            for home in self._homes if is_needed and has_ended(Path(home).parent)
        )  # fmt: skip
        return found


def _rollouts(agents: Iterable[AgentProcess]) -> list[ProcessFact]:
    """Threads that Codex processes have open."""
    facts: dict[str, ProcessFact] = {}
    agents = list(agents)
    # Only Codex's own clients show a daemon's threads. One whose folder is unknown could show any of them.
    clients = [agent for agent in agents if agent.agent == NAME and not agent.shared]
    viewers = tuple(sorted("" if agent.anywhere else agent.cwd or "" for agent in clients))
    nobody = _Nobody()
    # A process of its own is better evidence for a thread than the shared daemon. It comes later, so that it replaces
    # that.
    for agent in sorted(agents, key=lambda agent: (not agent.shared, agent.pid)):
        if agent.agent != NAME:
            continue
        for path, thread in _open_threads(agent.pid):
            seen_by = () if agent.shared and nobody.watches(path) else viewers
            facts[path] = ProcessFact(
                pid=agent.pid, session=thread, transcript=path, cwd=None if agent.shared else agent.cwd,
                agent=NAME, status=None, waiting_for=None, start=agent.start,
                source=SHARED_DAEMON if agent.shared else OPEN_FILE, viewers=seen_by if agent.shared else None,
            )  # fmt: skip
    return sorted(facts.values(), key=lambda fact: (fact.pid, fact.transcript or ""))


class _Nobody:
    """Finds daemons without any client, once for each Codex home. An `exec` in a folder shows no thread."""

    def __init__(self) -> None:
        self._homes: dict[str, bool] = {}

    def watches(self, rollout: str) -> bool:
        """Whether certainly no client is connected to the daemon that has this rollout open."""
        home, found, _ = rollout.rpartition("/sessions/")
        if not found:
            return False
        if home not in self._homes:
            self._homes[home] = attached(Path(home)) is False
        return self._homes[home]


def _open_threads(pid: int) -> list[tuple[str, str]]:
    """Rollouts that a process has open, with the ids of their threads."""
    found = {path: match[1].lower() for path in open_paths(pid) if (match := _ROLLOUT.search(path))}
    return sorted(found.items())[:ROLLOUTS_CAP]


def _folder_of(args: Sequence[str], cwd: str | None) -> str | None:
    """The process's folder: its arguments may name it (`-C DIR`, `--cd DIR`) without changing its working folder."""
    for at, arg in enumerate(args[1:], 1):
        told = arg.partition("=")[2] if arg.startswith("--cd=") else args[at + 1 : at + 2] if arg in _CD else None
        if told:
            folder = told if isinstance(told, str) else told[0]
            return os.path.normpath(os.path.join(cwd, folder)) if cwd is not None else None  # noqa: PTH118
    return cwd


def _is_daemon(args: Sequence[str]) -> bool:
    return "app-server" in args[1:]


def _is_anywhere(args: Sequence[str]) -> bool:
    return not _OLDER.isdisjoint(args[1:])


PROGRAM = Program(
    names=frozenset({"codex", "codex.exe"}),
    mark=b"CODEX_HOME",
    script=re.compile(r"/@openai/codex/bin/codex\.js\Z"),
    script_mark=b"@openai/codex",
    folder_of=_folder_of,
    is_shared=_is_daemon,
    is_anywhere=_is_anywhere,
)
