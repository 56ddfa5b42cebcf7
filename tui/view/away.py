"""What happened in the fleet between two pictures of it: since the operator looked away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from tui.judge.findings.registry import spec_of
from tui.model.cost import NO_COST, Cost
from tui.model.evidence import LaneId
from tui.model.finding import Severity
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane, LaneState
from tui.model.trust import Trust
from tui.model.usage import ZERO
from tui.text.cell_width import width
from tui.text.format import age, clock, compact, hour, number
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, column, fit_line, joined, own, word
from tui.view.doubt import at_least, cost_role, cost_words, doubted
from tui.view.finding_text import SEVERITIES, FindingText
from tui.view.findings import OVER, ListedFinding
from tui.view.names import name_of
from tui.view.states import glyph_of, word_of

_DONE = (LaneState.WAITING, LaneState.IDLE, *OVER)
_STOPPED = (LaneState.LIMITED, LaneState.STALLED)
_LEAST_SEVERITY = Severity.WARN
DAY_S = 86400


class What(StrEnum):
    """What happened to a lane, in the order of the list."""

    ASKS = "asks"
    """It needs the operator now, and began to since then."""
    ASKED = "asked"
    """It needs the operator now, and did so then."""
    WRONG = "wrong"
    """It has a new finding of severity warn or stop, or a limit or a stall stopped it."""
    HOLDS = "holds"
    """It has such a finding that held before, and it is not over or did something."""
    FINISHED = "finished"
    """It worked and waits for a prompt now, or it ended."""
    NEW = "new"
    """It began since then."""
    WORKED = "worked"
    """It used tokens; nothing else happened."""
    RECOUNTED = "recounted"
    """Tokens of lanes that are gone, that were found later or that were counted again: not spent since then, or not
    known to be."""


_ASKING = (What.ASKS, What.ASKED)
_PLACES = {what: place for place, what in enumerate(What)}


@frozen
class AwayRow:
    """One row: a lane, or the sum of several lanes."""

    what: What
    lanes: tuple[Lane, ...]
    """The lane as it is now; several in a row of sums; none for a finding of all lanes."""
    before: LaneState | None = None
    """The state then; None: the lane was not known."""
    tokens: int | None = 0
    """Spent since then; None: unknown. Negative only if `what` is RECOUNTED."""
    cost: Cost = NO_COST
    is_lower_bound: bool = False
    """True if `tokens` is a lower bound."""
    entry: ListedFinding | None = None
    """The most severe new finding; for HOLDS the most severe one that holds."""

    @property
    def lane(self) -> Lane | None:
        """The lane to which the row leads; None for a sum."""
        return self.lanes[0] if self.lanes and self.what not in (What.WORKED, What.RECOUNTED) else None


@frozen
class Away:
    """What happened between two pictures, which were taken at `since` and `until` (seconds UTC)."""

    since: float
    until: float
    rows: tuple[AwayRow, ...]
    severities: tuple[tuple[Severity, int], ...] = ()
    """The number of new findings of each severity, most severe first."""

    @property
    def _spent(self) -> Iterator[AwayRow]:
        return (row for row in self.rows if row.what is not What.RECOUNTED)

    @property
    def tokens(self) -> int:
        """All tokens that are known to be spent since then."""
        return sum(row.tokens or 0 for row in self._spent)

    @property
    def is_lower_bound(self) -> bool:
        """True if `tokens` is a lower bound."""
        return any(row.tokens is None or row.is_lower_bound for row in self._spent)

    @property
    def cost(self) -> Cost:
        """The cost of these tokens."""
        return sum((row.cost for row in self._spent), NO_COST)

    def count(self, what: What) -> int:
        """The number of rows of a kind."""
        return sum(row.what is what for row in self.rows)


def away_between(before: Fleet, now: Fleet, entries: Sequence[ListedFinding]) -> Away:
    """Compares two pictures of the fleet. `entries` are the findings of `now`.

    The tokens of all rows together are the difference of the lanes' sums.
    """
    known = {lane.id: lane for lane in before.lanes}
    fresh = _new_findings(before, now, known, entries)
    worst: dict[LaneId | None, ListedFinding] = {}
    for entry in fresh:
        worst.setdefault(entry.lane, entry)
    held = _held(entries)
    rows: list[AwayRow] = []
    recounted: list[tuple[Lane, int]] = []
    for lane in now.lanes:
        then = known.pop(lane.id, None)
        tokens = lane.usage.total - (then.usage.total if then is not None else 0)
        is_spent = tokens >= 0 and (then is not None or not _is_found_late(before, lane))
        if not is_spent:
            recounted.append((lane, tokens))
        row = _row(before, lane, then, tokens if is_spent else None, worst.get(lane.id), held.get(lane.id))
        if row is not None:
            rows.append(row)
    recounted += [(lane, -lane.usage.total) for lane in known.values()]
    if None in worst:
        rows.append(AwayRow(What.WRONG, (), entry=worst[None]))
    told = sorted((row for row in rows if row.what is not What.WORKED), key=_place)
    sums = [*_worked([row for row in rows if row.what is What.WORKED]), *_recounted(recounted)]
    counts = tuple(
        (severity, count) for severity in SEVERITIES if (count := sum(e.finding.severity is severity for e in fresh))
    )
    return Away(before.at, now.at, (*told, *sums), counts)


def _held(entries: Iterable[ListedFinding]) -> dict[LaneId | None, ListedFinding]:
    """The most severe finding of severity warn or stop that each lane has now."""
    held: dict[LaneId | None, ListedFinding] = {}
    for entry in entries:  # most severe first
        finding = entry.finding
        is_severe = finding.severity.rank >= _LEAST_SEVERITY.rank
        if entry.is_heard and is_severe and not spec_of(finding.kind).is_told_by_state:
            held.setdefault(entry.lane, entry)
    return held


def _new_findings(
    before: Fleet, now: Fleet, known: dict[LaneId, Lane], entries: Iterable[ListedFinding]
) -> list[ListedFinding]:
    """The findings that began since then, ended ones included, the most severe first."""
    held = {(finding.lane, finding.key) for finding in before.findings}
    gone = {lane for lane in known if not known[lane].judged}

    def is_new(entry: ListedFinding) -> bool:
        finding = entry.finding
        if entry.mute is not None or finding.severity.rank < _LEAST_SEVERITY.rank:
            return False
        if spec_of(finding.kind).is_told_by_state:
            return False
        if not finding.is_open or finding.lane in gone:
            return finding.since is not None and finding.since >= before.at
        return (finding.lane, finding.key) not in held

    return sorted((entry for entry in entries if is_new(entry)), key=lambda entry: -entry.finding.severity.rank)


def _is_found_late(before: Fleet, lane: Lane) -> bool:
    """Whether a lane that was not known then may have spent its tokens before.

    What a fork copied is not counted as its own, so that an earlier start says nothing once everything had been read.
    """
    if lane.started is None or lane.started >= before.at:
        return False
    return not (lane.forked and before.scan.complete)


def _row(
    before: Fleet,
    lane: Lane,
    then: Lane | None,
    tokens: int | None,
    entry: ListedFinding | None,
    held: ListedFinding | None,
) -> AwayRow | None:
    """The row of a lane; None if nothing happened to it. `entry` is a new finding, `held` one that holds."""
    what = _what(before, lane, then, tokens, entry)
    if held is not None and (what is What.WORKED or (what is None and then is not None and lane.state not in OVER)):
        what, entry = What.HOLDS, held
    if what is None:
        return None
    cost = _cost_since(then, lane) if tokens is not None else Cost(0.0, 0, 1)
    bound = bool(tokens) and Trust.PROVISIONAL in lane.trust
    return AwayRow(what, (lane,), then.state if then is not None else None, tokens, cost, bound, entry)


def _what(before: Fleet, lane: Lane, then: Lane | None, tokens: int | None, entry: ListedFinding | None) -> What | None:
    if lane.state is LaneState.NEEDS_INPUT:
        return What.ASKED if _asked_before(before, lane, then) else What.ASKS
    if entry is not None:
        return What.WRONG
    acted = lane.last_event is not None and lane.last_event >= before.at
    if then is None:
        if not acted and tokens is None:
            return None  # an old lane that was found later
        if lane.state in _STOPPED:
            return What.WRONG
        return What.FINISHED if lane.state in _DONE else What.NEW
    if lane.state in _STOPPED and then.state is not lane.state:
        return What.WRONG
    ended = lane.state in OVER and then.state not in OVER
    if ended or (lane.state in _DONE and (then.state not in _DONE or bool(tokens))):
        return What.FINISHED
    return What.WORKED if tokens else None


def _asked_before(before: Fleet, lane: Lane, then: Lane | None) -> bool:
    """Whether a lane that needs the operator has done so without a break since then."""
    began = lane.waits_since or lane.state_since
    return then is not None and then.state is LaneState.NEEDS_INPUT and (began is None or began < before.at)


def _cost_since(then: Lane | None, lane: Lane) -> Cost:
    """The cost of the tokens that a lane spent since then; a lower bound if a model that it used has no price."""
    shares = {share.model: share for share in then.models} if then is not None else {}
    usd, parts, is_whole = 0.0, 0, True
    for share in lane.models:
        old = shares.get(share.model)
        if share.usage == (old.usage if old is not None else ZERO):
            continue
        parts = 1
        already = 0.0 if old is None else old.cost_usd
        if share.cost_usd is None or already is None or share.cost_usd < already:
            is_whole = False
        else:
            usd += share.cost_usd - already
    return Cost(usd, parts if is_whole else 0, parts)


def _place(row: AwayRow) -> tuple[int, int, float]:
    """A sort key: lanes that ask by how long they wait, the others by severity and tokens."""
    severity = row.entry.finding.severity.rank if row.entry is not None else 0
    if row.what in _ASKING and row.lane is not None:
        return _PLACES[row.what], 0, row.lane.waits_since or row.lane.state_since or 0.0
    return _PLACES[row.what], -severity, -(row.tokens or 0)


def _worked(rows: Sequence[AwayRow]) -> Iterator[AwayRow]:
    if rows:
        lanes = tuple(lane for row in rows for lane in row.lanes)
        tokens, cost = sum(row.tokens or 0 for row in rows), sum((row.cost for row in rows), NO_COST)
        bound = any(row.is_lower_bound for row in rows)
        yield AwayRow(What.WORKED, lanes, tokens=tokens, cost=cost, is_lower_bound=bound)


def _recounted(parts: Sequence[tuple[Lane, int]]) -> Iterator[AwayRow]:
    moved = [(lane, tokens) for lane, tokens in parts if tokens]
    if moved:
        yield AwayRow(What.RECOUNTED, tuple(lane for lane, _ in moved), tokens=sum(tokens for _, tokens in moved))


# -- words ----------------------------------------------------------------------------------------

WIDE_FROM = 90
"""From this width on a row has the words for both states and the lane's last words."""
_NARROW_WHAT, _WHAT, _STATES, _GLYPHS, _TOKENS, _COST = 12, 16, 22, 5, 7, 9


