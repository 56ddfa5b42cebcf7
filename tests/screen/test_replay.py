"""A replay on the screen: keys move in time, the screen shows that time, and no verb can be used on a lane."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from functools import partial

import pytest

from tests.screen.apps import at_rest, text_of
from tests.screen.replays import ReplayStage, loop, utc
from tui.config.keys import KeyOverride
from tui.control.audit import AuditRecord
from tui.model.control import Stage as Reached
from tui.model.snapshot import LaneState
from tui.replay.what_if import Saved
from tui.screen.bindings import APP, FLEET, LIVE, NOT_IN_REPLAY, REPLAY, Key
from tui.screen.conversation import ConversationScreen
from tui.screen.keymap import KeyTable
from tui.screen.playback import LONGEST_S, SILENCE_S, Playback

STOP_AT = utc("05:58:30")


async def test_the_screen_shows_the_time_of_the_replay():
    stage = ReplayStage(utc("05:40:00"))
    async with stage.app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot)
        text = text_of(stage.app)
        assert "2026-05-09 05:40:00" in text
        assert "7m24 of 6h05" in text
        assert "replay of loop" in text


async def test_next_and_previous_finding_move_in_time():
    stage = ReplayStage(utc("05:40:00"))
    async with stage.app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot)
        seen = []
        for _ in range(2):
            await pilot.press("n")
            await at_rest(pilot)
            seen.append(stage.playback.at)
        assert seen == sorted(seen)
        assert int(seen[-1]) == int(STOP_AT)
        assert "the same work for 4 prompts that differ only in a name" in text_of(stage.app)
        assert stage.screen.selected is not None
        await pilot.press("N")
        await at_rest(pilot)
        assert stage.playback.at == seen[0]


KEYS = [
    key
    for table in (APP, FLEET, LIVE, REPLAY)
    for key in table
    if key.id not in ("app.quit", "app.back", "app.mouse", "app.cost") and (table is not LIVE or key in NOT_IN_REPLAY)
]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.id)
async def test_every_key_acts_or_says_why_not(key: Key):
    stage = ReplayStage(utc("06:40:00"))
    async with stage.app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot)
        stage.screen.tell(None)
        before = (text_of(stage.app), stage.app.focused)
        await pilot.press(key.keys.split(",")[0])
        await at_rest(pilot)
        assert (text_of(stage.app), stage.app.focused) != before
        if key in LIVE:
            assert "recording" in str(stage.screen.notice) or "replay" in str(stage.screen.notice)


async def test_a_key_of_the_replay_comes_before_one_that_cannot_act():
    keys = KeyTable({"replay.faster": KeyOverride(("t",), "c.toml", 1, "replay.faster")})
    stage = ReplayStage(utc("06:40:00"), keys=keys)
    async with stage.app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot)
        await pilot.press("t")
        await at_rest(pilot)
        assert "speed" in str(stage.screen.notice)


async def test_the_search_finds_what_was_said_up_to_the_moment():
    stage = ReplayStage(utc("06:40:00"))
    async with stage.app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot)
        await pilot.press("ctrl+f", *"envelope")
        await until(pilot, lambda: bool(stage.app.screen.hits))
        assert "search in the recording up to 06:40:00 UTC" in text_of(stage.app)
        shown = stage.app.screen.hits
        assert max(hit.at for hit in shown) <= stage.playback.at
        await pilot.press("down", "up", "enter")
        await until(pilot, lambda: isinstance(stage.app.screen, ConversationScreen))


async def test_a_tick_that_comes_when_the_screens_are_closed_draws_nothing():
    stage = ReplayStage(utc("05:40:00"))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
    assert not stage.app.screen_stack
    stage.app.news()


async def test_a_verb_shows_what_it_could_have_done_and_gives_no_order():
    stage = ReplayStage(STOP_AT + 1)
    async with stage.app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot)
        stage.screen.table.move_to(next(lane.id for lane in stage.playback.whole().lanes if lane.agent == "codex"))
        for key, words in (("p", "paused before its next tool"), ("c", "asked for its closing summary")):
            await pilot.press(key)
            await at_rest(pilot)
            text = text_of(stage.app)
            assert words in text
            assert "937M tokens, 79% of the whole run" in text
            assert "it is no promise of a saving" in text
            await pilot.press("escape")


async def test_at_the_end_a_verb_could_save_nothing():
    stage = ReplayStage(utc("11:38:15"))
    async with stage.app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot)
        await pilot.press("p")
        await at_rest(pilot)
        assert "0 tokens, 0% of the whole run" in text_of(stage.app)


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("@06:00", "06:00:00"),
        ("@+10m", "05:50:00"),
        ("@s120", "08:00:23"),
        ("@100%", "11:38:15"),
        (":at 06:00", "06:00:00"),
    ],
)
async def test_a_typed_time_moves_the_replay(typed, moment):
    stage = ReplayStage(utc("05:40:00"))
    async with stage.app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot)
        await pilot.press(*("space" if sign == " " else sign for sign in typed), "enter")
        await at_rest(pilot)
        assert f"2026-05-09 {moment}" in text_of(stage.app)
        assert stage.screen.table.has_focus


async def test_an_invalid_time_gives_a_notice_and_can_be_corrected():
    stage = ReplayStage(utc("05:40:00"))
    async with stage.app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot)
        await pilot.press("@", *"soon", "enter")
        await at_rest(pilot)
        assert "soon: neither a time" in text_of(stage.app)
        assert stage.playback.at == utc("05:40:00")
        await pilot.press("escape")
        await at_rest(pilot)
        assert stage.screen.table.has_focus


async def test_steps_pause_the_replay_and_leaps_do_not():
    stage = ReplayStage(utc("05:40:00"))
    async with stage.app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot)
        before = stage.playback.at
        await pilot.press("full_stop")
        assert stage.playback.at > before
        await pilot.press("comma", "comma")
        assert stage.playback.at < before
        await pilot.press("greater_than_sign")
        await at_rest(pilot)
        assert "begins: S" in text_of(stage.app)
        await pilot.press("less_than_sign", "right_curly_bracket")
        await pilot.press("dollar_sign")
        assert stage.playback.at == loop().last
        await pilot.press("circumflex_accent")
        assert stage.playback.at == loop().recording.start


async def test_a_click_on_the_scrubber_moves_the_replay():
    stage = ReplayStage(utc("05:40:00"))
    async with stage.app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot)
        await pilot.click("#scrubber", offset=(70, 0))
        await at_rest(pilot)
        share = (stage.playback.at - utc("05:32:36")) / (utc("11:38:15") - utc("05:32:36"))
        assert share == pytest.approx(0.5, abs=0.01)


async def test_orders_of_the_operator_are_shown_in_the_replay():
    log = [
        AuditRecord(STOP_AT + at, "ann", "pause", "claude:7d574def", "a", stage.value, "gate", words, "", "")
        for at, stage, words in (
            (60, Reached.REQUESTED, "asked"),
            (62, Reached.EFFECTIVE, "paused before its next tool"),
        )
    ]
    stage = ReplayStage(STOP_AT + 120, journal=log)
    async with stage.app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot)
        lane = next(lane for lane in stage.playback.snapshot().lanes if lane.id == "claude:7d574def")
        assert lane.state is LaneState.PAUSED
        assert "paused before its next tool" in text_of(stage.app)
        await pilot.press("a")
        await at_rest(pilot)
        assert "asked to pause" in text_of(stage.app)
        await pilot.press("escape")
        stage.playback.go_to(STOP_AT)
        stage.app.draw()
        assert {lane.state for lane in stage.playback.snapshot().lanes} <= {LaneState.WORKING, LaneState.WAITING}


# -- the pace, without a screen -------------------------------------------------------------------


def playback(**options) -> Playback:
    made = Playback(loop(), **options)
    made.is_open = True
    made.go_to(utc("05:40:00"))
    return made


def test_a_replay_plays_at_its_speed_and_pauses():
    play = playback(speed=60.0)
    assert play.advance(0.1)
    assert play.at == pytest.approx(utc("05:40:06"))
    play.toggle()
    assert not play.advance(LONGEST_S)
    assert play.at == pytest.approx(utc("05:40:06"))


def test_faster_and_slower_stop_at_the_last_speed():
    play = playback(speed=60.0)
    for _ in range(20):
        play.change_speed(1)
    assert math.isinf(play.speed)
    assert play.advance(0.05)
    assert play.at == loop().last
    assert not play.playing
    play.toggle()
    assert play.at == loop().recording.start
    for _ in range(20):
        play.change_speed(-1)
    assert play.speed == 1.0


def test_only_the_requested_part_is_shown():
    play = playback(speed=math.inf, first=utc("06:00:00"), last=utc("07:00:00"))
    play.go_to(utc("05:00:00"))
    assert play.at == utc("06:00:00")
    assert play.shown[0] == utc("06:00:00")
    play.advance(0.05)
    assert play.at == utc("07:00:00")
    assert not play.playing
    play.go_to(utc("09:00:00"))
    assert play.at == utc("07:00:00")


def test_silence_is_skipped_with_a_notice(monkeypatch):
    play = playback(speed=1.0)
    monkeypatch.setattr(type(play.player), "next_event", lambda _: play.at + SILENCE_S + 100)
    before = play.at
    assert play.advance(0.1)
    assert play.at == pytest.approx(before + SILENCE_S + 98)
    assert play.skipped_s == pytest.approx(SILENCE_S + 98)


async def test_what_if_pauses_the_replay_and_answers_for_finding_and_policy():
    stage = ReplayStage(STOP_AT + 1)
    async with stage.app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot)
        await pilot.press("N")
        await at_rest(pilot)
        before = stage.playback.at
        await pilot.press("w")
        for _ in range(2000):
            assert stage.playback.at == before
            if "in all" in text_of(stage.app):
                break
            await pilot.pause(0.02)
        text = text_of(stage.app)
        assert "had somebody closed its lane when this was raised" in text
        assert "had this policy run: pause on stop" in text
        assert text.count("937M tokens, 79% of the run") == 2
        assert "would have gone on differently" in text
        await pilot.press("escape")
        assert stage.playback.at == before
        await pilot.press("w")  # the same again is known already
        await at_rest(pilot)
        assert "in all" in text_of(stage.app)


async def until(pilot, holds: Callable[[], bool]) -> None:
    """Waits until this holds."""
    for _ in range(2000):
        if holds():
            return
        await pilot.pause(0.01)
    raise AssertionError("it never held")


async def test_what_if_tells_how_far_it_is_and_can_be_left(monkeypatch: pytest.MonkeyPatch):
    going = threading.Event()
    monkeypatch.setattr("tui.screen.playback.of_policy", partial(slow_policy, going))
    stage = ReplayStage(STOP_AT + 1)
    async with stage.app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot)
        await pilot.press("w")
        await until(pilot, lambda: "50% done; esc leaves it" in text_of(stage.app))
        await pilot.press("w")  # it is running already
        await pilot.press("p")  # nothing else may use the recording now
        await pilot.pause()
        assert stage.app.screen is stage.app.main
        await pilot.press("escape")
        await until(pilot, lambda: not stage.playback.is_thinking)
        await at_rest(pilot)
        assert stage.app.screen is stage.app.main
        assert "what if: left" in text_of(stage.app)


async def test_what_if_never_opens_over_something_else(monkeypatch: pytest.MonkeyPatch):
    going = threading.Event()
    monkeypatch.setattr("tui.screen.playback.of_policy", partial(slow_policy, going))
    stage = ReplayStage(STOP_AT + 1)
    async with stage.app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot)
        await pilot.press("w")
        await until(pilot, lambda: "50% done" in text_of(stage.app))
        await pilot.press("question_mark")
        going.set()
        await until(pilot, lambda: not stage.playback.is_thinking)
        await at_rest(pilot)
        await pilot.press("escape")
        await at_rest(pilot)
        assert stage.app.screen is stage.app.main
        assert "the result is ready, w shows it" in text_of(stage.app)
        await pilot.press("w")
        await at_rest(pilot)
        assert "had this policy run" in text_of(stage.app)


def slow_policy(going: threading.Event, player, rules, *, progress) -> Saved:
    """Reports half until it may go on."""
    while not going.wait(0.01):
        progress(0.5)
    return Saved()
