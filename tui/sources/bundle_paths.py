"""The place of a transcript in a bundle: as in its agent's home. The folders above the home are left out."""

from __future__ import annotations

from tui.sources.bundle import FOLDER
from tui.sources.discover import Root, RootKind

_MARKS = frozenset({"projects", "sessions", "archived_sessions"})
"""Folders directly below an agent's home. What lies below them distinguishes sessions, subagents and archives."""


class Homes:
    """The homes of one export.

    The first home of an agent has the agent's name (`claude`), the next are numbered (`claude-2`).
    """

    def __init__(self) -> None:
        self._labels: dict[tuple[str, str], str] = {}
        self.hints: dict[str, str] = {}
        """For each label the agent whose home it is."""

    def place(self, path: str, agent: str, root: Root) -> str:
        """The name of a transcript in the bundle, not redacted yet. Compressed ones are bundled as plain ones.

        Args:
            path: the transcript.
            agent: who wrote it.
            root: where it was found.
        """
        above, below = _divided(path, root)
        label = self._label(agent, above)
        if root.agent_hint is not None:
            self.hints[label] = root.agent_hint
        return f"{FOLDER}/{label}/{below.removesuffix('.zst')}"

    def _label(self, agent: str, above: str) -> str:
        known = self._labels.get((agent, above))
        if known is None:
            number = 1 + sum(each == agent for each, _ in self._labels)
            known = self._labels[agent, above] = agent if number == 1 else f"{agent}-{number}"
        return known


def _divided(path: str, root: Root) -> tuple[str, str]:
    """Splits a path into the agent's home and the rest; without a home, into the root and the rest."""
    parts = path.split("/")
    marks = [index for index, part in enumerate(parts[:-1]) if part in _MARKS]
    if marks:
        return "/".join(parts[: marks[-1]]), "/".join(parts[marks[-1] :])
    if root.kind is RootKind.FILE:
        return path.rpartition("/")[0], parts[-1]
    return root.path, path[len(root.path) :].lstrip("/")
