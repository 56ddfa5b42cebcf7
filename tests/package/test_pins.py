"""constraints.txt pins every distribution of the development environment, and no other."""

from __future__ import annotations

from importlib.metadata import distribution, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def pins() -> dict[str, str]:
    """The pinned version of each distribution, by its canonical name."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    return {canonicalize_name(name): pinned for name, _, pinned in (line.partition("==") for line in lines)}


def required(*, here: bool) -> set[str]:
    """What `lanewatch[dev]` requires and what that requires.

    `here`: on this Python and platform; otherwise on any, as far as the distributions are installed.
    """
    found: set[str] = set()
    waiting = [("lanewatch", frozenset({"dev"}))]
    walked: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in walked:
            continue
        walked.add((name, extras))
        found.add(name)
        try:
            lines = distribution(name).requires or []
        except ModuleNotFoundError:
            continue  # required on another platform
        for line in lines:
            wanted = Requirement(line)
            if applies(wanted, extras, here=here):
                waiting.append((canonicalize_name(wanted.name), frozenset(wanted.extras)))
    return found - {"lanewatch"}


def applies(wanted: Requirement, extras: frozenset[str], *, here: bool) -> bool:
    if wanted.marker is None:
        return True
    if any(wanted.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
        return True
    text = str(wanted.marker)
    return not here and ("extra" not in text or any(f'"{extra}"' in text for extra in extras))


def test_every_distribution_that_is_needed_is_pinned_at_the_version_that_is_installed():
    pinned = pins()
    assert {name: pinned.get(name) for name in required(here=True)} == {
        name: version(name) for name in required(here=True)
    }


def test_nothing_is_pinned_that_nothing_needs():
    assert pins().keys() <= required(here=False)
