"""The HTML page of a report: its sections, their content, and the anchors of its links.

Anchors are made of our own words and numbers, never of a transcript's text.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property
from hashlib import sha256
from typing import Any

from jinja2 import Environment, pass_environment
from markupsafe import Markup

from tui.model.evidence import Evidence, LaneId
from tui.model.finding import Family, FindingKind, Member, Severity
from tui.model.frozen import frozen
from tui.model.trust import Trust
from tui.report import charts, display_text
from tui.report.charts import (
    FILLS,
    MOMENT_LOOKS,
    ActionsChart,
    BurnChart,
    ContextChart,
    Share,
    TimeScale,
    actions_chart,
    burn_chart,
    context_chart,
    parts_of,
    time_scale,
)
from tui.report.display_text import is_one_day, shown, shown_path
from tui.report.document import (
    ActionRow,
    Advice,
    CoverageRow,
    FigureTable,
    FindingRow,
    HalfKind,
    LaneRow,
    LineOfWork,
    Moment,
    MomentKind,
    Phase,
    Report,
    Tick,
)
from tui.report.render import COMMON, MOST_CHARS, NUMBERS, TEMPLATES, digits, environment, number_value
from tui.view.finding_text import SEVERITIES, FindingText, kind_words
from tui.view.names import title_of
from tui.view.states import LOOKS as STATES

RUNS_SHOWN = 12
"""The most lines of work that are shown in full; the others are summed in one table."""
ACTIONS_SHOWN = 200
"""The most actions in the table of a line of work: those with most tokens."""
LANES_SHOWN = 60
"""The most lanes that are listed by name: those with most tokens. The others are summed."""
FINDINGS_SHOWN = 80
"""The most findings that are shown with their evidence: the most severe ones, then those with most tokens after
them."""
FAMILIES_SHOWN = 12
DIGESTS_SHOWN = 24
MOMENTS_SHOWN = 300
"""The most rows of moments. If there are more, actions are left out first."""
DEEPEST = 4
GRID_COLUMNS = 44
"""The most actions in one grid of checks. Further actions are in another grid, so that each fits on paper."""


@frozen
class Section:
    """One section: its anchor, its title, the text shown if it is empty, and the test for that."""

    id: str
    title: str
    empty: str
    is_full: Callable[[Page], object]


@frozen
class Ref:
    """A place in a transcript: the transcript's anchor and short name, and the byte."""

    anchor: str
    name: str
    offset: int


@frozen
class Column:
    """The head of a column in a table."""

    title: str
    is_number: bool
    hint: str


def columns(*titles: str) -> list[Column]:
    """The heads of columns. `#` marks a column of numbers; a text behind `: ` explains the column."""
    made: list[Column] = []
    for title in titles:
        name, _, hint = title.removeprefix("#").partition(": ")
        made.append(Column(name, title.startswith("#"), hint))
    return made


