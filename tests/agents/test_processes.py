"""Live processes as evidence: what is believed, what is weak, and what is not believed."""

from __future__ import annotations

import os
import socket as sockets
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from tests.agents.conftest import Dummy, Home, Start, mine, rollout
from tests.waiting import PATIENCE_S
from tui.agents import processes
from tui.agents.codex.processes import SOCKET
from tui.agents.process import LINUX, identity, see
from tui.agents.processes import ProcessProbe
from tui.model.snapshot import ProcessFact

THREAD = "01a1fb2e-e47e-7513-9136-71beff5a2a75"
OTHER = "01a1fb2f-8797-7df2-b5b9-40da7f1a1363"
NAMESPACE = Path("/proc/self/ns/pid")
WRONG_PID = "its process is gone; another one has its id"


def started_ms(dummy: Dummy, plus_s: float = 0.0) -> int:
    return round((psutil.Process(dummy.pid).create_time() + plus_s) * 1000)


def whys(probe: ProcessProbe) -> dict[int, str]:
    return {stale.pid: stale.why for stale in probe.stale}


# -- Claude's registry ----------------------------------------------------------------------------


def test_a_registered_process_that_lives(start: Start, home: Home) -> None:
    dummy = start("claude")
    home.register(dummy.pid, procStart=dummy.start, status="busy")
    probe = ProcessProbe([home.projects])
    [fact] = mine(probe.probe(), dummy)
    assert fact == ProcessFact(
        pid=dummy.pid, session=f"session-{dummy.pid}", transcript=None, cwd="/home/u/w", agent="claude",
        status="busy", waiting_for=None, start=identity(dummy.pid), source="registry",
        home=f"{home.projects}/",
    )  # fmt: skip
    assert probe.stale == ()


def test_only_the_registry_of_the_home_that_a_process_uses_is_believed(
    start: Start, home: Home, tmp_path: Path
) -> None:
    """A downloaded home can name the number and the start of a client that lives, and another session."""
    dummy = start("claude")
    downloaded = Home(tmp_path / "downloaded")
    for folder in ("projects", "sessions"):
        (downloaded.path / folder).mkdir(parents=True)
    downloaded.register(dummy.pid, procStart=dummy.start, sessionId="of-somebody-else")
    probe = ProcessProbe([downloaded.projects, home.projects])
    assert [fact.session for fact in mine(probe.probe(), dummy) if fact.source == "registry"] == []
    assert whys(probe) == {dummy.pid: "its process keeps its sessions in another folder"}
    home.register(dummy.pid, procStart=dummy.start)
    assert [fact.session for fact in mine(probe.probe(), dummy)] == [f"session-{dummy.pid}"]


def test_a_waiting_process_says_for_what(start: Start, home: Home) -> None:
    dummy = start("claude")
    home.register(dummy.pid, procStart=dummy.start, status="waiting", waitingFor="permission prompt")
    [fact] = mine(ProcessProbe([home.projects]).probe(), dummy)
    assert (fact.status, fact.waiting_for) == ("waiting", "permission prompt")


def test_a_change_of_state_is_seen(start: Start, home: Home) -> None:
    dummy = start("claude")
    home.register(dummy.pid, procStart=dummy.start, status="busy")
    probe = ProcessProbe([home.projects])
    assert [fact.status for fact in mine(probe.probe(), dummy)] == ["busy"]
    home.register(dummy.pid, procStart=dummy.start, status="idle", sessionId="after-clear")
    assert [(fact.status, fact.session) for fact in mine(probe.probe(), dummy)] == [("idle", "after-clear")]


@pytest.mark.parametrize("name", ["claude", "sleep", "bash", "node", "codex"])
def test_a_process_that_does_not_run_the_clients_program_is_not_believed(start: Start, home: Home, name: str) -> None:
    """Whatever its name says, and although number and start are right."""
    dummy = start(name, fake=True)
    home.register(dummy.pid, procStart=dummy.start)
    probe = ProcessProbe([home.projects])
    assert mine(probe.probe(), dummy) == []
    assert whys(probe) == {dummy.pid: "its process does not run Claude Code"}


