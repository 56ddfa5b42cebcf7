from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.tmux import Tmux


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Callable[..., Tmux]]:
    """Starts lanewatch in a pane of its own: `tmux(*args, size=(120, 40))`."""
    opened: list[Tmux] = []

    def begin(*args: str, size: tuple[int, int] = (120, 40)) -> Tmux:
        pane = Tmux(tmp_path, size)
        opened.append(pane)
        pane.start(*args)
        return pane

    yield begin
    for pane in opened:
        pane.close()
