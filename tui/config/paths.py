"""The paths of lanewatch's own files: the XDG base directories, the same on every system."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tui.model.frozen import frozen

NAME = "lanewatch"


@frozen
class Paths:
    """Files and folders; none of them need exist."""

    config: Path
    """The configuration file."""
    themes: Path
    """The user's own themes."""
    closings: Path
    """The user's own closing templates."""
    state: Path
    """Files that must survive a restart: mutes, requests to lanes, the audit log."""
    cache: Path
    """Files that may be deleted at any time: the index and compiled patterns."""

    @classmethod
    def of(cls, env: Mapping[str, str], home: Path) -> Paths:
        """The paths for this environment. A relative path in it is ignored, as the XDG specification requires."""
        config = _base(env, "XDG_CONFIG_HOME", home / ".config") / NAME
        return cls(
            config=config / "config.toml",
            themes=config / "themes",
            closings=config / "closings",
            state=_base(env, "XDG_STATE_HOME", home / ".local" / "state") / NAME,
            cache=_base(env, "XDG_CACHE_HOME", home / ".cache") / NAME,
        )

    @property
    def mutes(self) -> Path:
        """The file of the findings that a person muted."""
        return self.state / "mutes.json"

    @property
    def tags(self) -> Path:
        """The file of the tags that the operator gave to lanes."""
        return self.state / "tags.json"

    @property
    def budget_steps(self) -> Path:
        """The file of the steps of budgets that were reached."""
        return self.state / "budgets.json"

    @property
    def views(self) -> Path:
        """The file of the views that the operator saved."""
        return self.state / "views.json"

    @property
    def remembered(self) -> Path:
        """The file of the choices that the operator made on the screen."""
        return self.state / "screen.json"


def _base(env: Mapping[str, str], name: str, default: Path) -> Path:
    stated = Path(env.get(name, ""))
    return stated if stated.is_absolute() else default
