"""What lanewatch itself costs: a tool that watches costs must show its own."""

from __future__ import annotations

import time

import psutil

from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, number, own


class OwnCost:
    """CPU since the last look, memory now, the slowest frame and the longest lag since the last look."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._process.cpu_percent()
        self._slowest_s = 0.0
        self._frames = 0
        self._since = time.monotonic()

    def frame(self, seconds: float) -> None:
        """A frame was made in so many seconds."""
        self._frames += 1
        self._slowest_s = max(self._slowest_s, seconds)

    def words(self) -> SafeText:
        """One line; the counters begin anew."""
        now = time.monotonic()
        rate = self._frames / max(0.001, now - self._since)
        text = joined(
            own("own cost: cpu "), number(self._process.cpu_percent()), own("% · "),
            number(self._process.memory_info().rss / 1e6), own(" MB · "), number(rate),
            own(" frames/s, slowest "), number(self._slowest_s * 1000), own(" ms"),
        )  # fmt: skip
        self._slowest_s, self._frames, self._since = 0.0, 0, now
        return text
