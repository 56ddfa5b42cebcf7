"""One lane of an invented incident: a transcript that a shape fills call by call.

Each draw comes from the lane's `rng`, in the order in which the shape asks: whoever adds, removes or moves a draw writes
other transcripts for all seeds, to which figures of earlier runs no longer apply.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from tests.bench.judge.incidents.world import World

HEX = "0123456789abcdef"
ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

Json = dict[str, Any]


def iso(seconds: float) -> str:
    """A time since the epoch as transcripts write it; milliseconds are cut off."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{int(seconds * 1000) % 1000:03d}Z"


@dataclass
class Clock:
    """The time that the lanes of one transcript share, in seconds since the epoch."""

    t: float


@dataclass(frozen=True)
class Tokens:
    """What one call of the model used: new input, input from the cache, output."""

    new: int
    cached: int
    output: int


class Lane(ABC):
    """A transcript file and the state behind it; the subclasses write the agents' formats."""

    models: tuple[str, ...]
    """The names of models that the agent may run."""

    def __init__(
        self, rng: random.Random, world: World, clock: Clock, parent: Self | None = None, task: str = "task"
    ) -> None:
        self.rng, self.w, self.clock, self.parent, self.task = rng, world, clock, parent, task
        self.lines: list[tuple[float, Json]] = []
        """The lines of the file, each with its time in seconds since the epoch."""
        self.kids: list[Self] = []
        """Subagents, and agents that run beside it."""
        self.rounds: list[float] = []
        """When the rounds of the loop began, in seconds since the epoch."""
        self.side: Callable[[Lane], None] | None = None
        """Does a piece of other, honest work; None in a transcript that is not mixed."""
        self.in_round = False
        self.loop_calls = self.side_calls = self.calls = 0
        self.slots: dict[str, str] = {}
        """What `{name}` in a text of the shape stands for."""
        self._left: dict[str, list[int]] = {}
        self.sid = self.uuid()
        self.hx(32)  # an id of no use; without its draws, all seeds would write other transcripts
        self.ctx = rng.randint(14000, 24000)
        """Tokens in the context."""
        self.cwd = world.root
        self.model = rng.choice(self.models)
        self.version = rng.choice(["2.1.114", "2.1.138", "2.1.195", "2.1.207"])
        self.prompted = False
        self.open_end = False
        """Whether something stands after the last prompt."""
        self.path = self.begin()
        """The file, relative to the folder of the transcript."""

    # -- what the formats write ------------------------------------------------------------------------

    @abstractmethod
    def begin(self) -> str:
        """Write what stands before the first prompt, and name the file."""

    @abstractmethod
    def user(self, text: str, wait: tuple[float, float] = (20, 240)) -> None:
        """A prompt, after some seconds of waiting."""

    @abstractmethod
    def say(self, text: str) -> None:
        """A text without a call, which ends the turn."""

    @abstractmethod
    def bash(self, cmd: str, out: str = "", code: int = 0, dur: float | None = None, say: str | None = None) -> None:
        """A shell command with its output and exit code, after `dur` seconds; `say` is what the agent says before."""

    @abstractmethod
    def read(self, path: str, lo: int = 1, n: int | None = None, say: str | None = None) -> None:
        """`n` lines of a file from line `lo` on; all without `n`."""

    @abstractmethod
    def grep(self, pattern: str, out: str, path: str | None = None, say: str | None = None) -> None:
        """A search with what it found; an empty text is no match."""

    @abstractmethod
    def edit(self, path: str, old: str, new: str, say: str | None = None, fail: str | None = None) -> None:
        """Replace a text in a file; with `fail`, the tool refuses with that error."""

    @abstractmethod
    def write(self, path: str, text: str, say: str | None = None) -> None:
        """Write a whole file."""

    @abstractmethod
    def tool(self, name: str, inp: Json, out: str, err: bool = False, say: str | None = None, dur: float = 0.6) -> None:
        """A tool of an MCP server, or one of the web."""

    @abstractmethod
    def todo(self, items: Sequence[tuple[str, str]], say: str | None = None) -> None:
        """Write the list of tasks: texts, each with its status."""

    @abstractmethod
    def bg(self, cmd: str, out: str = "", say: str | None = None) -> str | int:
        """Start a command in the background; returns its id for `poll`."""

    @abstractmethod
    def poll(
        self, handle: str | int, out: str = "", done: int | None = None, say: str | None = None, secs: int = 30
    ) -> None:
        """Ask for new output of a command in the background; `done` is its exit code once it is over."""

    @abstractmethod
    def spawn(self, desc: str, prompt: str, work: Callable[[Self], None], result: str, say: str | None = None) -> None:
        """Run a subagent to its end: `work` fills it, `result` is its report."""

    # -- parts of them ---------------------------------------------------------------------------------

    def hx(self, n: int) -> str:
        """n hexadecimal digits."""
        return "".join(self.rng.choice(HEX) for _ in range(n))

    def al(self, n: int) -> str:
        """n letters and digits."""
        return "".join(self.rng.choice(ALPHANUMERIC) for _ in range(n))

    def uuid(self, version: int = 4) -> str:
        h = self.hx(32)
        h = f"{int(self.clock.t * 1000):012x}7{h[13:]}" if version == 7 else f"{h[:12]}4{h[13:]}"
        return "-".join([h[:8], h[8:12], h[12:16], h[16:20], h[20:]])

    def ts(self) -> str:
        return iso(self.clock.t)

    def tick(self, least: float, most: float | None = None) -> None:
        """Let some seconds pass."""
        self.clock.t += self.rng.uniform(least, least if most is None else most)

    def usage(self, length: int) -> Tokens:
        """Tokens of a call whose output has some characters."""
        new = min(self.ctx, self.rng.randint(300, 1500))
        output = max(20, length // 3 + self.rng.randint(10, 160))
        self.ctx += output
        return Tokens(new, self.ctx - new, output)

    def begin_call(self) -> None:
        self.tick(2.2, 14 if self.rng.random() < 0.85 else 40)
        self.calls += 1
        if self.in_round:
            self.loop_calls += 1
        self.message_id = f"msg_01{self.al(22)}"
        self.request_id = f"req_011C{self.al(20)}"

    def change(self, path: str, old: str, new: str) -> None:
        """Change the file as an edit says; where the old text is not in it, the new one goes to its end."""
        body = self.w.code(path)
        self.w.fs[path] = body.replace(old, new, 1) if old in body else f"{body}\n{new}\n"

    def absolute(self, path: str) -> str:
        return path if path.startswith("/") else f"{self.cwd}/{path}"

    # -- helpers of the shapes -------------------------------------------------------------------------

    def beside(self) -> Self:
        """Another agent of the same kind, which runs beside this one."""
        other = type(self)(self.rng, self.w, self.clock)
        self.kids.append(other)
        return other

    def hits(self, word: str, count: int = 4) -> str:
        """What a search for a word finds in some files."""
        return "\n".join(
            f"{file}:{self.rng.randint(5, 240)}:    "
            + (f"x = {word}(y)" if self.rng.random() < 0.5 else f"# see {word}")
            for file in self.rng.sample(self.w.files, min(count, len(self.w.files)))
        )

    def one(self, key: str, options: Sequence[Any]) -> Any:
        """One of the options, which are texts, or None for silence; all are used before one comes again.

        Options under one key share what was used, also if they differ.
        """
        left = self._left.setdefault(key, [])
        if not left:
            left.extend(self.rng.sample(range(len(options)), len(options)))
        text = options[left.pop() % len(options)]
        return self.fill(text) if text else text

    def fill(self, text: str) -> str:
        for name, value in self.slots.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def round(self) -> None:
        """A round of the loop begins with the next call; in a mixed transcript, honest work may stand before it."""
        if self.side is not None and self.rounds:
            self.in_round = False
            while self.side_calls < 0.43 * self.loop_calls:  # about 30% of the calls from the second round on
                before = self.calls
                self.side(self)
                self.side_calls += self.calls - before
        self.in_round = True
        self.rounds.append(self.clock.t + 1.0)

    def end_rounds(self) -> None:
        """What follows belongs to no round."""
        self.in_round = False
