"""One lane as one line of the table."""

from __future__ import annotations

from dataclasses import replace

from tui.agents.registry import AGENTS
from tui.model.finding import Severity
from tui.model.frozen import frozen
from tui.model.snapshot import Lane, LaneState, Trust
from tui.text.cell_width import width
from tui.text.format import age, money, rate, tokens
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, bar, blank, column, fit_line, joined, line_width, own, spark, word
from tui.view.findings import glyph_of as severity_glyph
from tui.view.flags import LOOP, LOOP_ASCII, Flag
from tui.view.repetition import meter, role_of, row_words
from tui.view.states import glyph_of, word_of

GAP = 1
NAME_MIN, NAME_MAX = 23, 60
DOING_CELLS = 26
"""Room for `npm install ×12 same error`."""
SPARK_MIN, SPARK_MAX = 12, 24
MODEL_CELLS, AGENT_CELLS = 13, 20
BURN_STEPS = 5


@frozen
class Column:
    """One column: its id, its title and its width in cells."""

    id: str
    title: SafeText
    cells: int
    right: bool = False


_FIXED = {
    "state": Column("state", own(""), 3),
    "word": Column("word", own("STATE"), 9),
    "project": Column("project", own("PROJECT"), 14),
    "agent": Column("agent", own("MODEL"), MODEL_CELLS),
    "id": Column("id", own("ID"), 25),
    "burn": Column("burn", own("BURN/h"), 7, right=True),
    "bar": Column("bar", own(""), 6),
    "spark": Column("spark", own("RHYTHM"), SPARK_MIN),
    "tokens": Column("tokens", own("TOKENS"), 7, right=True),
    "cost": Column("cost", own("COST"), 7, right=True),
    "context": Column("context", own("CTX"), 5, right=True),
    "rep": Column("rep", own("LOOP"), 5),
    "age": Column("age", own("AGE"), 5, right=True),
}
_ORDER = (
    "state", "word", "id", "name", "project", "agent", "burn", "bar", "spark", "tokens", "cost", "context", "rep",
    "doing", "age",
)  # fmt: skip
WANTED = (
    "state",
    "name",
    "burn",
    "tokens",
    "age",
    "doing",
    "word",
    "rep",
    "spark",
    "agent",
    "bar",
    "cost",
    "context",
    "project",
)
"""By importance: what comes later is the first to go when the pane is narrow."""


