"""The list of findings: their order, counts and lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from tui.judge.findings.base import WORDS_CELLS
from tui.judge.findings.registry import spec_of
from tui.model.evidence import LaneId
from tui.model.finding import Finding, FindingKind, Severity
from tui.model.frozen import frozen
from tui.model.snapshot import NOT_LOOKED, Fleet, Lane, LaneState
from tui.text.format import age, number
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, column, fit_line, joined, line_width, own, spread, word
from tui.view.finding_text import SEVERITIES, FindingText, glyph_of, kind_words
from tui.view.mutes import Mute, Mutes
from tui.view.states import NEEDING, word_of
from tui.view.states import glyph_of as state_glyph
from tui.view.unjudged import unjudged_words

OVER = (LaneState.ENDED, LaneState.CLOSED)
"""The states of a lane that does nothing more."""
FindingId = tuple[LaneId | None, str, float | None]


@frozen
class ListedFinding:
    """A finding with the lane to which it leads, and its mute."""

    finding: Finding
    lane: LaneId | None
    """The lane that opens with the finding."""
    mute: Mute | None = None

    @property
    def id(self) -> FindingId:
        """Identifies the finding as long as it holds."""
        return self.finding.lane, self.finding.key, self.finding.until

    @property
    def is_heard(self) -> bool:
        """True if it is open and not muted."""
        return self.finding.is_open and self.mute is None


def listed_findings(fleet: Fleet, mutes: Mutes) -> tuple[ListedFinding, ...]:
    """All findings: open ones (most severe first, then newest), ended ones, muted ones."""
    leads = lanes_of_families(fleet)
    made = [ListedFinding(finding, _lead(finding, leads), mutes.muted(finding)) for finding in fleet.findings]
    heard = sorted((entry for entry in made if entry.mute is None), key=lambda entry: severity_key(entry.finding))
    past = [ListedFinding(finding, _lead(finding, leads)) for finding in fleet.past_findings]
    return (*heard, *past, *(entry for entry in made if entry.mute is not None))


def severity_key(finding: Finding) -> tuple[int, float, str]:
    """A sort key: most severe first, then newest."""
    return -finding.severity.rank, -(finding.since or 0.0), finding.key


@frozen
class NeedingLane:
    """A lane that needs a person by its state, such as one that a usage limit stopped, and that has no finding."""

    needing: Lane

    @property
    def lane(self) -> LaneId:
        """The lane's id."""
        return self.needing.id

    @property
    def id(self) -> FindingId:
        """Identifies it as long as the state lasts."""
        return self.needing.id, self.needing.state.value, None

    @property
    def headline(self) -> SafeText:
        """`limited: usage limit reached; resets in 12 min`."""
        evidence = self.needing.evidence
        why = safe_text(evidence[0].text, limit=160) if evidence else own("")
        return joined(word_of(self.needing.state), own(": "), why)


Visit = ListedFinding | NeedingLane
"""What the key for the next finding goes to."""


def walk_order(
    entries: Iterable[ListedFinding], lanes: Mapping[LaneId, Lane], rows: Sequence[LaneId] = ()
) -> list[Visit]:
    """The findings that hold and are not muted, in the order in which an operator goes through them.

    Those of lanes that still live come first: what should be stopped, then lanes that wait for a person, then the rest.
    Equal ones have the order of their lanes in `rows`, the rows of the table from top to bottom, where a folded lane
    counts as the one above it; those of one row, or without a row, have the newest first. Lanes that need a person by
    their state, as at a usage limit, are among those that wait for one. What is of the past is left out.
    """
    place_of = {lane: place for place, lane in enumerate(rows)}

    def place(entry: Visit) -> tuple[bool, int, int, int, float, str]:
        row = _row_of(entry.lane, place_of, lanes)
        if isinstance(entry, NeedingLane):
            asks = entry.needing.state is LaneState.NEEDS_INPUT
            return False, -Severity.WARN.rank, 0 if asks else 1, row, -(entry.needing.state_since or 0.0), entry.lane
        finding = entry.finding
        lane = lanes.get(entry.lane) if entry.lane is not None else None
        is_over = lane is not None and lane.state in OVER
        asks = spec_of(finding.kind).is_told_by_state
        rank, newest, key = severity_key(finding)
        return is_over, rank, 0 if asks else 2, row, newest, key

    listed = list(entries)
    heard = [entry for entry in listed if entry.is_heard and not is_of_the_past(entry, lanes)]
    # A muted finding that says what the state says is no reason to go there, either.
    reached = {entry.lane for entry in listed if entry.is_heard or spec_of(entry.finding.kind).is_told_by_state}
    needing = [NeedingLane(lane) for lane in lanes.values() if lane.state in NEEDING and lane.id not in reached]
    return sorted([*heard, *needing], key=place)


