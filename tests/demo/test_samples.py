"""The shipped sample logs are what their script writes, and hold what their README says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.demo.samples import FOLDER, SAMPLES, Record, by_title, counting, logs, transcripts

EXPECTED = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
PATHS = sorted(EXPECTED["lanes"])


def claude_calls(lines: list[Record]) -> dict[str, list[Record]]:
    """The lines of each model call of a Claude transcript."""
    calls: dict[str, list[Record]] = {}
    for line in lines:
        if line["type"] == "assistant" and line["message"]["model"] != "<synthetic>":
            calls.setdefault(line["message"]["id"], []).append(line)
    return calls


def tool_uses(lines: list[Record], tool: str) -> list[Record]:
    content = [block for line in lines if line["type"] == "assistant" for block in line["message"]["content"]]
    return [block for block in content if block["type"] == "tool_use" and block["name"] == tool]


def results(lines: list[Record]) -> list[Record]:
    content = [line["message"]["content"] for line in lines if line["type"] == "user"]
    return [block for blocks in content if isinstance(blocks, list) for block in blocks]


# -- the files ----------------------------------------------------------------------------------------


def test_the_script_writes_the_shipped_bytes(tmp_path: Path):
    subprocess.run([sys.executable, "-B", FOLDER / "make_samples.py", tmp_path], check=True)
    made = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    homes = [path for home in ("claude", "codex") for path in FOLDER.rglob(f"{home}/**/*") if path.is_file()]
    files = [*homes, FOLDER / "expected_findings.json", *FOLDER.glob("*/expected.json")]
    shipped = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in files}
    assert made.keys() == shipped.keys()
    assert [path for path, data in made.items() if data != shipped[path]] == []


def test_they_are_small():
    assert sum(map(len, logs().values())) < 600_000


@pytest.mark.parametrize("path", PATHS)
def test_every_line_is_an_object_and_ends(path: str):
    data = logs()[path]
    assert data.endswith(b"\n")
    assert all(isinstance(json.loads(line), dict) for line in data.split(b"\n")[:-1])


@pytest.mark.parametrize("path", PATHS)
def test_time_never_runs_back(path: str):
    stated = [datetime.fromisoformat(line["timestamp"]) for line in transcripts()[path] if "timestamp" in line]
    assert stated == sorted(stated)


def test_they_name_nobody_and_no_machine():
    everything = b"\n".join(logs().values())
    assert set(re.findall(rb"/home/(\w+)/", everything)) == {b"mara"}
    assert set(re.findall(rb"https?://([\w.-]+)", everything)) <= {b"127.0.0.1"}
    assert not re.search(rb"\w@\w+\.[a-z]{2,}\b", everything)


# -- the figures --------------------------------------------------------------------------------------


def test_the_count_is_what_is_expected():
    assert counting().count(SAMPLES) == EXPECTED


def test_the_readme_holds_the_table():
    module = counting()
    assert module.table(module.count(SAMPLES)) in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_every_lane():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8").partition("## What must come out")[0]
    for path in PATHS:
        name = Path(path).stem.removeprefix("agent-")
        short = name[-8:] if name.startswith("rollout-") else name[:8]
        assert short in readme, path


def test_the_count_is_what_the_writer_spent():
    code = "import json, make_samples;print(json.dumps({lane.path: vars(lane.spent) for lane in make_samples.lanes()}))"
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=FOLDER, check=True, capture_output=True, text=True)
    spent = json.loads(done.stdout)
    for path, lane in EXPECTED["lanes"].items():
        meant = spent[path]
        written = meant["cache_write_5m"] + meant["cache_write_1h"] + meant["cache_write_unsaid"]
        for column in ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "calls"):
            assert lane[column] == meant[column], (path, column)
        assert lane["cache_write"] == written, path


def test_a_plain_sum_is_wrong_in_every_lane():
    assert [path for path, lane in EXPECTED["lanes"].items() if lane["naive_total"] <= lane["total"]] == []
    assert EXPECTED["total"]["naive_total"] > 1.5 * EXPECTED["total"]["total"]


def test_most_tokens_are_read_from_the_cache():
    total = EXPECTED["total"]
    assert 0.9 < total["cache_read"] / total["total"] < 0.97


# -- the stories --------------------------------------------------------------------------------------


def test_output_counts_grow_over_the_lines_of_a_call():
    calls = claude_calls(by_title("Expire unpaid seat holds"))
    seen = [[line["message"]["usage"]["output_tokens"] for line in lines] for lines in calls.values()]
    assert all(counts == sorted(counts) for counts in seen)
    assert any(counts[0] < counts[-1] for counts in seen)


def test_the_healthy_session_ends_well():
    lines = by_title("Expire unpaid seat holds")
    assert lines[-1]["subtype"] == "turn_duration"
    plans = tool_uses(lines, "TodoWrite")
    assert {item["status"] for item in plans[-1]["input"]["todos"]} == {"completed"}
    asked = {block["id"] for tool in ("Agent", "Bash", "Edit") for block in tool_uses(lines, tool)}
    assert asked <= {block["tool_use_id"] for block in results(lines)}


def test_its_subagents_have_files_and_sidecars_of_their_own():
    session = by_title("Expire unpaid seat holds")[0]["sessionId"]
    sidecars = {path: json.loads(data) for path, data in logs().items() if path.endswith(".meta.json")}
    assert {facts["agentType"] for facts in sidecars.values()} == {"Explore", "test-writer"}
    calls = {block["id"] for block in tool_uses(by_title("Expire unpaid seat holds"), "Agent")}
    assert {facts["toolUseId"] for facts in sidecars.values()} == calls
    for path in sidecars:
        lines = transcripts()[path.replace(".meta.json", ".jsonl")]
        spoken = [line for line in lines if "uuid" in line]
        assert all(line["isSidechain"] and line["sessionId"] == session for line in spoken)


@pytest.mark.parametrize(
    ("title", "tool"),
    [("Refunds for crossings cancelled by weather", "AskUserQuestion"), ("Drop the dead bookings_v1 table", "Bash")],
)
def test_a_waiting_session_ends_in_a_call_without_a_result(title: str, tool: str):
    lines = by_title(title)
    last = lines[-1]["message"]["content"][0]
    assert (last["type"], last["name"]) == ("tool_use", tool)
    assert last["id"] not in {block["tool_use_id"] for block in results(lines)}


def test_one_session_repeats_one_failing_command():
    lines = by_title("Upgrade the booking front end to React 19")
    failed = [block["content"] for block in results(lines) if block.get("is_error")]
    commands = Counter(block["input"]["command"] for block in tool_uses(lines, "Bash"))
    assert commands.most_common(1)[0][1] == len(failed) >= 12
    assert all("ERESOLVE" in text for text in failed)
    assert len(set(failed)) == len(failed)  # the log file's name differs: equal text would be too easy to find


def test_one_session_hits_its_limit():
    last = by_title("Move the booking widget to design tokens")[-1]
    assert last["isApiErrorMessage"] and last["error"] == "rate_limit"
    assert last["message"]["model"] == "<synthetic>"


def test_one_session_is_compacted_and_goes_on():
    lines = by_title("Port the fare engine to Go")
    (index,) = [index for index, line in enumerate(lines) if line.get("subtype") == "compact_boundary"]
    before, after = claude_calls(lines[:index]), claude_calls(lines[index:])
    last, first = list(before.values())[-1][-1], next(iter(after.values()))[-1]
    assert last["message"]["usage"]["cache_read_input_tokens"] > 150_000
    assert first["message"]["usage"]["cache_read_input_tokens"] < 40_000
    assert len(after) > 5


def test_the_fork_opens_with_its_origins_history():
    threads = {lines[0]["payload"]["id"]: lines for lines in transcripts().values() if "payload" in lines[0]}
    ((origin, fork),) = [
        (threads[meta["forked_from_id"]], lines)
        for lines in threads.values()
        if "forked_from_id" in (meta := lines[0]["payload"])
    ]
    copied = len([line for line in origin if line["timestamp"] < fork[0]["timestamp"]])
    assert [line["payload"] for line in fork[1 : copied + 1]] == [line["payload"] for line in origin[:copied]]
    assert any(line["payload"].get("type") == "token_count" for line in fork[1 : copied + 1])
    first, last = (datetime.fromisoformat(fork[index]["timestamp"]) for index in (0, copied))
    assert (last - first).total_seconds() < 0.1
    assert fork[1]["type"] == "session_meta"


def test_codex_tells_some_counts_twice_and_both_windows():
    counts = [
        json.dumps(line["payload"]["info"])
        for line in by_title("Loom, foreman of the operator actions")
        if line["payload"].get("type") == "token_count"
    ]
    assert any(one == other for one, other in pairwise(counts))
    windows = {
        window["window_minutes"]
        for lines in transcripts().values()
        for line in lines
        if line.get("payload", {}).get("type") == "token_count"
        for window in (line["payload"]["rate_limits"]["primary"], line["payload"]["rate_limits"]["secondary"])
        if window
    }
    assert windows == {300, 10_080}


def test_one_thread_states_usage_twice_on_a_model_without_a_price():
    lines = by_title("Fuel per crossing, nightly report")
    records = [line for line in lines if line["type"] == "token_usage_record"]
    assert len(records) == len([line for line in lines if line["payload"].get("type") == "token_count"]) > 0
    assert {line["payload"]["model"] for line in lines if line["type"] == "turn_context"} == {"harbor-coder-32b"}
    assert [line["ordinal"] for line in lines] == list(range(len(lines)))


def test_the_foreman_hands_out_six_slices():
    loom = by_title("Loom, foreman of the operator actions")
    calls = [line["payload"] for line in loom if line["payload"].get("type") == "function_call"]
    tasks = [json.loads(call["arguments"])["message"] for call in calls if call["name"] == "spawn_agent"]
    assert [task[:4] for task in tasks] == ["S085", "S086", "S087", "S088", "S089", "S090"]
    thread = loom[0]["payload"]["id"]
    workers = [
        lines for lines in transcripts().values() if lines[0].get("payload", {}).get("parent_thread_id") == thread
    ]
    assert len(workers) == 6


def test_only_the_early_slices_differ_by_more_than_their_label():
    def shape(lines: list[Record]) -> list[str]:
        """The commands of a worker without its label: what it does, not what for."""
        calls = [line["payload"] for line in lines if line["payload"].get("type") == "function_call"]
        commands = [json.loads(call["arguments"]).get("cmd", call["name"]) for call in calls]
        return [re.sub(r"TestEnvelope\w+|prove\.sh [\w-]+", "LABEL", command) for command in commands]

    titles = ("Build the action envelope", "Close the other-port hole", "Prove refund-hold", "Prove reissue-ticket",
              "Prove waive-fee")  # fmt: skip
    workers = [shape(by_title(f"S0{number} {title}")) for number, title in enumerate(titles, 85)]
    assert workers[2] == workers[3] == workers[4]
    assert workers[0] != workers[1] != workers[2]
