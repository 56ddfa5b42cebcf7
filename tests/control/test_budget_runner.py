"""Budgets that pause: which lanes are held, until when, and what never goes on or stops by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.budget.test_standing import NOON, at
from tests.control.clients import Client, Table, answer
from tests.fleets import lane
from tests.waiting import until
from tui.budget.budget import Budget, Mode, budget
from tui.budget.standing import Standing
from tui.control import audit
from tui.control.audit import DRY_RUN
from tui.control.budget_runner import BudgetRunner, counts
from tui.control.routes.registry import Routes
from tui.control.service import ControlService
from tui.history.usage import By, Group
from tui.model.control import Held
from tui.model.finding import Verb


def of_web(tokens: int, size: str = "1M/day:pause", **changes: object) -> Standing:
    """The standing of a budget of the project of the lanes in these tests."""
    whole = budget(f"project:harbor={size}")
    return at(tokens, 0, 0, size="1M/day", now=NOON)._replace(
        **{"budget": whole, "group": Group("harbor"), "end": None, **changes}
    )


class Stage:
    """A service with a budget runner, over the clients of a table."""

    def __init__(self, table: Table, **options: object) -> None:
        self.table = table
        self.runner = BudgetRunner(**options)  # type: ignore[arg-type]
        self.service = ControlService(
            table.folder, by="ann (pts/1, pid 7)", routes=Routes(table.folder, list), policy=self.runner
        )

    def look(self, *standings: Standing, **changes: object):
        self.runner.note(standings)
        lanes = tuple(client.lane(project="harbor", **changes) for client in self.table.clients)
        return self.service.look(replace(self.table.fleet, lanes=lanes))

    def held(self, client: Client, *standings: Standing) -> Held | None:
        return self.look(*standings)[client.lane().id].held


def held_by_budget(table: Table):
    """A client, a stage on which its budget is used up, and its hook, which waits."""
    client = table.client()
    stage = Stage(table)
    stage.look(of_web(1_000_000))
    hook = client.begin("PostToolBatch")
    until(lambda: stage.held(client, of_web(1_000_000)) is Held.PAUSED, "the pause")
    return client, stage, hook


def orders(table: Table) -> list[tuple[str, str]]:
    return [(entry.verb, entry.by) for entry in audit.read(table.folder) if entry.stage == "requested"]


def test_a_lane_is_held_when_its_budget_is_used_up_and_goes_on_when_it_is_raised(table: Table):
    client = table.client()
    stage = Stage(table)
    stage.look(of_web(999_999))
    assert client.ask("PostToolBatch") == {}, "not used up yet"
    stage.look(of_web(1_000_000))
    hook = client.begin("PostToolBatch")
    until(lambda: stage.held(client, of_web(1_000_000)) is Held.PAUSED, "the pause")
    assert orders(table) == [("pause", "budget: harbor, today")]
    [entry] = [entry for entry in audit.read(table.folder) if entry.stage == "requested"]
    assert entry.reason == "harbor, today: the budget is used up, 1.00M of 1.00M tokens"
    stage.look(of_web(1_000_000, "3M/day:pause"))
    assert answer(hook) == {}, "it goes on with nothing lost"
    assert stage.held(client, of_web(1_000_000, "3M/day:pause")) is None
    stage.look(of_web(3_000_000, "3M/day:pause"))
    assert orders(table)[-1] == ("pause", "budget: harbor, today"), "the raised budget holds it again"


def test_a_lane_that_a_person_resumed_goes_on_until_the_next_period(table: Table):
    client, stage, hook = held_by_budget(table)
    table.give(Verb.RESUME, service=stage.service)
    assert answer(hook) == {}
    for tokens in (1_100_000, 2_000_000):
        assert stage.held(client, of_web(tokens)) is None
    assert [verb for verb, _ in orders(table)].count("pause") == 1
    stage.look(of_web(1_000_000, start=NOON + 43_200))
    assert [verb for verb, _ in orders(table)].count("pause") == 2, "the next day"


def test_a_new_period_lets_nothing_go_by_itself(table: Table):
    client, stage, _ = held_by_budget(table)
    assert stage.held(client, of_web(5, start=NOON + 43_200)) is Held.PAUSED
    assert stage.held(client) is Held.PAUSED, "nor a budget that is gone or was not read"


def test_another_lanewatch_holds_no_lane_a_second_time_and_can_let_it_go(table: Table):
    client = table.client()
    first = Stage(table)
    first.look(of_web(1_000_000))
    hook = client.begin("PostToolBatch")
    until(lambda: first.held(client, of_web(1_000_000)) is Held.PAUSED, "the pause")
    after_kill = Stage(table)
    after_kill.service.store.me = (1, "another")
    assert after_kill.held(client, of_web(1_200_000)) is Held.PAUSED
    assert [verb for verb, _ in orders(table)] == ["pause"]
    after_kill.look(of_web(1_200_000, "2M/day:pause"))
    assert answer(hook) == {}


@pytest.mark.parametrize("size", ["1M/day", "1M/week"])
def test_a_budget_that_only_notifies_holds_nothing(table: Table, size: str):
    client = table.client()
    stage = Stage(table)
    stage.look(of_web(2_000_000, size))
    assert client.ask("PostToolBatch") == {}
    assert orders(table) == []


def test_what_was_held_yesterday_goes_on_when_the_budget_is_raised_today(table: Table):
    client, stage, hook = held_by_budget(table)
    dry = Stage(table, dry_run=True)
    assert dry.held(client, of_web(10, "9M/day:pause", start=NOON + 43_200)) is Held.PAUSED, "a dry run lets nothing go"
    stage.look(of_web(10, "9M/day:pause", start=NOON + 43_200))
    assert answer(hook) == {}


def test_a_standing_of_a_period_that_is_over_holds_nothing(table: Table):
    table.client()
    stage = Stage(table)
    stage.look(of_web(1_000_000, end=table.fleet.at - 1))
    assert orders(table) == []
    stage.look(of_web(1_000_000, end=table.fleet.at + 60))
    assert len(orders(table)) == 1


def test_a_second_budget_holds_a_lane_that_a_person_resumed_from_the_first(table: Table):
    client = table.client()
    stage = Stage(table)
    first = at(1_000_000, 0, 0, size="1M/day:pause", now=NOON)._replace(end=None)
    stage.look(first)
    hook = client.begin("PostToolBatch")
    until(lambda: stage.held(client, first) is Held.PAUSED, "the pause")
    table.give(Verb.RESUME, service=stage.service)
    assert answer(hook) == {}
    assert stage.held(client, first) is None
    stage.look(first, of_web(2_000_000))
    assert orders(table)[-1] == ("pause", "budget: harbor, today")


def test_orders_of_budgets_are_kept_for_longer_than_a_week(table: Table):
    _, stage, hook = held_by_budget(table)
    table.give(Verb.RESUME, service=stage.service)
    assert answer(hook) == {}
    stage.look()
    stage.service.tidy(table.fleet.at + 30 * 86_400)
    stage.look(of_web(2_000_000))
    assert [verb for verb, _ in orders(table)].count("pause") == 1


def test_what_is_not_meant_is_not_held(table: Table):
    client = table.client()
    stage = Stage(table, spare=["harbor"])
    stage.look(of_web(2_000_000))
    assert client.ask("PostToolBatch") == {}
    other = Stage(table)
    other.runner.note([of_web(2_000_000)])
    other.service.look(replace(table.fleet, lanes=(client.lane(project="elsewhere"),)))
    other.look(of_web(2_000_000), busy=False)
    assert orders(table) == []


def test_a_dry_run_only_writes_down_once(table: Table):
    client = table.client()
    stage = Stage(table, dry_run=True)
    for _ in range(3):
        stage.look(of_web(1_000_000))
    assert client.ask("PostToolBatch") == {}
    assert [entry.stage for entry in audit.read(table.folder)] == [DRY_RUN]


def test_a_refused_pause_is_written_down_once(table: Table):
    table.client().end()
    stage = Stage(table)
    for _ in range(3):
        stage.look(of_web(1_000_000), process=None, session="00000000-0000-4000-8000-000000000000")
    assert [entry.stage for entry in audit.read(table.folder)] == ["refused"]


def test_a_subagent_of_a_held_session_gets_no_order_of_its_own(table: Table):
    client = table.client()
    stage = Stage(table)
    main = client.lane(project="harbor")
    child = replace(main, id=main.id + "/a1", parent=main.id, agent_id="a1")
    stage.runner.note([of_web(1_000_000)])
    stage.service.look(replace(table.fleet, lanes=(main, child)))
    assert [entry.lane for entry in audit.read(table.folder) if entry.stage == "requested"] == [main.id]


def test_a_subagent_of_a_session_that_a_person_resumed_is_left_alone_too(table: Table):
    client, stage, hook = held_by_budget(table)
    table.give(Verb.RESUME, service=stage.service)
    assert answer(hook) == {}
    main = client.lane(project="harbor")
    child = replace(main, id=main.id + "/a1", parent=main.id, agent_id="a1")
    stage.runner.note([of_web(2_000_000)])
    stage.service.look(replace(table.fleet, lanes=(main, child)))
    assert [verb for verb, _ in orders(table)].count("pause") == 1


def test_whose_use_counts():
    one = lane("x", project="harbor", session="s1", model="opus")
    whole = at(1, 0, 0)
    assert counts(whole, one)

    def owned(by: By, group: Group) -> Standing:
        return whole._replace(budget=Budget(whole.budget.limit, budget(f"{by.value}:*=1").owner), group=group)

    assert counts(owned(By.PROJECT, Group("harbor")), one)
    assert not counts(owned(By.PROJECT, Group("web")), one)
    assert counts(owned(By.AGENT, Group(one.agent)), one)
    assert counts(owned(By.MODEL, Group("opus")), one)
    assert not counts(owned(By.MODEL, Group(None)), replace(one, model=None))
    assert counts(owned(By.LANE, Group("title", ("claude", "s1", None))), one)
    assert not counts(owned(By.LANE, Group("title", ("claude", "s1", "a1"))), one)
    assert counts(owned(By.LANE, Group("title", ("claude", "s1", "a1"))), replace(one, agent_id="a1"))
    assert not counts(owned(By.LANE, Group("title", ("claude", "s2", None))), one)
    assert counts(owned(By.LANE, Group("title", ("codex", "s1", None))), replace(one, agent_id="s1"))


def test_the_mode_is_read_and_a_budget_that_moves_with_the_time_cannot_pause():
    assert budget("5M/week:pause").mode is Mode.PAUSE
    with pytest.raises(ValueError, match="of the last 5h cannot pause lanes"):
        budget("5M/5h:pause")
    with pytest.raises(ValueError, match='there is no mode "stop"'):
        budget("5M/day:stop")
