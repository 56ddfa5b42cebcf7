"""Orders that outlive the lanewatch that gave them: who continues them, who only looks, what is left to a person."""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.control.clients import READ_ONLY, Client, Table, answer
from tests.waiting import until
from tui.control import audit
from tui.control.bounds import Bounds
from tui.control.routes import gate_client as asking
from tui.control.service import ControlService
from tui.model.control import Held, Order, Stage
from tui.model.finding import Verb


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    made = Table(tmp_path, bounds=Bounds(within_s=5))
    yield made
    made.close()


def order_of(service: ControlService, order: Order) -> Order:
    return next(one for one in service.store.all() if one.id == order.id)


def told_to_close(table: Table) -> tuple[Client, Order]:
    client = table.client()
    (closed,) = table.give(Verb.CLOSE, text="Stop here.")
    client.ask("PostToolBatch")
    return client, table.reaches(closed, "acknowledged")


def test_an_order_can_be_taken_over_many_times(table):
    client = table.client()
    (paused,) = table.give(Verb.PAUSE)
    client.begin("PostToolBatch")
    table.reaches(paused, "took effect")
    table.service.release_orders()
    for name in ("b", "c", "d"):
        after = table.another(name, bounds=Bounds(within_s=5))
        table.look(after)
        assert order_of(after, paused).owner == (os.getpid(), name)
        after.release_orders()


def test_only_one_of_two_takes_over_an_order(table):
    table.client()
    (paused,) = table.give(Verb.PAUSE)
    table.service.release_orders()
    one, other = table.another("b", bounds=Bounds(within_s=5)), table.another("c", bounds=Bounds(within_s=5))
    seen = order_of(other, paused)
    table.look(one)
    assert other.store.take_over(seen) is None
    assert order_of(other, paused).owner == (os.getpid(), "b")


@pytest.mark.parametrize("killed", [False, True])
def test_a_close_that_nobody_drove_for_hours_is_left_to_a_person(table, killed):
    client, closed = told_to_close(table)
    if killed:
        left = replace(order_of(table.service, closed), owner=(4_194_300, "123"))
        table.service.store.keep(left)
    else:
        table.service.release_orders()
    after = table.another("b", bounds=Bounds(within_s=5))
    table.ahead = 6 * 3600.0
    for _ in range(5):
        control = table.look(after)[client.lane().id]
        table.ahead += 20
    assert client.process.poll() is None
    order = order_of(after, closed)
    assert (order.stage, control.held) == (Stage.OVERDUE, Held.CLOSING)
    assert "a person decides" in order.steps[-1].text
    assert order.stronger == "stop its loop, and end it step by step"
    after.stronger(order.id, table.fleet)
    assert "its loop is stopped" in order_of(after, closed).steps[-1].text


def test_a_close_that_waits_for_a_person_can_be_dropped(table):
    _, closed = told_to_close(table)
    table.service.release_orders()
    after = table.another("b", bounds=Bounds(within_s=5))
    table.ahead = 6 * 3600.0
    table.look(after)
    dropped = after.undo(closed.id, table.fleet)
    assert dropped is not None
    assert dropped.stage is Stage.WITHDRAWN
    assert not list((table.folder.path / "requests").iterdir())


def test_a_read_only_look_writes_nothing_and_takes_no_step(table):
    """A read-only look as `--dry-run` and `lanes` do it: an order of another lanewatch stays unchanged."""
    client, _ = told_to_close(table)
    table.service.release_orders()
    table.ahead = 20
    before = {path: path.read_bytes() for path in table.folder.path.rglob("*") if path.is_file()}
    for _ in range(2):
        assert table.another("b", bounds=Bounds(within_s=5)).see(table.fleet)[client.lane().id].held is Held.CLOSING
    assert before == {path: path.read_bytes() for path in table.folder.path.rglob("*") if path.is_file()}
    assert client.process.poll() is None


