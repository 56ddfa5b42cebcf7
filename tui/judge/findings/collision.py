"""Lanes that write the same file, and files that somebody else changed while a lane worked on them (`collision`).

Clients refuse an edit of a file that changed since the lane read it. So a lane that edits a file of another lane has
seen that lane's change, unless the edit was refused: one write after the other is a normal hand-over. A collision is a
refused edit with a known other writer, alternating writes, or two first writes almost at the same time.
"""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

from tui.judge.detector import Raised
from tui.judge.findings.base import FindingSpec
from tui.judge.limits import Limits, Unit, limit
from tui.judge.open_calls import OpenCalls
from tui.judge.raised_findings import RaisedFindings
from tui.model.event import Call, Edit, Event, Result, ToolKind
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen
from tui.text.styled_text import own


@frozen
class CollisionLimits:
    """The limits above which two lanes count as colliding."""

    collision_window_s: float = limit(
        1800.0, Unit.SECONDS, "Up to this time apart, changes of one file by two lanes by turns are a collision."
    )
    collision_at_once_s: float = limit(
        120.0, Unit.SECONDS, "Up to this time apart, one change by each of two lanes is a collision too."
    )


COLLISION = FindingSpec(
    kind=FindingKind.declare("collision"),
    place=100,
    words=own("file collision"),
    doc="Two lanes write the same file, or somebody else changed a file that the lane works on.",
    progress="only one of the two lanes working on these files",
    to_do="let only one work on the file at a time, and the other one wait until the first is done",
    severities=(Severity.INFO, Severity.WARN),
    suggest=Verb.PAUSE,
    limits=CollisionLimits,
    detector=lambda setup: ChangedUnder(setup.limits),
)
FINDINGS = (COLLISION,)

FILES_LIMIT = 300
OWN_HAND_S = 10.0
"""A change within this many seconds after the lane's own command or edit counts as its own: a formatter or a hook made
it."""
REFUSALS_LIMIT = 64
_CHECKS_OUT = re.compile(
    r"\bgit\b(?:\s+-\S+(?:\s+[^-\s;|&]\S*)?)*?\s+(?:checkout|switch|pull|merge|rebase|stash|commit|reset|restore|revert|cherry-pick|apply|am|clean)\b"
)
"""A command of the lane that puts other versions of files in place, itself or by its hooks."""
_FORMATS = re.compile(
    r"\b(?:fmt|format|prettier|black|gofmt|rustfmt|eslint|biome|ruff|sed|perl|patch|mv|cp|tee|generate|codegen|fix)\b"
)
"""A command of the lane that may change files."""
SHARED = re.compile(r"(?:^|/)(?:[\w.-]*\.lock|package-lock\.json|[\w.-]+\.log|CHANGELOG\.md|go\.sum)$|/\.git/")
"""Files that many lanes write without a conflict."""
_CHANGED = re.compile(
    r"(?i)modified since (?:it was )?(?:last )?read|file has (?:been )?changed since|unexpectedly modified"
)


@frozen
class RefusedEdit:
    """An edit that was refused because the file had changed since `held_at`. Times are seconds UTC."""

    path: str
    held_at: float
    at: float
    offset: int


