"""Release of lanes: full and read-only disks, clients that end, closes that are taken back, clocks that are set."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import socket as sockets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.control.clients import TOOL, Client, Table, answer
from tests.control.test_handover import order_of
from tests.waiting import PATIENCE_S, until
from tui.agents.codex.processes import SOCKET
from tui.cli.verbs import _code
from tui.control import audit
from tui.control.bounds import Bounds
from tui.control.gate import gate as gate_module
from tui.control.gate.gate import start_of
from tui.control.routes import gate_client as asking
from tui.control.routes.base import Surroundings
from tui.control.routes.daemon import DaemonRoute
from tui.control.texts import FROM
from tui.fleet.state import Verdict, under_control
from tui.model.control import Held, Order, RouteKind, Stage
from tui.model.evidence import Evidence
from tui.model.finding import Verb
from tui.model.snapshot import Fleet, LaneState, PersonPrompt


def held(table: Table, client: Client, service: object = None) -> Held | None:
    return (service or table.service).see(table.fleet)[client.lane().id].held  # type: ignore[attr-defined]


def requests_of(table: Table) -> list[Path]:
    return list((table.folder.path / "requests").rglob("*.json"))


def paused(table: Table, client: Client):
    """A paused lane: its order, and the hook that holds."""
    (order,) = table.give(Verb.PAUSE)
    hook = client.begin("PostToolBatch")
    return table.reaches(order, "took effect"), hook


# -- disks --------------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Lets the folder fail like a full or read-only disk; `disk(None)` ends that."""
    real = os.open

    def fail(number: int | None) -> None:
        monkeypatch.setattr(os, "open", real)
        if number is None:
            return

        def failing(path, flags, *args, **named):
            if flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR) and str(tmp_path / "lanewatch") in str(path):
                raise OSError(number, os.strerror(number))
            return real(path, flags, *args, **named)

        monkeypatch.setattr(os, "open", failing)

    return fail


@pytest.mark.parametrize("by_undo", [False, True])
def test_a_full_disk_keeps_no_lane_paused(table, disk, by_undo):
    """The lane goes on. What could not be written is reported, and written later."""
    client = table.client()
    order, hook = paused(table, client)
    disk(errno.ENOSPC)
    if by_undo:
        resumed = table.service.undo(order.id, table.fleet)
    else:
        (resumed,) = table.give(Verb.RESUME)
    assert resumed.stage is not Stage.REFUSED, resumed
    assert answer(hook) == {}
    done = table.reaches(resumed, "took effect")
    assert "No space left on device; it is carried out all the same" in " ".join(step.text for step in done.steps)
    assert "No space left" in table.service.trouble
    assert table.look()[client.lane().id].held is None
    assert table.order(order).stage is Stage.WITHDRAWN
    (other,) = table.give(Verb.PAUSE)
    assert other.stage is Stage.REFUSED, "what stops work is written down first"
    disk(None)
    table.look()
    assert table.service.trouble == ""
    assert audit.problems(table.folder) == []
    stages = [entry.stage for entry in audit.read(table.folder) if entry.order == resumed.id]
    assert stages == [step.stage.value for step in done.steps]
    assert held(table, client, table.other()) is None


@pytest.mark.parametrize("verb", [Verb.PAUSE, Verb.REDIRECT, Verb.CLOSE])
def test_an_order_that_the_log_has_and_the_store_has_not_is_refused_in_the_log_too(table, monkeypatch, verb):
    """A disk may have room for a line and none for a file more."""
    table.client()
    real = os.open

    def failing(path, flags, *args, **named):
        if flags & os.O_CREAT and str(table.folder.path / "orders") in str(path):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(path, flags, *args, **named)

    monkeypatch.setattr(os, "open", failing)
    (order,) = table.give(verb, text="Look left.")
    assert order.stage is Stage.REFUSED
    assert [entry.stage for entry in audit.read(table.folder) if entry.order == order.id] == ["requested", "refused"]
    assert requests_of(table) == []


