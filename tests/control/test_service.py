"""Verbs and their failures: each has a defined end, and no lane stays held without a notice on the screen."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from tests.control.clients import READ_ONLY, TOOL, Client, Table, answer
from tests.waiting import PATIENCE_S, until
from tui.control import audit
from tui.control.bounds import Bounds
from tui.control.folder import ControlFolder, FolderError
from tui.control.gate.gate import start_of
from tui.control.permissions import Permissions
from tui.control.routes import gate_client as asking
from tui.model.control import Held, RouteKind, Stage
from tui.model.event import ToolKind
from tui.model.finding import Verb
from tui.model.snapshot import Fleet, OpenCall


def held(table: Table, client: Client) -> Held | None:
    return table.look()[client.lane().id].held


# -- the plain way ------------------------------------------------------------------------------------


def test_without_a_request_the_gate_answers_nothing(table):
    client = table.client()
    assert client.ask("PreToolUse", **TOOL) == {}
    assert client.ask("PostToolBatch") == {}


def test_pause_holds_and_resume_lets_the_lane_go_on(table):
    client = table.client()
    (paused,) = table.give(Verb.PAUSE)
    assert paused.stage is Stage.REQUESTED
    assert held(table, client) is Held.PAUSING, "nobody has seen it hold yet"
    hook = client.begin("PostToolBatch")
    paused = table.reaches(paused, "took effect")
    assert [step.stage.value for step in paused.steps] == ["requested", "acknowledged", "took effect"]
    assert "paused before its next model call" in paused.steps[-1].text
    assert held(table, client) is Held.PAUSED
    assert hook.poll() is None
    (resumed,) = table.give(Verb.RESUME)
    assert answer(hook) == {}
    table.reaches(resumed, "took effect")
    assert held(table, client) is None
    assert table.order(paused).stage is Stage.WITHDRAWN


def test_a_gate_that_releases_at_once_is_counted(table, monkeypatch):
    client = table.client()
    (paused,) = table.give(Verb.PAUSE)
    hook = client.begin("PreToolUse", **TOOL)
    table.reaches(paused, "took effect")

    take_back = asking.take_back

    def take_back_and_wait(*given: object) -> None:
        take_back(*given)  # type: ignore[arg-type]
        assert answer(hook) == {}

    monkeypatch.setattr(asking, "take_back", take_back_and_wait)
    (resumed,) = table.give(Verb.RESUME)
    assert table.reaches(resumed, "took effect").steps[-1].text == "resumed"


def test_a_lane_with_a_running_tool_is_not_paused(table):
    client = table.client()
    (paused,) = table.give(Verb.PAUSE)
    client.begin("PreToolUse", **{**TOOL, "tool_use_id": "t2"})
    until(lambda: asking.acks_of(table.folder, paused.id), "the gate's word")
    other = OpenCall("t1", "Bash", ToolKind.SHELL, "sleep 60", time.time() - 30)
    mine = OpenCall("t2", "Bash", ToolKind.SHELL, "ls", time.time())
    running = client.lane(open_calls=(other, mine))
    control = table.service.look(Fleet(at=time.time(), lanes=(running,)))[running.id]
    assert control.held is Held.PAUSING
    table.service.look(Fleet(at=time.time() + 11, lanes=(running,)))
    late = table.order(paused)
    assert late.stage is Stage.OVERDUE
    assert "Bash runs for" in late.steps[-1].text
    assert late.stronger
    done = client.lane(open_calls=(mine,))
    assert table.service.look(Fleet(at=time.time() + 12, lanes=(done,)))[done.id].held is Held.PAUSED


def test_an_idle_lane_is_held_at_its_next_prompt(table):
    client = table.client()
    client.busy = False
    (paused,) = table.give(Verb.PAUSE)
    table.ahead = 2.0
    table.reaches(paused, "took effect")
    hook = client.begin("UserPromptSubmit", prompt="go on")
    until(lambda: asking.acks_of(table.folder, paused.id), "the hold")
    table.give(Verb.RESUME)
    assert answer(hook) == {}


def test_a_timed_pause_ends_by_itself(table):
    client = table.client()
    (paused,) = table.give(Verb.PAUSE, until=time.time() + 0.6)
    hook = client.begin("PreToolUse", **TOOL)
    assert answer(hook) == {}
    assert table.reaches(paused, "expired").steps[-1].text == "its time is over: it continues"


def test_a_pause_of_one_subagent_does_not_hold_the_others(table):
    client = table.client()
    main = client.lane()
    child = replace(main, id=main.id + "/aaa", parent=main.id, depth=1, agent_id="aaa", process=None)  # type: ignore[arg-type]
    fleet = Fleet(at=time.time(), lanes=(main, child))
    (plan,) = table.service.plans(Verb.PAUSE, [child.id], fleet)
    assert plan.route is RouteKind.GATE
    assert plan.also == ()
    (paused,) = table.service.give([plan], fleet)
    assert client.ask("PreToolUse", agent_id="bbb", **TOOL) == {}
    assert client.ask("PostToolBatch") == {}
    hook = client.begin("PreToolUse", agent_id="aaa", **TOOL)
    until(lambda: [ack for ack in asking.acks_of(table.folder, paused.id) if ack.did == "held"], "the child's hold")
    assert hook.poll() is None
    (by_process,) = table.service.plans(Verb.CLOSE, [child.id], fleet, RouteKind.PROCESS)
    assert main.id in by_process.also
    assert "whole session" in by_process.warning


def test_a_redirect_is_given_once_and_proven_by_the_transcript(table):
    client = table.client()
    text = 'Say "hé" \\ <b>[/b] $(touch x)\n\nthen `stop`.'
    (told,) = table.give(Verb.REDIRECT, text=text)
    given = [client.ask("PostToolBatch"), client.ask("PostToolBatch")]
    assert given[0]["hookSpecificOutput"]["additionalContext"] == "From the operator of this session:\n\n" + text
    assert given[1] == {}
    table.reaches(told, "acknowledged")
    import json

    with client.transcript.open("a") as file:
        file.write(
            json.dumps(
                {
                    "type": "attachment",
                    "attachment": {
                        "type": "hook_additional_context",
                        "content": [given[0]["hookSpecificOutput"]["additionalContext"]],
                    },
                }
            )
            + "\n"
        )
    assert table.reaches(told, "took effect").steps[-1].text == "delivered: the text is in its transcript"
    assert not list((table.folder.path / "requests").iterdir())


def test_a_redirect_with_now_refuses_the_tool(table):
    client = table.client()
    table.give(Verb.REDIRECT, text="Not that.", now=True)
    said = client.ask("PreToolUse", **TOOL)["hookSpecificOutput"]
    assert said["permissionDecision"] == "deny"
    assert "Not that." in said["permissionDecisionReason"]


def test_an_idle_session_is_woken(table):
    client = table.client()
    client.busy = False
    waiter = client.begin("Stop", "wait")
    until(lambda: asking.has_waiting_hook(table.folder, asking.key_of("claude", client.session) or ""), "the waiter")
    time.sleep(0.1)  # it has registered as waiting; now it opens its pipe
    (told,) = table.give(Verb.REDIRECT, text="Wake up.")
    assert told.stage is Stage.REQUESTED, told
    assert waiter.wait(PATIENCE_S) == 2
    assert waiter.stderr is not None
    assert b"Wake up." in waiter.stderr.read()
    table.reaches(told, "acknowledged")


def test_a_text_not_yet_given_can_be_taken_back(table):
    client = table.client()
    (told,) = table.give(Verb.REDIRECT, text="Wait.")
    back = table.service.undo(told.id, table.fleet)
    assert back is not None
    assert back.stage is Stage.WITHDRAWN
    assert client.ask("PostToolBatch") == {}
    (again,) = table.give(Verb.REDIRECT, text="Go.")
    client.ask("PostToolBatch")
    assert table.service.undo(again.id, table.fleet) is None


def test_a_close_gives_its_text_waits_for_the_output_and_ends_the_lane(table):
    client = table.client()
    (closed,) = table.give(Verb.CLOSE, text="Stop here: write the closeout.")
    assert "closeout" in client.ask("PostToolBatch")["hookSpecificOutput"]["additionalContext"]
    table.reaches(closed, "acknowledged")
    assert held(table, client) is Held.CLOSING
    assert client.ask("Stop", last_assistant_message="It is done.") == {}
    client.process.kill()
    client.process.wait()
    client.busy = False
    done = table.reaches(closed, "took effect")
    assert any("closing summary of 11 characters" in step.text for step in done.steps)


def test_a_close_that_is_not_obeyed_takes_stronger_steps(tmp_path):
    table = Table(tmp_path, bounds=Bounds(within_s=30))
    try:
        client = table.client()
        (closed,) = table.give(Verb.CLOSE, text="Stop here.")
        client.ask("PostToolBatch")
        table.reaches(closed, "acknowledged")
        table.ahead = 31
        table.look()
        late = table.order(closed)
        assert late.stage is Stage.OVERDUE
        assert "its loop is stopped" in late.steps[-1].text
        table.ahead = 47
        table.reaches(closed, "took effect", "acknowledged")
        client.process.wait(PATIENCE_S)  # SIGINT
        client.busy = False
        done = table.reaches(closed, "took effect")
        assert any("SIGINT to process" in step.text for step in done.steps)
    finally:
        table.close()


def test_the_gate_stops_the_loop_by_itself_after_the_deadline(table):
    client = table.client()
    key = asking.key_of("claude", client.session)
    asking.put_request(table.folder, key, asking.Request("c1", Verb.CLOSE, text="Stop.", stop_at=time.time() - 1))
    assert client.ask("PreToolUse", **TOOL)["hookSpecificOutput"]["permissionDecision"] == "deny"
    assert client.ask("PostToolBatch")["continue"] is False


# -- faults -------------------------------------------------------------------------------------------


KILLED = """
import sys, time
from pathlib import Path
sys.path[:0] = {path!r}
from tests.control.clients import Table
table = Table.__new__(Table)
import pickle
lane = pickle.loads(bytes.fromhex({lane!r}))
from tui.control.folder import ControlFolder
from tui.control.service import ControlService
from tui.control.routes.registry import Routes
from tui.control.bounds import Bounds
from tui.model.snapshot import Fleet
from tui.model.finding import Verb
folder = ControlFolder(Path({folder!r}))
service = ControlService(folder, by="gone (pts/9)", routes=Routes(folder, lambda: []), bounds=Bounds(within_s=3600))
fleet = Fleet(at=time.time(), lanes=(lane,))
orders = service.give(service.plans(Verb({verb!r}), [lane.id], fleet), fleet, text={text!r})
print(orders[0].id, orders[0].stage.value, flush=True)
time.sleep(600)
"""


def killed_lanewatch(table: Table, client: Client, verb: Verb, text: str = "") -> str:
    """Starts another lanewatch that uses a verb and is killed with SIGKILL in the middle. Returns the order's id."""
    import pickle

    code = KILLED.format(
        path=sys.path, lane=pickle.dumps(client.lane()).hex(), folder=str(table.folder.path), verb=verb.value, text=text
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    order, stage = process.stdout.readline().split()
    assert stage == "requested"
    process.kill()
    process.wait()
    process.stdout.close()
    return order


def test_lanewatch_killed_during_a_pause(table):
    """The pause stands, and the next lanewatch shows it and can end it."""
    client = table.client()
    order = killed_lanewatch(table, client, Verb.PAUSE)
    hook = client.begin("PostToolBatch")
    until(lambda: held(table, client) is Held.PAUSED, "the pause that the dead one asked for")
    found = next(one for one in table.service.orders() if one.id == order)
    assert any("exited; this one continues it" in step.text for step in found.steps)
    table.give(Verb.RESUME)
    assert answer(hook) == {}


def test_lanewatch_killed_during_a_redirect(table):
    """The text is given all the same."""
    client = table.client()
    order = killed_lanewatch(table, client, Verb.REDIRECT, "Look there.")
    assert "Look there." in client.ask("PostToolBatch")["hookSpecificOutput"]["additionalContext"]
    until(lambda: table.look() and next(o for o in table.service.orders() if o.id == order).stage is Stage.ACKNOWLEDGED)


def test_lanewatch_killed_during_a_close(table):
    """The close continues, and the next lanewatch drives it to its end."""
    client = table.client()
    order = killed_lanewatch(table, client, Verb.CLOSE, "Stop here.")
    assert "Stop here." in client.ask("PostToolBatch")["hookSpecificOutput"]["additionalContext"]
    client.ask("Stop", last_assistant_message="done")
    client.process.kill()
    client.process.wait()
    client.busy = False
    until(lambda: table.look() and next(o for o in table.service.orders() if o.id == order).stage is Stage.EFFECTIVE)


def test_lanewatch_killed_during_a_resume(table):
    """Lanes that were released stay released."""
    client = table.client()
    table.give(Verb.PAUSE)
    hook = client.begin("PostToolBatch")
    until(lambda: held(table, client) is Held.PAUSED, "the pause")
    lane = client.lane()
    paused = replace(lane, control=table.look()[lane.id])
    plain, client.lane = client.lane, lambda **_: paused  # type: ignore[method-assign]
    killed_lanewatch(table, client, Verb.RESUME)
    client.lane = plain  # type: ignore[method-assign]
    assert answer(hook) == {}
    until(lambda: table.look()[lane.id].held is None, "free again")


def test_a_lane_goes_on_if_the_state_folder_is_deleted(table):
    """The lane goes on, and the screen says why."""
    client = table.client()
    (paused,) = table.give(Verb.PAUSE)
    hook = client.begin("PostToolBatch")
    table.reaches(paused, "took effect")
    shutil.rmtree(table.folder.path)
    assert answer(hook) == {}
    assert hook.stderr is not None
    assert b"cannot be written" in hook.stderr.read()
    assert held(table, client) is None


def test_a_missing_state_folder_holds_no_lane_and_is_reported(table):
    client = table.client()
    shutil.rmtree(table.folder.path / "requests")
    shutil.rmtree(table.folder.path / "sessions")
    hook = client.begin("PreToolUse", **TOOL)
    assert answer(hook) == {}
    assert hook.stderr is not None
    assert b"nothing is gated" in hook.stderr.read()


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS])
def test_an_order_is_refused_if_the_folder_is_full_or_read_only(table, monkeypatch, error):
    client = table.client()
    real = os.open

    def failing(path, flags, *args, **named):
        if flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR) and str(table.folder.path) in str(path):
            raise OSError(error, os.strerror(error))
        return real(path, flags, *args, **named)

    monkeypatch.setattr(os, "open", failing)
    for verb in (Verb.PAUSE, Verb.REDIRECT, Verb.CLOSE):
        (order,) = table.give(verb, text="x")
        assert order.stage is Stage.REFUSED
        assert os.strerror(error) in order.steps[-1].text
    monkeypatch.undo()
    assert client.ask("PostToolBatch") == {}
    assert table.look()[client.lane().id].held is None


