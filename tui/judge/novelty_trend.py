"""A lane's novelty over its life, and the finding that the novelty has fallen although the burn has not."""

from __future__ import annotations

from collections import deque

from tui.judge.detector import PAST_LIMIT, Raised
from tui.judge.findings.low_novelty import LOW_NOVELTY, NoveltyLimits
from tui.judge.limits import Limits
from tui.model.evidence import Evidence
from tui.model.finding import NoveltyPoint, Severity

POINTS = 48
BUCKET_S = 30.0
EARLY_STEPS = 12
"""The fewest steps from which the lane's early rate is computed."""
WINDOW_STEPS = 8
"""The fewest steps in the window from which its rate is used."""
BURN_KEPT = 0.5
"""The burn counts as unchanged above this share of the early one."""
PER_MILLION = 0.1
"""Rates below this many new steps per 1k tokens are stated per million."""
CLEARED = 3.0
"""The finding ends when the rate is this many times the one that raised it."""


class _Bucket:
    __slots__ = ("at", "novelty", "offset", "steps", "tokens")

    def __init__(self, at: float, offset: int) -> None:
        self.at = at
        self.offset = offset
        self.steps = 0
        self.novelty = 0.0
        self.tokens = 0


class Curve:
    """A lane's whole life in at most `POINTS` parts. If there are more, neighbours are joined in pairs."""

    __slots__ = ("_drawn", "_points")

    def __init__(self) -> None:
        self._points: list[_Bucket] = []
        self._drawn: list[NoveltyPoint] = []
        """All points except the newest, which still grows. They are kept because every snapshot needs them."""

    def add(self, at: float, novelty: float, steps: int, tokens: int, width_s: float) -> None:
        """Adds steps and tokens at `at` (seconds UTC)."""
        points = self._points
        if not points or at - points[-1].at >= width_s:
            if len(points) >= POINTS:
                self._halve()
            if points:
                self._drawn.append(_drawn(points[-1]))
            points.append(_Bucket(at, 0))
        last = points[-1]
        last.novelty += novelty
        last.steps += steps
        last.tokens += tokens

    def _halve(self) -> None:
        points = self._points
        for left, right in zip(points[::2], points[1::2], strict=False):
            left.novelty += right.novelty
            left.steps += right.steps
            left.tokens += right.tokens
        del points[1::2]
        self._drawn = [_drawn(point) for point in points[:-1]]

    @property
    def points(self) -> tuple[NoveltyPoint, ...]:
        """The points, oldest first."""
        return (*self._drawn, _drawn(self._points[-1])) if self._points else ()


def _drawn(point: _Bucket) -> NoveltyPoint:
    return NoveltyPoint(point.at, point.steps, round(point.novelty, 3), point.tokens)