def test_a_close_is_lifted_on_a_full_disk(table, disk):
    client = table.client()
    table.give(Verb.CLOSE, text="Stop here.")
    client.ask("PostToolBatch")
    table.look()
    disk(errno.ENOSPC)
    (resumed,) = table.give(Verb.RESUME)
    assert resumed.stage is Stage.EFFECTIVE, resumed
    assert requests_of(table) == []
    assert held(table, client) is None


def test_a_half_written_line_is_removed_if_the_disk_becomes_full(table, monkeypatch):
    table.client()
    table.give(Verb.PAUSE)
    before = [path.read_bytes() for path in sorted((table.folder.path / "audit").glob("*.jsonl"))]

    class Full(io.FileIO):
        def write(self, data) -> int:
            return super().write(bytes(data)[:20])

    real = os.fdopen
    monkeypatch.setattr(os, "fdopen", lambda fd, mode, **options: Full(fd, "rb+") if options else real(fd, mode))
    (order,) = table.give(Verb.RESUME)
    monkeypatch.undo()
    assert order.stage is not Stage.REFUSED
    assert [path.read_bytes() for path in sorted((table.folder.path / "audit").glob("*.jsonl"))] == before
    table.look()
    assert audit.problems(table.folder) == []


@pytest.fixture
def unwritable(table: Table, monkeypatch: pytest.MonkeyPatch):
    """Lets removing and creating requests fail, as on a read-only disk."""
    real_unlink, real_open, real_access = Path.unlink, os.open, os.access
    inside = str(table.folder.path)

    def unlink(self, *args, **named):
        if str(self).startswith(inside):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        real_unlink(self, *args, **named)

    def opening(path, flags, *args, **named):
        if flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR) and inside in str(path):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return real_open(path, flags, *args, **named)

    def access(path, mode, **named):
        return False if mode & os.W_OK and str(path).startswith(inside) else real_access(path, mode, **named)

    def begin() -> None:
        monkeypatch.setattr(Path, "unlink", unlink)
        monkeypatch.setattr(os, "open", opening)
        monkeypatch.setattr(os, "access", access)

    return begin


def test_a_read_only_disk_is_reported_and_its_requests_are_withdrawn_later(table, unwritable, monkeypatch):
    client = table.client()
    order, hook = paused(table, client)
    unwritable()
    (resumed,) = table.give(Verb.RESUME)
    assert resumed.stage is not Stage.REFUSED, resumed
    assert requests_of(table), "it cannot be removed"
    assert held(table, client) is None
    for hook in client.hooks:
        if hook.poll() is None:
            os.kill(asking.acks_of(table.folder, order.id)[0].pid, 9)  # the real gate would exit: see the next test
    done = table.reaches(resumed, "took effect")
    assert "cannot be removed: Read-only file system: gates do not obey it while that is so" in done.steps[-1].text
    monkeypatch.undo()
    table.look()
    assert requests_of(table) == []
    assert table.service.trouble == ""


def release(client: Client, order: Order, table: Table) -> None:
    """Lets the holding hook exit, as the real gate does on a disk that cannot be written."""
    os.kill(asking.acks_of(table.folder, order.id)[0].pid, 9)
    client.hooks[-1].wait()


def test_a_command_says_if_a_pause_that_it_cannot_withdraw_will_hold_again(table, unwritable, monkeypatch):
    client = table.client()
    order, _ = paused(table, client)
    table.service.release_orders()
    command = table.another("b", stays=False)
    unwritable()
    (resumed,) = table.give(Verb.RESUME, service=command)
    assert (resumed.stage, _code([resumed], waited=False)) == (Stage.OVERDUE, 4)
    said = resumed.steps[-1].text
    assert "only as long as the state folder cannot be written; its pause is still there and takes effect" in said
    assert f"`lanewatch resume {client.lane().id}` again then" in said
    assert "as soon as" not in " ".join((said, command.trouble))
    release(client, order, table)
    control = table.another("c").see(table.fleet)[client.lane().id]
    assert (control.held, control.overdue) == (None, True)
    assert "its pause has no effect now" in control.words
    shown = under_control(Verdict(LaneState.WORKING, 1.0, (Evidence("it calls", 1.0),)), control)
    assert (shown.state, shown.evidence[0].text) == (LaneState.WORKING, control.words)
    for verb in (Verb.PAUSE, Verb.REDIRECT, Verb.CLOSE):
        (plan,) = command.plans(verb, [client.lane().id], table.fleet)
        assert "cannot be written: Permission denied: no lane can be controlled" in plan.refused, plan
    # As long as the command waits it tries again.
    monkeypatch.undo()
    table.look(command)
    assert requests_of(table) == []
    table.look(command)
    (done,) = [one for one in command.orders() if one.id == resumed.id]
    assert done.stage is Stage.EFFECTIVE, done
    assert held(table, client, command) is None