def test_two_lanewatch_processes_at_the_same_time(table):
    """Both show the same, only one writes it down, and either can end it."""
    client = table.client()
    other = table.other()
    (paused,) = table.give(Verb.PAUSE)
    hook = client.begin("PostToolBatch")
    until(lambda: [ack for ack in asking.acks_of(table.folder, paused.id) if ack.did == "held"], "the hold")
    for _ in range(3):
        assert table.look(other)[client.lane().id].held in (Held.PAUSED, Held.PAUSING)
        table.look()
    assert table.look(other)[client.lane().id].held is Held.PAUSED
    stages = [entry.stage for entry in audit.read(table.folder) if entry.order == paused.id]
    assert stages == ["requested", "acknowledged", "took effect"]
    (again,) = other.plans(Verb.PAUSE, [client.lane().id], table.fleet)
    assert "paused already" in again.refused
    table.give(Verb.RESUME, service=other)
    assert answer(hook) == {}
    assert audit.problems(table.folder) == []


def test_a_reused_pid_is_not_the_client(table):
    client = table.client()
    stranger = client.lane()
    assert stranger.process is not None
    stranger = replace(stranger, process=replace(stranger.process, start="1@another boot"))
    fleet = Fleet(at=time.time(), lanes=(stranger,))
    plans = table.service.plans(Verb.CLOSE, [stranger.id], fleet, RouteKind.PROCESS)
    (order,) = table.service.give(plans, fleet, text="x")
    table.service.look(fleet)
    assert client.process.poll() is None, "the stranger was signalled"
    found = table.order(order)
    assert "another one by now" in found.steps[-1].text or found.stage is Stage.EFFECTIVE


