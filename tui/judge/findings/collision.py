"""One file in several hands: two lanes that write it by turns, or a file that changed under a lane (`collision`)."""

from __future__ import annotations

import re
from bisect import insort
from itertools import pairwise
from typing import Protocol

from tui.judge.detector import EVIDENCE_LIMIT, Raised
from tui.judge.finding_history import Ledger
from tui.judge.findings.base import FindingSpec
from tui.judge.limits import Limits, Unit, limit
from tui.model.event import Call, Edit, Event, Result, ToolKind
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen
from tui.text.styled_text import own


@frozen
class CollisionLimits:
    """When two lanes are said to collide."""

    collision_window_s: float = limit(1800.0, Unit.SECONDS, "Two lanes that change one file within this time collide.")


COLLISION = FindingSpec(
    kind=FindingKind.declare("collision"),
    place=100,
    words=own("file collision"),
    doc="Two lanes write one file by turns, or a file changed while the lane had it.",
    severities=(Severity.WARN,),
    suggest=Verb.PAUSE,
    limits=CollisionLimits,
    detector=lambda setup: ChangedUnder(setup.limits),
)
FINDINGS = (COLLISION,)

OPEN_LIMIT = 64
FILES_LIMIT = 300
OWN_HAND_S = 10.0
"""A change so soon after the lane's own command or edit is taken to be its doing: a formatter, a hook."""
SHARED = re.compile(r"(?:^|/)(?:[\w.-]*\.lock|package-lock\.json|[\w.-]+\.log|CHANGELOG\.md|go\.sum)$|/\.git/")
"""Files that everybody writes and nobody minds."""
_CHANGED = re.compile(
    r"(?i)modified since (?:it was )?(?:last )?read|file has (?:been )?changed since|unexpectedly modified"
)


class ChangedUnder:
    """A lane's own view: its edit was refused because the file had changed, or a file changed in its hands."""

    wants = (Call, Result, Edit)

    def __init__(self, limits: Limits) -> None:
        self._limits = limits.of(CollisionLimits)
        self._calls: dict[str, tuple[str, int, ToolKind]] = {}
        self._held: dict[str, tuple[float | None, int]] = {}
        """Files that the lane read or edited, and when."""
        self._own_at: float | None = None
        self._found = Ledger()

    def apply(self, event: Event, tokens: int) -> None:
        """See `Detector`."""
        del tokens
        if isinstance(event, Call):
            self._call(event)
        elif isinstance(event, Result):
            self._result(event)
        elif isinstance(event, Edit):
            self._edit(event)

    def raised(self) -> tuple[Raised, ...]:
        """See `Detector`."""
        return self._found.all

    def _call(self, event: Call) -> None:
        if event.tool_kind not in (ToolKind.EDIT, ToolKind.READ, ToolKind.SHELL):
            return
        if len(self._calls) >= OPEN_LIMIT:
            self._calls.pop(next(iter(self._calls)))
        self._calls[event.call] = (event.summary[:300], event.offset, event.tool_kind)
        if event.tool_kind is not ToolKind.SHELL:
            self._hold(event.summary[:300], event.at, event.offset)
        if event.tool_kind is not ToolKind.READ:
            self._own_at = event.at

    def _hold(self, path: str, at: float | None, offset: int) -> None:
        self._held.pop(path, None)
        if len(self._held) >= FILES_LIMIT:
            self._held.pop(next(iter(self._held)))
        self._held[path] = (at, offset)

    def _result(self, event: Result) -> None:
        known = self._calls.pop(event.call, None)
        if known is None:
            return
        path, offset, kind = known
        if kind is not ToolKind.READ:
            self._own_at = event.at
        if kind is not ToolKind.EDIT or event.ok is not False or not _CHANGED.search(event.text[:400]):
            return
        evidence = (
            Evidence(f"the edit of {path} was refused", event.at, None, offset),
            Evidence(event.text[:200], event.at, None, event.offset),
        )
        title = f"{_name(path)} changed under its hands"
        self._found.put(COLLISION.raised(path, Severity.WARN, event.at, title, evidence))

    def _edit(self, event: Edit) -> None:
        if event.by_lane:
            self._own_at = event.at
            self._hold(event.path, event.at, event.offset)
            self._found.end(event.path, event.at)  # it has seen the file anew, and goes on
            return
        held = self._held.get(event.path)
        if held is None or SHARED.search(event.path) or event.at is None:
            return
        since, offset = held
        if since is not None and event.at - since > self._limits.collision_window_s:
            return
        if self._own_at is not None and event.at - self._own_at <= OWN_HAND_S:
            return
        evidence = (
            Evidence(f"the lane had {event.path}", since, None, offset),
            Evidence("somebody else changed it", event.at, None, event.offset),
        )
        title = f"{_name(event.path)} was changed by somebody else while the lane had it"
        self._found.put(COLLISION.raised(event.path, Severity.WARN, event.at, title, evidence))


