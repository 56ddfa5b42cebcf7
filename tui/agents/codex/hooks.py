"""Codex's hooks: the entries in its file, and whether Codex runs them. It silently skips hooks that are not trusted.

Reads only, never writes.

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
import os
import re
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from tui.agents.hooks import REGISTER_S, Hook, Hooks, InstalledHook, Trust, TrustRule

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
"""The key sequence to trust hooks, in Codex 0.169.0."""

CONFIG_CAP = 4 * 1024 * 1024
"""The largest `config.toml` that is read, in bytes."""
_MEASURED = {"type", "command", "timeout"}
"""The fields of a handler for which the hash is known."""
_TOOL_EVENTS = ("PreToolUse", "PostToolUse")
"""Events whose matcher is part of the hash. Codex ignores it for other events."""


def trust_of(codex_home: Path, hooks_file: Path, installed: Sequence[InstalledHook]) -> dict[str, Trust]:
    """For each event of these entries in `hooks_file`: whether Codex runs it, as far as the files show.

    A project's hooks file counts only in a project that Codex trusts. Options of the command line, profiles and
    settings of an administrator are not seen. Never raises: if something cannot be read, the result is `unknown`.
    """
    config = _config(codex_home)
    if config is None or not _is_loaded(config, codex_home, hooks_file):
        return {hook.event: "unknown" for hook in installed}
    features = _table(config, "features")
    if features.get("hooks") is False:
        return {hook.event: "disabled" for hook in installed}
    states = _table(_table(config, "hooks"), "state")
    name = _named(codex_home, hooks_file)
    found: dict[str, Trust] = {}
    for hook in installed:
        found[hook.event] = "unknown" if hook.event in found else _trust(hook, name, states)
    return found


def _trust(hook: InstalledHook, name: Path, states: Mapping[str, Any]) -> Trust:
    if hook.position is None:
        return "unknown"
    group, handler = hook.position
    state = _table(states, f"{name}:{_snake(hook.event)}:{group}:{handler}")
    if state.get("enabled") is False:
        return "disabled"
    trusted = state.get("trusted_hash")
    if trusted is None:
        return "untrusted"
    current = _hash(hook.event, hook.group, hook.handler)
    if current is None or not isinstance(trusted, str):
        return "unknown"
    return "trusted" if trusted == current else "modified"


def _hash(event: str, group: Mapping[str, Any], handler: Mapping[str, Any]) -> str | None:
    """The hash that Codex stores; None for a handler with fields that were not measured."""
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
    """Whether Codex loads this file.

    The user's own always, a project's if the user trusts the project by its real path.
    """
    folder = hooks_file.parent.resolve()
    if folder == codex_home.resolve():
        return True
    project = _table(_table(config, "projects"), str(folder.parent))
    return folder.name == ".codex" and project.get("trust_level") == "trusted"


def _named(codex_home: Path, hooks_file: Path) -> Path:
    folder = hooks_file.parent.resolve()
    return (codex_home.resolve() if folder == codex_home.resolve() else folder) / hooks_file.name


def _config(codex_home: Path) -> Mapping[str, Any] | None:
    """Codex's settings, empty if there is no file; None if they cannot be read."""
    import tomllib  # noqa: PLC0415 (rarely needed, and slow to import)

    try:
        data = _own_file(codex_home / "config.toml")
        return {} if data is None else tomllib.loads(data.decode())
    except (OSError, ValueError, RecursionError):
        return None


def _own_file(path: Path) -> bytes | None:
    """The content of a regular file of this user; None if there is none.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no such file, or too large.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a FIFO without a writer would block
    except (FileNotFoundError, NotADirectoryError):
        return None
    with open(fd, "rb") as file:  # noqa: PTH123 (opened above)
        found = os.fstat(fd)
        data = file.read(CONFIG_CAP + 1) if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() else None
    if data is None or len(data) > CONFIG_CAP:
        raise ValueError(f"{path} is no settings file of this user")
    return data


def _table(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = parent.get(name)
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}


def _snake(event: str) -> str:
    return re.sub(r"(?<=.)(?=[A-Z])", "_", event).lower()


def _user_file(env: Mapping[str, str], home: Path) -> Path:
    stated = env.get("CODEX_HOME")
    return (Path(stated) if stated else home / ".codex") / "hooks.json"


HOOKS = Hooks(
    entries=(
        Hook("SessionStart", REGISTER_S, word="start"),
        Hook("UserPromptSubmit"),
        Hook("PreModelRequest"),
        Hook("PreToolUse", matcher="*"),
        Hook("PostToolUse", matcher="*"),
        Hook("Stop"),
    ),
    user_file=_user_file,
    project_file=".codex/hooks.json",
    running_sessions="New sessions ask the gate once you trust it; open ones only after /new.",
    only_names=frozenset({"hooks", "description"}),
    trust=TrustRule(of=trust_of, steps=TRUST_STEPS),
)