def test_the_hook_exits_if_its_client_is_killed(table):
    """The hook exits by itself, and nothing is left behind."""
    client = table.client()
    (paused,) = table.give(Verb.PAUSE)
    hook = client.begin("PostToolBatch")
    table.reaches(paused, "took effect")
    client.process.kill()
    client.process.wait()
    assert hook.wait(PATIENCE_S) == 0
    client.busy = False
    assert asking.sessions(table.folder)
    table.look()
    assert not asking.sessions(table.folder), "what it registered, and its hook that waits, are cleared away"


def test_a_pause_is_overdue_if_its_gate_is_killed(table):
    """The pause is lost for a moment, and the screen reports it; the next tool or model call is held again."""
    client = table.client()
    (paused,) = table.give(Verb.PAUSE)
    client.begin("PostToolBatch")
    table.reaches(paused, "took effect")
    (ack, *_) = asking.acks_of(table.folder, paused.id)
    os.kill(ack.pid, 9)
    until(lambda: start_of(ack.pid) is None or not ack.gate_lives, "its end")
    table.ahead = 3
    lost = table.reaches(paused, "overdue")
    assert "the gate that paused it exited" in lost.steps[-1].text
    assert lost.stronger
    client.begin("PreToolUse", **TOOL)
    assert "paused before its next tool" in table.reaches(paused, "took effect").steps[-1].text


