"""The page of all usage: sums, a calendar of days, the weeks by model, and a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from tui.history.sync import Coverage
from tui.history.usage import By, Per, Used, total
from tui.text.format import compact, percent
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, beside, blank, column, in_rows, joined, line_width, own, word
from tui.view.doubt import at_least, cost_role, cost_words
from tui.view.names import model_name
from tui.view.usage import usage_lines

SIDE_BY_SIDE = 110
"""From this width in cells on, the weeks stand beside the calendar."""
DAY_CELLS, NAME_CELLS = 2, 5
MOST_WEEKS, WEEKS_BESIDE = 53, 26
WEEKS_SHOWN = 8
LONG_AGO_DAYS = 120
LEVELS = (("░", "burn.0"), ("▒", "burn.1"), ("▓", "burn.2"), ("█", "burn.4"))
"""The days with usage in four groups of the same size, from the least tokens to the most."""
MODELS = (("█", "accent"), ("▓", "usage.cache_write"), ("▒", "usage.output"), ("░", "usage.input"))
"""The looks of the most used models in the bars of weeks. They differ without colour, too."""
OTHERS = ("·", "dim")
WEEKDAYS = ("Mon", "", "Wed", "", "Fri", "", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def usage_page(
    days: Sequence[Used],
    weeks: Sequence[Used],
    rows: Sequence[Used],
    per: Per | None,
    by: By | None,
    today: date,
    cells: int,
    unread: date | None = None,
) -> list[Line]:
    """The page, each line at most `cells` wide.

    Args:
        days: the usage of each day.
        weeks: the usage of each week by model.
        rows: the usage that the table shows, by `per` and `by`.
        per: the periods of the table.
        by: the groups of the table.
        today: the local day.
        cells: the width.
        unread: the last day of which calls may not be counted yet; None: all are counted.
    """
    if not days:
        return [(word("no usage yet: no transcript was found" if unread is None else "reading all transcripts"),)]
    if unread is not None:
        weeks, rows = ([_unsure(row, unread) for row in some] for some in (weeks, rows))
    sums = _sums(days, today, cells, unread)
    last = _last_day(days, today)
    if cells >= SIDE_BY_SIDE:
        left = NAME_CELLS + WEEKS_BESIDE * DAY_CELLS
        above = beside(calendar(days, last, left), week_bars(weeks, cells - left - 3), left, cells - left - 3)
    else:
        above = [*calendar(days, last, cells), (), *week_bars(weeks, cells)]
    heading = safe_text(f"PER {per.value.upper()}" if per is not None else "ALL TIME")
    if by is not None:
        heading = joined(heading, own(" BY "), safe_text(by.value.upper()))
    newest = sorted(rows, key=_newest_first)
    return [*sums, (), *above, (), (Span(heading, "section"),), *usage_lines(newest, per, by, cells)]


def coverage_words(coverage: Coverage) -> Line:
    """How much of the transcripts is counted, and from which day on all of it is; empty if all are counted."""
    last = day_of(coverage)
    if last is None:
        return ()
    read = 1 - coverage.left_bytes / max(1, coverage.total_bytes)
    since = own("")
    if last < date.max:
        first = last + timedelta(days=1)
        since = safe_text(f", complete since {first.day} {MONTHS[first.month - 1]} {first.year}")
    return (Span(joined(percent(min(read, 0.99)), own(" of the history read"), since), "warn"),)


def day_of(coverage: Coverage) -> date | None:
    """The last local day of which calls may not be counted; None: all are counted."""
    if coverage.since is None:
        return None
    try:
        return datetime.fromtimestamp(coverage.since).astimezone().date()
    except (OverflowError, OSError, ValueError):
        return date.max


def _unsure(row: Used, unread: date) -> Used:
    """The row, as a lower bound if its period has a day of which calls may not be counted."""
    return row._replace(is_lower_bound=True) if row.start is None or row.start <= unread else row


def _last_day(days: Sequence[Used], today: date) -> date:
    """The last day of the calendar: today, or the last day with usage if that is long ago."""
    newest = max((day.start for day in days if day.start is not None), default=today)
    return newest if (today - newest).days > LONG_AGO_DAYS else today


def _newest_first(row: Used) -> tuple[int, int]:
    return -(row.start.toordinal() if row.start is not None else 0), -row.usage.total


def _sums(days: Sequence[Used], today: date, cells: int, unread: date | None) -> list[Line]:
    monday = today - timedelta(days=today.weekday())
    parts = (("today", today), ("this week", monday), ("this month", today.replace(day=1)), ("all", None))
    figures: list[list[Span]] = []
    for name, since in parts:
        found = [day for day in days if since is None or (day.start is not None and day.start >= since)]
        whole = total(found)
        if unread is not None and (since is None or since <= unread):
            whole = whole._replace(is_lower_bound=True)
        tokens = at_least(compact(whole.usage.total), is_lower_bound=whole.is_lower_bound)
        cost = cost_words(whole.cost, is_lower_bound=whole.is_lower_bound)
        figures.append([
            Span(safe_text(f"{name} "), "dim"), Span(tokens, "strong"), word(" tok ", "dim"),
            Span(cost, cost_role(whole.cost)),
        ])  # fmt: skip
    return in_rows([tuple(spans) for spans in figures], cells, 3)


# -- the calendar -------------------------------------------------------------------------------------


def calendar(days: Iterable[Used], last: date, cells: int) -> list[Line]:
    """The tokens of each day: a column for each week, as many as fit. `last` is the last day."""
    count = max(1, min(MOST_WEEKS, (cells - NAME_CELLS) // DAY_CELLS))
    first = last - timedelta(days=last.weekday(), weeks=count - 1)
    tokens = {day.start: day.usage.total for day in days if day.start is not None}
    levels = _levels({day: used for day, used in tokens.items() if first <= day <= last})
    lines: list[Line] = [(word("DAYS", "section"),), (blank(NAME_CELLS), Span(_months(first, count), "dim"))]
    for weekday, name in enumerate(WEEKDAYS):
        spans = [column(safe_text(name), NAME_CELLS, "dim")]
        for week in range(count):
            day = first + timedelta(days=weekday, weeks=week)
            if day > last:
                break
            glyph, role = LEVELS[levels[day]] if day in levels else OTHERS
            spans.append(Span(safe_text(glyph + " "), role))
        lines.append(tuple(spans))
    legend = [
        word("less ", "dim"),
        *(Span(safe_text(glyph + " "), role) for glyph, role in LEVELS),
        word("more", "dim"),
    ]
    return [*lines, (blank(NAME_CELLS), *legend)]


def _levels(tokens: Mapping[date, int]) -> dict[date, int]:
    """The level of each day with usage."""
    ordered = sorted((used, day) for day, used in tokens.items() if used > 0)
    return {day: len(LEVELS) * place // len(ordered) for place, (_, day) in enumerate(ordered)}


def _months(first: date, weeks: int) -> SafeText:
    text = ""
    month = 0
    for week in range(weeks):
        day = first + timedelta(weeks=week)
        fits = len(text) <= week * DAY_CELLS <= weeks * DAY_CELLS - len(MONTHS[0])
        if day.month != month and fits:
            text = text.ljust(week * DAY_CELLS) + MONTHS[day.month - 1] + " "
            month = day.month
    return safe_text(text.rstrip())


# -- the weeks ----------------------------------------------------------------------------------------


def week_bars(weeks: Sequence[Used], cells: int) -> list[Line]:
    """The last weeks with usage, the newest first: a bar made of the models, tokens and cost."""
    starts = sorted({row.start for row in weeks if row.start is not None}, reverse=True)[:WEEKS_SHOWN]
    shown = [row for row in weeks if row.start in starts]
    by_model: Counter[SafeText] = Counter()
    for row in shown:
        by_model[_model(row)] += row.usage.total
    looks = {name: look for (name, _), look in zip(by_model.most_common(len(MODELS)), MODELS, strict=False)}
    wholes = {start: total([row for row in shown if row.start == start]) for start in starts}
    most = max((whole.usage.total for whole in wholes.values()), default=0)
    figures = {start: _figures(whole) for start, whole in wholes.items()}
    room = max(8, cells - 8 - max((line_width(one) for one in figures.values()), default=0))
    lines: list[Line] = [(word("WEEKS", "section"), word("  by model", "dim"))]
    for start in starts:
        name = safe_text(f"{start.day:>2} {MONTHS[start.month - 1]} ")
        rows = sorted((row for row in shown if row.start == start), key=lambda row: _place(row, looks))
        lines.append((Span(name, "dim"), *_stacked(rows, looks, most, room), *figures[start]))
    legend = [(Span(safe_text(glyph), role), word(" "), Span(name, "dim")) for name, (glyph, role) in looks.items()]
    if len(by_model) > len(looks):
        legend.append((Span(safe_text(OTHERS[0]), OTHERS[1]), word(" "), word("others", "dim")))
    return [*lines, *in_rows(legend, cells, 2)]


def _model(row: Used) -> SafeText:
    return model_name(row.group.name if row.group is not None else None)


def _place(row: Used, looks: Mapping[SafeText, tuple[str, str]]) -> int:
    names = list(looks)
    name = _model(row)
    return names.index(name) if name in names else len(names)


def _figures(whole: Used) -> Line:
    tokens = at_least(compact(whole.usage.total), is_lower_bound=whole.is_lower_bound)
    cost = cost_words(whole.cost, is_lower_bound=whole.is_lower_bound)
    return (word(" "), column(tokens, 7, right=True), word(" "), column(cost, 9, cost_role(whole.cost), right=True))


def _stacked(rows: Sequence[Used], looks: Mapping[SafeText, tuple[str, str]], most: int, cells: int) -> Line:
    """One bar of `cells`, with a part for each model. Each model that was used has one cell at least, if they fit."""
    used = [row for row in rows if row.usage.total > 0]
    length = max(round(cells * sum(row.usage.total for row in used) / most) if most else 0, min(cells, len(used)))
    spans: list[Span] = []
    spent = drawn = 0
    left = sum(row.usage.total for row in used)
    for place, row in enumerate(used):
        spent += row.usage.total
        last = max(drawn, length - (len(used) - place - 1))  # the others need a cell each
        end = min(last, max(drawn + 1, round(length * spent / left)))
        glyph, role = looks.get(_model(row), OTHERS)
        spans.append(Span(safe_text(glyph * (end - drawn)), role))
        drawn = end
    return (*spans, blank(cells - drawn))
