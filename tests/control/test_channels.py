"""Channels for notices: sequences for the terminal, a program of the operator, a webhook. None blocks the caller."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.findings import circling, finding
from tests.waiting import PATIENCE_S
from tui.control import channels
from tui.control.channels import CommandCarrier, DeliveryError, DesktopChannel, QueuedChannel, osc_notice
from tui.control.notify import Notice
from tui.control.webhook import WebhookCarrier

HOSTILE = '$(touch pwned); `id` \x1b]0;x\x07 ";\n--flag'


def notice(title: str = "in circles") -> Notice:
    return Notice(circling(), (finding(title=title),))


# -- the desktop ------------------------------------------------------------------------------------


def test_sequences_for_each_kind_of_terminal() -> None:
    assert osc_notice("9", "in circles", tmux=False) == "\x1b]9;lanewatch: in circles\x07"
    assert osc_notice("777", "in circles", tmux=False) == "\x1b]777;notify;lanewatch;in circles\x07"


def test_sequences_are_wrapped_for_tmux() -> None:
    assert osc_notice("9", "x", tmux=True) == "\x1bPtmux;\x1b\x1b]9;lanewatch: x\x07\x1b\\"


@given(st.text(max_size=400), st.sampled_from(["9", "777"]))
def test_no_text_ends_the_sequence_or_begins_another_field(text: str, osc: str) -> None:
    made = osc_notice(osc, text, tmux=False)
    head = "\x1b]9;" if osc == "9" else "\x1b]777;notify;lanewatch;"
    body = made.removeprefix(head).removesuffix("\a")
    assert len(made) == len(head) + len(body) + 1
    assert ";" not in body
    assert body.isprintable()


def test_the_terminal_gets_one_sequence() -> None:
    written: list[str] = []
    desktop = DesktopChannel(written.append, lambda one: one.findings[0].title, "9", tmux=False)
    desktop.send(notice(HOSTILE))
    desktop.close()
    assert written == [osc_notice("9", HOSTILE, tmux=False)]


# -- what runs beside the screen --------------------------------------------------------------------


class Carrier:
    """Delivers documents, or fails, as the test sets."""

    def __init__(self) -> None:
        self.went = threading.Event()
        self.go = threading.Event()
        self.go.set()
        self.error: Exception | None = None
        self.taken: Queue[bytes] = Queue()
        self.stopped = threading.Event()

    def deliver(self, document: bytes) -> None:
        self.went.set()
        assert self.go.wait(PATIENCE_S)
        self.taken.put(document)
        if self.error is not None:
            raise self.error

    def stop(self) -> None:
        self.stopped.set()
        self.go.set()


@dataclass
class Bench:
    """A channel with its carrier and the lines that were reported."""

    carrier: Carrier = field(default_factory=Carrier)
    reports: Queue[str] = field(default_factory=Queue)

    def __post_init__(self) -> None:
        self.channel = QueuedChannel("notify.command", self.carrier, self.document, self.reports.put)

    def document(self, one: Notice) -> bytes:
        return one.findings[0].title.encode()

    def taken(self) -> str:
        return self.carrier.taken.get(timeout=PATIENCE_S).decode()

    def report(self) -> str:
        return self.reports.get(timeout=PATIENCE_S)


def test_notices_are_delivered_in_order_without_blocking_the_caller() -> None:
    bench = Bench()
    bench.carrier.go.clear()
    for title in "abc":
        bench.channel.send(notice(title))  # would block here if it waited
    bench.carrier.go.set()
    assert [bench.taken() for _ in range(3)] == ["a", "b", "c"]
    bench.channel.close()


@pytest.mark.parametrize("error", [DeliveryError("no such file"), RuntimeError("no such file")])
def test_a_failure_is_reported_once_until_a_delivery_succeeds(error: Exception) -> None:
    bench = Bench()
    bench.carrier.error = error
    for title in "abc":
        bench.channel.send(notice(title))
        bench.taken()
    assert "notify.command: " in (first := bench.report())
    assert "no such file" in first
    bench.carrier.error = None
    bench.channel.send(notice("d"))
    bench.taken()
    bench.channel.send(notice("e"))  # when this document arrives, the success before it has been counted
    bench.taken()
    assert bench.reports.empty()
    bench.carrier.error = error
    bench.channel.send(notice("f"))
    assert "no such file" in bench.report()
    bench.channel.close()


def test_a_slow_carrier_drops_the_newest_notices_and_reports_it_once() -> None:
    bench = Bench()
    bench.carrier.go.clear()
    bench.channel.send(notice("first"))
    assert bench.carrier.went.wait(PATIENCE_S)
    for number in range(channels.WAITING + 3):
        bench.channel.send(notice(str(number)))
    assert "the newest are dropped" in bench.report()
    assert bench.reports.empty()
    bench.carrier.go.set()
    assert [bench.taken() for _ in range(channels.WAITING + 1)] == ["first", *map(str, range(channels.WAITING))]
    bench.channel.close()


def test_closing_aborts_a_delivery_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "GRACE_S", 0.01)
    bench = Bench()
    bench.carrier.go.clear()
    bench.channel.send(notice("a"))
    assert bench.carrier.went.wait(PATIENCE_S)
    bench.channel.send(notice("b"))
    bench.channel.close()
    assert bench.carrier.stopped.is_set()
    assert bench.taken() == "a"
    thread = bench.channel._thread
    assert thread is not None
    thread.join(PATIENCE_S)
    assert bench.carrier.taken.empty()


def test_closing_without_any_notice_starts_no_thread() -> None:
    bench = Bench()
    bench.channel.close()
    assert bench.channel._thread is None


# -- the command ------------------------------------------------------------------------------------

WRITES = """
import json, os, sys
with open(sys.argv[1], "w") as out:
    json.dump([sys.stdin.read(), sys.argv[2:], dict(os.environ), os.getpid() == os.getpgrp() == os.getsid(0)], out)
