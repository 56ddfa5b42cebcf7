"""Orders by policy: repeated when the lane goes on, after a waiting time, with the policy as actor in the audit log."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.control.clients import Client, Table, answer
from tests.fleets import finding
from tests.waiting import until
from tui.control import audit
from tui.control.policy_runner import PolicyRunner
from tui.control.recorded_orders import RecordedOrders
from tui.control.routes.registry import Routes
from tui.control.service import ControlService
from tui.fleet.policy import Rules
from tui.model.control import Held
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.snapshot import Fleet
from tui.view.order_lines import audit_json, audit_lines

AGAIN_S = 600.0


def policed(table: Table, **rules: object) -> ControlService:
    given = {"pause": frozenset({FindingKind.REPETITION}), "min_severity": Severity.WARN, "again_s": AGAIN_S, **rules}
    policy = PolicyRunner(Rules(**given), "", lambda _: False)  # type: ignore[arg-type]
    return ControlService(table.folder, by="ann (pts/1, pid 7)", routes=Routes(table.folder, list), policy=policy)


def going_round(table: Table, severity: Severity = Severity.WARN) -> Fleet:
    (client,) = table.clients
    found = finding(FindingKind.REPETITION, client.lane(), severity, "the same 12 times")
    return replace(table.fleet, findings=(found,))


def asked(table: Table) -> list[str]:
    """The verbs that a policy has used so far."""
    entries = audit.read(table.folder)
    return [entry.verb for entry in entries if entry.stage == "requested" and entry.by.startswith("policy")]


def paused_and_resumed(
    table: Table, service: ControlService, client: Client, severity: Severity = Severity.WARN
) -> None:
    """Lets the policy pause the lane, and a person resume it."""
    hook = client.begin("PostToolBatch")
    until(lambda: service.look(going_round(table, severity))[client.lane().id].held is Held.PAUSED, "the pause")
    table.give(Verb.RESUME, service=service)
    assert answer(hook) == {}


def test_a_policy_acts_again_after_its_waiting_time(table):
    client = table.client()
    service = policed(table)
    service.look(going_round(table))
    paused_and_resumed(table, service, client)
    for _ in range(3):
        assert service.look(going_round(table))[client.lane().id].held is None
    assert asked(table) == ["pause"], "a person has just let it go on"
    table.ahead = AGAIN_S + 5
    service.look(going_round(table))
    assert asked(table) == ["pause", "pause"]


def test_a_policy_acts_at_once_on_a_finding_that_became_more_severe(table):
    client = table.client()
    service = policed(table)
    service.look(going_round(table))
    paused_and_resumed(table, service, client)
    service.look(going_round(table, Severity.STOP))
    assert asked(table) == ["pause", "pause"]


def test_another_lanewatch_keeps_the_waiting_time(table):
    client = table.client()
    service = policed(table)
    service.look(going_round(table))
    paused_and_resumed(table, service, client)
    policed(table).look(going_round(table))
    assert asked(table) == ["pause"]
    policed(table).look(going_round(table, Severity.STOP))
    assert asked(table) == ["pause", "pause"]


@pytest.mark.parametrize(
    ("again_s", "words"),
    [
        (AGAIN_S, "the policy acts on it again if it becomes more severe, or after 10 min"),
        (0.0, "again if it becomes more severe"),
    ],
)
def test_a_policy_writes_once_when_it_will_act_again(table, again_s, words):
    client = table.client()
    service = policed(table, again_s=again_s)
    service.look(going_round(table))
    paused_and_resumed(table, service, client)
    for ahead in (1.0, 2.0, 300.0):
        table.ahead = ahead
        service.look(going_round(table))
    said = [entry for entry in audit.read(table.folder) if "it continues, and the finding holds" in entry.words]
    assert [entry.words.endswith(words) for entry in said] == [True]
    assert (said[0].by, said[0].stage) == ("policy: pause on repetition", "withdrawn")
    # The note does not delay the next act.
    table.ahead = AGAIN_S + 5
    service.look(going_round(table))
    assert asked(table) == (["pause", "pause"] if again_s else ["pause"])


def test_the_log_names_the_policy_as_actor_and_the_person_who_runs_it(table):
    table.client()
    policed(table).look(going_round(table))
    entries = audit.read(table.folder)
    assert {(one.by, one.run_by) for one in entries} == {("policy: pause on repetition", "ann (pts/1, pid 7)")}
    assert "policy: pause on repetition asked to pause " in "\n".join(audit_lines(entries))
    (told, *_) = audit_json(entries, [])["entries"]
    assert (told["by"], told["run_by"]) == ("policy: pause on repetition", "ann (pts/1, pid 7)")
    assert told["reason"] == "the same 12 times"


def test_a_person_is_named_as_the_actor(table):
    table.client()
    table.give(Verb.PAUSE)
    (entry, *_) = audit.read(table.folder)
    assert (entry.by, entry.run_by) == ("ann (pts/1)", "")


def test_a_dry_run_names_the_policy_and_holds_no_lane_in_a_recording(table):
    client = table.client()
    service = policed(table, dry_run=True)
    for ahead in (0.0, 1.0, AGAIN_S + 5):
        table.ahead = ahead
        service.look(going_round(table))
    entries = audit.read(table.folder)
    assert [(one.by, one.run_by, one.stage) for one in entries] == [
        ("policy: pause on repetition", "ann (pts/1, pid 7)", "dry run")
    ] * 2
    assert client.lane().id not in RecordedOrders(entries).control_at(entries[-1].at)


def test_a_refused_act_is_tried_again_after_the_waiting_time(table):
    client = table.client()
    service = policed(table)
    client.process.kill()
    client.process.wait()
    for ahead in (0.0, 3.0, AGAIN_S + 5, AGAIN_S + 9):
        table.ahead = ahead
        service.look(going_round(table))
    refused = [one for one in audit.read(table.folder) if one.stage == "refused"]
    assert len(refused) == 2
    assert {one.by for one in refused} == {"policy: pause on repetition"}
