"""Texts of our own. Help and completion need only these, so this module imports nothing."""

from __future__ import annotations

from typing import LiteralString, NewType

SafeText = NewType("SafeText", str)
"""Text that may be sent to a terminal. Made by `safe_text` and the functions beside it; directly only from literals
and numbers of our own.
"""


def own(text: LiteralString) -> SafeText:
    """A literal of our own as safe text."""
    return SafeText(text)
