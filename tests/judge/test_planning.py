"""A plan given and planned again: what is raised, what ends it, and whom it leaves alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.judge.hostile import hostile_events
from tui.judge.detector import EVIDENCE_LIMIT, Raised
from tui.judge.findings.double_planning import DoublePlanning, PlanLimits
from tui.judge.limits import Limits
from tui.model.event import (
    AssistantText,
    Call,
    Edit,
    Event,
    LaneInfo,
    Mark,
    Origin,
    Plan,
    PlanItem,
    Prompt,
    State,
    ToolKind,
    UsageReported,
)
from tui.model.finding import Severity, Verb
from tui.model.usage import Usage

STEPS = (
    "Add a table parcels with sender, receiver, weight in grams and the time of printing, and a migration with a way back",
    "Add a store for parcels with Postgres behind it; the numbers come from a sequence that no other table draws from",
    "Refuse parcels above thirty kilograms with a clear message, except wheelchairs, which have no limit of weight at all",
    "Serve the label over the network for the printers at the counter, and remember which printer has taken which label",
    "Show the number in large digits where no printer is connected, so that a passenger can write it down by hand instead",
    "Cover the store, the limit of weight, wheelchairs, and two counters that ask for a number at the very same moment",
)
GIVEN = "Build the parcels.\n\n" + "\n".join(f"{number}. {step}." for number, step in enumerate(STEPS, 1))
OTHER = tuple(f"Colour number {index} of the harbour's old flags is looked up in a book of signals, page {index}" for index in range(6))  # fmt: skip


class Lane:
    """A lane as events: usage before the words of a model call, or after them."""

    def __init__(self, *, leads: bool = True) -> None:
        self.events: list[Event] = []
        self._leads = leads

    def where(self) -> tuple[str, float, int]:
        return "", 1000.0 + len(self.events), 10 * len(self.events)

    def prompt(self, text: str = GIVEN, origin: Origin = Origin.PERSON) -> Lane:
        self.events.append(Prompt(*self.where(), text, origin))
        return self

    def step(self, output: int, *made: Event) -> Lane:
        """A model call with what it said and did."""
        spend = UsageReported(
            *self.where(), f"key-{len(self.events)}", "some-model", Usage(input=20_000, output=output)
        )
        for event in (spend, *made) if self._leads else (*made, spend):
            _, at, offset = self.where()
            self.events.append(replace(event, at=at, offset=offset))
        return self


def say(steps: tuple[str, ...] = STEPS, head: str = "I will follow this plan:") -> AssistantText:
    return AssistantText("", 0.0, 0, head + "\n" + "\n".join(f"- {step}" for step in steps))


def todos(steps: tuple[str, ...] = STEPS, status: str = "pending") -> Plan:
    return Plan("", 0.0, 0, tuple(PlanItem(step, status) for step in steps))


def shell(command: str) -> Call:
    return Call("", 0.0, 0, "c", "Bash", ToolKind.SHELL, f'{{"command":"{command}"}}', command)


def write(path: str, text: str = "") -> Call:
    content = text.replace("\n", "\\n")
    return Call("", 0.0, 0, "w", "Write", ToolKind.EDIT, f'{{"file_path":"{path}","content":"{content}"}}', path)


LOOK = shell("ls src")
PLAN_FILE = write("/home/mara/docs/plans/parcels.md", "\n".join(f"{step}, because the quay asked" for step in STEPS))
END = State("", 0.0, 0, Mark.TURN_ENDED)


def found(events: list[Event], limits: Limits | None = None) -> list[Raised]:
    detector = DoublePlanning(limits or Limits())
    for event in events:
        detector.apply(event, 0)
    return list(detector.raised())


def open_of(lane: Lane) -> list[Raised]:
    return [one for one in found(lane.step(50, LOOK).events) if one.until is None]


@pytest.mark.parametrize("leads", [True, False])
@pytest.mark.parametrize(
    "planned",
    [
        [say(), LOOK], [todos(), say(), LOOK], [PLAN_FILE],
        [shell("cat > PLAN.md <<'END'\\n" + "\\n".join(f"{index}. {step}" for index, step in enumerate(STEPS)) + "\\nEND")],
    ],
)  # fmt: skip
def test_planning_the_given_plan_again_is_told(planned: list[Event], leads: bool):
    lane = Lane(leads=leads).prompt().step(100, LOOK).step(6_200, *planned, todos())
    [one] = open_of(lane)
    assert one.severity is Severity.WARN
    assert one.suggest is Verb.REDIRECT
    assert one.title.startswith(
        "it was given a plan, but writes this plan again before it does anything: 100% of the given"
    )
    assert one.title.endswith("for 6,200 tokens of text")


def test_both_plans_stand_side_by_side():
    [one] = open_of(Lane().prompt().step(100, LOOK).step(6_200, say(), LOOK))
    texts = [piece.text for piece in one.evidence]
    assert len(texts) <= EVIDENCE_LIMIT
    at = texts.index(f"given: {STEPS[1]}.")
    assert texts[at + 1] == f"planned again: {STEPS[1]}"
    assert [piece.offset for piece in one.evidence[at : at + 2]] == [0, 40]
    assert (
        texts[0]
        == "6,200 of the 6,300 tokens that it wrote before its first edit; 26,200 tokens with what the model read for it"
    )


def test_the_first_edit_ends_it():
    lane = Lane().prompt().step(6_200, say(), LOOK).step(300, write("src/parcels.py", "x = 1")).step(9_000, say(), LOOK)
    [one] = found(lane.events)
    assert one.until == lane.events[-4].at


def test_words_count_as_a_plan_only_once_the_lane_goes_on():
    lane = Lane().prompt().step(6_200, say())
    assert not found(lane.step(60, END).events)
    assert open_of(Lane().prompt().step(6_200, say()).step(60, LOOK))


def test_an_output_count_that_is_a_placeholder_is_replaced_by_what_is_there():
    long = say(head="I will follow this plan:\n" + "word " * 6_000)
    [one] = open_of(Lane().prompt().step(2, long, LOOK))
    assert "for about 7," in one.title


def test_a_subagent_is_watched_and_one_that_is_there_to_plan_is_not():
    planned = Lane().prompt(origin=Origin.AGENT).step(6_200, say(), LOOK)
    assert open_of(planned)
    planner = Lane()
    planner.events.append(LaneInfo("", 0.0, 0, agent_type="Plan"))
    assert not open_of(planner.prompt(origin=Origin.AGENT).step(6_200, say(), LOOK))


def test_a_branch_of_its_own_is_no_work_yet():
    assert open_of(Lane().prompt().step(40, shell("git checkout -b parcels")).step(6_200, say(), LOOK))


@pytest.mark.parametrize(
    "lane",
    [
        pytest.param(Lane().prompt().step(60, write("a.py")).step(6_200, say(), LOOK), id="executes at once"),
        pytest.param(Lane().prompt().step(60, shell("touch a.py")).step(6_200, say(), LOOK), id="changes at once"),
        pytest.param(Lane().prompt().step(60, Edit("", 0.0, 0, "a.py", None, "update")).step(6_200, say(), LOOK), id="edited"),
        pytest.param(Lane().prompt().step(240, todos()), id="mirrors the list"),
        pytest.param(Lane().prompt().step(9_000, todos(("Table", "Store", "Limit", "Label"))), id="short list, long thought"),
        pytest.param(Lane().prompt().step(4_900, say(), LOOK), id="too little"),
        pytest.param(Lane().prompt().step(90_000, LOOK).step(6_200, say(), LOOK), id="a small share"),
        pytest.param(Lane().prompt().step(9_000, say(OTHER), LOOK), id="another plan"),
        pytest.param(Lane().prompt("Build the parcels.").step(9_000, say(), LOOK), id="nothing was given"),
        pytest.param(Lane().prompt("1. a\n2. b\n3. c").step(9_000, say(), LOOK), id="too short to be a plan"),
        pytest.param(Lane().prompt(GIVEN + "\n\nMake a plan first.").step(9_000, say(), LOOK), id="asked to plan"),
        pytest.param(Lane().prompt(GIVEN + "\nWrite docs/plans/parcels.md.").step(9_000, PLAN_FILE), id="the plan is the work"),
        pytest.param(Lane().prompt().prompt("And the colours?").step(9_000, say(), LOOK), id="a conversation"),
        pytest.param(Lane().prompt().step(9_000, Plan("", 0.0, 0, (), say().text), LOOK), id="a person's plan mode"),
        pytest.param(Lane().prompt().step(9_000, say(head="Found:"), LOOK), id="a list of results"),
    ],
)  # fmt: skip
def test_silent(lane: Lane):
    assert not open_of(lane)


def test_much_planning_counts_whatever_its_share():
    assert open_of(Lane().prompt().step(90_000, LOOK).step(20_000, say(), LOOK))


def test_a_list_brought_up_to_date_is_no_new_planning():
    lane = Lane().prompt().step(2_000, todos(), LOOK)
    for _ in range(5):
        lane.step(2_000, todos(status="completed"), LOOK)
    assert not open_of(lane)


@given(st.lists(hostile_events(), max_size=60))
def test_no_sequence_of_events_raises(events: list[Event]):
    for one in found(events, Limits(PlanLimits(plan_tokens=1, plan_overlap=0.0))):
        assert len(one.evidence) <= EVIDENCE_LIMIT
