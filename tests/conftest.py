"""What every test runs under: one time zone, no settings of the person who runs it."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from tests.effort import LONG, examples
from tui.agents.registry import HOMES

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


def pytest_collection_finish() -> None:
    """Spares the garbage collector thousands of tests and modules that stay, and collects as seldom as `lanewatch`."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(autouse=True, scope="session")
def _one_world(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    for name in (
        "NO_COLOR",
        "COLORTERM",
        "TEXTUAL_THEME",
        "XDG_CONFIG_HOME",
        "TEXTUAL",
        *(name for homes in HOMES for name in homes.variables),
    ):
        os.environ.pop(name, None)
    os.environ["TZ"] = "UTC"
    time.tzset()


@pytest.fixture(autouse=True, scope="session")
def _style_sheets_are_parsed_once() -> Iterator[None]:
    """Each app parses some 25 style sheets, which takes a sixth of a screen test: equal ones are parsed once."""
    really = Stylesheet._parse_rules
    known: dict[object, list[RuleSet]] = {}

    def parsed(sheet: Stylesheet, css: str, *given: object, **named: object) -> list[RuleSet]:
        key = css, given, tuple(sorted(named.items())), tuple(sorted(sheet._variables.items()))
        if key not in known:
            known[key] = really(sheet, css, *given, **named)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parsed)
        yield
