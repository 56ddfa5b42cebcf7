"""Invented lanes as events, for the judge: what a lane did, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.judge.lane import LaneJudge
from tui.model.event import AssistantText, Call, Event, Mark, Origin, Prompt, Result, State, ToolKind, UsageReported
from tui.model.usage import Usage

STEP_S = 20.0


class Script:
    """Writes a lane's events one after the other, with times and offsets of their own."""

    def __init__(self, start: float = 1000.0) -> None:
        self.events: list[Event] = []
        self.at = start
        self._count = 0

    def _next(self, seconds: float = STEP_S / 2) -> tuple[str, float, int]:
        self.at += seconds
        self._count += 1
        return "", self.at, self._count * 100

    def prompt(self, text: str, origin: Origin = Origin.PERSON) -> Script:
        """Somebody sets the lane to work."""
        self.events.append(Prompt(*self._next(), text, origin))
        return self

    def say(self, text: str) -> Script:
        """The agent says something."""
        self.events.append(AssistantText(*self._next(), text))
        return self

    def run(self, command: str, result: str = "", *, ok: bool = True, seconds: float = STEP_S / 2) -> Script:
        """A shell command with its result."""
        return self.call("Bash", ToolKind.SHELL, f'{{"command":"{command}"}}', command, result, ok=ok, seconds=seconds)

    def call(
        self, tool: str, kind: ToolKind, args: str, summary: str, result: str, *, ok: bool = True, seconds: float = 10.0
    ) -> Script:
        """Any call with its result."""
        where = self._next(seconds)
        name = f"call-{self._count}"
        self.events.append(Call(*where, name, tool, kind, args, summary))
        self.events.append(Result(*self._next(), name, ok, result, len(result)))
        return self

    def at_once(self, commands: Sequence[str], result: str) -> Script:
        """Shell commands that the agent runs in one message: all calls stand before all results."""
        names: list[str] = []
        for command in commands:
            where = self._next()
            names.append(f"call-{self._count}")
            self.events.append(Call(*where, names[-1], "Bash", ToolKind.SHELL, f'{{"command":"{command}"}}', command))
        for name in names:
            self.events.append(Result(*self._next(), name, True, result, len(result)))
        return self

    def edit(self, path: str, new: str) -> Script:
        """The call of an edit that goes well, and its result, but no `Edit` event."""
        return self.call("Edit", ToolKind.EDIT, f'{{"file_path":"{path}","new_string":"{new}"}}', path, "updated")

    def read(self, path: str, text: str) -> Script:
        """A file is read."""
        return self.call("Read", ToolKind.READ, f'{{"file_path":"{path}"}}', path, text)

    def spend(self, tokens: int) -> Script:
        """A model call is paid."""
        where = self._next(0.0)
        self.events.append(UsageReported(*where, f"key-{self._count}", "some-model", Usage(input=tokens)))
        return self

    def end(self) -> Script:
        """The turn is over."""
        self.events.append(State(*self._next(), Mark.TURN_ENDED))
        return self


def judged(events: Iterable[Event]) -> LaneJudge:
    """A judge that was fed all of it."""
    judge = LaneJudge()
    for event in events:
        judge.apply(event)
    return judge


def flags(events: Sequence[Event]) -> list[int]:
    """Positions of the events at which the flag of repetition went up or down."""
    judge = LaneJudge()
    turned: list[int] = []
    was = None
    for position, event in enumerate(events):
        judge.apply(event)
        now = judge.repetition.severity is not None
        if now != (was or False):
            turned.append(position)
        was = now
    return turned