class Page:
    """One report while its page is drawn."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.one_day = is_one_day(report.head.window)
        self.lanes = {row.id: row for row in report.lanes}
        self.listed = frozenset(row.id for row in _largest(report.lanes, LANES_SHOWN))
        """The lanes listed by name."""
        self.actions: dict[tuple[LaneId, int], str] = {}
        """Anchors of the actions that are listed, by lane and index."""
        self._named_actions: dict[tuple[LaneId | None, str], str] = {}
        """The same by lane and name, and by name alone (lane None) for the first action of that name."""
        for number, run in enumerate(report.runs[:RUNS_SHOWN], 1):
            for index, row in self.listed_actions(run):
                anchor = f"action-{number}-{index + 1}"
                self.actions[row.lane, row.index] = anchor
                self._named_actions.setdefault((row.lane, row.name), anchor)
                self._named_actions.setdefault((None, row.name), anchor)
        self.found = _shown_findings(report.findings)
        """The shown findings, each with its anchor, in time order."""
        self.family_anchors = {family.id: f"family-{index}" for index, family in enumerate(report.families, 1)}
        self._lane_anchors = {
            row.id: f"lane-{index}" for index, row in enumerate(report.lanes, 1) if row.id in self.listed
        }
        self.sources = {
            source.path: (f"transcript-{index}", source.ref) for index, source in enumerate(report.sources, 1)
        }

    # -- links ----------------------------------------------------------------------------------

    @property
    def full(self) -> list[Section]:
        """The sections that are not empty, in reading order."""
        return [section for section in SECTIONS if section.is_full(self)]

    @property
    def empty(self) -> list[Section]:
        """The empty sections."""
        return [section for section in SECTIONS if not section.is_full(self)]

    def section(self, id: str) -> Section:
        """The section of this anchor."""
        return next(one for one in SECTIONS if one.id == id)

    def lane_anchor(self, lane: LaneId | None) -> str | None:
        """The anchor of a lane; None if it is not listed."""
        return self._lane_anchors.get(lane) if lane is not None else None

    def lane_name(self, lane: LaneId | None) -> str:
        """The raw title of a lane, else its id."""
        if lane is None:
            return "all lanes"
        row = self.lanes.get(lane)
        return row.title if row is not None and row.title else lane

    def action_anchor(self, lane: LaneId | None, name: str) -> str | None:
        """The anchor of an action by its name; None if it is not listed."""
        return self._named_actions.get((lane, name)) or self._named_actions.get((None, name))

    def refs(self, evidence: Iterable[Evidence | None]) -> list[Ref]:
        """The places of the evidence, each once; evidence without a place is left out."""
        found: dict[Ref, None] = {}
        for one in evidence:
            if one is not None and one.path in self.sources and one.offset is not None:
                found[Ref(*self.sources[one.path], one.offset)] = None
        return list(found)

    # -- drawings -------------------------------------------------------------------------------

    @cached_property
    def burn(self) -> BurnChart | None:
        """The drawing of the burn."""
        return burn_chart(self.report, self.found, one_day=self.one_day)

    @cached_property
    def contexts(self) -> ContextChart | None:
        """The drawing of the contexts."""
        return context_chart(self.report, one_day=self.one_day)

    @cached_property
    def window_scale(self) -> TimeScale | None:
        """The scale of the whole window."""
        window = self.report.head.window
        return time_scale(window.start, window.end, one_day=self.one_day)

    @property
    def usage_parts(self) -> list[Share]:
        """All tokens by class."""
        usage = self.report.head.figures.usage
        return parts_of((
            ("cache reads", usage.cache_read, "u-cache-read", "#55647a"),
            ("cache writes", usage.cache_write, "u-cache-write", "#692fa5"),
            ("input", usage.input, "u-input", "#02629c"), ("output", usage.output, "u-output", "#5c6413"),
        ))  # fmt: skip

    @property
    def fresh_parts(self) -> list[Share]:
        """All tokens by class, without cache reads."""
        return parts_of((part.name, part.count, part.look, part.fill) for part in self.usage_parts[1:])

    @property
    def stop_parts(self) -> list[Share]:
        """Tokens before and after the stop; empty without one."""
        stop, total = self.report.stop, self.report.head.figures.usage.total
        if stop is None:
            return []
        return parts_of(
            (
                ("before the stop", max(0, total - stop.all_tokens), "s0", "#2d52b3"),
                ("after it, other lanes", max(0, stop.all_tokens - stop.tokens), "s-rest", "gray"),
                ("after it, the lanes that went in circles", stop.tokens, "s-stop", "#b50133"),
            )
        )

    @property
    def has_advice(self) -> bool:
        """Whether any action has an advice."""
        return any(one.actions for one in self.report.retention.counts)

    @property
    def advice_tokens(self) -> int:
        """Tokens of all actions with an advice."""
        return sum(one.tokens for one in self.report.retention.counts)

    @property
    def advice_parts(self) -> list[Share]:
        """Tokens of actions by the advice on their record, in the order of `Retention.counts`."""
        return parts_of(
            (ADVICE[one.advice], one.tokens, *_ADVICE_LOOKS[one.advice]) for one in self.report.retention.counts
        )

    def fill(self, index: int) -> str:
        """The colour of a lane for a reader without the style sheet."""
        return FILLS[index % len(FILLS)]

    def actions_chart(self, run: LineOfWork) -> ActionsChart | None:
        """The drawing of the actions of a line of work."""
        return actions_chart(run, self.report.stop)

    # -- selections ------------------------------------------------------------------------------

    def listed_actions(self, run: LineOfWork) -> list[tuple[int, ActionRow]]:
        """The actions that the table of a line of work shows, in order, each with its index."""
        rows = list(enumerate(run.actions))
        if len(rows) <= ACTIONS_SHOWN:
            return rows
        most = sorted(rows, key=lambda row: -row[1].figures.usage.total)[:ACTIONS_SHOWN]
        return sorted(most, key=lambda row: row[0])

    def title_of(self, action: ActionRow) -> str:
        """The raw title of an action, without the ticket that is its name."""
        return title_of(action.name, action.title)

    def has_family(self, run: LineOfWork) -> bool:
        """Whether one of its actions is a member of a family."""
        return any(action.family is not None for action in run.actions)

    def buying_phases(self, run: LineOfWork) -> list[Phase]:
        """The phases with new things or checks."""
        return [phase for phase in run.phases if phase.new_things.total or phase.new_things.check_runs]

    def is_open(self, run: LineOfWork) -> bool:
        """Whether a line of work is shown unfolded: the first one, one of several phases, or the one with the stop."""
        stop = self.report.stop
        has_stop = stop is not None and any(
            action.name == stop.action and stop.finding.lane in (None, action.lane) for action in run.actions
        )
        return run is self.report.runs[0] or has_stop or len(run.phases) > 1

    @property
    def families(self) -> list[Family]:
        """The shown families, in their order: those with most tokens."""
        most = sorted(self.report.families, key=lambda family: -family.tokens)[:FAMILIES_SHOWN]
        return [family for family in self.report.families if family in most]

    @property
    def other_families(self) -> list[Family]:
        """The families that are not shown."""
        shown = self.families
        return [family for family in self.report.families if family not in shown]

    def tokens_of(self, families: Sequence[Family]) -> int:
        """The tokens of several families."""
        return sum(family.tokens for family in families)

    def took(self, member: Member) -> float | None:
        """The duration of a member, in seconds."""
        return member.ended - member.started if member.started is not None and member.ended is not None else None

    @property
    def severities(self) -> list[tuple[Severity, int]]:
        """The number of findings of each severity, most severe first."""
        counts = Counter(found.finding.severity for found in self.report.findings)
        return [(severity, counts[severity]) for severity in SEVERITIES if counts[severity]]

    @property
    def other_findings(self) -> list[tuple[FindingKind, int]]:
        """Kinds of the findings that are not shown, with how many there are."""
        shown = {id(found) for _, found in self.found}
        kinds = Counter(found.finding.kind for found in self.report.findings if id(found) not in shown)
        return kinds.most_common()

    @property
    def named_lanes(self) -> list[LaneRow]:
        """Lanes by name, in tree order."""
        return [lane for lane in self.report.lanes if lane.id in self.listed]

    @property
    def other_lanes(self) -> list[LaneRow]:
        """Lanes that are summed in one line."""
        return [lane for lane in self.report.lanes if lane.id not in self.listed]

    def indent(self, lane: LaneRow) -> int:
        """The depth at which a lane is drawn in the tree."""
        return max(0, min(lane.depth, DEEPEST))

    def counts_tools(self, table: FigureTable) -> bool:
        """Whether the rows of a table count tool calls."""
        return any(row.figures.tool_calls for row in table.rows)

    def sum_of(self, lanes: Sequence[LaneRow]) -> dict[str, float | None]:
        """Sums of several lanes; the exact cost is unknown if one of them is, the share if all of them are."""
        costs = [lane.figures.cost_usd for lane in lanes]
        known = [cost for cost in costs if cost is not None]
        shares = [lane.share for lane in lanes if lane.share is not None]
        return {
            "tokens": sum(lane.figures.usage.total for lane in lanes),
            "share": sum(shares) if shares else None,
            "cost": sum(known) if len(known) == len(costs) else None,
            "priced": sum(lane.figures.priced_usd for lane in lanes),
            "actions": sum(lane.actions for lane in lanes),
            "calls": sum(lane.figures.calls for lane in lanes),
        }

    @property
    def digests(self) -> list[LaneRow]:
        """Lanes that are described in a few lines: those with most tokens, in tree order."""
        told = [lane for lane in self.named_lanes if _says_something(lane)]
        most = {lane.id for lane in _largest(told, DIGESTS_SHOWN)}
        return [lane for lane in told if lane.id in most]

    @property
    def moments(self) -> list[Moment]:
        """The shown moments in time order. If there are too many, actions are left out."""
        moments = self.report.timeline.moments
        if len(moments) <= MOMENTS_SHOWN:
            return list(moments)
        ranked = sorted(enumerate(moments), key=lambda each: (each[1].kind is MomentKind.ACTION, each[0]))
        return [moment for _, moment in sorted(ranked[:MOMENTS_SHOWN], key=lambda each: each[0])]

    @property
    def moments_left_out(self) -> int:
        """The number of moments that are not shown."""
        timeline = self.report.timeline
        return len(timeline.moments) - len(self.moments) + timeline.left_out

    @property
    def has_marked_moments(self) -> bool:
        """Whether the burn has a row of marks for acts of an operator and of the service."""
        return any(moment.kind in MOMENT_LOOKS for moment in self.report.timeline.moments)

    @property
    def burn_total(self) -> int:
        """Tokens of all series of the burn."""
        return sum(sum(series.values) for series in self.report.timeline.series)

    @property
    def unnamed_lanes(self) -> int:
        """Lanes without a series of their own in the burn."""
        return max(0, len(self.lanes) - sum(series.lane is not None for series in self.report.timeline.series))

    def grids(self, rows: Sequence[CoverageRow]) -> list[Sequence[CoverageRow]]:
        """The rows of a coverage, divided into grids."""
        return [rows[low : low + GRID_COLUMNS] for low in range(0, len(rows), GRID_COLUMNS)]


ADVICE = {Advice.KEEP: "keep", Advice.MOSTLY: "keep mostly", Advice.COMPRESS: "compress", Advice.ARCHIVE: "archive"}
_ADVICE_LOOKS = {
    Advice.KEEP: ("s0", "#2d52b3"),
    Advice.MOSTLY: ("s1", "#5c8fd6"),
    Advice.COMPRESS: ("s6", "#7a5c28"),
    Advice.ARCHIVE: ("s-rest", "gray"),
}


def _largest(lanes: Sequence[LaneRow], most: int) -> Sequence[LaneRow]:
    return sorted(lanes, key=lambda row: -row.figures.usage.total)[:most] if len(lanes) > most else lanes


def _shown_findings(findings: Sequence[FindingRow]) -> list[tuple[str, FindingRow]]:
    numbered = list(enumerate(findings, 1))
    if len(numbered) > FINDINGS_SHOWN:
        most_severe = sorted(numbered, key=lambda each: _severity_key(each[1]), reverse=True)[:FINDINGS_SHOWN]
        numbered = sorted(most_severe, key=lambda each: each[0])
    return [(f"finding-{index}", found) for index, found in numbered]


def _severity_key(found: FindingRow) -> tuple[int, int]:
    return found.finding.severity.rank, found.finding.tokens_since or 0


def _says_something(lane: LaneRow) -> bool:
    digest = lane.digest
    return bool(digest.files_count or digest.commands or digest.checks or digest.last_words)


def _has_tokens(page: Page) -> bool:
    report = page.report
    tables = (report.head.agents, report.models, report.commands, report.issues)
    return bool(report.head.figures.usage.total or any(table.rows for table in tables))


SECTIONS = (
    Section(
        "timeline", "Timeline", "Nothing in it has both a time and tokens: there is no timeline.",
        lambda page: page.burn or page.contexts or page.report.timeline.moments,
    ),
    Section("phases", "Phases and actions", "There is no action.", lambda page: page.report.runs),
    Section("stop", "The stop", "No finding said stop.", lambda page: page.report.stop),
    Section(
        "families", "Families", "No three actions in a row shared a proof shape: there is no family.",
        lambda page: page.report.families,
    ),
    Section("findings", "Findings", "Nothing was found.", lambda page: page.report.findings),
    Section("tokens", "Tokens", "No token was spent.", _has_tokens),
    Section("lanes", "Lanes", "There is no lane.", lambda page: page.report.lanes),
    Section(
        "coverage", "Coverage and gaps",
        "No check was seen to run, and nothing was declared that was not done.",
        lambda page: any(one.columns and one.rows for one in page.report.coverage) or page.report.gaps,
    ),
    Section("closeout", "Closeout", "There is no line of work to close.", lambda page: page.report.closeouts),
    Section("half-done", "Half done", "Nothing was left half done.", lambda page: page.report.half_done),
    Section(
        "retention", "What to keep", "There is no record of actions to keep.",
        lambda page: page.has_advice or page.report.retention.chatter.messages,
    ),
    Section(
        "sources", "Sources", "No transcript was read.",
        lambda page: page.report.head.notes or page.report.sources or page.report.head.skipped_lines,
    ),
)  # fmt: skip
"""The sections in reading order."""


# -- drawing ---------------------------------------------------------------------------------------


def html_report(report: Report) -> str:
    """The report as one HTML file, to be written as UTF-8.

    It contains no script and loads nothing; its policy forbids both.
    """
    return html_environment().get_template("report.html.j2").render(report=report, page=Page(report))


@pass_environment  # this keeps it from being evaluated when a template is compiled
def html_value(_: Environment, value: object) -> str:
    """The text that a template prints for a value, before it is escaped.

    Raises:
        TypeError: it is neither a text nor a number.
    """
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return shown(str(value), limit=MOST_CHARS)
    return number_value(value)


def share_as_length(share: float) -> str:
    """A length across in parts of a hundred: 0.125 is `12.5%`."""
    return f"{digits(share * 100)}%"


def line(points: Iterable[tuple[float, float]]) -> Markup:
    """A path through these points, of digits and the letters of a path; empty if there are none."""
    steps = " L".join(f"{digits(float(x))} {digits(float(y))}" for x, y in points)
    return Markup(f"M{steps}" if steps else "")  # noqa: S704 (made of numbers, and longer than a text may be)


def area(points: Iterable[tuple[float, float]]) -> Markup:
    """A path around these points."""
    return line(points) + "Z"


def bounded(share: float | None) -> float:
    """A share between 0 and 1; unknown is 0."""
    return min(1.0, max(0.0, share)) if share is not None else 0.0


def short(raw: str, limit: int) -> str:
    """A text cut to `limit` characters."""
    return shown(str(raw), limit=limit)


def stamp(at: float | None, one_day: bool) -> str:
    """A time, with its date unless the report covers one day."""
    return display_text.short_stamp(at, one_day=one_day)


_HTML: dict[str, Callable[..., Any]] = {
    "short": short, "short_path": shown_path, "stamp": stamp, "machine_time": display_text.machine_time,
    "pct": share_as_length, "line": line, "area": area, "bounded": bounded,
}  # fmt: skip
_HALVES = {
    HalfKind.OPEN_CALL: "call without a result", HalfKind.CUT_OFF: "cut off", HalfKind.PLAN: "plan not done",
    HalfKind.UNCHECKED_EDIT: "edit without a check", HalfKind.FAILING_CHECK: "check still fails",
    HalfKind.CLAIM: "claim without evidence",
}  # fmt: skip
_DOUBTS = {Trust.SUSPECT: "suspect", Trust.PROVISIONAL: "lower bound", Trust.UNPRICED: "no price"}
_TICKS = {
    Tick.PASSED: {"glyph": "✓", "word": "passed", "look": "tick-passed"},
    Tick.FAILED: {"glyph": "✗", "word": "failed", "look": "tick-failed"},
    Tick.UNCLEAR: {"glyph": "~", "word": "ran, unclear", "look": "tick-unclear"},
    Tick.MISSING: {"glyph": "·", "word": "not run", "look": "tick-missing"},
}
_PX = {
    "phases": charts.STRIP_PX, "gap": charts.GAP_PX, "burn": charts.BURN_PX, "context": charts.CONTEXT_PX,
    "bars": charts.BARS_PX, "novelty": charts.NOVELTY_PX, "member": charts.MEMBER_PX, "units": charts.UNITS,
}  # fmt: skip


@cache
def html_environment() -> Environment:
    """Templates of the HTML page."""
    sheet = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    digest = b64encode(sha256(sheet.encode()).digest()).decode()
    # Nothing may be loaded or run. The style sheet is named by its hash, so that no other style has an effect.
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return environment(html_value, NUMBERS | COMMON | _HTML, {
        "policy": policy, "px": _PX, "columns": columns, "member_bars": charts.member_bars, "kind_words": kind_words,
        "finding_text": FindingText, "severities": SEVERITIES, "states": STATES, "ticks": _TICKS,
        "halves": _HALVES, "doubts": _DOUBTS, "advice": ADVICE,
    })  # fmt: skip
