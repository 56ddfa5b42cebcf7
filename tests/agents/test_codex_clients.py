"""Whether anybody is connected to a Codex daemon, from the table of local sockets."""

from __future__ import annotations

import socket as sockets
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.agents.codex.processes import SOCKET, attached, connections, has_ended

HEAD = b"Num       RefCount Protocol Flags    Type St Inode Path\n"
PATH = b"/tmp/codex-daemon-0/25ed0e28"
LISTENER = b"0000000099aaafd4: 00000002 00000000 00010000 0001 01 5182534 " + PATH + b"\n"
CLIENT = b"00000000970d4ef6: 00000003 00000000 00000000 0001 03 5091977 " + PATH + b"\n"
PENDING = b"00000000970d4ef6: 00000002 00000000 00000000 0001 02     0 " + PATH + b"\n"
UNNAMED = b"00000000970d4ef7: 00000003 00000000 00000000 0001 03 5091978\n"


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        (LISTENER, 0),
        (LISTENER + CLIENT, 1),
        (CLIENT + UNNAMED + LISTENER + CLIENT, 2),
        (LISTENER + PENDING, 1),
        (UNNAMED, None),
        (CLIENT, None),  # its daemon has gone
        (b"", None),
        (LISTENER.replace(PATH, b"/elsewhere" + PATH), None),
        (LISTENER.replace(PATH, PATH + b".lock"), None),
        (LISTENER.replace(PATH, b"@" + PATH), None),  # a name, not a file
        (LISTENER + CLIENT.replace(PATH, b"/run/user/1000/bus"), 0),
    ],
)
def test_connections_are_counted_where_somebody_listens(rows, count):
    assert connections(HEAD + rows, PATH) == count


@given(st.binary())
def test_any_table_can_be_read(table):
    assert connections(table + b"\n" + LISTENER, PATH) is not None


@pytest.fixture
def home() -> Iterator[Path]:
    """A Codex home with the link to a socket in a short folder, as Codex makes it."""
    with tempfile.TemporaryDirectory(prefix="lw-") as folder:
        home = Path(folder) / "home"
        (home / SOCKET).parent.mkdir(parents=True)
        (home / SOCKET).symlink_to(Path(folder) / "s")
        yield home


def test_a_home_without_a_daemon(home):
    assert attached(home) is None
    (home / SOCKET).unlink()
    assert attached(home) is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists them")
def test_a_daemon_that_was_killed_leaves_a_dead_socket(home):
    assert has_ended(home), "its socket was removed, the link to it was not"
    with sockets.socket(sockets.AF_UNIX) as listener:
        listener.bind(str((home / SOCKET).readlink()))
        listener.listen()
        assert not has_ended(home)
        unlisted = home / "table"
        unlisted.write_bytes(HEAD)
        assert not has_ended(home, unlisted), "it listens in another network namespace"
    assert has_ended(home)
    assert not has_ended(home, home / "none")
    (home / SOCKET).unlink()
    assert not has_ended(home), "there never was a daemon, for all that is known"


def test_a_system_without_the_table(home):
    assert attached(home, home / "none") is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists them")
def test_certain_only_while_nobody_is_connected(home):
    with sockets.socket(sockets.AF_UNIX) as listener:
        listener.bind(str((home / SOCKET).readlink()))
        listener.listen()
        assert attached(home) is False
        with sockets.socket(sockets.AF_UNIX) as client:
            client.connect(str((home / SOCKET).readlink()))
            assert attached(home) is None, "not accepted yet"
            accepted, _ = listener.accept()
            assert attached(home) is None
            accepted.close()
        assert attached(home) is False
    assert attached(home) is None, "its daemon has gone"
