"""The kinds of Codex's own tools."""

from __future__ import annotations

from collections.abc import Mapping

from tui.model.event import ToolKind

KINDS: Mapping[str, ToolKind] = {
    "exec": ToolKind.SHELL,
    "exec_command": ToolKind.SHELL,
    "write_stdin": ToolKind.SHELL,
    "shell": ToolKind.SHELL,
    "shell_command": ToolKind.SHELL,
    "local_shell": ToolKind.SHELL,
    "container.exec": ToolKind.SHELL,
    "unified_exec": ToolKind.SHELL,
    "read_file": ToolKind.READ,
    "view_image": ToolKind.READ,
    "grep_files": ToolKind.SEARCH,
    "list_dir": ToolKind.SEARCH,
    "tool_search": ToolKind.SEARCH,
    "apply_patch": ToolKind.EDIT,
    "web_search": ToolKind.WEB,
    "web__run": ToolKind.WEB,
    "update_plan": ToolKind.PLAN,
    "spawn_agent": ToolKind.AGENT,
    "wait_agent": ToolKind.AGENT,
    "wait": ToolKind.AGENT,
    "send_input": ToolKind.AGENT,
    "send_message": ToolKind.AGENT,
    "followup_task": ToolKind.AGENT,
    "resume_agent": ToolKind.AGENT,
    "close_agent": ToolKind.AGENT,
    "interrupt_agent": ToolKind.AGENT,
    "list_agents": ToolKind.AGENT,
    "request_user_input": ToolKind.ASK,
    "request_user_input_async": ToolKind.ASK,
}
