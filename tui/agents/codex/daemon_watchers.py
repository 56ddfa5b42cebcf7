"""Whether anybody watches the threads of a Codex daemon: seen from outside, without a word to it.

A screen (the TUI, an editor) keeps one connection to the daemon's socket while it lives, wherever its own folder is; a
closed pane, a killed screen and `/quit` end it at once. Linux lists both ends of such sockets in `/proc/net/unix`, with
the listener's path at its end of each connection: where none is listed, nobody is attached to any thread, for certain.
Where one is, nothing outside tells whose thread it shows: a fresh screen shows none and has no rollout.
"""

from __future__ import annotations

from pathlib import Path

SOCKET = "app-server-control/app-server-control.sock"
"""In a Codex home: a link to the socket itself, in a short folder of the user's."""
TABLE = Path("/proc/net/unix")

_LISTENS = 0x10000
"""The flag of a socket that accepts connections (`__SO_ACCEPTCON`)."""


def attached(codex_home: Path, table: Path = TABLE) -> bool | None:
    """False if no client is connected to the daemon of a Codex home: whatever runs in it, nobody watches.

    None where that is not certain: somebody is connected (to which thread is not told outside; a short call to the
    daemon counts as well), no daemon listens, or the system has no such table. Never True: see above.
    Reads one small file and a link: some tens of microseconds for each hundred local sockets of the machine.
    """
    socket = codex_home / SOCKET
    try:
        bound = socket.readlink() if socket.is_symlink() else socket
        listed = table.read_bytes()
    except OSError:
        return None
    return False if connections(listed, bytes(bound)) == 0 else None


def connections(table: bytes, path: bytes) -> int | None:
    """How many connections the listener at a path has, from the text of `/proc/net/unix`; None if nobody listens there.

    Its columns are address, count, protocol, flags, type, state, inode and, where it was bound, path. A connection that
    has not been accepted yet counts.
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
