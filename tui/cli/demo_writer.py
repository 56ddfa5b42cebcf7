"""Writes the sample logs as if they happened now: recorded lines, moved in time, are appended one by one.

All transcripts are moved by the same clock, so what happened together happens together: a subagent begins when its
parent calls it. The lines up to the demo's start are written at once, as history; the others are written when they are
due. Everything is written into a folder that the caller gives.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import orjson

from tui.agents.registry import AGENTS

SPEED = 6.0
"""Multiple of the recorded speed. The samples span 48 minutes: at 6 the live part lasts five minutes, and a lane that
waits for its tool is silent for less time than the limit after which it would be called stalled."""
WRITTEN = 0.4
"""Share of the recorded time that is history when the demo starts."""

_SIDECAR = ".meta.json"
_ISO = re.compile(rb"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z")
_UNIX = re.compile(rb'"(started_at|completed_at|started_at_ms|completed_at_ms|resets_at)":(\d{10,13})\b')
_DATE = re.compile(rb'"current_date":"\d{4}-\d\d-\d\d"')
_RESETS = re.compile(rb"resets (\d{1,2})(?::(\d\d))?(am|pm) \(UTC\)")
_ROLLOUT = re.compile(r"\d{4}/\d\d/\d\d/rollout-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)-")


class DemoLine(NamedTuple):
    """Bytes that are appended to a file at a certain time."""

    due: float
    """Seconds after the demo's start; negative for history."""
    path: str
    """Path relative to the demo's home."""
    data: bytes
    """One line with its line feed, or the whole content of a sidecar."""


Reach = Callable[[float], Awaitable[None]]
"""Waits until this many seconds have passed since the demo's start."""


class _Recorded(NamedTuple):
    at: float
    path: str
    data: bytes


class _Shift(NamedTuple):
    """Converts recorded time to the demo's time. Seconds UTC."""

    pivot: float
    """The recorded time that corresponds to the demo's start."""
    start: float
    speed: float

    def due(self, recorded: float) -> float:
        return (recorded - self.pivot) / self.speed

    def then(self, recorded: float) -> float:
        """The demo's time of an event that was recorded at this time."""
        return self.start + self.due(recorded)

    def ahead(self, recorded: float) -> float:
        """The demo's time for a future time, such as a limit's reset: as long after the start as it was recorded."""
        return self.start + recorded - self.pivot


def plan(logs: Mapping[str, bytes], start: float, speed: float = SPEED, *, written: float = WRITTEN) -> list[DemoLine]:
    """All lines in the order in which they are due; lines of one file stay in their order.

    Args:
        logs: transcripts and their sidecars, by path: `claude/projects/...`, `codex/sessions/...`.
        start: when the demo starts, in seconds UTC.
        speed: times faster than recorded.
        written: share of the recorded time that is history at the start.

    Raises:
        ValueError: the speed is not above zero, or a log holds a line without a time before it.
    """
    if speed <= 0:
        raise ValueError("the speed of the demo must be above zero")
    recorded = _recorded(logs)
    if not recorded:
        return []
    first, last = recorded[0].at, recorded[-1].at
    shift = _Shift(first + written * (last - first), start, speed)
    paths = {path: _path(path, shift) for path in logs}
    return [DemoLine(shift.due(line.at), paths[line.path], _moved(line, shift)) for line in recorded]


def _recorded(logs: Mapping[str, bytes]) -> list[_Recorded]:
    """Every line with its time, in time order. A line without a time has the time of the line before it."""
    lines: list[_Recorded] = []
    for path, data in sorted(logs.items()):
        if not path.endswith(".jsonl"):
            continue
        times = [_time(text) for text in data.splitlines()]
        now = next((at for at in times if at is not None), None)
        if now is None:
            raise ValueError(f"{path}: no line of it states a time")
        sidecar = path.removesuffix(".jsonl") + _SIDECAR
        if sidecar in logs:
            lines.append(_Recorded(now, sidecar, logs[sidecar]))
        for at, text in zip(times, data.splitlines(keepends=True), strict=True):
            now = now if at is None else max(now, at)
            lines.append(_Recorded(now, path, text))
    lines.sort(key=lambda line: line.at)  # stable: lines of one file stay in their order
    return lines