def away_words(away: Away, key: SafeText, cells: int) -> SafeText:
    """One line: `away 12m: 1 asks you, 1 new stop, 2 finished, 3.4M tok, $2.10 · . shows it`.

    Parts are left out from the end until it fits `cells`; the key that shows the list stays.
    """
    parts = [text for text, _ in _parts(away)]
    for count in range(len(parts), 0, -1):
        line = _away_line(away, parts[:count], key)
        if width(line) <= cells:
            return line
    return _away_line(away, parts[:1], key)


def _away_line(away: Away, parts: Sequence[SafeText], key: SafeText) -> SafeText:
    lead = joined(own("away "), age(away.until - away.since), own(": "))
    if not parts:
        return joined(lead, own("nothing happened"))
    rest = [joined(own(", "), part) for part in parts[1:]]
    return joined(lead, parts[0], *rest, own(" · "), key, own(" shows it"))


def _parts(away: Away) -> list[tuple[SafeText, str]]:
    """What is counted, with a role: asks, findings, stopped lanes, finished, new, tokens, cost."""
    made = [(joined(number(count), name), role) for count, name, role in _counts(away) if count]
    if away.tokens or away.is_lower_bound:
        tokens = at_least(compact(away.tokens), is_lower_bound=away.is_lower_bound)
        made += [(joined(tokens, own(" tok")), "strong"), (cost_words(away.cost), cost_role(away.cost))]
    return made


