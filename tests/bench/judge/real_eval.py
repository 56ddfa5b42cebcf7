"""Every alarm on a folder of real sessions, one by one, so that a person can read it and give a verdict.

`python -m tests.bench.judge.real_eval FOLDER... [--around 3] [--verdicts FILE]`. Each folder directly below FOLDER is
one project and is asked on its own, as an operator would watch it. A verdict file has one JSON object a line:
`{"id": ..., "verdict": "true" | "false" | "unclear", "why": ...}`; what it holds is counted, the rest is listed as unread.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.judge.real import CIRCLES

VERDICTS = ("true", "false", "unclear")
SEVERITIES = ("info", "warn", "stop")
TOOL_USES = ("tool_use", "function_call", "custom_tool_call", "local_shell_call")
TOOL_RESULTS = ("tool_result", "function_call_output", "custom_tool_call_output")


@dataclass(frozen=True)
class Moment:
    """One thing said or done in a transcript: the byte offset of its line, the number of the tool call, and its text."""

    offset: int
    step: int
    text: str


@dataclass
class Alarm:
    """One finding: where it points to, and the words that the operator reads. The step is -1 without evidence."""

    id: str
    kind: str
    severity: str
    project: str
    lane: str
    title: str
    path: str
    step: int
    suggest: str
    evidence: list[str]
    around: list[str] = field(default_factory=list[str])


def _flat(content: Any) -> str:
    """The text in a message's content, whatever its nesting."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts: list[Any] = content
        return " ".join(_flat(part) for part in parts)
    if isinstance(content, dict):
        fields: dict[str, Any] = content
        return _flat(fields.get("text") or fields.get("content") or fields.get("output") or "")
    return ""


def _parts(line: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The parts of a transcript line as (role, text); the role of a call is "call", of a result "result"."""
    payload = line.get("payload")
    message = line.get("message")
    if isinstance(payload, dict):
        body: list[Any] = [payload]
        role = str(payload.get("role") or "")  # pyright: ignore[reportUnknownMemberType,reportUnknownArgumentType]
    elif isinstance(message, dict):
        content: Any = message.get("content")  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]
        body = content if isinstance(content, list) else [{"type": "text", "text": content}]  # pyright: ignore[reportUnknownVariableType]
        role = str(line.get("type") or "")
    else:
        return
    for part in body:
        if not isinstance(part, dict):
            continue
        fields: dict[str, Any] = part
        kind = str(fields.get("type") or "")
        if kind in TOOL_USES:
            given = fields.get("input") or fields.get("arguments") or fields.get("action")
            yield "call", f"{fields.get('name') or kind} {given if isinstance(given, str) else json.dumps(given)}"
        elif kind in TOOL_RESULTS:
            failed = "FAILED " if fields.get("is_error") else ""
            yield "result", failed + _flat(fields.get("content") or fields.get("output"))
        elif kind in ("text", "message"):
            yield role, _flat(fields)


def moments(path: Path) -> list[Moment]:
    """What a transcript holds, in order; a call and all up to the next call carry the call's number, from 0."""
    found: list[Moment] = []
    step, offset = -1, 0
    with path.open("rb") as file:
        for raw in file:
            try:
                line = json.loads(raw)
            except ValueError:
                line = None
            if isinstance(line, dict):
                for role, text in _parts(line):  # pyright: ignore[reportUnknownArgumentType]
                    step += role == "call"
                    found.append(Moment(offset, step, f"{role}: {' '.join(text.split())}"))
            offset += len(raw)
    return found


def findings(exe: str, place: Path) -> list[dict[str, Any]]:
    """All findings of a place, passed ones too. Raises RuntimeError where the program gives no JSON."""
    command = [exe, "findings", "--since", "all", "--all", "--json", str(place)]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}  # else it imports this checkout
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    try:
        return json.loads(done.stdout)["findings"]
    except (ValueError, KeyError):
        raise RuntimeError(f"{' '.join(command)}: code {done.returncode}, {done.stderr[-300:]}") from None


def projects(folder: Path) -> list[Path]:
    """The folders that are asked one by one: those directly below, and the folder itself if files lie in it."""
    below = sorted(path for path in folder.iterdir() if path.is_dir() and any(path.rglob("*.jsonl")))
    loose = any(path.suffix == ".jsonl" and path.name != "manifest.jsonl" for path in folder.iterdir())
    return [folder] if loose else below


