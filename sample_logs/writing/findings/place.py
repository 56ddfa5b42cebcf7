"""Lanes of a folder below `findings`, each in a home of its own."""

from __future__ import annotations

from dataclasses import dataclass

from writing.claude import SYSTEM_TOKENS, ClaudeLane, Tool
from writing.codex import CodexLane

ROOT = "/home/mara/harbor"
WEB = "/home/mara/harbor-web"


@dataclass
class Claude(ClaudeLane):
    """A session of Claude Code, or a subagent, in the folder `home` such as `stop/raised`."""

    home: str = ""
    depth: int = 0

    @property
    def path(self) -> str:
        """See `Lane.path`."""
        return f"findings/{self.home}/{super().path}"

    @property
    def sidecars(self) -> dict[str, str]:
        """See `Lane.sidecars`."""
        deep = f'"spawnDepth":{self.depth}'
        return {path: text.replace('"spawnDepth":1', deep) for path, text in super().sidecars.items()}

    def child(self, tool: Tool, name: str, model: str = "claude-sonnet-4-5", prompt_tokens: int = 2_400) -> Claude:
        """The subagent that an `agent` call of this lane started."""
        made = Claude(
            f"{self.home}/{name}", self.now + 0.15, parent=self, agent_type=tool.args["subagent_type"], model=model,
            description=tool.args["description"], cache="5m", own_prompt_tokens=prompt_tokens, home=self.home,
            depth=self.depth + 1,
        )  # fmt: skip
        made.spawned_by = tool.id
        made.prompt(tool.args["prompt"])
        return made


@dataclass
class Codex(CodexLane):
    """A thread of Codex in the folder `home`."""

    home: str = ""
    depth: int = 1

    @property
    def path(self) -> str:
        """See `Lane.path`."""
        return f"findings/{self.home}/{super().path}"

    @property
    def text(self) -> str:
        """See `Lane.text`."""
        return super().text.replace('"depth":1', f'"depth":{self.depth}', 1)


def claude(
    home: str, name: str, now: float, title: str, prompt: str, *, cwd: str = ROOT, branch: str = "main",
    model: str = "claude-opus-4-6", cache: str = "1h", history: int = 0,
) -> Claude:  # fmt: skip
    """A session with its first prompt."""
    lane = Claude(
        f"{home}/{name}", now, cwd=cwd, branch=branch, model=model, cache=cache, own_prompt_tokens=3_900,
        history_tokens=history, home=home,
    )  # fmt: skip
    lane.mode("acceptEdits")
    lane.prompt(prompt)
    lane.title(title)
    return lane


def codex(home: str, name: str, now: float, *, cwd: str = ROOT, branch: str = "main") -> Codex:
    """A thread without a prompt so far."""
    return Codex(f"{home}/{name}", now, cwd=cwd, branch=branch, prompt_tokens=14_600, plan_type=None, home=home)


def context_of(lane: ClaudeLane) -> int:
    """What the next call of a session reads beside the client's own prompt."""
    return lane.context - SYSTEM_TOKENS
