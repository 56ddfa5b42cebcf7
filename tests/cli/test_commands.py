"""The commands as a user runs them: exit codes, one clear line on standard error, only JSON on standard output."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import lanewatch, program
from tui.cli.command import Command, all_commands, watch
from tui.cli.commands.completion import SHELLS, completion_script
from tui.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "sample_logs" / "morning"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
MORNING = "2026-05-09T09:48:00Z"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def lanes(home: Path, *args: str, run=lanewatch) -> dict:
    done = run("lanes", *args, "--json", home=home)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_the_sample_logs_have_the_stated_figures(home):
    found = lanes(home, str(SAMPLES))
    total = EXPECTED["total"]
    for name in ("input", "cache_read", "cache_write", "output", "total", "fresh"):
        assert found["totals"][name] == total[name], name
    assert found["skipped"] == {"lines": 0, "files": []}
    assert sorted(lane["usage"]["total"] for lane in found["lanes"]) == sorted(
        each["total"] for each in EXPECTED["lanes"].values()
    )
    assert found["totals"]["total"] != total["naive_total"]


@pytest.mark.parametrize("path", sorted(EXPECTED["lanes"]))
def test_each_sample_lane_read_alone_has_the_stated_figures(home, monkeypatch, capsys, path):
    # A fork whose parent was not read must have the same figures by its own marks.
    monkeypatch.setenv("HOME", str(home))
    expected = EXPECTED["lanes"][path]
    assert main(["lanes", str(SAMPLES / path), "--json"]) == 0
    (lane,) = json.loads(capsys.readouterr().out)["lanes"]
    for name in ("input", "cache_read", "cache_write", "output", "total", "fresh"):
        assert lane["usage"][name] == expected[name], name


SCHEMA_1 = [
    "id", "agent", "session", "parent", "title", "project", "branch", "state", "started", "last_event", "models", "usage",
    "cost_usd", "trust", "burn", "context", "repetition", "actions", "findings", "routes", "recording",
]  # fmt: skip
"""The keys of a lane that schema 1 promises, in order. Keys may be added anywhere, but none may be removed."""


def has_in_order(found, promised):
    """Checks that all promised keys are there in order; other keys do not matter."""
    return [key for key in found if key in promised] == promised


def test_the_json_has_the_promised_keys(home):
    found = lanes(home, str(SAMPLES), "--at", MORNING, run=program)
    assert has_in_order(found, ["schema", "at", "lanes", "totals", "totals_trust", "skipped"])
    assert found["schema"] == 1
    assert found["at"] == "2026-05-09T09:48:00.000Z"
    for lane in found["lanes"]:
        assert has_in_order(lane, SCHEMA_1)
        assert has_in_order(
            lane["usage"], ["input", "cache_read", "cache_write", "output", "reasoning", "total", "fresh"]
        )
        assert lane["usage"]["fresh"] == lane["usage"]["total"] - lane["usage"]["cache_read"]
        assert has_in_order(lane["burn"], ["tokens_per_hour", "window_s"])
        assert sum(each["total"] for each in lane["models"].values()) == lane["usage"]["total"]
    ids = {lane["id"] for lane in found["lanes"]}
    assert len(ids) == len(found["lanes"])
    assert {lane["parent"] for lane in found["lanes"]} - ids == {None}


def test_config_lists_every_mistake_in_the_order_of_the_file(home, capsys, monkeypatch):
    monkeypatch.setenv("HOME", str(home))
    mine = home / "mine.toml"
    mine.write_text(
        '[screen]\nmouse = 3\nbel = true\n[keys]\n"lane.opn" = "x"\n"app.quit" = []\n[prices]\nfile = "/no/prices"\n'
    )
    assert main(["config", "--config", str(mine)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert [line.partition("mine.toml:")[2].partition(":")[0] for line in told] == ["2", "3", "5", "6", ""]
    assert "expected true or false" in told[0]
    assert 'did you mean "bell"' in told[1]
    assert "there is no such binding" in told[2]
    assert "must keep a key" in told[3]
    assert "the price file cannot be read" in told[4]
    mine.write_text("[screen]\nmouse = false\n")
    assert main(["config", "--config", str(mine)]) == 0
    assert capsys.readouterr().out.endswith("mine.toml: ok\n")


def test_the_states_of_the_morning_sample(home):
    states = {lane["title"]: lane["state"] for lane in lanes(home, str(SAMPLES), "--at", MORNING)["lanes"]}
    assert states["Refunds for crossings cancelled by weather"] == "needs_input"
    assert states["Drop the dead bookings_v1 table"] == "needs_input"
    assert states["Move the booking widget to design tokens"] == "limited"
    assert states["Loom, foreman of the operator actions"] == "working"


def test_an_unpriced_model_has_an_unknown_cost(home):
    by_title = {lane["title"]: lane for lane in lanes(home, str(SAMPLES))["lanes"]}
    assert by_title["Fuel per crossing, nightly report"]["cost_usd"] is None
    assert by_title["Expire unpaid seat holds"]["cost_usd"] > 0


def test_the_table_without_json(home):
    done = lanewatch("lanes", str(SAMPLES), home=home, COLUMNS="160")
    assert done.returncode == 0
    assert "Expire unpaid seat holds" in done.stdout
    assert "18 lanes" in done.stdout
    assert "\x1b" not in done.stdout


def test_without_a_terminal_the_screen_and_the_demo_print_the_table(home):
    for args in ((str(SAMPLES),), ("demo",)):
        done = program(*args, home=home, COLUMNS="140")
        assert done.returncode == 0, done.stderr
        assert "TOKENS" in done.stdout


def test_homes_are_found_without_a_path(home):
    shutil.copytree(SAMPLES / "claude", home / ".claude")
    shutil.copytree(SAMPLES / "codex", home / ".codex")
    assert lanes(home, "--since", "all")["totals"]["total"] == EXPECTED["total"]["total"]


def test_a_home_named_in_the_environment_is_read(home):
    shutil.copytree(SAMPLES / "codex", home / "elsewhere")
    done = lanewatch("lanes", "--since", "all", "--json", home=home, CODEX_HOME=str(home / "elsewhere"))
    assert {lane["agent"] for lane in json.loads(done.stdout)["lanes"]} == {"codex"}


def test_without_homes_the_list_is_empty(home):
    assert lanes(home)["lanes"] == []


def test_version_and_help(home):
    from tui import __version__

    assert program("--version", home=home).stdout == f"lanewatch {__version__}\n"
    page = program("--help", home=home).stdout
    for command in all_commands():
        assert f"\n  {command.usage} " in page
        assert command.summary in page
    for option in options_of(watch()):
        assert option in page
    assert "NO_COLOR" in page
    assert max(map(len, page.splitlines())) <= 100


@pytest.mark.parametrize("command", all_commands(), ids=lambda command: command.name)
def test_every_command_has_a_help_page(command, capsys):
    with pytest.raises(SystemExit) as left:
        main([command.name, "--help"])
    page = capsys.readouterr().out
    assert left.value.code == 0
    assert f"lanewatch {command.name}" in page
    for option in options_of(command):
        assert option in page


def options_of(command: Command) -> list[str]:
    return [name for action in command.parser()._actions for name in action.option_strings if name.startswith("--")]


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("lanes", "--nonsense"), 2, "--nonsense"),
        (("lanes", "nowhere.jsonl"), 1, "nowhere.jsonl"),
        (("lanes", "--since", "soon"), 1, "soon"),
        (("lanes", "--at", "teatime"), 2, "teatime"),
        (("explain", "claude:nobody", str(SAMPLES)), 1, "no lane"),
        (("explain", "claude", str(SAMPLES)), 1, "could be"),
        (("events", "nowhere"), 1, "nowhere"),
        (("completion", "csh"), 2, "csh"),
        (("lanes", "--config", "no-such-file.toml"), 1, "no-such-file.toml"),
        (("demo", "--speed", "0"), 2, "--speed"),
        (("demo", "--theme", "nope"), 2, 'there is no "nope"'),
        (("demo", "--theme", "papr"), 2, 'did you mean "paper"'),
        (("lannes",), 2, 'no command or path "lannes"; did you mean "lanes"'),
        (("lanes", "--jsn"), 2, 'did you mean "--json"'),
        (("--theme", "paper", "demo"), 2, "the command comes first: lanewatch demo"),
        (("nowhere.jsonl",), 1, "no such file or directory"),
    ],
)
def test_a_failure_is_one_line_on_standard_error(home, monkeypatch, capsys, args, code, words):
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    try:
        ended = main(list(args))
    except SystemExit as left:
        ended = left.code
    told = capsys.readouterr()
    assert ended == code, told.err
    assert words in told.err
    assert len(told.err.splitlines()) == 1
    assert told.err.startswith("lanewatch: ")
    assert told.out == ""


def test_a_wrong_configuration_names_file_and_key(home):
    file = home / "mine.toml"
    file.write_text("[screen]\nthemee = 'x'\n")
    done = lanewatch("lanes", "--config", str(file), home=home)
    assert done.returncode == 1
    for words in ("mine.toml", "themee", "theme"):
        assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_explain_prints_reasons_and_sources(home):
    done = lanewatch("explain", "84e20aae", str(SAMPLES), "--at", MORNING, home=home)
    assert done.returncode == 0
    for words in ("it asks you", "counted", "302,932", "burn", "context"):
        assert words in done.stdout


def test_a_lane_that_no_route_reaches_says_why_once(capsys):
    assert main(["explain", "84e20aae", str(SAMPLES)]) == 0
    assert capsys.readouterr().out.count("verbs do not reach the lane") == 1


def test_a_named_folder_without_transcripts_is_no_case_for_waiting(tmp_path, capsys):
    (tmp_path / "session.json").write_text('{"agent": "another"}')
    assert main(["lanes", str(tmp_path)]) == 0
    assert "No transcript of Claude Code or Codex was found there" in capsys.readouterr().out


def test_events_are_json_lines(home):
    path = next(path for path in EXPECTED["lanes"] if "84e20aae" in path)
    done = lanewatch("events", str(SAMPLES / path), "--json", home=home)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"prompt", "call", "result", "usage", "lane", "say"} <= {event["kind"] for event in events}
    assert all("offset" in event and "at" in event for event in events)
    assert lanewatch("events", str(SAMPLES / path), home=home).returncode == 0


def test_doctor_prints_places_lanes_and_skips(home):
    bad = home / "bad.jsonl"
    good = (SAMPLES / next(iter(EXPECTED["lanes"]))).read_bytes()
    bad.write_bytes(good + b'{"broken": \n' + good)
    done = lanewatch("doctor", str(bad), home=home)
    assert done.returncode == 0, done.stderr
    for words in ("lanes 1", "1 transcripts", "bad.jsonl", "prices"):
        assert words in done.stdout


def test_doctor_counts_files_of_other_formats_in_a_folder_without_transcripts(home):
    folder = home / "notes"
    folder.mkdir()
    for name in ("a.txt", "b.json"):
        (folder / name).write_text("x")
    said = lanewatch("doctor", str(folder), home=home).stdout
    assert "0 transcripts, 0 Bytes; 2 files of formats that lanewatch does not know" in said
    assert "nothing was read" in said


def test_doctor_prints_the_notice_channels_without_secrets(home):
    file = home / "mine.toml"
    file.write_text("[notify]\nosc = '9'\ncommand = ['ring', 'hunter2']\nwebhook = 'https://hooks.example.org/hunter2'")
    done = lanewatch("doctor", "--config", str(file), home=home)
    assert "bell, OSC 9, command ring, webhook at hooks.example.org" in done.stdout
    assert "hunter2" not in done.stdout
    assert any(line.split() == ["mutes", "0"] for line in done.stdout.splitlines())


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_contains_every_command_and_option(shell):
    script = completion_script(shell)
    for command in all_commands():
        assert command.name in script
        for option in options_of(command):
            assert option.removeprefix("--") in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


IN_BASH = """
ask() {
  COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
  _shtab_lanewatch lanewatch "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
  echo "${COMPREPLY[*]}"
}
"""


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
def test_bash_completes_commands_and_options():
    wanted = {
        "lanewatch ''": [command.name for command in all_commands()],
        "lanewatch rep": ["replay", "report"],
        "lanewatch lanes --j": ["--json", "--judge"],
        "lanewatch completion ''": list(SHELLS),
        "lanewatch lanes README.m": ["README.md"],
    }
    for command in all_commands():
        wanted[f"lanewatch {command.name} --"] = options_of(command)
    asks = "".join(f"ask {line}\n" for line in wanted)
    done = subprocess.run(
        ["bash"], input=completion_script("bash") + IN_BASH + asks, cwd=ROOT, capture_output=True, text=True, check=True
    )
    got = dict(zip(wanted, done.stdout.splitlines(), strict=True))
    for line, names in wanted.items():
        assert sorted(got[line].split()) == sorted(names), line


@pytest.mark.skipif(not shutil.which("fish"), reason="no fish here")
@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("rep", {"replay", "report"}),
        ("lanes --j", {"--json", "--judge"}),
        ("install c", {"claude", "codex"}),
        ("READ", {"README.md"}),
    ],
)
def test_fish_completes_commands_options_and_files(line, wanted, tmp_path):
    script = tmp_path / "lanewatch.fish"
    script.write_text(completion_script("fish"))
    ask = f"source {script}; complete -C 'lanewatch {line}'"
    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run(["fish", "-c", ask], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert {row.split("\t")[0] for row in done.stdout.splitlines()} == wanted


def test_a_closed_pipe_is_not_a_failure(home):
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m tui events {SAMPLES} --json | head -n 1; exit ${{PIPESTATUS[0]}}"],
        cwd=ROOT, env={"HOME": str(home), "PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_unusual_files_of_a_folder_are_read_or_reported(home):
    data = (SAMPLES / sorted(EXPECTED["lanes"])[0]).read_bytes()
    folder = home / "given"
    folder.mkdir()
    (folder / "marked.jsonl").write_bytes(b"\xef\xbb\xbf" + data)
    (folder / "later.jsonl").write_bytes(b'{"type":"of-tomorrow"}\n' * 200 + data)
    (folder / "mac.jsonl").write_bytes(data.replace(b"\n", b"\r"))
    (folder / "packed.jsonl").write_bytes(gzip.compress(data))
    found = lanes(home, str(folder))
    assert len(found["lanes"]) == 2
    assert (
        max(lane["usage"]["total"] for lane in found["lanes"])
        == EXPECTED["lanes"][sorted(EXPECTED["lanes"])[0]]["total"]
    )
    told = {Path(skip["path"]).name: skip["why"] for skip in found["skipped"]["files"]}
    assert told == {
        "mac.jsonl": "its lines end in carriage returns alone: transcripts have newlines",
        "packed.jsonl": "a gzip file: unpack it first",
    }


@pytest.mark.parametrize(
    ("options", "titles"),
    [
        (("--filter", "title:seat"), ["Expire unpaid seat holds", "└ Map the life of a seat hold"]),
        (("--filter", "cost>1", "--sort", "cost", "--reverse"), ["Move the booking", "Expire", "Port the fare"]),
    ],
)
def test_lanes_are_filtered_and_sorted(options, titles, capsys):
    assert main(["lanes", str(SAMPLES), "--columns", "name", *options]) == 0
    rows = [line.strip().lstrip("i▲⊗ ") for line in capsys.readouterr().out.splitlines()[1 : len(titles) + 1]]
    assert all(row.startswith(title) for row, title in zip(rows, titles, strict=True)), rows


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--state", "wroking"), 'did you mean "working"?'),
        (("--sort", "cots"), 'did you mean "cost"?'),
        (("--columns", "name,csot"), 'did you mean "cost"?'),
        (("--group", "projct"), 'did you mean "project"?'),
        (("--filter", "cost>much"), "no figure of cost"),
    ],
)
def test_unknown_values_of_lanes_are_refused_with_what_was_meant(options, said, capsys):
    with contextlib.suppress(SystemExit):
        assert main(["lanes", str(SAMPLES), *options]) != 0
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("command", [watch(), *all_commands()], ids=lambda command: command.name or "watch")
def test_each_command_has_examples_that_it_takes(command):
    assert command.example_args()
    shown = command.parser().format_help()
    for args, what in command.example_args():
        assert command.parser().parse_intermixed_args(shlex.split(args)) is not None
        assert f"lanewatch {command.name} {args}".replace("  ", " ").strip() in shown
        assert f"# {what}" in shown
