"""Pauses by several routes: the reported state is the real one, and one resume ends all pauses of a lane."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.control.clients import TOOL, Client, Table, answer
from tests.waiting import until
from tui.control.routes import gate_client as asking
from tui.control.routes.registry import Routes
from tui.control.routes.tmux import typing
from tui.control.routes.tmux.client import Pane
from tui.control.service import ControlService
from tui.model.control import Held, Order, RouteKind, Stage
from tui.model.finding import Verb
from tui.model.snapshot import Fleet


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    made = Table(tmp_path)
    yield made
    made.service.release_orders()
    made.close()


def by(table: Table, verb: Verb, route: RouteKind, service: ControlService | None = None) -> Order:
    service = service or table.service
    fleet = table.fleet
    (order,) = service.give(service.plans(verb, [fleet.lanes[0].id], fleet, route), fleet)
    return order


def is_stopped(client: Client) -> bool:
    return psutil.Process(client.process.pid).status() == psutil.STATUS_STOPPED


# -- frozen processes ---------------------------------------------------------------------------------


def test_a_freeze_takes_effect_and_is_ended_by_resume(table):
    client = table.client()
    paused = by(table, Verb.PAUSE, RouteKind.PROCESS)
    paused = table.reaches(paused, "took effect")
    assert is_stopped(client)
    assert table.look()[client.lane().id].held is Held.PAUSED
    resumed = by(table, Verb.RESUME, RouteKind.PROCESS)
    assert resumed.stage is Stage.EFFECTIVE
    assert not is_stopped(client)
    assert table.look()[client.lane().id].held is None


def test_a_lane_is_called_frozen_only_while_it_is_stopped(table):
    """Somebody else continues the process: then no lanewatch reports the lane as paused."""
    client = table.client()
    paused = table.reaches(by(table, Verb.PAUSE, RouteKind.PROCESS), "took effect")
    other = table.another("b")
    assert other.see(table.fleet)[client.lane().id].held is Held.PAUSED
    psutil.Process(client.process.pid).resume()
    assert other.see(table.fleet)[client.lane().id].held is None
    assert table.look()[client.lane().id].held is None
    assert "its processes run again" in table.order(paused).steps[-1].text


def test_a_freeze_ends_when_its_lanewatch_exits(table):
    client = table.client()
    paused = table.reaches(by(table, Verb.PAUSE, RouteKind.PROCESS), "took effect")
    table.service.release_orders()
    assert not is_stopped(client)
    assert table.order(paused).stage is Stage.WITHDRAWN
    assert "that froze its processes exits" in table.order(paused).steps[-1].text


def watchdogs() -> list[psutil.Process]:
    """The watchdogs that this process has started; children that have ended and were not waited for are left out."""
    found: list[psutil.Process] = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if "unfreeze_watchdog" in " ".join(child.cmdline()):
                found.append(child)
    return found


def test_a_freeze_ends_although_its_watchdog_was_killed(table):
    client = table.client()
    paused = table.reaches(by(table, Verb.PAUSE, RouteKind.PROCESS), "took effect")
    for watchdog in watchdogs():
        watchdog.kill()
        watchdog.wait()
    table.ahead = 119
    table.look()
    assert is_stopped(client)
    table.ahead = 125
    assert table.look()[client.lane().id].held is None
    assert not is_stopped(client)
    assert "two minutes are over" in table.order(paused).steps[-1].text


def test_a_command_that_exits_at_once_cannot_freeze(table):
    client = table.client()
    passing = table.other(stays=False)
    order = by(table, Verb.PAUSE, RouteKind.PROCESS, passing)
    assert order.stage is Stage.REFUSED
    assert "ends when the lanewatch that made it exits" in order.steps[-1].text
    assert order.route is RouteKind.PROCESS, "the route that was asked for by name"
    assert not is_stopped(client)


def test_another_lanewatch_can_end_a_freeze(table):
    client = table.client()
    table.reaches(by(table, Verb.PAUSE, RouteKind.PROCESS), "took effect")
    resumed = by(table, Verb.RESUME, RouteKind.PROCESS, table.another("b"))
    assert resumed.stage is Stage.EFFECTIVE, resumed
    assert not is_stopped(client)
    assert table.look()[client.lane().id].held is None


def test_a_close_ends_the_freeze_of_another_lanewatch(table):
    client = table.client()
    table.reaches(by(table, Verb.PAUSE, RouteKind.PROCESS), "took effect")
    fleet = table.fleet
    other = table.another("b")
    plans = other.plans(Verb.CLOSE, [fleet.lanes[0].id], fleet, RouteKind.GATE)
    (closed,) = other.give(plans, fleet, text="Stop here.")
    assert closed.stage is Stage.REQUESTED, closed
    assert not is_stopped(client)


# -- more than one pause ------------------------------------------------------------------------------


def test_one_resume_ends_every_pause(table):
    client = table.client()
    (paused,) = table.give(Verb.PAUSE)
    table.ahead = 11
    late = table.reaches(paused, "overdue")
    assert late.stronger == "freeze its processes, for two minutes at most"
    frozen = table.service.stronger(late.id, table.fleet)
    assert frozen is not None
    assert frozen.route is RouteKind.PROCESS
    table.reaches(frozen, "took effect")
    (resumed,) = table.give(Verb.RESUME)
    table.reaches(resumed, "took effect")
    assert not list((table.folder.path / "requests").iterdir())
    assert not is_stopped(client)
    assert client.ask("PreToolUse", **TOOL) == {}
    assert table.look()[client.lane().id].held is None
    assert {table.order(late).stage, table.order(frozen).stage} == {Stage.WITHDRAWN}


@pytest.mark.parametrize("route", [RouteKind.GATE, RouteKind.PROCESS])
def test_a_resume_by_any_route_ends_every_pause(table, route):
    client = table.client()
    (paused,) = table.give(Verb.PAUSE)
    hook = client.begin("PostToolBatch")
    table.reaches(paused, "took effect")
    resumed = by(table, Verb.RESUME, route)
    assert answer(hook) == {}
    table.reaches(resumed, "took effect")
    assert table.look()[client.lane().id].held is None


# -- panes --------------------------------------------------------------------------------------------


@pytest.fixture
def pane(table: Table, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The client's process is in a pane of a tmux that records its commands."""
    client = table.client()
    shown = Pane("%7", client.process.pid, "/dev/pts/99", "work", "0", server="nowhere")
    table.service = ControlService(table.folder, by="ann (pts/1)", routes=Routes(table.folder, lambda: [shown]))
    (table.folder.path / "sessions" / f"claude-{client.session}").unlink()
    monkeypatch.setattr("tui.control.routes.tmux.route.unreachable_reason", lambda *_: "")
    monkeypatch.setattr("tui.control.routes.tmux.route.takes_keys", lambda _: True)
    keys: list[str] = []
    aim = typing.Aim("nowhere", "%7", client.process.pid, "/dev/pts/99", client.process.pid, client.start)
    monkeypatch.setattr(typing, "aim_at", lambda *_: aim)
    monkeypatch.setattr(typing, "interrupt", lambda *_, **_named: keys.append("Escape"))
    monkeypatch.setattr(typing, "paste", lambda aim, text, settle: keys.append(text))
    return keys


