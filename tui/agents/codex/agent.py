"""The declaration of Codex."""

from __future__ import annotations

import re

from tui.agents.base import Agent, Mention, Pane
from tui.agents.codex import daemon
from tui.agents.codex.diffs import diffs_of
from tui.agents.codex.homes import HOMES
from tui.agents.codex.hooks import HOOKS
from tui.agents.codex.processes import PROGRAM, CodexEvidence
from tui.agents.codex.reader import CodexReader
from tui.agents.codex.script_calls import UNREAD_SCRIPT
from tui.agents.codex.transcript_probe import PROBE
from tui.model.pending import PendingKind

AGENT = Agent(
    title="Codex",
    homes=HOMES,
    reader=CodexReader,
    hue="teal",
    diffs_of=diffs_of,
    program=PROGRAM,
    evidence=CodexEvidence,
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
