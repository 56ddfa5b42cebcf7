"""The sections of what was found: the stop and its saving, families, findings in the order of time."""

from __future__ import annotations

from collections import Counter

from tui.model.finding import QUESTION, Condition, Family, FindingKind, Member
from tui.report.document import Found, Saving, StopPoint
from tui.report.html.chart_rows import members_row, time_axis
from tui.report.html.chart_scale import TimeScale, time_scale
from tui.report.html.markup import Markup, Token, element, group, link_to
from tui.report.html.parts import (
    cell,
    code,
    counted,
    exact_cell,
    folded,
    head_cell,
    listed,
    money_cell,
    note,
    number_cell,
    number_column,
    row,
    said,
    severity_badge,
    share_cell,
    table,
    text_column,
    token_cell,
)
from tui.report.html.places import Places
from tui.report.html.sections import FAMILIES, FINDINGS, STOP, drawn
from tui.report.shown import exact, length, rounded
from tui.text.format import duration, money
from tui.text.format import percent as percent_words
from tui.text.styled_text import joined, number, own
from tui.view.findings import KINDS, SEVERITIES, VERBS

FAMILIES_SHOWN = 12
MEMBERS_SHOWN = 100
EVIDENCE_SHOWN = 8
SAVINGS_SHOWN = 40


# -- the stop ---------------------------------------------------------------------------------------


def stop_section(places: Places) -> Markup | None:
    """What each lane spent after the moment at which it could have been stopped."""
    stop = places.report.stop
    if stop is None:
        return None
    rows = [_saving(places, saving) for saving in stop.lanes[:SAVINGS_SHOWN]]
    columns = (
        text_column("Lane"), text_column("The stop"), number_column("Tokens after"), number_column("Cost"),
        number_column("Time after"),
    )  # fmt: skip
    foot = row(
        head_cell(own("all lanes")), cell(), exact_cell(stop.all_tokens), money_cell(stop.all_cost_usd), cell()
    )  # fmt: skip
    more = len(stop.lanes) - SAVINGS_SHOWN
    return drawn(STOP,
        element(
            "p", severity_badge(stop.finding.severity), own(" at "), places.time(stop.at), own(" UTC"),
            _where(places, stop), own(". Of the lanes concerned "),
            element("strong", exact(stop.tokens), own(" tokens")), own(" came after, "), percent_words(stop.share),
            own(" of all, "), money(stop.cost_usd), own(", over "), length(stop.seconds), own("."),
        ),
        table(own("Spent after the stop, by lane"), columns, rows, foot),
        note(own("and "), number(more), own(" more lanes")) if more > 0 else None,
        note(said(stop.caveat, 400)),
    )  # fmt: skip


def _where(places: Places, stop: StopPoint) -> Markup | None:
    if stop.before_window:
        return group(own(", before the window began; what is counted begins with the window"))
    if not stop.action:
        return None
    action = places.action_link(stop.finding.lane, stop.action)
    return (
        group(own(", as "), action, own(" began"))
        if stop.finding.kind is FindingKind.STOP
        else group(own(", in "), action)
    )


def _saving(places: Places, saving: Saving) -> Markup:
    concerned = own("concerned") if saving.concerned else own("went on beside it")
    return row(
        head_cell(places.lane_link(saving.lane)), cell(concerned), exact_cell(saving.tokens),
        money_cell(saving.cost_usd), number_cell(length(saving.seconds)),
    )  # fmt: skip


# -- families ---------------------------------------------------------------------------------------


def families_section(places: Places) -> Markup | None:
    """Families on one time axis, then each with its conditions and its members."""
    families = places.report.families
    if not families:
        return None
    dearest = sorted(families, key=lambda family: -family.tokens)[:FAMILIES_SHOWN]
    shown = [family for family in families if family in dearest]
    rest = [family for family in families if family not in dearest]
    told = None
    if rest:
        told = note(
            own("and "), number(len(rest)), own(" smaller ones with "), rounded(sum(family.tokens for family in rest)),
            own(" tokens together"),
        )  # fmt: skip
    return drawn(FAMILIES,
        element("p", own("Actions that share a proof shape: the same moves under another label.")),
        _figure(places, shown), told, *(_family(places, family) for family in shown),
    )  # fmt: skip


def _figure(places: Places, families: list[Family]) -> Markup | None:
    window = places.report.head.window
    scale = time_scale(window.start, window.end, one_day=places.one_day)
    if scale is None:
        return None
    rows = [_figure_row(places, family, scale) for family in families]
    caption = element(
        "figcaption", element("strong", own("Members over time")),
        own(" · the first three, which prove the envelope, stand full; what came after is half as high."),
    )  # fmt: skip
    return element("figure", caption, *rows, time_axis(scale), class_="rows")


def _figure_row(places: Places, family: Family, scale: TimeScale) -> Markup:
    name = element("a", said(family.template, 90), href=link_to(places.families[family.id]))
    figures = element(
        "span", own(" × "), number(family.count), own(" · "), rounded(family.tokens), class_="dim"
    )  # fmt: skip
    return element("div", element("p", name, figures), members_row(family, scale), class_="family-row")