def test_the_gate_refuses_before_the_hooks_time_limit(table, monkeypatch):
    """The gate refuses before the agent's own time limit, because the agent would run the tool after that."""
    from tui.control.gate import gate as module

    client = table.client()
    (paused,) = table.give(Verb.PAUSE)
    now = [time.time()]

    def sleep(_: float) -> None:
        now[0] += 3600

    given = {"session_id": client.session, "hook_event_name": "PreToolUse", **TOOL}
    held = module.Gate(str(table.folder.path), "claude", given, sleep=sleep, monotonic=lambda: now[0])
    answer_ = held.answer()
    assert answer_ is not None
    assert answer_["hookSpecificOutput"]["permissionDecision"] == "deny"
    assert [ack.did for ack in asking.acks_of(table.folder, paused.id)] == ["held", "ran_out"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no text"), (" \n ", "no text"), ("a\x1b[201~b", "control character"), ("a\x03", "control character"),
        ("\x9b31m", "control character"), ("\ud800", "incomplete character"), ("x" * 100_000, "100,000 characters"),
    ],
)  # fmt: skip
def test_hostile_texts_are_refused_with_the_reason(table, text, why):
    client = table.client()
    (order,) = table.give(Verb.REDIRECT, text=text)
    assert order.stage is Stage.REFUSED
    assert why in order.steps[-1].text
    assert client.ask("PostToolBatch") == {}