def test_a_command_says_if_a_close_that_it_cannot_take_back_stands(table, unwritable, monkeypatch):
    client = table.client()
    table.give(Verb.CLOSE, text="Stop here.")
    table.service.release_orders()
    unwritable()
    command = table.another("b", stays=False)
    (resumed,) = table.give(Verb.RESUME, service=command)
    assert (resumed.stage, _code([resumed], waited=False)) == (Stage.OVERDUE, 4)
    assert "its close is still active, since the state folder cannot be written" in resumed.steps[-1].text
    assert held(table, client, table.another("c")) is Held.CLOSING
    monkeypatch.undo()
    table.look(command)
    (done,) = [one for one in command.orders() if one.id == resumed.id]
    assert (done.stage, requests_of(table)) == (Stage.EFFECTIVE, [])
    assert held(table, client, command) is None


def test_a_gate_does_not_obey_a_request_that_cannot_be_withdrawn(table, capfd, monkeypatch):
    client = table.client()
    table.give(Verb.PAUSE)
    given = {"session_id": client.session, "hook_event_name": "PreToolUse", **TOOL}
    looks: list[float] = []

    def sleep(_: float) -> None:
        looks.append(0.0)
        assert len(looks) < 100, "it still holds"
        if len(looks) == 3:
            monkeypatch.setattr(os, "access", lambda *_: False)

    gate = gate_module.Gate(str(table.folder.path), "claude", given, sleep=sleep, monotonic=lambda: float(len(looks)))
    assert gate.answer() is None
    assert len(looks) >= 3, "it did not hold before"
    assert "the lane goes on" in capfd.readouterr().err


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="only root may mount a small disk")
def test_pause_and_resume_on_a_real_full_and_read_only_disk(tmp_path):
    """Uses the real hook and a real small disk."""
    place = tmp_path / "lanewatch"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(place)], check=False).returncode:
        pytest.skip("nothing may be mounted here")
    table = Table(tmp_path)
    try:
        client = table.client()
        _, hook = paused(table, client)
        with contextlib.suppress(OSError), (place / "filler").open("wb", buffering=0) as filler:
            while filler.write(b"x" * 4096):
                pass
        (refused,) = table.give(Verb.REDIRECT, text="y" * 9000)
        assert refused.stage is Stage.REFUSED
        (resumed,) = table.give(Verb.RESUME)
        assert answer(hook) == {}
        table.reaches(resumed, "took effect")
        (place / "filler").unlink()
        table.look()
        assert audit.problems(table.folder) == []
        _, hook = paused(table, client)
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        assert answer(hook) == {}, "it goes on by itself: nobody could let it go"
        assert b"cannot be written" in (hook.stderr.read() if hook.stderr else b"")
        table.ahead = 2.0
        assert table.look()[client.lane().id].overdue
        control = table.look()[client.lane().id]
        assert control.held is None
        assert "cannot be written: Read-only file system" in control.words
        (plan,) = table.service.plans(Verb.PAUSE, [client.lane().id], table.fleet)
        assert "cannot be written: Read-only file system" in plan.refused
        (resumed,) = table.give(Verb.RESUME, service=table.another("b", stays=False))
        assert resumed.stage is Stage.OVERDUE, resumed
        subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True)
        table.look()
        hook = client.begin("PostToolBatch")
        until(lambda: table.look()[client.lane().id].held is Held.PAUSED, "the hold that the first resume told of")
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        assert answer(hook) == {}
        (resumed,) = table.give(Verb.RESUME)
        table.reaches(resumed, "took effect")
        assert held(table, client) is None
        subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True)
        table.look()
        assert requests_of(table) == []
        assert client.ask("PostToolBatch") == {}
    finally:
        table.close()
        subprocess.run(["umount", "-l", str(place)], check=False)


