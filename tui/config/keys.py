"""PLACEHOLDER by the lead so that the rest runs: to be replaced whole by its owner."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BindingSpec:
    id: str
    keys: tuple[str, ...]
    description: str
    where: str
