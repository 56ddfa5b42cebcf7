"""The hooks of an agent: which ones lanewatch asks for, the file that holds them, and what the gate must know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

HOLD_S = 86_400
"""A hook fails open when its time is over, so it is longer than any pause. Claude Code held 717 s; Codex lists it."""
REGISTER_S = 60
"""Seconds for the hook of a beginning session, which only records where the session runs."""

Trust = Literal["trusted", "untrusted", "modified", "disabled", "unknown"]
"""Whether an agent runs a hook that stands in its file. It runs only trusted ones.

`modified`: trusted once, and changed since. `disabled`: switched off by its user, trusted or not. `unknown`: it cannot
be told from the files.
"""


@dataclass(frozen=True, slots=True)
class Hook:
    """One event's entry: the gate, and for some the waiter that a redirect wakes while the agent is idle."""

    event: str
    timeout_s: int = HOLD_S
    matcher: str | None = None
    waits: bool = False
    word: str = ""
    """An argument for the gate: `start`, that a session begins; `ask`, that its client asks a person."""

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
    """An entry of lanewatch's as it stands in a hooks file."""

    event: str
    position: tuple[int, int] | None
    """Index of its group in the event's array and of its handler in the group; None: it stands in no usual place."""
    group: Mapping[str, Any]
    handler: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustRule:
    """For an agent that runs a hook only after its user has trusted it."""

    of: Callable[[Path, Path, Sequence[InstalledHook]], dict[str, Trust]]
    """Per event, from the agent's home, the hooks file and lanewatch's entries in it. Reads only, never raises."""
    steps: str
    """What a person presses to trust them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """The hooks of one agent. Its settings hold `{"hooks": {EVENT: [GROUP, ...]}}`."""

    entries: tuple[Hook, ...]
    user_file: Callable[[Mapping[str, str], Path], Path]
    """The file with the user's hooks, from the environment and the user's home folder."""
    project_file: str
    """The file with a project's hooks, below the project's folder."""
    running_sessions: str
    """What an install means for sessions that run already: one sentence for the operator."""
    only_names: frozenset[str] = frozenset()
    """If not empty: the agent loads no file with another name at its top, with a name twice, or with a byte order
    mark."""
    off_switch: str = ""
    """The name in the settings that switches all hooks off where it is true."""
    trust: TrustRule | None = None
    ends_loop: bool = False
    """The gate can end the agent's loop. Otherwise each tool is refused, and the agent may go on asking its model."""

    session_variable: str = ""
    """The environment variable of a hook that holds the session's id. Empty: the id stands in the hook's input only."""
    client_variable: str = ""
    """The environment variable of a hook that holds the client's process id."""
    entrypoint_variable: str = ""
    """The environment variable of a hook that tells how the client was started; `cli` means with a person before it."""
    context_before_tool: bool = False
    """A text can be added beside a tool that is about to run."""