class ChangedUnder:
    """The facts of the lane's own transcript: refused edits, and files that somebody else changed.

    The writer is not known here: see `CollisionBook`, which contains the writes of all lanes.
    """

    wants = (Call, Result, Edit)

    def __init__(self, limits: Limits) -> None:
        self._limits = limits.of(CollisionLimits)
        self._calls = OpenCalls[tuple[str, int, ToolKind]]()
        self._held: dict[str, tuple[float | None, int]] = {}
        """Files that the lane read or edited, with the time."""
        self._own_at: float | None = None
        self._checked_out_at = self._formatted_at = float("-inf")
        """The times at which the lane last ran such commands."""
        self.refused: tuple[RefusedEdit, ...] = ()
        """The refused edits, the newest last."""
        self._found = RaisedFindings()

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
        self._calls.add(event.call, (event.summary[:300], event.offset, event.tool_kind))
        if event.tool_kind is not ToolKind.READ:
            self._own_at = event.at
        if event.tool_kind is ToolKind.SHELL and event.at is not None:
            command = event.summary[:600]
            if "git" in command and _CHECKS_OUT.search(command):
                self._checked_out_at = event.at
            elif _FORMATS.search(command):
                self._formatted_at = event.at

    def _hold(self, path: str, at: float | None, offset: int) -> None:
        self._held.pop(path, None)
        if len(self._held) >= FILES_LIMIT:
            self._held.pop(next(iter(self._held)))
        self._held[path] = (at, offset)

    def _result(self, event: Result) -> None:
        known = self._calls.take(event.call)
        if known is None:
            return
        path, offset, kind = known
        if kind is ToolKind.READ or (kind is ToolKind.EDIT and event.ok):
            self._hold(path, event.at, offset)
            return
        self._own_at = event.at
        if kind is not ToolKind.EDIT or event.ok is not False or not _CHANGED.search(event.text[:400]):
            return
        if event.at is None:
            return
        held = self._held.get(path)
        window = self._limits.collision_window_s
        held_at = held[0] if held is not None and held[0] is not None else event.at - window
        if self._checked_out_at >= held_at:
            return
        self.refused = (*self.refused[-REFUSALS_LIMIT + 1 :], RefusedEdit(path, held_at, event.at, offset))
        if self._formatted_at >= held_at:
            return
        evidence = (
            Evidence(f"the edit of {path} was refused", event.at, None, offset),
            Evidence(event.text[:200], event.at, None, event.offset),
        )
        title = f"somebody else changed {_name(path)} while this lane worked on it, so its edit was refused"
        self._found.put(COLLISION.raised(path, Severity.INFO, event.at, title, evidence))

    def _edit(self, event: Edit) -> None:
        if event.by_lane:
            self._own_at = event.at
            self._hold(event.path, event.at, event.offset)
            self._found.end(event.path, event.at)  # the lane has read the file again and works on
            return
        held = self._held.get(event.path)
        if held is None or SHARED.search(event.path) or event.at is None:
            return
        since, offset = held
        if since is not None and event.at - since > self._limits.collision_window_s:
            return
        if self._own_at is not None and event.at - self._own_at <= OWN_HAND_S:
            return
        if since is not None and self._checked_out_at >= since:
            return
        evidence = (
            Evidence(f"the lane read or edited {event.path}", since, None, offset),
            Evidence("somebody else changed it", event.at, None, event.offset),
        )
        title = f"somebody else changed {_name(event.path)} while this lane worked on it"
        self._found.put(COLLISION.raised(event.path, Severity.INFO, event.at, title, evidence))


PATHS_LIMIT = 5000
TOUCHES_LIMIT = 64


@frozen
class Touch:
    """A write of a file: the lane's key, the whole path, the time, and the place in the transcript."""

    lane: str
    path: str
    at: float
    transcript: str
    offset: int
    is_refused: bool = False


@frozen
class Refusal:
    """A lane's edit that was refused because the file had changed after `held_at`. Times are seconds UTC."""

    lane: str
    path: str
    held_at: float
    at: float
    transcript: str
    offset: int


Run = tuple[tuple[str, str], list[Touch]]
"""Two lanes, and their writes of one file."""


class Lanes(Protocol):
    """Facts about lanes, by their keys, that the book uses."""

    def are_related(self, one: str, other: str) -> bool:
        """True if one of them descends from the other, or both belong to one session."""
        ...

    def is_recording(self, lane: str) -> bool:
        """Whether a lane can only be read. Such a lane collides only with other recordings."""
        ...

    def is_below(self, lane: str, ancestor: str) -> bool:
        """True if a lane descends from the other one."""
        ...

    def name(self, lane: str) -> str:
        """The name of a lane."""
        ...

    def started(self, lane: str) -> float | None:
        """The time at which a lane began, in seconds UTC."""
        ...


