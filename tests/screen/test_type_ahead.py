"""Keys that come in one piece: what one key opens gets those that follow, and none is a command of the screen behind."""

from __future__ import annotations

import threading

import pytest
from textual import events
from textual.widgets import Input, TextArea

from tests.findings import circling
from tests.fleets import harbor
from tests.screen.apps import Stage, at_rest
from tests.screen.fake_service import FakeService
from tests.screen.test_answer import COMMAND, stage_of
from tui.control.verbs.registry import all_verbs
from tui.screen.answer import AnswerScreen
from tui.screen.confirm import ARMED_AFTER_S, ConfirmScreen
from tui.screen.editor import EditorScreen
from tui.screen.page import PageScreen

NAMES = {
    " ": "space", "/": "slash", ":": "colon", "?": "question_mark", "@": "at", "+": "plus", ".": "full_stop", "*": "asterisk"
}  # fmt: skip
COMMANDS = "xqTSpcdut"
"""Letters that are commands on the screen of the lanes. `q` would end the app."""


async def burst(pilot, *parts: str) -> None:
    """Sends all keys at once, as a terminal that passes on a paste: names of keys, or texts with a `=` before them."""
    for part in parts:
        for key in part[1:] if part.startswith("=") and len(part) > 1 else [part]:
            char = key if len(key) == 1 else None
            pilot.app.post_message(events.Key(NAMES.get(key, key), char))
    await at_rest(pilot)


async def test_inputs_get_the_text_that_is_typed_behind_their_key():
    stage = Stage(circling())
    async with stage.running() as pilot:
        await burst(pilot, "/", "=quay q", "enter", "j")
        assert stage.screen.rows.filter.text == "quay q"
        await burst(pilot, "escape")
        await burst(pilot, ":", "=sort cost", "enter", "V", "=night shift", "enter")
        assert stage.screen.rows.sort.name == "cost"
        assert stage.screen.views.names == ("night shift",)
        await burst(pilot, "?", "/", "=gate", "enter")
        assert isinstance(pilot.app.screen, PageScreen)
        assert pilot.app.screen.query_one(Input).value == "gate"
        await burst(pilot, "escape", "escape", "f", "m", "=x quits", "enter", "T")
        (muted,) = [entry for entry in stage.app.findings.entries if entry.mute is not None]
        assert muted.mute.reason == "x quits"
        assert stage.text().splitlines()[-1].startswith(" :theme ")
        await burst(pilot, "escape")
        pilot.app.post_message(events.Key("slash", "/"))
        pilot.app.post_message(events.Paste("pier 4"))
        await at_rest(pilot)
        assert stage.screen.rows.filter.text == "pier 4"


@pytest.mark.parametrize(
    "spec", [spec for spec in all_verbs() if not spec.is_for_one_request], ids=lambda spec: spec.verb
)
async def test_dialogs_of_verbs_get_what_is_typed_behind_their_key(spec):
    """However long they are prepared. A verb without a text has a question for sure if several lanes are marked."""
    stage = Stage()
    gone_on = threading.Event()
    stage.service.before_plans = lambda: gone_on.wait(10) and None
    async with stage.running() as pilot:
        key = spec.key.keys.split(",")[0]
        keys = (key, f"={COMMANDS}", "ctrl+s", "o") if spec.takes_text else (" ", " ", key, f"={COMMANDS}")
        for part in keys:
            for one in part[1:] if part.startswith("=") else [part]:
                pilot.app.post_message(events.Key(NAMES.get(one, one), one if len(one) == 1 else None))
        await pilot.pause()
        gone_on.set()
        await at_rest(pilot)
        assert isinstance(pilot.app.screen, ConfirmScreen)
        assert not stage.service.given
        stage.now += ARMED_AFTER_S + 0.01
        await burst(pilot, "enter", "j")
        assert [plan.verb for plan, *_ in stage.service.given] == [spec.verb] * (1 if spec.takes_text else 2)
        assert not spec.takes_text or COMMANDS in stage.service.given[0][1]


async def test_the_answer_of_a_request_gets_what_is_typed_behind_its_key():
    stage = stage_of(COMMAND)
    async with stage.running() as pilot:
        await burst(pilot, "A", "enter", f"={COMMANDS}", "down")
        assert isinstance(pilot.app.screen, AnswerScreen)
        assert not stage.service.given
        stage.now += ARMED_AFTER_S + 0.01
        await burst(pilot, "enter")
        assert stage.service.options == [{"request": "n1", "hash": "h1", "allow": "true"}]


async def test_what_was_typed_for_a_dialog_that_does_not_open_is_dropped():
    fleet = harbor()
    stage = Stage(fleet, service=FakeService(refused={lane.id: "already ended" for lane in fleet.lanes}))
    async with stage.running() as pilot:
        cursor = stage.screen.table.cursor
        for key in ("d", "c", "A"):
            await burst(pilot, key, f"={COMMANDS}")
            assert "refused: " in stage.text()
        stage.screen.table.move_to(next(lane.id for lane in fleet.lanes if not lane.findings))
        await burst(pilot, "m", f"={COMMANDS}")
        assert "nothing to mute here" in stage.text()
        assert pilot.app.screen is stage.screen
        stage.screen.table.move_to(cursor)
        assert not stage.service.given
        await burst(pilot, "j")
        assert stage.screen.table.cursor != cursor, "a key is a key again"


async def test_interrupt_is_heard_while_a_dialog_is_prepared():
    stage = Stage()
    gone_on = threading.Event()
    stage.service.before_plans = lambda: gone_on.wait(10) and None
    async with stage.running() as pilot:
        try:
            await burst(pilot, "d", "=stop that", "ctrl+c")
            assert "quits" in stage.text()
        finally:
            gone_on.set()
        await at_rest(pilot)
        assert isinstance(pilot.app.screen, EditorScreen)
        assert "stop that" not in pilot.app.screen.query_one(TextArea).text


async def test_the_keys_of_a_screen_that_has_been_closed_go_to_the_one_below():
    stage = Stage()
    async with stage.running() as pilot:
        before = stage.screen.table.cursor
        await burst(pilot, "?", "escape", "x", "q", "e", "escape", ":", "escape", "j")
        assert pilot.app.screen is stage.screen
        assert stage.screen.table.cursor != before
        await burst(pilot, *["j", "k"] * 20)  # nothing is left that would keep keys back
        assert stage.screen.table.cursor != before
