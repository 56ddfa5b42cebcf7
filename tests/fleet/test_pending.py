"""What waits for a person: by the open calls of a transcript, or as control has heard it from the client."""

from __future__ import annotations

import json

import pytest

from tests.fleets import lane
from tui.fleet.pending import pending_requests
from tui.fleet.state import Verdict
from tui.ledger.calls import CallBook
from tui.ledger.lane import LaneLedger
from tui.model.control import FREE, LaneControl
from tui.model.event import ToolKind
from tui.model.pending import Choice, PendingKind, PendingRequest
from tui.model.snapshot import LaneState, OpenCall
from tui.view.lanes_json import lanes_json
from tui.view.pending import pending_json, whole

ASKS = {
    "questions": [
        {
            "question": "Which database?", "header": "DB", "multiSelect": False,
            "options": [{"label": "Postgres", "description": "as now"}, {"label": "SQLite"}],
        },
        {"question": "Which checks?", "multiSelect": True, "options": [{"label": "lint"}, {"label": "types"}]},
    ]
}  # fmt: skip


def asked(
    *calls: OpenCall, state: LaneState = LaneState.NEEDS_INPUT, since: float | None = None, control=FREE, agent="claude"
):
    ledger = LaneLedger(agent, "/x.jsonl", "", CallBook())
    ledger.open_calls = {call.call: call for call in calls}
    return pending_requests(ledger, Verdict(state, since, ()), control)


def call(name: str, tool: str, kind: ToolKind, args: dict, started: float | None = 5.0) -> OpenCall:
    return OpenCall(name, tool, kind, "in short", started, args=json.dumps(args))


def test_a_question_has_its_options():
    (request,) = asked(call("t1", "AskUserQuestion", ToolKind.ASK, ASKS))
    assert (request.kind, request.text, request.asked_at) == (PendingKind.QUESTION, "Which database?", 5.0)
    first, second = request.questions
    assert first.choices == (Choice("Postgres", "as now"), Choice("SQLite"))
    assert (first.key, first.takes_several, second.takes_several) == ("Which database?", False, True)
    assert not request.details
    assert not request.is_answerable


def test_a_codex_question_is_answered_under_its_id():
    given = {"questions": [{"id": "db", "header": "DB", "question": "Which?", "options": [{"label": "A"}]}]}
    (request,) = asked(call("t1", "request_user_input", ToolKind.ASK, given), agent="codex")
    assert (request.questions[0].key, request.questions[0].text) == ("db", "Which?")


def test_a_plan_is_shown_whole():
    (request,) = asked(call("t1", "ExitPlanMode", ToolKind.ASK, {"plan": "# One\n# Two", "planFilePath": "/p.md"}))
    assert (request.kind, request.text) == (PendingKind.PLAN, "# One\n# Two")
    assert request.details == (("planFilePath", "/p.md"),)


def test_another_tool_with_questions_asks_for_permission():
    (request,) = asked(call("t1", "mcp__x__ask", ToolKind.MCP, ASKS))
    assert request.kind is PendingKind.PERMISSION
    assert not request.questions
    assert [name for name, _ in request.details] == ["questions"]


def test_a_permission_is_for_the_call_that_the_state_was_decided_by():
    calls = (
        call("t1", "Agent", ToolKind.AGENT, {"prompt": "x"}, 1.0),
        call("t2", "Bash", ToolKind.SHELL, {"command": "sleep 1", "description": "a nap"}, 2.0),
        call("t3", "Edit", ToolKind.EDIT, {"file_path": "/x"}, 3.0),
    )
    (request,) = asked(*calls)
    assert (request.call, request.text, request.details) == ("t2", "sleep 1", (("description", "a nap"),))
    (request,) = asked(*calls, since=3.0)
    assert request.call == "t3"
    assert asked(*calls, state=LaneState.WORKING) == ()
    assert asked(calls[0]) == ()


def test_arguments_that_were_cut_are_not_shown_as_whole():
    (request,) = asked(
        OpenCall("t1", "Bash", ToolKind.SHELL, "echo", 1.0, args='{"command": "ech [... 9 characters left')
    )
    assert (request.text, request.is_whole) == ("echo", False)


def test_what_the_client_states_comes_first():
    stated = PendingRequest(PendingKind.PERMISSION, "Bash", "ls", id="n1")
    control = LaneControl(pending=(stated,))
    assert asked(call("t1", "AskUserQuestion", ToolKind.ASK, ASKS), control=control) == (stated,)
    assert asked(state=LaneState.WORKING, control=control) == (stated,)


@pytest.mark.parametrize("char", ["\x1b]0;title\x07", "\x1b[2K", "\r", "\x9b31m", "\x00", "\u202e", "\u200b"])
def test_nothing_of_what_would_run_is_invisible(char):
    shown = whole(f"rm{char} x\ny")
    assert shown.startswith("rm")
    assert shown.isprintable() or "\n" in shown
    assert len(shown) > len("rm x\ny")
    assert "\x1b" not in shown
    assert "\x9b" not in shown


def test_the_json_of_a_lane_has_what_waits():
    stated = PendingRequest(PendingKind.QUESTION, "AskUserQuestion", "Which?", id="n1", asked_at=1.0)
    assert pending_json(stated)["answers"] == ["choose", "deny"]
    assert pending_json(PendingRequest(PendingKind.PLAN, "x", "y"))["answers"] == []
    from tui.model.snapshot import Fleet

    (found,) = lanes_json(Fleet(2.0, (lane("a", pending=(stated,)),)))["lanes"]
    assert found["pending"][0]["request"] == "n1"
    assert found["pending"][0]["since"] == "1970-01-01T00:00:01.000Z"
