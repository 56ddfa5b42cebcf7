"""The playing of a replay: speed, pauses and jumps. Runs in the thread of the event loop, beside the screen."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable

from tui.fleet.policy import Rules
from tui.model.finding import Finding
from tui.model.snapshot import Fleet
from tui.replay.player import Player, TimelineSummary
from tui.replay.what_if import Cancelled, of_finding, of_policy
from tui.view.what_if import EXAMPLE, Case, finding_title, policy_title

SPEEDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 10_000.0, 100_000.0, math.inf)
"""Recorded seconds per second; infinity is as fast as the recording can be read."""
FRAME_S = 0.05
LONGEST_S = 0.25
"""Maximum seconds of a frame: after a slow frame, the replay does not jump."""
SILENCE_S = 600.0
"""Seconds. If no event follows for this long, the replay continues `BEFORE_S` before the next event."""
BEFORE_S = 2.0
MARKS_S = 1.0
"""Seconds between two summaries of a recording that is still being read."""

Apply = Callable[[Player], None]
"""Adds facts to the Supervisor that the transcripts do not contain: the orders of an operator up to that time."""


class Playback:
    """A recording that is read while it plays."""

    def __init__(
        self,
        player: Player,
        *,
        since: float | None = None,
        at: float | None = None,
        first: float | None = None,
        last: float | None = None,
        speed: float = 60.0,
        playing: bool = True,
        apply: Apply | None = None,
        rules: Rules = EXAMPLE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """The recording must not be open yet. `since` is passed to `Recording.open`. `rules` are those of `what_if`.

        `at` is the time at which it begins; `first` and `last` limit the part that is shown (seconds UTC; None: no
        limit).
        """
        self._recording = player.recording
        self.player = player
        self._since = since
        self._apply = apply
        self._rules = rules
        self._thinking = False
        """True while another thread uses the player to go through the whole run."""
        self._shown: Fleet | None = None
        self._left = threading.Event()
        """Set when the operator does not wait for the other thread."""
        self.thought = 0.0
        """The share of `what_if` that is done, from 0 to 1."""
        self._stood = 0.0
        self._clock = clock
        self.speed = speed
        self.playing = playing
        self.skipped_s = 0.0
        """Seconds of silence that the last jump skipped; 0 after it was shown."""
        self._marks: TimelineSummary | None = None
        self._marks_at = -math.inf
        self.is_open = False
        """True if the transcripts were found."""
        self._first = first if first is not None else -math.inf
        self._last = last if last is not None else math.inf
        self._wanted = at if at is not None else first
        """A requested time that has not been read yet."""

    # -- the picture ----------------------------------------------------------------------------

    @property
    def at(self) -> float:
        """The present recorded time in seconds UTC. It does not change while another thread goes through the run."""
        return self._stood if self._thinking else self.player.at

    @property
    def complete(self) -> bool:
        """True if everything has been read."""
        return self._recording.complete

    @property
    def shown(self) -> tuple[float, float]:
        """The part of the recording that is shown, as far as it has been read: its start and end in seconds UTC."""
        marks = self.marks()
        return max(marks.start, self._first), max(self.at, min(marks.end, self._last))

    @property
    def read_to(self) -> float:
        """Seconds UTC up to which the recording has been read."""
        return math.inf if self._recording.complete else self._recording.horizon

    def snapshot(self) -> Fleet:
        """All lanes at the present time of the replay."""
        if not self.is_open:
            return Fleet(at=self.at, lanes=())
        if self._thinking and self._shown is not None:
            return self._shown
        if self._apply is not None:
            self._apply(self.player)
        self._shown = self.player.snapshot()
        return self._shown

    def whole(self) -> Fleet:
        """All lanes at the end of what has been read."""
        return self.player.whole()

    def marks(self) -> TimelineSummary:
        """A summary of the whole recording; while it is being read, at most `MARKS_S` old."""
        now = self._clock()
        if self._marks is None or (self.complete and not self._thinking) or now - self._marks_at >= MARKS_S:
            self._marks, self._marks_at = self.player.marks(), now
        return self._marks

    # -- the pace -------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Plays or pauses. At the end it starts again from the beginning."""
        if not self.playing and self.complete and self.at >= min(self.player.last, self._last):
            self.go_to(-math.inf)
        self.playing = not self.playing

    def change_speed(self, steps: int) -> None:
        """Chooses the next faster (1) or slower (-1) speed."""
        if steps > 0:
            self.speed = next((speed for speed in SPEEDS if speed > self.speed), SPEEDS[-1])
        else:
            self.speed = next((speed for speed in reversed(SPEEDS) if speed < self.speed), SPEEDS[0])

    # -- jumps ----------------------------------------------------------------------------------

    def go_to(self, at: float | None) -> bool:
        """Goes to a time (seconds UTC).

        If it has not been read yet, goes there as soon as it has. False if `at` is None.
        """
        if at is None or self._thinking:
            return False
        at = max(self._first, min(at, self._last))
        self._wanted = at if not self.complete and at > self.player.last else None
        self.player.seek(at)
        return True

    def step(self, at: float | None) -> bool:
        """Goes to a time like `go_to`, and pauses there."""
        self.playing = False
        return self.go_to(at)

    # -- what if ----------------------------------------------------------------------------------

    @property
    def is_thinking(self) -> bool:
        """True while `what_if` goes through the run. Nothing else may use the player then."""
        return self._thinking

    async def what_if(self, finding: Finding | None) -> list[Case]:
        """The savings by the finding, if there is one, and by the policy. The replay is paused until the result.

        Empty if it was given up (`leave_what_if`), or is running already.
        """
        if self._thinking:
            return []
        self.playing = False
        self.snapshot()
        self._stood, self._thinking, self.thought = self.player.at, True, 0.0
        self._left.clear()
        work = asyncio.create_task(asyncio.to_thread(self._answers, finding))
        work.add_done_callback(self._stop_thinking)
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            self._left.set()
            raise

    def leave_what_if(self) -> None:
        """Makes `what_if` end soon, without a result."""
        self._left.set()

    def _stop_thinking(self, _: asyncio.Task[list[Case]]) -> None:
        """Allows other uses of the player again.

        Called only after the thread has ended, even if nobody waits for it.
        """
        self._thinking = False

    def _answers(self, finding: Finding | None) -> list[Case]:
        try:
            cases = [Case(policy_title(self._rules), of_policy(self.player, self._rules, progress=self._progress))]
            if finding is not None and finding.since is not None:
                cases.insert(0, Case(finding_title(finding), of_finding(self.player, finding)))
        except Cancelled:
            return []
        return cases

    def _progress(self, share: float) -> None:
        self.thought = share
        if self._left.is_set():
            raise Cancelled

    # -- time -----------------------------------------------------------------------------------

    def open(self, *, whole: bool = False) -> None:
        """Finds the transcripts and goes to the start time. `whole`: reads them to the end first."""
        self._recording.open(self._since)
        if whole:
            self.player.load()
        self._opened()

    def _opened(self) -> None:
        self.is_open = True
        self.go_to(self._wanted if self._wanted is not None else -math.inf)

    async def run(self, news: Callable[[], None], _: Callable[[], float] = lambda: -math.inf) -> None:
        """Reads and plays until it is cancelled. `news` is called after each change."""
        # A search through years of folders can take long, so it runs in a thread and the screen stays responsive.
        await asyncio.to_thread(self._recording.open, self._since)
        self._opened()
        last, reading = self._clock(), True
        news()
        while True:
            if self._thinking:
                await asyncio.sleep(FRAME_S)
                continue
            if reading and not self.player.step():
                reading = False
                self.player.settle()
            if self._wanted is not None:
                self.go_to(self._wanted)
            now = self._clock()
            moved = self.advance(min(LONGEST_S, now - last))
            last = now
            if moved or reading:
                news()
            await asyncio.sleep(0 if reading else FRAME_S)

    def advance(self, seconds: float) -> bool:
        """Plays for this many seconds. True if anything changed."""
        if not self.playing or self._thinking or self._wanted is not None:
            return False
        before, last = self.at, min(self.player.last, self._last)
        target = last if math.isinf(self.speed) else before + seconds * self.speed
        following = self.player.next_event()
        if following is not None and following - before > SILENCE_S and following > target:
            self.skipped_s = following - BEFORE_S - before
            target = following - BEFORE_S
        self.player.seek(min(target, self._last))
        if self.at >= last and (self.complete or last == self._last):
            self.playing = False
            return True
        return self.at != before
