"""The kinds of Claude Code's own tools."""

from __future__ import annotations

from collections.abc import Mapping

from tui.model.event import ToolKind

KINDS: Mapping[str, ToolKind] = {
    "bash": ToolKind.SHELL,
    "bashoutput": ToolKind.SHELL,
    "killshell": ToolKind.SHELL,
    "killbash": ToolKind.SHELL,
    "monitor": ToolKind.SHELL,
    "powershell": ToolKind.SHELL,
    "taskoutput": ToolKind.SHELL,
    "taskstop": ToolKind.SHELL,
    "read": ToolKind.READ,
    "notebookread": ToolKind.READ,
    "grep": ToolKind.SEARCH,
    "glob": ToolKind.SEARCH,
    "ls": ToolKind.SEARCH,
    "toolsearch": ToolKind.SEARCH,
    "edit": ToolKind.EDIT,
    "multiedit": ToolKind.EDIT,
    "write": ToolKind.EDIT,
    "notebookedit": ToolKind.EDIT,
    "webfetch": ToolKind.WEB,
    "websearch": ToolKind.WEB,
    "todowrite": ToolKind.PLAN,
    "todoread": ToolKind.PLAN,
    "taskcreate": ToolKind.PLAN,
    "taskupdate": ToolKind.PLAN,
    "tasklist": ToolKind.PLAN,
    "taskget": ToolKind.PLAN,
    "enterplanmode": ToolKind.PLAN,
    "task": ToolKind.AGENT,
    "agent": ToolKind.AGENT,
    "workflow": ToolKind.AGENT,
    "sendmessage": ToolKind.AGENT,
    "exitplanmode": ToolKind.ASK,
    "askuserquestion": ToolKind.ASK,
}
