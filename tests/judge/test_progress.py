"""What goes in circles is told by its outcome and by the state that it leaves; each kind has a quiet twin."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.judge.lanes import Script, flags, judged
from tui.judge.evidence import PAID_BACK, TWICE, Account
from tui.judge.outcomes import OutcomeReader
from tui.judge.requests import Request
from tui.judge.shapes import Role, Shape, exact_mark, undressed
from tui.judge.state import PATHS, Change, FileStates, brings_other_files, count_left, taken_back
from tui.judge.talk import Prompts, says_done
from tui.judge.turns import Turns
from tui.model.event import Call, Compact, Origin, Plan, PlanItem, Result, ToolKind
from tui.model.finding import RepetitionKind

NAMES = ("tide", "ebb", "surge", "swell", "neap", "spring", "crest", "trough", "fetch", "eddy", "shoal", "reef")


def told(script: Script) -> RepetitionKind | None:
    """The kind of what is said of a lane at its end; None if nothing is."""
    found = judged(script.events).repetition
    return found.kind if found.severity is not None else None


def plan(script: Script, *items: tuple[str, str]) -> None:
    """The whole plan is written."""
    script.call("TodoWrite", ToolKind.PLAN, f'{{"todos":"{items}"}}', "", "Todos have been modified")
    call = script.events.pop(-2)
    result = script.events.pop()
    stated = Plan("", call.at, call.offset, tuple(PlanItem(text, status) for text, status in items))
    script.events += [call, stated, result]


# -- failures ------------------------------------------------------------------------------------------------------


def test_another_form_of_a_call_that_fails_in_the_same_way_is_no_other_step():
    script = Script()
    for option in ("-v", "-4", "-o BatchMode=yes", "-i key", "-p 22", "-T", "-q"):
        script.run(
            f"ssh {option} build.internal uptime", "ssh: connect to host build.internal port 22: timed out", ok=False
        )
    found = judged(script.events).repetition
    assert found.kind is RepetitionKind.SAME_OUTCOME
    assert "`ssh`" in found.reason and "failed the same way" in found.reason
    assert flags(script.events)[0] <= 2 * 5


def test_the_words_of_the_call_are_no_part_of_its_error():
    script = Script()
    for name in NAMES[:7]:
        address = f"https://docs.example/{name}"
        script.call("WebFetch", ToolKind.WEB, f'{{"url":"{address}"}}', address, f"404: no page {name} here", ok=False)
    assert told(script) is RepetitionKind.SAME_OUTCOME


def test_failures_of_which_each_is_another_one_are_work():
    script = Script()
    errors = (
        "no module named",
        "bad indent in",
        "unknown field of",
        "wrong type for",
        "missing bracket at",
        "cycle over",
    )
    for number, error in enumerate(errors):
        script.edit("src/engine.py", f"attempt {number} {NAMES[number]}")
        script.run("pytest -q", f"E   {error} {NAMES[number]}\n1 failed, {number} passed", ok=False)
    assert told(script) is None


def test_a_check_whose_failures_grow_fewer_gets_on():
    script = Script()
    for left in range(14, 0, -1):
        script.edit("src/types.ts", f"fix {left} {NAMES[left % 12]}")
        script.run("npx tsc --noEmit", f"error TS2322: type is not assignable\nFound {left} errors.", ok=False)
    assert told(script) is None


# -- states --------------------------------------------------------------------------------------------------------


def test_a_file_that_goes_to_and_fro_is_told():
    script = Script()
    for number in range(12):
        old, new = ("a = 1", "a = 2") if number % 2 == 0 else ("a = 2", "a = 1")
        script.call(
            "Edit", ToolKind.EDIT, f'{{"file_path":"src/a.py","old_string":"{old}","new_string":"{new}"}}', "src/a.py",
            "The file src/a.py has been updated",
        )  # fmt: skip
    found = judged(script.events).repetition
    assert found.kind is RepetitionKind.OSCILLATION
    assert "returned to an earlier state" in found.reason


def test_what_a_person_wants_taken_back_is_no_oscillation():
    script = Script()
    for number in range(12):
        script.prompt(f"Please try {NAMES[number]} there.")
        old, new = ("a = 1", "a = 2") if number % 2 == 0 else ("a = 2", "a = 1")
        script.call(
            "Edit", ToolKind.EDIT, f'{{"file_path":"src/a.py","old_string":"{old}","new_string":"{new}"}}', "src/a.py",
            "The file src/a.py has been updated",
        )  # fmt: skip
    assert told(script) is None


def test_states_of_files():
    states = FileStates()

    def edit(old: str, new: str) -> Change | None:
        return states.edit(f'{{"file_path":"a","old_string":"{old}","new_string":"{new}"}}', "a")

    assert edit("x", "y") is Change.NEW
    assert edit("y", "x") is Change.UNDONE
    assert edit("x", "y") is Change.BACK
    assert edit("y", "x") is Change.UNDONE
    assert edit("x", "z") is Change.NEW
    assert states.take_back("a") is Change.UNDONE
    assert states.take_back(None) is Change.NONE
    assert states.edit('{"file_path":"b","content":"one"}', "b") is Change.NEW
    assert states.edit('{"file_path":"b","content":"one"}', "b") is Change.NONE
    assert states.edit("no JSON", "c") is None
    whole = states.tree
    assert states.edit('{"file_path":"b","content":"two"}', "b") is Change.NEW
    assert states.tree != whole
    assert states.edit('{"file_path":"b","content":"one"}', "b") is Change.BACK
    assert states.tree == whole
    for number in range(PATHS):
        states.edit(f'{{"file_path":"f{number}","content":"one"}}', "f")
    states.take_back(None)
    assert states.tree == 0  # also of the files that were forgotten
    patch = r'{"input":"*** Begin Patch\n*** Add File: d\n+one\n+two\n*** End Patch"}'
    assert states.edit(patch, "d") is Change.NEW
    assert states.edit(patch, "d") is Change.NONE


@pytest.mark.parametrize(
    ("command", "back"),
    [
        ("git checkout -- src/a.py", (True, "src/a.py")),
        ("git restore src/a.py", (True, "src/a.py")),
        ("git reset --hard", (True, None)),
        ("git stash", (True, None)),
        ("git checkout main", (False, None)),
        ("ls", (False, None)),
    ],
)
def test_commands_that_put_files_back(command: str, back: tuple[bool, str | None]):
    assert taken_back(command) == back


def test_another_branch_brings_other_files():
    assert brings_other_files("git checkout main && git pull")
    assert not brings_other_files("git status")


def test_what_is_left_is_counted():
    assert count_left(b"Found 3 errors in 2 files") == 3
    assert count_left(b"2 failed, 40 passed") == 2
    assert count_left(b"all fine") is None


# -- looking -------------------------------------------------------------------------------------------------------


def test_searches_that_find_nothing_are_told():
    script = Script()
    for name in NAMES:
        script.call("Grep", ToolKind.SEARCH, f'{{"pattern":"{name}_rate"}}', f"{name}_rate", "No matches found")
    found = judged(script.events).repetition
    assert found.kind is RepetitionKind.SEARCHING
    assert "found nothing new" in found.reason


def test_searches_that_find_something_are_work():
    script = Script()
    for number, name in enumerate(NAMES):
        hit = f"src/{name}.py:{number}: {name} of {NAMES[-number]}"
        script.call("Grep", ToolKind.SEARCH, f'{{"pattern":"{name}"}}', name, hit if number % 2 else "No matches found")
    assert told(script) is None


def test_a_file_that_is_read_again_unchanged_is_told():
    script = Script()
    for number in range(6):
        script.call(
            "Read", ToolKind.READ, f'{{"file_path":"a.py","offset":{number}}}', "a.py", "def a(): ...\ndef b(): ..."
        )
    assert told(script) is RepetitionKind.REREADING


def test_a_file_that_is_read_after_each_edit_is_not():
    script = Script()
    for number, name in enumerate(NAMES):
        script.edit("a.py", f"def {name}(): ...")
        script.read("a.py", "\n".join(f"def {one}(): ..." for one in NAMES[: number + 1]))
    assert told(script) is None


# -- waiting -------------------------------------------------------------------------------------------------------


def test_a_wait_ends_where_nothing_moves():
    script = Script()
    for _ in range(20):
        script.run("sleep 60; tail -n 2 train.log", "epoch 3 of 40", seconds=60)
    found = judged(script.events).repetition
    assert found.kind is RepetitionKind.WAITING
    assert found.reason.startswith("checked 20 times without a change")


def test_a_wait_for_what_is_dead_ends_soon():
    script = Script()
    for _ in range(6):
        script.run("sleep 60; tail -n 2 train.log", "Traceback (most recent call last):\nMemoryError", seconds=60)
    assert told(script) is RepetitionKind.WAITING


def test_a_wait_for_what_moves_does_not_end():
    script = Script()
    for number in range(40):
        script.run("sleep 60; tail -n 2 train.log", f"epoch {number} of 40, loss {NAMES[number % 12]}", seconds=60)
    assert told(script) is None


# -- talk ----------------------------------------------------------------------------------------------------------


def test_a_bare_word_is_no_news_and_a_request_is():
    prompts = Prompts()
    assert not prompts.is_news("continue")
    assert not prompts.is_news("yes, go ahead")
    assert not prompts.is_news("Stop hook feedback: tests are missing")
    assert prompts.is_news("Add the tide table to the page")
    assert not prompts.is_news("Add the tide table to the page")


def test_talk_between_bare_words_is_told():
    script = Script().prompt("Build the importer.")
    for _ in range(6):
        script.say("I will now write the importer and then run all of its tests.").end().prompt("continue")
    assert told(script) is RepetitionKind.MONOLOGUE


def test_answers_to_a_person_are_no_talk():
    script = Script()
    for name in NAMES:
        script.prompt(f"What does {name} mean here?").say(f"The {name} is the height of the water at that time.").end()
    assert told(script) is None


def test_the_same_question_again_is_told():
    script = Script()
    for _ in range(6):
        script.call(
            "AskUserQuestion", ToolKind.ASK, '{"question":"Shall I use the red or the blue table?"}',
            "Shall I use the red or the blue table?", "The user chose: blue",
        )  # fmt: skip
    assert told(script) is RepetitionKind.ASKING


def test_a_plan_that_is_only_rewritten_is_told_and_one_that_gets_on_is_not():
    script, moving = Script(), Script()
    for number in range(8):
        plan(script, (f"read the {NAMES[number]} code", "pending"), ("write it", "pending"))
        plan(moving, *((name, "completed" if at < number else "pending") for at, name in enumerate(NAMES)))
    assert told(script) is RepetitionKind.PLANNING
    assert told(moving) is None


def test_texts_about_finished_work_are_told():
    script = (
        Script().prompt("Mend the importer.").edit("src/importer.py", "mended").say("All done. The task is complete.")
    )
    for name in NAMES[:6]:
        script.call(
            "Write", ToolKind.EDIT, f'{{"file_path":"{name}_REPORT.md","content":"what was done, by {name}"}}',
            f"{name}_REPORT.md", "File created",
        )  # fmt: skip
    assert told(script) is RepetitionKind.AFTER_DONE
    assert says_done("The migration is complete.")
    assert not says_done("I have not done it yet")


def test_compactions_with_nothing_done_between_are_told():
    script = Script().prompt("Port the parser.")
    for _ in range(6):
        script.read("src/parser.py", "def parse(): ...\ndef scan(): ...")
        script.events.append(Compact(*script._next(), "auto", 100, 10))  # pyright: ignore[reportPrivateUsage]
    assert told(script) is RepetitionKind.COMPACTION


def test_helpers_for_the_same_task_are_told_and_a_fan_out_is_not():
    again, fan = Script(), Script()
    for name in NAMES[:7]:
        for script, task in ((again, "Find out why the build fails."), (fan, f"Write the page about {name}.")):
            script.call("Task", ToolKind.AGENT, f'{{"prompt":"{task}"}}', task, "Async agent launched.")
    assert told(again) is RepetitionKind.RESPAWN
    assert told(fan) is None


# -- parts ---------------------------------------------------------------------------------------------------------


def call(tool: str, kind: ToolKind, summary: str, message: str | None = None) -> Call:
    return Call("", 1.0, 1, "c", tool, kind, f'{{"x":"{summary}"}}', summary, message=message)


def test_calls_of_one_message_are_one_turn_also_where_a_result_comes_between():
    turns = Turns()
    first = turns.call(call("Bash", ToolKind.SHELL, "ls", "m1"))
    turns.close()
    assert turns.call(call("Bash", ToolKind.SHELL, "pwd", "m1")) == first
    turns.close()
    assert turns.call(call("Bash", ToolKind.SHELL, "pwd", "m2")) == first + 1


def test_calls_without_a_message_are_one_turn_until_a_result_comes():
    turns = Turns()
    assert turns.call(call("exec_command", ToolKind.SHELL, "ls")) == turns.call(
        call("exec_command", ToolKind.SHELL, "pwd")
    )
    turns.close()
    assert turns.call(call("exec_command", ToolKind.SHELL, "ls")) == 2


@pytest.mark.parametrize(
    ("tool", "kind", "summary", "role"),
    [
        ("Bash", ToolKind.SHELL, "npm run build 2>&1 | tail -20", Role.CHECK),
        ("Bash", ToolKind.SHELL, "cd app && rg -n tide | head", Role.LOOK),
        ("Bash", ToolKind.SHELL, "sleep 30; tail -n 3 log", Role.WAIT),
        ("Bash", ToolKind.SHELL, "cat > a.txt <<E", Role.ACT),
        ("mcp__browser__snapshot", ToolKind.MCP, "", Role.LOOK),
        ("mcp__browser__browser_click", ToolKind.MCP, "", Role.ACT),
        ("SendMessage", ToolKind.AGENT, "", Role.TELL),
        ("Task", ToolKind.AGENT, "", Role.SPAWN),
        ("TodoWrite", ToolKind.PLAN, "", Role.PLAN),
        ("Edit", ToolKind.EDIT, "a.py", Role.EDIT),
    ],
)
def test_what_a_call_is_for(tool: str, kind: ToolKind, summary: str, role: Role):
    made = call(tool, kind, summary)
    assert Shape(made, exact_mark(made)).role is role


def test_a_result_is_as_new_as_what_the_call_did_not_say_itself():
    reader = OutcomeReader()

    def fresh(query: str, text: str) -> float:
        made = call("WebSearch", ToolKind.WEB, query)
        shape = Shape(made, exact_mark(made))
        return reader.read(Result("", 1.0, 2, "c", ok=True, text=text, size=len(text)), shape).fresh

    assert fresh("tide table", "results for tide table\nthe harbor's page") == 1.0
    assert fresh("table of tides", "results for table of tides\nthe harbor's page") == 0.0
    assert fresh("moon", "results for moon\nthe observatory's page") == 0.5


def test_an_agents_task_that_is_given_again_is_no_news():
    script = Script()
    for _ in range(8):
        script.prompt("Thanks, please confirm that you are ready.", Origin.AGENT)
        script.say("Confirmed, I am ready and waiting for your next message.").end()
    assert told(script) is RepetitionKind.MONOLOGUE


# -- the lane as a whole -------------------------------------------------------------------------------------------


def test_rounds_of_many_calls_with_other_work_between_are_told():
    script = Script()
    for number in range(8):
        script.run("fuser -k 3000/tcp", f"3000/tcp: {2800 + 977 * number % 6000}")
        script.run("npm run dev", f"Error: port 3000 is already in use (pid {4100 + 733 * number % 5000})", ok=False)
        if number % 2:
            script.read(f"src/{NAMES[number]}.ts", f"export const {NAMES[number]} = 1\n// about {NAMES[number]}")
    assert told(script) is not None


def test_an_account_is_paid_back_and_first_repeats_alone_raise_nothing():
    account = Account()
    for turn in range(1, 20):
        account.add(turn, 1.0, 0.0, is_first=True)
    assert account.owed == TWICE
    account.add(20, 0.0, 1.0, is_first=False)
    assert account.owed == TWICE - PAID_BACK
    account.clear()
    assert account.owed == 0.0


@pytest.mark.parametrize(
    ("text", "times", "watches", "each"),
    [
        ("Run it 20 times and tell me the rate.", 20, False, False),
        ("Switch it on and off ten times each in turn.", 10, False, True),
        ("It is 100 times slower than before.", 0, False, False),
        ("Look every ten minutes and apply when it is free.", 0, True, True),
        ("Check the queue until it is empty.", 0, True, False),
        ("Add a watch mode to the build.", 0, False, False),
        ("Move every module to the new logger, one by one.", 0, False, True),
    ],
)
def test_what_a_person_asked_for(text: str, times: int, watches: bool, each: bool):
    request = Request(text)
    assert (request.times, request.watches, request.each) == (times, watches, each)


def test_runs_that_a_person_asked_for_are_no_repetition():
    script = Script().prompt("How flaky is it? Run it 12 times and don't fix it.")
    for _ in range(12):
        script.run("pytest -q tests/test_a.py", "1 failed, 3 passed", ok=False)
    assert told(script) is None


def test_numbers_that_jump_about_are_no_news_and_numbers_that_go_on_are():
    jumping, falling = Script(), Script()
    for number in range(8):
        jumping.run("./serve", f"listening failed, process {3000 + 1777 * number % 5000} exists", ok=False)
        falling.run("psql -c lag", str(640 - 70 * number))
    assert told(jumping) is not None
    assert told(falling) is None


def test_the_same_command_in_another_coat_is_the_same():
    assert undressed("cd /src/app && npm test 2>&1 | tail -20") == "npm test"
    assert undressed("timeout 60 make check; echo done") == "make check"
    assert undressed("git log | grep fix") == "git log | grep fix"


def test_a_result_that_fits_a_failure_is_one_whatever_the_client_says():
    script = Script()
    for number in range(7):
        error = f"node server.js\n  throw er; // Unhandled event\nError: listen EPERM 0.0.0.0:{3000 + 7 * (number % 2)}"
        script.run("npm start", error, ok=number > 1)
    assert told(script) is RepetitionKind.SAME_ERROR


def test_a_tried_state_that_is_tried_again_counts_and_a_return_to_the_beginning_does_not():
    script = Script()
    for number in range(10):
        one, other = "a = 1", f"a = {NAMES[number]}"
        for old, new in ((one, other), (other, one)):
            args = f'{{"file_path":"src/a.py","old_string":"{old}","new_string":"{new}"}}'
            script.call("Edit", ToolKind.EDIT, args, "src/a.py", "The file src/a.py has been updated")
            script.run("pytest -q", f"{NAMES[number]} {len(new)} passed")
    assert told(script) is None


def test_a_machines_prompts_are_no_news_and_a_person_who_counts_says_something_new():
    prompts = Prompts()
    assert prompts.is_news("run 7 of 20 please")
    assert prompts.is_news("run 8 of 20 please")
    reminder = (
        "Reminder {} of the pipeline: you have edited files in this session that were not verified, please verify them"
    )
    assert prompts.is_news(reminder.format(3))
    assert not prompts.is_news(reminder.format(4))
    assert not prompts.is_news("?")


# -- history that is written again -----------------------------------------------------------------------------------


def worked() -> Script:
    """Honest work of some minutes."""
    script = Script().prompt("build the tide table")
    for name in NAMES:
        script.say(f"Now the {name}.").run(f"cat {name}.go", f"package {name}\nfunc {name.title()}() {{}}")
        script.run(f"go test ./{name}", f"ok {name} 0.{len(name)}s")
    return script


def test_history_that_a_resumed_session_writes_again_is_no_repetition():
    script = worked()
    once = list(script.events)
    events = [*once, *once, *once]
    assert judged(events).repetition == judged(once).repetition
    assert judged(events).steps == judged(once).steps


def test_calls_with_one_id_for_all_are_still_judged():
    script = Script().prompt("mend the build")
    for _ in range(14):
        script.run("make build", "error: no rule to make target `all'", ok=False)
    events = [replace(one, call="call_0") if isinstance(one, Call | Result) else one for one in script.events]
    assert judged(events).repetition.severity is not None
