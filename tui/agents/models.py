"""The declaration of the names of an agent's models."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


def _no_names(_: str) -> tuple[str, ...]:
    return ()


def _no_model(_: str, _known: Iterable[str]) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """Names of the models of the agent's makers, in lower case."""

    prefix: str = ""
    """The prefix of all names, which is not shown."""
    price_names: Callable[[str], tuple[str, ...]] = _no_names
    """Names under which a model's price may be listed, the most exact first; empty for models of other makers."""
    cheaper: Callable[[str, Iterable[str]], str | None] = _no_model
    """Selects the model of the next cheaper tier among known names; None if there is none."""
