"""Answers by the gate: the hook that waits is the real one, and it is answered by the real service."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clients.asks import PLAN, QUESTIONS
from tests.control.clients import READ_ONLY, Client, Table, answer, children
from tests.waiting import until
from tui.control.bounds import Bounds
from tui.control.folder import ControlFolder
from tui.control.gate import ask as ask_module
from tui.control.gate import gate
from tui.control.gate.ask import Waiter, digest
from tui.control.permissions import Permissions
from tui.control.routes.asked import asked_requests, has_answer
from tui.control.verbs.answer import SPEC, options_of
from tui.fleet.policy import Wanted
from tui.model.control import Order, Stage
from tui.model.finding import Severity
from tui.model.pending import Answer, Decision, PendingKind, PendingRequest

COMMAND = {"tool_name": "Bash", "tool_input": {"command": "mkdir -p made", "description": "a step"}}
ASKED = {"tool_name": "AskUserQuestion", "tool_input": {"questions": QUESTIONS}}
PLANNED = {"tool_name": "ExitPlanMode", "tool_input": {"plan": PLAN}}
ALLOW, DENY = Answer(Decision.ALLOW), Answer(Decision.DENY, "Not there.")


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    made = Table(tmp_path, bounds=Bounds(answer_attached=True))
    yield made
    made.close()


class Dialog:
    """One request of a client, with its hook."""

    def __init__(
        self, table: Table, client: Client, fields: dict, call: str = "t1", *, writes_call: bool = True
    ) -> None:
        self.table, self.client, self.fields = table, client, fields
        self.call = call
        if writes_call:
            self.write_call()
        known = {one.request.id for one in asked_requests(table.folder)}
        self.hook = client.begin("PermissionRequest", "ask", **fields)
        until(lambda: self._new(known), "the record")
        self.request: PendingRequest = self._new(known)[0]

    def _new(self, known: set[str]) -> list[PendingRequest]:
        return [one.request for one in asked_requests(self.table.folder) if one.request.id not in known]

    @property
    def waits(self) -> bool:
        return any(one.request.id == self.request.id for one in asked_requests(self.table.folder))

    def write(self, line: dict) -> None:
        with self.client.transcript.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def write_call(self) -> None:
        """What the client writes of the call that it asks about."""
        name, given = self.fields["tool_name"], self.fields["tool_input"]
        block = {"type": "tool_use", "id": self.call, "name": name, "input": given}
        self.write({"type": "assistant", "message": {"content": [block]}})

    def decided(self, decision: str) -> None:
        """What the client writes when a hook has decided."""
        found = {"type": "hook_permission_decision", "decision": decision, "toolUseID": self.call}
        self.write({"type": "attachment", "attachment": found})

    def resulted(self, **more: object) -> None:
        block = {"type": "tool_result", "tool_use_id": self.call, "content": "done"}
        self.write({"type": "user", "message": {"content": [block]}, **more})

    def give(self, answer: Answer, request: PendingRequest | None = None, **words: object) -> Order:
        (order,) = self.table.give(SPEC.verb, self.client, options=options_of(request or self.request, answer), **words)
        return order

    def decision(self) -> dict:
        printed = answer(self.hook)
        return printed["hookSpecificOutput"]["decision"] if printed else {}


@pytest.fixture
def dialog(table: Table) -> Dialog:
    return Dialog(table, table.client(), COMMAND)


# -- each kind of request -----------------------------------------------------------------------


def test_a_command_is_allowed_once_and_seen_to_be(table, dialog):
    assert dialog.request.text == "mkdir -p made"
    assert dialog.request.is_answerable
    order = dialog.give(ALLOW)
    assert dialog.decision() == {"behavior": "allow"}
    told = table.reaches(order, "acknowledged")
    assert told.is_open, "printed is not done"
    answered = dict(table.look()[dialog.client.lane().id].answered)
    assert answered[dialog.request.id] == "allow", "until the transcript says so, the lane says that it was answered"
    dialog.decided("allow")
    done = table.reaches(order, "took effect")
    assert "allowed by a hook" in done.steps[-1].text
    assert not dialog.waits
    assert not table.look()[dialog.client.lane().id].answered
    first = next(entry for entry in table.service.log() if entry.order == order.id)
    assert first.text == f"allow: Bash ({dialog.request.hash})\nmkdir -p made\ndescription: a step"
    assert first.by == "ann (pts/1)"


def test_an_answer_given_before_the_call_stands_in_the_transcript_is_seen_to_be_taken(table):
    """A client asks first, and writes the call some moments later."""
    dialog = Dialog(table, table.client(), COMMAND, writes_call=False)
    assert not asked_requests(table.folder)[0].calls
    writer = threading.Timer(0.3, dialog.write_call)
    writer.start()
    order = dialog.give(ALLOW)
    writer.join()
    assert dialog.decision() == {"behavior": "allow"}
    dialog.decided("allow")
    assert "allowed by a hook" in table.reaches(order, "took effect").steps[-1].text


def test_a_command_is_denied_with_a_text(table, dialog):
    order = dialog.give(DENY)
    assert dialog.decision() == {"behavior": "deny", "message": "Not there."}
    dialog.decided("deny")
    assert "denied by a hook" in table.reaches(order, "took effect").steps[-1].text


def test_all_questions_are_answered_by_their_options(table):
    dialog = Dialog(table, table.client(), ASKED)
    assert dialog.request.kind is PendingKind.QUESTION
    dialog.give(Answer(Decision.CHOOSE, chosen=((1,), (1, 2))))
    chosen = {QUESTIONS[0]["question"]: "Postgres", QUESTIONS[1]["question"]: "lint, types"}
    assert dialog.decision() == {"behavior": "allow", "updatedInput": {"questions": QUESTIONS, "answers": chosen}}


@pytest.mark.parametrize("chosen", [((1,),), ((3,), (1,)), ((1, 2), (1,)), ((0,), (1,)), ((1,), ())])
def test_questions_that_are_not_all_answered_stay_open(table, chosen):
    dialog = Dialog(table, table.client(), ASKED)
    assert dialog.give(Answer(Decision.CHOOSE, chosen=chosen)).stage is Stage.REFUSED
    assert dialog.waits


def test_a_plan_is_approved_as_it_was_shown(table, tmp_path):
    path = tmp_path / "plan.md"
    path.write_text(PLAN)
    fields = {"tool_name": "ExitPlanMode", "tool_input": {"plan": PLAN, "planFilePath": str(path)}}
    dialog = Dialog(table, table.client(), fields)
    assert (dialog.request.kind, dialog.request.text) == (PendingKind.PLAN, PLAN)
    path.write_text("# Another plan")
    refused = table.reaches(dialog.give(Answer(Decision.APPROVE_PLAN)), "refused")
    assert "hook refused" in refused.steps[-1].text
    assert dialog.waits
    path.write_text(PLAN)
    dialog.give(Answer(Decision.APPROVE_PLAN))
    assert dialog.decision() == {"behavior": "allow", "updatedInput": {}}


def test_a_plan_is_refused_with_a_text(table):
    dialog = Dialog(table, table.client(), PLANNED)
    dialog.give(Answer(Decision.REFUSE_PLAN, "Smaller steps."))
    assert dialog.decision() == {"behavior": "deny", "message": "Smaller steps."}


def test_a_plan_that_the_client_does_not_state_is_for_the_pane(table):
    dialog = Dialog(table, table.client(), {"tool_name": "ExitPlanMode", "tool_input": {}})
    assert not dialog.request.is_answerable
    refused = dialog.give(Answer(Decision.APPROVE_PLAN))
    assert "does not state the plan: `o` goes to its pane" in refused.steps[-1].text
    assert dialog.waits


@pytest.mark.parametrize("decision", [Decision.CHOOSE, Decision.APPROVE_PLAN, Decision.REFUSE_PLAN])
def test_a_command_takes_no_other_decision(dialog, decision):
    assert dialog.give(Answer(decision, "text", ((1,),))).stage is Stage.REFUSED
    assert dialog.waits


# -- races --------------------------------------------------------------------------------------


def test_two_equal_requests_are_two(table):
    client = table.client()
    first, second = Dialog(table, client, COMMAND, "t1"), Dialog(table, client, COMMAND, "t2")
    assert first.request.hash == second.request.hash
    assert first.request.id != second.request.id
    second.give(DENY)
    assert second.decision()["behavior"] == "deny"
    assert first.hook.poll() is None
    first.give(ALLOW)
    assert first.decision()["behavior"] == "allow"


def test_a_person_at_the_pane_is_first(table, dialog):
    dialog.resulted()
    assert dialog.decision() == {}
    late = dialog.give(ALLOW)
    assert late.stage is Stage.REFUSED
    again = Dialog(table, dialog.client, COMMAND, "t2")
    assert dialog.give(ALLOW).stage is Stage.REFUSED
    assert again.waits, "an answer to the first request must not reach the next one"


def test_a_person_allows_something_long(table, tmp_path):
    """No result comes for a while; the client's own registry says that it waits no more."""
    client = table.client()
    folder = tmp_path / "home" / "projects" / "p"
    folder.mkdir(parents=True)
    client.transcript = client.transcript.rename(folder / client.transcript.name)
    sessions = tmp_path / "home" / "sessions"
    sessions.mkdir()
    registered = sessions / f"{client.process.pid}.json"
    registered.write_text(json.dumps({"status": "waiting"}))
    dialog = Dialog(table, client, COMMAND)
    assert dialog.waits
    registered.write_text(json.dumps({"status": "busy"}))
    assert dialog.decision() == {}
    assert not dialog.waits


