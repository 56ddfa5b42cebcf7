"""PLACEHOLDER by the lead so that the rest runs; to be replaced whole by its owner."""

from __future__ import annotations

from pathlib import Path

from tui.config.paths import Paths
from tui.config.schema import Settings


class ConfigError(Exception):
    pass


def load_settings(file: Path | None, paths: Paths) -> Settings:
    return Settings()


def parse_since(text: str) -> float | None:
    """Seconds; None for `all`; raises ValueError."""
    if text == "all":
        return None
    return float(text[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[text[-1]]
