"""One folder for each finding: `raised`, in which it holds, and `quiet`, in which something only looks like it.

Each module of this folder that has a function `cases` is found by itself.
"""

from __future__ import annotations

import importlib
import pkgutil

from writing.findings.case import Case
from writing.lane import Lane


def cases() -> list[Case]:
    """Every folder, by its name."""
    modules = [importlib.import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)]
    found = [case for module in modules if hasattr(module, "cases") for case in module.cases()]
    return sorted(found, key=lambda case: case.folder)


def lanes() -> list[Lane]:
    """Every lane of every folder."""
    return [lane for case in cases() for lane in case.lanes]
