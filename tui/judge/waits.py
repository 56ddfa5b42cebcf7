"""Waits: calls that wait for something that runs elsewhere. Progress is a new answer; too many equal ones are waste."""

from __future__ import annotations

import re
from zlib import crc32

from tui.judge.evidence import ALIKE, DOUBTFUL, EXCUSED
from tui.judge.outcomes import SHORT, STALE, Outcome
from tui.judge.work import Pending, Step, Work
from tui.model.event import Result
from tui.model.finding import RepetitionKind

PATIENCE = 16.0
"""Unchanged answers that count as much as three whole repeats, which raise the flag by default."""
WAITED = 3.0 / PATIENCE
ALIVE_S = 3600.0
"""Seconds for which a running command may print nothing."""
ASKING_KEPT = 64
GONE_CHARS = 600
_GONE = re.compile(
    r"(?i)no such (?:process|job|task|container)|not running|\bexited\b|terminated|\bkilled\b|\bdead\b|not found|"
    r"defunct|does not exist|(?:has|is|was) (?:ended|finished|completed|stopped|gone)|"
    r"already (?:finished|completed|ended|stopped)|"
    r"traceback|\w+error\b|fatal|out of memory|segmentation|panic|aborted|core dumped|"
    r"\"(?:completed|failed|errored|exited|killed)\"\s*:|"
    r"status\W{1,12}(?:completed|failed|killed|exited|ended|stopped|cancelled)|no longer"
)
"""Words in an answer which say that the process or job has ended."""
_ASKS_INPUT = re.compile(
    r"(?i)(?:pass(?:word|phrase)\b[^\n]{0,80}|\[y/n\]|\(yes/no[^)]*\)|\(y/n\)|press (?:any key|enter)[^\n]{0,40}|"
    r"username for [^\n]{0,60})[:?]?\s*(?:</?\w+>\s*)*$|(?:reading|waiting for) (?:additional |user |your )?input"
)
"""The end of the output of a command that waits for somebody to type."""
_TIMEOUT = re.compile(r"(?i)time[d -]{0,2}out|still (?:running|waiting|in progress)|pending")
"""Words in an answer which say that only the wait has ended, not the process or job."""


class Waits:
    """Weighs the waits of one lane."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._asking: dict[str, None] = {}
        """Ids of the running commands that wait for somebody to type."""

    def begin(self, name: str, result: Result) -> None:
        """Notes whether a command that keeps running waits for somebody to type."""
        if result.background and _ASKS_INPUT.search(result.text[-200:]) is not None:
            if len(self._asking) >= ASKING_KEPT:
                self._asking.pop(next(iter(self._asking)))
            self._asking[name] = None

    def asks(self, name: str | None) -> bool:
        """Whether this command waits for somebody to type."""
        return name is not None and name in self._asking

    def weigh(self, step: Step, call: Pending, outcome: Outcome, result: Result) -> None:
        """Weighs a wait that ended."""
        work, shape = self._work, call.shape
        failed = outcome.bad and not result.background and not _TIMEOUT.search(result.text[:SHORT])
        if shape.idles:
            return  # only a pause: it asks for no state
        key = crc32(b"wait", shape.core)
        group = work.groups.of(key, RepetitionKind.WAITING)
        answer = hash(outcome.tokens) ^ outcome.empty
        moves = (outcome.fresh > STALE and not outcome.empty) or (answer != group.answer and bool(outcome.tokens))
        if not group.count or moves:
            step.gain = EXCUSED * max(outcome.fresh, EXCUSED)
            group.reset()
            work.note(group, step, shape)
            group.answer = answer
            return
        gone = failed or (
            not result.background and len(result.text) <= GONE_CHARS and _GONE.search(result.text) is not None
        )
        gone = gone or call.asks or _ASKS_INPUT.search(result.text[-200:]) is not None
        if gone:
            work.repeat(group, step, shape, ALIKE)
            return
        if work.request.watches:
            return
        since = step.at - group.last_at if step.at is not None and group.last_at is not None else 0.0
        work.repeat(group, step, shape, min(DOUBTFUL, WAITED + 3.0 * since / ALIVE_S))
        if result.background or call.continues:
            step.waste = 0.0
            # The client itself says that the command runs. A long run may print nothing for a long time.
            waited = step.at - group.since_at if step.at is not None and group.since_at is not None else 0.0
            group.points = min(group.points, 3.0 * waited / ALIVE_S)