@pytest.mark.parametrize(
    "text", ["\"quotes\" 'and' \\ back", "lines\n\n\tand tabs", "é ☃ 漢字 \u202e", "-x", "$(touch x); `x`", "x" * 9_000]
)
def test_texts_arrive_completely(table, text):
    client = table.client()
    table.give(Verb.REDIRECT, text=text)
    assert client.ask("PostToolBatch")["hookSpecificOutput"]["additionalContext"].endswith("\n\n" + text)


def test_hostile_files_in_the_folder_do_not_disturb_other_orders(table):
    client = table.client()
    (paused,) = table.give(Verb.PAUSE)
    key = asking.key_of("claude", client.session)
    for name, data in (
        ("b1.json", b"\xff"),
        ("b2.json", b"[1]"),
        ("b3.json", b'{"id":"other"}'),
        ("b4.json", b"{" * 5000),
    ):
        (table.folder.path / "requests" / key / name).write_bytes(data)
    (table.folder.path / "acks" / f"{paused.id}.jsonl").write_bytes(b'\xff\n{"at":1}\n[]\n')
    (table.folder.path / "orders" / "zz.json").write_bytes(b"nonsense")
    hook = client.begin("PostToolBatch")
    table.reaches(paused, "took effect")
    table.give(Verb.RESUME)
    assert answer(hook) == {}