def _family(places: Places, family: Family) -> Markup:
    return element(
        "article",
        element("h3", code(family.template, 200)),
        element(
            "p", counted(family.count, "member", "members"), own(" · "), rounded(family.tokens), own(" tokens, "),
            rounded(family.tokens_since_third), own(" of them since the third began"),
            group(own(" at "), places.time(family.since)) if family.since is not None else None, own(" · "),
            percent_words(family.similarity), own(" alike"),
            None if family.is_open else own(" · ended"), class_="window",
        ),
        element("ul", *(_condition(each) for each in family.conditions), class_="conditions")
        if family.conditions else None,
        element("p", element("em", own(QUESTION)), own(" "), said(family.answer, 300), class_="question"),
        _members(places, family),
        id=places.families[family.id], class_="family",
    )  # fmt: skip


def _condition(condition: Condition) -> Markup:
    mark = own("✓ holds") if condition.holds else own("· does not hold")
    look = "tag good" if condition.holds else "tag"
    return element(
        "li", element("span", mark, class_=look), own(" "), element("strong", said(condition.title, 120)), own(": "),
        said(condition.text, 300),
    )  # fmt: skip


def _members(places: Places, family: Family) -> Markup:
    shown = family.members[-MEMBERS_SHOWN:]
    columns = (
        text_column("Member"), text_column("Differs in"), text_column("Began"), number_column("Took"),
        number_column("Tokens"), number_column("Steps"), number_column("Novelty"), text_column("Outcome"),
    )  # fmt: skip
    rows = [_member(places, member) for member in shown]
    hidden = family.count - len(shown)
    told = note(number(hidden), own(" earlier ones are not listed")) if hidden > 0 else None
    title = joined(own("Members: "), number(len(shown)), own(" of "), number(family.count))
    return folded(title, table(own("Members, oldest first"), columns, rows), told)


def _member(places: Places, member: Member) -> Markup:
    took = member.ended - member.started if member.started is not None and member.ended is not None else None
    words = [element("code", said(word, 60)) for word in member.words[:4]]
    return row(
        head_cell(places.action_link(member.lane, member.name, 60)),
        cell(listed(words) if words else said(member.title, 90)),
        cell(places.time(member.started), class_="time"),
        number_cell(duration(took)),
        token_cell(member.tokens),
        number_cell(number(member.steps)),
        share_cell(member.novelty),
        cell(said(member.outcome, 16)),
    )


# -- findings ---------------------------------------------------------------------------------------


def findings_section(places: Places) -> Markup | None:
    """Findings in the order of time, each with what it rests on."""
    everything = places.report.findings
    if not everything:
        return None
    counts = Counter(found.finding.severity for found in everything)
    tally = [
        group(number(counts[severity]), own(" "), look.word)
        for severity, look in SEVERITIES.items()
        if counts[severity]
    ]
    return drawn(FINDINGS, element("p", listed(tally, " · "), own(", in the order of time."), class_="window"),
        *(_finding(places, place, found) for place, found in places.found), _left_out(places),
    )  # fmt: skip


def _finding(places: Places, place: Token, found: Found) -> Markup:
    finding = found.finding
    where = group(own(" in "), places.action_link(finding.lane, found.action)) if found.action else None
    until = group(own(" until "), places.time(finding.until)) if finding.until is not None else None
    family = places.families.get(finding.family) if finding.family is not None else None
    facts = [
        group(places.time(finding.since), until, where),
        group(places.lane_link(finding.lane))
        if finding.lane is not None or family is None
        else element("a", own("a family"), href=link_to(family)),
        group(rounded(finding.tokens_since), own(" tokens since, "), percent_words(found.share)),
    ]
    if finding.suggest is not None:
        facts.append(group(own("suggests "), element("strong", VERBS[finding.suggest])))
    evidence = [element("li", said(each.text, 300), *places.refs([each])) for each in finding.evidence[:EVIDENCE_SHOWN]]
    more = len(finding.evidence) - EVIDENCE_SHOWN
    return element(
        "article",
        element(
            "h3", severity_badge(finding.severity), own(" "), KINDS[finding.kind], own(": "), said(finding.title, 200)
        ),
        element("p", listed(facts, " · "), class_="window"),
        folded(
            counted(len(finding.evidence), "piece of evidence", "pieces of evidence"),
            element("ul", *evidence, class_="statements"),
            note(own("and "), number(more), own(" more")) if more > 0 else None,
        ) if evidence else None,
        id=place, class_="finding",
    )  # fmt: skip


def _left_out(places: Places) -> Markup | None:
    shown = {id(found) for _, found in places.found}
    rest = [found for found in places.report.findings if id(found) not in shown]
    if not rest:
        return None
    kinds = Counter(found.finding.kind for found in rest)
    each = [group(number(count), own(" × "), KINDS[kind]) for kind, count in kinds.most_common()]
    return note(own("And "), number(len(rest)), own(" milder or cheaper ones: "), listed(each), own("."))
