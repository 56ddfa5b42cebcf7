"""What the lanes of all agents have in common: a clock, a file, and the tokens that they truly spend."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from writing.dice import Dice, iso

Json = dict[str, Any]


@dataclass
class Spent:
    """Tokens of a lane's calls, each call once, as the writer meant them."""

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_write_unsaid: int = 0
    output: int = 0
    calls: int = 0


@dataclass
class Lane:
    """One transcript in the making. `now` is its clock in seconds UTC; every line moves it or reads it."""

    name: str
    now: float
    lines: list[str] = field(default_factory=list[str])
    spent: Spent = field(default_factory=Spent)

    def __post_init__(self) -> None:
        self.dice = Dice(self.name)

    @property
    def path(self) -> str:
        """Where the transcript lies, relative to the samples' folder."""
        raise NotImplementedError

    @property
    def sidecars(self) -> dict[str, str]:
        """Files that stand beside the transcript: path to text."""
        return {}

    @property
    def text(self) -> str:
        """The transcript."""
        return "\n".join(self.lines) + "\n"

    def write(self, line: Json) -> None:
        """Appends one line, compact, as the agents write it."""
        self.lines.append(json.dumps(line, ensure_ascii=False, separators=(",", ":")))

    def wait(self, seconds: float) -> None:
        """Lets time pass."""
        self.now += seconds

    def wait_until(self, seconds: float) -> None:
        """Lets time pass until then (seconds UTC)."""
        if seconds < self.now:
            raise ValueError(f"{self.name}: {iso(seconds)} is over, it is {iso(self.now)}")
        self.now = seconds
