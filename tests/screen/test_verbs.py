"""Verbs on the screen: the effect of a key, on which lanes, and the question before it."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

import pytest
from textual.widgets import TextArea

from tests.findings import circling
from tests.fleets import harbor
from tests.orders import held_fleet
from tests.screen.apps import Stage, at_rest
from tests.screen.fake_service import FakeService
from tui.config.closings import SHIPPED
from tui.model.control import Order, OrderStep, RouteKind
from tui.model.control import Stage as Reached
from tui.model.finding import Verb
from tui.model.snapshot import LaneState
from tui.screen.confirm import ARMED_AFTER_S, ConfirmScreen
from tui.screen.editor import EditorScreen
from tui.screen.findings_model import SessionMutes
from tui.screen.widgets.lines import LinesPanel
from tui.text.styled_text import own
from tui.view.findings import ListedFinding, listed_findings, of_lane


async def settle(pilot) -> None:
    """Waits until all requests are done and drawn."""
    await at_rest(pilot)


async def confirm_open(stage: Stage, pilot) -> ConfirmScreen:
    await settle(pilot)
    screen = stage.app.screen
    assert isinstance(screen, ConfirmScreen), screen
    return screen


def arm(stage: Stage) -> None:
    """Waits until a question accepts an answer."""
    assert isinstance(stage.app.screen, ConfirmScreen)
    stage.now += ARMED_AFTER_S + 0.01


def heard(stage: Stage) -> list[ListedFinding]:
    """The findings that hold and are not muted, the most severe first."""
    return [entry for entry in listed_findings(stage.fleet, SessionMutes()) if entry.is_heard]


def area(stage: Stage) -> TextArea:
    """The text area of the editor."""
    return stage.app.screen.query_one(TextArea)


async def looked_again(stage: Stage, pilot) -> None:
    """Waits until the app has read the orders from the service again and has drawn them."""
    before = stage.service.times_asked
    for _ in range(500):
        if stage.service.times_asked >= before + 2:  # the first of these reads may have begun before
            break
        await pilot.pause(0.02)
    await settle(pilot)


async def test_pause_by_the_gate_acts_at_once_and_can_be_taken_back():
    stage = Stage()
    async with stage.running() as pilot:
        lane = stage.screen.table.cursor
        await pilot.press("p")
        await settle(pilot)
        ((plan, text, _, _),) = stage.service.given
        assert (plan.verb, plan.lane, plan.route, text) == (Verb.PAUSE, lane, RouteKind.GATE, "")
        assert "(u undo)" in stage.text()
        await pilot.press("u")
        await settle(pilot)
        assert stage.service.undone == ["0000"]


async def test_a_verb_on_marked_lanes_names_them_in_one_question():
    stage = Stage()
    async with stage.running() as pilot:
        rows = stage.screen.rows.order[:3]
        await pilot.press("space", "space", "space")
        assert stage.screen.rows.marked == set(rows)
        assert "marked 3" in stage.text()
        await pilot.press("p")
        await confirm_open(stage, pilot)
        assert "pause 3 lanes" in stage.text()
        arm(stage)
        await pilot.press("enter")
        await settle(pilot)
        assert [plan.lane for plan, *_ in stage.service.given] == rows
        assert not stage.screen.rows.marked


async def test_escape_removes_marks():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("space", "escape")
        assert not stage.screen.rows.marked


async def test_a_tree_is_marked_by_its_top():
    stage = Stage()
    async with stage.running() as pilot:
        parent = next(lane.parent for lane in stage.fleet.lanes if lane.parent)
        stage.screen.table.move_to(parent)
        await pilot.press("t")
        below = {lane.id for lane in stage.fleet.lanes if lane.parent == parent}
        assert stage.screen.rows.marked >= below | {parent}
        await pilot.press("t")
        assert not stage.screen.rows.marked


async def test_a_key_that_was_meant_for_the_table_does_not_answer_the_question():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("c")
        await settle(pilot)
        assert isinstance(stage.app.screen, EditorScreen)
        await pilot.press("ctrl+s")
        await confirm_open(stage, pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert not stage.service.given
        arm(stage)
        await pilot.press("enter")
        await settle(pilot)
        assert len(stage.service.given) == 1


async def test_close_shows_the_template_and_asks_a_question():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("c")
        await settle(pilot)
        assert "Write the closing summary now" in stage.text()
        await pilot.press("ctrl+t")
        await settle(pilot)
        assert "coverage matrix" in stage.text()
        await pilot.press("ctrl+s")
        await confirm_open(stage, pilot)
        arm(stage)
        await pilot.press("enter")
        await settle(pilot)
        ((plan, text, _, _),) = stage.service.given
        assert plan.verb is Verb.CLOSE
        assert text == SHIPPED[1][1].strip("\n")


async def test_redirect_quotes_the_evidence_and_can_refuse_the_next_tool():
    stage = Stage(circling())
    async with stage.running() as pilot:
        lane = next(entry.lane for entry in heard(stage) if entry.lane)
        stage.screen.table.move_to(lane)
        most_severe = of_lane(lane, heard(stage))[0]
        await pilot.press("d")
        await settle(pilot)
        screen = stage.app.screen
        assert isinstance(screen, EditorScreen)
        assert area(stage).text.startswith("> ")
        await pilot.press(*"go", "ctrl+n", "ctrl+s")
        await confirm_open(stage, pilot)
        arm(stage)
        await pilot.press("enter")
        await settle(pilot)
        ((plan, text, now, reason),) = stage.service.given
        assert plan.verb is Verb.REDIRECT
        assert text.endswith("\ngo")
        assert now
        assert reason == f"finding {most_severe.finding.key}: {most_severe.finding.title}"


async def test_text_typed_before_ctrl_s_belongs_to_the_text():
    """The keys are in the queue of the area when ctrl+s comes: none of them may be lost."""
    from textual import events

    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("d")
        await settle(pilot)
        screen = stage.app.screen
        assert isinstance(screen, EditorScreen)
        area(stage).text = ""
        for char in "stop that":
            area(stage).post_message(events.Key("space" if char == " " else char, char))
        screen.action_keep()
        await confirm_open(stage, pilot)
        arm(stage)
        await pilot.press("enter")
        await settle(pilot)
        ((_, text, _, _),) = stage.service.given
        assert text == "stop that"


async def test_leaving_the_editor_or_the_question_does_nothing():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("d")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert "redirect cancelled" in stage.text()
        await pilot.press("c")
        await settle(pilot)
        await pilot.press("ctrl+s")
        await confirm_open(stage, pilot)
        arm(stage)
        await pilot.press("escape")
        await settle(pilot)
        assert not stage.service.given


async def test_another_route_is_chosen_in_the_question():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("space", "space", "p")
        await confirm_open(stage, pilot)
        arm(stage)
        await pilot.press("o")
        await settle(pilot)
        assert "tmux" in stage.text()
        assert "Bash is cut off" in stage.text()
        arm(stage)
        await pilot.press("enter")
        await settle(pilot)
        assert {plan.route for plan, *_ in stage.service.given} == {RouteKind.TMUX}


async def test_changes_below_the_question_do_not_change_its_lanes():
    stage = Stage()
    async with stage.running() as pilot:
        lanes = stage.screen.rows.order[:2]
        await pilot.press("space", "space", "p")
        await confirm_open(stage, pilot)
        stage.show(replace(stage.fleet, lanes=tuple(reversed(stage.fleet.lanes)), version=stage.fleet.version + 1))
        stage.screen.perform("reverse")
        stage.screen.table.move_to(stage.screen.rows.order[-1])
        arm(stage)
        await pilot.press("enter")
        await settle(pilot)
        assert [plan.lane for plan, *_ in stage.service.given] == lanes


async def test_refused_lanes_are_named_and_the_others_get_orders():
    fleet = harbor()
    lanes = [lane.id for lane in fleet.lanes]
    stage = Stage(fleet, service=FakeService(refused={lanes[0]: "already ended"}))
    async with stage.running() as pilot:
        stage.screen.rows.marked = frozenset(lanes[:2])
        await pilot.press("p")
        await confirm_open(stage, pilot)
        assert "not possible for 1" in stage.text()
        assert "already ended" in stage.text()
        arm(stage)
        await pilot.press("enter")
        await settle(pilot)
        assert [plan.lane for plan, *_ in stage.service.given] == [lanes[1]]


async def test_read_only_gives_a_notice_and_hides_the_verbs():
    stage = Stage(service=FakeService(forbidden="read only: no verbs (--read-only, or [control] read_only)"))
    async with stage.running() as pilot:
        assert "pause" not in stage.text().splitlines()[-1]
        for key in ("p", "r", "d", "c", "u", "plus"):
            await pilot.press(key)
            await settle(pilot)
            assert "read only" in stage.text()
        assert not stage.service.given


async def test_a_verb_on_a_family_finding_is_for_its_lanes():
    stage = Stage(circling())
    async with stage.running() as pilot:
        family = next((entry for entry in heard(stage) if entry.finding.family), None)
        if family is None:
            pytest.fail("the fleet has no finding of a family")
        await pilot.press("f")
        await settle(pilot)
        stage.screen.findings.select(family.id)
        members = {m.lane for one in stage.fleet.families if one.id == family.finding.family for m in one.members}
        await pilot.press("p")
        await settle(pilot)
        if isinstance(stage.app.screen, ConfirmScreen):
            arm(stage)
            await pilot.press("enter")
            await settle(pilot)
        assert stage.service.given
        assert {plan.lane for plan, *_ in stage.service.given} <= members
        assert {reason for *_, reason in stage.service.given} == {
            f"finding {family.finding.key}: {family.finding.title}"
        }


async def test_hostile_pastes_are_made_visible():
    from textual import events

    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("d")
        await settle(pilot)
        screen = stage.app.screen
        assert isinstance(screen, EditorScreen)
        area(stage).text = ""
        area(stage).post_message(events.Paste("a\x1b]52;c;evil\x07b\x9b31m\u202e [@click=app.quit]x[/]\r\nnext"))
        await settle(pilot)
        assert "\x1b" not in area(stage).text
        assert "\u202e" not in area(stage).text
        assert "next" in area(stage).text
        assert "[@click=app.quit]x[/]" in stage.text()


async def test_two_quick_keys_are_two_orders_however_slow_the_service_is():
    stage = Stage()
    gone_on = threading.Event()
    stage.service.before_plans = lambda: gone_on.wait(10) and None
    async with stage.running() as pilot:
        rows = stage.screen.rows.order[:2]
        await pilot.press("p", "j", "p", "p")
        await pilot.pause()
        gone_on.set()
        await settle(pilot)
        assert [plan.lane for plan, *_ in stage.service.given] == rows


async def test_hidden_marked_lanes_get_orders_too():
    stage = Stage()
    async with stage.running() as pilot:
        parent = next(lane.parent for lane in stage.fleet.lanes if lane.parent)
        below = {lane.id for lane in stage.fleet.lanes if lane.parent == parent}
        stage.screen.table.move_to(parent)
        await pilot.press("h", "t")
        assert not below & set(stage.screen.rows.order)
        assert f"marked {1 + len(below)}" in stage.text()
        await pilot.press("p")
        await confirm_open(stage, pilot)
        arm(stage)
        await pilot.press("enter")
        await settle(pilot)
        assert {plan.lane for plan, *_ in stage.service.given} == below | {parent}


async def test_a_single_hidden_lane_needs_a_confirmation():
    stage = Stage()
    async with stage.running() as pilot:
        child = next(lane for lane in stage.fleet.lanes if lane.parent)
        stage.screen.rows.marked = frozenset({child.id})
        stage.screen.table.move_to(child.parent)
        await pilot.press("h", "p")
        await confirm_open(stage, pilot)
        assert not stage.service.given


async def test_undo_skips_a_text_that_was_delivered():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("p")
        await settle(pilot)
        (pause,) = stage.service.made
        arrived = OrderStep(pause.at + 2, Reached.EFFECTIVE, RouteKind.GATE, "it stands in the transcript")
        stage.service.made.append(replace(pause, id="0001", verb=Verb.REDIRECT, steps=(*pause.steps, arrived)))
        await looked_again(stage, pilot)
        await pilot.press("u")
        await settle(pilot)
        assert stage.service.undone == [pause.id]


async def overdue_pause(stage: Stage, pilot) -> Order:
    """A pause of the lane at the cursor that offers a stronger step."""
    await pilot.press("p")
    await settle(pilot)
    late = OrderStep(stage.fleet.at + 10, Reached.OVERDUE, RouteKind.GATE, "not seen after 10 s: Bash runs for 41 s")
    (order,) = stage.service.made
    order = replace(order, steps=(*order.steps, late), stronger="interrupt it: Bash is cut off")
    stage.service.made[:] = [order]
    await looked_again(stage, pilot)
    return order


async def test_the_stronger_step_is_shown_with_its_key_and_taken_once():
    stage = Stage()
    async with stage.running((120, 60)) as pilot:
        order = await overdue_pause(stage, pilot)
        await pilot.press("enter", "G")
        await settle(pilot)
        assert "+  interrupt it: Bash is cut off" in stage.text()
        await pilot.press("plus", "plus")
        await settle(pilot)
        assert stage.service.pushed == [order.id]


async def test_a_stronger_step_that_was_not_shown_is_not_taken():
    stage = Stage()
    async with stage.running() as pilot:
        order = await overdue_pause(stage, pilot)
        gone_on = threading.Event()
        stage.service.before_plans = lambda: gone_on.wait(10) and None
        await pilot.press("j", "p", "k", "plus")  # the step waits for its turn behind another lane's pause
        stage.service.made[:] = [replace(order, stronger="kill it")]
        await looked_again(stage, pilot)
        gone_on.set()
        await settle(pilot)
        assert not stage.service.pushed
        assert "no longer the next one" in stage.text()


async def test_without_an_overdue_order_no_stronger_step_is_taken():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("p")
        await settle(pilot)
        await pilot.press("plus")
        await settle(pilot)
        assert not stage.service.pushed
        assert "no command of this lane is overdue" in stage.text()


async def test_another_route_must_be_shown_before_it_is_accepted():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("space", "space", "p")
        await confirm_open(stage, pilot)
        arm(stage)
        await pilot.press("o", "enter")
        await settle(pilot)
        assert not stage.service.given
        arm(stage)
        await pilot.press("enter")
        await settle(pilot)
        assert {plan.route for plan, *_ in stage.service.given} == {RouteKind.TMUX}


async def test_a_text_in_a_template_is_kept_while_another_is_shown():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("c")
        await settle(pilot)
        await pilot.press(*"NB ", "ctrl+t")
        await settle(pilot)
        assert "NB Stop here" not in stage.text()
        for _ in SHIPPED[1:]:
            await pilot.press("ctrl+t")
        await settle(pilot)
        assert "NB Stop here" in stage.text()


async def test_the_editor_says_why_it_refuses_a_text():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("d")
        await settle(pilot)
        screen = stage.app.screen
        assert isinstance(screen, EditorScreen)
        area(stage).text = " \n"
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "write a text first" in stage.text()
        area(stage).text = "x" * 9501
        await settle(pilot)
        assert "write a text first" not in stage.text()
        await pilot.press("ctrl+enter")
        await settle(pilot)
        assert "too long  9,501 of 9,500" in stage.text()
        assert stage.app.screen is screen


async def test_keys_typed_before_the_editor_opens_are_not_verbs():
    stage = Stage()
    gone_on = threading.Event()
    stage.service.before_plans = lambda: gone_on.wait(10) and None
    async with stage.running() as pilot:
        marked = stage.screen.rows.marked
        await pilot.press(*"dpauser", "space", *"u+asTq")
        await pilot.pause()
        gone_on.set()
        await settle(pilot)
        assert isinstance(stage.app.screen, EditorScreen)
        await pilot.press("escape")
        await settle(pilot)
        assert stage.app.screen is stage.screen, "another question or the log came after it"
        assert not stage.service.given
        assert stage.screen.rows.marked == marked
        await pilot.press("p")
        await settle(pilot)
        assert len(stage.service.given) == 1, "a verb is a verb again"


async def test_letters_do_not_answer_a_question():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("space", "space", "p")
        question = await confirm_open(stage, pilot)
        arm(stage)
        await pilot.press("y", "n", "q")
        await settle(pilot)
        assert stage.app.screen is question
        assert not stage.service.given


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_a_refusal_is_shown_completely_beside_marks_filter_and_own_cost(size):
    why = "can't redirect it: hook not active, no tmux pane, and so on to the very end"
    fleet = harbor()
    stage = Stage(fleet, service=FakeService(refused={lane.id: why for lane in fleet.lanes}))
    async with stage.running(size) as pilot:
        stage.screen.show_own_cost(own("own cost: cpu 3% · 63 MB · 2 frames/s, slowest 12 ms"))
        await pilot.press("d")
        await settle(pilot)
        told = " ".join(line.strip() for line in stage.text().splitlines()[-4:])
        assert "refused: can't redirect it" in told
        assert "the very end" in told
        await pilot.press("escape")
        await settle(pilot)
        assert stage.screen.status.size.height == 1
        assert "own cost: cpu 3%" in stage.text()


async def test_marking_all_under_a_filter_marks_what_matches():
    stage = Stage()
    async with stage.running() as pilot:
        child = next(lane for lane in stage.fleet.lanes if lane.parent and lane.state is not LaneState.ENDED)
        await pilot.press("slash", *f"id:{child.id.lower()}", "enter")
        await settle(pilot)
        assert child.parent in stage.screen.rows.order
        await pilot.press("asterisk")
        assert stage.screen.rows.marked == {child.id}


async def test_a_long_question_breaks_between_words_beside_its_scrollbar():
    fleet = harbor()
    lanes = [lane.id for lane in fleet.lanes]
    # Words of one letter: a line that is one cell too long would lose one.
    stage = Stage(fleet, service=FakeService(refused={lanes[0]: "a b c d e f g h i j " * 20}))
    async with stage.running((80, 24)) as pilot:
        stage.screen.rows.marked = frozenset(lanes)
        await pilot.press("p")
        question = await confirm_open(stage, pilot)
        assert question.query_one(LinesPanel).show_vertical_scrollbar
        await pilot.press("G")
        await settle(pilot)
        rows = [re.search(r"(?<= )[a-j](?: [a-j])+(?= )", row) for row in stage.text().splitlines()]
        letters = "".join(row[0] for row in rows if row).replace(" ", "")
        assert len(letters) > 60
        assert letters in "abcdefghij" * 20


async def test_refused_lanes_are_listed_below_the_others():
    fleet = harbor()
    lanes = [lane.id for lane in fleet.lanes]
    stage = Stage(fleet, service=FakeService(refused=dict.fromkeys(lanes[1:], "already ended")))
    async with stage.running((80, 24)) as pilot:
        stage.screen.rows.marked = frozenset(lanes)
        await pilot.press("p")
        await confirm_open(stage, pilot)
        text = stage.text()
        assert f"not possible for {len(lanes) - 1}" in text
        assert text.count("already ended") == 1
        assert text.index("gate") < text.index("already ended")
        assert "and " + str(len(lanes) - 5) + " more" in text


async def test_the_question_shows_the_text_that_will_be_sent():
    stage = Stage(circling())
    async with stage.running((80, 24)) as pilot:
        lane = next(entry.lane for entry in heard(stage) if entry.lane)
        stage.screen.table.move_to(lane)
        await pilot.press("d")
        await settle(pilot)
        quoted = area(stage).text.splitlines()[0]
        await pilot.press(*"stop", "ctrl+s")
        await confirm_open(stage, pilot)
        assert f"│ {quoted[:40]}" in stage.text()
        assert "│ stop" in stage.text()


async def test_a_redirect_needs_more_than_the_quoted_text():
    stage = Stage(circling())
    async with stage.running((80, 24)) as pilot:
        lane = next(entry.lane for entry in heard(stage) if entry.lane)
        stage.screen.table.move_to(lane)
        await pilot.press("d")
        await settle(pilot)
        editor = stage.app.screen
        assert isinstance(editor, EditorScreen)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert stage.app.screen is editor
        assert "add your own words" in stage.text()
        await pilot.press("backspace", "backspace", "backspace", "ctrl+s")
        await confirm_open(stage, pilot)


@pytest.mark.parametrize("verb", ["d", "c"])
async def test_a_draft_is_shown_again_for_the_same_lanes(verb):
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press(verb)
        await settle(pilot)
        await pilot.press(*"Plugh", "escape")
        await settle(pilot)
        assert "cancelled, draft saved" in stage.text()
        await pilot.press("j", verb)
        await settle(pilot)
        assert "Plugh" not in stage.text(), "another lane, another text"
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("k", verb)
        await settle(pilot)
        assert "Plugh" in stage.text()
        assert "draft restored" in stage.text()
        await pilot.press("ctrl+s")
        await confirm_open(stage, pilot)
        arm(stage)
        await pilot.press("escape")
        await settle(pilot)
        assert "draft saved" in stage.text()
        await pilot.press(verb)
        await settle(pilot)
        await pilot.press("ctrl+s")
        await confirm_open(stage, pilot)
        arm(stage)
        await pilot.press("enter")
        await settle(pilot)
        assert "Plugh" in stage.service.given[0][1]
        await pilot.press(verb)
        await settle(pilot)
        assert "Plugh" not in stage.text(), "it was sent"


async def test_held_lanes_and_marks_are_visible_without_colour_and_in_ascii():
    stage = Stage(held_fleet(), "mono", ascii_only=True)
    async with stage.running() as pilot:
        stage.screen.table.move_to(harbor().lanes[0].id)
        await pilot.press("space")
        rows = stage.text()
        assert rows.isascii()
        for glyph in (">+ ", "< ", "= ", "| ", "x "):
            assert f"\n{glyph}" in rows
        assert "! not seen after 10 s" in rows


async def test_the_status_line_offers_undo_only_while_it_is_possible():
    """The notice about `u` is removed with the first frame in which it is no longer true."""
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("p")
        await settle(pilot)
        assert "u undo" in stage.text()
        (order,) = stage.service.made
        ended = OrderStep(order.at + 1, Reached.EXPIRED, order.route, "process 7 has ended: nothing is paused any more")
        stage.service.made = [replace(order, steps=(*order.steps, ended))]
        for _ in range(200):
            stage.app.news()
            await pilot.pause(0.02)
            if "u undo" not in stage.text():
                break
        assert "u undo" not in stage.text()


async def test_undo_takes_back_a_command_of_several_lanes_wherever_the_cursor_is():
    stage = Stage()
    async with stage.running() as pilot:
        lanes = [lane.id for lane in stage.fleet.lanes][:2]
        for lane in lanes:
            stage.screen.table.move_to(lane)
            await pilot.press("space")
        await pilot.press("p")
        await confirm_open(stage, pilot)
        arm(stage)
        await pilot.press("enter")
        await settle(pilot)
        assert "pausing 2 lanes (u undo)" in stage.text()
        held = (OrderStep(1.0, Reached.EFFECTIVE, RouteKind.GATE, "held"),)
        stage.service.made[:] = [replace(order, steps=(*order.steps, *held)) for order in stage.service.made]
        await looked_again(stage, pilot)
        assert "paused 2 lanes (u undo)" in stage.text()
        stage.screen.table.move_to(next(lane.id for lane in stage.fleet.lanes if lane.id not in lanes))
        await pilot.press("u")
        await settle(pilot)
        assert sorted(stage.service.undone) == sorted(order.id for order in stage.service.made)
        assert "pause undone: 2 of 2 lanes" in stage.text()


async def test_undo_of_an_ended_order_says_how_it_ended():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("p")
        await settle(pilot)
        ended = OrderStep(0.0, Reached.EXPIRED, RouteKind.GATE, "process 7 has ended: nothing is paused any more")

        def undo(order: str, fleet: object) -> Order:
            return replace(stage.service.made[0], steps=(ended,))

        stage.service.undo = undo  # type: ignore[method-assign]
        await pilot.press("u")
        await settle(pilot)
        assert "pause not undone: process 7 has ended" in stage.text()


async def test_a_log_that_cannot_be_written_gives_a_notice():
    stage = Stage()
    async with stage.running() as pilot:
        stage.service.trouble = "the audit log x cannot be written: No space left on device"
        await pilot.press("p")
        for _ in range(200):
            stage.app.news()
            await pilot.pause(0.02)
            if "not everything could be written" in stage.text():
                break
        assert "not everything could be written: the audit log x cannot be written: No space left" in stage.text()


async def test_a_row_and_its_count_in_the_header_change_in_one_frame():
    stage = Stage()
    async with stage.running((160, 40)):
        fleet = stage.fleet
        closing = replace(fleet.lanes[0], state=LaneState.CLOSING)
        stage.screen.draw(replace(fleet, lanes=(closing, *fleet.lanes[1:])))
        stage.screen.draw(replace(fleet, lanes=(replace(closing, state=LaneState.CLOSED), *fleet.lanes[1:])))
        above = stage.text().splitlines()[0]
        assert "closing" not in above
        stage.screen.draw(replace(fleet, lanes=(closing, *fleet.lanes[1:])))
        above = stage.text().splitlines()[0]
        assert "1 closing" in above