def _counts(away: Away) -> Iterator[tuple[int, SafeText, str]]:
    asks, asked = away.count(What.ASKS), away.count(What.ASKED)
    yield asks, own(" asks you" if asks == 1 else " ask you"), "loud.warn"
    yield asked, own(" still asks you" if asked == 1 else " still ask you"), "loud.warn"
    for severity, count in away.severities:
        look = SEVERITIES[severity]
        yield count, joined(own(" new "), look.word), f"loud.{look.role}"
    for severity, look in SEVERITIES.items():
        count = sum(
            row.what is What.HOLDS and row.entry is not None and row.entry.finding.severity is severity
            for row in away.rows
        )
        yield count, joined(own(" "), look.word, own(" from before")), f"loud.{look.role}"
    for state in _STOPPED:
        stopped = sum(row.what is What.WRONG and row.lane is not None and row.lane.state is state for row in away.rows)
        yield stopped, joined(own(" "), word_of(state)), f"state.{state}"
    yield away.count(What.FINISHED), own(" finished"), "text"
    began = away.count(What.NEW)
    yield began, own(" new lane" if began == 1 else " new lanes"), "text"


def away_title(away: Away) -> SafeText:
    """`14:05 to 14:17, 12m`: the time of which the list tells what happened."""
    gone = away.until - away.since
    at = clock(away.since) if gone >= DAY_S else hour(away.since)
    return joined(at, own(" to "), hour(away.until), own(", "), age(gone))