def test_another_agents_program_is_not_believed(start: Start, home: Home) -> None:
    dummy = start("codex")
    home.register(dummy.pid, procStart=dummy.start)
    probe = ProcessProbe([home.projects])
    assert all(fact.source != "registry" for fact in mine(probe.probe(), dummy))


def test_a_script_that_is_called_like_the_client_is_not_believed(home: Home, tmp_path: Path) -> None:
    """The kernel names a process by its script; what runs is the shell."""
    script = tmp_path / "claude"
    script.write_text("#!/bin/sh\necho ready\nread -r line\n")
    script.chmod(0o755)
    env = {**os.environ, "CLAUDE_CONFIG_DIR": str(home.path)}
    process = subprocess.Popen([script], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        sight = see(process.pid)
        assert sight is not None
        assert sight.name == "claude"
        home.register(process.pid, procStart=sight.start)
        probe = ProcessProbe([home.projects])
        assert [fact for fact in probe.probe() if fact.pid == process.pid] == []
        assert probe.registries == (), "it may be an old client: nothing is said of lanes without a process"
    finally:
        process.kill()
        process.communicate()


def test_a_registry_of_another_user_or_behind_a_link_is_not_believed(start: Start, home: Home, tmp_path: Path) -> None:
    dummy = start("claude")
    home.register(dummy.pid, procStart=dummy.start)
    registry = home.path / "sessions"
    registry.rename(tmp_path / "elsewhere")
    registry.symlink_to(tmp_path / "elsewhere")
    assert all(fact.source != "registry" for fact in mine(ProcessProbe([home.projects]).probe(), dummy))
    registry.unlink()
    (tmp_path / "elsewhere").rename(registry)
    if os.geteuid() == 0:
        os.chown(home.file(dummy.pid), 65534, 65534)
        assert all(fact.source != "registry" for fact in mine(ProcessProbe([home.projects]).probe(), dummy))


@pytest.mark.parametrize(
    ("folder", "file", "is_believed"),
    [
        (0o700, 0o600, True), (0o755, 0o644, True), (0o700, 0o664, True),  # a client with the umask 002 writes this
        (0o755, 0o664, False), (0o700, 0o646, False), (0o775, 0o600, False), (0o707, 0o600, False),
    ],
)  # fmt: skip
def test_a_registration_that_others_may_write_is_not_believed(
    start: Start, home: Home, folder: int, file: int, is_believed: bool
) -> None:
    dummy = start("claude")
    home.register(dummy.pid, procStart=dummy.start).chmod(file)
    (home.path / "sessions").chmod(folder)
    probe = ProcessProbe([home.projects])
    assert [fact.source == "registry" for fact in mine(probe.probe(), dummy)].count(True) == is_believed
    assert is_believed or "other users may write it" in whys(probe)[dummy.pid]


def test_a_registration_that_is_opened_later_is_believed_no_longer(start: Start, home: Home) -> None:
    dummy = start("claude")
    file = home.register(dummy.pid, procStart=dummy.start)
    probe = ProcessProbe([home.projects])
    assert [fact.source for fact in mine(probe.probe(), dummy)] == ["registry"]
    file.chmod(0o666)
    assert all(fact.source != "registry" for fact in mine(probe.probe(), dummy))


def test_a_step_of_the_clock_changes_no_identity(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start told by the clock moves with it: psutil adds the ticks to the time of the boot that the clock gives."""
    dummy = start("claude")
    before = identity(dummy.pid)
    monkeypatch.setattr(psutil.Process, "create_time", lambda _: 1e9)
    assert identity(dummy.pid) == before
    assert identity(dummy.pid) != identity(os.getpid())


def test_a_recycled_process_id_is_not_believed(start: Start, home: Home) -> None:
    dummy = start("bash")
    home.register(dummy.pid, procStart=str(int(dummy.start) - 1), status="busy")
    probe = ProcessProbe([home.projects])
    assert mine(probe.probe(), dummy) == []
    assert whys(probe) == {dummy.pid: WRONG_PID}


def test_a_later_claude_with_the_id_of_an_earlier_one_is_not_taken_for_it(start: Start, home: Home) -> None:
    dummy = start("claude")
    home.register(dummy.pid, procStart="1", sessionId="of-the-dead")
    probe = ProcessProbe([home.projects])
    assert [(fact.session, fact.source) for fact in mine(probe.probe(), dummy)] == [(None, "cwd")]
    assert probe.registries == (), "it may hold any session"


def test_a_process_that_is_gone(home: Home) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(PATIENCE_S)
    home.register(gone.pid, procStart="1", status="busy")
    probe = ProcessProbe([home.projects])
    assert [fact for fact in probe.probe() if fact.pid == gone.pid] == []
    assert whys(probe) == {gone.pid: "its process is gone"}


def test_a_process_that_ends_is_gone_at_the_next_look(start: Start, home: Home) -> None:
    dummy = start("claude")
    home.register(dummy.pid, procStart=dummy.start)
    probe = ProcessProbe([home.projects])
    assert mine(probe.probe(), dummy)
    dummy.end()
    assert mine(probe.probe(), dummy) == []
    assert whys(probe) == {dummy.pid: "its process is gone"}
    home.file(dummy.pid).unlink()
    probe.probe()
    assert probe.stale == ()


@pytest.mark.skipif(not LINUX, reason="without /proc the time of registration decides")
def test_without_the_exact_start_nothing_is_believed(start: Start, home: Home) -> None:
    dummy = start("claude")
    home.register(dummy.pid, startedAt=started_ms(dummy, +900))
    probe = ProcessProbe([home.projects])
    assert [fact.source for fact in mine(probe.probe(), dummy)] == ["cwd"]
    assert whys(probe) == {dummy.pid: "it does not say when its process began"}


@pytest.mark.parametrize(
    "domain", ["linux:0000:pid:[4026531836]", "linux:{machine}:pid:[1]", "darwin:whatever", "win32:x:y"]
)
def test_another_machine_is_not_believed(start: Start, home: Home, domain: str) -> None:
    dummy = start("claude")
    machine = Path("/etc/machine-id").read_text().strip() if Path("/etc/machine-id").exists() else ""
    if not machine and "0000" in domain:
        pytest.skip("this machine has no id to compare with")
    home.register(dummy.pid, procStart=dummy.start, pidDomain=domain.format(machine=machine))
    probe = ProcessProbe([home.projects])
    assert all(fact.source != "registry" for fact in mine(probe.probe(), dummy))
    assert whys(probe) == {dummy.pid: "written on another machine or in another container"}
    dummy.end()
    probe.probe()
    assert probe.registries == (), "of its processes nothing is known here"


@pytest.mark.parametrize("domain", ["linux:{machine}:{namespace}", "", "martian:1:2", "linux", "::::", "linux:x:y"])
def test_this_machine_and_unknown_words_are(start: Start, home: Home, domain: str) -> None:
    dummy = start("claude")
    machine = Path("/etc/machine-id").read_text().strip() if Path("/etc/machine-id").exists() else "none"
    domain = domain.format(machine=machine, namespace=NAMESPACE.readlink())
    home.register(dummy.pid, procStart=dummy.start, pidDomain=domain)
    assert [fact.source for fact in mine(ProcessProbe([home.projects]).probe(), dummy)] == ["registry"]


# -- whether every session would have been seen ---------------------------------------------------


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process of this machine is an agent but those that the test starts."""
    own = psutil.Process()
    table = processes.ProcessTable
    monkeypatch.setattr(
        processes, "ProcessTable", lambda: table(pids=lambda: [each.pid for each in own.children(recursive=True)])
    )


@pytest.mark.usefixtures("alone")
def test_a_home_is_complete_if_all_claudes_are_registered(start: Start, home: Home) -> None:
    probe = ProcessProbe([home.projects])
    assert probe.look() == ((), home.complete), "none runs"
    dummy = start("claude")
    home.register(dummy.pid, procStart=dummy.start)
    facts, complete = probe.look()
    assert [fact.pid for fact in facts] == [dummy.pid]
    assert complete == home.complete


@pytest.mark.usefixtures("alone")
def test_a_home_is_not_complete_beside_a_claude_that_registers_nowhere(start: Start, home: Home) -> None:
    probe = ProcessProbe([home.projects])
    dummy = start("claude")
    assert probe.look()[1] == ()
    home.file(dummy.pid).write_text("{broken")
    assert probe.look()[1] == ()
    home.register(dummy.pid, procStart=dummy.start)
    assert probe.look()[1] == home.complete


@pytest.mark.usefixtures("alone")
def test_a_claude_that_keeps_its_sessions_in_another_home_says_nothing_of_this_one(
    start: Start, home: Home, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "claude-home-work"
    proven = start("claude", config=elsewhere)
    seeming = start("node", script=tmp_path / "usr/bin/claude", fake=True, config=elsewhere)
    probe = ProcessProbe([home.projects])
    assert [fact.pid for fact in probe.probe() if fact.session is not None] == []
    assert probe.registries == home.complete
    here = start("node", script=tmp_path / "usr/bin/claude", fake=True)
    assert probe.look()[1] == (), "it may be an old client that registers nowhere"
    here.end()
    assert probe.look()[1] == home.complete
    assert psutil.pid_exists(proven.pid)
    assert psutil.pid_exists(seeming.pid)


@pytest.mark.usefixtures("alone")
def test_a_codex_says_nothing_of_claudes_home(start: Start, home: Home) -> None:
    start("codex")
    assert ProcessProbe([home.projects]).look()[1] == home.complete


@pytest.mark.usefixtures("alone")
def test_helpers_of_a_registered_claude_need_no_registration(start: Start, home: Home, tmp_path: Path) -> None:
    parent = start("claude")
    home.register(parent.pid, procStart=parent.start)
    child = int(parent.do(f"import subprocess; c = {spawn(tmp_path, 'claude')}; print(c.pid)"))
    facts, complete = ProcessProbe([home.projects]).look()
    assert [fact.pid for fact in facts] == [parent.pid]
    assert complete == home.complete
    assert psutil.pid_exists(child)
    parent.do("c.kill(); c.wait()")


@pytest.mark.usefixtures("alone")
def test_the_wrapper_of_a_registered_claude_needs_no_registration(start: Start, home: Home, tmp_path: Path) -> None:
    start("claude").end()  # makes the program
    wrapper = start("node", script=tmp_path / "usr/bin/claude", fake=True)
    child = int(wrapper.do(f"import subprocess; c = {spawn(tmp_path, 'claude')}; c.stdout.readline(); print(c.pid)"))
    sight = see(child)
    assert sight is not None
    home.register(child, procStart=sight.start)
    facts, complete = ProcessProbe([home.projects]).look()
    assert [(fact.pid, fact.source) for fact in facts] == [(child, "registry")]
    assert complete == home.complete
    wrapper.do("c.kill(); c.wait()")


@pytest.mark.usefixtures("alone")
def test_a_home_without_a_registry_is_not_complete(home: Home) -> None:
    (home.path / "sessions").rmdir()
    assert ProcessProbe([home.projects]).look() == ((), ())


@pytest.mark.usefixtures("alone")
def test_one_home_does_not_speak_for_another_of_a_longer_name(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "claude-home-work")
    (other.path / "projects").mkdir(parents=True)
    [complete] = ProcessProbe([home.projects, other.projects]).registries or home.complete
    assert not other.projects.startswith(complete)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("place", ["projects", "", "projects/-w", "projects/-w/s.jsonl", "projects/-w/s/subagents"])
def test_the_registry_is_found_from_wherever_transcripts_are_read(home: Home, place: str) -> None:
    (home.path / "projects/-w/s/subagents").mkdir(parents=True)
    (home.path / "projects/-w/s.jsonl").write_text("")
    assert ProcessProbe([str(home.path / place)]).look()[1] == home.complete


@pytest.mark.usefixtures("alone")
def test_a_linked_home_is_named_by_its_real_path(home: Home, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(home.path)
    assert ProcessProbe([str(link / "projects")]).look()[1] == home.complete


def test_a_codex_home_has_no_such_registry(tmp_path: Path) -> None:
    (tmp_path / ".codex" / "sessions").mkdir(parents=True)
    (tmp_path / ".codex" / "sessions" / "1.json").write_text('{"pid": 1, "sessionId": "s"}')
    probe = ProcessProbe([str(tmp_path / ".codex" / "sessions"), str(tmp_path / "not there")])
    probe.probe()
    assert probe.stale == ()


# -- Codex's open rollouts ------------------------------------------------------------------------


def test_an_open_rollout_names_thread_and_transcript(start: Start, tmp_path: Path) -> None:
    path = rollout(tmp_path / "sessions", THREAD)
    dummy = start("codex", "exec", path)
    [fact] = mine(ProcessProbe([]).probe(), dummy)
    assert fact == ProcessFact(
        pid=dummy.pid, session=THREAD, transcript=path, cwd=str(tmp_path), agent="codex", status=None,
        waiting_for=None, start=identity(dummy.pid), source="open file",
    )  # fmt: skip


def test_a_rollout_that_was_closed_is_no_evidence_any_more(start: Start, tmp_path: Path) -> None:
    path = rollout(tmp_path / "sessions", THREAD)
    dummy = start("codex", path)
    probe = ProcessProbe([])
    assert [fact.session for fact in mine(probe.probe(), dummy)] == [THREAD]
    dummy.do(f"held[{path!r}].close()")
    assert [(fact.session, fact.source) for fact in mine(probe.probe(), dummy)] == [(None, "cwd")]


def test_a_rollout_that_is_opened_later_is_seen(start: Start, tmp_path: Path) -> None:
    dummy = start("codex")
    probe = ProcessProbe([])
    mine(probe.probe(), dummy)
    path = rollout(tmp_path / "sessions", THREAD)
    dummy.do(f"held[1] = open({path!r}, 'a')")
    assert [fact.transcript for fact in mine(probe.probe(), dummy)] == [path]


def test_the_shared_daemon_is_told_as_such(start: Start, tmp_path: Path) -> None:
    paths = [rollout(tmp_path / "sessions", thread) for thread in (THREAD, OTHER)]
    dummy = start("codex", "app-server", *paths)
    facts = mine(ProcessProbe([]).probe(), dummy)
    assert [(fact.session, fact.source) for fact in facts] == [
        (THREAD, "open file of a shared daemon"),
        (OTHER, "open file of a shared daemon"),
    ]
    assert [fact.cwd for fact in facts] == [None, None], "its folder is that of whoever came first"


def test_who_could_show_a_thread_of_the_daemon(start: Start, tmp_path: Path) -> None:
    daemon = start("codex", "app-server", rollout(tmp_path / "sessions", THREAD))
    client = start("codex", cwd=tmp_path)
    older = start("codex", "resume", THREAD)
    [fact] = mine(ProcessProbe([]).probe(), daemon)
    assert fact.viewers is not None
    assert {"", str(tmp_path)} <= set(fact.viewers)
    client.end()
    older.end()


def test_a_client_that_is_not_connected_shows_nothing(start: Start, tmp_path: Path) -> None:
    """Such as `codex exec`, which runs its own loop in the same folder."""
    socket = tmp_path / SOCKET
    socket.parent.mkdir()
    with tempfile.TemporaryDirectory(prefix="lw-") as folder, sockets.socket(sockets.AF_UNIX) as listener:
        socket.symlink_to(Path(folder) / "s")
        listener.bind(str(Path(folder) / "s"))
        listener.listen()
        daemon = start("codex", "app-server", rollout(tmp_path / "sessions", THREAD))
        start("codex", "exec", cwd=tmp_path)
        [fact] = mine(ProcessProbe([]).probe(), daemon)
        assert fact.viewers == ()
        with sockets.socket(sockets.AF_UNIX) as client:
            client.connect(str(Path(folder) / "s"))
            [fact] = mine(ProcessProbe([]).probe(), daemon)
            assert fact.viewers


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists who listens")
def test_the_screen_of_a_daemon_that_was_killed_runs_no_loop(start: Start, tmp_path: Path) -> None:
    socket = tmp_path / SOCKET
    socket.parent.mkdir()
    sessions, others = str(tmp_path / "sessions"), str(tmp_path / "other" / "sessions")
    with tempfile.TemporaryDirectory(prefix="lw-") as folder, sockets.socket(sockets.AF_UNIX) as listener:
        socket.symlink_to(Path(folder) / "s")
        listener.bind(str(Path(folder) / "s"))
        listener.listen()
        screen = start("codex", cwd=tmp_path)
        probe = ProcessProbe([sessions, others])
        [fact] = mine(probe.probe(), screen)
        assert (fact.source, fact.unserved) == ("cwd", ())
        listener.close()
        [fact] = mine(probe.probe(), screen)
        assert (fact.source, fact.unserved) == ("cwd", (f"{sessions}/",))


def test_a_daemon_without_threads_says_nothing(start: Start) -> None:
    dummy = start("codex", "app-server")
    assert mine(ProcessProbe([]).probe(), dummy) == []


def test_a_process_of_its_own_says_more_of_a_thread_than_the_daemon(start: Start, tmp_path: Path) -> None:
    path = rollout(tmp_path / "sessions", THREAD)
    single = start("codex", "exec", path)
    daemon = start("codex", "app-server", path)
    assert [(fact.pid, fact.source) for fact in mine(ProcessProbe([]).probe(), single, daemon)] == [
        (single.pid, "open file")
    ]


def test_others_may_hold_a_rollout_open(start: Start, tmp_path: Path) -> None:
    path = rollout(tmp_path / "sessions", THREAD)
    reader = start("tail", path)
    claude = start("claude", path)
    assert [fact.source for fact in mine(ProcessProbe([]).probe(), reader, claude)] == ["cwd"]


@pytest.mark.parametrize(
    "name", [f"rollout-{THREAD}.jsonl", "notes.jsonl", f"rollout-2026-11-20T22-59-18-{THREAD}.jsonl.jsonl"]
)
def test_other_open_files_are_none(start: Start, tmp_path: Path, name: str) -> None:
    dummy = start("codex", str(tmp_path / name))
    assert [fact.source for fact in mine(ProcessProbe([]).probe(), dummy)] == ["cwd"]


def test_a_deleted_rollout_is_none(start: Start, tmp_path: Path) -> None:
    path = rollout(tmp_path / "sessions", THREAD)
    dummy = start("codex", path)
    Path(path).unlink()
    assert [fact.source for fact in mine(ProcessProbe([]).probe(), dummy)] == ["cwd"]


# -- the folder alone -----------------------------------------------------------------------------


def spawn(tmp_path: Path, name: str) -> str:
    """Python that starts a process under a name from another one."""
    binary, script = str(tmp_path / "bin" / name), str(tmp_path / "bin" / "script.py")
    return f"subprocess.Popen([{binary!r}, {script!r}], stdin=-1, stdout=-1)"


def test_an_agent_alone_in_its_folder(start: Start, tmp_path: Path) -> None:
    dummy = start("claude")
    [fact] = mine(ProcessProbe([]).probe(), dummy)
    assert fact == ProcessFact(
        pid=dummy.pid, session=None, transcript=None, cwd=str(tmp_path), agent="claude", status=None,
        waiting_for=None, start=identity(dummy.pid), source="cwd",
    )  # fmt: skip


def test_two_of_an_agent_in_one_folder_cannot_be_told_apart(start: Start, tmp_path: Path) -> None:
    dummies = [start("claude"), start("claude"), start("codex")]
    assert [fact.agent for fact in mine(ProcessProbe([]).probe(), *dummies)] == ["codex"]


def test_folders_tell_two_apart(start: Start, tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    dummies = [start("claude", cwd=folder) for folder in folders]
    assert [fact.cwd for fact in mine(ProcessProbe([]).probe(), *dummies)] == [str(folder) for folder in folders]


def test_beside_a_better_known_one_the_folder_says_nothing(start: Start, home: Home, tmp_path: Path) -> None:
    registered, old = start("claude"), start("claude")
    home.register(registered.pid, procStart=registered.start, cwd=str(tmp_path))
    facts = mine(ProcessProbe([home.projects]).probe(), registered, old)
    assert [(fact.pid, fact.source) for fact in facts] == [(registered.pid, "registry")]


def test_a_wrapper_and_its_agent_are_one(start: Start, tmp_path: Path) -> None:
    start("codex").end()  # makes the program
    wrapper = start("node", script=tmp_path / "lib/@openai/codex/bin/codex.js")
    child = int(wrapper.do(f"import subprocess; c = {spawn(tmp_path, 'codex')}; print(c.pid)"))
    facts = [fact for fact in ProcessProbe([]).probe() if fact.pid in (wrapper.pid, child)]
    assert [(fact.pid, fact.source) for fact in facts] == [(wrapper.pid, "cwd")]
    wrapper.do("c.kill(); c.wait()")


def test_a_wrapper_of_a_better_known_agent_is_not_told(start: Start, tmp_path: Path) -> None:
    path = rollout(tmp_path / "sessions", THREAD)
    start("codex").end()  # makes the program
    wrapper = start("node", script=tmp_path / "lib/@openai/codex/bin/codex.js")
    command = spawn(tmp_path, "codex").replace("script.py'", f"script.py', {path!r}")
    child = int(wrapper.do(f"import subprocess; c = {command}; c.stdout.readline(); print(c.pid)"))
    facts = [fact for fact in ProcessProbe([]).probe() if fact.pid in (wrapper.pid, child)]
    assert [(fact.pid, fact.source) for fact in facts] == [(child, "open file")]
    wrapper.do("c.kill(); c.wait()")


def test_an_agent_started_by_another_kind_of_agent_counts(start: Start, home: Home, tmp_path: Path) -> None:
    start("codex").end()  # makes the program
    parent = start("claude")
    home.register(parent.pid, procStart=parent.start)
    child = int(parent.do(f"import subprocess; c = {spawn(tmp_path, 'codex')}; print(c.pid)"))
    facts = [fact for fact in ProcessProbe([home.projects]).probe() if fact.pid in (parent.pid, child)]
    assert [(fact.agent, fact.source) for fact in facts] == [("claude", "registry"), ("codex", "cwd")]
    parent.do("c.kill(); c.wait()")


# -- all together ---------------------------------------------------------------------------------


def test_equal_looks_are_equal_and_the_strongest_comes_first(start: Start, home: Home, tmp_path: Path) -> None:
    weak = start("claude")
    codex = start("codex", rollout(tmp_path / "sessions", THREAD))
    strong = start("claude")
    home.register(strong.pid, procStart=strong.start)
    probe = ProcessProbe([home.projects])
    first = probe.look()
    assert [fact.source for fact in mine(first[0], weak, codex, strong)] == ["registry", "open file", "cwd"]
    for _ in range(6):
        assert mine(probe.probe(), weak, codex, strong) == mine(first[0], weak, codex, strong)


def test_nothing_to_see_is_no_error(tmp_path: Path) -> None:
    probe = ProcessProbe([str(tmp_path / "gone" / "projects")], processes.ProcessTable(pids=list))
    assert probe.look() == ((), ())
