"""Which processes are agents, and how little is looked at to know it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agents.conftest import Start, rollout
from tests.waiting import PATIENCE_S
from tui.agents.process import LINUX, Sight, identity, open_paths, see
from tui.agents.process_table import TURNS, ProcessTable

linux_only = pytest.mark.skipif(not LINUX, reason="reads /proc")


def test_a_look_at_oneself() -> None:
    sight = see(os.getpid())
    assert sight is not None
    assert sight.parent == os.getppid()
    assert see(os.getpid()) == sight


def test_nobody_is_seen_where_nobody_is() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(PATIENCE_S)
    assert see(gone.pid) is None
    for nobody in (-1, 0, 10**30):
        assert see(nobody) is None
        assert open_paths(nobody) == []


def test_a_process_that_has_ended_is_not_seen_though_nobody_asked_for_its_end() -> None:
    ended = subprocess.Popen([sys.executable, "-c", "print('x')"], stdout=subprocess.PIPE)
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    assert see(ended.pid) is None
    ended.communicate()


@linux_only
@pytest.mark.parametrize("name", [") S 1 (x", "a b) R 77", "((("])
def test_a_name_cannot_pass_for_other_fields(start: Start, name: str) -> None:
    dummy = start(name)
    sight = see(dummy.pid)
    assert sight is not None
    assert sight.name == name[:15]
    assert sight.parent == os.getpid()


@pytest.mark.parametrize(("name", "agent"), [("claude", "claude"), ("codex", "codex"), ("claude.exe", "claude")])
def test_agents_are_known_by_name(start: Start, tmp_path: Path, name: str, agent: str) -> None:
    dummy = start(name)
    found = ProcessTable().look()[dummy.pid]
    assert (found.agent, found.cwd, found.shared) == (agent, str(tmp_path), False)
    assert found.start == identity(dummy.pid)


@pytest.mark.parametrize(
    ("script", "agent"),
    [
        ("lib/node_modules/@anthropic-ai/claude-code/cli.js", "claude"),
        ("x/@anthropic-ai/claude-agent-sdk/cli.mjs", "claude"),
        ("lib/node_modules/@openai/codex/bin/codex.js", "codex"),
    ],
)
def test_a_runtime_is_an_agent_by_its_script(start: Start, tmp_path: Path, script: str, agent: str) -> None:
    dummy = start("node", script=tmp_path / script)
    assert ProcessTable().look()[dummy.pid].agent == agent


def test_a_link_to_the_script_is_followed(start: Start, tmp_path: Path) -> None:
    script = tmp_path / "lib/node_modules/@anthropic-ai/claude-code/cli.js"
    link = tmp_path / "usr/bin/claude"
    link.parent.mkdir(parents=True)
    link.symlink_to(script)
    script.parent.mkdir(parents=True)
    dummy = start("node", script=link)
    assert ProcessTable().look()[dummy.pid].agent == "claude"


@pytest.mark.parametrize(
    "script", ["x/@anthropic-ai/claude-code/cli.js", "usr/bin/claude", "x/@openai/codex/bin/codex.js"]
)
def test_a_script_without_the_clients_content_is_none(start: Start, tmp_path: Path, script: str) -> None:
    dummy = start("node", script=tmp_path / script, fake=True)
    assert dummy.pid not in ProcessTable().look()


@pytest.mark.parametrize("script", ["server.js", "claude-code/cli.js", "my-claude", "src/codex.js"])
def test_a_runtime_with_another_script_is_none(start: Start, tmp_path: Path, script: str) -> None:
    dummy = start("node", str(tmp_path / "usr/bin/claude"), script=tmp_path / script)
    assert dummy.pid not in ProcessTable().look()


def test_other_programs_are_none(start: Start) -> None:
    dummies = [start(name) for name in ("bash", "claude-helper", "Claude", "codexx")]
    looked = ProcessTable().look()
    assert not any(dummy.pid in looked for dummy in dummies)


def test_the_daemon_is_known_by_its_command(start: Start) -> None:
    dummy = start("codex", "-c", "x=1", "app-server", "--listen", "unix://")
    assert ProcessTable().look()[dummy.pid].shared


@pytest.mark.parametrize(
    ("args", "folder"),
    [
        ((), "."), (("-C", "w"), "w"), (("--cd", "w"), "w"), (("--cd=w", "-c", "x=1"), "w"), (("-C", "/"), "/"),
        (("-C",), "."), (("-C", "w/../v"), "v"),
    ],
)  # fmt: skip
def test_codex_works_where_it_was_told_to(start: Start, tmp_path: Path, args: tuple[str, ...], folder: str) -> None:
    dummy = start("codex", *args)
    found = ProcessTable().look()[dummy.pid]
    assert found.cwd == os.path.normpath(tmp_path / folder)
    assert not found.anywhere


def test_one_that_goes_on_with_an_older_session_may_show_one_of_any_folder(start: Start) -> None:
    dummy = start("codex", "resume", "--last")
    assert ProcessTable().look()[dummy.pid].anywhere


def test_processes_of_others_are_not_looked_into(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    dummy = start("claude")
    monkeypatch.setattr(os, "getuid", lambda: 987_654)
    assert dummy.pid not in ProcessTable().look()


def test_an_agent_that_ends_is_gone_at_once(start: Start) -> None:
    dummy = start("claude")
    table = ProcessTable()
    assert dummy.pid in table.look()
    dummy.end()
    assert dummy.pid not in table.look()


def test_a_new_agent_is_noticed_at_once(start: Start) -> None:
    table = ProcessTable()
    table.look()
    dummy = start("codex")
    assert dummy.pid in table.look()


def test_an_agent_that_ended_is_gone_at_once_though_its_parent_does_not_care(start: Start) -> None:
    dummies = [start("claude") for _ in range(3)]  # more than those whose turn it happens to be
    pids = {dummy.pid for dummy in dummies}
    table = ProcessTable()
    assert pids <= table.look().keys()
    for dummy in dummies:
        dummy.popen.kill()
        os.waitid(os.P_PID, dummy.pid, os.WEXITED | os.WNOWAIT)
    assert not pids & table.look().keys()


@pytest.mark.parametrize("before", ["sh", "node"])
def test_a_program_that_becomes_an_agent_is_noticed_soon(start: Start, tmp_path: Path, before: str) -> None:
    start("claude").end()  # makes the program
    dummy = start(before)
    table = ProcessTable()
    assert dummy.pid not in table.look()
    assert dummy.popen.stdin
    claude = tmp_path / "bin" / "claude"
    dummy.popen.stdin.write(f"os.execv({str(claude)!r}, ['claude', {str(tmp_path / 'bin' / 'script.py')!r}])\n")
    dummy.popen.stdin.flush()
    dummy.expect("ready")
    assert any(dummy.pid in table.look() for _ in range(TURNS))


def test_open_files(start: Start, tmp_path: Path) -> None:
    path = rollout(tmp_path / "sessions", "01a1fb2e-e47e-7513-9136-71beff5a2a75")
    dummy = start("codex", path)
    assert path in open_paths(dummy.pid)
    dummy.do(f"held[{path!r}].close()")
    assert path not in open_paths(dummy.pid)


class Machine:
    """A machine of made-up processes that counts the looks at it."""

    def __init__(self, pids: list[int]) -> None:
        self.pids = pids
        self.looks: list[int] = []

    def see(self, pid: int) -> Sight | None:
        self.looks.append(pid)
        return Sight("bash", 1, "100") if pid in self.pids else None

    def listing(self) -> list[int]:
        return list(self.pids)


def test_known_processes_are_looked_at_in_turns() -> None:
    machine = Machine(list(range(1000, 1300)))
    table = ProcessTable(machine.see, machine.listing)
    assert table.look() == {}
    assert sorted(machine.looks) == machine.pids, "at first all of them"
    machine.looks.clear()
    for _ in range(TURNS):
        before = len(machine.looks)
        table.look()
        assert len(machine.looks) - before == 300 / TURNS
    assert sorted(machine.looks) == machine.pids, "then each once in so many looks"
    machine.looks.clear()
    machine.pids.append(5000)
    table.look()
    assert 5000 in machine.looks


def test_one_look_sees_a_process_once() -> None:
    machine = Machine([1000])
    table = ProcessTable(machine.see, machine.listing)
    table.look()
    assert table.see(1000) == table.see(1000)
    assert machine.looks == [1000]


def test_a_process_that_vanishes_between_listing_and_look() -> None:
    machine = Machine([1000])
    table = ProcessTable(lambda pid: None, machine.listing)
    assert table.look() == {}


def test_ancestors_end_even_in_a_circle() -> None:
    parents = {10: 11, 11: 12, 12: 10, 20: 1}
    table = ProcessTable(lambda pid: Sight("x", parents[pid], "1") if pid in parents else None, list)
    table.look()
    assert table.ancestors(10) == [11, 12, 10]
    assert table.ancestors(20) == []
    assert table.ancestors(99) == []