def test_a_read_only_screen_shows_the_end_of_a_pause_that_nobody_drives(table):
    client = table.client()
    (paused,) = table.give(Verb.PAUSE, until=time.time() + 0.8)
    hook = client.begin("PostToolBatch")
    table.reaches(paused, "took effect")
    table.service.release_orders()
    looking = table.other(permissions=READ_ONLY)
    assert table.look(looking)[client.lane().id].held is Held.PAUSED
    assert answer(hook) == {}
    assert table.look(looking)[client.lane().id].held is None
    (again,) = table.other().plans(Verb.PAUSE, [client.lane().id], table.fleet)
    assert not again.refused
    assert order_of(looking, paused).is_open, "a read-only lanewatch writes nothing"


def test_a_text_that_a_gate_has_taken_does_not_expire(table):
    client = table.client()
    (told,) = table.give(Verb.REDIRECT, text="Look left.")
    key = asking.key_of("claude", client.session)
    (table.folder.path / "taken" / told.id).touch()
    (table.folder.path / "requests" / key / f"{told.id}.json").unlink()
    table.ahead = 3
    table.look()
    assert table.order(told).stage is Stage.REQUESTED
    table.ahead = 31
    table.look()
    assert "a gate has taken it" in table.order(told).steps[-1].text


def test_all_files_of_an_old_order_are_removed(table):
    table.client()
    (paused,) = table.give(Verb.PAUSE)
    table.service.release_orders()
    after = table.another("b", bounds=Bounds(within_s=5))
    table.look(after)
    after.undo(paused.id, table.fleet)
    for name in (f"acks/{paused.id}.log", f"taken/{paused.id}", f"taken/{paused.id}.left.2"):
        (table.folder.path / name).touch()
    after.tidy(time.time() + 8 * 86_400)
    left = [path.name for path in table.folder.path.rglob("*") if path.name.startswith(paused.id)]
    assert left == []


def test_a_close_is_refused_if_the_pause_cannot_be_lifted(table, monkeypatch):
    client = table.client()
    (paused,) = table.give(Verb.PAUSE)
    from tui.control.refused import Refused
    from tui.control.verbs.pause import Pause

    def refuse(*_: object) -> None:
        raise Refused("nobody can let it go on")

    monkeypatch.setattr(Pause, "check_release", refuse)
    (closed,) = table.give(Verb.CLOSE, text="Stop here.")
    assert closed.stage is Stage.REFUSED
    assert [one.id for one in asking.requests_of(table.folder, asking.key_of("claude", client.session))] == [paused.id]


def test_a_requested_close_is_reported_although_its_pause_stands(table, monkeypatch):
    client = table.client()
    table.give(Verb.PAUSE)
    from tui.control.refused import Refused
    from tui.control.verbs.pause import Pause

    def refuse(*_: object) -> None:
        raise Refused("it was frozen a moment ago")

    monkeypatch.setattr(Pause, "released", refuse)
    (closed,) = table.give(Verb.CLOSE, text="Stop here.")
    assert closed.stage is Stage.REQUESTED
    assert "its pause stands: it was frozen a moment ago" in closed.steps[-1].text
    requests = asking.requests_of(table.folder, asking.key_of("claude", client.session))
    assert closed.id in [one.id for one in requests]
    assert audit.problems(table.folder) == []


def test_a_text_that_a_gate_takes_before_the_wake_is_not_refused(table, monkeypatch):
    client = table.client()
    client.busy = False
    waiter = client.begin("Stop", "wait")
    until(lambda: asking.has_waiting_hook(table.folder, asking.key_of("claude", client.session) or ""), "the waiter")
    time.sleep(0.1)
    from tui.control import text_delivery

    def taken_meanwhile(folder, key):
        assert "Look left." in str(client.ask("UserPromptSubmit", prompt="go on"))
        return False

    monkeypatch.setattr(text_delivery, "wake", taken_meanwhile)
    (told,) = table.give(Verb.REDIRECT, text="Look left.")
    assert told.stage is Stage.REQUESTED
    assert waiter.poll() is None


