"""How hard tests try: a usual run repeats itself and is quick; LANEWATCH_LONG_TESTS=1 draws anew, and more."""

from __future__ import annotations

import os

LONG = os.environ.get("LANEWATCH_LONG_TESTS") == "1"


def examples(long: int) -> int:
    """How many examples to draw: so many in a long run, a third of it in a usual one, but six where there are six."""
    return long if LONG else max(long // 3, min(long, 6))
