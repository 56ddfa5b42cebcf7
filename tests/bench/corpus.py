"""Transcripts in the size and the shapes of real ones, made from a seed: Claude sessions and Codex rollouts."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

WORDS = [
    "the",
    "booking",
    "quay",
    "ferry",
    "timetable",
    "slot",
    "refund",
    "harbour",
    "crossing",
    "vessel",
    "berth",
    "tide",
    "queue",
    "token",
    "retry",
]
DAY = 1_778_317_200.0


def words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choices(WORDS, k=count))


def stamp(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03}Z"


def claude_session(rng: random.Random, number: int, calls: int, begins: float) -> bytes:
    """A session of so many model calls: text and tool lines with the same usage, results of a few kB."""
    session = f"{rng.getrandbits(32):08x}-{rng.getrandbits(16):04x}-4000-8000-{number:012d}"
    out: list[bytes] = []
    at, context = begins, 14_000

    def put(kind: str, **rest: object) -> None:
        line = {
            "parentUuid": None, "isSidechain": False, "userType": "external", "cwd": f"/home/ada/harbor-{number % 7}",
            "sessionId": session, "version": "2.1.329", "gitBranch": "main", "type": kind, "uuid": f"{rng.getrandbits(64):x}",
            "timestamp": stamp(at), **rest,
        }  # fmt: skip
        out.append(json.dumps(line, separators=(",", ":")).encode())

    put("user", message={"role": "user", "content": f"HARB-{number} {words(rng, 30)}"})
    for call in range(calls):
        at += rng.uniform(2, 20)
        context += rng.randrange(200, 1500)
        usage = {
            "input_tokens": rng.randrange(3, 40),
            "cache_read_input_tokens": context,
            "service_tier": "standard",
            "cache_creation_input_tokens": 900,
            "cache_creation": {"ephemeral_5m_input_tokens": 900, "ephemeral_1h_input_tokens": 0},
        }
        tool = f"toolu_{number:06d}{call:08d}"
        blocks = [
            {"type": "text", "text": words(rng, rng.randrange(10, 80))},
            {
                "type": "tool_use",
                "id": tool,
                "name": "Bash",
                "input": {"command": words(rng, 8), "description": words(rng, 4)},
            },
        ]
        for index, block in enumerate(blocks):
            message = {
                "id": f"msg_{number:06d}{call:012d}", "type": "message", "role": "assistant", "model": "claude-opus-4-6",
                "content": [block], "stop_reason": None, "usage": {**usage, "output_tokens": 20 + 180 * index},
            }  # fmt: skip
            put("assistant", message=message, requestId=f"req_{number:06d}{call:012d}")
        text = words(rng, rng.randrange(40, 900))
        result = {"type": "tool_result", "tool_use_id": tool, "content": text, "is_error": False}
        put(
            "user",
            message={"role": "user", "content": [result]},
            toolUseResult={"stdout": text, "stderr": "", "interrupted": False},
        )
    return b"\n".join(out) + b"\n"


def codex_rollout(rng: random.Random, number: int, calls: int, begins: float = DAY) -> bytes:
    """A rollout of so many responses, each counted twice, with its commands and their output."""
    thread = f"019e0bf7-{number % 65536:04x}-7ae8-bc12-{number:012d}"
    at = begins
    out: list[bytes] = []

    def put(kind: str, payload: dict[str, object]) -> None:
        out.append(
            json.dumps({"timestamp": stamp(at), "type": kind, "payload": payload}, separators=(",", ":")).encode()
        )

    put(
        "session_meta",
        {
            "id": thread,
            "timestamp": stamp(at),
            "cwd": "/home/ada/harbor",
            "originator": "codex_exec",
            "cli_version": "0.144.2",
        },
    )
    put("turn_context", {"model": "gpt-5.3-codex", "cwd": "/home/ada/harbor"})
    put(
        "response_item",
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": f"S{number} {words(rng, 30)}"}]},
    )
    total = dict.fromkeys(
        ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens", "total_tokens"), 0
    )
    for call in range(calls):
        at += rng.uniform(2, 20)
        last = {
            "input_tokens": 9000 + 700 * call,
            "cached_input_tokens": 8400 + 690 * call,
            "output_tokens": rng.randrange(30, 600),
            "reasoning_output_tokens": 16,
        }
        last["total_tokens"] = last["input_tokens"] + last["output_tokens"]
        total = {key: total[key] + last[key] for key in total}
        arguments = json.dumps({"cmd": words(rng, 8)})
        put(
            "response_item",
            {"type": "function_call", "name": "exec_command", "arguments": arguments, "call_id": f"call_{call}"},
        )
        put(
            "response_item",
            {"type": "function_call_output", "call_id": f"call_{call}", "output": words(rng, rng.randrange(40, 600))},
        )
        info = {"total_token_usage": total, "last_token_usage": last, "model_context_window": 258_400}
        for _ in range(2):
            put("event_msg", {"type": "token_count", "info": info, "rate_limits": None})
    return b"\n".join(out) + b"\n"


def make(folder: Path, megabytes: int, seed: int = 7, apart_s: float = 1.0) -> Path:
    """A home of about so many megabytes below `folder`; made once. Its sessions begin `apart_s` seconds apart."""
    home = folder / (f"corpus-{megabytes}" if apart_s == 1.0 else f"corpus-{megabytes}-{apart_s:.0f}")
    done = home / ".done"
    if done.exists():
        return home
    rng = random.Random(seed)
    left = megabytes * 1_000_000
    number = 0
    while left > 0:
        number += 1
        calls = min(4000, int(rng.paretovariate(0.9) * 60))
        begins = DAY + number * apart_s
        if number % 5:
            path = (
                home
                / ".claude"
                / "projects"
                / f"-home-ada-harbor-{number % 7}"
                / f"{number:08d}-0000-4000-8000-000000000000.jsonl"
            )
            data = claude_session(rng, number, calls, begins)
        else:
            path = (
                home / ".codex" / "sessions" / "2026" / "05" / "09" / f"rollout-2026-05-09T09-00-00-{number:08d}.jsonl"
            )
            data = codex_rollout(rng, number, calls, begins)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        left -= len(data)
    done.touch()
    return home
