"""The declaration of Claude Code."""

from __future__ import annotations

import re

from tui.agents.base import Agent, Mention, Pane, Sidecars
from tui.agents.claude import sidecar
from tui.agents.claude.diffs import diffs_of
from tui.agents.claude.homes import HOMES
from tui.agents.claude.hooks import HOOKS
from tui.agents.claude.processes import PROGRAM, ClaudeEvidence
from tui.agents.claude.reader import ClaudeReader
from tui.agents.claude.transcript_probe import PROBE
from tui.model.pending import PendingKind

AGENT = Agent(
    title="Claude Code",
    homes=HOMES,
    reader=ClaudeReader,
    hue="orange",
    diffs_of=diffs_of,
    sidecars=Sidecars(
        is_sidecar=sidecar.is_sidecar,
        sidecar_of=sidecar.sidecar_of,
        transcript_of=sidecar.transcript_of,
        read=sidecar.lane_info,
        size_cap=sidecar.SIZE_CAP,
    ),
    program=PROGRAM,
    evidence=ClaudeEvidence,
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
