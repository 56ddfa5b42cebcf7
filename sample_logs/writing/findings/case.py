"""One folder of a finding: the lanes in it, and what has to be said about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from writing.claude import ClaudeLane, Tool
from writing.codex import CodexLane
from writing.dice import iso
from writing.lane import Json, Lane

SHORTLY = 2.0
"""Seconds after the last line at which one looks, where nothing depends on it."""


@dataclass
class Session(ClaudeLane):
    """A session of Claude Code in the folder of a finding. `case` is that folder, such as `stop/raised`."""

    case: str = ""
    depth: int = 0

    @property
    def path(self) -> str:
        """See `Lane.path`."""
        return f"findings/{self.case}/{super().path}"

    @property
    def sidecars(self) -> dict[str, str]:
        """See `Lane.sidecars`."""
        return {
            path: text.replace('"spawnDepth":1', f'"spawnDepth":{self.depth}')
            for path, text in super().sidecars.items()
        }

    @property
    def lane_id(self) -> str:
        """What lanewatch calls it."""
        return f"claude:{(self.agent_id or self.session)[:8]}"

    def child(self, name: str, tool: Tool, model: str = "claude-sonnet-4-5") -> Session:
        """The subagent that an `agent` call of this session, or of a subagent, started."""
        made = Session(
            name, self.now + 0.15, parent=self, agent_type=tool.args["subagent_type"], model=model, cache="5m",
            description=tool.args["description"], own_prompt_tokens=2_400, case=self.case, depth=self.depth + 1,
        )  # fmt: skip
        made.spawned_by = tool.id
        made.prompt(tool.args["prompt"])
        return made

    def done(self, say: str, out: int = 160, secs: float = 9.0) -> None:
        """The last answer of a turn, and the client's line after it."""
        self.step(out=out, secs=secs, say=say, ends=True)
        if self.parent is None:
            self.end_turn()


@dataclass
class Thread(CodexLane):
    """A thread of Codex in the folder of a finding."""

    case: str = ""

    @property
    def path(self) -> str:
        """See `Lane.path`."""
        return f"findings/{self.case}/{super().path}"

    @property
    def lane_id(self) -> str:
        """What lanewatch calls it."""
        return f"codex:{self.thread[-8:]}"

    def done(self, say: str, out: int = 120, secs: float = 8.0) -> None:
        """The last answer of a turn."""
        self.step(out=out, secs=secs, say=say, ends=True)

    def hit_limit(self, text: str) -> None:
        """The service refuses to go on in mid-turn: the client says so and gives the turn up."""
        self.wait(1.4)
        self._event("error", message=text, codex_error_info="usage_limit_exceeded")
        self.wait(0.02)
        took = int((self.now - self._turn_began) * 1000)
        self._event("task_complete", turn_id=self._turn, last_agent_message=None, started_at=int(self._turn_began),
                    completed_at=int(self.now), duration_ms=took)  # fmt: skip


@dataclass
class Case:
    """A folder and its truth.

    `raised` are pairs of kind and lane that must be said at `at` (seconds UTC), `also` kinds that belong to the same
    truth and may be said with them; anything else would be wrong. `limits` are what the configuration has to set.
    """

    folder: str
    lanes: list[Lane]
    raised: tuple[tuple[str, Session | Thread], ...] = ()
    also: tuple[str, ...] = ()
    at: float | None = None
    limits: dict[str, Any] | None = None

    def stated(self) -> Json:
        """The same for machines."""
        last = max(lane.now for lane in self.lanes)
        said: Json = {
            "at": iso(self.at if self.at is not None else last + SHORTLY),
            "raised": [{"kind": kind, "lane": lane.lane_id} for kind, lane in self.raised],
            "also_allowed": [kind for kind in self.also if kind not in {raised for raised, _ in self.raised}],
        }
        return said | ({"judge": self.limits} if self.limits else {})
