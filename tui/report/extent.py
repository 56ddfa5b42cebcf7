"""From when to when something happened, whatever year a line may state."""

from __future__ import annotations

from collections.abc import Iterable

FAR_S = 10 * 365.25 * 86_400
"""A time further than this from all others is no part of a run: a clock that was never set, or a made-up year."""
SPANS_LIMIT = 8
"""Times far from each other that are told apart; of more the later ones are not kept."""


class Span:
    """Times of one era, in seconds UTC, and how many there were."""

    __slots__ = ("count", "end", "start")

    def __init__(self, start: float, end: float, count: int = 1) -> None:
        self.start = start
        self.end = end
        self.count = count

    def is_near(self, start: float, end: float) -> bool:
        """True if no more than `FAR_S` lies between."""
        return start <= self.end + FAR_S and end >= self.start - FAR_S


class Extent:
    """The times of something: its start and end are those of the era in which most of it happened."""

    __slots__ = ("odd", "spans")

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.odd = 0
        """How many times lie far from all others; known once the era is."""

    def take(self, at: float) -> None:
        """Something happened."""
        for span in self.spans:
            if span.start - FAR_S <= at <= span.end + FAR_S:
                if at > span.end:
                    span.end = at
                elif at < span.start:
                    span.start = at
                span.count += 1
                return
        if len(self.spans) < SPANS_LIMIT:
            self.spans.append(Span(at, at))

    def settle(self, era: Span | None) -> None:
        """Sets aside what lies far from `era`."""
        if era is None:
            return
        self.odd += sum(span.count for span in self.spans if not span.is_near(era.start, era.end))
        self.spans = [span for span in self.spans if span.is_near(era.start, era.end)]

    @property
    def start(self) -> float | None:
        """Seconds UTC."""
        main = self._main()
        return main.start if main is not None else None

    @property
    def end(self) -> float | None:
        """Seconds UTC."""
        main = self._main()
        return main.end if main is not None else None

    def _main(self) -> Span | None:
        return max(self.spans, key=lambda span: span.count, default=None)


def era_of(extents: Iterable[Extent]) -> Span | None:
    """The era in which most of several things happened; None without any time."""
    eras: list[Span] = []
    for span in sorted((span for extent in extents for span in extent.spans), key=lambda one: one.start):
        if eras and eras[-1].is_near(span.start, span.end):
            last = eras[-1]
            last.end, last.count = max(last.end, span.end), last.count + span.count
        else:
            eras.append(Span(span.start, span.end, span.count))
    return max(eras, key=lambda era: era.count, default=None)