def is_of_the_past(entry: ListedFinding, lanes: Mapping[LaneId, Lane]) -> bool:
    """Whether a finding has ended, or its lane has, so that nobody can do anything about it any more.

    In a replay the lanes' own time goes on. What says that a lane ended with work half done is not past.
    """
    lane = lanes.get(entry.lane) if entry.lane is not None else None
    if not entry.finding.is_open or lane is None:
        return not entry.finding.is_open
    return lane.state in OVER and lane.recording != NOT_LOOKED and entry.finding.kind is not FindingKind.HARD_STOP


def _row_of(lane: LaneId | None, rows: Mapping[LaneId, int], lanes: Mapping[LaneId, Lane]) -> int:
    """The place of the lane's row, or of the nearest lane above it that has one; else a place after all rows."""
    above = lanes.get(lane) if lane is not None else None
    while above is not None and above.id not in rows:
        above = lanes.get(above.parent) if above.parent is not None else None
    return rows[above.id] if above is not None else len(rows)


def next_to_visit(
    order: Sequence[Visit], visited: Collection[FindingId], last: FindingId | None, *, back: bool = False
) -> Visit | None:
    """The finding to go to next: the one after the `last` one, and after all the first. `back`: the one before it.

    None is skipped, but a new one that comes before the last one in the order is next. None: no findings.
    """
    if not order:
        return None
    places = [entry.id for entry in order]
    at = places.index(last) if last in places else None
    if back:
        return order[-1 if at is None else at - 1]
    new = next((entry for entry in order[:at] if entry.id not in visited), None)
    if new is not None:
        return new
    return order[0 if at is None else (at + 1) % len(order)]


def past_words(entries: Iterable[ListedFinding], lanes: Mapping[LaneId, Lane]) -> SafeText:
    """`; 2 past findings, f lists them`; empty without any."""
    past = sum(entry.mute is None and is_of_the_past(entry, lanes) for entry in entries)
    if not past:
        return own("")
    return own("; 1 past finding") if past == 1 else joined(own("; "), number(past), own(" past findings"))


def lanes_of_families(fleet: Fleet) -> dict[str, LaneId]:
    """The lane of the newest member of each family."""
    return {family.id: family.members[-1].lane for family in fleet.families if family.members}


def _lead(finding: Finding, families: Mapping[str, LaneId]) -> LaneId | None:
    if finding.lane is not None or finding.family is None:
        return finding.lane
    return families.get(finding.family)


def of_lane(lane: LaneId, entries: Sequence[ListedFinding]) -> tuple[ListedFinding, ...]:
    """The open findings of a lane, those that are not muted first."""
    return tuple(entry for entry in entries if entry.lane == lane and entry.finding.is_open)


def counts(entries: Sequence[ListedFinding]) -> dict[Severity, int]:
    """The number of open findings that are not muted, by severity, most severe first.

    Severities without any are left out, and so are findings that the state of their lane shows: see `counts_by_state`.
    """
    made = dict.fromkeys(SEVERITIES, 0)
    for entry in entries:
        if entry.is_heard and not spec_of(entry.finding.kind).is_told_by_state:
            made[entry.finding.severity] += 1
    return {severity: count for severity, count in made.items() if count}


def header_counts(entries: Sequence[ListedFinding]) -> dict[Severity, int]:
    """As `counts`, for the header: without severity info, and without findings that the header counts as states."""
    return {severity: count for severity, count in counts(entries).items() if severity is not Severity.INFO}


def counts_by_state(entries: Iterable[ListedFinding]) -> dict[FindingKind, int]:
    """The number of open findings that are not muted and that the lane's state shows, by kind: `needs you`."""
    kinds = (entry.finding.kind for entry in entries if entry.is_heard)
    return dict(Counter(kind for kind in kinds if spec_of(kind).is_told_by_state))


def walked(entry: Visit, order: Sequence[Visit], *, is_over: bool = False) -> SafeText:
    """The place in the order: `2 of 3 to look at · looping: npm install failed 12 times`. `is_over`: its lane ended."""
    place = next((index for index, each in enumerate(order, 1) if each.id == entry.id), 0)
    over = own("ended lane · " if is_over else "")
    where = joined(number(place), own(" of "), number(len(order)), own(" to look at · "), over)
    return joined(where, entry.headline if isinstance(entry, NeedingLane) else FindingText(entry.finding).headline)