def test_an_order_is_kept_if_the_state_folder_is_removed_during_a_pause(table):
    import shutil

    client = table.client()
    order, hook = paused(table, client)
    shutil.rmtree(table.folder.path)
    assert answer(hook) == {}
    assert table.look()[client.lane().id].held is None
    done = table.order(order)
    assert done.stage is Stage.WITHDRAWN
    assert done.steps[-1].text == "the request is gone: it continues"
    assert "cannot be written" in table.service.trouble


# -- clients that end ---------------------------------------------------------------------------------


@pytest.mark.parametrize("reaped", [True, False])
def test_a_lane_whose_client_died_while_paused_has_ended(table, reaped):
    client = table.client()
    order, hook = paused(table, client)
    os.kill(client.process.pid, 9)
    if reaped:
        client.process.wait()
    else:
        until(lambda: start_of(client.process.pid) is None, "its end, though nobody looked")
    assert hook.wait(PATIENCE_S) == 0, "the gate left by itself"
    dead = client.lane(process=None)
    fleet = Fleet(at=time.time(), lanes=(dead,))
    looking = table.another("b")
    assert looking.see(fleet)[dead.id].held is Held.ENDED
    control = table.service.look(fleet)[dead.id]
    assert control.held is Held.ENDED
    done = table.order(order)
    assert (done.stage, any(one.is_open for one in table.service.store.all())) == (Stage.EXPIRED, False)
    assert f"process {client.process.pid} exited" in done.steps[-1].text
    assert requests_of(table) == []
    assert asking.sessions(table.folder) == {}
    over = replace(dead, state=LaneState.ENDED, control=control, busy=False)
    for verb in (Verb.PAUSE, Verb.RESUME, Verb.CLOSE):
        (plan,) = table.service.plans(verb, [over.id], replace(fleet, lanes=(over,)))
        assert plan.refused == "already ended"
    assert table.service.undo(order.id, fleet) is None


def test_undo_of_a_pause_reports_that_its_client_has_ended(table):
    client = table.client()
    order, _ = paused(table, client)
    client.process.kill()
    client.process.wait()
    back = table.service.undo(order.id, Fleet(at=time.time(), lanes=(client.lane(process=None),)))
    assert back is not None
    assert (back.id, back.stage) == (order.id, Stage.EXPIRED)
    assert "exited" in back.steps[-1].text


def test_a_command_removes_the_request_of_a_client_that_has_ended(table):
    """No screen runs: the next verb from a shell removes the request, whatever the lane's state."""
    client = table.client()
    paused(table, client)
    table.service.release_orders()
    client.process.kill()
    client.process.wait()
    dead = client.lane(process=None)
    command = table.another("b", stays=False)
    fleet = Fleet(at=time.time(), lanes=(dead,))
    command.give(command.plans(Verb.RESUME, [dead.id], fleet), fleet)
    assert requests_of(table) == []
    assert not any(one.is_open for one in command.store.all())


def test_an_order_of_a_lane_that_is_no_longer_shown_ends_with_its_client(table):
    client = table.client()
    order, _ = paused(table, client)
    client.process.kill()
    client.process.wait()
    table.service.look(Fleet(at=time.time(), lanes=()))
    assert table.order(order).stage is Stage.EXPIRED
    assert requests_of(table) == []


def test_a_session_that_another_process_continues_is_not_held(table):
    """The client died while the lane was paused, and somebody resumed the session: the new process is not held."""
    client = table.client()
    table.give(Verb.PAUSE)
    table.service.release_orders()
    client.process.kill()
    client.process.wait()
    client.process = subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL, start_new_session=True)
    assert client.ask("SessionStart", "start", source="resume") == {}
    assert client.ask("UserPromptSubmit", prompt="go on") == {}
    assert client.ask("PreToolUse", **TOOL) == {}


