"""The declaration of an agent: everything that lanewatch needs to know of it, in one object.

An agent that can only be read has a name, a title, homes and a reader. Every other capability has a default that means
"the agent does not have it". What commands need that read no transcripts is declared in modules of its own, which
import little: `homes`, `files` and `models`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from tui.agents.daemon import Daemon
from tui.agents.homes import Homes
from tui.agents.hooks import Hooks
from tui.agents.process import LiveEvidence, Program
from tui.agents.transcript_probe import SILENT, TranscriptProbe
from tui.io.json_fields import Record
from tui.io.lines import Line
from tui.model.diff import FileDiff
from tui.model.event import Call, Event, LaneInfo, UnreadableLine
from tui.model.pending import PendingKind


class Reader(Protocol):
    """Turns the lines of one transcript, in order, into events. It keeps only what later lines need."""

    agent: ClassVar[str]
    """The agent's name in the registry."""

    def read(self, line: Line) -> list[Event]:
        """Events of this line.

        Raises:
            BadLine: the line is broken; the reader is unchanged and takes the next one.
        """
        ...


class KnowingReader(Reader, Protocol):
    """A reader that recognises its own agent's lines."""

    @staticmethod
    def knows(record: Record) -> bool:
        """True if this line can only be this agent's."""
        ...


def _no_diffs(_: Call) -> tuple[FileDiff, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecars:
    """Small files beside transcripts that state facts about the lane."""

    is_sidecar: Callable[[str], bool]
    """Whether a path has the name of a sidecar."""
    sidecar_of: Callable[[str], str]
    """The path of a transcript's sidecar. If the transcript can have none, the result is no name of a sidecar."""
    transcript_of: Callable[[str], str]
    """The transcript of a sidecar."""
    read: Callable[[str], LaneInfo | UnreadableLine | None]
    """The facts in a sidecar; None if there are none or no file; `UnreadableLine` if it cannot be read."""
    size_cap: int
    """In bytes. A larger sidecar is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """The behaviour of the client in a terminal."""

    exit_text: str
    """The text that a person types to leave it."""
    prompts: str = ">"
    """The characters with which its input line can begin."""
    settle_s: float = 0.3
    """Seconds between a paste and its Enter. An earlier Enter becomes part of the text."""


USUAL_PANE = Pane(exit_text="/exit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A part of a text that the client replaces by a file or a skill before its model reads the text."""

    pattern: re.Pattern[str]
    effect: str
    """The effect of the mention in the client, in words for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One agent client, listed in `registry.AGENTS` and defined in `tui/agents/<name>/agent.py`."""

    title: str
    """The client's name as its makers write it."""
    homes: Homes
    reader: type[KnowingReader]

    hue: str = "other"
    """The key below `[agent]` of the themes whose look its name has: orange, teal, blue, green, or other."""
    diffs_of: Callable[[Call], tuple[FileDiff, ...]] = _no_diffs
    """The changes of files that a call states, line by line. Used for calls with complete arguments."""
    command: str = ""
    """The program that starts it; empty: the agent's name."""
    sidecars: Sidecars | None = None
    program: Program | None = None
    """The facts by which its processes are recognised. None: its live processes are not known."""
    evidence: Callable[[Sequence[str]], LiveEvidence] | None = None
    """Makes the evidence of its live processes that its own files give, from all homes that are read. None: only
    working folders are known.
    """
    hooks: Hooks | None = None
    """The hooks of the agent. None: no gate can be installed."""
    pane: Pane = USUAL_PANE
    daemon: Daemon | None = None
    """The daemon that may run its sessions; None if it has none."""
    mention: Mention | None = None
    probe: TranscriptProbe = SILENT
    resume_command: str = ""
    """The command that resumes a session, followed by the session's id. Empty: not known."""
    unread_kinds: Mapping[str, str] = field(default_factory=dict[str, str])
    """Prefixes of the kinds of unknown lines that `doctor` lists separately, with an explanation each."""
    asking: Mapping[str, PendingKind] = field(default_factory=dict[str, PendingKind])
    """The tools by which it asks a person, each with the kind of request. A request about any other tool is one for
    permission."""
    counting: str = ""
    """The module with `Counting`, which reads transcripts for their usage alone: see `tui.agents.counting`. Empty: the
    reader counts.
    """
    demo_worker: str = ""
    """The module that plays one of its sessions in the demo: `python -m MODULE HOME GATE KIND`."""

    @property
    def name(self) -> str:
        """Short and lower case. Used in the table, in JSON, in `agent:NAME` filters and in file names."""
        return self.homes.agent

    @property
    def start_command(self) -> str:
        """The program that a person types to start it."""
        return self.command or self.name
