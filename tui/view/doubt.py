"""A number with the doubt about it, told by a sign before it."""

from __future__ import annotations

from collections.abc import Collection

from tui.model.snapshot import Trust
from tui.text.format import UNKNOWN
from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, own


def at_least(shown: SafeText, *, is_lower_bound: bool) -> SafeText:
    """A number, with `≥` before it if it is a lower bound."""
    return joined(own("≥"), shown) if is_lower_bound else shown


def doubted(shown: SafeText, trust: Collection[Trust]) -> SafeText:
    """A count of tokens, with `?` before it if it cannot be right, or `≥` if it is a lower bound."""
    if Trust.SUSPECT in trust:
        return joined(UNKNOWN, shown)
    return at_least(shown, is_lower_bound=Trust.PROVISIONAL in trust)
