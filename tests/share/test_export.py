"""A bundle says elsewhere what the transcripts say here, but for paths and what was masked."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.property.test_chain import encode as chain_lines
from tests.property.test_chain import message, prompt
from tests.share.planting import HIDING, SECRETS, encode, laid_bare, texts_in
from tui.cli.common import Common
from tui.cli.lanes import read_once
from tui.cli.main import main
from tui.control import audit
from tui.control.folder import ControlFolder
from tui.sources.unpack import unpack
from tui.view.json_out import dumps, findings_json
from tui.view.lanes_json import lanes_json

SAMPLES = Path(__file__).resolve().parents[2] / "sample_logs"
AT = datetime.fromisoformat("2026-05-09T12:00:00Z").timestamp()
SESSION = "5f0c21aa-0000-4000-8000-000000000001"


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("someone")
    for name, below in (("HOME", ""), ("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state")):
        monkeypatch.setenv(name, str(folder / below))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path_factory.mktemp("temp")))
    return folder


# -- the same picture --------------------------------------------------------------------------------

_PLACE = re.compile(r"(?<=@)\d+\b|(?<=^repetition:)\d+\b")
_HOME = re.compile(r"/home/[^/ ]+")


def plain(value: Any) -> Any:
    """Without paths, places in files and the words of cut and masked texts; what has a name in the order of names."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in ("path", "offset")}
    if isinstance(value, list):
        return sorted((plain(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    if not isinstance(value, str):
        return value
    if "/transcripts/" in value or "/projects/" in value:
        return "a path"
    return "a masked text" if "…" in value else _HOME.sub("/home/someone", _PLACE.sub("N", value))


def said(path: Path) -> Any:
    fleet = read_once(Common((str(path),)), AT)
    documents = lanes_json(fleet), findings_json((*fleet.findings, *fleet.past_findings), fleet.families, None)
    return plain(json.loads(dumps({"lanes": documents[0], "findings": documents[1]})))


def export(*args: str | Path) -> None:
    assert main(["export", *map(str, args)]) == 0


def files_in(bundle: Path) -> dict[str, bytes]:
    unpacked = unpack(str(bundle))
    assert unpacked.refused == ()
    folder = Path(unpacked.homes[0].path).parents[1]
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("sample", ["morning", "loop", "findings"])
def test_the_samples_say_the_same_from_a_bundle(sample, tmp_path, capsys):
    bundle = tmp_path / "a.tar.zst"
    export(SAMPLES / sample, "-o", bundle)
    assert said(bundle) == said(SAMPLES / sample)
    files = files_in(bundle)
    assert not any(
        b"/home/mara" in data or b"-home-mara" in data or str(SAMPLES).encode() in data for data in files.values()
    )
    assert not any("mara" in name for name in files)
    assert capsys.readouterr().err == ""


def test_the_same_transcripts_give_the_same_bytes(tmp_path):
    shutil.copytree(SAMPLES / "morning", tmp_path / "elsewhere" / "morning")
    export(SAMPLES / "morning", "-o", tmp_path / "a.tar.zst")
    export(tmp_path / "elsewhere" / "morning", "-o", tmp_path / "b.tar.zst")
    assert (tmp_path / "a.tar.zst").read_bytes() == (tmp_path / "b.tar.zst").read_bytes()


def test_a_bundle_of_a_bundle_is_that_bundle(tmp_path):
    export(SAMPLES / "morning", "-o", tmp_path / "a.tar.zst")
    export(tmp_path / "a.tar.zst", "-o", tmp_path / "b.tar.zst")
    one, two = files_in(tmp_path / "a.tar.zst"), files_in(tmp_path / "b.tar.zst")
    assert one.pop("manifest.json") != two.pop("manifest.json")  # nothing more was taken out
    assert one == two


# -- planted secrets ---------------------------------------------------------------------------------

_TEXTS = frozenset({"text", "content", "output", "cmd", "command", "message", "description", "stdout", "prompt"})
MORNING = sorted((SAMPLES / "morning").rglob("*.jsonl"))


def planted(value: Any, where: list[int], snippet: str) -> Any:
    """The value with a snippet at the end of its so-many-th text, JSON in texts included."""
    if isinstance(value, list):
        return [planted(item, where, snippet) for item in value]
    if not isinstance(value, dict):
        return value
    made: dict[str, Any] = {}
    for key, item in value.items():
        new = planted(item, where, snippet)
        if key == "arguments" and isinstance(item, str) and item.startswith("{"):
            new = json.dumps(planted(json.loads(item), where, snippet), separators=(",", ":"))
        elif key in _TEXTS and isinstance(item, str):
            where[0] -= 1
            new = f"{item}\n{snippet}" if where[0] == 0 else item
        made[key] = new
    return made


plants = st.tuples(
    st.sampled_from(MORNING), st.integers(0, 200), st.integers(1, 3), st.sampled_from(sorted(SECRETS)),
    st.sampled_from(sorted(HIDING)), st.booleans(),
)  # fmt: skip


@given(seeds=st.lists(plants, min_size=1, max_size=25))
@settings(max_examples=examples(12))
def test_planted_secrets_change_no_figure_and_none_survives(tmp_path_factory, seeds):
    folder = tmp_path_factory.mktemp("planted")
    shutil.copytree(SAMPLES / "morning", folder / "logs")
    for path, line, nth, kind, hiding, escaped in seeds:
        raw, secret = SECRETS[kind]
        copy = folder / "logs" / path.relative_to(SAMPLES / "morning")
        lines = copy.read_bytes().splitlines()
        at = line % len(lines)
        record = planted(json.loads(lines[at]), [nth], HIDING[hiding](raw, secret))
        lines[at] = encode(record, escaped=secret if escaped else "")
        copy.write_bytes(b"\n".join(lines) + b"\n")
    bundle = folder / "a.tar.zst"
    export(folder / "logs", "-o", bundle)
    assert said(bundle) == said(folder / "logs")
    bare = {name: laid_bare(data) for name, data in files_in(bundle).items() if name != "manifest.json"}
    for _, _, _, kind, _, _ in seeds:
        assert [name for name, text in bare.items() if SECRETS[kind][1] in text] == [], kind


# -- what cannot be read, and what is left out --------------------------------------------------------


def home_of(folder: Path, **files: bytes) -> Path:
    place = folder / "projects" / "-home-ada-harbor"
    place.mkdir(parents=True)
    for name, data in files.items():
        (place / f"{name}.jsonl").write_bytes(data)
    return folder


def good(second: int = 1) -> bytes:
    return chain_lines([prompt(SESSION, second, "go"), message(SESSION, second + 1, f"k{second}", 100)])


BAD = {
    "not json": b'{"type":"user","secret ghp_x\n',
    "no object": b"[1,2]\n",
    "nul": b'{"type":"user","sessionId":"x","message":"\x00"}\n',
    "no utf-8": b'{"type":"user","sessionId":"x","message":"\xff"}\n',
    "too deep": b'{"type":"user","message":' + b"[" * 5000 + b"]" * 5000 + b"}\n",
    "a count that is none": chain_lines([message(SESSION, 9, "neg", -5)]),
    "not even looked at": b'{"type":"mode",broken}\n',
    "empty lines": b"\n\n\n",
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_line_that_cannot_be_read_is_skipped_here_and_there(bad, tmp_path):
    logs = home_of(tmp_path / "logs", s=good(1) + bad + good(20) + bad)
    export(logs, "-o", tmp_path / "a.tar.zst")
    here, there = said(logs)["lanes"], said(tmp_path / "a.tar.zst")["lanes"]
    assert here["skipped"]["lines"] == there["skipped"]["lines"]
    assert [one["line"] for one in here["skipped"]["files"]] == [one["line"] for one in there["skipped"]["files"]]
    assert here["lanes"] == there["lanes"]


def test_what_was_left_out_is_told(tmp_path, capsys):
    logs = home_of(tmp_path / "logs", s=good() + BAD["not json"] + b'{"type":"assis', notes=b'{"my":"diary"}\n')
    export(logs, "-o", tmp_path / "a.tar.zst", "--json")
    manifest = json.loads(capsys.readouterr().out)
    assert {(one["name"].rpartition("/")[2], one.get("lines"), one["why"]) for one in manifest["left_out"]} == {
        ("s.jsonl", 2, "cannot be read as JSON, so its content is unknown"),
        ("notes.jsonl", None, "not a transcript that lanewatch knows"),
    }
    assert not any(b"diary" in data for data in files_in(tmp_path / "a.tar.zst").values())


def test_a_last_line_without_its_newline_counts(tmp_path):
    logs = home_of(tmp_path / "logs", s=good().rstrip())
    export(logs, "-o", tmp_path / "a.tar.zst")
    assert said(logs) == said(tmp_path / "a.tar.zst")


def test_a_compressed_rollout_is_bundled_as_a_plain_one(tmp_path):
    logs = tmp_path / "logs"
    shutil.copytree(SAMPLES / "morning" / "codex", logs / "codex")
    for path in list(logs.rglob("*.jsonl")):
        path.with_suffix(".jsonl.zst").write_bytes(zstandard.compress(path.read_bytes()))
        path.unlink()
    export(logs, "-o", tmp_path / "a.tar.zst")
    assert said(tmp_path / "a.tar.zst") == said(logs)
    assert all(name.endswith((".jsonl", ".json")) for name in files_in(tmp_path / "a.tar.zst"))


def test_a_compressed_rollout_that_is_broken_is_skipped_here_and_there(tmp_path):
    logs = tmp_path / "logs"
    (logs / "sessions").mkdir(parents=True)
    rollout = min((SAMPLES / "morning" / "codex").rglob("*.jsonl"))
    packed = b"".join(zstandard.compress(line) for line in rollout.read_bytes().splitlines(keepends=True))
    (logs / "sessions" / f"{rollout.name}.zst").write_bytes(packed[:-20])
    export(logs, "-o", tmp_path / "a.tar.zst")
    here, there = said(logs)["lanes"], said(tmp_path / "a.tar.zst")["lanes"]
    assert here["skipped"]["lines"] == there["skipped"]["lines"] == 1
    assert here["totals"] == there["totals"]


def test_up_to_a_time_each_transcript_is_as_it_was_then(tmp_path, capsys):
    then = "2026-05-09T09:20:00Z"
    export(SAMPLES / "morning", "-o", tmp_path / "a.tar.zst", "--to", then, "--json")
    manifest = json.loads(capsys.readouterr().out)
    assert manifest["window"] == {"from": None, "to": "2026-05-09T09:20:00.000Z"}
    lanes = said(tmp_path / "a.tar.zst")["lanes"]["lanes"]
    assert lanes and all(lane["last_event"] <= "2026-05-09T09:20:00.000Z" for lane in lanes)


def test_what_was_changed_before_a_time_is_left_out(tmp_path):
    logs = home_of(tmp_path / "logs", old=good(), new=good())
    os.utime(logs / "projects" / "-home-ada-harbor" / "old.jsonl", (AT - 100, AT - 100))
    export(logs, "-o", tmp_path / "a.tar.zst", "--from", "2026-05-09T12:00:00Z")
    assert [name for name in files_in(tmp_path / "a.tar.zst") if name.endswith(".jsonl")] == [
        "transcripts/claude/projects/-home-~-harbor/new.jsonl"
    ]


def test_two_homes_stay_two(tmp_path):
    for name in ("one", "two"):
        home_of(tmp_path / name / ".claude", s=good())
    export(tmp_path / "one", tmp_path / "two", "-o", tmp_path / "a.tar.zst")
    names = {name.split("/")[1] for name in files_in(tmp_path / "a.tar.zst") if name.startswith("transcripts/")}
    assert names == {"claude", "claude-2"}


def test_the_homes_of_this_machine_are_exported_without_a_path(home, tmp_path):
    home_of(home / ".claude", s=good())
    export("-o", tmp_path / "a.tar.zst", "--since", "all")
    unpacked = unpack(str(tmp_path / "a.tar.zst"))
    assert [one.agent for one in unpacked.homes] == ["claude"]


# -- the journal -------------------------------------------------------------------------------------


def entry(session: str, at: float, words: str) -> audit.AuditRecord:
    return audit.AuditRecord(
        at, "ada (pts/3, pid 77)", "redirect", "claude:5f0c21aa", "o1", "asked", "gate", words, "", words, session
    )


def test_what_was_asked_of_these_lanes_goes_along_and_names_nobody(home, tmp_path):
    folder = ControlFolder(home / "state" / "lanewatch")
    folder.prepare()
    raw, secret = SECRETS["github"]
    audit.append(folder, entry(SESSION, AT - 60, f"use {raw} in /home/ada/x"))
    audit.append(folder, entry("another", AT - 50, "not of these"))
    by_policy = replace(entry(SESSION, AT - 40, "held"), by="policy: pause on stop", run_by="ada (pts/3, pid 77)")
    audit.append(folder, by_policy)
    logs = home_of(tmp_path / "logs", **{SESSION: good()})
    export(logs, "-o", tmp_path / "a.tar.zst")
    journal = unpack(str(tmp_path / "a.tar.zst")).journal
    assert journal is not None
    line, policed = map(json.loads, journal.read_text().splitlines())
    assert (policed["by"], policed["run_by"]) == ("policy: pause on stop", "operator (pts/3, pid 77)")
    assert line["by"] == "operator (pts/3, pid 77)"
    assert line["text"].startswith("use ghp_…‹masked") and line["text"].endswith("/home/~/x")
    assert (line["at"], line["lane"], line["verb"], line["v"]) == (AT - 60, "claude:5f0c21aa", "redirect", 1)
    assert secret not in journal.read_text()


# -- the command -------------------------------------------------------------------------------------


def test_wrong_usage_and_refusals_are_one_line(tmp_path, capsys):
    for args in (["-o", "a.zip"], [], ["-o", "a.tar.zst", "--since", "1h", "--from", "2026-05-09T12:00:00Z"]):
        with pytest.raises(SystemExit) as ended:
            main(["export", *args])
        assert ended.value.code == 2
        assert capsys.readouterr().err.count("\n") == 1
    (tmp_path / "a.tar.zst").write_bytes(b"mine")
    assert main(["export", str(SAMPLES / "morning"), "-o", str(tmp_path / "a.tar.zst")]) == 1
    assert "--force writes over it" in capsys.readouterr().err
    assert main(["export", str(tmp_path / "none"), "-o", str(tmp_path / "b.tar.zst")]) == 1
    assert capsys.readouterr().err.endswith("none: no such file or directory\n")


def test_events_findings_and_explain_read_a_bundle(tmp_path, capsys):
    bundle = tmp_path / "a.tar.zst"
    export(SAMPLES / "loop", "-o", bundle)
    capsys.readouterr()
    assert main(["findings", str(bundle), "--at", "2026-05-09T12:00:00Z"]) == 3
    assert "stop" in capsys.readouterr().out
    assert main(["events", str(bundle), "--json"]) == 0
    here = capsys.readouterr().out
    assert main(["events", str(SAMPLES / "loop"), "--json"]) == 0
    assert here.count("\n") == capsys.readouterr().out.count("\n")


def test_a_bundle_of_which_something_was_refused_says_so(tmp_path, capsys):
    bundle = tmp_path / "a.tar.zst"
    bundle.write_bytes(b"no bundle")
    assert main(["lanes", str(bundle)]) == 1
    assert "no bundle" in capsys.readouterr().err


def test_every_text_of_the_samples_is_the_same_but_for_people(tmp_path):
    export(SAMPLES / "loop", "-o", tmp_path / "a.tar.zst")
    files = files_in(tmp_path / "a.tar.zst")
    for path in (SAMPLES / "loop").rglob("*.jsonl"):
        (copy,) = [data for name, data in files.items() if name.endswith(path.name)]
        for here, there in zip(path.read_bytes().splitlines(), copy.splitlines(), strict=True):
            texts = [
                text.replace("/home/mara", "/home/~").replace("-home-mara", "-home-~")
                for text in texts_in(json.loads(here))
            ]
            assert texts == list(texts_in(json.loads(there)))


def test_a_window_in_which_nothing_happened_is_no_bundle(tmp_path, capsys):
    args = ["export", str(SAMPLES / "morning"), "-o", str(tmp_path / "a.tar.zst"), "--to", "2020-01-01T00:00:00Z"]
    assert main(args) == 1
    assert "in that window" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


# -- generated transcripts ---------------------------------------------------------------------------

words = st.one_of(
    st.text(max_size=40),
    st.sampled_from([raw for raw, _ in SECRETS.values()]),
    st.sampled_from(["/home/ada/harbor/a.py", "cd /home/ben && make", "make test", '{"a": "/home/ada"}', "tests pass"]),
)
inputs = st.fixed_dictionaries({"command": words}, optional={"password": words, "file_path": words, "n": st.integers()})
steps = st.lists(st.tuples(st.sampled_from(["say", "call", "prompt"]), words, inputs), min_size=1, max_size=30)


def generated(sessions: list[list[tuple[str, str, dict[str, Any]]]]) -> dict[str, bytes]:
    """Transcripts of these steps, a second apart, each call with its result."""
    made: dict[str, bytes] = {}
    for index, said_and_done in enumerate(sessions):
        session = f"{index:08d}-0000-4000-8000-000000000001"
        lines = [prompt(session, 0, "begin")]
        for second, (what, text, given_input) in enumerate(said_and_done, 1):
            call = {"type": "tool_use", "id": f"toolu_{index}_{second}", "name": "Bash", "input": given_input}
            if what == "prompt":
                lines.append(prompt(session, second, text))
                continue
            block = call if what == "call" else {"type": "text", "text": text}
            lines.append(message(session, second, f"{index}x{second}", 100, block))
            if what == "call":
                answer = prompt(session, second, "")
                answer["message"] = {
                    "role": "user", "content": [{"type": "tool_result", "tool_use_id": call["id"], "content": text}],
                }  # fmt: skip
                lines.append(answer)
        made[session] = chain_lines(lines)
    return made


@given(sessions=st.lists(steps, min_size=1, max_size=4))
@settings(max_examples=examples(60))
def test_generated_transcripts_say_the_same_and_hold_no_secret(tmp_path_factory, sessions):
    folder = tmp_path_factory.mktemp("generated")
    logs = home_of(folder / "logs", **generated(sessions))
    export(logs, "-o", folder / "a.tar.zst")
    assert said(folder / "a.tar.zst") == said(logs)
    there = files_in(folder / "a.tar.zst")
    bare = "".join(laid_bare(data) for name, data in there.items() if name != "manifest.json")
    for raw, secret in SECRETS.values():
        if any(raw in (text, *given_input.values()) for one in sessions for _, text, given_input in one):
            assert secret not in bare, raw


def test_a_journal_is_read_as_the_log_is(home, tmp_path):
    folder = ControlFolder(home / "state" / "lanewatch")
    folder.prepare()
    audit.append(folder, entry(SESSION, AT - 60, "go on"))
    logs = home_of(tmp_path / "logs", **{SESSION: good()})
    export(logs, "-o", tmp_path / "a.tar.zst")
    journal = unpack(str(tmp_path / "a.tar.zst")).journal
    assert journal is not None
    assert [(one.at, one.text, one.session) for one in audit.entries_in(journal)] == [(AT - 60, "go on", SESSION)]
    journal.write_bytes(journal.read_bytes() + b"{}\nbroken\n")
    assert len(audit.entries_in(journal)) == 1


def test_a_name_that_no_bundle_can_hold_is_left_out(tmp_path, capsys):
    logs = home_of(tmp_path / "logs", s=good())
    deep = logs / "projects" / "/".join(["d" * 20] * 40)
    deep.mkdir(parents=True)
    (deep / "t.jsonl").write_bytes(good(5))
    odd = os.fsencode(str(logs / "projects")) + b"/bad\xff\x1b.jsonl"
    Path(os.fsdecode(odd)).write_bytes(good(9))
    export(logs, "-o", tmp_path / "a.tar.zst", "--json")
    manifest = json.loads(capsys.readouterr().out)
    assert [one["why"] for one in manifest["left_out"]] == ["a name that is too long or too deep"]
    assert {name.rpartition("/")[2] for name in files_in(tmp_path / "a.tar.zst")} == {
        "manifest.json",
        "s.jsonl",
        "bad__.jsonl",
    }


def test_what_was_refused_on_the_way_is_told_without_where_it_leads(tmp_path, capsys):
    logs = home_of(tmp_path / "logs", s=good())
    secret = tmp_path / "elsewhere.jsonl"
    secret.write_bytes(good())
    (logs / "projects" / "link.jsonl").symlink_to(secret)
    export(logs, "-o", tmp_path / "a.tar.zst", "--json")
    manifest = capsys.readouterr().out
    assert json.loads(manifest)["left_out"] == [
        {"name": "link.jsonl", "why": "a link that leads out of the watched folders"}
    ]
    assert "elsewhere" not in manifest


def test_a_time_in_the_past_is_not_cut_by_the_hours_that_are_usual(home, tmp_path):
    logs = home_of(home / ".claude", s=good())
    os.utime(logs / "projects" / "-home-ada-harbor" / "s.jsonl", (AT, AT))
    assert main(["export", "-o", str(tmp_path / "a.tar.zst")]) == 1
    export("-o", tmp_path / "a.tar.zst", "--to", "2026-05-09T12:00:00Z")
