"""What goes in circles is told, by kind and in words; what only looks like it stays quiet."""

from __future__ import annotations

import pytest

from tests.judge.lanes import Script, flags, judged
from tui.model.event import ToolKind
from tui.model.finding import RepetitionKind, Severity

ERROR = "npm ERR! code ERESOLVE\nnpm ERR! could not resolve\nnpm ERR! log in /tmp/npm-{n}-debug.log"


def test_the_same_error_is_told_at_the_fourth_time_and_grave_soon_after():
    script = Script().prompt("Install it.")
    for n in range(12):
        script.run("npm install --no-audit", ERROR.format(n=1000 + n), ok=False)
    found = judged(script.events).repetition
    assert found.kind is RepetitionKind.SAME_ERROR
    assert found.severity is Severity.STOP
    assert found.reason == "`npm install --no-audit` failed 12 times with the same error"
    assert [step.text for step in found.steps] == ["npm install --no-audit"] * 8
    first_up = flags(script.events)[0]
    assert first_up == 1 + 4 * 2 - 1  # the prompt, then call and result of four steps


def test_the_same_result_over_and_over():
    script = Script()
    for _ in range(6):
        script.run("make report", "report.html is up to date")
    found = judged(script.events).repetition
    assert found.kind is RepetitionKind.SAME_RESULT
    assert "ran 6 times with the same result" in found.reason


@pytest.mark.parametrize(
    "commands",
    [["gh pr resolve --thread T"] * 8, [f"./review threads --request {n}" for n in range(10, 18)]],
    ids=["one call", "another number each"],
)
def test_calls_made_at_once_do_not_repeat_one_another(commands):
    script = Script().prompt("See to the open requests.").at_once(commands, "Action completed.")
    assert judged(script.events).repetition.severity is None


def test_rounds_of_calls_made_at_once_repeat_one_another():
    script = Script().prompt("See to the open requests.")
    for _ in range(6):
        script.at_once(["./review threads --request 10"] * 2, "Action completed.")
    found = judged(script.events).repetition
    assert found.severity is not None
    assert "ran 6 times with the same result" in found.reason


TREES = (
    "alder", "birch", "cedar", "dogwood", "elm", "fir", "gum", "hazel", "ivy", "juniper", "kauri", "larch", "maple",
    "nutmeg", "oak", "pine",
)  # fmt: skip


@pytest.mark.parametrize("period", [2, 3, 5, 7, 12, 16])
def test_a_cycle_of_any_length_is_told_in_its_third_round(period):
    script = Script()
    for _ in range(3):
        for n in range(period):
            tree = TREES[n]
            script.read(
                f"src/{tree}.py", "\n".join(f"{tree}_{part}" for part in ("root", "wood", "bark", "leaf", "seed"))
            )
    found = judged(script.events).repetition
    assert found.severity is not None
    assert found.kind in (RepetitionKind.CYCLE, RepetitionKind.STALE)
    assert flags(script.events)[0] >= 2 * 2 * period


def test_a_cycle_names_its_calls():
    script = Script()
    for _ in range(5):
        script.read("a.py", "one\ntwo").read("b.py", "three\nfour")
    found = judged(script.events).repetition
    assert found.kind is RepetitionKind.CYCLE
    assert (found.period, found.repeats) == (2, 5)
    assert found.reason == "5 rounds of `Read a.py` → `Read b.py` brought nothing new"


def test_calls_that_differ_by_a_label_and_a_number():
    script = Script()
    for n in range(20):
        label = f"book_{('tide', 'ebb', 'surge', 'swell', 'neap', 'spring')[n % 6]}_{'abcdefghijklmnopqrst'[n]}"
        script.run(f"./probe --lane {label} --ts {4700 + 13 * n}", f"lane {label}: nothing to do\nguards unchanged")
    lane = judged(script.events)
    assert lane.repetition.severity is not None
    assert flags(script.events)


def test_one_test_by_name_again_and_again_is_told():
    script = Script()
    for _ in range(20):
        script.run("pytest -q tests/test_booking.py -k test_refund", "1 passed, 41 deselected in 0.31s")
    assert flags(script.events)


def test_calls_that_differ_by_label_alone():
    script = Script()
    for n in range(12):
        script.run(
            f"./run_lane.sh --lane action_{n} --ts {17000 + n}", f"lane action_{n}: nothing to do\nguards unchanged"
        )
    found = judged(script.events).repetition
    assert found.severity is not None
    assert found.kind in (RepetitionKind.LABELS, RepetitionKind.SAME_RESULT)


def test_a_monologue():
    script = Script()
    for n in range(8):
        script.say(f"I am now waiting for the build to finish and will report back, check {n}.")
    found = judged(script.events).repetition
    assert found.kind is RepetitionKind.MONOLOGUE
    assert "8 times without a call" in found.reason


