"""Files that are shipped with lanewatch: below `_data` in an installed package, at the root in a checkout."""

from __future__ import annotations

from pathlib import Path

DEFAULT_THEME = "lanewatch-dark"
"""The shipped theme that is used unless another one is chosen."""
_PACKAGE = Path(__file__).resolve().parent.parent


def themes_dir() -> Path:
    """The shipped themes.

    Raises:
        FileNotFoundError: the installation is broken.
    """
    return _shipped("themes")


def sample_logs_dir() -> Path:
    """The sample logs: all in a checkout; in an installed package those that `lanewatch demo` plays.

    Raises:
        FileNotFoundError: the installation is broken.
    """
    return _shipped("sample_logs")


def _shipped(name: str) -> Path:
    for place in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"{name} is missing from this installation of lanewatch: reinstall it")