def layout(cells: int, wanted: tuple[str, ...] = WANTED) -> tuple[Column, ...]:
    """The columns that fit into `cells`, in their order on the screen."""
    chosen: list[str] = []
    used = 0
    for name in wanted:
        least = _least(name) + GAP
        if used + least > cells:
            break  # what is left makes the columns that tell more wider
        chosen.append(name)
        used += least
    spare = max(0, cells - used)
    spark_cells = SPARK_MIN
    if "spark" in chosen and spare > SPARK_MAX + NAME_MIN:
        spark_cells = SPARK_MAX
        spare -= SPARK_MAX - SPARK_MIN
    agent_cells = MODEL_CELLS
    if "agent" in chosen and spare > AGENT_CELLS + NAME_MIN:
        agent_cells = AGENT_CELLS
        spare -= AGENT_CELLS - MODEL_CELLS
    name_cells = NAME_MIN + min(NAME_MAX - NAME_MIN, spare * 3 // 5 if "doing" in chosen else spare)
    spare -= name_cells - NAME_MIN
    columns: list[Column] = []
    for name in _ORDER:
        if name not in chosen:
            continue
        if name == "name":
            columns.append(Column("name", own("LANE"), name_cells))
        elif name == "doing":
            columns.append(Column("doing", own("DOING"), _least("doing") + spare))
        elif name == "agent":
            title = own("AGENT · MODEL") if agent_cells == AGENT_CELLS else own("MODEL")
            columns.append(Column("agent", title, agent_cells))
        elif name == "spark":
            columns.append(Column("spark", _FIXED["spark"].title, spark_cells))
        else:
            columns.append(_FIXED[name])
    return tuple(columns)


def _least(name: str) -> int:
    return {"name": NAME_MIN, "doing": DOING_CELLS}.get(name) or _FIXED[name].cells


def steady_peak(tokens: int) -> int:
    """The scale of the bars: the fastest burn, rounded up by a sixteenth at most.

    Every bar depends on it: without the rounding each token of the fastest lane would draw all rows anew.
    """
    if tokens <= 0:
        return 0
    step = max(1, 1 << max(0, tokens.bit_length() - 5))
    return -(-tokens // step) * step


def title_line(columns: tuple[Column, ...], cells: int, sort_column: str, *, reverse: bool = False) -> Line:
    """The columns' titles; the one that the order follows is marked."""
    spans: list[Span] = []
    for col in columns:
        marked = col.id == sort_column
        arrow = own("▲") if reverse else own("▼")
        title = joined(col.title, arrow) if marked and width(col.title) < col.cells else col.title
        spans += [column(title, col.cells, "head.sort" if marked else "head", right=col.right), blank(GAP, "head")]
    return fit_line(spans, cells, "head")


@frozen
class RowContext:
    """What a row needs to know beside its lane."""

    now: float
    peak: int
    """Tokens that the fastest shown lane burnt in the window: its bar is full."""
    window: int = 1
    """Index of the burn window that the table shows."""
    fold: str = ""
    """`+` if lanes below it are folded away, `-` if they are shown, empty if there are none."""
    ascii: bool = False
    has_word: bool = False
    """The state stands in words in a column of its own."""
    flag: Flag | None = None
    """Why the row stands out; None: it does not."""
    marked: bool = False
    """The operator marked it for a verb."""


def lane_line(lane: Lane, columns: tuple[Column, ...], row: RowContext, cells: int) -> Line:
    """The lane's row, exactly `cells` wide."""
    row = replace(row, has_word=any(col.id == "word" for col in columns))
    spans: list[Span] = []
    for col in columns:
        cell = _cell(col, lane, row)
        missing = col.cells - line_width(cell)
        spans += [*cell, blank(missing + GAP)] if missing >= 0 else [*fit_line(cell, col.cells), blank(GAP)]
    return fit_line(spans, cells)


def _cell(col: Column, lane: Lane, row: RowContext) -> Line:
    role = f"state.{lane.state}"
    match col.id:
        case "state":
            return (Span(glyph_of(lane.state, ascii=row.ascii), role), *_mark(row))
        case "word":
            return (column(word_of(lane.state), col.cells, role),)
        case "name":
            return _name(lane, row, col.cells)
        case "id":
            return (column(safe_text(lane.id, limit=80), col.cells, "dim"),)
        case "project":
            return (column(safe_text(lane.project, limit=40), col.cells, "dim"),)
        case "agent":
            return _agent(lane, col.cells)
        case "burn":
            return (column(_burn(lane, row), col.cells, _heat(lane, row), right=True),)
        case "bar":
            return bar(_share(lane, row), col.cells, _heat(lane, row))
        case "spark":
            return (spark(lane.spark, col.cells, _heat(lane, row) if _share(lane, row) else "dim"),)
        case "tokens":
            return (column(_tokens(lane), col.cells, "text", right=True),)
        case "cost":
            known = lane.cost_usd is not None
            return (column(money(lane.cost_usd), col.cells, "text" if known else "warn", right=True),)
        case "context":
            return _context(lane, col.cells)
        case "rep":
            return _meter(row, col.cells)
        case "doing":
            if row.flag is not None and _tells_flag(lane, row.flag):
                return _reason(row.flag, col.cells)
            return (column(doing(lane, with_state=not row.has_word), col.cells, _doing_role(lane)),)
        case "age":
            return (column(_age(lane, row.now), col.cells, "dim", right=True),)
        case _:
            return (blank(col.cells),)


def _mark(row: RowContext) -> Line:
    """The flag's mark beside the state: a loop, or how grave it is."""
    flag = row.flag
    gap = word("+", "key") if row.marked else word(" ")
    if flag is None:
        return (gap,) if row.marked else ()
    loop = LOOP_ASCII if row.ascii else LOOP
    glyph = loop if flag.is_loop else severity_glyph(flag.severity, ascii_only=row.ascii)
    return (gap, Span(glyph, flag_role(flag.severity)))


def flag_role(severity: Severity) -> str:
    """Filled for a stop, bold for a warning, quiet otherwise: told apart without colour too."""
    if severity is Severity.STOP:
        return "pill.stop"
    return "loud.warn" if severity is Severity.WARN else "dim"


def _meter(row: RowContext, cells: int) -> Line:
    if row.flag is None or not row.flag.is_loop:
        return (blank(cells),)
    return meter(row.flag.repetition, cells, role_of(row.flag.severity))


def _tells_flag(lane: Lane, flag: Flag) -> bool:
    """Whether the reason is said in the place of what it does: not for trifles, nor where the lane itself asks."""
    if flag.severity is Severity.INFO or lane.control.held is not None:
        return False
    if lane.state in (LaneState.NEEDS_INPUT, LaneState.LIMITED, LaneState.STALLED):
        return False
    return flag.is_loop or flag.severity is Severity.STOP


def _reason(flag: Flag, cells: int) -> Line:
    text = row_words(flag.repetition, cells) if flag.is_loop else flag.title
    return (column(text, cells, flag_role(flag.severity)),)


def name_of(lane: Lane) -> SafeText:
    """What a person calls the lane: its title, else its kind, else its id."""
    if lane.title:
        return safe_text(lane.title, limit=160)
    if lane.agent_type:
        return safe_text(lane.agent_type, limit=60)
    return safe_text(lane.id, limit=80)


def title_of(action_name: str, title: str) -> SafeText:
    """An action's title without the ticket that already names it."""
    return safe_text(title.removeprefix(action_name).lstrip(" :-–—") or title, limit=200)


def model_of(lane: Lane) -> SafeText:
    """The model's name without the vendor's prefix and the date."""
    if not lane.model:
        return own("model ?")
    name = lane.model
    for agent in AGENTS:
        name = name.removeprefix(agent.models.prefix)
    parts = name.split("-")
    if len(parts[-1]) == 8 and parts[-1].isdigit():
        parts.pop()
    return safe_text("-".join(parts), limit=40)


def _name(lane: Lane, row: RowContext, cells: int) -> Line:
    indent = blank(2 * (lane.depth - 1)) if 1 < lane.depth <= 6 else blank(0)
    branch = word("└ ", "dim") if lane.depth else word("", "dim")
    fold = {"+": word("▸ ", "accent"), "-": word("", "dim")}.get(row.fold, word("", "dim"))
    quiet = lane.state in (LaneState.ENDED, LaneState.IDLE, LaneState.CLOSED)
    role = "dim" if quiet else "name.child" if lane.depth else "name"
    kind = Span(safe_text(lane.agent_type, limit=24), "dim") if lane.depth and lane.agent_type and lane.title else None
    spans = [indent, branch, fold, Span(name_of(lane), role)]
    if kind is not None and cells >= 34:
        spans += [word("  "), kind]
    if lane.forked:
        spans += [word("  fork", "accent")]
    return fit_line(spans, cells)


def _agent(lane: Lane, cells: int) -> Line:
    agent = safe_text(lane.agent, limit=12)
    if cells < AGENT_CELLS:
        return fit_line((Span(model_of(lane), f"agent.{agent}"),), cells)
    return fit_line((Span(agent, f"agent.{agent}"), word(" "), Span(model_of(lane), "dim")), cells)


def _burn(lane: Lane, row: RowContext) -> SafeText:
    burn = lane.burn[row.window]
    return rate(burn.tokens_per_hour) if burn.tokens else own("·")


def _share(lane: Lane, row: RowContext) -> float:
    return lane.burn[row.window].tokens / row.peak if row.peak else 0.0


def _heat(lane: Lane, row: RowContext) -> str:
    share = _share(lane, row)
    if share <= 0:
        return "dim"
    return f"burn.{min(BURN_STEPS - 1, int(share * BURN_STEPS))}"


def _tokens(lane: Lane) -> SafeText:
    shown = tokens(lane.usage.total) if lane.calls or lane.usage.total else own("·")
    if Trust.SUSPECT in lane.trust:
        return joined(own("?"), shown)
    return joined(own("≥"), shown) if Trust.PROVISIONAL in lane.trust else shown


def _context(lane: Lane, cells: int) -> Line:
    used, window = lane.context.used, lane.context.window
    if used is None:
        return (column(own("·"), cells, "dim", right=True),)
    if window is None:
        return (column(tokens(used), cells, "dim", right=True),)
    share = used / window
    role = "stop" if share >= 0.9 else "warn" if share >= 0.75 else "dim"
    return (column(SafeText(f"{share:.0%}"), cells, role, right=True),)


def doing(lane: Lane, *, with_state: bool = True) -> SafeText:
    """What it does, asks or did last; `with_state` names the need where no other column does."""
    if lane.control.held is not None or lane.control.overdue:
        words = safe_text(lane.control.words, limit=200)
        return joined(own("! "), words) if lane.control.overdue else words
    if lane.state is LaneState.NEEDS_INPUT:
        asked = next(iter(lane.open_calls), None)
        what = safe_text(f"{asked.tool} {asked.summary}", limit=160) if asked else _why(lane)
        return joined(own("needs you: "), what) if with_state else what
    if lane.state in (LaneState.LIMITED, LaneState.STALLED):
        return _why(lane)
    if lane.open_calls:
        latest = lane.open_calls[-1]
        return safe_text(f"{latest.tool} {latest.summary}", limit=200)
    return safe_text(lane.doing, limit=200)


def _why(lane: Lane) -> SafeText:
    return safe_text(lane.evidence[0].text, limit=200) if lane.evidence else own("")


def _doing_role(lane: Lane) -> str:
    if lane.control.held is not None or lane.control.overdue:
        return "loud.warn" if lane.control.overdue else f"state.{lane.state}"
    if lane.state is LaneState.NEEDS_INPUT:
        return "loud.warn"  # filled where there is no colour: that look belongs to what should be stopped
    if lane.state in (LaneState.LIMITED, LaneState.STALLED):
        return f"state.{lane.state}"
    return "dim" if lane.state in (LaneState.IDLE, LaneState.ENDED) else "text"


def _age(lane: Lane, now: float) -> SafeText:
    return age(now - lane.last_event) if lane.last_event is not None else own("?")
