"""How many secrets stand in a document: the formats mask them, the head says how many there were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from tui.text.secrets.find import MASK, secret_spans

BEFORE = 12


def secrets_in(document: Any) -> int:
    """Different secrets in all texts of a dataclass, however deep they lie.

    Those that were masked when the text was taken are told apart by what stands before the mask.
    """
    found: set[str] = set()
    for text in set(texts_in(document)):
        found.update(text[start:end] for start, end in secret_spans(text))
        if MASK in text:
            found.update(f"{before[-BEFORE:]}{MASK}" for before in text.split(MASK)[:-1])
    return len(found)


def texts_in(value: Any) -> Iterator[str]:
    """Every text of a dataclass, a tuple or a list, as it stands."""
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, tuple | list):
            stack.extend(one)  # pyright: ignore[reportUnknownArgumentType]
        elif is_dataclass(one):
            stack.extend(getattr(one, field.name) for field in fields(one))