def test_a_redirect_expires_if_its_client_ends_before_the_text_is_given(table):
    client = table.client()
    (told,) = table.give(Verb.REDIRECT, text="Look left.")
    client.process.kill()
    client.process.wait()
    table.look()
    done = table.order(told)
    assert (done.stage, requests_of(table)) == (Stage.EXPIRED, [])
    assert "ended before the text was given" in done.steps[-1].text


def test_the_request_of_an_ended_order_is_withdrawn_by_any_lanewatch(table):
    client = table.client()
    order, _ = paused(table, client)
    key = asking.key_of("claude", client.session)
    table.give(Verb.RESUME)
    table.reaches(order, "withdrawn")
    asking.put_request(table.folder, key, asking.Request(order.id, Verb.PAUSE))
    table.look()
    assert requests_of(table) == []


def test_resume_withdraws_requests_of_unknown_orders(table):
    """The orders were lost, but not the request."""
    client = table.client()
    order, hook = paused(table, client)
    table.service.release_orders()
    (table.folder.path / "orders" / f"{order.id}.json").unlink()
    after = table.another("b")
    (resumed,) = table.give(Verb.RESUME, service=after)
    assert resumed.stage is not Stage.REFUSED, resumed
    assert answer(hook) == {}
    assert requests_of(table) == []


# -- closes -------------------------------------------------------------------------------------------


def left_close(table: Table, client: Client):
    """A close whose lanewatch was killed after the text was given."""
    (closed,) = table.give(Verb.CLOSE, text="Stop here.\nWrite the closeout.")
    client.ask("PostToolBatch")
    closed = table.reaches(closed, "acknowledged")
    left = replace(order_of(table.service, closed), owner=(4_194_300, "123"))
    table.service.store.keep(left)
    return closed


@pytest.mark.parametrize(
    ("words", "after", "dropped"),
    [("go on with the tests", True, True), ("go on with the tests", False, False), ("Stop here.", True, False)],
)
def test_a_close_that_is_taken_over_is_dropped_after_a_persons_prompt(table, words, after, dropped):
    client = table.client()
    if not after:
        client.transcript.write_text("{}\n" * 100)
    closed = left_close(table, client)
    plain = client.lane
    prompt = PersonPrompt(50 if after else 10, words)
    client.lane = lambda **changes: plain(**{"prompted": prompt, **changes})  # type: ignore[method-assign]
    adopting = table.another("b", bounds=Bounds(within_s=5))
    table.ahead = 6.0
    control = table.look(adopting)[client.lane().id]
    order = order_of(adopting, closed)
    assert client.process.poll() is None
    if not dropped:
        assert control.held is Held.CLOSING
        return
    assert (control.held, order.stage, requests_of(table)) == (None, Stage.WITHDRAWN, [])
    assert order.steps[-1].text.startswith("the lanewatch that closed it has ended, and a person")
    assert client.ask("UserPromptSubmit", prompt="go on") == {}


def test_a_close_of_this_process_is_not_dropped_by_a_prompt(table):
    client = table.client()
    (closed,) = table.give(Verb.CLOSE, text="Stop here.")
    client.ask("PostToolBatch")
    plain = client.lane
    client.lane = lambda **changes: plain(prompted=PersonPrompt(50, "wait"), **changes)  # type: ignore[method-assign]
    table.look()
    assert table.order(closed).stage is Stage.ACKNOWLEDGED


def test_a_blocked_prompt_names_the_command_that_takes_the_close_back(table):
    """A lanewatch was killed after the deadline of its close: the lane must not stay closed."""
    client = table.client()
    closed = left_close(table, client)
    key = asking.key_of("claude", client.session)
    (request,) = [one for one in asking.requests_of(table.folder, key) if one.id == closed.id]
    asking.put_request(table.folder, key, replace(request, stop_at=time.time() - 1))
    blocked = client.ask("UserPromptSubmit", prompt="go on")
    assert blocked["decision"] == "block"
    assert f"lanewatch resume {client.session}" in blocked["reason"]
    command = table.another("b", stays=False)
    (plan,) = command.plans(Verb.RESUME, [client.lane().id], table.fleet)
    assert plan.effect.startswith("undoes its close")
    (resumed,) = command.give([plan], table.fleet)
    assert resumed.stage is Stage.EFFECTIVE
    assert resumed.steps[-1].text == "its close is undone after it was told: what the model has read it has read"
    assert order_of(command, closed).stage is Stage.WITHDRAWN
    assert client.ask("UserPromptSubmit", prompt="go on") == {}


