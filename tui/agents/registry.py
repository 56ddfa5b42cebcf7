"""Which reader reads what. Another agent is one module and one line here."""

from __future__ import annotations

from typing import Protocol

from tui.agents.base import Reader
from tui.agents.claude.reader import ClaudeReader
from tui.agents.codex.reader import CodexReader
from tui.io.json_fields import Record, parse
from tui.io.lines import BadLine


class KnowingReader(Reader, Protocol):
    """A reader that recognises its own agent's lines."""

    @staticmethod
    def knows(record: Record) -> bool:
        """True if this line can only be this agent's."""
        ...


_READERS: tuple[type[KnowingReader], ...] = (
    ClaudeReader,
    CodexReader,
)

AGENTS: tuple[str, ...] = tuple(reader.agent for reader in _READERS)
"""Names of the agents whose transcripts can be read."""


def sniff(line: bytes) -> str | None:
    """The agent that wrote this line, by its content alone; None if this line does not tell.

    Paths and labels lie: transcripts are copied, renamed and filed under the wrong agent.
    """
    try:
        record = parse(line)
    except BadLine:
        return None
    return next((reader.agent for reader in _READERS if reader.knows(record)), None)


def make_reader(agent: str) -> Reader:
    """A new reader for one transcript of this agent.

    Raises:
        KeyError: no reader of that name.
    """
    return _BY_NAME[agent]()


_BY_NAME: dict[str, type[KnowingReader]] = {reader.agent: reader for reader in _READERS}