def test_an_answer_that_was_printed_too_late_is_told_as_lost(table, dialog):
    order = dialog.give(ALLOW)
    assert dialog.decision()
    dialog.resulted(permissionDecision={"decision": "accept", "source": "user_temporary"})
    assert "answered in the pane first" in table.reaches(order, "expired").steps[-1].text


def test_another_hook_that_decided_otherwise_was_first(table, dialog):
    order = dialog.give(DENY)
    assert dialog.decision()
    dialog.decided("allow")
    assert "another hook" in table.reaches(order, "expired").steps[-1].text


def test_without_evidence_an_answer_is_unconfirmed(table, dialog):
    order = dialog.give(ALLOW)
    assert dialog.decision()
    table.reaches(order, "acknowledged")
    table.ahead = 6.0
    overdue = table.reaches(order, "overdue")
    assert "unconfirmed" in overdue.steps[-1].text
    dialog.decided("allow")
    table.reaches(order, "took effect")


def test_a_request_is_answered_once(table, dialog):
    other = table.another("other", bounds=Bounds(answer_attached=True))
    os.kill(dialog.hook.pid, signal.SIGSTOP)
    waiter = next(one.waiter[0] for one in asked_requests(table.folder))
    os.kill(waiter, signal.SIGSTOP)  # so that both answers are given before any is read
    dialog.give(DENY)
    second = dialog.give(ALLOW, service=other)
    for pid in (waiter, dialog.hook.pid):
        os.kill(pid, signal.SIGCONT)
    assert second.stage is Stage.REFUSED
    assert "already" in second.steps[-1].text
    assert dialog.decision()["behavior"] == "deny"


