"""Whether Codex runs the gate: it silently skips a hook until its user has trusted it. Reads only, never writes.

Measured on Codex 0.169.0: `config.toml` holds one table per hook,

    [hooks.state."HOOKS FILE:EVENT:GROUP:HANDLER"]
    trusted_hash = "sha256:..."
    enabled = false          # only where it was switched off, or on again

with the event in snake case and both positions from 0. HOOKS FILE is named below the real folder of CODEX_HOME, a link
at the file itself is not followed. The hash is the SHA-256 of compact JSON with sorted names: `event_name`, `matcher`
where there is one, and `hooks` with this one handler (`type`, `command`, `timeout`, `async`: false).
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

from tui.control.install.errors import InstallError
from tui.control.install.json_text import Document, JsonTextError, Node, scan
from tui.control.install.marks import Group, groups, hooks_of
from tui.control.install.plan import unread
from tui.control.install.settings_file import read

Trust = Literal["trusted", "untrusted", "modified", "disabled", "unknown"]
"""`modified`: trusted once, and changed since. `disabled`: switched off by its user, trusted or not.

Codex runs none but the trusted. `unknown`: it cannot be told from the files.
"""

TRUST_STEPS = (
    "Codex runs none of these hooks until you trust them; `codex exec` does not even say so. Once:\n"
    "  1. start `codex` anew (in a session that is open already: type /new, press Enter, go on with /hooks below)\n"
    "  2. it says `Hooks need review`: press 2 for `Trust all and continue`, then Enter\n"
    "     to read them first press Enter on `1. Review hooks`: the arrow keys choose an event, Enter shows its\n"
    "     command, Esc goes back; in the list of events t trusts all, then Esc closes\n"
    "The same list opens later: type /hooks, press Enter. `Trust all` means others' hooks too: where some of those\n"
    "wait, press Enter on each event of lanewatch's and t there. A session that was open before asks the gate only\n"
    "after /new. Whenever lanewatch's path or entries change, or a hook before them comes or goes, Codex asks again."
)
"""What a person presses, in Codex 0.169.0."""

_MEASURED = {"type", "command", "timeout"}
"""The names in a handler whose hash is known for certain."""
_TOOL_EVENTS = ("PreToolUse", "PostToolUse")
"""The events whose matcher counts; of others Codex drops it."""


def trust_of(codex_home: Path, hooks_file: Path) -> dict[str, Trust]:
    """Per event that holds an entry of lanewatch's in `hooks_file`: does Codex run it, as far as the files tell.

    A project's hooks file counts only in a project that Codex trusts. Options of the command line, profiles and what
    an administrator imposes are not seen. Never raises: what cannot be read is `unknown`.
    """
    try:
        data = read(hooks_file)
        text = "" if data is None else data.decode()
        document = scan(text)
        ours = [group for group in groups(document) if group.own]
        refused = bool(ours) and bool(unread("codex", text))
    except (InstallError, JsonTextError, UnicodeDecodeError):
        return {}
    config = _config(codex_home)
    if config is None or refused or not _is_loaded(config, codex_home, hooks_file):
        return {group.event: "unknown" for group in ours}
    features = _table(config, "features")
    if features.get("hooks") is False:
        return {group.event: "disabled" for group in ours}
    states = _table(_table(config, "hooks"), "state")
    name = _named(codex_home, hooks_file)
    found: dict[str, Trust] = {}
    for group in ours:
        found[group.event] = "unknown" if group.event in found else _trust(document, group, name, states)
    return found


def _trust(document: Document, group: Group, name: Path, states: Mapping[str, Any]) -> Trust:
    read_hooks = hooks_of(document.root)
    if read_hooks is None or group.array is not read_hooks.member(group.event) or len(group.own) != 1:
        return "unknown"
    handlers: Node | None = group.handlers
    if handlers is None:
        return "unknown"
    own = group.own[0]
    at = (group.array.entries.index(group.path[-1][1]), handlers.entries.index(own))
    key = f"{name}:{_snake(group.event)}:{at[0]}:{at[1]}"
    state = _table(states, key)
    if state.get("enabled") is False:
        return "disabled"
    trusted = state.get("trusted_hash")
    if trusted is None:
        return "untrusted"
    current = _hash(group.event, document.value(group.node), document.value(own.value))
    if current is None or not isinstance(trusted, str):
        return "unknown"
    return "trusted" if trusted == current else "modified"


def _hash(event: str, group: Mapping[str, Any], handler: Mapping[str, Any]) -> str | None:
    """The hash that Codex keeps; None for a handler of a shape that was not measured."""
    timeout, matcher = handler.get("timeout"), group.get("matcher")
    if set(handler) != _MEASURED or handler.get("type") != "command" or type(timeout) is not int or timeout < 1:
        return None
    if set(group) - {"hooks", "matcher"} or not isinstance(matcher, str | None):
        return None
    if matcher is not None and event not in _TOOL_EVENTS:
        return None
    identity: dict[str, Any] = {"event_name": _snake(event), "hooks": [{**handler, "async": False}]}
    if matcher is not None:
        identity["matcher"] = matcher
    canonical = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _is_loaded(config: Mapping[str, Any], codex_home: Path, hooks_file: Path) -> bool:
    """The user's own hooks always are; a project's where the user trusts the project by its real path."""
    folder = hooks_file.parent.resolve()
    if folder == codex_home.resolve():
        return True
    project = _table(_table(config, "projects"), str(folder.parent))
    return folder.name == ".codex" and project.get("trust_level") == "trusted"


def _named(codex_home: Path, hooks_file: Path) -> Path:
    folder = hooks_file.parent.resolve()
    return (codex_home.resolve() if folder == codex_home.resolve() else folder) / hooks_file.name


def _config(codex_home: Path) -> Mapping[str, Any] | None:
    try:
        data = read(codex_home / "config.toml")
        return {} if data is None else tomllib.loads(data.decode())
    except (InstallError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return None


def _table(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = parent.get(name)
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}


def _snake(event: str) -> str:
    return re.sub(r"(?<=.)(?=[A-Z])", "_", event).lower()
