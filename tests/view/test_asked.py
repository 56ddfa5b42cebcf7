"""The page of a lane that waits for a person shows once what it asks, whole, with the options and since when."""

from __future__ import annotations

from dataclasses import replace

from tests.fleets import NOW, finding, harbor, lane
from tui.fleet.pending import with_answers
from tui.model.finding import FindingKind, Severity
from tui.model.pending import Choice, PendingKind, PendingRequest, Question
from tui.model.snapshot import LaneState
from tui.text.styled_text import own
from tui.view.asks import asks_words, worst_line
from tui.view.detail import detail_lines
from tui.view.findings import ListedFinding
from tui.view.flags import Flag
from tui.view.lane_findings import Judged


def page(*pending: PendingRequest, title: str = "") -> str:
    asking = lane("asks", LaneState.NEEDS_INPUT, pending=pending)
    raised = finding(FindingKind.NEEDS_INPUT, asking, Severity.WARN, title, since=NOW - 120)
    judged = Judged((ListedFinding(raised, asking.id),))
    return "\n".join("".join(span.text for span in line) for line in detail_lines(asking, 100, NOW, judged=judged))


def test_an_answered_request_says_what_was_answered_until_the_client_has_taken_it():
    asked = PendingRequest(PendingKind.QUESTION, "AskUserQuestion", "Which ferry?", asked_at=NOW - 9, id="n1", hash="h")
    other = replace(asked, id="", call="toolu_7")
    pending = with_answers((asked, other), (("n1", "chose 23:45"), ("toolu_7", "chose 23:45")))
    told = "answered: chose 23:45, waiting for the client"
    assert asks_words(lane("asks", LaneState.NEEDS_INPUT, pending=pending)) == told
    text = page(*pending)
    assert told in text
    assert "answers it here" not in text
    half = with_answers((asked, other), (("toolu_7", "deny"),))
    assert "Which ferry?" in asks_words(lane("asks", LaneState.NEEDS_INPUT, pending=half))
    assert "answers it here" in page(*half)


def test_a_question_stands_with_its_options_and_since_when():
    choices = (Choice("Yes, everything"), Choice("No, fare only"), Choice("As a voucher"))
    question = Question("q", "Does a cancelled crossing refund the deposit?", choices=choices)
    text = page(
        PendingRequest(
            PendingKind.QUESTION, "AskUserQuestion", question.text, questions=(question,), asked_at=NOW - 120
        ),
        title=f"AskUserQuestion: {question.text}",
    )
    assert "question · AskUserQuestion for 2m" in text
    assert text.count(question.text) == 1
    assert all(f"{place}  {choice.label}" in text for place, choice in enumerate(choices, 1))
    assert "o goes to its pane" in text
    assert "Refund?" in page(title="Refund?"), "without the request, the finding says it"


def test_the_whole_command_and_every_line_of_a_plan_are_shown():
    command = "kubectl -n harbor apply -f " + "very-long-name/" * 20 + "queue.yaml"
    text = page(PendingRequest(PendingKind.PERMISSION, "Bash", command))
    assert "".join(text.split()).count("".join(command.split())) == 1
    plan = page(PendingRequest(PendingKind.PLAN, "ExitPlanMode", "1. read\n2. write\n3. test"))
    assert all(row in plan for row in ("1. read", "2. write", "3. test"))


def test_hostile_texts_are_made_safe_and_a_cut_request_says_so():
    text = page(PendingRequest(PendingKind.PERMISSION, "Bash", "echo \x1b[31mred", is_whole=False))
    assert "\x1b" not in text
    assert "cut: the conversation" in text


def test_the_row_and_the_line_of_a_narrow_screen_say_what_is_asked():
    fleet = harbor()
    waits = next(each for each in fleet.lanes if each.state is LaneState.NEEDS_INPUT)
    asked = replace(waits, pending=(PendingRequest(PendingKind.QUESTION, "AskUserQuestion", "Which  pier\nfirst?"),))
    assert str(asks_words(asked)) == "asks: Which pier first?"
    assert str(asks_words(replace(waits, open_calls=()))) == ""
    fleet = replace(fleet, lanes=tuple(asked if each is waits else each for each in fleet.lanes))
    told = "".join(span.text for span in worst_line(fleet, {}))
    assert told.startswith(" ◆ Move ") and told.endswith(" asks: Which pier first?")
    stopped = fleet.lanes[0]
    flags = {stopped.id: Flag(Severity.STOP, title=own("burns too much"))}
    told = "".join(span.text for span in worst_line(fleet, flags, ascii_only=True))
    assert stopped.title[:8] in told and told.endswith(" burns too much")
    quiet = tuple(replace(each, state=LaneState.WORKING) for each in fleet.lanes)
    assert worst_line(replace(fleet, lanes=quiet), {}) == ()
