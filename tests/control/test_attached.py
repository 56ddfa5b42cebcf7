"""Which clients could show a thread of a daemon: those that have its home, or whose home is not known."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from tui.control import attached


def client(
    pid: int,
    name: str = "codex",
    words: tuple[str, ...] = (),
    status: str = "sleeping",
) -> SimpleNamespace:
    info = {"name": name, "cmdline": [name, *words], "terminal": None, "status": status}
    return SimpleNamespace(pid=pid, info=info)


def test_only_clients_of_the_threads_home_could_show_it(monkeypatch, tmp_path: Path):
    home, other = tmp_path / "one", tmp_path / "two"
    link = tmp_path / "link"
    home.mkdir()
    link.symlink_to(home)
    environments = {
        1: {"HOME": str(home)}, 2: {"HOME": str(other)}, 3: {}, 4: {"HOME": str(other), "CODEX_HOME": str(home / ".codex")},
        5: {"HOME": str(link)}, 6: {"HOME": str(home)}, 7: {"HOME": str(home)}, 8: {"HOME": str(home)}, 9: {}, 10: {}, 11: {},
    }  # fmt: skip
    running = [
        *map(client, range(1, 6)), client(6), client(7, words=("app-server",)), client(8, name="claude"),
        client(9, status="zombie"), client(10), client(11),
    ]  # fmt: skip
    monkeypatch.setattr(attached.psutil, "process_iter", lambda _fields: running)
    monkeypatch.setattr(attached, "terminal_of", lambda pid: None if pid == 6 else SimpleNamespace(device=1))
    monkeypatch.setattr(attached, "environment_of", lambda process: environments[process.pid])

    def process_of(pid: int) -> SimpleNamespace:
        if pid == 11:
            raise attached.psutil.NoSuchProcess(pid)
        return SimpleNamespace(cmdline=lambda: [] if pid == 10 else ["codex"])

    monkeypatch.setattr(attached.psutil, "Process", process_of)
    transcript = str(home / ".codex" / "sessions" / "2026" / "rollout.jsonl")
    assert list(attached.clients_of("codex", transcript)) == [1, 3, 4, 5]