# -- killed between the deed and the note of it -------------------------------------------------------


class Killed(BaseException):
    """Simulates `kill -9` of a lanewatch."""


def left_by_a_killed_one(table: Table, monkeypatch, verb: Verb, target: str, *, after: bool, **words: object) -> Order:
    """An order whose lanewatch was killed before or after it called `target` (module and function)."""
    module, name = importlib.import_module(target.rpartition(".")[0]), target.rpartition(".")[2]
    real = getattr(module, name)

    def deadly(*args: object, **kwargs: object) -> None:
        if after:
            real(*args, **kwargs)
        raise Killed

    known = {order.id for order in table.service.store.all()}
    with monkeypatch.context() as patch:
        patch.setattr(module, name, deadly)
        with pytest.raises(Killed):
            table.give(verb, **words)
    (order,) = [one for one in table.service.store.all() if one.id not in known]
    order = replace(order, owner=(4_194_300, "123"))
    table.service.store.keep(order)
    return order


def test_a_pause_is_shown_correctly_after_its_lanewatch_was_killed(table, monkeypatch):
    client = table.client()
    paused = left_by_a_killed_one(
        table, monkeypatch, Verb.PAUSE, "tui.control.routes.gate_client.put_request", after=True
    )
    client.begin("PostToolBatch")
    after = table.another("b")
    until(lambda: after.see(table.fleet)[client.lane().id].held is Held.PAUSED, "what only looks sees it paused")
    until(lambda: table.look(after)[client.lane().id].held is Held.PAUSED, "the pause, told")
    assert "paused before its next model call" in order_of(after, paused).steps[-1].text


def test_a_pause_without_a_request_is_dropped(table, monkeypatch):
    client = table.client()
    paused = left_by_a_killed_one(
        table, monkeypatch, Verb.PAUSE, "tui.control.routes.gate_client.put_request", after=False
    )
    after = table.another("b")
    client.busy = False
    table.ahead = 3
    assert table.look(after)[client.lane().id].held is None
    assert order_of(after, paused).stage is Stage.WITHDRAWN


def test_a_close_continues_after_its_lanewatch_was_killed(table, monkeypatch):
    client = table.client()
    put = "tui.control.text_delivery.put_request"
    closed = left_by_a_killed_one(table, monkeypatch, Verb.CLOSE, put, after=True, text="Stop here.")
    after = table.another("b", bounds=Bounds(within_s=5))
    table.look(after)
    client.ask("PostToolBatch")
    table.look(after)
    assert "the gate gave it" in order_of(after, closed).steps[-1].text
    client.ask("Stop", last_assistant_message="Done.")
    table.look(after)
    assert order_of(after, closed).phase == "leaving"


def test_a_close_without_a_request_is_dropped(table, monkeypatch):
    client = table.client()
    put = "tui.control.text_delivery.put_request"
    closed = left_by_a_killed_one(table, monkeypatch, Verb.CLOSE, put, after=False, text="Stop here.")
    after = table.another("b", bounds=Bounds(within_s=5))
    table.ahead = 3
    assert after.see(table.fleet)[client.lane().id].held is None
    assert table.look(after)[client.lane().id].held is None
    assert order_of(after, closed).stage is Stage.EXPIRED


@pytest.mark.parametrize("after", [False, True])
def test_a_resume_continues_after_its_lanewatch_was_killed(table, monkeypatch, after):
    client = table.client()
    (paused,) = table.give(Verb.PAUSE)
    hook = client.begin("PostToolBatch")
    table.reaches(paused, "took effect")
    table.service.release_orders()
    take_back = "tui.control.routes.gate_client.take_back"
    resumed = left_by_a_killed_one(table, monkeypatch, Verb.RESUME, take_back, after=after)
    other = table.another("b")
    until(lambda: table.look(other) and order_of(other, resumed).stage is Stage.EFFECTIVE, "the resume")
    assert answer(hook) == {}
    assert table.look(other)[client.lane().id].held is None