def test_an_idle_lane_is_not_interrupted(table, pane):
    (client,) = table.clients
    client.busy = False
    (plan,) = table.service.plans(Verb.PAUSE, [client.lane().id], table.fleet)
    assert plan.refused == "between turns: nothing to interrupt, and nothing would hold its next prompt"
    client.busy = True
    busy = table.fleet
    plans = table.service.plans(Verb.PAUSE, [client.lane().id], busy)
    assert plans[0].route is RouteKind.TMUX
    client.busy = False
    (order,) = table.service.give(plans, table.fleet)
    assert order.stage is Stage.REFUSED, "its turn ended while the question was open"
    assert pane == []


def test_the_offered_step_is_the_step_that_is_taken(table, pane, monkeypatch):
    from tui.control.routes import signals

    (client,) = table.clients
    monkeypatch.setattr(signals, "terminal_of", lambda _: signals.Terminal(1, 1))
    (paused,) = table.give(Verb.PAUSE)
    table.ahead = 11
    assert table.reaches(paused, "overdue").stronger == "", "a client in a terminal is not frozen"
    assert table.service.stronger(paused.id, table.fleet) is None
    client.ask("SessionStart", "start", source="startup")
    (resumed,) = table.give(Verb.RESUME)
    table.look()
    assert resumed.stage is Stage.ACKNOWLEDGED
    table.ahead = 0
    until(lambda: table.look()[client.lane().id].held is None, "its end")
    (gated,) = table.give(Verb.PAUSE)
    assert gated.route is RouteKind.GATE
    table.ahead = 11
    late = table.reaches(gated, "overdue")
    assert late.stronger == "end its turn by Escape in its pane"
    pane.clear()
    harder = table.service.stronger(late.id, table.fleet)
    assert harder is not None
    assert (harder.route, pane) == (RouteKind.TMUX, ["Escape"])


