"""The smaller detectors: what each raises, what ends it, and the nearest honest thing that it leaves alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.judge.lanes import Script
from tui.judge.detector import Detector, Raised
from tui.judge.findings.base import Setup
from tui.judge.findings.collision import ChangedUnder, CollisionBook, Refusal, Touch
from tui.judge.findings.hard_stop import HardStop
from tui.judge.findings.hourly_burn import Burnt, hourly_burn
from tui.judge.findings.missing_tool import MissingTool
from tui.judge.findings.overdone import Overdone
from tui.judge.findings.registry import make_detectors
from tui.judge.findings.spiral import Node, spirals
from tui.judge.limits import Limits
from tui.ledger.prices import PriceTable
from tui.model.event import ApiError, Call, Edit, Event, Limit, Mark, Plan, PlanItem, State, ToolKind

LIMITS = Limits()


def open_of(detector: Detector, events: list[Event]) -> list[Raised]:
    for event in events:
        detector.apply(event, 0)
    return [one for one in detector.raised() if one.until is None]


# -- missing tools --------------------------------------------------------------------------------------------

GONE = "Error: No such tool available: Browser"


def test_a_tool_that_does_not_exist_is_told_at_the_second_call():
    script = Script().call("Browser", ToolKind.OTHER, "{}", "", GONE, ok=False)
    assert not open_of(MissingTool(LIMITS), script.events)
    script.call("Browser", ToolKind.OTHER, "{}", "", GONE, ok=False)
    [found] = open_of(MissingTool(LIMITS), script.events)
    assert found.subject == "Browser"
    assert found.title == "it called the tool Browser 2 times, but it has no such tool"
    assert len(found.evidence) == 2


def test_it_ends_when_the_tool_answers():
    script = Script()
    for _ in range(3):
        script.call("Browser", ToolKind.OTHER, "{}", "", GONE, ok=False)
    script.call("Browser", ToolKind.OTHER, "{}", "", "a page")
    detector = MissingTool(LIMITS)
    assert not open_of(detector, script.events)
    assert [one.until for one in detector.raised()] == [script.at]


def test_a_shell_that_lacks_a_program_is_no_missing_tool():
    script = Script()
    for _ in range(5):
        script.run("foo --version", "bash: foo: command not found", ok=False)
    assert not open_of(MissingTool(LIMITS), script.events)


# -- hard stops -----------------------------------------------------------------------------------------------


def limit(script: Script) -> Limit:
    return Limit("", script.at + 1, 99_999, None, None, None, None, reached=True)


def half_done() -> Script:
    script = Script().prompt("Move the widget.")
    plan = (PlanItem("read", "completed"), PlanItem("move", "in_progress"), PlanItem("test", "pending"))
    script.events.append(Plan("", script.at, 150, plan))
    script.events.append(Edit("", script.at, 160, "/home/mara/w.ts", None, "update"))
    script.events.append(Call("", script.at, 170, "open", "Bash", ToolKind.SHELL, "{}", "pnpm test"))
    return script


def test_a_limit_in_the_middle_of_work_lists_what_is_half_done():
    script = half_done()
    [found] = open_of(HardStop(), [*script.events, limit(script)])
    assert (
        found.title
        == "it was cut off in the middle of its work (usage limit reached): 1 tool call without a result, 2 of 3 planned "
        "steps open, 1 changed file not committed"
    )
    texts = [one.text for one in found.evidence]
    assert "no result yet: Bash pnpm test" in texts
    assert "planned, not done: test" in texts
    assert "changed, not committed: /home/mara/w.ts" in texts


def test_it_ends_when_the_lane_works_on():
    script = half_done()
    detector = HardStop()
    later = Script(script.at + 3600).run("pnpm test", "ok")
    assert not open_of(detector, [*script.events, limit(script), *later.events])
    assert detector.raised()[0].until is not None


def test_a_limit_between_two_pieces_of_work_cuts_nothing():
    script = Script().run("ls", "a").say("Done.").end()
    assert not open_of(HardStop(), [*script.events, limit(script)])


def test_a_persons_own_interrupt_is_no_hard_stop():
    script = half_done()
    stop = State("", script.at + 1, 999, Mark.INTERRUPTED)
    assert not open_of(HardStop(), [*script.events, stop])


def test_a_fault_that_the_client_retries_is_none():
    script = half_done()
    assert not open_of(
        HardStop(), [*script.events, ApiError("", script.at + 1, 999, "overloaded", 529, 5.0, final=False)]
    )


# -- overdone -------------------------------------------------------------------------------------------------


def write(script: Script, path: str, lines: list[str]) -> Script:
    text = "\\n".join(lines)
    return script.call("Write", ToolKind.EDIT, f'{{"file_path":"{path}","content":"{text}"}}', path, "created")


def test_ten_lines_of_code_with_fifty_of_documentation():
    script = Script().prompt("Add a retry to the client.")
    for n in range(5):
        write(script, f"src/c{n}.py", [f"x{k} = {k}" for k in range(10)])
        write(script, f"notes_{n}.md", [f"about {k}" for k in range(50)])
    [found] = open_of(Overdone(LIMITS), script.events)
    assert found.subject == "documentation"
    assert found.title.startswith("it wrote 250 lines of documentation for 50 lines of code")


def test_documentation_that_was_asked_for_is_left_alone():
    script = Script().prompt("Write the documentation of the client.")
    write(script, "a.py", ["x = 1"])
    for n in range(5):
        write(script, f"notes_{n}.md", [f"about {k}" for k in range(50)])
    assert not open_of(Overdone(LIMITS), script.events)


def test_a_patch_is_counted_by_its_files():
    script = Script().prompt("Add a retry.")
    body = "\\n".join(
        ["*** Begin Patch", "*** Add File: a.go", *["+x := 1"] * 60, "*** Add File: a_test.go", *["+y := 1"] * 400]
    )
    script.call("apply_patch", ToolKind.EDIT, f'{{"input":"{body}"}}', "a.go", "ok")
    [found] = open_of(Overdone(LIMITS), script.events)
    assert found.subject == "tests"


# -- collisions -----------------------------------------------------------------------------------------------


class World:
    """Lanes by name: when they began, and who descends from whom."""

    def __init__(
        self, started: dict[str, float], related: tuple[str, ...] = (), below: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self._started = started
        self._related = related
        self._below = below

    def are_related(self, one: str, other: str) -> bool:
        return one in self._related and other in self._related

    def is_recording(self, lane: str) -> bool:
        return False

    def is_below(self, lane: str, ancestor: str) -> bool:
        return (lane, ancestor) in self._below

    def name(self, lane: str) -> str:
        return lane.upper()

    def started(self, lane: str) -> float | None:
        return self._started.get(lane)


def told(touches: list[Touch], world: World, refusals: tuple[Refusal, ...] = ()) -> dict[str, list[Raised]]:
    book = CollisionBook(LIMITS)
    for touch in touches:
        book.add(touch)
    return book.found(world, refusals, relations_changed=True)


def touch(lane: str, at: float, path: str = "/repo/a.py") -> Touch:
    return Touch(lane, path, at, f"{lane}.jsonl", int(at))


BOTH = World({"a": 0.0, "b": 0.0})


def test_two_lanes_that_write_one_file_within_minutes():
    found = told([touch("a", 100), touch("b", 160)], BOTH)
    assert found["a"][0].title == "this lane and B both write a.py, so one may overwrite what the other wrote in it"
    assert found["b"][0].since == 160


def test_a_lane_that_goes_on_with_a_file_minutes_after_another_is_a_hand_over():
    assert not told([touch("a", 100), touch("b", 400)], BOTH)
    assert told([touch("a", 100), touch("b", 400), touch("a", 500)], BOTH), "by turns"


def refused(lane: str, held_at: float, at: float) -> Refusal:
    return Refusal(lane, "/repo/a.py", held_at, at, f"{lane}.jsonl", int(at))


def test_a_refused_edit_names_the_lane_that_had_written_the_file():
    found = told([touch("a", 500)], BOTH, (refused("b", 100, 900),))
    assert found["b"][0].title == "this lane and A both write a.py, so one may overwrite what the other wrote in it"
    assert [one.text for one in found["a"][0].evidence] == [
        "A wrote /repo/a.py",
        "an edit of /repo/a.py by B was refused because the file had changed",
    ]
    assert not told([touch("a", 50)], BOTH, (refused("b", 100, 900),)), "it had read what the other wrote"
    helper = World({"a": 0.0, "b": 0.0}, below=(("a", "b"),))
    assert not told([touch("a", 500)], helper, (refused("b", 100, 900),)), "its own helper wrote it"


def test_the_order_in_which_it_becomes_known_does_not_matter():
    touches = [
        touch("a", 100),
        touch("b", 160),
        touch("a", 300),
        touch("b", 400, "/repo/b.py"),
        touch("a", 410, "/repo/b.py"),
    ]
    assert told(touches, BOTH) == told(touches[::-1], BOTH)


def test_worktrees_hours_and_hand_offs_are_no_collisions():
    assert not told([touch("a", 100), touch("b", 160, "/other/a.py")], BOTH)
    assert not told([touch("a", 100), touch("b", 100 + 7200)], BOTH)
    assert not told([touch("a", 100), touch("b", 160)], World({"a": 0.0, "b": 130.0}))
    assert not told([touch("a", 100), touch("b", 160)], World({"a": 0.0, "b": 0.0}, related=("a", "b")))
    assert not told([touch("a", 100, "/repo/package-lock.json"), touch("b", 160, "/repo/package-lock.json")], BOTH)


def test_a_parent_and_its_child_collide_by_turns_alone():
    world = World({"a": 0.0, "b": 0.0}, related=("a", "b"))
    assert told([touch("a", 100), touch("b", 160), touch("a", 200)], world)


def test_a_copy_of_history_is_not_a_second_change():
    assert not told([touch("a", 100), touch("b", 100), touch("a", 200), touch("b", 200)], BOTH)


def test_an_edit_that_is_refused_because_the_file_changed():
    script = Script().read("/repo/a.py", "x")
    refused = "File has been modified since read, either by the user or by a linter."
    script.call("Edit", ToolKind.EDIT, "{}", "/repo/a.py", refused, ok=False)
    detector = ChangedUnder(LIMITS)
    [found] = open_of(detector, script.events)
    assert found.title == "somebody else changed a.py while this lane worked on it, so its edit was refused"
    assert found.severity == "info", "a person may change files"
    assert [one.path for one in detector.refused] == ["/repo/a.py"]


@pytest.mark.parametrize("command", ["git checkout main && git pull", "git commit -m x", "git -C web stash pop"])
def test_a_file_that_the_lanes_own_command_replaced_is_nobody_elses_change(command):
    script = Script().read("/repo/a.py", "x").run(command, "done")
    text = "File has been modified since read, either by the user or by a linter."
    script.call("Edit", ToolKind.EDIT, "{}", "/repo/a.py", text, ok=False)
    detector = ChangedUnder(LIMITS)
    assert not open_of(detector, script.events)
    assert not detector.refused


def test_a_formatter_that_the_lane_ran_is_nobody_else():
    script = Script().read("/repo/a.py", "x").run("ruff format .", "1 file reformatted")
    script.events.append(Edit("", script.at + 2, 5000, "/repo/a.py", None, "update", by_lane=False))
    assert not open_of(ChangedUnder(LIMITS), script.events)
    later = Edit("", script.at + 200, 6000, "/repo/a.py", None, "update", by_lane=False)
    assert open_of(ChangedUnder(LIMITS), [*script.events, later])


# -- spirals --------------------------------------------------------------------------------------------------


def chain(depth: int) -> list[Node]:
    return [
        Node(f"n{n}", f"lane n{n}", f"n{n - 1}" if n else None, n, f"do part {n}", float(n), "x.jsonl", n)
        for n in range(depth + 1)
    ]


def test_subagents_nested_too_deep_are_told_at_the_root():
    assert not spirals(chain(5), LIMITS)
    found = spirals(chain(7), LIMITS)
    assert list(found) == ["n0"]
    assert found["n0"][0].title == "its subagents start subagents, 7 levels deep; 5 levels are usual"
    assert found["n0"][0].since == 6.0


def test_one_prompt_spawned_again_and_again():
    root = Node("r", "lane r", None, 0, "go", 0.0, "x", 0)
    same = [Node(f"c{n}", f"lane c{n}", "r", 1, "Find why the build fails.", float(n), "x", n) for n in range(4)]
    title = "4 subagents were started with the same prompt: “Find why the build fails.”"
    assert spirals([root, *same], LIMITS)["r"][0].title == title
    fan_out = [
        Node(f"c{n}", f"lane c{n}", "r", 1, f"Translate page {n} of the guide.", float(n), "x", n) for n in range(9)
    ]
    assert not spirals([root, *fan_out], LIMITS)


# -- burn -----------------------------------------------------------------------------------------------------


def test_burn_over_the_budget():
    assert hourly_burn(Burnt(1, 10, 10**9), 0, "the lane", 0.0) is None
    assert hourly_burn(Burnt(9, 100_000, 400_000), 1_000_000, "the lane", 0.0) is None  # a burst is no trend
    assert hourly_burn(Burnt(0, 100_000, 600_000), 1_000_000, "the lane", 0.0) is None  # it has come to rest
    near = hourly_burn(Burnt(9, 100_000, 600_000), 1_000_000, "the lane", 0.0)
    over = hourly_burn(Burnt(0, 0, 1_000_001), 1_000_000, "all lanes", 0.0)
    assert near is not None and near.severity == "warn"
    assert over is not None and over.severity == "stop"
    assert over.title == "all lanes burnt 1,000,001 tokens in the last hour; the budget is 1,000,000 tokens per hour"


# -- all ------------------------------------------------------------------------------------------------------

texts = st.text(max_size=60) | st.sampled_from(
    [GONE, "*** Begin Patch\n+x", '{"content":"a\\nb"}', "modified since read"]
)
calls = st.builds(Call, st.just(""), st.floats(0, 1e6) | st.none(), st.integers(0, 99), st.sampled_from("abc"), texts,
                  st.sampled_from(ToolKind), texts, texts)  # fmt: skip
edits = st.builds(Edit, st.just(""), st.floats(0, 1e6) | st.none(), st.integers(0, 99), texts, st.none(), st.just("update"),
                  st.booleans())  # fmt: skip


@given(st.lists(calls | edits, max_size=30))
def test_no_events_break_a_detector(events: list[Event]):
    for detector in make_detectors(Setup(LIMITS, PriceTable({}, {}))):
        open_of(detector, events)


@pytest.mark.parametrize(
    "prompt",
    [
        "/workflows:plan the new warning",
        "make plan.md shorter",
        "请精简plan.md里的内容",
        "x " * 3000 + "## Tests and docs",
        "do 1 and 2",
    ],
)
def test_what_a_person_asks_for_by_a_file_a_command_or_a_short_answer_is_left_alone(prompt: str):
    script = (
        Script().prompt("Look at the client.").say("I can: 1. write a guide for it, 2. add a retry.").prompt(prompt)
    )
    write(script, "a.py", ["x = 1"])
    for n in range(5):
        write(script, f"notes_{n}.md", [f"about {k}" for k in range(50)])
    assert not open_of(Overdone(LIMITS), script.events)
