"""Claude Code's hooks: the entries in its settings, and the facts that it gives to a hook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tui.agents.hooks import REGISTER_S, Hook, Hooks


def _user_file(env: Mapping[str, str], home: Path) -> Path:
    stated = env.get("CLAUDE_CONFIG_DIR")
    return (Path(stated) if stated else home / ".claude") / "settings.json"


HOOKS = Hooks(
    entries=(
        Hook("SessionStart", REGISTER_S, waits=True, word="start"),
        Hook("UserPromptSubmit"),
        Hook("PreToolUse", matcher="*"),
        Hook("PermissionRequest", matcher="*", word="ask"),
        Hook("PostToolBatch"),
        Hook("SubagentStop"),
        Hook("Stop", waits=True),
    ),
    user_file=_user_file,
    project_file=".claude/settings.local.json",
    running_sessions="New sessions ask the gate at once; open ones from their next prompt on (Claude Code 2.1.329).",
    off_switch="disableAllHooks",
    ends_loop=True,
    session_variable="CLAUDE_CODE_SESSION_ID",
    client_variable="CLAUDE_PID",
    entrypoint_variable="CLAUDE_CODE_ENTRYPOINT",
    context_before_tool=True,
)
