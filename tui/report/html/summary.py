"""The first screen: what it is about, the verdict, the figures that matter, and where it could have been stopped."""

from __future__ import annotations

from tui.model.finding import FindingKind
from tui.report.document import Head, Note, Numbered, StopPoint
from tui.report.html.chart_rows import Part, parts_bar, swatch
from tui.report.html.markup import Child, Markup, element, group, link_to
from tui.report.html.parts import (
    counted,
    head_cell,
    listed,
    note,
    number_cell,
    number_column,
    row,
    said,
    table,
    text_column,
)
from tui.report.html.places import Places
from tui.report.html.sections import SOURCES, STOP
from tui.report.html.times import stamp, timed
from tui.report.shown import exact, length, rounded, shown
from tui.text.format import UNKNOWN, money
from tui.text.format import duration as duration_words
from tui.text.format import percent as percent_words
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import joined, number, own

NOTES_SHOWN = 3
_SPENT = {False: own(". What came after cost "), True: own(". What came after within the window cost ")}


def summary(places: Places) -> Markup:
    """The head of the page."""
    head = places.report.head
    return element(
        "header",
        element("p", own("Postmortem"), class_="kicker"),
        element("h1", said(head.title or "A run", 160)),
        _window(head),
        _verdict(head),
        _figures(places),
        stop_panel(places, places.report.stop) if places.report.stop is not None else None,
        _sequences(head),
        _doubts(head),
        class_="first",
    )


def _window(head: Head) -> Markup:
    window = head.window
    if window.start is None or window.end is None:
        when = group(own("nothing in it states a time"))
    else:
        end = timed(window.end, one_day=stamp(window.start)[:10] == stamp(window.end)[:10])
        begin = element("time", stamp(window.start), datetime=_machine(window.start))
        when = group(begin, own(" to "), end, own(" UTC"))
    parts = [
        when,
        group(length(window.duration_s), _in_hours(window.duration_s)),
        group(counted(head.lanes, "lane", "lanes")),
        group(counted(head.actions, "action", "actions")),
    ]
    asked = _asked(head)
    return element("p", listed(parts, " · "), asked, class_="window")


def _in_hours(seconds: float | None) -> SafeText | None:
    """The same in hours, as rates are told by it."""
    return shown(f" ({seconds / 3600:.3f} h)") if seconds is not None and seconds >= 3600 else None


def _machine(at: float) -> SafeText:
    return shown(stamp(at).replace(" ", "T") + "Z")


def _asked(head: Head) -> Markup | None:
    """The part that was asked for, if it was not all."""
    window = head.window
    if window.asked_from is None and window.asked_to is None:
        return None
    start = stamp(window.asked_from) if window.asked_from is not None else own("its beginning")
    end = stamp(window.asked_to) if window.asked_to is not None else own("its end")
    return group(own(" · asked for: from "), start, own(" to "), end)


def _verdict(head: Head) -> Markup:
    look = own("◆") if not head.verdict.quiet else own("○")
    if not head.verdict.sentences:
        return element("p", own("There is nothing to say."), class_="verdict quiet")
    mark = element("span", look, own(" "), class_="verdict-mark", aria_hidden="true")
    first, *others = head.verdict.sentences
    more = [element("span", said(sentence, 500), own(" ")) for sentence in others]
    return group(
        element("p", mark, said(first, 500), class_="verdict quiet" if head.verdict.quiet else "verdict"),
        element("p", *more, class_="verdict-more") if more else None,
    )  # fmt: skip


def _figures(places: Places) -> Markup:
    head = places.report.head
    used = head.figures.usage
    stop = places.report.stop
    fresh = joined(rounded(used.fresh), own(" of them fresh"))
    boxes = [
        _box("Tokens", rounded(used.total), exact(used.total), fresh),
        _box("Burn", joined(rounded(head.burn), own("/h")), _an_hour(head.burn), own("over the whole window")),
        _box("Cost", money(head.figures.cost_usd), _cost_words(head), None),
        _box(
            "Model calls", number(head.figures.calls), counted(head.figures.tool_calls, "tool call", "tool calls"),
            joined(number(head.figures.errors), own(" failed")),
        ),
        _box(
            "After the stop", rounded(stop.tokens) if stop is not None else own("none"),
            joined(percent_words(stop.share), own(" of all tokens")) if stop is not None else own("nothing said stop"),
            None, "loud" if stop is not None else "",
        ),
    ]  # fmt: skip
    return element("dl", *boxes, class_="figures")


def _an_hour(burn: float | None) -> SafeText:
    return joined(number(burn), own(" an hour")) if burn is not None else own("no time is known")


def _cost_words(head: Head) -> SafeText:
    return own("at list prices") if head.figures.cost_usd is not None else own("a model has no known price")


