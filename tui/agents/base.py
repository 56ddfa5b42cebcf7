"""The declaration of an agent: everything that lanewatch must know of it, in one object.

An agent that can only be read has a name, a title, homes and a reader. Every other capability has a default that
means "this agent has none of that".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from tui.agents.daemon import Daemon
from tui.agents.hooks import Hooks
from tui.agents.process import LiveEvidence, Program
from tui.agents.transcript_probe import SILENT, TranscriptProbe
from tui.io.json_fields import Record
from tui.io.lines import Line
from tui.model.event import Event, LaneInfo, UnreadableLine

SUFFIXES = (".jsonl", ".jsonl.zst")
"""Ends of the names of transcripts, plain and compressed."""


class Reader(Protocol):
    """Turns the lines of one transcript, in order, into canonical events. Holds only what later lines need."""

    agent: ClassVar[str]
    """The agent's name in the registry."""

    def read(self, line: Line) -> list[Event]:
        """Events of this line.

        Raises:
            BadLine: the line is broken; the reader is unchanged and goes on with the next one.
        """
        ...


class KnowingReader(Reader, Protocol):
    """A reader that recognises its own agent's lines."""

    @staticmethod
    def knows(record: Record) -> bool:
        """True if this line can only be this agent's."""
        ...


def _no_thread(_: str) -> str | None:
    return None


def _never(_: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """How the files in an agent's homes are told apart, by path alone."""

    is_other: Callable[[str], bool] = _never
    """True for a file that is named like a transcript and is none, such as a list of prompts."""
    thread_of: Callable[[str], str | None] = _no_thread
    """The name under which a transcript keeps its identity when it is moved or compressed; None: its path."""
    is_archived: Callable[[str], bool] = _never
    """True for the copy of a thread that counts less than one that is not archived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecars:
    """Small files beside transcripts that say something about the lane."""

    is_sidecar: Callable[[str], bool]
    """Whether a path is named as a sidecar."""
    sidecar_of: Callable[[str], str]
    """Where the sidecar of a transcript would lie; not a sidecar's name if it can have none."""
    transcript_of: Callable[[str], str]
    """The transcript to which a sidecar belongs."""
    read: Callable[[str], LaneInfo | UnreadableLine | None]
    """What the sidecar at this path says of the lane. None: nothing, or there is no such file. Skip: why not."""
    size_cap: int
    """Bytes; a larger one is not read."""


def _no_names(_: str) -> tuple[str, ...]:
    return ()


def _no_model(_: str, _known: Iterable[str]) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """Names of the models that the agent's makers offer. All names are in lower case."""

    prefix: str = ""
    """A beginning of every name that says nothing and is not shown."""
    price_names: Callable[[str], tuple[str, ...]] = _no_names
    """Names under which the price of a model may stand, most exact first; empty if the model is another maker's."""
    cheaper: Callable[[str, Iterable[str]], str | None] = _no_model
    """The model of the next tier down, out of those that are known; None if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """How the client behaves in a terminal."""

    exit_text: str
    """What a person types to leave it."""
    settle_s: float = 0.3
    """Seconds between a paste and its Enter: sooner, and the client takes the Enter for a part of the text."""


USUAL_PANE = Pane(exit_text="/exit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A part of a text that the client replaces by a file or a skill before its model reads the text."""

    pattern: re.Pattern[str]
    effect: str
    """What the client would do, for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One agent client. Held by `registry.AGENTS`; lives in `tui/agents/<name>/agent.py`."""

    name: str
    """Short and lower case: in the table, in JSON, in `agent:NAME` filters, in themes' `[agent]` and file names."""
    title: str
    """The client's name as its makers write it."""
    homes: Callable[[Mapping[str, str], Path], Sequence[Path]]
    """The folders in which it keeps transcripts, from the environment and the user's home folder, whether they exist
    yet or not."""
    reader: type[KnowingReader]

    homes_words: str = ""
    """Where the homes are, for the help page: `$X_HOME or ~/.x`."""
    variables: tuple[str, ...] = ()
    """Environment variables that move the homes."""
    command: str = ""
    """The program that starts it. Empty: the agent's name."""
    files: Files = Files()
    sidecars: Sidecars | None = None
    program: Program | None = None
    """How its processes are recognised. None: no live process of it is known."""
    evidence: Callable[[Sequence[str]], LiveEvidence] | None = None
    """What its own files tell of its live processes, from all homes that are read. None: only working folders tell."""
    models: Models = Models()
    hooks: Hooks | None = None
    """None: no gate can be installed."""
    pane: Pane = USUAL_PANE
    daemon: Daemon | None = None
    """The daemon in which its loops may live."""
    mention: Mention | None = None
    probe: TranscriptProbe = SILENT
    resume_command: str = ""
    """The command that goes on with a session, whose id follows it. Empty: not known."""
    unread_kinds: Mapping[str, str] = field(default_factory=dict[str, str])
    """Beginnings of the kinds of unknown lines that `doctor` tells apart, with what to say of them."""
    demo_worker: str = ""
    """The module that plays one of its sessions in the demo: `python -m MODULE HOME GATE KIND`."""

    @property
    def start_command(self) -> str:
        """The program that a person types to start it."""
        return self.command or self.name
