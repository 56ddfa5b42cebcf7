"""The section of lines of work: their phases, what each phase bought, and their actions one by one."""

from __future__ import annotations

from tui.report.document import ActionRow, Advice, Phase, Run, Truths
from tui.report.html.chart_actions import COLUMNS, actions_chart
from tui.report.html.markup import Child, Markup, element, group
from tui.report.html.parts import (
    cell,
    counted,
    folded,
    head_cell,
    money_cell,
    note,
    number_cell,
    number_column,
    row,
    said,
    share_cell,
    table,
    text_column,
    token_cell,
)
from tui.report.html.places import RUNS_SHOWN, Places, listed_actions
from tui.report.html.sections import WORK, drawn
from tui.report.shown import rounded
from tui.text.format import percent as percent_words
from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, number, own
from tui.view.lane_line import title_of

TRUTHS_SHOWN = 12

ADVICE: dict[Advice, SafeText] = {
    Advice.KEEP: own("keep"),
    Advice.MOSTLY: own("keep mostly"),
    Advice.COMPRESS: own("compress"),
    Advice.ARCHIVE: own("archive"),
}


def work_section(places: Places) -> Markup | None:
    """Lines of work, the dearest first; the small ones as one table."""
    runs = places.report.runs
    if not runs:
        return None
    parts = [
        _run(places, run, is_open=index == 0 or _tells(places, run)) for index, run in enumerate(runs[:RUNS_SHOWN])
    ]
    return drawn(WORK, *parts, _others(runs[RUNS_SHOWN:]))


def _tells(places: Places, run: Run) -> bool:
    """True if it has several phases, or the stop is one of its actions."""
    stop = places.report.stop
    has_stop = stop is not None and any(
        action.name == stop.action and stop.finding.lane in (None, action.lane) for action in run.actions
    )
    return has_stop or len(run.phases) > 1


def _run(places: Places, run: Run, *, is_open: bool) -> Markup:
    head = group(
        element("h3", said(run.name, 80)),
        element(
            "p", said(run.agent, 24), own(" · "), counted(len(run.lanes), "lane", "lanes"), own(" · "),
            counted(len(run.actions), "action", "actions"), own(" · "), rounded(run.figures.usage.total),
            own(" tokens, "), percent_words(run.share), own(" of all"), class_="window",
        ),
    )  # fmt: skip
    body = (_phases(places, run), _figure(places, run), _bought(places, run), _actions(places, run))
    if is_open:
        return element("article", head, *body)
    title = group(
        element("strong", said(run.name, 80)),
        own(" · "),
        counted(len(run.actions), "action", "actions"),
        own(" · "),
        rounded(run.figures.usage.total),
    )
    return folded(title, *body)


def _phases(places: Places, run: Run) -> Markup:
    if not run.phases:
        return note(own("No phases: "), said(run.why_none or "too few actions", 200))
    columns = (
        text_column("Phase"), text_column("From … to"), number_column("Actions"), number_column("Tokens"),
        number_column("Share"), number_column("Novelty", "mean of its actions"),
        number_column("Likeness", "of an action's shape to the most alike of the three before"),
        number_column("New things", "files, outcomes of checks, errors and commands that were new to the run"),
    )  # fmt: skip
    rows = [part for phase in run.phases for part in _phase(places, run, phase)]
    return table(own("Phases, found from the novelty of the actions"), columns, rows, class_="phases")


def _phase(places: Places, run: Run, phase: Phase) -> tuple[Markup, Markup]:
    lane = run.lanes[0] if run.lanes else None
    truths = phase.truths
    figures = row(
        head_cell(number(phase.number), own(" "), said(phase.name, 24)),
        cell(places.action_link(lane, phase.first, 24), own(" … "), places.action_link(lane, phase.last, 24)),
        number_cell(number(phase.actions)),
        token_cell(phase.figures.usage.total),
        share_cell(phase.share),
        number_cell(percent_words(phase.novelty)),
        number_cell(percent_words(phase.likeness)),
        number_cell(number(truths.total)),
    )
    why = element("td", said(phase.reason, 300), colspan=8, class_="why")
    return figures, row(why, class_="under")