class Transcripts:
    """Transcripts that were read, the last one kept."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._held: list[Moment] = []

    def read(self, path: Path) -> list[Moment]:
        """The moments of a file, [] if it is not there."""
        if path != self._path:
            self._path, self._held = path, moments(path) if path.is_file() else []
        return self._held


def alarm_of(finding: dict[str, Any], project: str, held: Transcripts, around: int, width: int) -> Alarm:
    """A finding with the steps around each piece of its evidence."""
    evidence: list[dict[str, Any]] = finding["evidence"]
    placed = [piece for piece in evidence if piece.get("path") and piece.get("offset") is not None]
    last: dict[str, Any] = placed[-1] if placed else {}
    key = f"{finding['kind']} {Path(last.get('path', '')).name} {last.get('offset')} {finding['title']}"
    alarm = Alarm(
        hashlib.sha1(key.encode()).hexdigest()[:8],
        finding["kind"],
        finding["severity"],
        project,
        finding["lane"] or finding["family"] or "",
        finding["title"],
        last.get("path", ""),
        -1,
        finding["suggest"] or "",
        [" ".join(piece["text"].split())[: 2 * width] for piece in evidence],
    )
    shown: set[tuple[str, int]] = set()
    for piece in placed:
        told = held.read(Path(piece["path"]))
        at = max((number for number, one in enumerate(told) if one.offset <= piece["offset"]), default=-1)
        alarm.step = told[at].step if at >= 0 else -1
        for number in range(max(0, at - 2 * around), min(len(told), at + around + 1)):
            if around and (piece["path"], number) not in shown:
                shown.add((piece["path"], number))
                mark = ">" if number == at else " "
                alarm.around.append(f"{mark}{told[number].step:5d} {told[number].text[:width]}")
        if around:
            alarm.around.append("")
    return alarm


def verdicts(path: Path | None) -> dict[str, dict[str, str]]:
    """Verdicts by the alarm's id."""
    if path is None or not path.exists():
        return {}
    rows = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    return {row["id"]: row for row in rows}


def agent_of(path: Path) -> str:
    """Whose transcript it is, by its first bytes."""
    with path.open("rb") as file:
        return "codex" if b'"session_meta"' in file.read(6000) else "claude"


def show(alarms: Sequence[Alarm], sessions: Sequence[Path], known: dict[str, dict[str, str]]) -> None:
    """Prints the counts, then each alarm with its verdict or its surroundings."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for alarm in alarms:
        by_kind[alarm.kind].append(known.get(alarm.id, {}).get("verdict", "unread"))
    agents = Counter(agent_of(path) for path in sessions)
    steps = sum(sum(one.text.startswith("call: ") for one in moments(path)) for path in sessions)
    print(f"{len(sessions)} sessions ({', '.join(f'{agent} {n}' for agent, n in agents.items())}), {steps:,} calls")
    print("| kind | alarms | true | false | unclear | unread | precision |")
    print("|---|---|---|---|---|---|---|")
    rows = [*sorted(by_kind.items()), ("all", [said for them in by_kind.values() for said in them])]
    for kind, said in rows:
        count = Counter(said)
        judged = count["true"] + count["false"]
        precision = f"{count['true'] / judged:.2f}" if judged else "-"
        cells = " | ".join(str(count[word]) for word in (*VERDICTS, "unread"))
        print(f"| {kind} | {len(said)} | {cells} | {precision} |")
    circles = {(agent_of(Path(alarm.path)), alarm.path) for alarm in alarms if alarm.kind in CIRCLES}
    for agent, total in agents.items():
        alarmed = sum(whose == agent for whose, _ in circles)
        print(f"{agent}: {alarmed} of {total} sessions ({100 * alarmed / total:.1f}%) with an alarm about a loop")
    for alarm in sorted(alarms, key=lambda one: (one.kind, one.project, one.path, one.step)):
        verdict = known.get(alarm.id)
        said = f"{verdict['verdict']}: {verdict['why']}" if verdict else "unread"
        print(f"\n[{alarm.id}] {alarm.severity} {alarm.kind} | {alarm.title} | {said}")
        print(
            f"    {alarm.project} {alarm.lane} step {alarm.step} of {Path(alarm.path).name}; suggests: {alarm.suggest}"
        )
        for text in alarm.evidence:
            print(f"    - {text}")
        for text in alarm.around:
            print(f"      {text}")


def main() -> int:
    """Asks, reads, prints."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.judge.real_eval", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--exe", default=str(Path(sys.executable).parent / "lanewatch"))
    parser.add_argument("--severity", choices=SEVERITIES, default="warn", help="nothing milder")
    parser.add_argument("--around", type=int, default=0, help="so many moments of the transcript around each evidence")
    parser.add_argument("--width", type=int, default=200, help="characters of each moment")
    parser.add_argument("--verdicts", type=Path, help="verdicts given so far, JSON lines")
    parser.add_argument("--json", type=Path, help="write the alarms there, too")
    args = parser.parse_args()
    folders: list[Path] = args.folders
    held = Transcripts()
    alarms: list[Alarm] = []
    sessions: list[Path] = []
    for folder in folders:
        for project in projects(folder):
            sessions += [path for path in sorted(project.rglob("*.jsonl")) if path.name != "manifest.jsonl"]
            for finding in findings(args.exe, project):
                if SEVERITIES.index(finding["severity"]) >= SEVERITIES.index(args.severity):
                    alarms.append(alarm_of(finding, project.name, held, args.around, args.width))
    show(alarms, sessions, verdicts(args.verdicts))
    if args.json:
        args.json.write_text("\n".join(json.dumps(vars(alarm)) for alarm in alarms) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