@pytest.mark.parametrize("session", ["../../etc", "a b", "$(touch x)", "x" * 200, ""])
def test_a_session_without_a_plain_id_gets_no_request(table, session):
    client = table.client()
    fleet = Fleet(at=time.time(), lanes=(client.lane(session=session),))
    (plan,) = table.service.plans(Verb.PAUSE, [client.lane().id], fleet, RouteKind.GATE)
    assert plan.refused
    client.session = session
    assert client.ask("PreToolUse", **TOOL) == {}


def test_a_folder_that_others_can_open_is_made_private_and_a_link_is_refused(tmp_path):
    folder = ControlFolder(tmp_path / "lanewatch")
    folder.prepare()
    (tmp_path / "lanewatch" / "requests").chmod(0o777)
    folder.prepare()
    assert (tmp_path / "lanewatch" / "requests").stat().st_mode & 0o777 == 0o700
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.rmtree(tmp_path / "lanewatch" / "requests")
    (tmp_path / "lanewatch" / "requests").symlink_to(elsewhere)
    with pytest.raises(FolderError):
        folder.prepare()


def test_read_only_and_forbidden_verbs(table):
    client = table.client()
    looking = table.other(permissions=READ_ONLY)
    assert looking.forbidden
    (plan,) = looking.plans(Verb.PAUSE, [client.lane().id], table.fleet)
    assert "read only" in plan.refused
    careful = table.other(permissions=Permissions(forbid=frozenset({Verb.CLOSE})))
    assert careful.plans(Verb.CLOSE, [client.lane().id], table.fleet)[0].refused
    assert not careful.plans(Verb.PAUSE, [client.lane().id], table.fleet)[0].refused


def test_the_audit_log_is_private_and_contains_the_reason(table):
    table.client()
    table.give(Verb.PAUSE, reason="it goes in circles")
    for file in (table.folder.path / "audit").iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
    assert audit.read(table.folder)[0].reason == "it goes in circles"
    assert audit.problems(table.folder) == []


