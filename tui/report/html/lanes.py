"""The section of lanes: their figures as a tree, and what each of them did."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.snapshot import Trust
from tui.report.document import Digest, LaneRow
from tui.report.html.markup import Markup, classes, element, group
from tui.report.html.parts import (
    cell,
    code,
    counted,
    exact_cell,
    folded,
    head_cell,
    listed,
    money_cell,
    number_cell,
    number_column,
    row,
    said,
    share_cell,
    statements,
    table,
    text_column,
    token_cell,
)
from tui.report.html.places import Places
from tui.report.html.sections import LANES, drawn
from tui.report.shown import rounded
from tui.text.format import rate
from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, number, own
from tui.view.states import LOOKS

DIGESTS_SHOWN = 24
FILES_SHOWN = 20

_DOUBTS: dict[Trust, SafeText] = {
    Trust.SUSPECT: own("suspect"),
    Trust.PROVISIONAL: own("lower bound"),
    Trust.UNPRICED: own("no price"),
}
_INDENTS = ("depth-0", "depth-1", "depth-2", "depth-3", "depth-4")


def lanes_section(places: Places) -> Markup | None:
    """All lanes that are named, in tree order, the others as one sum, and what each did."""
    lanes = places.report.lanes
    if not lanes:
        return None
    named = [lane for lane in lanes if lane.id in places.listed]
    others = [lane for lane in lanes if lane.id not in places.listed]
    columns = (
        text_column("Lane"), text_column("State"), number_column("Tokens"),
        number_column("Share"), number_column("With its tree"),
        number_column("Own burn", "tokens per hour of its own time"),
        number_column("Cost"), number_column("Actions"), number_column("Calls"), text_column("Context"),
    )  # fmt: skip
    rows = [_lane(places, lane) for lane in named]
    if others:
        rows.append(_others(others))
    return drawn(LANES, table(own("Lanes"), columns, rows, class_="lanes"), _digests(places, named))


def _lane(places: Places, lane: LaneRow) -> Markup:
    look = LOOKS[lane.state]
    trust = [element("span", _DOUBTS[each], class_="tag") for each in lane.trust]
    models = listed([said(model, 32) for model in lane.models[:3]])
    more = joined(own(" and "), number(len(lane.models) - 3), own(" more")) if len(lane.models) > 3 else None
    facts = listed((said(lane.id, 40), said(lane.project or "?", 40), group(models, more)), " · ")
    name = head_cell(
        said(lane.title or lane.id, 72), *trust, element("span", facts, class_="sub"),
        class_=_INDENTS[max(0, min(lane.depth, len(_INDENTS) - 1))],
    )  # fmt: skip
    window = joined(own(" of "), rounded(lane.context_window)) if lane.context_window else own("")
    context = joined(rounded(lane.context_first), own(" → "), rounded(lane.context_last))
    most = joined(own("most "), rounded(lane.context_most), window)
    compacted = joined(own(", compacted "), number(lane.compactions), own(" ×")) if lane.compactions else None
    return row(
        name,
        cell(element("span", look.glyph, aria_hidden="true"), own(" "), look.word, class_="nowrap"),
        exact_cell(lane.figures.usage.total),
        share_cell(lane.share),
        token_cell(lane.tree.total),
        number_cell(rate(lane.own_burn)),
        money_cell(lane.figures.cost_usd),
        number_cell(number(lane.actions)),
        number_cell(number(lane.figures.calls)),
        cell(context, element("span", most, compacted, class_="sub"), class_="context"),
        place=places.lane_anchors.get(lane.id),
    )


def _others(lanes: Sequence[LaneRow]) -> Markup:
    """Lanes that are not named, as one line."""
    costs = [lane.figures.cost_usd for lane in lanes]
    known = [cost for cost in costs if cost is not None]
    shares = [lane.share for lane in lanes if lane.share is not None]
    return row(
        head_cell(own("the other "), counted(len(lanes), "lane", "lanes"), own(" together")),
        cell(),
        exact_cell(sum(lane.figures.usage.total for lane in lanes)),
        share_cell(sum(shares) if shares else None),
        cell(), cell(),
        money_cell(sum(known) if len(known) == len(costs) else None),
        number_cell(number(sum(lane.actions for lane in lanes))),
        number_cell(number(sum(lane.figures.calls for lane in lanes))),
        cell(),
        class_="rest",
    )  # fmt: skip


def _digests(places: Places, lanes: Sequence[LaneRow]) -> Markup | None:
    told = [lane for lane in lanes if _says_something(lane.digest)]
    shown = sorted(told, key=lambda lane: -lane.figures.usage.total)[:DIGESTS_SHOWN]
    if not shown:
        return None
    made = [
        folded(
            group(own("What it did: "), element("strong", said(lane.title or lane.id, 72))),
            _digest(places, lane.digest),
        )
        for lane in lanes
        if lane in shown
    ]
    return element("div", *made, class_=classes("digests"))


def _says_something(digest: Digest) -> bool:
    return bool(digest.files_count or digest.commands or digest.checks or digest.last_words)


def _digest(places: Places, digest: Digest) -> Markup:
    parts: list[Markup] = []
    if digest.files_count:
        more = digest.files_count - min(len(digest.files), FILES_SHOWN)
        files = [code(path, 120) for path in digest.files[:FILES_SHOWN]]
        tail = joined(own(" and "), number(more), own(" more")) if more > 0 else None
        parts.append(_term(own("Files changed"), group(listed(files), tail)))
    if digest.commands:
        parts.append(_term(own("Commands"), listed([code(each, 80) for each in digest.commands[:FILES_SHOWN]])))
    if digest.checks:
        parts.append(_term(own("Checks, their last run"), statements(places, digest.checks, 20)))
    if digest.last_words is not None:
        words = group(said(digest.last_words.text, 600), *places.refs(digest.last_words.evidence))
        parts.append(_term(own("Its last words"), words))
    return element("dl", *parts, class_="terms")


def _term(name: SafeText, what: Markup) -> Markup:
    return element("div", element("dt", name), element("dd", what))