def test_a_request_that_has_changed_is_not_answered(table, dialog):
    other = PendingRequest(PendingKind.PERMISSION, "Bash", "x", id=dialog.request.id, hash="0" * 64)
    assert "not the one that was shown" in dialog.give(ALLOW, other).steps[-1].text
    assert dialog.waits


def test_a_record_that_does_not_fit_its_hash_cannot_be_answered(table, dialog):
    path = table.folder.path / "pending" / f"{dialog.request.id}.json"
    path.write_text(path.read_text().replace("mkdir -p made", "mkdir -p none"))
    assert "does not fit its own hash" in dialog.give(ALLOW).steps[-1].text


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_client_or_a_no_in_the_pane_ends_the_hook(table, dialog, end):
    if end is signal.SIGTERM:  # what the client sends for No and Escape
        waiter = next(one.waiter[0] for one in asked_requests(table.folder))
        os.kill(waiter, end)
    else:
        dialog.client.process.kill()
        dialog.client.process.wait()
    assert dialog.decision() == {}
    assert not dialog.waits
    assert not list((table.folder.path / "pending").iterdir())


def test_a_killed_hook_leaves_nothing_that_could_be_answered(table, dialog):
    for process in (*children(dialog.hook.pid), dialog.hook):
        os.kill(process.pid, signal.SIGKILL)
    dialog.hook.wait()
    until(lambda: not dialog.waits, "its end")
    assert dialog.give(ALLOW).stage is Stage.REFUSED
    table.service.tidy(table.fleet.at)
    assert not list((table.folder.path / "pending").iterdir())


