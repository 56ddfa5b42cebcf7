"""Six lanes on which the two open Python detectors of the field were measured: which of them is a loop."""

from __future__ import annotations

from tests.bench.judge.generator import DEVELOPMENT, LaneMade, Writer
from tui.model.event import ToolKind


def six() -> list[tuple[str, bool, LaneMade]]:
    """Name, whether it is a loop, and the lane."""
    return [_healthy(), _poll(), _identical(), _near_identical(), _period(3), _period(7)]


def _writer(name: str) -> Writer:
    return Writer(DEVELOPMENT, name, 0)


def _healthy() -> tuple[str, bool, LaneMade]:
    w = _writer("healthy")
    for _ in range(8):
        w.read(w.path(), w.lines(6))
    for number in range(8):
        w.edit(f"src/part_{number}.py", w.word(), w.word())
        w.sh(f"pytest -q tests/test_part_{number}.py", f"{number + 2} passed in 0.{number}s")
    return "healthy feature work", False, w.made


def _poll() -> tuple[str, bool, LaneMade]:
    w = _writer("poll")
    for number in range(12):
        w.call("BashOutput", ToolKind.OTHER, '{"bash_id":"b1"}', "b1", f"compiled {number * 7} of 84")
    return "poll, output changes every time", False, w.made


def _identical() -> tuple[str, bool, LaneMade]:
    w = _writer("identical")
    for _ in range(20):
        w.sh("npm test", "Error: cannot find module './x'\n1 failed", ok=False)
    return "identical `npm test` x20, same error", True, w.made


def _near_identical() -> tuple[str, bool, LaneMade]:
    w = _writer("near")
    for number in range(20):
        w.sh(
            f"./run_lane.sh --lane action_{number} --ts {1_746_770_000 + number * 61} && ./status.sh",
            f"lane action_{number}: guards ok\nno change",
        )
    return "near-identical `run_lane --lane action_N` x20", True, w.made


def _period(size: int) -> tuple[str, bool, LaneMade]:
    w = _writer(f"period {size}")
    steps = [(w.path(), w.lines(4)) for _ in range(size - 2)]
    for _ in range(7 if size == 3 else 5):
        for path, text in steps:
            w.read(path, text)
        w.edit("src/engine.py", "old", "new", ok=False)
        w.sh("pytest -q", "FAILED test_one - assert 1 == 2\n1 failed", ok=False)
    return f"period {size}, failing edit and test", True, w.made
