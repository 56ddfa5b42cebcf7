"""A cost: a sum in US dollars over parts, of which some may have no known price."""

from __future__ import annotations

from tui.model.frozen import frozen


@frozen
class Cost:
    """The dollars of all parts with a known price. A lower bound if not every part is priced.

    A part is a lane that used a model. It is priced if the price of every model that it used is known.
    """

    usd: float = 0.0
    priced: int = 0
    parts: int = 0

    @property
    def is_whole(self) -> bool:
        """True if every part is priced."""
        return self.priced == self.parts

    @property
    def is_known(self) -> bool:
        """False if nothing at all has a known price."""
        return self.is_whole or self.priced > 0 or self.usd > 0

    @property
    def exact_usd(self) -> float | None:
        """The dollars, or None if a price is unknown."""
        return self.usd if self.is_whole else None

    def since(self, before: Cost) -> Cost:
        """The cost that was added since an earlier state of the same parts."""
        return Cost(max(0.0, self.usd - before.usd), self.priced, self.parts)

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.usd + other.usd, self.priced + other.priced, self.parts + other.parts)


NO_COST = Cost()
