"""All verbs, found in the modules of this folder that declare them."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from tui.control import verbs
from tui.control.verbs.base import HeldState, VerbSpec
from tui.model.finding import Verb

_NO_VERBS = ("base", "registry")


@cache
def _found() -> dict[Verb, VerbSpec]:
    names = [module.name for module in pkgutil.iter_modules(verbs.__path__) if module.name not in _NO_VERBS]
    specs: list[VerbSpec] = [importlib.import_module(f"{verbs.__name__}.{name}").SPEC for name in names]
    return {spec.verb: spec for spec in sorted(specs, key=lambda spec: spec.place)}


def all_verbs() -> tuple[VerbSpec, ...]:
    """Every verb, in the order of help, keys and docs."""
    return tuple(_found().values())


def held_states() -> tuple[HeldState, ...]:
    """The states that verbs give lanes, in the order of the verbs."""
    return tuple(state for spec in all_verbs() for state in spec.held_states)


def spec_of(verb: Verb) -> VerbSpec:
    """The declaration of a verb.

    Raises:
        KeyError: no module declares it.
    """
    return _found()[verb]


def named(name: str) -> VerbSpec | None:
    """The verb with this name, as a log or a command line has it; None if there is none."""
    return next((spec for spec in all_verbs() if spec.verb.value == name), None)
