"""What a lane did, in a few lines: for who comes back and asks what was just done."""

from __future__ import annotations

from tui.report.clip import clip
from tui.report.closeout import last_runs
from tui.report.document import Digest, Line
from tui.report.seen import Place
from tui.report.work import LaneWork

FILES = 8
COMMANDS = 6
CHECKS = 6
WORDS = 300


def digest_of(lane: LaneWork) -> Digest:
    """Files and commands the most frequent first, the last run of each check, and its last words."""
    facts = lane.facts
    files = sorted(facts.files, key=lambda path: -facts.files[path].edits)
    commands = sorted(facts.commands, key=lambda bones: -facts.commands[bones])
    said = facts.last_said
    return Digest(
        files=tuple(files[:FILES]), files_count=len(files),
        commands=tuple(f"{bones} ×{facts.commands[bones]}" for bones in commands[:COMMANDS]),
        checks=tuple(
            Line(
                f"{last.command}: {last.outcome.value}, in {check.last.name}",
                (check.last.evidence(Place(last.command, last.at, last.offset)),),
            )
            for check, last in last_runs(lane.actions)[:CHECKS]
        ),
        last_words=Line(clip(said.text, WORDS), (lane.evidence(said),)) if said is not None else None,
    )  # fmt: skip
