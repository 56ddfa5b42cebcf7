"""What the tests of the screen share: no frame is composed that nobody reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from textual._compositor import Compositor


@pytest.fixture(autouse=True, scope="session")
def _frames_are_composed_when_they_are_read() -> Iterator[None]:
    """A headless app composes each update and throws it away. Tests and pictures compose the whole screen themselves.

    A dialog's updates are composed, because a dialog keeps the screen below it as it was drawn.
    """
    really = Compositor.render_update

    def render_update(
        compositor: Compositor, full: bool = False, screen_stack: Sequence[Any] | None = None, simplify: bool = False
    ) -> Any:
        if full or screen_stack:
            return really(compositor, full, screen_stack, simplify)
        compositor._dirty_regions.clear()
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compositor, "render_update", render_update)
        yield