def test_undo_takes_back_a_close_whose_text_was_given(table):
    client = table.client()
    (closed,) = table.give(Verb.CLOSE, text="Stop here.")
    client.ask("PostToolBatch")
    table.reaches(closed, "acknowledged")
    back = table.service.undo(closed.id, table.fleet)
    assert back is not None
    assert (back.id, back.stage, requests_of(table)) == (closed.id, Stage.WITHDRAWN, [])
    assert "undone after it was told" in back.steps[-1].text


def test_resume_ends_only_the_pause_of_a_lane_that_is_closed_by_another_route(table):
    client = table.client()
    (closed,) = table.give(Verb.CLOSE, text="Stop here.")
    client.ask("PostToolBatch")
    table.reaches(closed, "acknowledged")
    (again,) = table.give(Verb.PAUSE)
    table.give(Verb.RESUME)
    assert table.order(again).stage is Stage.WITHDRAWN
    assert not table.order(closed).stage.is_final


# -- a lanewatch that was killed while it gave an order by another route than the gate -------------------


def cut_short(table: Table, client: Client, verb: Verb, phase: str) -> Order:
    """An order by a daemon whose lanewatch was killed after it had written it down."""
    (order,) = table.give(verb, text="Look left.")
    for path in requests_of(table):
        path.unlink()
    left = replace(order, route=RouteKind.API, phase=phase, owner=(1, "0"), steps=order.steps[:1])
    table.service.store.keep(left)
    return left


@pytest.mark.parametrize(
    ("verb", "phase", "after", "words"),
    [
        (Verb.PAUSE, "ending turn", 11.0, "killed before it had ended the turn: nothing holds it"),
        (Verb.REDIRECT, "", 31.0, "not seen to arrive: its lanewatch was killed while it gave the text"),
        (Verb.CLOSE, "telling", 31.0, "not seen to arrive: its lanewatch was killed while it gave the text"),
    ],
)
def test_an_order_whose_lanewatch_was_killed_while_it_gave_it_is_not_under_way_for_ever(
    table, verb, phase, after, words
):
    client = table.client()
    order = cut_short(table, client, verb, phase)
    other = table.another("b")
    assert held(table, client, other) is not None
    table.ahead = after
    table.look(other)
    (ended,) = [one for one in other.store.all() if one.id == order.id]
    assert (ended.stage, ended.is_open) == (Stage.EXPIRED, False)
    assert words in ended.steps[-1].text
    assert held(table, client, other) is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists who listens")
def test_a_thread_that_its_daemon_no_longer_has_open_is_told_as_such(table, tmp_path):
    """A daemon that was killed leaves its socket; one whose disk is full closes the transcript and goes on."""
    home = tmp_path / "codex"
    lane = table.client().lane(agent="codex", path=str(home / "sessions" / "x.jsonl"), process=None, busy=True)
    route = DaemonRoute(table.folder)
    assert route.probe(lane, lane, Surroundings()).why == "no API socket"
    (home / SOCKET).parent.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="lw-") as short, sockets.socket(sockets.AF_UNIX) as daemon:
        (home / SOCKET).symlink_to(f"{short}/s")
        daemon.bind(f"{short}/s")
        daemon.listen()
        told = route.probe(lane, lane, Surroundings())
        assert (told.is_open, told.why) == (
            False, "its daemon has closed its transcript, as it does on a full disk: no way to it until it can write again"
        )  # fmt: skip
        daemon.close()
        told = route.probe(lane, lane, Surroundings())
        assert (told.is_open, told.why) == (False, "its daemon has ended: nothing runs its loop")


@pytest.mark.parametrize("verb", [Verb.REDIRECT, Verb.CLOSE])
def test_a_text_that_was_given_all_the_same_is_seen_in_the_transcript(table, verb):
    client = table.client()
    order = cut_short(table, client, verb, "telling" if verb is Verb.CLOSE else "")
    line = {"type": "user", "message": {"role": "user", "content": f"{FROM}Look left."}}
    with client.transcript.open("a") as file:
        file.write(json.dumps(line) + "\n")
    table.ahead = 31.0
    other = table.another("b")
    table.look(other)
    (told,) = [one for one in other.store.all() if one.id == order.id]
    assert told.phase == "writing" if verb is Verb.CLOSE else told.stage is Stage.EFFECTIVE


