"""`lanewatch findings`, and the findings in `lanes` and `explain`: exit codes, figures, mutes, hostile text."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.test_commands import MORNING, SAMPLES
from tests.commands import lanewatch
from tests.findings import FOREMAN, LOOPING, NOW, PATH, circling, family, finding
from tui.cli import findings, lanes
from tui.cli.main import main
from tui.config.mutes import Mutes
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind
from tui.model.snapshot import Fleet
from tui.view.findings_plain import findings_lines, judged_lines, notice_words

KEY = finding().key


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Lets the commands read a fleet of the test, and keeps their state in a folder of the test."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def show(fleet: Fleet) -> None:
        for module in (findings, lanes):
            monkeypatch.setattr(module, "read_once", lambda common, at=None, judge=None: fleet)

    show(circling())
    return show


@pytest.fixture
def run(shown, capsys: pytest.CaptureFixture[str]):
    def run(*args: str) -> tuple[int, str, str]:
        try:
            code = main(args)
        except SystemExit as left:
            code = int(left.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def found(run, *args: str) -> list[dict]:
    code, out, err = run("findings", "--json", *args)
    assert err == ""
    made = json.loads(out)
    heard = [one for one in made["findings"] if one["until"] is None and one["muted"] is None]
    assert code == (3 if heard else 0)
    return made["findings"]


# -- the JSON ---------------------------------------------------------------------------------------


def test_the_json_has_the_promised_keys(run):
    code, out, err = run("findings", "--json")
    assert (code, err) == (3, "")
    made = json.loads(out)
    assert list(made) == ["schema", "findings", "families"]
    assert made["schema"] == 1
    assert [one["kind"] for one in made["findings"]] == ["stop", "repetition", "low_novelty"]
    for one in made["findings"]:
        assert list(one) == [
            "kind", "key", "lane", "family", "severity", "since", "until", "tokens_since", "title", "evidence", "suggest",
            "suggest_for", "progress", "muted",
        ]  # fmt: skip
    assert made["findings"][1] == {
        "kind": "repetition", "key": KEY, "lane": LOOPING, "family": None, "severity": "stop",
        "since": "2026-05-09T09:41:00.000Z", "until": None, "tokens_since": 1_240_000,
        "title": "`go test ./booking/...` failed 12 times with the same error", "suggest": "redirect", "muted": None,
        "suggest_for": None, "progress": None,
        "evidence": [
            {"text": "go test ./booking/... -run Overlap: FAIL TestOverlap", "at": "2026-05-09T09:41:00.000Z", "path": PATH,
             "offset": 20_114},
            {"text": "the same again", "at": "2026-05-09T09:58:56.000Z", "path": PATH, "offset": 88_031},
        ],
    }  # fmt: skip
    unknown = made["findings"][2]
    assert (unknown["since"], unknown["tokens_since"], unknown["suggest"]) == (None, None, None)


def test_the_json_contains_whole_families(run):
    (made,) = json.loads(run("findings", "--json")[1])["families"]
    assert made["template"] == family().template
    assert [one["name"] for one in made["members"]] == ["S001", "S002", "S003", "S004"]
    assert made["members"][3] == {
        "lane": FOREMAN, "action": 4, "name": "S004", "title": "S004 prove the refund envelope for pier 4",
        "words": ["004", "pier 4"], "started": "2026-05-09T08:20:00.000Z", "ended": None, "outcome": "running",
        "tokens": 400_000, "steps": 31, "novelty": 0.02, "path": "/home/ada/.codex/sessions/9d1e44b0.jsonl",
        "offset": 16_384,
    }  # fmt: skip
    assert [one["holds"] for one in made["conditions"]] == [True, True, False]
    assert (made["count"], made["tokens"], made["tokens_since_third"], made["open"]) == (
        14,
        12_300_000,
        9_100_000,
        True,
    )
    assert made["question"].startswith("What does the next action")
    assert "4%" in made["answer"]


def test_the_json_of_lanes_contains_findings_and_repetition(run):
    code, out, _ = run("lanes", "--json")
    assert code == 0
    by_id = {lane["id"]: lane for lane in json.loads(out)["lanes"]}
    assert by_id[LOOPING]["repetition"] == {
        "score": 0.91, "reason": finding().title, "kind": "same_error", "severity": "stop", "period": 1, "repeats": 12,
        "since": "2026-05-09T09:41:00.000Z",
    }  # fmt: skip
    assert [one["key"] for one in by_id[LOOPING]["findings"]] == [KEY]
    quiet = by_id["claude:aa34bc19"]
    assert quiet["findings"] == []
    assert quiet["repetition"] == {
        "score": 0.0, "reason": None, "kind": None, "severity": None, "period": 0, "repeats": 0, "since": None,
    }  # fmt: skip


# -- which ones -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "kinds"),
    [
        ((), ["stop", "repetition", "low_novelty"]),
        (("--all",), ["stop", "repetition", "low_novelty", "missing_tool"]),
        (("--severity", "stop"), ["stop", "repetition"]),
        (("--severity", "warn"), ["stop", "repetition", "low_novelty"]),
        (("--kind", "repetition"), ["repetition"]),
        (("--kind", "looping"), ["repetition"]),
        (("--kind", "repetition", "--kind", "low_novelty"), ["repetition", "low_novelty"]),
        (("--kind", "missing_tool"), []),
        (("--kind", "missing_tool", "--all"), ["missing_tool"]),
        (("--lane", "5f0c21aa-0000"), ["repetition"]),
        (
            ("--lane", "9d1e44b0"),
            ["stop", "low_novelty"],
        ),  # the finding of the family belongs to its members' lanes too
        (("--lane", "aa34bc19"), []),
    ],
)
def test_the_options_choose_the_listed_findings(run, args, kinds):
    assert [one["kind"] for one in found(run, *args)] == kinds


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("--kind", "nonsense"), 2, 'there is no "nonsense"; known: '),
        (("--kind", "repetitoin"), 2, 'there is no "repetitoin"; did you mean "repetition"?'),
        (("--severity", "grave"), 2, "grave"),
        (("--at", "teatime"), 2, "teatime"),
        (("--mute", "a", "--unmute", "a"), 2, "exclude"),
        (("--lane", "nobody"), 1, "no lane"),
        (("--lane", "claude"), 1, "could be"),
        (("--mute", "nonsense"), 1, "no finding"),
        (("--unmute", "nonsense"), 1, "nothing is muted"),
    ],
)
def test_a_failure_is_one_line_on_standard_error(run, args, code, words):
    left, out, err = run("findings", *args)
    assert (left, out) == (code, "")
    assert words in err
    assert err.startswith("lanewatch: ")
    assert err.count("\n") == 1


# -- in words ---------------------------------------------------------------------------------------


def test_the_list_shows_finding_time_cost_and_evidence(run):
    code, out, err = run("findings")
    assert (code, err) == (3, "")
    lines = [line.split() for line in out.splitlines()]
    assert ["stop", "looping", "claude:5f0c21aa", "since", "09:41:00", "(19m)"] in lines
    assert f"09:58:56 the same again {PATH}:88031".split() in lines
    for words in (
        "`go test ./booking/...` failed 12 times with the same error", "what to do: redirect claude:5f0c21aa: ", f"key {KEY}",
        "since 09:41:00 this lane used 1.24M tokens in all",
        "(<…> differs): S<…> prove the refund envelope for <…>", "14 actions, 12.3M tokens", "… 10 before these",
        "[x] enough actions succeeded: 3 members ended well", "[ ] next action differs only in its name: it has not begun",
        "What does the next action add", "4% of their steps were new", "since ?",
        "3 findings: 2 stop, 1 warn",
    ):  # fmt: skip
        assert words in out
    assert "\x1b" not in out


def test_an_empty_list_is_stated_in_words(run, shown):
    shown(replace(circling(), findings=(), past_findings=(), families=()))
    assert run("findings") == (0, "0 findings\n", "")


def test_past_findings_show_their_end_and_are_not_counted(run, shown):
    shown(replace(circling(), findings=(), families=()))
    code, out, _ = run("findings", "--all")
    assert code == 0
    assert "passed 09:50:00" in out
    assert out.endswith("0 findings · 1 passed\n")


def test_a_finding_of_another_day_is_shown_with_its_day(run, shown):
    shown(replace(circling(), findings=(finding(since=NOW - 200_000),)))
    assert "since  7 May 02:26" in run("findings")[1]


def test_the_table_shows_flags_with_their_reasons(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "140")
    code, out, _ = run("lanes")
    assert code == 0
    row = next(line for line in out.splitlines() if "Ferry timetable" in line)
    quiet = next(line for line in out.splitlines() if "Quay maps" in line)
    why = next(line for line in out.splitlines() if "failed 12 times" in line)
    mark = row[0]
    assert not mark.isspace()
    assert quiet.startswith("  ")
    assert why.startswith(f"{mark} stop  claude:5f0c21aa  ")
    assert max(map(len, out.splitlines())) <= 140


def test_the_table_without_findings_has_no_flags(run, shown):
    from tests.fleets import harbor

    shown(harbor())
    assert run("lanes")[1].startswith("STATE")


def test_explain_describes_the_findings_in_words(run):
    code, out, _ = run("explain", "5f0c21aa-0000")
    assert code == 0
    for words in (
        "score 0.91 of 1: stop, same error, 12 times 1 step, first at 09:41:00", "26% of 160 steps new",
        "0.0353 new steps per 1k tokens", "1 finding: 1 stop", "the same again", "each counted once",
    ):  # fmt: skip
        assert words in out
    assert out.count("failed 12 times") == 2  # once as the reason, and once as the finding


def test_explain_shows_the_family_of_a_member(run):
    out = run("explain", "9d1e44b0")[1]
    assert "(<…> differs): S<…> prove" in out
    assert "nothing to say" in out
    assert "no step was weighed" in out


def test_explain_shows_a_family_without_a_finding():
    fleet = replace(circling(), findings=())
    lane = next(lane for lane in fleet.lanes if lane.id == FOREMAN)
    assert any("(<…> differs): S<…>" in line for line in judged_lines(lane, fleet))


def test_only_a_stop_shows_the_conditions_of_a_stop():
    fleet = circling()
    long = replace(
        next(one for one in fleet.findings if one.family), kind=FindingKind.FAMILY_TOO_LONG, suggest=None, lane=FOREMAN
    )
    lines = "\n".join(map(str, findings_lines(fleet, [long])))
    assert "(<…> differs): S<…>" in lines
    assert "enough actions succeeded" not in lines
    assert "what to do: nothing more: its lane has ended" in lines


def test_the_open_question_of_a_recording_is_past_once_its_lane_has_ended(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    for kind, passed in (("needs_input", 1), ("stalled", 0)):
        folder = str(SAMPLES.parent / "findings" / kind / "raised")
        assert main(("findings", folder)) == 0
        assert capsys.readouterr().out == "0 findings\n"
        assert main(("findings", folder, "--all")) == 0
        assert capsys.readouterr().out.endswith("0 findings · 1 passed\n" if passed else "0 findings\n")


# -- mutes ------------------------------------------------------------------------------------------


def test_a_muted_finding_is_neither_listed_nor_counted(run):
    code, out, _ = run("findings", "--mute", KEY, "--reason", "it is asked for")
    assert (code, out) == (0, f"muted: {KEY} of {LOOPING}\n")
    assert [one["kind"] for one in found(run)] == ["stop", "low_novelty"]
    assert found(run, "--kind", "repetition") == []
    (muted,) = [one for one in found(run, "--all") if one["muted"]]
    assert muted["key"] == KEY
    assert muted["muted"]["reason"] == "it is asked for"
    assert muted["muted"]["at"].endswith("Z")
    out = run("findings", "--all")[1]
    assert "it is asked for" in out
    assert "2 findings: 1 stop, 1 warn · 1 muted · 1 passed" in out
    lane = next(one for one in json.loads(run("lanes", "--json")[1])["lanes"] if one["id"] == LOOPING)
    assert lane["findings"][0]["muted"]["reason"] == "it is asked for"
    assert run("findings", "--unmute", KEY)[:2] == (0, f"no longer muted: {KEY} of {LOOPING}\n")
    assert len(found(run)) == 3


def test_a_key_of_several_lanes_needs_a_lane(run, shown):
    other = replace(finding(), lane=FOREMAN)
    shown(replace(circling(), findings=(finding(), other)))
    assert "name one with --lane" in run("findings", "--mute", KEY)[2]
    assert run("findings", "--mute", KEY, "--lane", "9d1e44b0")[0] == 0
    assert [one["lane"] for one in found(run)] == [LOOPING]
    assert run("findings", "--mute", KEY, "--lane", "5f0c21aa-0000")[0] == 0
    assert found(run) == []
    assert "name one with --lane" in run("findings", "--unmute", KEY)[2]
    assert run("findings", "--unmute", KEY, "--lane", "9d1e44b0")[0] == 0
    assert [one["lane"] for one in found(run)] == [FOREMAN]


def test_a_mute_that_cannot_be_written_is_reported_in_one_line(run, tmp_path):
    (tmp_path / "state").write_text("not a folder")
    code, out, err = run("findings", "--mute", KEY)
    assert (code, out) == (1, "")
    assert "mutes.json" in err
    assert err.count("\n") == 1


def test_a_damaged_mutes_file_is_reported_and_the_command_goes_on(run, tmp_path):
    file = tmp_path / "state" / "lanewatch" / "mutes.json"
    file.parent.mkdir(parents=True)
    file.write_text("{")
    code, out, err = run("findings", "--json")
    assert code == 3
    assert len(json.loads(out)["findings"]) == 3
    assert "mutes.json" in err


# -- hostile words ----------------------------------------------------------------------------------

HOSTILE = "\x1b]0;pwned\x07 [red]x[/] \u202e\nsk-ant-api03-AAAAbbbbCCCC1111dddd2222eeee"


def test_hostile_text_reaches_neither_the_terminal_nor_the_json(run, shown):
    base = finding(
        HOSTILE,
        kind=FindingKind.declare("missing_tool"),
        title=HOSTILE,
        evidence=(Evidence(HOSTILE, NOW, f"/tmp/{HOSTILE}", 1),),
    )
    shown(replace(circling(), findings=(base,), families=(replace(family(), template=HOSTILE, answer=HOSTILE),)))
    for args in (("findings",), ("findings", "--json"), ("lanes",), ("lanes", "--json"), ("explain", "9d1e44b0")):
        _, out, _ = run(*args)
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert "dddd2222eeee" not in out.replace(json.dumps(f"/tmp/{HOSTILE}"), "")
    key = json.loads(run("findings", "--json")[1])["findings"][0]["key"]
    assert run("findings", "--mute", key)[0] == 0  # a key may be typed as it was shown
    assert found(run) == []


def test_a_notice_names_finding_lane_and_number_of_others():
    fleet = circling()
    words = notice_words(fleet, [finding(), *fleet.findings])
    assert "Ferry timetable: overlapping sailings: `go test ./booking/...` failed 12 times" in words
    assert words.endswith("(and 3 more)")
    assert "\x1b" not in notice_words(fleet, [finding(title=HOSTILE)])


# -- the real command -------------------------------------------------------------------------------


def test_without_lanes_there_are_no_findings(tmp_path):
    done = lanewatch("findings", home=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0 findings\n", "")


def test_the_sample_logs_have_lanes_that_need_a_person(tmp_path):
    args = ("findings", str(SAMPLES), "--at", MORNING, "--kind", "needs_input", "--json")
    done = lanewatch(*args, home=tmp_path)
    assert (done.returncode, done.stderr) == (3, "")
    assert {one["kind"] for one in json.loads(done.stdout)["findings"]} == {"needs_input"}
    off = tmp_path / "quiet.toml"
    off.write_text("[judge]\noff = ['needs_input']\n")
    done = lanewatch(*args, "--config", str(off), home=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["findings"] == []


def test_a_mute_applies_to_the_next_command(tmp_path):
    args = (str(SAMPLES), "--at", MORNING, "--kind", "needs_input")
    made = json.loads(lanewatch("findings", *args, "--json", home=tmp_path).stdout)["findings"]
    for one in made:
        done = lanewatch("findings", *args[:3], "--mute", one["key"], "--lane", one["lane"], home=tmp_path)
        assert done.returncode == 0, done.stderr
    assert lanewatch("findings", *args, home=tmp_path).returncode == 0
    kept = Mutes(tmp_path / ".local/state/lanewatch/mutes.json", pytest.fail).all()
    assert len(kept) == len(made) > 0


# -- lanes that are not judged -----------------------------------------------------------------------


@pytest.fixture
def long_history(tmp_path: Path) -> Path:
    """A home whose settings let no history be judged while it is read."""
    config = tmp_path / ".config/lanewatch/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[judge]\nwhole_mib = 0\n")
    return tmp_path


def test_lanes_without_a_recent_event_are_marked_as_not_judged(long_history):
    done = lanewatch("lanes", str(SAMPLES), home=long_history)
    title, *rows, totals, last = done.stdout.splitlines()
    assert title.startswith("  ")
    assert rows and all(row.startswith("? ") for row in rows)
    assert " lanes · " in totals
    assert last.startswith(f"? {len(rows)} lanes are not judged, so nothing is known of their findings: ")
    assert "lanewatch lanes --judge all" in last


def test_the_json_says_which_lanes_are_not_judged(long_history):
    later = json.loads(lanewatch("lanes", str(SAMPLES), "--json", home=long_history).stdout)["lanes"]
    judged = json.loads(lanewatch("lanes", str(SAMPLES), "--json", "--judge", "all", home=long_history).stdout)["lanes"]
    assert {lane["judged"] for lane in later} == {False}
    assert {lane["judged"] for lane in judged} == {True}
    assert all(set(lane["repetition"].values()) == {None} for lane in later)
    assert all(
        lane["repetition"].keys() == other["repetition"].keys() for lane, other in zip(later, judged, strict=True)
    )
    kinds = {finding["kind"] for lane in judged for finding in lane["findings"]}
    assert kinds - {finding["kind"] for lane in later for finding in lane["findings"]}
    for lane, other in zip(later, judged, strict=True):
        for key in other.keys() - {"judged", "repetition", "findings"}:
            assert lane[key] == other[key] or key in ("state_since", "burn"), key


@pytest.mark.parametrize("command", [("findings", "--all"), ("lanes", "--judge", "all")])
def test_who_asks_for_findings_gets_those_of_all_lanes(long_history, tmp_path, command):
    small = tmp_path / "small"
    small.mkdir()
    asked = [command[0], str(SAMPLES), *command[1:], "--json"]
    some, others = (json.loads(lanewatch(*asked, home=home).stdout) for home in (long_history, small))
    assert {**some, "at": None} == {**others, "at": None}


def test_the_samples_are_judged_by_lanes_without_being_asked(tmp_path):
    found = json.loads(lanewatch("lanes", str(SAMPLES.parent), "--json", home=tmp_path).stdout)["lanes"]
    assert {lane["judged"] for lane in found} == {True}