def test_one_message_that_chants():
    script = Script().say("Counting the records now. " + "count " * 400)
    assert judged(script.events).repetition.kind is RepetitionKind.MONOLOGUE


def test_a_loop_with_other_work_between():
    script = Script()
    for n in range(24):
        script.run("make deploy", "error: no credentials for stage", ok=False)
        if n % 3 == 0:
            script.read(f"docs/page_{'abcdefghijkl'[n // 3]}.md", f"heading {n}\nwords about topic {n * 7}")
    assert judged(script.events).repetition.severity is Severity.STOP


QUIET = {}


def quiet(make):
    QUIET[make.__name__] = make
    return make


@quiet
def a_poll_with_changing_output():
    script = Script()
    for n in range(30):
        script.run("gh run view 81 --log", f"build: step {n} of 40 running\nelapsed {n} min", seconds=60)
    return script


@quiet
def a_poll_within_a_stated_wait():
    script = Script()
    for _ in range(12):
        script.run("sleep 30; tail -n 3 build.log", "still linking")
    return script


@quiet
def a_background_command_is_read():
    script = Script()
    for _ in range(12):
        script.call("BashOutput", ToolKind.OTHER, '{"bash_id":"7"}', "7", "no new output")
    return script


@quiet
def an_edit_test_cycle_that_moves():
    script = Script()
    for n in range(20):
        script.edit("src/engine.py", f"attempt {'abcdefghijklmnopqrst'[n]}")
        script.run("pytest -q tests/test_engine.py", f"F\nassert {n} == 20\n{20 - n} failed", ok=False)
    return script


@quiet
def one_test_after_another_by_name():
    script = Script()
    names = (
        "rounding",
        "refund",
        "overlap",
        "timezone",
        "storm",
        "closing",
        "pier",
        "ticket",
        "fare",
        "season",
        "crew",
    )
    for name in names:
        script.run(f"pytest -q tests/test_booking.py -k test_{name}", "1 passed, 41 deselected in 0.31s")
    for name in names:
        script.run(f"go test ./booking -run Test{name.title()}", "ok  \tharbor/booking\t0.214s")
    return script


@quiet
def a_finite_batch_over_distinct_files():
    script = Script()
    for n in range(40):
        script.run(f"./convert.sh pages/page_{n}.md", f"{n + 1} of 40: wrote pages/page_{n}.html ({n * 13} words)")
    return script


@quiet
def many_files_are_read_in_one_manner():
    script = Script()
    for n in range(40):
        script.read(f"src/module_{n}.py", f"class Thing{n}:\n    def act(self): return {n * n}\n    # {n} notes")
    return script


@quiet
def paging_through_one_file():
    script = Script()
    for n in range(30):
        script.run(
            f"sed -n '{n * 40},{n * 40 + 40}p' big.py",
            "\n".join(f"line {k} means {k * 7 % 13}" for k in range(n * 40, n * 40 + 9)),
        )
    return script


@quiet
def a_retry_that_succeeds():
    script = Script()
    for _ in range(3):
        script.run("npm ci", "network timeout", ok=False)
    return script.run("npm ci", "added 311 packages").run("npm test", "all passed").read("a.js", "x\ny")


@quiet
def status_between_real_work():
    script = Script()
    for n in range(15):
        script.run("git status --short", "M src/a.py").read(f"src/f_{n}.py", f"def f{n}(): ...\n# about {n}")
    return script


@quiet
def redacted_calls_prove_nothing():
    script = Script()
    for _ in range(20):
        script.run("[REDACTED]", "[REDACTED]")
    return script


@pytest.mark.parametrize("make", QUIET.values(), ids=QUIET)
def test_what_is_no_loop_stays_quiet(make):
    found = judged(make().events).repetition
    assert found.severity is None
    assert found.reason == ""


def test_the_flag_goes_up_once_and_comes_down_once():
    script = Script()
    for _ in range(8):
        script.run("make lint", "E501 line too long", ok=False)
    for n in range(25):
        script.read(f"src/new_{n}.py", f"fresh text {n}\nabout {n * 3}")
    assert len(flags(script.events)) == 2
    raised = [one for one in judged(script.events).raised() if one.kind == "repetition"]
    assert len(raised) == 1
    assert raised[0].until is not None
    assert "failed 8 times" in raised[0].title


def test_a_sentence_says_what_differs():
    from tui.judge.sentences import differing

    assert differing([f"ssh {option} deploy@harbor uptime" for option in ("-v", "-4", "-T", "-A")]) == "-v, -4, -T, …"
    assert differing(["npm install", "npm install"]) == ""
    assert differing(["npm install", "npm install a package that has a very long name"]) == ""