def test_a_close_that_is_taken_back_does_not_say_that_it_was_told_where_that_was_not_seen(table):
    client = table.client()
    cut_short(table, client, Verb.CLOSE, "telling")
    other = table.another("b")
    (resumed,) = table.give(Verb.RESUME, service=other)
    assert resumed.steps[-1].text == "its close is undone while its text was not seen to arrive"


# -- clocks -------------------------------------------------------------------------------------------


STEPS = [-259_200.0, -7200.0, 7200.0, 259_200.0]
"""Seconds by which somebody sets the clock."""


class Clocks:
    """Both clocks: time passes on both, and the test sets one of them."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.passed = 0.0
        self.began = gate_module.since_boot()

    def uptime(self) -> float:
        return self.began + self.passed

    def passes(self, seconds: float) -> None:
        self.passed += seconds
        self.table.ahead += seconds

    def is_set(self, seconds: float) -> None:
        self.table.ahead += seconds


@pytest.fixture
def clocks(tmp_path: Path) -> Iterator[Clocks]:
    made = Table(tmp_path)
    clocks = Clocks(made)
    made.service = made.other(uptime=clocks.uptime, bounds=Bounds(within_s=600, write_s=600))
    yield clocks
    made.close()


@pytest.mark.parametrize(
    ("verb", "held"), [(Verb.PAUSE, Held.ENDED), (Verb.REDIRECT, Held.ENDED), (Verb.CLOSE, Held.CLOSED)]
)
def test_a_lane_whose_client_was_killed_during_a_verb_is_shown_as_ended(clocks, verb, held):
    """The lane seems busy, because its last call has no result. The fleet is slightly older than the clock."""
    table = clocks.table
    client = table.client()
    (order,) = table.give(verb, text="Look left.")
    clocks.passes(2.0)
    client.process.kill()
    client.process.wait()
    dead = client.lane(process=None, busy=True, last_event=table.fleet.at)
    fleet = Fleet(at=table.fleet.at, lanes=(dead,))
    clocks.passed += 0.7
    assert table.service.look(fleet)[dead.id].held is held, table.order(order)
    assert table.service.see(fleet)[dead.id].held is held
    clocks.passes(60.0)
    again = replace(dead, last_event=table.fleet.at)
    assert table.service.see(Fleet(at=table.fleet.at, lanes=(again,)))[dead.id].held is None, "somebody goes on with it"


@pytest.mark.parametrize("step", STEPS)
def test_a_set_clock_ends_no_close_early_and_none_late(clocks, step):
    table = clocks.table
    client = table.client()
    (closed,) = table.give(Verb.CLOSE, text="Stop here.")
    client.ask("PostToolBatch")
    table.reaches(closed, "acknowledged")
    clocks.is_set(step)
    clocks.passes(5.0)
    table.look()
    assert table.order(closed).stage is Stage.ACKNOWLEDGED
    clocks.passes(600.0)
    table.look()
    assert "its loop is stopped" in table.order(closed).steps[-1].text


@pytest.mark.parametrize("step", STEPS)
def test_a_lane_that_was_closed_is_told_as_closed_however_the_clock_is_set_then(clocks, step):
    table = clocks.table
    client = table.client()
    (closed,) = table.give(Verb.CLOSE, text="Stop here.")
    client.ask("PostToolBatch")
    clocks.passes(2.0)
    said = table.fleet.at
    client.ask("Stop", last_assistant_message="It is done.")
    client.process.kill()
    client.process.wait()
    client.busy = False
    table.reaches(closed, "took effect")
    clocks.is_set(step)
    clocks.passes(3.0)
    gone = client.lane(process=None, last_event=said)
    assert table.service.see(Fleet(at=table.fleet.at, lanes=(gone,)))[gone.id].held is Held.CLOSED
    clocks.passes(60.0)
    again = replace(gone, last_event=table.fleet.at)
    assert table.service.see(Fleet(at=table.fleet.at, lanes=(again,)))[gone.id].held is None, "somebody goes on with it"


@pytest.mark.parametrize("step", STEPS)
def test_a_set_clock_does_not_change_the_length_of_a_timed_pause(clocks, step):
    table = clocks.table
    client = table.client()
    fleet = table.fleet
    (order,) = table.give(Verb.PAUSE, until=fleet.at + 60)
    client.begin("PostToolBatch")
    clocks.passes(0.5)
    until(lambda: asking.acks_of(table.folder, order.id), "the hold")
    clocks.is_set(step)
    clocks.passes(5.0)
    control = table.look()[client.lane().id]
    assert control.held is Held.PAUSED
    assert abs((control.since or 0) - table.fleet.at) < 60, "since when is told by the clock as it stands"
    assert "5." in table.order(order).steps[-1].text
    clocks.passes(60.0)
    table.look()
    assert table.order(order).stage is Stage.EXPIRED


@pytest.mark.parametrize("step", STEPS)
def test_the_state_of_a_lane_follows_the_newest_order_after_a_set_clock(clocks, step):
    """The earlier order seems to lie in the future, or long ago."""
    table = clocks.table
    client = table.client()
    (order,) = table.give(Verb.PAUSE)
    hook = client.begin("PostToolBatch")
    clocks.passes(0.5)
    table.reaches(order, "took effect")
    clocks.is_set(step)
    (resumed,) = table.give(Verb.RESUME)
    assert answer(hook) == {}
    table.reaches(resumed, "took effect")
    (told,) = table.give(Verb.REDIRECT, text="Look left.")
    said = client.ask("PostToolBatch")["hookSpecificOutput"]["additionalContext"]
    line = {"type": "attachment", "attachment": {"type": "hook_additional_context", "content": [said]}}
    with client.transcript.open("a") as file:
        file.write(json.dumps(line) + "\n")
    table.reaches(told, "took effect")


@pytest.mark.parametrize("step", STEPS)
def test_the_gate_measures_time_from_the_request(table, step):
    client = table.client()
    key = asking.key_of("claude", client.session)
    from tui.control.moments import Asked

    now, uptime = time.time(), 5000.0
    asked = Asked(gate_module.boot_id() or "", uptime, now)
    asking.put_request(table.folder, key, asking.Request("c1", Verb.PAUSE, until=now + 60, asked=asked))
    given = {"session_id": client.session, "hook_event_name": "PreToolUse", **TOOL}
    moments = [uptime + 30.0]
    gate = gate_module.Gate(
        str(table.folder.path), "claude", given, clock=lambda: now + step, uptime=lambda: moments[0]
    )
    assert [request["id"] for request in gate.requests()] == ["c1"]
    moments[0] += 31.0
    assert gate.requests() == []


def test_the_gate_survives_hostile_times_and_clients_in_a_request(table):
    import json

    client = table.client()
    key = asking.key_of("claude", client.session)
    folder = table.folder.path / "requests" / key
    folder.mkdir()
    boot = gate_module.boot_id()
    for number, more in enumerate(
        ({"asked": [1]}, {"asked": {"boot": boot, "at": "x"}}, {"client": [1]}, {"client": {"pid": "x", "start": 3}})
    ):
        name = f"c{number}"
        fields = {"id": name, "verb": "redirect", "text": f"text {number}", "until": time.time() - 5, **more}
        (folder / f"{name}.json").write_text(json.dumps(fields))
    assert client.ask("PostToolBatch") == {}


def test_a_request_contains_its_time_and_its_client(clocks):
    import json

    table = clocks.table
    client = table.client()
    table.give(Verb.PAUSE)
    (path,) = requests_of(table)
    fields = json.loads(path.read_text())
    assert fields["client"] == {"pid": client.process.pid, "start": start_of(client.process.pid)}
    assert fields["asked"]["boot"] == gate_module.boot_id()
    (order,) = table.service.store.all()
    again = table.another("b").store.all()[0]
    assert again.asked == order.asked is not None
    assert RouteKind.GATE is order.route
