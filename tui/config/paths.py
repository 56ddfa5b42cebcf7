"""PLACEHOLDER by the lead so that the rest runs; to be replaced whole by its owner (keep Paths.of(env, home))."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paths:
    config: Path

    @classmethod
    def of(cls, env: Mapping[str, str], home: Path) -> Paths:
        return cls(Path(env.get("XDG_CONFIG_HOME") or home / ".config") / "lanewatch")