print("noise")
"""


def test_the_document_is_passed_on_standard_input_only(tmp_path: Path, capfd) -> None:
    out = tmp_path / "out.json"
    CommandCarrier([sys.executable, "-c", WRITES, str(out), "$HOME; *"]).deliver(
        json.dumps({"title": HOSTILE}).encode()
    )
    stdin, argv, env, alone = json.loads(out.read_text())
    assert json.loads(stdin) == {"title": HOSTILE}
    assert argv == ["$HOME; *"]  # no shell has read it
    assert "pwned" not in json.dumps(env)
    assert alone
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == [out]


def test_a_command_may_ignore_its_input() -> None:
    CommandCarrier([sys.executable, "-c", "import os; os.close(0)"]).deliver(b"x" * 1_000_000)


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["no-such-program-of-lanewatch"], "cannot be run"),
        ([sys.executable, "-c", "raise SystemExit(3)"], "ended with code 3"),
        (["/"], "cannot be run"),
        (["a\0b"], "cannot be run"),
    ],
)
def test_the_reason_why_a_command_failed(argv: list[str], why: str) -> None:
    with pytest.raises(DeliveryError, match=why):
        CommandCarrier(argv).deliver(b"{}")


HANGS = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
with open(sys.argv[1], "w") as out:
    out.write(str(child.pid))
signal.pause()
"""


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    made = tmp_path / "pid"
    os.mkfifo(made)
    return made


def gone(pid: int) -> bool:
    try:
        psutil.Process(pid).wait(PATIENCE_S)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


def test_a_command_that_hangs_is_killed_with_its_children(fifo: Path) -> None:
    command = CommandCarrier([sys.executable, "-c", HANGS, str(fifo)], limit_s=PATIENCE_S)
    failed: Queue[str] = Queue()

    def run() -> None:
        try:
            command.deliver(b"{}")
        except DeliveryError as error:
            failed.put(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    child = int(fifo.read_text())
    command.stop()
    thread.join(PATIENCE_S)
    assert f"code -{signal.SIGKILL.value}" in failed.get(timeout=PATIENCE_S)
    assert gone(child)


def test_a_command_that_takes_too_long_is_killed() -> None:
    with pytest.raises(DeliveryError, match=r"took longer than 0\.1 s and was ended"):
        CommandCarrier([sys.executable, "-c", "import signal; signal.pause()"], limit_s=0.1).deliver(b"{}")


# -- the webhook ------------------------------------------------------------------------------------


@dataclass
class Server:
    """A web server of the test: stores requests, and answers as the test sets."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    made = Server()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            made.asked.append((self.command, self.path, self.headers.get("Content-Type") or "", body))
            self.send_response(made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.end_headers()

        do_GET = do_POST = answer

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    http.shutdown()
    thread.join()
    http.server_close()


def test_the_document_is_posted_as_json(server: Server) -> None:
    WebhookCarrier(f"{server.url}/hook?room=1").deliver(b'{"schema":1}')
    assert server.asked == [("POST", "/hook?room=1", "application/json", b'{"schema":1}')]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", [lambda url: f"{url}/elsewhere", lambda _: "file:///etc/passwd"])
def test_redirects_are_not_followed(server: Server, status: int, where: Callable[[str], str]) -> None:
    server.status, server.headers = status, {"Location": where(server.url)}
    with pytest.raises(DeliveryError, match=f"answered {status}"):
        WebhookCarrier(f"{server.url}/hook").deliver(b"{}")
    assert [path for _, path, _, _ in server.asked] == ["/hook"]


def test_a_refusal_names_the_host_but_not_the_address(server: Server) -> None:
    server.status = 403
    with pytest.raises(DeliveryError) as raised:
        WebhookCarrier(f"{server.url}/hunter2").deliver(b"{}")
    assert str(raised.value) == "127.0.0.1 answered 403"


def test_an_unreachable_server_is_reported_in_one_line(server: Server) -> None:
    port_of_nobody = server.url.rsplit(":", 1)[0] + ":1"
    with pytest.raises(DeliveryError, match="cannot be reached") as raised:
        WebhookCarrier(f"{port_of_nobody}/hunter2").deliver(b"{}")
    assert "hunter2" not in str(raised.value)
