"""PLACEHOLDER by the lead so that the rest runs; to be replaced whole by its owner."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Screen:
    theme: str = "lanewatch-dark"
    mouse: bool = True
    ascii: bool = False
    refresh_ms: int = 50
    since: str = "24h"
    bell: bool = True
    sort: str = "attention"


@dataclass(frozen=True, slots=True)
class Watch:
    poll: bool = False
    paths: tuple[str, ...] = ()
    line_cap_mib: int = 32


@dataclass(frozen=True, slots=True)
class Burn:
    window_s: int = 300


@dataclass(frozen=True, slots=True)
class Prices:
    file: str = ""


@dataclass(frozen=True, slots=True)
class State:
    stalled_after_s: float = 180
    idle_after_s: float = 600
    ended_after_s: float = 3600


@dataclass(frozen=True, slots=True)
class Settings:
    screen: Screen = field(default_factory=Screen)
    watch: Watch = field(default_factory=Watch)
    burn: Burn = field(default_factory=Burn)
    prices: Prices = field(default_factory=Prices)
    state: State = field(default_factory=State)
    keys: dict[str, str] = field(default_factory=dict)