def _figure(places: Places, run: Run) -> Markup | None:
    picture = actions_chart(places, run)
    if picture is None:
        return None
    wide = -(-len(run.actions) // COLUMNS)
    shared = joined(own(" Each column is the mean of "), number(wide), own(" actions.")) if wide > 1 else None
    families = None
    if any(action.family is not None for action in run.actions):
        families = own(" A line under the bars spans a family; the triangle and the darker bar are its first member.")
    caption = element(
        "figcaption",
        element("strong", own("Tokens and novelty by action")),
        own(" · in order. Novelty is measured against the lane's own past."), families, shared,
    )  # fmt: skip
    return element("figure", caption, picture)


# -- what it bought ---------------------------------------------------------------------------------


def _bought(places: Places, run: Run) -> Markup | None:
    phases = [phase for phase in run.phases if phase.truths.total or phase.truths.check_runs]
    if not phases:
        return None
    columns = (
        text_column("Phase"), number_column("Files", "changed for the first time"),
        number_column("Checks", "outcomes that a check had not given before"), number_column("Errors", "seen first"),
        number_column("Commands", "run first"), number_column("Check runs"), number_column("passed"),
        number_column("failed"), number_column("Tokens per new thing"),
    )  # fmt: skip
    rows = [_bought_row(phase) for phase in phases]
    lists = [_first(places, phase.number, phase.truths) for phase in phases]
    return group(table(own("What truth each phase bought"), columns, rows), *lists)


def _bought_row(phase: Phase) -> Markup:
    truths = phase.truths
    each = phase.figures.usage.total // truths.total if truths.total else None
    counts = (
        truths.files, truths.checks, truths.errors, truths.commands, truths.check_runs, truths.checks_passed,
        truths.checks_failed,
    )  # fmt: skip
    price = token_cell(each) if each is not None else number_cell(own("nothing new"))
    return row(
        head_cell(number(phase.number), own(" "), said(phase.name, 24)),
        *(number_cell(number(count)) for count in counts),
        price,
    )


def _first(places: Places, phase: int, truths: Truths) -> Markup | None:
    if not truths.first:
        return None
    items = [
        element(
            "li", _TRUTHS.get(truth.kind, own("?")), own(" "), element("code", said(truth.text, 160)),
            group(own(" "), said(truth.outcome, 40)) if truth.outcome else None, own(" in "),
            places.action_link(truth.lane, truth.action), *places.refs([truth.evidence]),
        )
        for truth in truths.first[:TRUTHS_SHOWN]
    ]  # fmt: skip
    title = joined(
        own("Phase "), number(phase), own(": the first "), number(len(items)), own(" of "),
        counted(truths.total, "new thing", "new things"),
    )  # fmt: skip
    return folded(title, element("ul", *items, class_="statements"))


_TRUTHS: dict[str, SafeText] = {
    "file": own("file"),
    "check": own("check"),
    "error": own("error"),
    "command": own("command"),
}


# -- actions ----------------------------------------------------------------------------------------


def _actions(places: Places, run: Run) -> Markup | None:
    if not run.actions:
        return None
    shown = listed_actions(run)
    columns = (
        text_column("Action"), text_column("Began"), number_column("Phase"), number_column("Tokens"),
        number_column("Cost"), number_column("Steps"), number_column("Errors"), number_column("Novelty"),
        number_column("New"), text_column("Keep?"), text_column("Why"),
    )  # fmt: skip
    rows = [_action(places, action) for _, action in shown]
    left_out = len(run.actions) - len(shown)
    told = note(number(left_out), own(" that spent less are not listed")) if left_out > 0 else None
    title = joined(counted(len(run.actions), "action", "actions"), own(", one by one"))
    return folded(title, table(own("Actions in order"), columns, rows, class_="actions"), told)


def _action(places: Places, action: ActionRow) -> Markup:
    title: Child = None
    if action.title != action.name:
        title = element("span", said(title_of(action.name, action.title), 90), class_="sub clip")
    chatter = element("span", own("chatter"), class_="tag") if action.chatter else None
    outcome = None if action.outcome == "ended" else element("span", said(action.outcome, 16), class_="tag")
    return row(
        head_cell(said(action.name, 60), outcome, chatter, title, *places.refs([action.evidence])),
        cell(places.time(action.figures.start), class_="time"),
        number_cell(number(action.phase) if action.phase is not None else own("–")),
        token_cell(action.figures.usage.total),
        money_cell(action.figures.cost_usd),
        number_cell(number(action.steps)),
        number_cell(number(action.figures.errors)),
        share_cell(action.novelty),
        number_cell(number(action.truths.total)),
        cell(ADVICE.get(action.advice, own("?")), class_="nowrap"),
        cell(said(action.reason, 140), class_="why"),
        place=places.actions.get((action.lane, action.index)),
    )  # fmt: skip


def _others(runs: tuple[Run, ...]) -> Markup | None:
    if not runs:
        return None
    columns = (
        text_column("Line of work"), text_column("Agent"), number_column("Lanes"), number_column("Actions"),
        number_column("Tokens"), number_column("Share"),
    )  # fmt: skip
    rows = [
        row(
            head_cell(said(run.name, 80)), cell(said(run.agent, 24)), number_cell(number(len(run.lanes))),
            number_cell(number(len(run.actions))), token_cell(run.figures.usage.total), share_cell(run.share),
        )
        for run in runs[:100]
    ]  # fmt: skip
    title = joined(own("The other "), counted(len(runs), "line of work", "lines of work"))
    more = len(runs) - 100
    told = note(own("and "), number(more), own(" smaller ones")) if more > 0 else None
    return folded(title, table(own("Smaller lines of work, the dearest first"), columns, rows), told)
