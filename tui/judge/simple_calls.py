"""Recognises calls that any model can make: reads, searches, listings, questions about a state."""

from __future__ import annotations

import re

from tui.model.event import Call, ToolKind

LONGEST = 290
"""A command that may have been cut off is not judged."""

_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'")
_HARMLESS_REDIRECT = re.compile(r"\d?>&\d|[\d&]?>\s*/dev/null")
_BACKGROUND = re.compile(r"(?<!&)&(?!&)")
_SEGMENTS = re.compile(r"&&|\|\||[;|\n]")
_PREFIXES = frozenset(("sudo", "time", "command", "do", "then", "else", "if", "!"))
_READERS = frozenset(
    (
        "ls", "cat", "head", "tail", "less", "more", "bat", "grep", "egrep", "fgrep", "zgrep", "rg", "ag", "fd", "tree",
        "wc", "stat", "file", "du", "df", "pwd", "which", "type", "whereis", "echo", "printf", "date", "whoami",
        "uname", "hostname", "ps", "pgrep", "uptime", "free", "lsof", "sort", "uniq", "cut", "tr", "jq", "column", "nl",
        "diff", "cmp", "basename", "dirname", "realpath", "readlink", "cd", "test", "[", "true", "sleep", "md5sum",
        "sha256sum", "find", "sed", "for", "done", "fi",
    )
)  # fmt: skip
_GH = frozenset(("view", "list", "status", "checks", "diff"))
_ASKING = {
    "git": frozenset(
        ("status", "log", "diff", "show", "blame", "ls-files", "ls-tree", "rev-parse", "grep", "describe", "shortlog")
    ),
    "kubectl": frozenset(("get", "describe", "logs", "top")),
    "docker": frozenset(("ps", "logs", "images", "inspect", "stats")),
    "systemctl": frozenset(("status", "is-active", "list-units")),
    "npm": frozenset(("ls", "list", "view", "outdated")),
    "pip": frozenset(("list", "show", "freeze")),
}
_CHANGING_FLAGS = re.compile(r"\s(?:-exec(?:dir)?|-ok|-delete|-fprint\w*|-fls|--in-place|-i\b|-[a-zA-Z]*i\b)")


def is_simple(call: Call) -> bool:
    """True if the call only reads; False if it does more, or if that is unknown."""
    if call.tool_kind in (ToolKind.READ, ToolKind.SEARCH):
        return True
    return call.tool_kind is ToolKind.SHELL and is_simple_command(call.summary)


def is_simple_command(command: str) -> bool:
    """True if each part of a shell command is known only to look."""
    if not command or len(command) > LONGEST or "`" in command or "$(" in command or "<(" in command:
        return False
    plain = _QUOTED.sub(" q ", command) if '"' in command or "'" in command else command
    if ">" in plain:
        plain = _HARMLESS_REDIRECT.sub(" ", plain)
    if ">" in plain or "<<" in plain or '"' in plain or "'" in plain or _BACKGROUND.search(plain):
        return False
    segments = [segment.split() for segment in _SEGMENTS.split(plain)]
    return all(_looks(words) for words in segments if words)


def _looks(words: list[str]) -> bool:
    while words and words[0] in _PREFIXES:
        words = words[1:]
    if not words:
        return True
    program, rest = words[0].rsplit("/", 1)[-1], words[1:]
    named = [word for word in rest if not word.startswith("-")]
    if program == "gh":
        return len(named) > 1 and named[1] in _GH
    if program in _ASKING:
        return bool(named) and named[0] in _ASKING[program]
    if program not in _READERS:
        return False
    # `-i` ignores the case for a search, and changes the file for sed.
    return program not in ("find", "sed") or _CHANGING_FLAGS.search(f" {' '.join(rest)}") is None
