"""Numbers with a sign before them that shows a doubt."""

from __future__ import annotations

from collections.abc import Collection

from tui.model.cost import Cost
from tui.model.trust import Trust
from tui.text.cell_width import width
from tui.text.format import UNKNOWN, money, money_short, money_shortest, number
from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, own

CENT = 0.00995
"""Fewer dollars than this are not a cent."""


def at_least(shown: SafeText, *, is_lower_bound: bool) -> SafeText:
    """A number, with `≥` before it if it is a lower bound."""
    return joined(own("≥"), shown) if is_lower_bound else shown


def doubted(shown: SafeText, trust: Collection[Trust]) -> SafeText:
    """A count of tokens, with `?` before it if it cannot be right, or `≥` if it is a lower bound."""
    if Trust.SUSPECT in trust:
        return joined(UNKNOWN, shown)
    return at_least(shown, is_lower_bound=Trust.PROVISIONAL in trust)


def cost_words(cost: Cost, cells: int | None = None, *, is_sum: bool = False, is_lower_bound: bool = False) -> SafeText:
    """Dollars: `$8.66`; `≥` before them if a price or a part of the tokens is unknown, `$ ?` if nothing is priced.

    `is_sum` marks a sum over several lanes with `Σ`; `is_lower_bound` says that the tokens are a lower bound. With
    `cells`, digits are left out if there is no room for them.
    """
    if not cost.is_known:
        return money(None)
    sign = own("Σ") if is_sum else own("")
    is_least = is_lower_bound or not cost.is_whole
    made = joined(sign, at_least(money(cost.usd), is_lower_bound=is_least))
    if cells is None or width(made) <= cells:
        return made
    made = joined(sign, at_least(money_short(cost.usd), is_lower_bound=is_least))
    if width(made) <= cells:
        return made
    if is_least and cost.usd < CENT:
        return joined(sign, at_least(money(0.0), is_lower_bound=True))
    return joined(sign, at_least(money_shortest(cost.usd), is_lower_bound=is_least))


def priced_words(cost: Cost) -> SafeText:
    """`17 of 18 priced`; empty if all are."""
    return own("") if cost.is_whole else joined(number(cost.priced), own(" of "), number(cost.parts), own(" priced"))


def cost_role(cost: Cost) -> str:
    """The role of a cost in a table; a cost with unknown prices is highlighted."""
    return "text" if cost.is_whole else "warn"