def _time(line: bytes) -> float | None:
    stated = orjson.loads(line).get("timestamp")
    return datetime.fromisoformat(stated).timestamp() if stated is not None else None


def _moved(line: _Recorded, shift: _Shift) -> bytes:
    """The line with every time in it moved; all other bytes stay unchanged."""
    data = _ISO.sub(lambda found: _iso(found[0], shift), line.data)
    data = _UNIX.sub(lambda found: _unix(found, shift), data)
    data = _DATE.sub(b'"current_date":"%s"' % _utc(shift.then(line.at)).strftime("%Y-%m-%d").encode(), data)
    return _RESETS.sub(lambda found: _resets(found, line.at, shift), data)


def _iso(stated: bytes, shift: _Shift) -> bytes:
    then = _utc(shift.then(datetime.fromisoformat(stated.decode()).timestamp()))
    digits = len(stated.partition(b".")[2]) - 1
    fraction = f".{then.microsecond:06d}"[: digits + 1] if digits > 0 else ""
    return f"{then:%Y-%m-%dT%H:%M:%S}{fraction}Z".encode()


def _unix(found: re.Match[bytes], shift: _Shift) -> bytes:
    field, digits = found[1], found[2]
    scale = 1000 if field.endswith(b"_ms") else 1
    recorded = int(digits) / scale
    then = shift.ahead(recorded) if field == b"resets_at" else shift.then(recorded)
    return b'"%s":%d' % (field, int(then * scale))


def _resets(found: re.Match[bytes], at: float, shift: _Shift) -> bytes:
    """A moved reset time in words: the next such time of day after the line."""
    hour = int(found[1]) % 12 + (12 if found[3] == b"pm" else 0)
    said = _utc(at).replace(hour=hour, minute=int(found[2] or 0), second=0, microsecond=0)
    if said.timestamp() < at:
        said += timedelta(days=1)
    then = _utc(shift.ahead(said.timestamp()))
    return f"resets {then.hour % 12 or 12}:{then:%M}{'pm' if then.hour >= 12 else 'am'} (UTC)".encode()


def _path(path: str, shift: _Shift) -> str:
    """The path of a log in the demo's home. A rollout's name contains its day and time, which are moved too."""
    begun = _ROLLOUT.search(path)
    if begun is not None:
        recorded = datetime.strptime(begun[1], "%Y-%m-%dT%H-%M-%S").replace(tzinfo=UTC).timestamp()
        name = f"{_utc(shift.then(recorded)):%Y/%m/%d/rollout-%Y-%m-%dT%H-%M-%S}-"
        path = path[: begun.start()] + name + path[begun.end() :]
    return f".{path}"


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class DemoWriter:
    """Writes the demo's transcripts into `home`, once, and nowhere else."""

    def __init__(self, source: Path, home: Path, start: float, speed: float = SPEED) -> None:
        """Reads the sample logs.

        Args:
            source: the folder of the sample logs.
            home: the agents' homes are made in it.
            start: now, in seconds UTC.
            speed: times faster than recorded.
        """
        self._home = home.resolve()
        logs = {
            path.relative_to(source).as_posix(): path.read_bytes()
            for agent in AGENTS
            for path in sorted((source / agent.name).rglob("*"))
            if path.name.endswith((".jsonl", _SIDECAR))
        }
        self._waiting: list[DemoLine] = plan(logs, start, speed)

    def write_history(self) -> None:
        """Writes the history, so that the first read finds it. Otherwise `run` writes it."""
        history = [line for line in self._waiting if line.due <= 0]
        self._waiting = self._waiting[len(history) :]
        for line in history:
            self._append(line)

    async def run(self, reach: Reach | None = None) -> None:
        """Writes each line when it is due. `reach` waits; by default it uses the event loop's clock."""
        reach = reach or _by_the_clock()
        self.write_history()
        while self._waiting:
            line = self._waiting.pop(0)
            await reach(line.due)
            self._append(line)

    def _append(self, line: DemoLine) -> None:
        path = (self._home / line.path).resolve()
        if not path.is_relative_to(self._home):
            raise ValueError(f"{line.path} leads out of the demo's home")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("ab", buffering=0) as file:
            file.write(line.data)


def _by_the_clock() -> Reach:
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def reach(due: float) -> None:
        await asyncio.sleep(max(0.0, due - (loop.time() - began)))

    return reach
