"""A close that is not obeyed: its limits, who accepts its next step, and what is reported about its output."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.control.clients import READ_ONLY, TOOL, Client, Table
from tests.fleets import finding
from tests.waiting import PATIENCE_S, until
from tui.agents.process import SHARED_DAEMON
from tui.control.bounds import Bounds
from tui.control.routes import gate_client as asking
from tui.control.service import ControlService
from tui.fleet.policy import Wanted
from tui.model.control import Held, Order, RouteKind, Stage
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.snapshot import Fleet

CALLS, WRITE_S = 4, 30.0


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    made = Table(tmp_path, bounds=Bounds(calls=CALLS, write_s=WRITE_S))
    yield made
    made.close()


def waiting(table: Table) -> ControlService:
    """The service of a command that waits."""
    return table.other(stays=False, bounds=Bounds(calls=CALLS, write_s=WRITE_S))


def told_to_close(table: Table, service: ControlService, **words: object) -> tuple[Client, Order]:
    client = table.client()
    (closed,) = table.give(Verb.CLOSE, service=service, text="Stop here.", **words)
    client.ask("PostToolBatch")
    until(
        lambda: look(table, service, client) and order_of(service, closed).stage is Stage.ACKNOWLEDGED,
        "the gate's word",
    )
    return client, closed


def look(table: Table, service: ControlService, client: Client, calls: int = 0) -> Held | None:
    """Looks at the lane after it has begun so many tool calls. Returns its held state."""
    lane = client.lane(tool_calls=calls)
    found = service.look(Fleet(at=time.time() + table.ahead, lanes=(lane,)))
    return found[lane.id].held


def has_ended(table: Table, service: ControlService, client: Client, calls: int = 0) -> bool:
    """Looks once more. True if the client's process has ended; the lane's held state does not matter then."""
    look(table, service, client, calls)
    return client.process.poll() is not None


def order_of(service: ControlService, order: Order) -> Order:
    return next(one for one in service.orders() if one.id == order.id)


def stopped(order: Order) -> bool:
    return "its loop is stopped" in order.steps[-1].text


def test_the_screen_offers_the_next_step_after_some_calls(table):
    client, closed = told_to_close(table, table.service)
    look(table, table.service, client, CALLS - 1)
    assert not order_of(table.service, closed).stronger
    look(table, table.service, client, CALLS)
    look(table, table.service, client, CALLS + 1)
    late = order_of(table.service, closed)
    assert late.steps[-1].text == f"{CALLS} tool call(s) since it was asked to close, and it continues"
    assert (late.stage, late.stronger) == (Stage.OVERDUE, "stop its loop, and end it step by step")
    assert client.ask("PreToolUse", **TOOL) == {}, "nothing is done before a person says so"
    pressed = table.service.stronger(closed.id, table.fleet)
    assert pressed is not None
    assert stopped(pressed)
    assert not pressed.stronger
    assert client.ask("PreToolUse", **TOOL)["hookSpecificOutput"]["permissionDecision"] == "deny"


def test_the_screen_offers_the_next_step_after_some_seconds(table):
    client, closed = told_to_close(table, table.service)
    table.ahead = WRITE_S + 1
    look(table, table.service, client, 1)
    late = order_of(table.service, closed)
    assert "s since it was asked to close, and it continues" in late.steps[-1].text
    assert late.stronger


@pytest.mark.parametrize(("calls", "ahead"), [(CALLS, 0.0), (0, WRITE_S + 1)])
def test_a_waiting_command_takes_the_next_step_by_itself(table, calls, ahead):
    service = waiting(table)
    client, closed = told_to_close(table, service)
    table.ahead = ahead
    look(table, service, client, calls)
    assert stopped(order_of(service, closed))
    table.ahead += 20
    until(lambda: has_ended(table, service, client, calls), "its SIGINT")
    client.busy = False
    look(table, service, client, calls)
    done = order_of(service, closed)
    assert (done.stage, done.closing_output) == (Stage.EFFECTIVE, False)
    assert done.steps[-1].text == "process exited; no closing summary"


def test_a_command_takes_no_step_of_a_close_that_it_did_not_give(table):
    client, closed = told_to_close(table, table.service)
    table.service.release_orders()
    service = waiting(table)
    look(table, service, client, 0)
    look(table, service, client, CALLS)
    assert order_of(service, closed).stronger
    assert not stopped(order_of(service, closed))


def test_a_policy_takes_the_next_step_without_asking(table):
    why = Wanted(table.client().lane().id, Verb.CLOSE, "policy: close on stop", "proven", "close:stop:1")
    (client,) = table.clients
    (closed,) = table.give(Verb.CLOSE, text="Stop here.", policy=why)
    client.ask("PostToolBatch")
    until(lambda: look(table, table.service, client) and table.order(closed).stage is Stage.ACKNOWLEDGED)
    look(table, table.service, client, CALLS)
    assert stopped(table.order(closed))


def test_a_loop_that_continues_after_refused_tools_is_interrupted_soon(table):
    """Codex's gate can refuse tools, but cannot end the loop, and each refusal costs a request."""
    service = waiting(table)
    client, closed = told_to_close(table, service)
    look(table, service, client, CALLS)
    client.ask("PreToolUse", **TOOL)
    client.ask("PreToolUse", **TOOL)
    lane = client.lane(agent="codex", tool_calls=CALLS)
    service.look(Fleet(at=time.time(), lanes=(lane,)))
    assert order_of(service, closed).steps[-1].text.endswith("(2 tools were refused, and it continues)")
    client.process.wait(PATIENCE_S)