def test_a_headless_session_is_not_held_up(table):
    client = table.client()
    args = [f"{table.folder.path}/gate/gate.sh", "claude", "ask"]
    import subprocess

    given = {"session_id": client.session, "hook_event_name": "PermissionRequest", **COMMAND}
    env = {
        "PATH": os.environ["PATH"], "CLAUDE_CODE_SESSION_ID": client.session, "CLAUDE_PID": str(client.process.pid),
        "CLAUDE_CODE_ENTRYPOINT": "sdk-cli",
    }  # fmt: skip
    done = subprocess.run(args, env=env, input=json.dumps(given).encode(), capture_output=True, check=True, timeout=30)
    assert done.stdout == b""
    assert not asked_requests(table.folder)


# -- who may ------------------------------------------------------------------------------------


def test_somebody_at_the_pane_is_left_alone_by_default(tmp_path):
    table = Table(tmp_path)
    try:
        dialog = Dialog(table, table.client(), COMMAND)
        refused = dialog.give(ALLOW)
        assert "nobody can tell whether somebody is at its terminal" in refused.steps[-1].text
        assert "answer_attached" in refused.steps[-1].text
        assert dialog.waits
        assert not has_answer(table.folder, dialog.request.id)
    finally:
        table.close()


@pytest.mark.parametrize("finding", ["stop", "needs_input"])
def test_no_policy_answers(table, dialog, finding):
    policy = Wanted(
        dialog.client.lane().id, SPEC.verb, f"policy: answer on {finding}", "x", f"key:{finding}", Severity.STOP
    )
    refused = dialog.give(ALLOW, policy=policy)
    assert "only a person may answer" in refused.steps[-1].text
    assert dialog.waits


@pytest.mark.parametrize("permissions", [READ_ONLY, Permissions(forbid=frozenset({SPEC.verb}))])
def test_who_may_not_use_it_is_refused(table, dialog, permissions):
    service = table.other(permissions=permissions, bounds=Bounds(answer_attached=True))
    assert dialog.give(ALLOW, service=service).stage is Stage.REFUSED
    assert dialog.waits


def test_an_answer_cannot_be_taken_back(table, dialog):
    order = dialog.give(ALLOW)
    assert not SPEC.can_be_undone(order)
    assert table.service.undo(order.id, table.fleet) is None


# -- the hook itself, for any answer --------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


WORDS = st.one_of(
    st.sampled_from(["allow", "deny", "choose", "approve_plan", "refuse_plan", "allow_always", "", None, 1, True]),
    st.text(max_size=5),
)


