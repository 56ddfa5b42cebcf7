"""Recognises calls that only ask whether something has changed. It is their purpose to be repeated."""

from __future__ import annotations

import re

from tui.model.event import Call, ToolKind

_WAITS = re.compile(
    r"""(?:^|[;&|(\s])(?:
        sleep\s+[\d.$] | watch\s | wait\b | inotifywait\b | tail\s+(?:-\w*f|--follow) | until\s
        | while\s(?!.{0,40}\bread\b)
        | gh\s+run\s+watch | kubectl\s+(?:wait|rollout\s+status) | docker\s+wait | timeout\s+\d+\s+tail
    )|\s--?(?:watch|wait|follow)\b""",
    re.VERBOSE,
)
_ASKS = re.compile(
    r"""(?:sudo\s+|time\s+|watch\s+)?(?:
        git\s+fetch | gh\s+(?:run|pr|workflow)\s+(?:view|list|checks|status)
        | kubectl\s+(?:get|describe|logs|top) | docker\s+(?:ps|logs|inspect|stats) | systemctl\s+(?:status|is-active)
        | squeue\b | sacct\b | qstat\b | ps\s | pgrep\b | jobs\b | nvidia-smi\b | uptime\b
        | tail\s
        | curl\s.*(?:health|status|ready|ping) | terraform\s+show | aws\s.*(?:describe|wait|get)
        | \S*status(?:\.sh)?(?:\s|$)
        | (?!git\s)[\w./-]+\s+(?:-\S+\s+)*(?:status|ps|list|capture|progress|health)(?:\s|$)
    )""",
    re.VERBOSE,
)
_WAIT_TOOLS = re.compile(r"(?i)^(?:bash_?output|task_?output|wait\w*|sleep|monitor\w*|await\w*)$|_wait$|poll")
_ASK_TOOLS = re.compile(r"(?i)status|progress|health|^get_.*(?:state|run|job|build)")

_HINTS = (
    "status",
    " list",
    " ps",
    "capture",
    "progress",
    "watch",
    "wait",
    "follow",
    "sleep",
    "until ",
    "while ",
    "health",
    "ping",
    "ready",
)
_PROGRAMS = frozenset(
    (
        "git", "gh", "kubectl", "docker", "systemctl", "squeue", "sacct", "qstat", "ps", "pgrep", "jobs", "nvidia-smi",
        "uptime", "date", "df", "free", "tail", "wc", "stat", "ls", "pwd", "curl", "terraform", "aws", "inotifywait",
        "timeout",
    )
)  # fmt: skip
"""A quick test before the patterns: a command without any of these programs or `_HINTS` is no poll."""

WAITS = 2
ASKS = 1


_PARTS = re.compile(r"&&|\|\||[;\n]")
_SILENT = frozenset(("cd", "export", "set", "echo", "true", "source", "."))


def _asks(command: str) -> bool:
    """Whether each part of a command only asks for a state; a pipeline is judged by its first program."""
    asked = False
    for part in _PARTS.split(command):
        first = part.split("|", 1)[0].strip()
        if not first or first.split(" ", 1)[0] in _SILENT:
            continue
        if _ASKS.match(first) is None:
            return False
        asked = True
    return asked


def poll_of(call: Call, words: list[str]) -> int:
    """`WAITS` for a call that itself waits, `ASKS` for one that only looks at a state, else 0.

    `words` are the words of the shell command; empty if the call runs none.
    """
    if call.continues is not None or _WAIT_TOOLS.search(call.tool):
        return WAITS
    if call.tool_kind is ToolKind.SHELL:
        command = call.summary[:400]
        if _PROGRAMS.isdisjoint(words) and not any(hint in command for hint in _HINTS):
            return 0
        if _WAITS.search(command):
            return WAITS
        return ASKS if _asks(command) else 0
    if call.tool_kind in (ToolKind.OTHER, ToolKind.MCP) and _ASK_TOOLS.search(call.tool):
        return ASKS
    return 0
