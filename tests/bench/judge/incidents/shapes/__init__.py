"""The shapes of the incidents: loops and honest work, by name."""

from tests.bench.judge.incidents.shapes import (
    honest_agents,
    honest_editing,
    honest_looking,
    honest_repairs,
    honest_waiting,
    loops_agents,
    loops_editing,
    loops_failing,
    loops_looking,
    loops_talking,
    loops_waiting,
)
from tests.bench.judge.incidents.shapes.base import HONEST, LOOPS

__all__ = [
    "HONEST",
    "LOOPS",
    "honest_agents",
    "honest_editing",
    "honest_looking",
    "honest_repairs",
    "honest_waiting",
    "loops_agents",
    "loops_editing",
    "loops_failing",
    "loops_looking",
    "loops_talking",
    "loops_waiting",
]
