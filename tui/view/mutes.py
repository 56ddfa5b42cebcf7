"""What the screen asks of the place where muted findings are kept."""

from __future__ import annotations

from typing import Protocol

from tui.model.evidence import LaneId
from tui.model.finding import Finding


class Mute(Protocol):
    """That a person wants to hear no more of a finding, since when (seconds UTC) and why. `reason` is raw text."""

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
    """Remembers which findings are muted. Asked at every frame: `muted` must be as cheap as a dictionary."""

    def muted(self, finding: Finding) -> Mute | None:
        """The finding's mute, or None if it is not muted."""
        ...

    def mute(self, finding: Finding, reason: str, at: float) -> object:
        """Mutes it from `at` (seconds UTC) on."""
        ...

    def unmute(self, finding: Finding) -> object:
        """Lets it be heard again."""
        ...

    def refresh(self) -> None:
        """Takes over what changed elsewhere; asked about once a second."""
        ...