@given(
    fields=st.sampled_from([COMMAND, ASKED, PLANNED]),
    own_nonce=st.booleans(),
    own_hash=st.booleans(),
    own_boot=st.booleans(),
    age=st.floats(-100, 100),
    word=WORDS,
    text=st.one_of(st.text(max_size=5), st.none(), st.integers()),
    answers=st.one_of(
        st.none(),
        st.dictionaries(st.sampled_from([one["question"] for one in QUESTIONS]), st.text(max_size=3)),
        st.just({one["question"]: "x" for one in QUESTIONS}),
        st.integers(),
    ),
    more=st.dictionaries(
        st.sampled_from(["updatedInput", "updatedPermissions", "interrupt", "valid_s"]), st.integers()
    ),
)
def test_only_what_was_shown_is_decided_and_only_once(
    tmp_path_factory, monkeypatch_module, fields, own_nonce, own_hash, own_boot, age, word, text, answers, more
):
    clock = Clock()
    given_ = {"session_id": "5f0c21aa", "hook_event_name": "PermissionRequest", **fields}
    folder = tmp_path_factory.getbasetemp() / "answers-of-the-hook"
    for part in ("pending", "answers", "acks"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    waiter = Waiter(str(folder), "claude", given_, clock, uptime=clock)
    answer_file = {
        **more, "nonce": waiter.nonce if own_nonce else "0" * 32, "hash": waiter.hash if own_hash else "0" * 64,
        "boot": gate.boot_id() if own_boot else "other", "uptime": clock.now - age, "decision": word, "text": text,
        "answers": answers, "order": "o1",
    }  # fmt: skip
    path = folder / "answers" / f"{waiter.nonce}.json"
    path.write_text(json.dumps(answer_file))
    path.chmod(0o600)
    found = waiter.read_answer()
    if found is None:
        assert not path.exists(), "a refused answer is taken away, so that another can be given"
        return
    path.unlink()
    lasts = more.get("valid_s", 30)
    assert own_nonce
    assert own_hash
    assert own_boot
    assert -1.0 <= age <= min(30, lasts)
    decision = found["hookSpecificOutput"]["decision"]
    assert set(decision) <= {"behavior", "message", "updatedInput"}
    if decision["behavior"] == "deny":
        assert word in ("deny", "refuse_plan")
        assert decision["message"] == text
    elif fields is COMMAND:
        assert (word, decision) == ("allow", {"behavior": "allow"})
    elif fields is ASKED:
        assert word == "choose"
        assert decision["updatedInput"] == {"questions": QUESTIONS, "answers": answers}
        assert set(answers) == {one["question"] for one in QUESTIONS}
    else:
        assert (word, decision) == ("approve_plan", {"behavior": "allow", "updatedInput": {}})


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        asking = {"AskUserQuestion": "question", "ExitPlanMode": "plan"}
        patch.setitem(gate.AGENTS, "claude", {"asking": asking})
        patch.setattr(ask_module.Transcript, "look", lambda _: False)
        yield patch


@given(st.dictionaries(st.text(max_size=3), st.one_of(st.text(), st.integers(), st.none()), max_size=4))
def test_the_hash_is_of_the_content_alone(fields):
    again = json.loads(json.dumps(dict(reversed(fields.items()))))
    assert digest("Bash", fields) == digest("Bash", again)
    assert digest("Bash", fields) != digest("Bash", {**fields, "more": 1})
    assert digest("Bash", fields) != digest("Bash2", fields)


@pytest.mark.parametrize("stated", [["rm", "-rf"], "rm -rf", None, 7])
def test_arguments_that_are_no_object_cannot_be_shown_and_so_not_be_allowed(tmp_path, stated):
    folder = ControlFolder(tmp_path / "state")
    folder.prepare()
    waiter = Waiter(str(folder.path), "claude", {"session_id": "5f0c21aa", "tool_name": "Bash", "tool_input": stated})
    waiter.write_record()
    (asked,) = asked_requests(folder)
    assert asked.request.unanswerable == "its client does not state what would be done"
    assert waiter.unanswerable()


def test_a_plan_file_that_is_a_pipe_does_not_hold_the_hook(tmp_path):
    os.mkfifo(tmp_path / "plan.md")
    stated = {"plan": PLAN, "planFilePath": str(tmp_path / "plan.md")}
    given_ = {"session_id": "5f0c21aa", "tool_name": "ExitPlanMode", "tool_input": stated}
    assert not Waiter(str(tmp_path), "claude", given_).plan_is_unchanged()


def test_an_answer_that_others_may_write_is_not_read(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("{}")
    path.chmod(0o666)
    assert ask_module.own_json(str(path)) is None
    path.chmod(0o600)
    assert ask_module.own_json(str(path)) == {}
    link = tmp_path / "b.json"
    link.symlink_to(path)
    assert ask_module.own_json(str(link)) is None
