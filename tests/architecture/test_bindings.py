"""The one table of keys is sound, and what it promises exists."""

from __future__ import annotations

from collections import Counter

from tests.screen.apps import Stage, at_rest
from tests.screen.replays import ReplayStage, utc
from tui.model.finding import Verb
from tui.screen.app import LanewatchApp
from tui.screen.bindings import (
    APP,
    CONVERSATION,
    FLEET,
    LANES,
    LIVE,
    PANEL,
    REPLAY,
    SCOPES,
    TYPED,
    VERBS,
    offered_keys,
    scopes,
)
from tui.screen.widgets.lane_table import LaneTable
from tui.screen.widgets.lines import LinesPanel


def keys_of(*tables):
    return [key for table in tables for row in table for key in row.keys.split(",")]


def test_ids_are_unique_and_described():
    rows = [row for table in SCOPES.values() for row in table]
    assert not [name for name, count in Counter(row.id for row in rows).items() if count > 1]
    assert all(row.description and row.keys for row in rows)


def test_no_key_means_two_things_where_it_holds():
    for screen in (LIVE, REPLAY):
        for table in (LANES, PANEL):
            doubled = [key for key, count in Counter(keys_of(APP, FLEET, screen, table)).items() if count > 1]
            assert not doubled


def test_the_verbs_have_the_keys_that_the_service_expects():
    keys = {row.id: row.keys for row in (*FLEET, *LIVE)}
    assert [keys[f"verb.{verb}"] for verb in ("pause", "resume", "redirect", "close")] == ["p", "r", "d", "c"]
    assert keys["lane.mark"] == "space"


def test_every_command_can_be_typed_by_a_name_of_its_own():
    for added in (LIVE, REPLAY):
        offered = list(offered_keys(keys for keys in scopes(added).values() if keys is not CONVERSATION))
        assert {key.id for key in VERBS} <= {key.id for key in offered}
        names = [*(key.name for key in offered), *(spec.name for spec in TYPED)]
        assert not [name for name, count in Counter(names).items() if count > 1]


async def test_a_click_on_a_hint_does_what_its_key_does():
    stage = Stage()
    async with stage.running() as pilot:
        line = stage.text().splitlines()[-1]
        await pilot.click(offset=(line.index("pause"), 39))
        await at_rest(pilot)
        assert [plan.verb for plan, *_ in stage.service.given] == [Verb.PAUSE]
        await pilot.click(offset=(line.index("quit"), 39))
        await pilot.pause()
        assert stage.app.return_code == 0


def test_every_action_exists_where_it_is_bound():
    homes = {id(APP): LanewatchApp, id(LANES): LaneTable, id(PANEL): LinesPanel}
    for table in (APP, LANES, PANEL):
        for row in table:
            assert hasattr(homes[id(table)], f"action_{row.action.split('(')[0]}"), row


async def test_every_command_exists_on_the_screen_whose_keys_name_it():
    for stage, added in ((Stage(), LIVE), (ReplayStage(utc("05:40:00")), REPLAY)):
        async with stage.app.run_test():
            assert {row.action for row in (*FLEET, *added)} <= stage.screen.commands.keys()


async def test_every_typed_command_is_carried_out_and_has_the_key_that_it_names():
    stage, replay = Stage(), ReplayStage(utc("05:40:00"))
    ids = {row.id for table in SCOPES.values() for row in table}
    async with replay.app.run_test():
        in_replay = set(replay.app.arguments)
    async with stage.app.run_test():
        assert {spec.name for spec in TYPED} == stage.app.arguments.keys() | in_replay
        assert {spec.key for spec in TYPED if spec.key} <= ids
