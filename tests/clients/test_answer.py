"""Answers from the shell to real clients that ask in a pane: what runs is what was printed and allowed, and nothing else."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.clients.asks import PLAN, QUESTIONS
from tests.clients.lanes import Home, Pane, claude_tui, end_daemons, heard
from tests.waiting import PATIENCE_S, until
from tui.control.gate.gate import boot_id, since_boot

pytestmark = [pytest.mark.clients, pytest.mark.tmux]


class Asking:
    """A client that asks something in a pane to which nobody is attached."""

    def __init__(self, home: Home, pane: Pane, lane: str) -> None:
        self.home, self.pane, self.lane = home, pane, lane

    def printed(self) -> list[dict]:
        """What `answer LANE` prints: the requests that can be answered."""
        out = self.home.lanewatch("answer", self.lane, "--json", code=None)
        found = json.loads(out)["pending"] if out.startswith("{") else []
        return [one for one in found if one["request"]]

    def request(self, after: str = "") -> dict:
        """The request that waits now, which is not the one with the id `after`."""
        found = until(lambda: [one for one in self.printed() if one["request"] != after], "the request")
        return found[0]  # type: ignore[index]

    def answer(self, request: dict, *options: str) -> dict:
        return self.home.order("answer", self.lane, "--request", request["request"], *options)

    def refused(self, request: dict, *options: str) -> None:
        """Tries an answer that cannot be given."""
        self.home.lanewatch("answer", self.lane, "--request", request["request"], *options, code=1)

    def told(self, words: str) -> None:
        """Waits until the model has read this."""
        until(lambda: any(words in body for _, body in heard()), f"{words!r} at the model")

    @property
    def made(self) -> list[str]:
        return sorted(path.name for path in self.home.work.iterdir())


@pytest.fixture(params=["claude", "older_claude"])
def claude_asks(request, home: Path, model: int) -> Iterator:
    """Begins a Claude Code that asks by a script of `asks.py`."""
    place = Home(home, model)
    place.lanewatch("install", "claude")
    place.extra = {"TMUX_TMPDIR": str(home)}
    program = request.getfixturevalue(request.param)
    panes: list[Pane] = []

    def begin(script: str, mode: str = "default") -> Asking:
        options = f"WebFetch --permission-mode {mode}"
        pane, session = claude_tui(program, place, f"go {{{{asks={script}}}}}", allowed=options)
        panes.append(pane)
        return Asking(place, pane, session)

    begin.is_older = request.param == "older_claude"  # type: ignore[attr-defined]
    yield begin
    for pane in panes:
        pane.close()


def test_a_command_is_denied_and_the_next_one_allowed(claude_asks):
    """Each is a request of its own: a late answer to the first one does not reach the second."""
    asking = claude_asks("two")
    first = asking.request()
    assert (first["kind"], first["text"]) == ("permission", "mkdir -p made-one")
    denied = asking.answer(first, "--deny", "Not there: look at Xyzzy-1.")
    assert (denied["stage"], denied["route"]) == ("took effect", "gate"), denied
    asking.told("Not there: look at Xyzzy-1.")
    second = asking.request(after=first["request"])
    assert second["text"] == "mkdir -p made-two"
    asking.refused(first, "--allow")
    assert asking.made == []
    assert asking.request()["request"] == second["request"]
    allowed = asking.answer(second, "--allow")
    assert allowed["stage"] == "took effect", allowed
    asking.pane.shows("Allowed by PermissionRequest hook")
    until(lambda: asking.made == ["made-two"], "the folder")
    log = json.loads(asking.home.lanewatch("audit", "--json"))["entries"]
    assert any("mkdir -p made-two" in (entry["text"] or "") for entry in log)


def test_questions_are_answered_by_their_options(claude_asks):
    asking = claude_asks("question")
    request = asking.request()
    assert [one["question"] for one in request["questions"]] == [one["question"] for one in QUESTIONS]
    asking.refused(request, "--choose", "1")
    done = asking.answer(request, "--choose", "2", "--choose", "1,3")
    assert done["stage"] == "took effect", done
    asking.told(r"Which database should be used?\"=\"SQLite")
    asking.told(r"Which checks?\"=\"lint, tests")


def test_a_plan_is_refused_and_then_approved(claude_asks):
    asking = claude_asks("plan" if claude_asks.is_older else "plan_file", "plan")
    request = asking.request()
    assert (request["kind"], request["text"].strip()) == ("plan", PLAN.strip())
    asking.refused(request, "--allow")
    done = asking.answer(request, "--approve-plan")
    assert done["stage"] == "took effect", done
    asking.told("has approved your plan")


def test_a_person_in_the_pane_is_first(claude_asks):
    """The hook notices it, also where what was allowed runs for long; a late answer is told and does nothing."""
    asking = claude_asks("slow")
    request = asking.request()
    asking.pane.tmux("send-keys", "1")
    until(lambda: asking.made == ["made-one"], "the folder")
    until(lambda: not list((asking.home.state / "pending").glob("*.json")), "the end of the hook")
    asking.refused(request, "--deny", "Too late.")
    assert not asking.printed()


def test_a_killed_client_leaves_nothing_to_answer(claude_asks):
    asking = claude_asks("one")
    request = asking.request()
    registered = next((asking.home.path / ".claude" / "sessions").glob("*.json"))
    pid = json.loads(registered.read_text())["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not psutil.pid_exists(pid), "its end")
    until(lambda: not list((asking.home.state / "pending").glob("*.json")), "the end of the hook")
    asking.refused(request, "--allow")
    time.sleep(0.5)
    assert asking.made == []


def test_an_answer_that_is_late_changed_or_a_second_one_does_nothing(claude_asks):
    asking = claude_asks("one")
    request = asking.request()
    record = json.loads((asking.home.state / "pending" / f"{request['request']}.json").read_text())
    place = asking.home.state / "answers" / f"{request['request']}.json"
    good = {
        "nonce": request["request"], "hash": record["hash"], "order": "o1", "decision": "allow", "boot": boot_id(),
        "uptime": since_boot(),
    }  # fmt: skip
    for change in ({"uptime": since_boot() - 31}, {"hash": "0" * 64}, {"nonce": "0" * 32}, {"decision": "always"}):
        half = place.with_suffix(".half")
        half.write_text(json.dumps(good | change))
        half.chmod(0o600)
        half.rename(place)
        until(lambda: not place.exists(), "the hook's look at it")
        assert asking.request()["request"] == request["request"], change
    acks = (asking.home.state / "acks" / "o1.jsonl").read_text().splitlines()
    assert [json.loads(line)["did"] for line in acks] == ["refused"] * 4
    os.kill(record["waiter"]["pid"], signal.SIGSTOP)  # so that a second answer comes before the first is read
    deny = ("--request", request["request"], "--deny", "Not there: look at Xyzzy-4.")
    first = asking.home.begin("answer", asking.lane, *deny)
    until(place.exists, "the first answer")
    asking.refused(request, "--allow")
    os.kill(record["waiter"]["pid"], signal.SIGCONT)
    assert first.wait(PATIENCE_S) == 0
    asking.told("Not there: look at Xyzzy-4.")
    assert asking.made == []


def test_of_two_equal_requests_at_once_each_answer_reaches_one(claude_asks):
    asking = claude_asks("reads")
    found = until(lambda: len(two := asking.printed()) == 2 and two, "two requests")
    first, second = found  # type: ignore[misc]
    assert first["details"] == second["details"]
    assert asking.answer(second, "--deny", "Not twice: look at Xyzzy-5.")["stage"] == "took effect"
    assert [one["request"] for one in asking.printed()] == [first["request"]]
    asking.refused(second, "--allow")
    assert asking.answer(first, "--allow")["stage"] == "took effect"
    asking.told("Not twice: look at Xyzzy-5.")
    (body,) = (json.loads(body) for _, body in heard()[-1:])
    results = [part for one in body["messages"] for part in one["content"] if part["type"] == "tool_result"]
    assert sorted(bool(one.get("is_error")) for one in results) == [False, True]


# -- Codex ----------------------------------------------------------------------------------------


@pytest.fixture
def codex_asks(codex: Path, home: Path, model: int) -> Iterator:
    place = Home(home, model)
    place.extra = {"TMUX_TMPDIR": str(home)}
    rules = home / ".codex" / "rules"
    rules.mkdir(parents=True)
    (rules / "default.rules").write_text('prefix_rule(pattern=["mkdir"], decision="prompt")\n')
    config = home / ".codex" / "config.toml"
    server = Path(__file__).with_name("mcp_notes.py")
    config.write_text(
        f"{config.read_text()}[features]\ndefault_mode_request_user_input = true\n[mcp_servers.notes]\n"
        f'command = "{sys.executable}"\nargs = ["{server}"]\ncwd = "{place.work}"\n'
    )
    panes: list[Pane] = []

    def begin(script: str, sandbox: str = "danger-full-access") -> Asking:
        pane = Pane(place)
        panes.append(pane)
        pane.type(f"{codex} -a on-request -s {sandbox} 'go {{{{asks={script}}}}}'")
        found = until(lambda: list((home / ".codex" / "sessions").rglob("rollout-*.jsonl")), "a rollout")
        return Asking(place, pane, found[0].stem[-36:])  # type: ignore[index]

    begin.work = place.work  # type: ignore[attr-defined]
    yield begin
    for pane in panes:
        pane.close()
    end_daemons(place)


def test_codex_is_answered_by_its_daemon(codex_asks):
    asking = codex_asks("two")
    first = asking.request()
    assert first["kind"] == "permission"
    assert "mkdir -p made-one" in first["text"]
    denied = asking.answer(first, "--deny", "Not there: look at Xyzzy-1.")
    assert (denied["stage"], denied["route"]) == ("took effect", "api"), denied
    second = asking.request(after=first["request"])
    asking.refused(first, "--allow")
    assert asking.made == []
    assert asking.answer(second, "--allow")["stage"] == "took effect"
    # The model had perhaps been asked for its next step when the text came. Then it reads it with the one after that.
    asking.told("Not there: look at Xyzzy-1.")
    until(lambda: asking.made == ["made-two"], "the folder")


def test_a_question_of_codex_is_answered_by_its_options(codex_asks):
    asking = codex_asks("question")
    request = asking.request()
    assert request["questions"][0]["question"] == "Which database should be used?"
    assert asking.answer(request, "--choose", "2")["stage"] == "took effect"
    asking.told("SQLite")


def test_a_person_in_the_pane_of_codex_is_first(codex_asks):
    asking = codex_asks("two")
    first = asking.request()
    asking.pane.tmux("send-keys", "y")
    second = asking.request(after=first["request"])
    assert asking.made == ["made-one"]
    asking.refused(first, "--allow")
    assert asking.request()["request"] == second["request"]
    assert asking.made == ["made-one"]


def test_a_change_of_files_by_codex_is_shown_whole_and_allowed(codex_asks):
    (codex_asks.work / "old-name").write_text("before\n")
    asking = codex_asks("patch", "read-only")
    request = asking.request()
    work = asking.home.work.resolve()
    assert request["tool"] == "apply_patch"
    assert request["text"].splitlines() == [f"add {work}/added", f"update {work}/old-name to {work}/new-name"]
    assert any("-before\n+after" in diff for diff in request["details"].values())
    done = asking.answer(request, "--allow")
    assert (done["stage"], done["route"]) == ("took effect", "api"), done
    assert asking.made == ["added", "new-name"]


def test_equal_calls_of_an_mcp_tool_are_two_requests_and_a_form_is_for_the_pane(codex_asks):
    asking = codex_asks("mcp")
    first = asking.request()
    assert (first["tool"], first["details"]["text"]) == ("mcp__notes__write_note", "one")
    denied = asking.answer(first, "--deny", "Not now: look at Xyzzy-2.")
    assert (denied["stage"], denied["route"]) == ("took effect", "api"), denied
    second = asking.request(after=first["request"])
    assert second["details"] == first["details"]
    asking.refused(first, "--allow")
    assert asking.made == []
    assert asking.answer(second, "--allow")["stage"] == "took effect"
    assert asking.made == ["note"]
    third = asking.request(after=second["request"])
    allowed = asking.home.order("answer", asking.lane, "--request", third["request"], "--allow", code=4)
    assert allowed["stage"] == "overdue", "there is no result before its form is answered"

    def form() -> dict | None:
        found = json.loads(asking.home.lanewatch("answer", asking.lane, "--json", code=None))["pending"]
        return next((one for one in found if "name?" in one["text"]), None)

    asked = until(form, "the form of the server, which calls itself a permission")
    assert "a form of an MCP server" in asked["unanswerable"]  # type: ignore[index]
    asking.refused(asked, "--allow")  # type: ignore[arg-type]