def test_a_shared_daemon_is_never_signalled(table):
    service = waiting(table)
    client, closed = told_to_close(table, service)
    look(table, service, client, CALLS)
    lane = client.lane()
    assert lane.process is not None
    shared = replace(lane, process=replace(lane.process, source=SHARED_DAEMON), tool_calls=CALLS)
    for ahead in (16.0, 32.0, 48.0):
        service.look(Fleet(at=time.time() + ahead, lanes=(shared,)))
    pressed = service.stronger(closed.id, Fleet(at=time.time() + 50, lanes=(shared,)))
    assert pressed is not None
    assert "SIG" not in " ".join(step.text for step in pressed.steps)
    assert client.process.poll() is None


def test_the_offered_step_disappears_when_the_turn_ends(table):
    client, closed = told_to_close(table, table.service)
    look(table, table.service, client, CALLS)
    assert client.ask("Stop", last_assistant_message="It is done.") == {}
    look(table, table.service, client, CALLS)
    assert not order_of(table.service, closed).stronger


def test_a_limit_of_zero_allows_any_number_of_calls(tmp_path):
    table = Table(tmp_path, bounds=Bounds(calls=0))
    try:
        client, closed = told_to_close(table, table.service)
        look(table, table.service, client, 10_000)
        assert not order_of(table.service, closed).stronger
    finally:
        table.close()


@pytest.mark.parametrize(("said", "came"), [("It is done.", True), ("", False)])
def test_the_result_says_whether_there_was_closing_output(table, said, came):
    client, closed = told_to_close(table, table.service)
    assert client.ask("Stop", last_assistant_message=said) == {}
    client.process.kill()
    client.process.wait()
    client.busy = False
    look(table, table.service, client)
    done = order_of(table.service, closed)
    assert (done.stage, done.closing_output) == (Stage.EFFECTIVE, came)
    assert ("no closing summary" in done.steps[-1].text) is not came


def test_a_message_after_the_loop_was_stopped_is_not_closing_output(table):
    service = waiting(table)
    client, closed = told_to_close(table, service)
    look(table, service, client, CALLS)
    client.ask("PreToolUse", **TOOL)
    client.ask("Stop", last_assistant_message="I was stopped.")
    client.process.kill()
    client.process.wait()
    client.busy = False
    look(table, service, client, CALLS)
    assert order_of(service, closed).closing_output is False


