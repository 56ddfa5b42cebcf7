"""The declaration of Codex."""

from __future__ import annotations

import os
import re

from tui.agents.base import Agent, Files, Mention, Pane
from tui.agents.codex import daemon
from tui.agents.codex.diffs import diffs_of
from tui.agents.codex.homes import ARCHIVE, HOMES
from tui.agents.codex.hooks import HOOKS
from tui.agents.codex.models import MODELS
from tui.agents.codex.processes import PROGRAM, CodexEvidence
from tui.agents.codex.reader import CodexReader
from tui.agents.codex.script_calls import UNREAD_SCRIPT
from tui.agents.codex.transcript_probe import PROBE
from tui.model.pending import PendingKind

_ROLLOUT = re.compile(r"\Arollout-.+\.jsonl(\.zst)?\Z", re.DOTALL)
_LISTS = frozenset({"history.jsonl", "session_index.jsonl"})
"""Lists of prompts and of sessions beside the transcripts."""


def is_other(path: str) -> bool:
    """Whether the file is a list of prompts or of sessions."""
    return path.rpartition(os.sep)[2] in _LISTS


def thread_of(path: str) -> str | None:
    """The rollout's file name with its thread id, which stays when the rollout is archived or compressed."""
    name = path.rpartition(os.sep)[2]
    return name.removesuffix(".zst") if _ROLLOUT.match(name) else None


def is_archived(path: str) -> bool:
    """Whether a rollout lies among the archived ones."""
    return f"{os.sep}{ARCHIVE}{os.sep}" in path


AGENT = Agent(
    name="codex",
    title="Codex",
    homes=HOMES,
    reader=CodexReader,
    hue="teal",
    diffs_of=diffs_of,
    files=Files(is_other=is_other, thread_of=thread_of, is_archived=is_archived),
    program=PROGRAM,
    evidence=CodexEvidence,
    models=MODELS,
    hooks=HOOKS,
    pane=Pane(exit_text="/quit", prompts="\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"),
    daemon=daemon,
    # `$name` of a skill, and `[@name](plugin://...)` of a plugin.
    mention=Mention(
        pattern=re.compile(r"\$[A-Za-z_][\w:-]*|\[[@$][^\]\n]*\]\("),
        effect="the client would add the skill of that name",
    ),
    probe=PROBE,
    counting="tui.agents.codex.counting",
    resume_command="codex resume",
    asking={"request_user_input": PendingKind.QUESTION, "request_user_input_async": PendingKind.QUESTION},
    unread_kinds={UNREAD_SCRIPT: "scripts shown as they stand"},
)
