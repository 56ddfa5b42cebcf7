"""The client of Codex's daemon, against daemons of the test: normal, refusing, hostile, silent, of another user."""

from __future__ import annotations

import json
import os
import shutil
import socket as sockets
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.sync.server import ServerConnection, unix_serve

from tests.effort import examples
from tui.agents.codex import daemon as codex_daemon
from tui.agents.daemon import DaemonError, DaemonRefused, NoDaemon

THREAD = "01a1fcec-ae5b-7a92-82ee-b1afea390a87"
OTHER = "01a1fcec-b339-7572-b2b8-852ff2a643c7"
TURN = "01a1fcec-aea6-71f0-bdb8-2d80bdcf2c4d"
NEXT = "01a1fcec-df46-7ae0-ae04-a303b7ba6456"
BAD_IDS = ["", "short", "x" * 65, f"{THREAD}\n", "../../etc/passwd", "$(touch pwned)", "1234567é"]

Params = dict[str, Any]


class Refusal(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.answer = {"code": code, "message": message}


class Daemon:
    """One thread with a turn and a queue.

    `answers` replaces the result of a method; `noise` is sent before each answer.
    """

    def __init__(self) -> None:
        self.status: object = {"type": "idle"}
        self.turn: str | None = None
        self.queue: list[str] = []
        self.commands: list[dict[str, str]] = []
        self.loaded: list[object] = [THREAD]
        self.facts: dict[str, object] = {}
        self.noise: list[str] = []
        self.calls: list[tuple[str, Params]] = []
        self.answers: dict[str, Callable[[Params], object]] = {
            "initialize": lambda _: {},
            "thread/loaded/list": lambda _: {"data": self.loaded},
            "thread/read": self._read,
            "thread/turns/list": lambda _: {"data": [{"id": self.turn, "status": "inProgress"}] if self.turn else []},
            "thread/queue/list": lambda given: {"data": [{"id": one} for one in self.queue[: given["limit"]]]},
            "thread/queue/delete": self._delete,
            "thread/backgroundTerminals/list": lambda _: {"data": self.commands},
            "thread/backgroundTerminals/clean": lambda _: {},
            "turn/steer": lambda _: {"turnId": self.turn},
            "turn/interrupt": lambda _: {},
            "turn/start": lambda _: {"turn": {"id": self.turn or NEXT}},
        }

    def works(self) -> None:
        self.status, self.turn = {"type": "active", "activeFlags": []}, TURN

    def asked(self, method: str) -> list[Params]:
        return [params for called, params in self.calls if called == method]

    def refuses(self, method: str, code: int, message: str = "no") -> None:
        def refuse(_: Params) -> object:
            raise Refusal(code, message)

        self.answers[method] = refuse

    def _read(self, given: Params) -> object:
        if given["threadId"] not in self.loaded:
            raise Refusal(-32600, "thread not loaded")
        return {"thread": {"status": self.status, "cwd": "/w", "path": "/w/r.jsonl", "ephemeral": False, **self.facts}}

    def _delete(self, given: Params) -> object:
        there = given["queuedSubmissionId"] in self.queue
        if there:
            self.queue.remove(given["queuedSubmissionId"])
        return {"deleted": there}

    def serve(self, connection: ServerConnection) -> None:
        for message in connection:
            asked = json.loads(message)
            if "id" not in asked:
                continue
            self.calls.append((asked["method"], asked["params"]))
            for one in self.noise:
                connection.send(one)
            answer: dict[str, object] = {"id": asked["id"]}
            try:
                answer["result"] = self.answers[asked["method"]](asked["params"])
            except Refusal as refusal:
                answer["error"] = refusal.answer
            connection.send(json.dumps(answer))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket."""
    made = Path(tempfile.mkdtemp(prefix="lw-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def socket(folder: Path) -> Path:
    return folder / "s"


@pytest.fixture
def daemon(socket: Path) -> Iterator[Daemon]:
    made = Daemon()
    with unix_serve(made.serve, str(socket)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield made
        server.shutdown()
    thread.join()


# -- what is told of threads --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ({"type": "idle"}, "idle"),
        ({"type": "notLoaded"}, "not_loaded"),
        ({"type": "systemError"}, "system_error"),
        ({"type": "active", "activeFlags": []}, "active"),
        ({"type": "active", "activeFlags": ["waitingOnApproval"]}, "waiting_on_approval"),
        ({"type": "active", "activeFlags": ["new", "waitingOnUserInput"]}, "waiting_on_input"),
        ({"type": "active", "activeFlags": 7}, "active"),
        ({"type": "dreaming"}, "unknown"),
        ("idle", "unknown"),
    ],
)
def test_the_status_of_a_thread(daemon, socket, status, told):
    daemon.status = status
    found = codex_daemon.thread(socket, THREAD)
    assert found is not None
    assert found.status == told


def test_a_busy_thread(daemon, socket):
    daemon.works()
    daemon.queue = ["queued-0001", "queued-0002"]
    assert codex_daemon.thread(socket, THREAD) == codex_daemon.Thread(THREAD, "active", "/w", "/w/r.jsonl", TURN, 2)


def test_a_turn_that_waits_for_a_person_is_still_running(daemon, socket):
    daemon.works()
    daemon.status = {"type": "active", "activeFlags": ["waitingOnApproval"]}
    found = codex_daemon.thread(socket, THREAD)
    assert found is not None
    assert found.turn == TURN


def test_an_ended_turn_is_not_running(daemon, socket):
    daemon.works()
    daemon.answers["thread/turns/list"] = lambda _: {"data": [{"id": TURN, "status": "completed"}]}
    found = codex_daemon.thread(socket, THREAD)
    assert found is not None
    assert found.turn is None


def test_an_unreported_queue_is_not_an_empty_queue(daemon, socket):
    daemon.refuses("thread/queue/list", -32601)
    found = codex_daemon.thread(socket, THREAD)
    assert found is not None
    assert found.queued is None


def test_a_thread_that_the_daemon_does_not_have(daemon, socket):
    assert codex_daemon.thread(socket, OTHER) is None


def test_an_overloaded_daemon_is_an_error_and_not_a_missing_thread(daemon, socket):
    daemon.refuses("thread/read", -32001, "overloaded")
    with pytest.raises(DaemonRefused, match="overloaded") as raised:
        codex_daemon.thread(socket, THREAD)
    assert raised.value.code == -32001


def test_the_loaded_threads(daemon, socket):
    daemon.loaded = [THREAD, "no id\n", 7, None, OTHER]
    assert [one.id for one in codex_daemon.threads(socket)] == [THREAD, OTHER]


def test_a_thread_that_ended_after_the_listing_is_left_out(daemon, socket):
    daemon.answers["thread/loaded/list"] = lambda _: {"data": [OTHER, THREAD]}
    assert [one.id for one in codex_daemon.threads(socket)] == [THREAD]


def test_internal_threads_of_the_daemon_are_left_out(daemon, socket):
    daemon.facts = {"ephemeral": True}
    assert codex_daemon.threads(socket) == []


# -- what is done to them -----------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=examples(25))
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_arrives_unchanged(daemon, socket, text):
    daemon.works()
    daemon.calls.clear()
    codex_daemon.steer(socket, THREAD, TURN, text)
    assert daemon.asked("turn/steer") == [
        {"threadId": THREAD, "expectedTurnId": TURN, "input": [{"type": "text", "text": text}]}
    ]


def test_half_a_character_is_refused_and_not_sent(daemon, socket):
    with pytest.raises(DaemonRefused, match="cannot be sent"):
        codex_daemon.steer(socket, THREAD, TURN, "\ud800")
    assert daemon.asked("turn/steer") == []


def test_a_text_for_a_turn_that_has_ended_is_refused(daemon, socket):
    daemon.refuses("turn/steer", -32600, f"expected active turn id `{TURN}` but found `{NEXT}`")
    with pytest.raises(DaemonRefused, match=f"but found `{NEXT}`") as raised:
        codex_daemon.steer(socket, THREAD, TURN, "x")
    assert raised.value.code == -32600


def test_an_interrupt_names_its_turn(daemon, socket):
    assert "interrupted" in codex_daemon.interrupt(socket, THREAD, TURN)
    assert daemon.asked("turn/interrupt") == [{"threadId": THREAD, "turnId": TURN}]


def test_a_new_turn_for_an_idle_thread(daemon, socket):
    assert "began a turn" in codex_daemon.start_turn(socket, THREAD, "go on")
    assert daemon.asked("turn/start") == [{"threadId": THREAD, "input": [{"type": "text", "text": "go on"}]}]


def test_a_turn_that_was_already_running_is_not_reported_as_new(daemon, socket):
    daemon.works()
    assert "ran already" in codex_daemon.start_turn(socket, THREAD, "go on")


def test_all_pages_of_a_queue_are_emptied(daemon, socket):
    daemon.queue = [f"queued-{number:04}" for number in range(250)]
    assert codex_daemon.clear_queue(socket, THREAD) == 250
    assert daemon.queue == []


def test_an_empty_queue(daemon, socket):
    assert codex_daemon.clear_queue(socket, THREAD) == 0


def test_messages_that_somebody_else_removed_are_not_counted(daemon, socket):
    pages = iter([["queued-0001", "queued-0002"], []])
    daemon.answers["thread/queue/list"] = lambda _: {"data": [{"id": one} for one in next(pages)]}
    daemon.queue = ["queued-0002"]
    assert codex_daemon.clear_queue(socket, THREAD) == 1


def test_a_queue_that_cannot_be_read(daemon, socket):
    daemon.refuses("thread/queue/list", -32601)
    assert codex_daemon.clear_queue(socket, THREAD) is None


def test_a_queue_that_stays_full_is_not_reported_as_empty(daemon, socket):
    daemon.answers["thread/queue/list"] = lambda _: {"data": [{"id": "queued-0001"}]}
    with pytest.raises(DaemonError, match="does not get empty"):
        codex_daemon.clear_queue(socket, THREAD)


def test_commands_that_outlive_their_turn_are_ended(daemon, socket):
    daemon.commands = [{"command": "sleep 60"}]
    assert codex_daemon.end_commands(socket, THREAD) == 1
    assert daemon.asked("thread/backgroundTerminals/clean") == [{"threadId": THREAD}]


def test_no_commands_are_ended_if_none_run_or_none_are_reported(daemon, socket):
    assert codex_daemon.end_commands(socket, THREAD) == 0
    daemon.refuses("thread/backgroundTerminals/list", -32601)
    assert codex_daemon.end_commands(socket, THREAD) is None
    assert daemon.asked("thread/backgroundTerminals/clean") == []


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize(
    "act",
    [
        codex_daemon.thread,
        lambda socket, bad: codex_daemon.steer(socket, bad, TURN, "x"),
        lambda socket, bad: codex_daemon.steer(socket, THREAD, bad, "x"),
        lambda socket, bad: codex_daemon.interrupt(socket, bad, TURN),
        lambda socket, bad: codex_daemon.interrupt(socket, THREAD, bad),
        lambda socket, bad: codex_daemon.start_turn(socket, bad, "x"),
        codex_daemon.clear_queue,
        codex_daemon.end_commands,
    ],
)
def test_an_invalid_id_is_never_sent(daemon, socket, act, bad):
    with pytest.raises(DaemonRefused):
        act(socket, bad)
    assert daemon.calls == []


# -- answers that are not what they should be ---------------------------------------------------


def test_a_broadcast_of_the_daemon_is_not_an_answer(daemon, socket):
    daemon.works()
    daemon.noise = [
        '{"method":"turn/started","params":{}}', '{"id":2,"method":"item/commandExecution/requestApproval"}',
        '{"id":99,"result":{"thread":{"status":{"type":"idle"}}}}', "[]", "null", '"idle"', "7",
    ]  # fmt: skip
    found = codex_daemon.thread(socket, THREAD)
    assert found is not None
    assert found.status == "active"


@pytest.mark.parametrize("noise", ["no json", "{", "[" * 5000, ""])
def test_invalid_json_is_reported_in_one_line(daemon, socket, noise):
    daemon.noise = [noise]
    with pytest.raises(DaemonError, match="cannot be talked to") as raised:
        codex_daemon.thread(socket, THREAD)
    assert "\n" not in str(raised.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["thread", "status", "type", "cwd", "path", "data", "id"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=examples(60))
@given(answers=st.dictionaries(st.sampled_from(["thread/read", "thread/turns/list", "thread/queue/list"]), json_values))
def test_any_answer_gives_a_thread_of_plain_values(socket, daemon, answers):
    daemon.works()
    before = dict(daemon.answers)
    daemon.answers.update({method: lambda _, value=value: value for method, value in answers.items()})
    try:
        found = codex_daemon.thread(socket, THREAD)
    finally:
        daemon.answers = before
    assert found is not None
    assert found.id == THREAD
    assert isinstance(found.cwd, str | None)
    assert isinstance(found.path, str | None)
    assert found.turn is None or 8 <= len(found.turn) <= 64


def test_an_error_of_unknown_form_is_a_refusal(daemon, socket):
    def refuse(_: Params) -> object:
        refusal = Refusal(0, "")
        refusal.answer = {"code": "x" * 9, "message": ["y" * 5000]}  # type: ignore[dict-item]
        raise refusal

    daemon.answers["turn/interrupt"] = refuse
    with pytest.raises(DaemonRefused) as raised:
        codex_daemon.interrupt(socket, THREAD, TURN)
    assert raised.value.code is None
    assert len(str(raised.value)) < 400


def test_an_answer_that_is_too_long_is_refused(daemon, socket, monkeypatch):
    monkeypatch.setattr(codex_daemon, "ANSWER_CAP", 10_000)
    daemon.facts = {"cwd": "x" * 20_000}
    with pytest.raises(DaemonError, match="cannot be talked to"):
        codex_daemon.thread(socket, THREAD)


def test_a_daemon_that_exits_during_a_call(daemon, socket):
    def leave(_: Params) -> object:
        raise ConnectionClosed(None, None)

    daemon.answers["turn/steer"] = leave
    with pytest.raises(DaemonError):
        codex_daemon.steer(socket, THREAD, TURN, "x")


def test_a_daemon_that_does_not_answer(daemon, socket, monkeypatch):
    monkeypatch.setattr(codex_daemon, "DEADLINE_S", 0.3)
    silent = threading.Event()
    daemon.answers["turn/steer"] = lambda _: silent.wait(30)
    try:
        with pytest.raises(DaemonError, match="did not answer"):
            codex_daemon.steer(socket, THREAD, TURN, "x")
    finally:
        silent.set()


# -- whom it talks to ---------------------------------------------------------------------------


def test_the_path_of_a_homes_socket(tmp_path):
    assert (
        codex_daemon.socket_of(tmp_path / ".codex")
        == tmp_path / ".codex" / "app-server-control" / "app-server-control.sock"
    )


def refused(socket: Path) -> str:
    with pytest.raises(NoDaemon) as raised:
        codex_daemon.threads(socket)
    return str(raised.value)


def test_a_missing_socket_is_refused(socket):
    assert "no Codex daemon" in refused(socket)


def test_a_socket_that_a_dead_daemon_left(socket):
    with sockets.socket(sockets.AF_UNIX) as gone:
        gone.bind(str(socket))
    assert "no Codex daemon" in refused(socket)


def test_a_regular_file_instead_of_a_socket(socket):
    socket.write_text("")
    assert "no socket" in refused(socket)


def test_a_link_to_itself(socket):
    socket.symlink_to(socket)
    assert "no Codex daemon" in refused(socket)


def test_the_link_that_codex_makes_to_a_short_folder_is_followed(daemon, socket, tmp_path):
    link = tmp_path / "app-server-control.sock"
    link.symlink_to(socket)
    assert [one.id for one in codex_daemon.threads(link)] == [THREAD]


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o1777])
def test_a_folder_that_others_can_write_is_refused(daemon, socket, mode):
    socket.parent.chmod(mode)
    assert "not the user's own" in refused(socket)
    assert daemon.calls == []


def test_a_link_to_a_folder_that_others_can_write_is_refused(daemon, socket, tmp_path):
    socket.parent.chmod(0o1777)
    link = tmp_path / "app-server-control.sock"
    link.symlink_to(socket)
    assert "not the user's own" in refused(link)
    assert daemon.calls == []


def test_a_link_that_others_could_have_made_is_refused(daemon, socket, tmp_path):
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o1777)
    link = open_to_all / "app-server-control.sock"
    link.symlink_to(socket)
    assert "not the user's own" in refused(link)
    assert daemon.calls == []


def test_a_socket_of_another_user_is_refused(daemon, socket, monkeypatch):
    owner = os.geteuid()
    monkeypatch.setattr(codex_daemon.os, "geteuid", lambda: owner + 1)
    assert "not the user's own" in refused(socket)
    assert daemon.calls == []


@pytest.mark.skipif(not hasattr(sockets, "SO_PEERCRED"), reason="the system does not tell who listens")
def test_a_socket_on_which_another_user_listens_is_refused(daemon, socket, monkeypatch):
    owner = os.geteuid()
    monkeypatch.setattr(codex_daemon, "_checked", lambda found: found)
    monkeypatch.setattr(codex_daemon.os, "geteuid", lambda: owner + 1)
    assert f"user {owner} listens" in refused(socket)
    assert daemon.calls == []


def test_a_daemon_that_stops_reading_does_not_block(socket, monkeypatch):
    """The daemon greets, answers the first call and is stopped. What is sent then fills the socket."""
    monkeypatch.setattr(codex_daemon, "DEADLINE_S", 0.3)
    stopped = threading.Event()

    def greet_and_stop(listener: sockets.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            protocol = ServerProtocol()
            answered = False
            while not answered:
                protocol.receive_data(connection.recv(65536))
                for event in protocol.events_received():
                    if isinstance(event, Request):
                        protocol.send_response(protocol.accept(event))
                    else:
                        protocol.send_text(b'{"id":1,"result":{}}')
                        answered = True
                for data in protocol.data_to_send():
                    connection.sendall(data)
            stopped.wait(30)

    with sockets.socket(sockets.AF_UNIX) as listener:
        listener.bind(str(socket))
        listener.listen()
        serving = threading.Thread(target=greet_and_stop, args=(listener,))
        serving.start()
        try:
            with pytest.raises(DaemonError):
                codex_daemon.steer(socket, THREAD, TURN, "x" * 8_000_000)
        finally:
            stopped.set()
            serving.join()
