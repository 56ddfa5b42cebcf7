"""Counts the sample logs by the rules in README.md, with nothing but the standard library.

It shares no code with lanewatch, so that one can be held against the other.
`python count.py` prints the table of README.md, `python count.py --json` what expected.json holds (`make_samples.py`
writes it); a folder such as `loop` after it counts that one.
"""

import json
import sys
from pathlib import Path
from typing import Any

COLUMNS = (
    "input", "cache_read", "cache_write", "cache_write_5m", "cache_write_1h", "output", "total", "fresh", "calls",
    "naive_total",
)  # fmt: skip
COUNTERS = ("input_tokens", "cached_input_tokens", "output_tokens")


def row(calls: list[tuple[int, ...]], naive: int) -> dict[str, int]:
    """The sums of calls given as (input, cache read, cache write, of it 5 minutes, of it 1 hour, output)."""
    sums = [sum(call[column] for call in calls) for column in range(6)]
    total = sums[0] + sums[1] + sums[2] + sums[5]
    return dict(zip(COLUMNS, [*sums, total, total - sums[1], len(calls), naive], strict=True))


def claude(lines: list[Any], seen: set[Any]) -> dict[str, int]:
    """One call is one message id and request id, whatever number of lines it has: the fullest line counts."""
    calls: dict[Any, tuple[int, ...]] = {}
    naive = 0
    for line in lines:
        message = line.get("message") or {}
        if line["type"] != "assistant" or message["model"] == "<synthetic>":
            continue
        usage, kept = message["usage"], message["usage"]["cache_creation"]
        five, hour = kept["ephemeral_5m_input_tokens"], kept["ephemeral_1h_input_tokens"]
        written = max(usage["cache_creation_input_tokens"], five + hour)
        call = (usage["input_tokens"], usage["cache_read_input_tokens"], written, five, hour, usage["output_tokens"])
        naive += sum(call) - five - hour
        key = (message["id"], line["requestId"])
        if key not in seen:
            calls[key] = max(call, calls.get(key, call), key=sum)
    seen |= calls.keys()
    return row(list(calls.values()), naive)


def counters(lines: list[Any]) -> list[list[tuple[int, ...]]]:
    """What each token_count line of Codex states: the running total and the last response's own usage."""
    infos = [line["payload"]["info"] for line in lines if line["payload"].get("type") == "token_count"]
    return [[tuple(info[f"{kind}_token_usage"][n] for n in COUNTERS) for kind in ("total", "last")] for info in infos]


def codex(lines: list[Any], threads: dict[str, list[Any]]) -> dict[str, int]:
    """The total runs over the thread: its growth counts. A fork opens with its origin's counters: these do not."""
    own = counters(lines)
    records = [line["payload"]["usage"] for line in lines if line["type"] == "token_usage_record"]
    naive = sum(last[0] + last[2] for _, last in own) + sum(r["input_tokens"] + r["output_tokens"] for r in records)
    origin = counters(threads.get(lines[0]["payload"].get("forked_from_id"), []))
    copied = 0
    while copied < min(len(own), len(origin)) and own[copied] == origin[copied]:
        copied += 1
    calls: list[tuple[int, ...]] = []
    before: tuple[int, ...] = (0, 0, 0)
    for index, (total, _) in enumerate(own):
        read, cached, out = (now - then for now, then in zip(total, before, strict=True))
        before = total
        if index >= copied and (read or out):
            calls.append((read - cached, cached, 0, 0, 0, out))
    return row(calls, naive)


def count(folder: Path) -> dict[str, Any]:
    """All lanes below a folder by their path, and their sum."""
    files = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*.jsonl"))}
    parsed = {path: [json.loads(line) for line in text.splitlines()] for path, text in files.items()}
    threads = {lines[0]["payload"]["id"]: lines for lines in parsed.values() if "payload" in lines[0]}
    seen: set[Any] = set()
    lanes = {
        path: codex(lines, threads) if "payload" in lines[0] else claude(lines, seen) for path, lines in parsed.items()
    }
    return {"lanes": lanes, "total": {column: sum(lane[column] for lane in lanes.values()) for column in COLUMNS}}


def table(counted: dict[str, Any]) -> str:
    """The same as a table in Markdown."""
    rows = [*((f"`{path}`", lane) for path, lane in counted["lanes"].items()), ("**all**", counted["total"])]
    lines = [f"| lane | {' | '.join(COLUMNS)} |", "|---|" + "---:|" * len(COLUMNS)]
    lines += [f"| {name} | {' | '.join(f'{lane[column]:,}' for column in COLUMNS)} |" for name, lane in rows]
    return "\n".join(lines)


if __name__ == "__main__":
    folders = [argument for argument in sys.argv[1:] if argument != "--json"]
    result = count(Path(__file__).parent / (folders[0] if folders else "morning"))
    print(json.dumps(result, indent=1) if "--json" in sys.argv else table(result))
