"""What every test runs under: one time zone, no settings of the person who runs it."""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import HealthCheck, settings

# How fast a machine draws examples is no property of what is tested.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(autouse=True, scope="session")
def _one_world() -> None:
    for name in (
        "NO_COLOR",
        "COLORTERM",
        "TEXTUAL_THEME",
        "CLAUDE_CONFIG_DIR",
        "CODEX_HOME",
        "XDG_CONFIG_HOME",
        "TEXTUAL",
    ):
        os.environ.pop(name, None)
    os.environ["TZ"] = "UTC"
    time.tzset()
