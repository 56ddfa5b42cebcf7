"""A toy agent with a small invented format, and hooks, so that a gate can be installed for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from tests.architecture.toy.homes import HOMES, find
from tui.agents.base import Agent
from tui.agents.hooks import Hook, Hooks
from tui.io.json_fields import Record, Where, parse, stamp, text
from tui.io.lines import Line
from tui.model.event import AssistantText, Event, LaneInfo, Origin, Prompt


class ToyReader:
    """Lines `{"toy": KIND, "at": TIME, "text": TEXT}`; kinds are begin, ask and say. The folder is the session."""

    agent: ClassVar[str] = "toybox"

    @staticmethod
    def knows(record: Record) -> bool:
        return "toy" in record

    def read(self, line: Line) -> list[Event]:
        record = parse(line.data)
        where = Where("", stamp(record.get("at")), line.offset)
        words = text(record.get("text")) or ""
        if record.get("toy") == "begin":
            return [LaneInfo(*where, title=words, title_rank=30, cwd="/toys")]
        if record.get("toy") == "ask":
            return [Prompt(*where, words, Origin.PERSON)]
        return [AssistantText(*where, words)]


def user_file(env: Mapping[str, str], home: Path) -> Path:
    return find(env, home)[0] / "hooks.json"


AGENT = Agent(
    title="Toybox",
    homes=HOMES,
    reader=ToyReader,
    hooks=Hooks(
        entries=(Hook("PreToolUse", matcher="*"),),
        user_file=user_file,
        project_file=".toybox/hooks.json",
        running_sessions="New sessions ask the gate.",
    ),
)