class CollisionBook:
    """The writes of all lanes by file. They may be added in any order."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits.of(CollisionLimits)
        self._by_path: dict[str, list[Touch]] = {}
        self._runs: dict[str, list[Run]] = {}
        self._dirty: set[str] = set()
        self._refusals: tuple[Refusal, ...] = ()
        self._explained: dict[str, frozenset[str]] = {}
        self._found: dict[str, list[Raised]] = {}

    def add(self, touch: Touch) -> None:
        """Adds a write of a lane."""
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
        """Removes the writes of a lane that is read again."""
        for path, touches in self._by_path.items():
            kept = [touch for touch in touches if touch.lane != lane]
            if len(kept) != len(touches):
                self._by_path[path] = kept
                self._dirty.add(path)

    def found(
        self, lanes: Lanes, refusals: Sequence[Refusal] = (), *, relations_changed: bool
    ) -> dict[str, list[Raised]]:
        """The collisions by lane. `refusals` are the refused edits of all lanes."""
        if relations_changed:
            self._dirty.update(
                path for path, touches in self._by_path.items() if len({one.lane for one in touches}) > 1
            )
        if not self._dirty and tuple(refusals) == self._refusals:
            return self._found
        self._refusals = tuple(refusals)
        limits = self._limits
        for path in self._dirty:
            touches = self._by_path.get(path, [])
            runs = [
                run
                for is_recording in (False, True)
                for run in _runs(
                    [touch for touch in touches if lanes.is_recording(touch.lane) == is_recording],
                    lanes, limits.collision_window_s, limits.collision_at_once_s,
                )
            ]  # fmt: skip
            if runs:
                self._runs[path] = runs
            else:
                self._runs.pop(path, None)
        self._dirty.clear()
        pairs: dict[tuple[str, str], list[list[Touch]]] = {}
        for path in sorted(self._runs):
            for pair, run in self._runs[path]:
                pairs.setdefault(pair, []).append(run)
        explained: dict[str, set[str]] = {}
        for refusal in sorted(self._refusals, key=lambda one: (one.at, one.lane, one.offset)):
            write = self._write_behind(refusal, lanes)
            if write is not None:
                one, other = sorted((refusal.lane, write.lane))
                edit = Touch(
                    refusal.lane, refusal.path, refusal.at, refusal.transcript, refusal.offset, is_refused=True
                )
                pairs.setdefault((one, other), []).append([write, edit])
                explained.setdefault(refusal.lane, set()).add(refusal.path)
        self._explained = {lane: frozenset(paths) for lane, paths in explained.items()}
        self._found = {}
        for (one, other), runs in sorted(pairs.items()):
            for mine, theirs in ((one, other), (other, one)):
                self._found.setdefault(mine, []).append(_told(lanes.name(theirs), runs, lanes))
        return self._found

    def explained(self, lane: str) -> frozenset[str]:
        """The files of a lane's refused edits whose other writer is known."""
        return self._explained.get(lane, frozenset())

    def _write_behind(self, refusal: Refusal, lanes: Lanes) -> Touch | None:
        """The newest write of another lane, because of which an edit was refused.

        A helper's write for the same lane does not count.
        """
        for touch in reversed(self._by_path.get(refusal.path, [])):
            if touch.lane == refusal.lane or not refusal.held_at <= touch.at <= refusal.at:
                continue
            if lanes.is_recording(touch.lane) != lanes.is_recording(refusal.lane):
                continue
            if not lanes.is_below(touch.lane, refusal.lane):
                return touch
        return None


def _order(touch: Touch) -> tuple[float, str, int]:
    return touch.at, touch.lane, touch.offset


def _runs(touches: list[Touch], lanes: Lanes, window: float, at_once: float) -> list[Run]:
    """The writes of one file for each pair of lanes, in time order, if they are simultaneous or alternate."""
    # A fork and a resumed session copy history: the same change at the same time is one change.
    once = list({touch.at: touch for touch in reversed(touches)}.values())[::-1]
    found: dict[tuple[str, str], list[Touch]] = {}
    for before, after in pairwise(once):
        if before.lane == after.lane or after.at - before.at > window:
            continue
        began = lanes.started(after.lane)
        # A lane that began after the write has read the changed file; between related lanes it is a hand-over too.
        met = (
            began is not None
            and began <= before.at
            and after.at - before.at <= at_once
            and not lanes.are_related(before.lane, after.lane)
        )
        if met or _by_turns(once, before, after, window):
            one, other = sorted((before.lane, after.lane))
            found.setdefault((one, other), []).extend((before, after))
    return list(found.items())


def _by_turns(touches: list[Touch], before: Touch, after: Touch, window: float) -> bool:
    return any(touch.lane == after.lane and touch.at < before.at and after.at - touch.at <= window for touch in touches)


def _told(other: str, runs: list[list[Touch]], lanes: Lanes) -> Raised:
    first = min((run[1] for run in runs), key=lambda touch: touch.at)
    names = list(dict.fromkeys(_name(run[0].path) for run in runs))
    more = len(names) - 1
    what = names[0] + (f" and {more} more {'file' if more == 1 else 'files'}" if more else "")
    evidence = tuple(
        Evidence(
            f"an edit of {touch.path} by {lanes.name(touch.lane)} was refused because the file had changed"
            if touch.is_refused
            else f"{lanes.name(touch.lane)} wrote {touch.path}",
            touch.at,
            touch.transcript,
            touch.offset,
        )
        for run in runs
        for touch in dict.fromkeys(run[:2] + run[-2:])
    )
    them = "them" if more else "it"
    title = f"this lane and {other} both write {what}, so one may overwrite what the other wrote in {them}"
    return COLLISION.raised(other, Severity.WARN, first.at, title, evidence)


def _name(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]
