"""All kinds of findings, found in the modules of this folder that declare them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from typing import Any

from tui.judge import findings
from tui.judge.detector import Detector
from tui.judge.findings.base import FindingSpec, Setup
from tui.model.finding import FindingKind

_NO_FINDINGS = ("base", "registry")


@cache
def _found() -> dict[FindingKind, FindingSpec]:
    names = [module.name for module in pkgutil.iter_modules(findings.__path__) if module.name not in _NO_FINDINGS]
    declared: list[Iterable[FindingSpec]] = [
        importlib.import_module(f"{findings.__name__}.{name}").FINDINGS for name in names
    ]
    specs = sorted((spec for specs in declared for spec in specs), key=lambda spec: spec.place)
    return {spec.kind: spec for spec in specs}


def all_findings() -> tuple[FindingSpec, ...]:
    """Every kind of finding, in the order of help, configuration and docs."""
    return tuple(_found().values())


def spec_of(kind: FindingKind) -> FindingSpec:
    """The declaration of a kind.

    Raises:
        KeyError: no module declares it.
    """
    return _found()[kind]


def kind_names() -> tuple[str, ...]:
    """The permanent names of all kinds."""
    return tuple(kind.value for kind in _found())


def limit_groups() -> tuple[type[Any], ...]:
    """All classes of limits, each once."""
    return tuple(dict.fromkeys(spec.limits for spec in all_findings() if spec.limits is not None))


def make_detectors(setup: Setup) -> list[Detector]:
    """A new lane's detectors, in the order of their kinds' names."""
    specs = sorted(all_findings(), key=lambda spec: spec.kind)
    return [spec.detector(setup) for spec in specs if spec.detector is not None]
