"""The whole document: what the reader sees first, and all parts in the order of reading."""

from __future__ import annotations

from tui.model.event import Skip
from tui.model.evidence import Evidence, LaneId
from tui.model.finding import Family
from tui.model.frozen import frozen
from tui.model.snapshot import LaneState, Trust
from tui.model.usage import Usage
from tui.report.document.actions import Run
from tui.report.document.endings import Closeout, Coverage, Found, Gap, HalfDone, Line, Retention, StopPoint
from tui.report.document.figures import Figures, Note, Numbered, Table, Window
from tui.report.document.timeline import Timeline


@frozen
class LaneRow:
    """One lane. Lanes stand in tree order, a parent before its children."""

    id: LaneId
    parent: LaneId | None
    depth: int
    agent: str
    title: str
    project: str
    models: tuple[str, ...]
    """By tokens, the most used first; a call without a model's name is of `?`."""
    state: LaneState
    """At the end of the window."""
    figures: Figures
    tree: Usage
    """This lane's usage and that of all below it."""
    share: float | None
    burn: float | None
    """Tokens per hour over the window of the report."""
    own_burn: float | None
    """Tokens per hour over the lane's own duration."""
    actions: int
    context_first: int | None
    """Tokens in the model's context at the first call: what each call costs before any work."""
    context_last: int | None
    context_most: int | None
    context_window: int | None
    compactions: int
    trust: tuple[Trust, ...]
    digest: Digest


@frozen
class Verdict:
    """The whole report in one to three sentences."""

    sentences: tuple[str, ...]
    quiet: bool
    """True if there is nothing to say: no finding asks for a hand on any lane."""


@frozen
class Head:
    """What the reader sees first."""

    title: str
    window: Window
    verdict: Verdict
    figures: Figures
    burn: float | None
    """Tokens per hour, all lanes together."""
    lanes: int
    actions: int
    agents: Table
    sequences: tuple[Numbered, ...]
    masked: int
    """Secrets in the texts of this document; every format masks them."""
    skipped: tuple[Skip, ...]
    """What could not be read; the newest ones, `skipped_lines` counts all."""
    skipped_lines: int
    notes: tuple[Note, ...]
    version: str
    """Of lanewatch."""


@frozen
class Digest:
    """What a lane did, in a few lines."""

    files: tuple[str, ...] = ()
    files_count: int = 0
    commands: tuple[str, ...] = ()
    """Programs and subcommands, the most frequent first."""
    checks: tuple[Line, ...] = ()
    """The last run of each check."""
    last_words: Line | None = None
    """What the lane said last."""


@frozen
class Source:
    """A transcript. Evidence names it by `ref`: `T2:48213` is byte 48213 of the second one."""

    ref: str
    path: str
    lanes: tuple[LaneId, ...]


@frozen
class Report:
    """The whole document."""

    head: Head
    models: Table
    commands: Table
    """By slash command: `/test --args` belongs to `/test`."""
    issues: Table
    """By the ticket in an action's name."""
    lanes: tuple[LaneRow, ...]
    timeline: Timeline
    runs: tuple[Run, ...]
    """Lines of work, the one that spent most first."""
    families: tuple[Family, ...]
    findings: tuple[Found, ...]
    """In the order of time, ended ones too."""
    stop: StopPoint | None
    coverage: tuple[Coverage, ...]
    gaps: tuple[Gap, ...]
    closeouts: tuple[Closeout, ...]
    retention: Retention
    half_done: tuple[HalfDone, ...]
    sources: tuple[Source, ...]

    def ref(self, evidence: Evidence) -> str:
        """Where it stands, as `T2:48213`; empty if it points nowhere."""
        if evidence.path is None or evidence.offset is None:
            return ""
        found = next((source.ref for source in self.sources if source.path == evidence.path), "")
        return f"{found}:{evidence.offset}" if found else ""

    def lane(self, lane: LaneId | None) -> LaneRow | None:
        """The lane of this id."""
        return next((row for row in self.lanes if row.id == lane), None)
