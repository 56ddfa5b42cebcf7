"""The declaration of Claude Code."""

from __future__ import annotations

import os
import re

from tui.agents.base import Agent, Files, Mention, Pane, Sidecars
from tui.agents.claude import sidecar
from tui.agents.claude.diffs import diffs_of
from tui.agents.claude.homes import HOMES
from tui.agents.claude.hooks import HOOKS
from tui.agents.claude.models import MODELS
from tui.agents.claude.processes import PROGRAM, ClaudeEvidence
from tui.agents.claude.reader import ClaudeReader
from tui.agents.claude.transcript_probe import PROBE
from tui.model.pending import PendingKind


def is_other(path: str) -> bool:
    """Whether the file is a list of prompts or a workflow's journal."""
    name = path.rpartition(os.sep)[2]
    return name == "history.jsonl" or (name == "journal.jsonl" and f"{os.sep}workflows{os.sep}" in path)


_LONGEST_FOLDER = 200
"""The longest path, in characters, that is the whole name of a project's folder; longer ones are cut."""


def is_place_of(path: str, cwd: str) -> bool:
    """Whether a transcript lies in the folder of a project.

    The folder is named after the project's path, with a dash for each character that is no letter or digit, and cut if
    it is long (seen with 2.1.197 and 2.1.329).
    """
    folder = os.path.basename(os.path.dirname(path))  # noqa: PTH119, PTH120 (a path as a text)
    wanted = re.sub(r"[^A-Za-z0-9]", "-", cwd)
    return folder == wanted or (len(wanted) > _LONGEST_FOLDER and folder.startswith(wanted[:_LONGEST_FOLDER]))


AGENT = Agent(
    name="claude",
    title="Claude Code",
    homes=HOMES,
    reader=ClaudeReader,
    hue="orange",
    diffs_of=diffs_of,
    files=Files(is_other=is_other, is_place_of=is_place_of),
    sidecars=Sidecars(
        is_sidecar=sidecar.is_sidecar,
        sidecar_of=sidecar.sidecar_of,
        transcript_of=sidecar.transcript_of,
        read=sidecar.lane_info,
        size_cap=sidecar.SIZE_CAP,
    ),
    program=PROGRAM,
    evidence=ClaudeEvidence,
    models=MODELS,
    hooks=HOOKS,
    pane=Pane(exit_text="/exit", prompts=">\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}", settle_s=0.15),
    # Measured, also for `@"a file"`: behind a quote, a bracket or a letter the client replaces nothing.
    mention=Mention(pattern=re.compile(r"(?:(?<=\s)|\A)@\S+"), effect="the client would read that file and add it"),
    probe=PROBE,
    resume_command="claude --resume",
    asking={"AskUserQuestion": PendingKind.QUESTION, "ExitPlanMode": PendingKind.PLAN},
    counting="tui.agents.claude.counting",
    demo_worker="tui.agents.claude.demo_worker",
)
