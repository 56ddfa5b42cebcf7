"""The hooks of an agent: those that lanewatch needs, the file that contains them, and the facts for the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

HOLD_S = 86_400
"""Seconds. When a hook's time is over, the tool runs, so the time is longer than any pause. Claude Code held a tool for
717 s; Codex shows the limit in its list."""
REGISTER_S = 60
"""Seconds for the hook of a beginning session, which only records where the session runs."""

Trust = Literal["trusted", "untrusted", "modified", "disabled", "unknown"]
"""Whether an agent runs a hook in its file. It runs only trusted ones. `modified`: trusted once, and changed since.
`disabled`: switched off by its user, trusted or not. `unknown`: the files do not show it.
"""


@dataclass(frozen=True, slots=True)
class Hook:
    """The entry of one event.

    It runs the gate and, for some events, the waiter, which a redirect wakes while the agent is idle.
    """

    event: str
    timeout_s: int = HOLD_S
    matcher: str | None = None
    waits: bool = False
    word: str = ""
    """An argument for the gate: `start` if a session begins, `ask` if its client asks a person."""

    def group(self, command: str) -> dict[str, Any]:
        """The item of the event's array.

        `{"matcher": "*", "hooks": [{"type": "command", "command": ..., "timeout": seconds}]}`; events that are not
        about a tool have no matcher. The waiter has `asyncRewake`: it runs beside the session and wakes it.
        """
        asked = f"{command} {self.word}" if self.word else command
        handlers: list[dict[str, Any]] = [{"type": "command", "command": asked, "timeout": self.timeout_s}]
        if self.waits:
            waiter = {"type": "command", "command": f"{command} wait", "asyncRewake": True, "timeout": HOLD_S}
            handlers.append(waiter)
        return {"hooks": handlers} if self.matcher is None else {"matcher": self.matcher, "hooks": handlers}


@dataclass(frozen=True, slots=True)
class InstalledHook:
    """An entry of lanewatch in a hooks file."""

    event: str
    position: tuple[int, int] | None
    """Index of its group in the event's array and of its handler in the group; None: it is in an unusual place."""
    group: Mapping[str, Any]
    handler: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustRule:
    """The rule of an agent that runs a hook only after its user has trusted it."""

    of: Callable[[Path, Path, Sequence[InstalledHook]], dict[str, Trust]]
    """Returns the trust for each event, from the agent's home, the hooks file and lanewatch's entries in it. Reads
    only, never raises."""
    steps: str
    """The keys by which a person trusts them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """The hooks of one agent. Its settings hold `{"hooks": {EVENT: [GROUP, ...]}}`."""

    entries: tuple[Hook, ...]
    user_file: Callable[[Mapping[str, str], Path], Path]
    """The file with the user's hooks, from the environment and the user's home folder."""
    project_file: str
    """The file with a project's hooks, below the project's folder."""
    running_sessions: str
    """The effect of an install on sessions that run already: one sentence for the operator."""
    only_names: frozenset[str] = frozenset()
    """The names that may be at the top of the file; empty: any. With them, the agent loads no file with another name,
    with a name twice, or with a byte order mark."""
    off_switch: str = ""
    """The name in the settings that switches all hooks off if it is true."""
    trust: TrustRule | None = None
    ends_loop: bool = False
    """True if the gate can end the agent's loop. Otherwise it refuses each tool, and the agent may keep calling its
    model."""

    session_variable: str = ""
    """The environment variable of a hook that holds the session's id. Empty: only the hook's input states the id."""
    client_variable: str = ""
    """The environment variable of a hook that holds the client's process id."""
    entrypoint_variable: str = ""
    """The environment variable of a hook that says how the client was started; `cli` means by a person."""
    context_before_tool: bool = False
    """True if a hook can add a text for the model when a tool is about to run."""
