"""The interface of the store of muted findings, as the view uses it."""

from __future__ import annotations

from typing import Protocol

from tui.model.evidence import LaneId
from tui.model.finding import Finding


class Mute(Protocol):
    """A muted finding: since when (seconds UTC) and why. `reason` is raw text."""

    @property
    def key(self) -> str:
        """The finding's key."""
        ...

    @property
    def lane(self) -> LaneId | None:
        """The finding's lane; None if it had none."""
        ...

    @property
    def reason(self) -> str:
        """What the person typed."""
        ...

    @property
    def at(self) -> float:
        """When it was muted."""
        ...


class Mutes(Protocol):
    """The muted findings. `muted` is called at every frame and must be as fast as a dictionary."""

    def muted(self, finding: Finding) -> Mute | None:
        """The finding's mute, or None if it is not muted."""
        ...

    def mute(self, finding: Finding, reason: str, at: float) -> object:
        """Mutes it from `at` (seconds UTC) on."""
        ...

    def unmute(self, finding: Finding) -> object:
        """Ends the mute."""
        ...

    def refresh(self) -> None:
        """Reads changes that other programs made; called about once a second."""
        ...