def away_head(away: Away, cells: int) -> list[Line]:
    """The lines above the list: what is counted, and the headings."""
    parts: list[Span] = [word(" you looked away: " if cells >= WIDE_FROM else " ", "dim")]
    for text, role in _parts(away) or [(own("nothing happened"), "dim")]:
        parts += [*([word(" · ", "dim")] if len(parts) > 1 else []), Span(text, role)]
    what, name, states, words = _widths(cells)
    head = [
        word(" "), column(own("WHAT"), what, "head"), word(" "), column(own("LANE"), name, "head"), word(" "),
        column(own("STATE"), states, "head"), column(own("TOKENS"), _TOKENS, "head", right=True), word(" "),
        column(own("COST"), _COST, "head", right=True), word("  "), column(own("LAST WORDS"), words, "head"),
    ]  # fmt: skip
    return [fit_line(parts, cells), (), fit_line(head, cells)]


def away_line(row: AwayRow, cells: int, *, ascii_only: bool = False) -> Line:
    """One row of the list, exactly `cells` wide."""
    what, name, states, words = _widths(cells)
    dim = row.what in (What.WORKED, What.RECOUNTED)
    text, role = _what_words(row)
    spans = (
        word(" "), column(text, what, role), word(" "), column(_name(row), name, "dim" if dim else "strong"),
        word(" "), *fit_line(_states(row, wide=cells >= WIDE_FROM, ascii_only=ascii_only), states),
        column(_tokens(row), _TOKENS, "dim" if dim else "text", right=True), word(" "),
        column(_cost(row), _COST, "dim" if dim else cost_role(row.cost), right=True), word("  "),
        column(_last_words(row), words, "dim" if dim else "text"),
    )  # fmt: skip
    return fit_line(spans, cells)


