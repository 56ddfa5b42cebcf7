"""The dialog that answers a request: what it shows, and that only a person's own key decides."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import TextArea

from tests.fleets import NOW, lane
from tests.screen.apps import Stage, at_rest
from tests.screen.test_verbs import looked_again
from tui.model.control import LaneControl
from tui.model.control import Stage as Reached
from tui.model.evidence import LaneId
from tui.model.pending import Choice, PendingKind, PendingRequest, Question
from tui.model.snapshot import Fleet, LaneState
from tui.screen.answer import AnswerScreen
from tui.screen.confirm import ARMED_AFTER_S

LANE = LaneId("claude:asks")
COMMAND = PendingRequest(
    PendingKind.PERMISSION, "Bash", "docker compose down --volumes && \\\n  rm -rf ./data \x1b]0;x\x07",
    (("description", "start afresh"),), asked_at=NOW - 75, id="n1", hash="h1", cwd="/home/ada/harbor",
)  # fmt: skip
ASKED = PendingRequest(
    PendingKind.QUESTION, "AskUserQuestion", "Which database?", (),
    (
        Question("Which database?", "Which database?", "DB", (Choice("Postgres", "as now"), Choice("SQLite", "one file"))),
        Question("Which checks?", "Which checks?", "C", (Choice("lint"), Choice("types"), Choice("tests")), True),
    ),
    asked_at=NOW - 5, id="n2", hash="h2",
)  # fmt: skip
PLAN = PendingRequest(
    PendingKind.PLAN, "ExitPlanMode", "# Plan\n\n" + "\n".join(f"{at}. Step {at}." for at in range(1, 90)), (),
    asked_at=NOW - 400, id="n3", hash="h3",
)  # fmt: skip


def stage_of(*requests: PendingRequest) -> Stage:
    asks = lane("asks", LaneState.NEEDS_INPUT, pending=requests, control=LaneControl(pending=requests), busy=True)
    stage = Stage(Fleet(NOW, (replace(asks, title="Drop the dead bookings table"),)))
    stage.service.pending = {LANE: requests}
    return stage


async def opened(stage: Stage, pilot) -> AnswerScreen:
    await pilot.press("A")
    await at_rest(pilot)
    assert isinstance(stage.app.screen, AnswerScreen), stage.text()
    return stage.app.screen


async def press(stage: Stage, pilot, *keys: str) -> None:
    stage.now += ARMED_AFTER_S + 0.01
    for key in keys:
        await pilot.press(key)
    await at_rest(pilot)


async def test_a_command_is_shown_in_full_and_allowed_by_two_keys():
    stage = stage_of(COMMAND)
    async with stage.running() as pilot:
        await opened(stage, pilot)
        shown = stage.text()
        for words in (
            "permission", "Bash", "docker compose down --volumes && \\", "rm -rf ./data ␛]0;x␇", "start afresh",
            "/home/ada/harbor", "waits 1m", "nobody is at its pane %7", "Drop the dead bookings table", "allow it, this once",
        ):  # fmt: skip
            assert words in shown, (words, shown)
        await press(stage, pilot, "down", "enter")
        assert stage.service.options == [{"request": "n1", "hash": "h1", "allow": "true"}]
        assert "is not seen to be taken yet" in stage.text()


async def test_the_page_of_the_lane_and_a_narrow_footer_say_that_it_can_be_answered():
    stage = stage_of(COMMAND)
    async with stage.running() as pilot:
        assert "A answers it here" in stage.text()
        await pilot.resize_terminal(80, 24)
        await at_rest(pilot)
        assert "A answer" in stage.text().splitlines()[-1]


async def test_nothing_is_chosen_beforehand_and_no_letter_decides():
    stage = stage_of(COMMAND)
    async with stage.running() as pilot:
        await opened(stage, pilot)
        await press(stage, pilot, "y", "a", "1", "A")
        assert isinstance(stage.app.screen, AnswerScreen)
        await press(stage, pilot, "enter")
        assert not isinstance(stage.app.screen, AnswerScreen)
        assert not stage.service.given
        assert "nothing was answered" in stage.text()


async def test_a_key_that_comes_at_once_has_no_effect():
    stage = stage_of(COMMAND)
    async with stage.running() as pilot:
        await opened(stage, pilot)
        await pilot.press("down", "enter", "escape")
        await at_rest(pilot)
        assert isinstance(stage.app.screen, AnswerScreen)
        assert not stage.service.given


async def test_a_refusal_has_a_text():
    stage = stage_of(COMMAND)
    async with stage.running() as pilot:
        await opened(stage, pilot)
        await press(stage, pilot, "down", "down", "enter")
        stage.app.screen.query_one(TextArea).text = "Keep the data."
        await press(stage, pilot, "ctrl+s")
        assert stage.service.options == [{"request": "n1", "hash": "h1", "deny": "Keep the data."}]


async def test_all_questions_are_answered_before_they_are_sent():
    stage = stage_of(ASKED)
    async with stage.running() as pilot:
        await opened(stage, pilot)
        assert "question 2" in stage.text()
        assert "Which checks?" in stage.text()
        await press(stage, pilot, "down", "enter", "down", "down", "down", "enter")
        assert not stage.service.given
        assert "question 2: choose an option" in stage.text()
        await press(stage, pilot, "up", "space", "up", "space", "down", "down", "enter")
        assert stage.service.options == [{"request": "n2", "hash": "h2", "choose": "2;2,3"}]


async def test_a_digit_chooses_the_option_that_has_it_and_the_last_row_says_what_is_sent():
    stage = stage_of(ASKED)
    async with stage.running() as pilot:
        await opened(stage, pilot)
        await press(stage, pilot, "9", "2", "3", "2")
        assert not stage.service.given
        question, checks = ASKED.questions
        labels = [question.choices[1].label, checks.choices[1].label, checks.choices[2].label]
        assert f"send these answers: {', '.join(labels)}" in stage.text(), stage.text()
        await press(stage, pilot, "down", "down", "enter")
        assert stage.service.options == [{"request": "n2", "hash": "h2", "choose": "2;2,3"}]


async def test_a_long_plan_is_read_to_its_end_first():
    stage = stage_of(PLAN)
    async with stage.running() as pilot:
        await opened(stage, pilot)
        await press(stage, pilot, "down", "enter")
        assert not stage.service.given
        assert "read it to its end first" in stage.text()
        await press(stage, pilot, *["pagedown"] * 8)
        assert "89. Step 89." in stage.text()
        await press(stage, pilot, "enter")
        assert stage.service.options == [{"request": "n3", "hash": "h3", "approve_plan": "true"}]


async def test_a_long_question_is_read_to_its_end_and_a_label_is_one_row_of_the_list():
    choices = (Choice("Keep all\n> cancel\n  ( ) Delete none"), Choice("Delete " + "very " * 60 + "much"))
    text = "\n".join(f"Line {at} of the question." for at in range(60)) + "\nDelete the rest?"
    stage = stage_of(replace(ASKED, text=text, questions=(Question(text, text, "Q", choices),)))
    async with stage.running() as pilot:
        await opened(stage, pilot)
        rows = [row.split("│")[1].strip() for row in stage.text().splitlines() if row.count("│") > 1]  # of the dialog
        assert any("Keep all⏎> cancel⏎  ( ) Delete none" in row for row in rows)
        assert any(row.endswith("very much") for row in rows), "a long label is shown to its end"
        assert sum("( )" in row and row.lstrip("> ").startswith("( )") for row in rows) == 2
        await press(stage, pilot, "enter", "enter")
        assert "read it to its end first" in stage.text()
        await press(stage, pilot, *["pagedown"] * 8)
        assert "Delete the rest?" in stage.text()
        await press(stage, pilot, "enter")
        assert stage.service.options == [{"request": "n2", "hash": "h2", "choose": "1"}]


async def test_each_request_of_a_lane_is_answered_by_itself():
    stage = stage_of(COMMAND, ASKED)
    async with stage.running() as pilot:
        await opened(stage, pilot)
        assert "1 of 2 that wait there" in stage.text()
        await press(stage, pilot, "tab")
        assert "Which database?" in stage.text()
        await press(stage, pilot, "tab", "down")
        await press(stage, pilot, "enter")
        assert [one["request"] for one in stage.service.options] == ["n1"]


async def test_a_request_that_waits_no_more_is_not_answered():
    stage = stage_of(COMMAND)
    async with stage.running() as pilot:
        await opened(stage, pilot)
        stage.fleet = Fleet(NOW + 1, (lane("asks"),))
        stage.screen.draw_now()
        await press(stage, pilot, "down", "enter")
        assert isinstance(stage.app.screen, AnswerScreen)
        assert "it waits no more" in stage.text()
        assert not stage.service.given


async def test_a_lane_that_cannot_be_answered_says_why():
    stage = stage_of()
    async with stage.running() as pilot:
        await pilot.press("A")
        await at_rest(pilot)
        assert "answer refused: it waits for no answer" in stage.text()


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 50)])
@pytest.mark.parametrize("request_", [COMMAND, ASKED, PLAN])
async def test_it_fits_every_width(size, request_):
    stage = stage_of(request_)
    async with stage.running(size) as pilot:
        await opened(stage, pilot)
        lines = stage.text().splitlines()
        assert any("esc cancel" in line for line in lines), stage.text()
        assert any("cancel" in line and "esc" not in line for line in lines) or request_ is ASKED


async def test_the_footer_does_not_begin_with_an_answer_that_cannot_be_given():
    stage = stage_of(replace(COMMAND, unanswerable="the client has no hook"))
    async with stage.running() as pilot:
        await pilot.resize_terminal(80, 24)
        await at_rest(pilot)
        assert not stage.text().splitlines()[-1].strip().startswith("A answer")


async def test_an_answer_that_was_taken_is_told_with_its_result_first():
    stage = stage_of(COMMAND)
    async with stage.running() as pilot:
        await opened(stage, pilot)
        await press(stage, pilot, "down", "enter")
        [order] = stage.service.made
        taken = order.stepped(NOW + 1, Reached.EFFECTIVE, "the transcript says: allowed by a hook").ended()
        stage.service.made[:] = [taken]
        await looked_again(stage, pilot)
        assert "answered: allowed · Drop the dead bookings table: the transcript says" in stage.text()


async def test_the_question_mark_shows_all_keys_of_the_dialog():
    stage = stage_of(COMMAND)
    async with stage.running() as pilot:
        await opened(stage, pilot)
        assert "? keys" in stage.text()
        await press(stage, pilot, "question_mark")
        for words in ("enter space choose", "j k ↓ ↑ move", "1-9 option", "tab next request", "esc cancel"):
            assert words in stage.text()
        await press(stage, pilot, "question_mark")
        assert "1-9 option" not in stage.text()
        assert not stage.service.options
