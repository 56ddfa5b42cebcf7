"""The report as a document, before any format: what stands in it, in the order of reading.

Every text is raw and untrusted, as in the model: a format passes each one through `tui.text.safe_text`, which masks
secrets too. Times are seconds UTC, durations seconds, counts tokens unless a name says otherwise. None is unknown and
is shown as unknown, never as zero. What a list leaves out is counted beside it.
"""

from __future__ import annotations

from tui.report.document.actions import ActionRow, Advice, Phase, Run, Truth, TruthKind, Truths
from tui.report.document.endings import (
    AdviceCount,
    Cell,
    Chatter,
    CheckColumn,
    Closeout,
    Coverage,
    CoverageRow,
    Found,
    Gap,
    HalfDone,
    HalfKind,
    Line,
    Retention,
    Saving,
    StopPoint,
    Tick,
)
from tui.report.document.figures import Figures, Note, Numbered, Row, Table, Window, burn_of, share_of
from tui.report.document.report import Digest, Head, LaneRow, Report, Source, Verdict
from tui.report.document.timeline import ContextSeries, Moment, MomentKind, Sample, Series, Timeline

__all__ = [
    "ActionRow",
    "Advice",
    "AdviceCount",
    "Cell",
    "Chatter",
    "CheckColumn",
    "Closeout",
    "ContextSeries",
    "Coverage",
    "CoverageRow",
    "Digest",
    "Figures",
    "Found",
    "Gap",
    "HalfDone",
    "HalfKind",
    "Head",
    "LaneRow",
    "Line",
    "Moment",
    "MomentKind",
    "Note",
    "Numbered",
    "Phase",
    "Report",
    "Retention",
    "Row",
    "Run",
    "Sample",
    "Saving",
    "Series",
    "Source",
    "StopPoint",
    "Table",
    "Tick",
    "Timeline",
    "Truth",
    "TruthKind",
    "Truths",
    "Verdict",
    "Window",
    "burn_of",
    "share_of",
]