def _widths(cells: int) -> tuple[int, int, int, int]:
    """The cells for what happened, the name, the states and the last words."""
    what = _WHAT if cells >= 70 else _NARROW_WHAT
    states = _STATES if cells >= WIDE_FROM else _GLYPHS + 1
    room = cells - (1 + what + 1 + 1 + states + _TOKENS + 1 + _COST)
    if cells < WIDE_FROM:
        return what, max(4, room), states, 0
    name = max(16, (room - 2) * 2 // 5)
    return what, name, states, max(0, room - 2 - name)


def _what_words(row: AwayRow) -> tuple[SafeText, str]:
    severe = row.entry.finding.severity if row.entry is not None else None
    match row.what:
        case What.ASKS if severe is Severity.STOP:
            return joined(own("asks, "), SEVERITIES[severe].word), "loud.stop"
        case What.ASKS:
            return own("asks you"), "loud.warn"
        case What.ASKED:
            return own("still asks"), "loud.warn"
        case What.WRONG | What.HOLDS if row.entry is not None:
            text = FindingText(row.entry.finding)
            return text.kind, f"loud.{text.look.role}"
        case What.WRONG if row.lane is not None:
            return word_of(row.lane.state), f"state.{row.lane.state}"
        case What.FINISHED:
            return own("finished"), "good"
        case What.NEW:
            return own("new lane"), "accent"
        case What.WORKED:
            return own("worked"), "dim"
        case _:
            return own("counted anew"), "dim"


def _name(row: AwayRow) -> SafeText:
    if row.lane is not None:
        return name_of(row.lane)
    if not row.lanes:
        return own("all lanes")
    count = joined(number(len(row.lanes)), own(" lane") if len(row.lanes) == 1 else own(" lanes"))
    return joined(count, own(": gone, found later or counted again")) if row.what is What.RECOUNTED else count


def _states(row: AwayRow, *, wide: bool, ascii_only: bool) -> Line:
    """The state then and the state now: `● working → ◐ waiting`, or their glyphs."""
    lane = row.lane
    if lane is None:
        return ()
    now = Span(word_of(lane.state) if wide else glyph_of(lane.state, ascii=ascii_only), f"state.{lane.state}")
    if row.before is lane.state:
        return (now,)
    if row.before is None:
        before = Span(own("new") if wide else own("+"), "dim")
    else:
        before = Span(word_of(row.before) if wide else glyph_of(row.before, ascii=ascii_only), "dim")
    return (before, word(" → ", "dim"), now)


def _tokens(row: AwayRow) -> SafeText:
    if row.what is What.RECOUNTED and (row.tokens or 0) < 0:
        return joined(own("-"), compact(-(row.tokens or 0)))
    if row.lane is not None and row.tokens:
        return doubted(compact(row.tokens), row.lane.trust)
    return at_least(compact(row.tokens), is_lower_bound=row.is_lower_bound)


def _cost(row: AwayRow) -> SafeText:
    return own("") if row.what is What.RECOUNTED or not row.lanes else cost_words(row.cost, _COST)


def _last_words(row: AwayRow) -> SafeText:
    """What it asks, why it is stopped, what was found, or what it did last."""
    lane = row.lane
    if row.what in (What.WRONG, What.HOLDS) and row.entry is not None:
        return FindingText(row.entry.finding).title
    if lane is None:
        return own("")
    if row.what in _ASKING and lane.pending:
        return safe_text(lane.pending[0].text, limit=200)
    if row.what in _ASKING and lane.open_calls:
        return safe_text(f"{lane.open_calls[0].tool} {lane.open_calls[0].summary}", limit=200)
    if row.what in (*_ASKING, What.WRONG) and lane.evidence:
        return safe_text(lane.evidence[0].text, limit=200)
    return safe_text(lane.doing, limit=200)
