"""The result of an order's text as the order reports it, and what the order waits for."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.control.clients import TOOL, Client, Table
from tests.waiting import PATIENCE_S
from tui.control.refused import Refused
from tui.control.routes.gate_client import requests_of
from tui.control.routes.tmux import typing
from tui.control.routes.tmux.route import PaneRoute
from tui.model.control import Order, RouteKind, Stage
from tui.model.event import ToolKind
from tui.model.finding import Verb
from tui.model.snapshot import Fleet, Lane, OpenCall

FROM = "From the operator of this session:\n\n"
QUESTION = "a question is open in its client (permission prompt): nothing happens before it is answered"


def write(client: Client, **line: object) -> None:
    with client.transcript.open("a") as file:
        file.write(json.dumps(line) + "\n")


def says(client: Client, text: str, name: str, at: float | None = None) -> None:
    stamp = datetime.fromtimestamp(time.time() if at is None else at, UTC).isoformat()
    content = [{"type": "text", "text": text}]
    write(client, type="assistant", timestamp=stamp, message={"id": name, "role": "assistant", "content": content})


def looked(table: Table, order: Order, *lanes: Lane, ahead: float = 0.0) -> Order:
    table.service.look(Fleet(at=time.time() + ahead, lanes=lanes or table.fleet.lanes))
    return table.order(order)


def asks(client: Client) -> Lane:
    """The lane while its client asks for a permission."""
    lane = client.lane(open_calls=(OpenCall("t1", "Bash", ToolKind.SHELL, "ls", time.time()),))
    assert lane.process is not None
    return replace(lane, process=replace(lane.process, status="waiting", waiting_for="permission prompt"))


def test_a_text_that_the_agent_itself_writes_proves_nothing(table):
    client = table.client()
    (told,) = table.give(Verb.REDIRECT, text="e")
    says(client, "Here is the rest of it.", "m1")
    write(client, type="user", message={"role": "user", "content": "e"})
    assert looked(table, told).stage is Stage.REQUESTED
    assert [one.id for one in requests_of(table.folder, f"claude-{client.session}")] == [told.id]
    back = table.service.undo(told.id, table.fleet)
    assert back is not None
    assert back.stage is Stage.WITHDRAWN
    # The same after the gate has given it: the text must be in the transcript as a hook's text.
    (again,) = table.give(Verb.REDIRECT, text="e")
    client.ask("PostToolBatch")
    assert looked(table, again).stage is Stage.ACKNOWLEDGED
    write(client, type="attachment", attachment={"type": "hook_additional_context", "content": [f"{FROM}e"]})
    assert looked(table, again).steps[-1].text == "delivered: the text is in its transcript"


def test_a_text_for_a_subagent_is_not_delivered_if_its_transcript_does_not_show_it(table):
    """A gate that was killed after its word has given nothing; some clients never write down what it gave."""
    client = table.client()
    says(client, "One.", "m1", time.time() - 5)
    main = client.lane()
    child = replace(main, id=main.id + "/aaa", parent=main.id, depth=1, agent_id="aaa", process=None)  # type: ignore[arg-type]
    fleet = Fleet(at=time.time(), lanes=(main, child))
    (told,) = table.service.give(table.service.plans(Verb.REDIRECT, [child.id], fleet), fleet, text="Look there.")
    assert client.ask("PreToolUse", agent_id="aaa", **TOOL) != {}
    says(client, "The rest of the first.", "m1")
    assert looked(table, told, main, child).stage is Stage.ACKNOWLEDGED
    says(client, "Two.", "m2")
    seen = looked(table, told, main, child)
    assert (seen.stage, seen.is_open) == (Stage.OVERDUE, False)
    assert seen.steps[-1].text.startswith("not seen to arrive: the gate gave it, its model has answered since")


def test_a_text_for_a_subagent_is_delivered_if_its_transcript_shows_it(table):
    client = table.client()
    main = client.lane()
    child = replace(main, id=main.id + "/aaa", parent=main.id, depth=1, agent_id="aaa", process=None)  # type: ignore[arg-type]
    fleet = Fleet(at=time.time(), lanes=(main, child))
    plans = table.service.plans(Verb.REDIRECT, [child.id], fleet)
    assert plans[0].warning == ""
    (told,) = table.service.give(plans, fleet, text="Look there.")
    assert client.ask("PostToolBatch", agent_id="aaa") != {}
    write(client, type="attachment", attachment={"type": "hook_additional_context", "content": [f"{FROM}Look there."]})
    says(client, "Two.", "m2")
    assert looked(table, told, main, child).stage is Stage.EFFECTIVE
    old = replace(child, version="2.1.197")
    (plan,) = table.service.plans(Verb.REDIRECT, [old.id], Fleet(at=time.time(), lanes=(main, old)))
    assert "version 2.1.197 of its client does not write down what a subagent is given" in plan.warning


def test_an_answer_of_a_main_lane_does_not_prove_a_text(table):
    """A gate that was killed after its word has given nothing, and the model answers all the same."""
    client = table.client()
    (told,) = table.give(Verb.REDIRECT, text="Look there.")
    client.ask("PostToolBatch")
    says(client, "Two.", "m2")
    assert looked(table, told).stage is Stage.ACKNOWLEDGED
    seen = looked(table, told, ahead=40)
    assert seen.stage is Stage.OVERDUE
    assert "given, but not seen in its transcript" in seen.steps[-1].text


def test_a_pause_and_a_close_name_an_open_question(table):
    client = table.client()
    lane = asks(client)
    fleet = Fleet(at=time.time(), lanes=(lane,))
    (plan,) = table.service.plans(Verb.PAUSE, [lane.id], fleet)
    assert plan.warning == QUESTION
    for verb in (Verb.PAUSE, Verb.CLOSE):
        (order,) = table.service.give(table.service.plans(verb, [lane.id], fleet), fleet, text="Stop here.")
        for _ in range(3):
            seen = looked(table, order, lane)
        assert [step.text for step in seen.steps].count(QUESTION) == 1, seen
        assert table.service.see(fleet)[lane.id].words == QUESTION
        if verb is Verb.PAUSE:
            late = looked(table, order, lane, ahead=11)
            assert late.steps[-1].text.endswith("a question is open in its client (permission prompt)")
        answered = looked(table, order, client.lane(open_calls=lane.open_calls))
        assert answered.steps[-1].text == "the question is answered"


def test_no_key_is_sent_to_a_pane_with_a_question(table, monkeypatch):
    client = table.client()
    keys: list[str] = []
    monkeypatch.setattr(typing, "aim_at", lambda *_: keys.append("looked for its pane"))
    for act in (PaneRoute.end_turn, PaneRoute.leave, lambda it, lane: it.tell(lane, "x")):
        with pytest.raises(Refused, match=r"\(permission prompt\): answer it first"):
            act(PaneRoute(table.folder), asks(client))
    asking = client.lane(open_calls=(OpenCall("t1", "AskUserQuestion", ToolKind.ASK, "", None),))
    with pytest.raises(Refused, match=r"\(AskUserQuestion\): answer it first"):
        PaneRoute(table.folder).end_turn(asking)
    assert not keys


def test_a_close_by_signals_types_nothing(table, monkeypatch):
    client = table.client()
    typed: list[object] = []
    monkeypatch.setattr(PaneRoute, "leave", lambda *_: typed.append("/exit") or "/exit to pane %0")
    lane = client.lane()
    fleet = Fleet(at=time.time(), lanes=(lane,))
    plans = table.service.plans(Verb.CLOSE, [lane.id], fleet, RouteKind.PROCESS)
    (closed,) = table.service.give(plans, fleet)
    assert closed.steps[-1].text.startswith("SIGINT to process")
    client.process.wait(PATIENCE_S)
    assert not typed
