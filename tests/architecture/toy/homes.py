"""Where the toy agent keeps its transcripts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tui.agents.homes import Homes


def find(env: Mapping[str, str], home: Path) -> list[Path]:
    return [Path(env["TOYBOX_HOME"])] if "TOYBOX_HOME" in env else [home / ".toybox"]


HOMES = Homes(agent="toybox", find=find, words="$TOYBOX_HOME or ~/.toybox", variables=("TOYBOX_HOME",))