PATHS_LIMIT = 5000
TOUCHES_LIMIT = 64


@frozen
class Touch:
    """A lane wrote a file: the lane's key, the whole path, when, and where that stands."""

    lane: str
    path: str
    at: float
    transcript: str
    offset: int


Run = tuple[tuple[str, str], list[Touch]]
"""Two lanes, and what they wrote of one file by turns."""


class Lanes(Protocol):
    """What the book asks about lanes, by their keys."""

    def kin(self, one: str, other: str) -> bool:
        """Whether one of them descends from the other."""
        ...

    def name(self, lane: str) -> str:
        """What it is called."""
        ...

    def started(self, lane: str) -> float | None:
        """When it began, in seconds UTC."""
        ...


class CollisionBook:
    """Who wrote which file, over all lanes, in whatever order it becomes known."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits.of(CollisionLimits)
        self._by_path: dict[str, list[Touch]] = {}
        self._runs: dict[str, list[Run]] = {}
        self._dirty: set[str] = set()
        self._found: dict[str, list[Raised]] = {}

    def add(self, touch: Touch) -> None:
        """A lane wrote a file."""
        if SHARED.search(touch.path):
            return
        touches = self._by_path.get(touch.path)
        if touches is None:
            if len(self._by_path) >= PATHS_LIMIT:
                oldest = next(iter(self._by_path))
                del self._by_path[oldest]
                self._runs.pop(oldest, None)
            touches = self._by_path[touch.path] = []
        insort(touches, touch, key=_order)
        del touches[:-TOUCHES_LIMIT]
        if len({one.lane for one in touches}) > 1:
            self._dirty.add(touch.path)

    def forget(self, lane: str) -> None:
        """The lane is read anew."""
        for path, touches in self._by_path.items():
            kept = [touch for touch in touches if touch.lane != lane]
            if len(kept) != len(touches):
                self._by_path[path] = kept
                self._dirty.add(path)

    def found(self, lanes: Lanes, *, kin_changed: bool) -> dict[str, list[Raised]]:
        """By lane."""
        if kin_changed:
            self._dirty.update(
                path for path, touches in self._by_path.items() if len({one.lane for one in touches}) > 1
            )
        if not self._dirty:
            return self._found
        for path in self._dirty:
            runs = _runs(self._by_path.get(path, []), lanes, self._limits.collision_window_s)
            if runs:
                self._runs[path] = runs
            else:
                self._runs.pop(path, None)
        self._dirty.clear()
        pairs: dict[tuple[str, str], list[list[Touch]]] = {}
        for path in sorted(self._runs):
            for pair, run in self._runs[path]:
                pairs.setdefault(pair, []).append(run)
        self._found = {}
        for (one, other), runs in sorted(pairs.items()):
            for mine, theirs in ((one, other), (other, one)):
                self._found.setdefault(mine, []).append(_told(lanes.name(theirs), runs, lanes))
        return self._found


def _order(touch: Touch) -> tuple[float, str, int]:
    return touch.at, touch.lane, touch.offset


def _runs(touches: list[Touch], lanes: Lanes, window: float) -> list[Run]:
    """For each two lanes the touches of one file, in the order of time, that stand by turns within the window."""
    # A fork and a resumed session copy history: the same change at the same instant is one change.
    once = list({touch.at: touch for touch in reversed(touches)}.values())[::-1]
    found: dict[tuple[str, str], list[Touch]] = {}
    for before, after in pairwise(once):
        if before.lane == after.lane or after.at - before.at > window:
            continue
        began = lanes.started(after.lane)
        # Who began after the file was written has read it as it is; between kin that is a hand-off too.
        met = began is not None and began <= before.at and not lanes.kin(before.lane, after.lane)
        if met or _by_turns(once, before, after, window):
            one, other = sorted((before.lane, after.lane))
            found.setdefault((one, other), []).extend((before, after))
    return list(found.items())


def _by_turns(touches: list[Touch], before: Touch, after: Touch, window: float) -> bool:
    return any(touch.lane == after.lane and touch.at < before.at and after.at - touch.at <= window for touch in touches)


def _told(other: str, runs: list[list[Touch]], lanes: Lanes) -> Raised:
    first = min((run[1] for run in runs), key=lambda touch: touch.at)
    names = [_name(run[0].path) for run in runs]
    what = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more files"
    evidence = tuple(
        Evidence(f"{lanes.name(touch.lane)} wrote {touch.path}", touch.at, touch.transcript, touch.offset)
        for run in runs
        for touch in dict.fromkeys(run[:2] + run[-2:])
    )
    title = f"{what} was written by {other} too, within minutes"
    return COLLISION.raised(other, Severity.WARN, first.at, title, evidence[:EVIDENCE_LIMIT])


def _name(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]