def test_an_offered_step_stays_after_a_refusal(table, pane, monkeypatch):
    (client,) = table.clients
    client.ask("SessionStart", "start", source="startup")
    (paused,) = table.give(Verb.PAUSE)
    table.ahead = 11
    late = table.reaches(paused, "overdue")

    def refuse(*_: object, **_named: object) -> None:
        raise typing.TypingRefused("pane %7 is in copy mode")

    monkeypatch.setattr(typing, "interrupt", refuse)
    harder = table.service.stronger(late.id, table.fleet)
    assert harder is not None
    assert harder.stage is Stage.REFUSED
    assert table.order(late).stronger == late.stronger


def test_the_stronger_step_for_a_subagent_names_the_whole_session(table, pane):
    (client,) = table.clients
    client.ask("SessionStart", "start", source="startup")
    main = client.lane()
    child = replace(main, id=main.id + "/aaa", parent=main.id, depth=1, agent_id="aaa", process=None)  # type: ignore[arg-type]
    fleet = Fleet(at=time.time(), lanes=(main, child))
    (paused,) = table.service.give(table.service.plans(Verb.PAUSE, [child.id], fleet), fleet)
    table.service.look(replace(fleet, at=fleet.at + 11))
    late = next(one for one in table.service.orders() if one.id == paused.id)
    assert late.stronger == "end its turn by Escape in its pane (its whole session)"
    assert asking.requests_of(table.folder, asking.key_of("claude", client.session) or "")


# -- what a pause does not stop -----------------------------------------------------------------------


def test_commands_in_the_background_are_listed(table, tmp_path):
    """A pause holds the loop. Commands that the agent left running continue, and that is reported."""
    import subprocess

    client = table.client()
    client.process.kill()
    client.process.wait()
    # As the agents do: a command has a terminal session of its own, a helper does not.
    script = "setsid sh -c 'sleep 611; :' & sleep 612 & exec sleep 610"
    client.process = subprocess.Popen(["sh", "-c", script], stdin=subprocess.DEVNULL, start_new_session=True)
    client.started = psutil.Process(client.process.pid).create_time()
    below = until(
        lambda: [one for one in psutil.Process(client.process.pid).children(recursive=True) if one.name() == "sleep"]
        if len(psutil.Process(client.process.pid).children(recursive=True)) == 3 else None
    )  # fmt: skip
    try:
        client.ask("SessionStart", "start", source="startup")
        (paused,) = table.give(Verb.PAUSE)
        client.begin("PostToolBatch")
        done = table.reaches(paused, "took effect")
        assert done.steps[-1].text.endswith("tokens later); 1 command in the background continues (sleep)")
    finally:
        for process in below:  # type: ignore[union-attr]
            process.kill()
