"""What every test runs under: one time zone, no settings of the person who runs it."""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import HealthCheck, settings

from tests.effort import LONG, examples

# How fast a machine draws examples is no property of what is tested.
settings.register_profile(
    "long", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=examples(150)
)
settings.register_profile("usual", parent=settings.get_profile("long"), derandomize=True, database=None)
settings.load_profile("long" if LONG else "usual")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests on real clients wait for minutes: spread evenly, each worker waits in some while others compute."""
    slow = [item for item in items if item.get_closest_marker("clients")]
    quick = [item for item in items if not item.get_closest_marker("clients")]
    places = sorted(
        [((at + 0.5) / len(slow), item) for at, item in enumerate(slow)]
        + [((at + 0.5) / len(quick), item) for at, item in enumerate(quick)],
        key=lambda one: one[0],
    )
    items[:] = [item for _, item in places]


@pytest.fixture(autouse=True, scope="session")
def _one_world(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
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