def test_fifty_lanes_are_paused_at_the_same_time(table, capsys):
    """All of them acknowledge the pause; the time is printed."""
    clients = [table.client(f"{number:08x}") for number in range(50)]
    hooks = [client.begin("PostToolBatch") for client in clients]
    for hook in hooks:
        hook.wait(PATIENCE_S)
    began = time.monotonic()
    orders = table.give(Verb.PAUSE)
    asked = time.monotonic() - began
    assert {order.stage for order in orders} == {Stage.REQUESTED}
    held_hooks = [client.begin("PreToolUse", **TOOL) for client in clients]

    def all_held() -> bool:
        return all(control.held is Held.PAUSED for control in table.look().values())

    until(all_held, "fifty paused lanes")
    with capsys.disabled():
        took = time.monotonic() - began
        print(f"\n50 lanes: asked in {asked:.2f} s, all seen to hold {took:.2f} s after the key")
    (resumed, *_) = table.give(Verb.RESUME)
    for hook in held_hooks:
        assert answer(hook, 30) == {}
    table.reaches(resumed, "took effect")


def policed(table: Table, **rules: object):
    from tests.fleets import finding
    from tui.control.policy_runner import PolicyRunner
    from tui.control.routes.registry import Routes
    from tui.control.service import ControlService
    from tui.fleet.policy import Rules
    from tui.model.finding import FindingKind, Severity

    made = Rules(pause=frozenset({FindingKind.REPETITION}), **rules)  # type: ignore[arg-type]
    policy = PolicyRunner(made, "", lambda _: False)
    service = ControlService(table.folder, by="ann (pts/1)", routes=Routes(table.folder, list), policy=policy)
    (client,) = table.clients

    def fleet(count: int = 12) -> Fleet:
        found = finding(FindingKind.REPETITION, client.lane(), Severity.STOP, f"the same {count} times")
        return replace(table.fleet, findings=(found,))

    return service, fleet


def test_a_policy_pauses_once_and_names_its_rule(table):
    client = table.client()
    service, fleet = policed(table)
    for _ in range(3):
        service.look(fleet())
    hook = client.begin("PostToolBatch")
    until(lambda: service.look(fleet())[client.lane().id].held is Held.PAUSED, "the pause")
    entries = [entry for entry in audit.read(table.folder) if entry.stage == "requested"]
    assert [(entry.verb, entry.by, entry.run_by, entry.reason) for entry in entries] == [
        ("pause", "policy: pause on repetition", "ann (pts/1)", "the same 12 times")
    ]
    table.give(Verb.RESUME)
    assert answer(hook) == {}
    other, fleet = policed(table)
    for count in (12, 13, 14):
        held_now = other.look(fleet(count))[client.lane().id].held
        assert held_now is None, "what a person resumed is not paused again at once"


def test_a_dry_run_of_a_policy_only_writes_to_the_audit_log(table):
    client = table.client()
    service, fleet = policed(table, dry_run=True)
    for _ in range(3):
        service.look(fleet())
    assert client.ask("PostToolBatch") == {}
    (entry,) = audit.read(table.folder)
    assert entry.stage == "dry run"
    assert entry.words.startswith("would have: pauses before")


def test_no_request_is_written_through_a_link(table, tmp_path):
    client = table.client()
    key = asking.key_of("claude", client.session)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (table.folder.path / "requests" / key).symlink_to(elsewhere)
    for verb in (Verb.PAUSE, Verb.REDIRECT, Verb.CLOSE):
        (order,) = table.give(verb, text="x")
        assert order.stage is Stage.REFUSED
        assert "is a link and not a real folder" in order.steps[-1].text
    assert list(elsewhere.iterdir()) == []


def test_the_pid_of_an_uncertain_process_is_not_stored(table):
    """A process that was found by its folder alone is never signalled, and its end is not the lane's end."""
    client = table.client()
    lane = client.lane()
    assert lane.process is not None
    weak = replace(lane, process=replace(lane.process, source="cwd"))
    fleet = Fleet(at=time.time(), lanes=(weak,))
    (order,) = table.service.give(table.service.plans(Verb.CLOSE, [weak.id], fleet), fleet, text="Stop here.")
    for _ in range(3):
        table.service.stronger(order.id, Fleet(at=time.time() + 60, lanes=(weak,)))
    assert client.process.poll() is None, "a process that only seems to be its own was signalled"
    assert "only seems to be its own" in table.order(order).steps[-1].text