def test_a_close_by_signals_requests_no_output(table):
    client = table.client()
    fleet = table.fleet
    plans = table.service.plans(Verb.CLOSE, [client.lane().id], fleet, RouteKind.PROCESS)
    (closed,) = table.service.give(plans, fleet)
    client.process.wait(PATIENCE_S)
    client.busy = False
    assert table.reaches(closed, "took effect").closing_output is False


def test_a_close_whose_text_was_not_given_says_what_it_waits_for(table):
    client = table.client()
    (closed,) = table.give(Verb.CLOSE, text="Stop here.")
    for ahead in (5, 11, 15):
        table.ahead = ahead
        look(table, table.service, client)
    told = table.order(closed)
    assert [step.text for step in told.steps[1:]] == ["closing text not read yet: the model answers"]
    assert told.stage is Stage.REQUESTED


def test_a_close_names_the_open_question_that_it_waits_for(table):
    client = table.client()
    (closed,) = table.give(Verb.CLOSE, text="Stop here.")
    lane = client.lane()
    asks = finding(FindingKind.NEEDS_INPUT, lane, Severity.WARN, "Bash waits for a permission")
    table.service.look(Fleet(at=time.time() + 11, lanes=(replace(lane, findings=(asks,)),)))
    assert table.order(closed).steps[-1].text == "closing text not read yet: Bash waits for a permission"


# -- what stands where nobody drives it ----------------------------------------------------------------


@pytest.mark.parametrize("said", ["It is done.", ""])
def test_a_read_only_look_shows_that_a_close_has_ended(table, said):
    client, closed = told_to_close(table, table.service)
    client.ask("Stop", last_assistant_message=said)
    table.service.release_orders()
    looking = table.other(permissions=READ_ONLY)
    assert look(table, looking, client) is Held.CLOSING
    client.process.kill()
    client.process.wait()
    client.busy = False
    before = {path: path.read_bytes() for path in table.folder.path.rglob("*") if path.is_file()}
    lane = client.lane()
    control = looking.see(Fleet(at=time.time(), lanes=(lane,)))[lane.id]
    assert control.held is Held.CLOSED
    assert control.words == ("process exited" if said else "process exited; no closing summary")
    assert before == {path: path.read_bytes() for path in table.folder.path.rglob("*") if path.is_file()}
    assert closed.id == control.order


def test_resume_takes_back_a_close_whose_text_was_given(table):
    client, closed = told_to_close(table, table.service)
    table.service.release_orders()
    other = table.other()
    (plan,) = other.plans(Verb.RESUME, [client.lane().id], table.fleet)
    assert plan.effect == "undoes its close: nothing more is asked of it"
    (resumed,) = other.give([plan], table.fleet)
    words = "its close is undone after it was told: what the model has read it has read"
    assert (resumed.stage, resumed.steps[-1].text) == (Stage.EFFECTIVE, words)
    back = order_of(other, closed)
    assert back.stage is Stage.WITHDRAWN
    assert back.steps[-1].text == "undone after it was told: what the model has read it has read"
    table.ahead = 3600
    assert look(table, other, client, CALLS + 9) is None
    assert client.ask("PreToolUse", **TOOL) == {}
    assert client.process.poll() is None


def test_resume_takes_back_a_close_whose_text_was_not_given(table):
    client = table.client()
    (closed,) = table.give(Verb.CLOSE, text="Stop here.")
    table.give(Verb.RESUME)
    assert client.ask("PostToolBatch") == {}
    assert table.order(closed).steps[-1].text == "undone before it was told"
    assert not asking.requests_of(table.folder, asking.key_of("claude", client.session) or "")


def test_resume_is_refused_for_a_lane_that_nothing_holds(table):
    client = table.client()
    (plan,) = table.service.plans(Verb.RESUME, [client.lane().id], table.fleet)
    assert plan.refused == "it is not paused"
