"""The sections that say which transcripts are read and what tokens cost.

They are in a module of their own because a command that needs no other section starts much faster without the rest.
"""

from __future__ import annotations

from typing import Protocol

from tui.model.frozen import frozen
from tui.settings.declare import setting
from tui.settings.kinds import Switch, Text, Whole, Words


@frozen
class Watch:
    """The files that are read, and the way in which changes are noticed."""

    poll: bool = setting(
        False, Switch(), "Check files at intervals instead of waiting for change notices: for network file systems."
    )
    paths: tuple[str, ...] = setting(
        (), Words(item="paths"), "More files and folders to read beside the agents' own homes."
    )
    line_cap_mib: int = setting(32, Whole(1, 1024), "A longer transcript line is skipped and counted, in MiB.")


@frozen
class Prices:
    """The prices of tokens."""

    file: str = setting("", Text("a path"), "A price table of your own, which overrides the shipped one; empty: none.")


class DataSettings(Protocol):
    """Settings that have these sections."""

    @property
    def watch(self) -> Watch:
        """The files that are read."""
        ...

    @property
    def prices(self) -> Prices:
        """The prices of tokens."""
        ...


@frozen
class DataDefaults:
    """The defaults of these sections: what counts where there is no configuration file."""

    watch: Watch = Watch()
    prices: Prices = Prices()