class NoveltyRate:
    """Novelty per 1k tokens over a moving window, compared with the lane's own early rate (finding `low_novelty`)."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits.of(NoveltyLimits)
        self._curve = Curve()
        self._width = BUCKET_S
        self._buckets: deque[_Bucket] = deque()
        self._in_window = 0.0
        """The sums of novelty, steps and tokens over the buckets, updated as buckets come and go."""
        self._steps_in_window = 0
        self._tokens_in_window = 0
        self._began: float | None = None
        self._early: _Bucket | None = None
        self._early_s = 0.0
        self._early_done = False
        self._tokens = 0
        self._booked = float("-inf")
        self._raised: Raised | None = None
        self._at_rate = 0.0
        self._past: deque[Raised] = deque(maxlen=PAST_LIMIT)

    def points(self, tokens: int) -> tuple[NoveltyPoint, ...]:
        """The lane's whole life, including the part of `tokens` that was used since the last step."""
        points = self._curve.points
        if not points or tokens == self._tokens:
            return points
        last = points[-1]
        return (*points[:-1], NoveltyPoint(last.at, last.steps, last.novelty, last.tokens + tokens - self._tokens))

    def spend(self, at: float | None, offset: int, tokens: int) -> None:
        """Notes used tokens (`tokens`: of the whole lane so far).

        They are added with the next step, or after some time.
        """
        if at is not None and at - self._booked >= BUCKET_S:
            self.add(at, offset, 0.0, tokens, step=False)

    def add(
        self, at: float | None, offset: int, novelty: float, tokens: int, *, step: bool, judged: bool = True
    ) -> None:
        """Adds a step, or used tokens (`tokens`: of the whole lane so far). Unless `judged`, it raises no finding."""
        if at is None:
            return
        self._booked = at
        spent, self._tokens = tokens - self._tokens, tokens
        if self._began is None:
            self._began = at
        life = at - self._began
        while life > self._width * POINTS:
            self._width *= 2
        # Anything with novelty counts as a step of the curve, so that no share of new steps is above one.
        self._curve.add(at, novelty, int(step or novelty > 0.0), spent, self._width)
        if not self._early_done:
            self._learn(at, offset, novelty, spent, step=step)
        self._move(at, offset, novelty, spent, step=step)
        if self._early_done and step:
            self._judge(at, offset, may_raise=judged)

    def raised(self) -> tuple[Raised, ...]:
        """The finding if it holds, and the ended ones."""
        return (*self._past, *((self._raised,) if self._raised else ()))

    def _learn(self, at: float, offset: int, novelty: float, spent: int, *, step: bool) -> None:
        if self._early is None:
            self._early = _Bucket(at, offset)
        early = self._early
        early.novelty += novelty
        early.steps += step
        early.tokens += spent
        self._early_s = at - early.at
        window = self._limits.novelty_window_s
        if early.steps >= EARLY_STEPS and self._early_s >= window / 3 and early.tokens > 0:
            self._early_done = True

    def _move(self, at: float, offset: int, novelty: float, spent: int, *, step: bool) -> None:
        buckets = self._buckets
        if not buckets or at - buckets[-1].at >= BUCKET_S:
            buckets.append(_Bucket(at, offset))
        last = buckets[-1]
        last.novelty += novelty
        last.steps += step
        last.tokens += spent
        self._in_window += novelty
        self._steps_in_window += step
        self._tokens_in_window += spent
        while buckets and buckets[0].at < at - self._limits.novelty_window_s:
            gone = buckets.popleft()
            self._in_window -= gone.novelty
            self._steps_in_window -= gone.steps
            self._tokens_in_window -= gone.tokens

    def _judge(self, at: float, offset: int, *, may_raise: bool) -> None:
        early = self._early
        if early is None or at - early.at < 2 * self._limits.novelty_window_s or early.novelty <= 0:
            return
        tokens, steps = self._tokens_in_window, self._steps_in_window
        if tokens <= 0 or steps < WINDOW_STEPS:
            return
        window = self._limits.novelty_window_s
        novelty = max(0.0, self._in_window)
        rate = 1000 * novelty / tokens
        early_rate = 1000 * early.novelty / early.tokens
        burn, early_burn = tokens / window, early.tokens / max(self._early_s, 1.0)
        # A growing context makes each step cost more, so the novelty per step must be low too.
        poor = novelty / steps <= self._limits.novelty_floor
        low = poor and rate < self._limits.novelty_fall * early_rate and burn >= BURN_KEPT * early_burn
        if low and may_raise and self._raised is None:
            self._at_rate = rate
            times, unit = (1, "1k") if early_rate >= PER_MILLION else (1000, "1M")
            then, then_now = f"{early_rate * times:.3g}", f"{rate * times:.2g}"
            words = "new results per"
            first = f"at first: {then} {words} {unit} tokens in {early.steps} tool calls"
            last = f"last {window / 60:.0f} min"
            now = f"{last}: {then_now} {words} {unit} tokens in {steps} tool calls, which used {tokens:,} tokens"
            self._raised = LOW_NOVELTY.raised(
                "", Severity.WARN, at,
                f"only {novelty / steps:.0%} of what its last {steps} tool calls brought was new (at its start "
                f"{early.novelty / max(early.steps, 1):.0%}), but it uses as many tokens per hour as before",
                (Evidence(first, early.at, None, early.offset), Evidence(now, at, None, offset)),
            )  # fmt: skip
        elif self._raised is not None and rate > max(CLEARED * self._at_rate, self._limits.novelty_fall * early_rate):
            self._past.append(_ended(self._raised, at))
            self._raised = None


def _ended(raised: Raised, at: float) -> Raised:
    return Raised(
        raised.kind, raised.subject, raised.severity, raised.since, raised.title, raised.evidence, raised.suggest, at
    )
