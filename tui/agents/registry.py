"""The list of agents. Another agent is one folder beside this file and one line here."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:  # help and completion import this module
    from tui.agents.base import Agent, Pane, Reader, Sidecars
    from tui.agents.files import Files
    from tui.agents.homes import Homes
    from tui.agents.models import Models
    from tui.agents.transcript_probe import TranscriptProbe

T = TypeVar("T")

FOLDERS = (
    "tui.agents.claude",
    "tui.agents.codex",
)
"""The packages of the agents.

Each has a module `agent` with `AGENT`, and a module `homes` with `HOMES`. It may have `files` with `FILES`, and
`models` with `MODELS`.
"""


class Declared(Generic[T]):
    """The declarations of one name from all agents' folders. The modules are imported at the first access."""

    def __init__(self, module: str, name: str, default: str = "") -> None:
        """`default` is the class whose instance stands for a folder without that module, as `module:name`."""
        self._module, self._name, self._default = module, name, default

    @cached_property
    def _all(self) -> tuple[T, ...]:
        return tuple(map(self._in, FOLDERS))

    def _in(self, folder: str) -> T:
        if self._default and find_spec(f"{folder}.{self._module}") is None:
            module, _, name = self._default.partition(":")
            return getattr(import_module(module), name)()
        return getattr(import_module(f"{folder}.{self._module}"), self._name)

    def __iter__(self) -> Iterator[T]:
        return iter(self._all)

    def __getitem__(self, index: int) -> T:
        return self._all[index]

    def __len__(self) -> int:
        return len(self._all)


AGENTS: Declared[Agent] = Declared("agent", "AGENT")
"""All agents, in the order in which lists show them."""
HOMES: Declared[Homes] = Declared("homes", "HOMES")
"""The homes of each agent. This and the next two are in the order of `AGENTS`."""
FILES: Declared[Files] = Declared("files", "FILES", "tui.agents.files:Files")
"""What the names of each agent's files mean."""
MODELS: Declared[Models] = Declared("models", "MODELS", "tui.agents.models:Models")
"""The names of each agent's models."""


def find(name: str) -> Agent | None:
    """The agent of this name; None if there is none."""
    return next((agent for agent in AGENTS if agent.name == name), None)


def gated() -> tuple[Agent, ...]:
    """The agents that have hooks, so that a gate can be installed."""
    return tuple(agent for agent in AGENTS if agent.hooks is not None)


def has_hooks(name: str) -> bool:
    """True if a gate can be installed for the agent of this name."""
    return any(agent.name == name for agent in gated())


def ends_loop(name: str) -> bool:
    """True if the gate can end the loop of the agent of this name."""
    return any(agent.name == name and agent.hooks is not None and agent.hooks.ends_loop for agent in AGENTS)


def files_of(name: str) -> Files:
    """The declaration of the files of the agent of this name; the default if the agent is not known."""
    found = next((files for homes, files in zip(HOMES, FILES, strict=True) if homes.agent == name), None)
    if found is not None:
        return found
    from tui.agents.files import Files

    return Files()


def pane_of(name: str) -> Pane:
    """The behaviour of the agent's client in a terminal; the default if the agent is not known."""
    from tui.agents.base import USUAL_PANE

    agent = find(name)
    return agent.pane if agent is not None else USUAL_PANE


def title_of(name: str) -> str:
    """The title of the agent of this name; the name itself if it is not known."""
    agent = find(name)
    return agent.title if agent is not None else name


def sniff(line: bytes) -> str | None:
    """The name of the agent that wrote this line, by its content alone; None if this line does not tell.

    Paths can be wrong, since transcripts are copied, renamed and put into the home of another agent.
    """
    from tui.io.json_fields import parse
    from tui.io.lines import BadLine

    try:
        record = parse(line)
    except BadLine:
        return None
    return next((agent.name for agent in AGENTS if agent.reader.knows(record)), None)


def make_reader(name: str) -> Reader:
    """A new reader for one transcript of this agent.

    Raises:
        KeyError: no agent of that name.
    """
    agent = find(name)
    if agent is None:
        raise KeyError(name)
    return agent.reader()


def probe_of(name: str) -> TranscriptProbe:
    """The probe for transcripts of the agent of this name; if the agent is not known, a probe that finds nothing."""
    from tui.agents.transcript_probe import SILENT

    agent = find(name)
    return agent.probe if agent is not None else SILENT


def prompts() -> frozenset[str]:
    """The glyphs with which the input line of any client can begin."""
    return frozenset(glyph for agent in AGENTS for glyph in agent.pane.prompts)


def commands() -> frozenset[str]:
    """The programs that start agents."""
    return frozenset(agent.start_command for agent in AGENTS)


class Sidecar(NamedTuple):
    """A path with the name of a sidecar. The file need not exist."""

    agent: str
    kind: Sidecars
    path: str


def sidecar_at(path: str) -> Sidecar | None:
    """The sidecar that a path names; None if it names none."""
    for agent in AGENTS:
        if agent.sidecars is not None and agent.sidecars.is_sidecar(path):
            return Sidecar(agent.name, agent.sidecars, path)
    return None


def sidecar_for(transcript: str) -> Sidecar | None:
    """The sidecar that a transcript may have; None if transcripts of that name have none."""
    for agent in AGENTS:
        if agent.sidecars is not None and agent.sidecars.is_sidecar(path := agent.sidecars.sidecar_of(transcript)):
            return Sidecar(agent.name, agent.sidecars, path)
    return None
