"""Outputs of Codex's tools: a header with exit code, time and running session precedes the output."""

from __future__ import annotations

import re
from typing import NamedTuple

import orjson

from tui.io.json_fields import Record, integer, number, obj
from tui.model.event import ToolKind

_HEADER_BOUND = 600
_BODY = "\nOutput:\n"
_EXITED = re.compile(r"^(?:Process exited with code|Exit code:) (-?\d{1,10})", re.MULTILINE)
_WALL_TIME = re.compile(r"^Wall time: (\d{1,9}(?:\.\d{1,9})?) seconds", re.MULTILINE)
_RUNNING = re.compile(r"^Process running with session ID (\d{1,18})", re.MULTILINE)
_FAILED = (
    "unsupported call:", "unsupported custom tool call:", "apply_patch verification failed", "execution error",
    "failed to parse function arguments", "exec_command failed",
)  # fmt: skip
_SUCCEEDED = ("Plan updated", "Success. Updated the following files")
_REPORTING = frozenset({ToolKind.SHELL, ToolKind.EDIT})


class Output(NamedTuple):
    """The parts of an output. `session` names a process that still runs. `ok` is None if nothing states it."""

    body: str
    exit_code: int | None = None
    duration_s: float | None = None
    session: int | None = None
    ok: bool | None = None


def take_apart(whole: str, kind: ToolKind) -> Output:
    """Splits an output. Only tools that run something write this header; others may quote one."""
    if whole.startswith(_FAILED):
        return Output(whole, ok=False)
    if kind not in _REPORTING:
        return Output(whole, ok=True if whole.startswith(_SUCCEEDED) else None)
    if whole.startswith('{"output":'):
        return _from_json(whole)
    end = whole.find(_BODY, 0, _HEADER_BOUND)
    header = whole[: end if end >= 0 else _HEADER_BOUND]
    exited, wall, running = _EXITED.search(header), _WALL_TIME.search(header), _RUNNING.search(header)
    exit_code = int(exited[1]) if exited else None
    succeeded = whole.startswith(_SUCCEEDED) or None
    return Output(
        whole[end + len(_BODY) :] if end >= 0 and (exited or wall or running) else whole,
        exit_code,
        float(wall[1]) if wall else None,
        int(running[1]) if running else None,
        exit_code == 0 if exit_code is not None else succeeded,
    )


def _from_json(whole: str) -> Output:
    """An output in the form of 2025: an object with the output and its metadata."""
    try:
        stated = obj(orjson.loads(whole))
    except orjson.JSONDecodeError:
        return Output(whole)
    body, metadata = stated.get("output"), obj(stated.get("metadata"))
    exit_code = integer(metadata.get("exit_code"))
    if not isinstance(body, str):
        return Output(whole)
    ok = exit_code == 0 if exit_code is not None else None
    return Output(body, exit_code, _not_negative(number(metadata.get("duration_seconds"))), None, ok)


def seconds_of(duration: object) -> float | None:
    """The seconds of a duration {"secs", "nanos"}."""
    fields: Record = obj(duration)
    secs, nanos = number(fields.get("secs")), number(fields.get("nanos"))
    return _not_negative((secs or 0.0) + (nanos or 0.0) / 1e9) if secs is not None or nanos is not None else None


def _not_negative(value: float | None) -> float | None:
    return value if value is not None and value >= 0 else None
