"""Codex in code mode: reading sessions of scripts against parsing the same lines with orjson alone."""

from __future__ import annotations

import json
import random
import statistics
import time

import orjson

from tui.agents.codex.reader import CodexReader
from tui.io.lines import Line

WORDS = ["cache", "report", "parser", "index", "module", "server", "client", "widget", "handler", "schema"]


def session(number: int, calls: int) -> list[Line]:
    """An invented session in the forms that are most common: commands, polls, patches and several calls at once."""
    pick = random.Random(number)
    records: list[tuple[str, dict[str, object]]] = [
        ("session_meta", {"id": f"bench-{number}", "cwd": "/work/shop", "cli_version": "0.169.0", "source": "cli"}),
    ]
    for index in range(calls):
        script = _script(pick, index)
        header = {"type": "input_text", "text": "Script completed\nWall time 0.4 seconds\nOutput:\n"}
        output = json.dumps(
            {"chunk_id": f"{index:x}", "exit_code": 0, "output": _lines(pick), "wall_time_seconds": 0.4}
        )
        records += [
            ("response_item", {"type": "reasoning", "summary": [], "encrypted_content": pick.randbytes(900).hex()}),
            ("response_item", {"type": "custom_tool_call", "call_id": f"c{index}", "name": "exec", "input": script}),
            ("response_item", {"type": "custom_tool_call_output", "call_id": f"c{index}",
                               "output": [header, {"type": "input_text", "text": output}]}),
        ]  # fmt: skip
    lines: list[Line] = []
    offset = 0
    for index, (kind, payload) in enumerate(records):
        data = json.dumps(
            {"timestamp": f"2026-01-01T00:{index // 60 % 60:02}:{index % 60:02}Z", "type": kind, "payload": payload}
        )
        lines.append(Line(offset, index + 1, data.encode()))
        offset += len(data) + 1
    return lines


def _lines(pick: random.Random) -> str:
    return "\n".join(
        f"src/{pick.choice(WORDS)}.go:{pick.randrange(400)}: {' '.join(pick.choices(WORDS, k=6))}" for _ in range(30)
    )


def _script(pick: random.Random, index: int) -> str:
    name = pick.choice(WORDS)
    if index % 8 == 3:
        return (
            f'const r = await tools.write_stdin({{session_id:{index},chars:"",yield_time_ms:30000}});\ntext(r.output);'
        )
    if index % 8 == 5:
        change = "\\n".join(f'+\\tline {at} of {name} \\"{pick.choice(WORDS)}\\"' for at in range(40))
        patch = f"*** Begin Patch\\n*** Update File: src/{name}.go\\n@@\\n{change}\\n*** End Patch"
        return f'const patch = "{patch}";\ntext(await tools.apply_patch(patch));'
    if index % 8 == 7:
        commands = ", ".join(f'tools.exec_command({{cmd: "wc -l src/{word}.go"}})' for word in pick.sample(WORDS, 3))
        return f"const rs = await Promise.all([{commands}]);\nfor (const r of rs) text(r.output);"
    command = f"rg -n {name} src/{pick.choice(WORDS)} | head -{index}; git diff --stat"
    return (
        f'const r = await tools.exec_command({{cmd:"{command}","workdir":"/work/shop","yield_time_ms":1000}}); text(r);'
    )


def run(*, quick: bool) -> None:
    """Prints medians of alternating runs, in seconds of this process's CPU."""
    sessions = [session(number, 200) for number in range(2 if quick else 10)]
    times: dict[str, list[float]] = {"reader, code mode": [], "orjson on every line": []}
    events = 0
    for _ in range(5):
        began = time.process_time()
        for lines in sessions:
            for line in lines:
                orjson.loads(line.data)
        times["orjson on every line"].append(time.process_time() - began)
        began = time.process_time()
        events = 0
        for lines in sessions:
            reader = CodexReader()
            events += sum(len(reader.read(line)) for line in lines)
        times["reader, code mode"].append(time.process_time() - began)
    size = sum(len(line.data) for lines in sessions for line in lines) / 1e6
    mine, plain = (statistics.median(each) for each in times.values())
    print(
        f"  {size:.1f} MB, {events} events: reader {mine:.3f} s, orjson alone {plain:.3f} s, ratio {mine / plain:.1f}"
    )