def count_words(entries: Sequence[ListedFinding]) -> Line:
    """`2 stop · 1 warn · 3 past · 2 muted`."""
    spans: list[Span] = []
    for severity, count in counts(entries).items():
        look = SEVERITIES[severity]
        spans += [Span(joined(number(count), own(" "), look.word), look.role), word(" · ", "dim")]
    for kind, count in counts_by_state(entries).items():
        spans += [Span(joined(number(count), own(" "), kind_words(kind)), "warn"), word(" · ", "dim")]
    past = sum(not entry.finding.is_open for entry in entries)
    muted = sum(entry.mute is not None for entry in entries)
    for count, name in ((past, own(" past")), (muted, own(" muted"))):
        if count:
            spans += [Span(joined(number(count), name), "dim"), word(" · ", "dim")]
    return tuple(spans[:-1]) if spans else (word("no findings", "dim"),)


@frozen
class EntryRow:
    """The facts that a line of the list shows besides its finding."""

    name: SafeText
    """The lane's name; empty for a finding of the whole fleet."""
    now: float
    ascii: bool = False


NARROW = 70
"""Below this width the list leaves out titles and tokens."""


def entry_line(entry: ListedFinding, row: EntryRow, cells: int) -> Line:
    """One line of the list, exactly `cells` wide: severity, kind, lane, title, tokens since, age, verb."""
    finding = entry.finding
    text = FindingText(finding)
    look = text.look
    loud = entry.is_heard
    role = look.role if loud else "dim"
    when = finding.since if finding.is_open else finding.until
    spent = column(text.spent, 7, "text" if loud else "dim", right=True)
    right = (
        *((spent,) if cells >= NARROW else ()),
        column(age(row.now - when) if when is not None else own("?"), 6, "dim", right=True),
        word("  "),
        column(_last_word(entry), 9, "key" if loud else "dim"),
    )
    room = cells - line_width(right) - 1
    lane_cells = max(12, room // 4) if cells >= NARROW else max(0, room - WORDS_CELLS - 5)
    words: list[Span] = [
        word(" "), Span(_glyph(finding, ascii_only=row.ascii), role), word(" "),
        column(text.kind, WORDS_CELLS, f"loud.{role}" if loud else "dim"), word(" "),
        column(row.name, lane_cells, "strong" if loud else "dim"), word(" "),
        Span(_title(entry), "text" if loud else "dim"),
    ]  # fmt: skip
    return (*fit_line(words, room), word(" "), *right)


def _glyph(finding: Finding, *, ascii_only: bool) -> SafeText:
    """The glyph of the severity; that of the state if the lane needs you, since the header counts it apart."""
    if finding.kind is FindingKind.NEEDS_INPUT:
        return state_glyph(LaneState.NEEDS_INPUT, ascii=ascii_only)
    return glyph_of(finding.severity, ascii_only=ascii_only)


def _last_word(entry: ListedFinding) -> SafeText:
    if entry.mute is not None:
        return own("muted")
    if not entry.finding.is_open:
        return own("ended")
    return FindingText(entry.finding).suggest


def _title(entry: ListedFinding) -> SafeText:
    title = FindingText(entry.finding).title
    if entry.mute is None:
        return title
    return joined(own("“"), safe_text(entry.mute.reason, limit=120), own("” · "), title)


def head_line(entries: Sequence[ListedFinding], cells: int, missing: int = 0) -> Line:
    """The title of the list. `missing` lanes are not judged, so that their findings are not known."""
    columns = (
        *((column(own("TOKENS"), 7, "head", right=True),) if cells >= NARROW else ()),
        column(own("AGE"), 6, "head", right=True), word("  ", "head"), column(own("SUGGESTS"), 9, "head"),
    )  # fmt: skip
    counted = count_words(entries) if entries or not missing else ()
    parts = [*counted, *([word(" · ", "dim")] if counted and missing else [])]
    if missing:
        parts.append(Span(unjudged_words(missing), "dim"))
    return spread((word(" FINDINGS  ", "section"), *parts), columns, cells)


def empty_list(cells: int, missing: int = 0) -> list[Line]:
    """The text of an empty list. `missing` lanes are not judged."""
    if missing:
        words = joined(own(" nothing found so far: "), unjudged_words(missing))
        return [fit_line((Span(words, "dim"),), cells)]
    return [
        fit_line((word(" no findings: no lane loops, none waits for you", "dim"),), cells),
    ]