def _box(name: str, value: SafeText, below: SafeText, more: SafeText | None, look: str = "") -> Markup:
    return element(
        "div",
        element("dt", shown(name)),
        element("dd", value, class_="value"),
        element("dd", below, class_="below"),
        element("dd", more, class_="below") if more is not None else None,
        class_="figure loud" if look else "figure",
    )


def stop_panel(places: Places, stop: StopPoint) -> Markup:
    """Where it could have been stopped, and what that would have saved."""
    total = places.report.head.figures.usage.total
    before = max(0, total - stop.all_tokens)
    beside = max(0, stop.all_tokens - stop.tokens)
    parts = (
        Part(own("before the stop"), before, "s0", "#2d52b3"),
        Part(own("after it, other lanes"), beside, "s-rest", "gray"),
        Part(own("after it, the lanes that went in circles"), stop.tokens, "s-stop", "#b50133"),
    )
    legend = [
        element(
            "li", swatch(part.look, part.fill), own(" "), part.name, own(" "), element("strong", rounded(part.count))
        )
        for part in parts
        if part.count
    ]
    words = joined(own("Tokens before and after the stop: "), rounded(before), own(" and "), rounded(stop.all_tokens))
    return element(
        "aside",
        element("h2", own("Where it could have been stopped")),
        element(
            "p",
            own("At "), element("strong", places.time(stop.at), own(" UTC")),
            _where(places, stop), own(": "), said(stop.title, 200), _in_the_end(stop), _SPENT[stop.before_window],
            element("strong", rounded(stop.tokens), own(" tokens ("), percent_words(stop.share), own(")")), own(", "),
            money(stop.cost_usd), own(" and "), length(stop.seconds), own("."),
        ),
        parts_bar(parts, words),
        element("ul", *legend, class_="legend parts"),
        note(said(stop.caveat, 400), own(" "), element("a", own("By lane"), class_="nowrap", href=link_to(STOP.place))),
        class_="stop-panel", aria_label=own("Where it could have been stopped"),
    )  # fmt: skip


def _in_the_end(stop: StopPoint) -> Markup | None:
    return group(own("; in the end it was "), said(stop.in_the_end, 120)) if stop.in_the_end else None


def _where(places: Places, stop: StopPoint) -> Markup | None:
    if stop.before_window:
        return group(own(", before the window began"))
    if not stop.action:
        return None
    action = element("strong", places.action_link(stop.finding.lane, stop.action))
    # `stop` looks at an action as it begins, the other rules at what has been done.
    return (
        group(own(", as "), action, own(" began"))
        if stop.finding.kind is FindingKind.STOP
        else group(own(", in "), action)
    )


def _sequences(head: Head) -> Markup | None:
    if not head.sequences:
        return None
    columns = (
        text_column("Sequence"), number_column("Actions"), number_column("Per hour"),
        number_column("Tokens each", "mean over the lanes that worked on it"), number_column("Time each"),
        text_column("Missing"),
    )  # fmt: skip
    rows = [_sequence(each) for each in head.sequences[:8]]
    return table(own("Numbered actions"), columns, rows)


def _sequence(each: Numbered) -> Markup:
    missing: Child = own("none")
    if each.missing_count:
        more = each.missing_count - len(each.missing)
        tail = joined(own(" and "), number(more), own(" more")) if more > 0 else None
        missing = group(listed([said(one, 24) for one in each.missing]), tail)
    per_hour = safe_text(f"{each.per_hour:.1f}") if each.per_hour is not None else UNKNOWN
    return row(
        head_cell(said(each.first, 24), own(" … "), said(each.last, 24)),
        number_cell(number(each.count)),
        number_cell(per_hour),
        number_cell(rounded(each.tokens_each)),
        number_cell(duration_words(each.seconds_each)),
        element("td", missing),
    )


def _doubts(head: Head) -> Markup | None:
    """The first doubts about the figures; all of them stand at the end."""
    if not head.notes:
        return None
    first = [element("li", said(each.text, 300)) for each in head.notes[:NOTES_SHOWN]]
    more = len(head.notes) - NOTES_SHOWN
    rest = (
        note(element("a", own("and "), number(more), own(" more"), href=link_to(SOURCES.place))) if more > 0 else None
    )  # fmt: skip
    return element(
        "div", element("p", own("To be read with care"), class_="strong"), element("ul", *first), rest, class_="doubts"
    )


def notes_of(notes: tuple[Note, ...], places: Places) -> Markup:
    """All doubts about the figures, each with its lanes."""
    items = [
        element(
            "li", said(each.text, 400),
            group(own(" ("), listed([places.lane_link(lane) for lane in each.lanes[:6]]), own(")"))
            if each.lanes else None,
        )
        for each in notes[:60]
    ]  # fmt: skip
    return element("ul", *items)
