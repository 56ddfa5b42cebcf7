"""The page of one lane: its state with the reason, its findings, actions, usage and files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tui.model.control import Route
from tui.model.finding import Finding
from tui.model.snapshot import Action, FileTouch, Lane, LaneState
from tui.model.trust import Trust
from tui.text.cell_width import width
from tui.text.format import age, clock, compact, duration, money, number, percent, rate
from tui.text.safe_text import SafeText, exact_text, safe_path, safe_text
from tui.text.styled_text import (
    Line,
    Span,
    bar,
    beside,
    broken,
    column,
    fit_line,
    joined,
    line_width,
    own,
    spark,
    spread,
    word,
)
from tui.view.asks import answered_words, can_be_answered
from tui.view.check_run import run_cell, run_words
from tui.view.checklist import wrapped
from tui.view.doubt import at_least, cost_role, cost_words, priced_words
from tui.view.finding_text import FindingText, evidence_text
from tui.view.lane_findings import NOTHING, Judged, plot_lines, verdict_lines
from tui.view.names import model_of, name_of, title_of
from tui.view.pull_request import pull_words
from tui.view.states import glyph_of, word_of

WIDE, VERY_WIDE = 110, 170
"""From these widths in cells on, actions and usage are side by side, and the findings are beside the usage, too."""
LEFT_SHARE = 0.56
ASKED_CHARS = 20_000
"""The most characters of a request that are shown; the page says so if there are more."""


def detail_lines(
    lane: Lane, cells: int, now: float, *, window: int = 1, ascii_only: bool = False, judged: Judged = NOTHING
) -> list[Line]:
    """The lane's page, each line at most `cells` wide. Findings and repetition come first, if there are any."""
    inner = cells - 2
    lines = _heading(lane, inner, now, ascii_only=ascii_only)
    left_cells = int(inner * LEFT_SHARE)
    right_cells = inner - left_cells - 3
    verdict_cells = left_cells if cells >= VERY_WIDE else inner
    verdict = verdict_lines(lane, judged, verdict_cells, now, ascii_only=ascii_only)
    if cells < VERY_WIDE:
        lines += verdict
    if cells >= WIDE:
        beside_usage = verdict if cells >= VERY_WIDE else []
        left = [
            *beside_usage,
            *_actions(lane, left_cells, now),
            *_plan(lane, left_cells),
            *_files(lane, left_cells, now),
        ]
        quiet = [] if verdict else plot_lines(lane, judged, right_cells)
        right = [*_usage(lane, right_cells, window), *quiet, *_models(lane, right_cells), *_place(lane, right_cells)]
        lines += beside(left, right, left_cells, right_cells)
    else:
        lines += [
            *_usage(lane, inner, window), *_actions(lane, inner, now), *_models(lane, inner), *_plan(lane, inner),
            *([] if verdict else plot_lines(lane, judged, inner)), *_files(lane, inner, now), *_place(lane, inner),
        ]  # fmt: skip
    return [fit_line((word(" "), *line), cells) for line in lines]


def _heading(lane: Lane, cells: int, now: float, *, ascii_only: bool) -> list[Line]:
    role = f"state.{lane.state}"
    since = duration(now - lane.state_since) if lane.state_since is not None else None
    state = [Span(glyph_of(lane.state, ascii=ascii_only), role), word(" "), Span(word_of(lane.state), role)]
    if since is not None:
        state += [word(" for ", "dim"), Span(since, role)]
    lines = [spread((Span(name_of(lane), "title"),), tuple(state), cells)]
    asked = _asked(lane, cells, now)
    if not asked:
        lines += [
            (word("why  ", "dim"), Span(safe_text(evidence.text, limit=300), "text")) for evidence in lane.evidence[:1]
        ]
    lines += asked
    now_line = _now(lane, now)
    if now_line and not lane.pending:
        lines.append(now_line)
    lines += _facts(lane, cells, now)
    if lane.control.routes:
        lines.append(_routes(lane))
    lines.append(())
    return lines


def _facts(lane: Lane, cells: int, now: float) -> list[Line]:
    """The model and its effort, the last run of tests, the pull request and the tags, as many as fit into a line."""
    parts: list[Line] = [(Span(joined(safe_text(lane.agent, limit=20), own(" "), model_of(lane)), "text"),)]
    if lane.effort:
        parts[0] = (*parts[0], Span(joined(own(" "), safe_text(lane.effort, limit=20), own(" effort")), "text"))
    if lane.tags:
        parts.append((word("tags ", "dim"), Span(safe_text(" ".join(lane.tags), limit=100), "accent")))
    if lane.tests is not None:
        role = run_cell(lane.tests).role
        parts.append((word("tests ", "dim"), Span(run_words(lane.tests, now), role)))
    if lane.pull is not None:
        verb = own("made PR ") if lane.pull.is_made else own("PR ")
        url = joined(own(" "), safe_text(lane.pull.url, limit=120)) if lane.pull.url else own("")
        parts.append((Span(verb, "dim"), Span(pull_words(lane.pull), "accent"), Span(url, "dim")))
    rows: list[Line] = []
    for part in parts:
        last = rows[-1] if rows else ()
        if last and line_width(last) + line_width(part) + 3 <= cells:
            rows[-1] = (*last, word(" · ", "dim"), *part)
        else:
            rows.append((word("     " if rows else "uses ", "dim"), *part))
    return rows


def _asked(lane: Lane, cells: int, now: float) -> list[Line]:
    """The lane's whole request to a person, and since when it waits.

    It is a command, a plan, or questions with their options.
    """
    lines: list[Line] = []
    for request in lane.pending:
        since = joined(own(" for "), duration(now - request.asked_at)) if request.asked_at is not None else own("")
        head = joined(safe_text(request.kind.value), own(" · "), safe_text(request.tool, limit=60), since)
        lines.append((word("asks ", "dim"), Span(head, "loud.warn")))
        texts = [request.text] if not request.questions else []
        for row in (row for text in texts for row in exact_text(text[:ASKED_CHARS]).split("\n")):
            lines += [(word("     "), Span(part, "text")) for part in _whole(SafeText(row), cells - 5)]
        for question in request.questions:
            lines += [
                (word("     "), Span(part, "strong"))
                for part in _whole(safe_text(question.text, limit=ASKED_CHARS), cells - 5)
            ]
            for place, choice in enumerate(question.choices, 1):
                label = joined(number(place), own("  "), safe_text(choice.label, limit=200))
                lines.append((word("       "), Span(label, "text")))
        if not request.is_whole or len(request.text) > ASKED_CHARS:
            lines.append((word("     "), word("cut: the conversation (l) has the rest", "warn")))
    waits = [request for request in lane.pending if not request.answered]
    if lines and not waits:
        return [*lines, (word("     "), Span(answered_words(lane.pending[-1]), "accent"))]
    if can_be_answered(lane):
        has_pane = lane.process is None or not lane.process.is_worker
        pane = own(", o goes to its pane") if has_pane else own("")
        lines.append((word("     "), Span(joined(own("A answers it here"), pane), "dim")))
    elif lines and lane.recording:
        why = joined(own("it cannot be answered from here: "), safe_text(lane.recording, limit=200))
        lines.append((word("     "), Span(why, "dim")))
    elif lines:
        lines.append((word("     "), word("o goes to its pane, where it is answered", "dim")))
    return lines


def _whole(text: SafeText, cells: int) -> Iterator[SafeText]:
    """The whole text in rows: broken between words, and within a word that is longer than a row."""
    for row in wrapped(text, cells):
        rest = row
        while width(rest) > cells:
            end = next(
                at for at in range(min(len(rest), cells), 0, -1) if at == 1 or width(SafeText(rest[:at])) <= cells
            )
            yield SafeText(rest[:end])
            rest = SafeText(rest[end:])
        yield rest


def _routes(lane: Lane) -> Line:
    """The open routes to the lane in one line. The section at the end gives the reasons."""
    kinds = [route.kind.value for route in lane.control.routes if route.is_open]
    if not kinds:
        return (word("routes ", "dim"), word("none leads to it", "dim"))
    return (word("routes ", "dim"), Span(safe_text(", ".join(kinds)), "accent"))


def _now(lane: Lane, now: float) -> Line:
    if lane.open_calls:
        call = lane.open_calls[-1]
        spans = [word("now  ", "dim"), Span(safe_text(call.tool, limit=30), "accent"), word(" ")]
        if call.started is not None:
            spans += [Span(duration(now - call.started), "text"), word("  ")]
        spans.append(Span(safe_text(call.summary, limit=300), "text"))
        if len(lane.open_calls) > 1:
            spans.append(Span(joined(own("  and "), number(len(lane.open_calls) - 1), own(" more")), "dim"))
        return tuple(spans)
    label = word("now  ", "dim") if lane.state is LaneState.WORKING else word("last ", "dim")
    return (label, Span(safe_text(lane.doing, limit=300), "text")) if lane.doing else ()


def _section(title: Span, cells: int, note: SafeText | None = None) -> Line:
    right = (Span(note, "dim"),) if note is not None else ()
    return spread((title,), right, cells)


def _actions(lane: Lane, cells: int, now: float) -> list[Line]:
    if not lane.action_count:
        return []
    hidden = lane.action_count - len(lane.actions)
    note = joined(number(lane.action_count), own(" in all")) if hidden or lane.action_count > 1 else None
    lines = [_section(word("ACTIONS  newest first", "section"), cells, note)]
    peak = max((action.usage.total for action in lane.actions), default=0)
    lines += [action_line(action, cells, now, peak, newest=i == 0) for i, action in enumerate(reversed(lane.actions))]
    return [*lines, ()]


_OUTCOMES = {
    "running": word("▸", "state.working"),
    "ended": word("✓", "good"),
    "interrupted": word("!", "warn"),
    "cut_off": word("×", "stop"),
}


def action_line(action: Action, cells: int, now: float, peak: int, *, newest: bool) -> Line:
    """An action: its outcome, name, tokens as a share of `peak`, time, calls and errors."""
    end = now if newest and action.outcome == "running" else action.last_event
    took = duration(end - action.started) if end is not None and action.started is not None else own("?")
    share = action.usage.total / peak if peak else 0.0
    right: list[Span] = [*bar(share, 6, "usage.total"), column(compact(action.usage.total), 7, "text", right=True)]
    right += [column(took, 7, "dim", right=True), column(_calls(action), 15, "dim", right=True)]
    right.append(column(_errors(action), 7, "warn" if action.errors else "dim", right=True))
    room = cells - line_width(right) - 3
    name = safe_text(action.name or "before the first prompt", limit=200)
    ticket = action.name != action.title
    words: list[Span] = [Span(name, "accent" if ticket else "strong" if newest else "text")]
    if ticket:
        words += [word("  "), Span(title_of(action.name, action.title), "text")]
    mark = _OUTCOMES.get(action.outcome, word("·", "dim"))
    return (mark, word(" "), *fit_line(words, room), word(" "), *right)


def _calls(action: Action) -> SafeText:
    return joined(number(action.calls), own(" tool call") if action.calls == 1 else own(" tool calls"))


def _errors(action: Action) -> SafeText:
    return joined(number(action.errors), own(" err")) if action.errors else own("")


def _usage(lane: Lane, cells: int, window: int) -> list[Line]:
    usage = lane.usage
    burn = lane.burn[window]
    title = _section(
        word("USAGE", "section"),
        cells,
        joined(number(lane.calls), own(" model call") if lane.calls == 1 else own(" model calls")),
    )
    lines: list[Line] = [title]
    total = usage.total
    rows = (
        (own("input"), usage.input, "usage.input"),
        (own("cache read"), usage.cache_read, "usage.cache_read"),
        (own("cache write 5m"), usage.cache_write_5m, "usage.cache_write"),
        (own("cache write 1h"), usage.cache_write_1h, "usage.cache_write"),
        (own("cache write"), usage.cache_write_other, "usage.cache_write"),
        (own("output"), usage.output, "usage.output"),
    )
    for label, count, role in rows:
        if count or label in ("input", "output", "cache read"):
            lines.append(_share_line(label, count, total, role, cells))
    if usage.reasoning:
        lines.append(
            (column(own("  of it thinking"), 16, "dim"), column(number(usage.reasoning), 14, "dim", right=True))
        )
    lines.append((column(own("total"), 15, "dim"), column(number(total), 15, "strong", right=True),
                  word("  fresh ", "dim"), Span(compact(usage.fresh), "text")))  # fmt: skip
    burn_line = [column(own("burn"), 15, "dim"), column(rate(burn.tokens_per_hour), 15, "text", right=True)]
    cost = cost_words(lane.cost, is_lower_bound=Trust.PROVISIONAL in lane.trust)
    burn_line += [word("  cost  ", "dim"), Span(cost, cost_role(lane.cost))]
    if cells >= 72:
        burn_line += [word("  "), spark(lane.spark, 24, "burn.2")]
    lines.append(tuple(burn_line))
    if lane.tree_usage.total != total:
        tree = at_least(number(lane.tree_usage.total), is_lower_bound=lane.tree_is_lower_bound)
        priced = priced_words(lane.tree_cost)
        lines.append((
            column(own("with subagents"), 15, "dim"), column(tree, 15, "text", right=True), word("  cost  ", "dim"),
            Span(cost_words(lane.tree_cost, is_lower_bound=lane.tree_is_lower_bound), cost_role(lane.tree_cost)),
            Span(joined(own("  "), priced) if priced else own(""), "dim"),
        ))  # fmt: skip
    if lane.inherited.total:
        lines.append((column(own("inherited"), 15, "dim"), column(number(lane.inherited.total), 15, "dim", right=True),
                      word("  copied history, not counted", "dim")))  # fmt: skip
    lines += [_trust_line(trust) for trust in lane.trust]
    return [*lines, _context_line(lane, cells), ()]


def _share_line(label: SafeText, count: int, total: int, role: str, cells: int) -> Line:
    share = count / total if total else 0.0
    width = max(3, min(24, cells - 48))
    return (
        column(label, 15, "dim"), column(number(count), 15, "text", right=True), word("  "), *bar(share, width, role),
        column(percent(share), 6, "dim", right=True),
    )  # fmt: skip


_TRUST = {
    Trust.SUSPECT: "these counts cannot be whole: too little output, or turns without usage",
    Trust.PROVISIONAL: "a lower bound: some usage was unfinished when it was counted, or was left out",
    Trust.UNPRICED: "a model without a known price: the cost is a lower bound, or unknown",
}


def _trust_line(trust: Trust) -> Line:
    return (Span(own("! "), "warn"), Span(safe_text(_TRUST[trust]), "warn"))


def _context_line(lane: Lane, cells: int) -> Line:
    used, window = lane.context.used, lane.context.window
    if used is None:
        return (column(own("context"), 15, "dim"), word("not stated yet", "dim"))
    if window is None:
        return (column(own("context"), 15, "dim"), column(number(used), 15, "text", right=True),
                word("  window unknown", "dim"))  # fmt: skip
    share = used / window
    role = "stop" if share >= 0.9 else "warn" if share >= 0.75 else "good"
    width = max(3, min(24, cells - 48))
    return (
        column(own("context"), 15, "dim"), column(number(used), 15, "text", right=True), word("  "),
        *bar(share, width, role), column(percent(share), 6, role, right=True), word(" of ", "dim"),
        Span(compact(window), "dim"),
    )  # fmt: skip


def _models(lane: Lane, cells: int) -> list[Line]:
    if len(lane.models) < 2:
        return []
    lines = [_section(word("MODELS", "section"), cells)]
    for share in lane.models:
        name = safe_text(share.model, limit=60) if share.model else own("model not stated")
        role = "text" if share.cost_usd is not None else "warn"
        right = (
            column(compact(share.usage.total), 8, "text", right=True),
            column(money(share.cost_usd), 9, role, right=True),
        )
        lines.append(spread((Span(name, "text"),), right, cells))
    return [*lines, ()]


def _plan(lane: Lane, cells: int) -> list[Line]:
    if not lane.plan:
        return []
    done = sum(item.status == "completed" for item in lane.plan)
    note = joined(number(done), own(" of "), number(len(lane.plan)), own(" done"))
    lines = [_section(word("PLAN", "section"), cells, note)]
    marks = {"completed": word("✓ ", "good"), "in_progress": word("▸ ", "state.working")}
    for item in lane.plan[:20]:
        role = "dim" if item.status == "completed" else "text"
        lines.append((marks.get(item.status, word("○ ", "dim")), Span(safe_text(item.text, limit=200), role)))
    return [*lines, ()]


def _files(lane: Lane, cells: int, now: float) -> list[Line]:
    if not lane.files:
        return []
    lines = [_section(word("FILES CHANGED", "section"), cells, number(len(lane.files)))]
    lines += [file_line(touch, cells, now) for touch in list(reversed(lane.files))[:12]]
    return [*lines, ()]


def files_head(cells: int) -> Line:
    """The headings above the lines of changed files with their counts."""
    right = (*_counts(own("+lines"), own("-lines"), "dim", "dim"), word("  times", "dim"), word("   ago", "dim"))
    return (*fit_line((word("file", "dim"),), cells - line_width(right)), *right)


def counted_file_line(touch: FileTouch, cells: int, now: float) -> Line:
    """A changed file: its path, the lines that were added and removed, how often it was changed, and when last."""
    added = number(touch.added) if touch.added is not None else own("?")
    removed = number(touch.removed) if touch.removed is not None else own("?")
    when = age(now - touch.last) if touch.last is not None else own("?")
    right: list[Span] = [
        *_counts(joined(own("+"), added), joined(own("-"), removed), "diff.added", "diff.removed"),
        column(joined(number(touch.edits), own("×")), 7, "dim", right=True), column(when, 6, "dim", right=True),
    ]  # fmt: skip
    if not touch.by_lane:
        right.insert(0, word("by somebody else  ", "warn"))
    room = cells - line_width(right) - 1
    return (*fit_line((Span(safe_path(touch.path, limit=room), "text"),), room), word(" "), *right)


def _counts(added: SafeText, removed: SafeText, plus: str, minus: str) -> Line:
    return (column(added, 8, plus, right=True), column(removed, 8, minus, right=True))


def file_line(touch: FileTouch, cells: int, now: float) -> Line:
    """A changed file: its path, how often it was changed, and when last."""
    when = age(now - touch.last) if touch.last is not None else own("?")
    right: list[Span] = [Span(joined(number(touch.edits), own("×")), "dim"), column(when, 6, "dim", right=True)]
    if not touch.by_lane:
        right.insert(0, word("by somebody else  ", "warn"))
    room = cells - line_width(right) - 1
    return (*fit_line((Span(safe_path(touch.path, limit=room), "text"),), room), word(" "), *right)


def _place(lane: Lane, cells: int) -> list[Line]:
    lines = [_section(word("WHERE", "section"), cells)]
    facts: list[tuple[SafeText, SafeText]] = [
        (own("id"), safe_text(lane.id)),
        (own("session"), safe_text(lane.session) if lane.session else own("not stated")),
        (
            own("agent"),
            joined(safe_text(lane.agent), own(" "), safe_text(lane.version or "?"), own(" · "), model_of(lane)),
        ),
        (own("folder"), safe_path(lane.cwd, limit=cells - 12) if lane.cwd else own("not stated")),
        (own("branch"), safe_text(lane.branch) if lane.branch else own("not stated")),
        (own("started"), clock(lane.started) if lane.started is not None else own("?")),
        (own("process"), _process(lane)),
        (own("transcript"), safe_path(lane.path, limit=max(20, cells - 12))),
    ]
    if lane.parent is not None:
        facts.insert(2, (own("parent"), safe_text(lane.parent)))
    lines += [(column(label, 12, "dim"), Span(value, "text")) for label, value in facts]
    if lane.unknown_lines:
        lines.append(
            (
                column(own("unknown"), 12, "dim"),
                Span(joined(number(lane.unknown_lines), own(" lines of kinds that mean nothing here")), "dim"),
            )
        )
    return lines


def _process(lane: Lane) -> SafeText:
    process = lane.process
    if process is None:
        return own("none known")
    status = joined(own(", "), safe_text(process.status)) if process.status else own("")
    return joined(own("pid "), SafeText(str(process.pid)), status, own(" (by "), safe_text(process.source), own(")"))


def explain_lines(lane: Lane, cells: int, now: float) -> list[Line]:
    """The reasons for the lane's state, its flag and each of its numbers."""
    rows: Sequence[tuple[SafeText, SafeText]] = _explanations(lane, now)
    lines: list[Line] = []
    for label, text in rows:
        if label:
            lines += [()] if lines else []
            lines += [(Span(row, "section"),) for row in wrapped(label, cells)]
        lines += _wrap(text, cells - 2)
    return [*lines, ()]


def _wrap(text: SafeText, cells: int) -> list[Line]:
    """The text in lines of at most `cells`, indented. A word that is too long, such as a path, is broken."""
    return [(word("  "), Span(piece)) for row in wrapped(text, cells) for piece in broken(row, cells)]


def _why_routes(routes: Iterable[Route]) -> Iterator[tuple[SafeText, SafeText]]:
    """Whether verbs reach the lane by each route, and the reason, once for all routes that have it."""
    alike: dict[tuple[bool, str], list[Route]] = {}
    for route in routes:
        alike.setdefault((route.is_open, route.why), []).append(route)
    for (is_open, why), each in alike.items():
        names = safe_text(", ".join(route.kind.value for route in each))
        reach = own(": verbs reach the lane") if is_open else own(": verbs do not reach the lane")
        yield joined(own("control by "), names, reach), safe_text(why, limit=600)


def _explanations(lane: Lane, now: float) -> list[tuple[SafeText, SafeText]]:
    since = joined(own(" since "), clock(lane.state_since)) if lane.state_since is not None else own("")
    state = joined(own("state: "), word_of(lane.state), since)
    # One heading for each state, with all its evidence below.
    why = [part for evidence in lane.evidence for part in (own("; "), safe_text(evidence.text, limit=600))]
    rows = [(state, joined(*why[1:]))] if why else []
    known = frozenset(evidence.text for evidence in lane.evidence)
    rows += [row for finding in lane.findings for row in _why_found(finding, known)]
    rows += _why_routes(lane.control.routes)
    if lane.repetition.severity is not None:
        score = SafeText(f"{lane.repetition.score:.2f}")
        rows.append((joined(own("repetition: "), score), safe_text(lane.repetition.reason, limit=600)))
    usage = lane.usage
    rows.append((
        joined(own("tokens: "), number(usage.total)),
        joined(
            number(lane.calls), own(" model call of ") if lane.calls == 1 else own(" model calls of "),
            safe_path(lane.path, limit=200),
            own(", each counted once by its id, the largest count of its lines. input "), number(usage.input),
            own(" + cache read "), number(usage.cache_read), own(" + cache write "), number(usage.cache_write),
            own(" + output "), number(usage.output), own(". Fresh is the total less cache reads: "),
            number(usage.fresh),
        ),
    ))  # fmt: skip
    if lane.inherited.total:
        rows.append(
            (
                joined(own("inherited: "), number(lane.inherited.total)),
                own("Calls that stand here and in an older lane too (resume, fork, replay): counted there, not here."),
            )
        )
    rows += [(joined(own("flag: "), safe_text(trust.value)), safe_text(_TRUST[trust])) for trust in lane.trust]
    rows.append((
        joined(own("burn: "), rate(lane.burn[1].tokens_per_hour)),
        joined(*_burns(lane), own("Tokens of calls whose lines are dated in the window, as a rate; resolution 5 s.")),
    ))  # fmt: skip
    for share in lane.models:
        name = safe_text(share.model) if share.model else own("model not stated")
        price = (
            own("no price known: its cost is unknown, not zero") if share.cost_usd is None else money(share.cost_usd)
        )
        rows.append(
            (
                joined(own("model: "), name),
                joined(number(share.calls), own(" calls, "), number(share.usage.total), own(" tokens, "), price),
            )
        )
    window = compact(lane.context.window) if lane.context.window else own("unknown")
    used = number(lane.context.used) if lane.context.used is not None else own("not stated")
    rows.append((own("context"), joined(used, own(" tokens at the last call; window "), window)))
    process = joined(_process(lane), own("; the last line is "), age(now - (lane.last_event or now)), own(" old"))
    rows.append((own("process"), process))
    if lane.recording or lane.control.routes:
        rows.append((own("routes"), _routes_told(lane)))
    return rows


def _routes_told(lane: Lane) -> SafeText:
    """The routes by which a verb could act; for a recording, the reason why none can."""
    if lane.recording:
        return joined(own("none: it is a recording: "), safe_text(lane.recording))
    told = [
        joined(safe_text(route.kind.value), own(": "), own("" if route.is_open else "shut: "), safe_text(route.why))
        for route in lane.control.routes
    ]
    return joined(told[0], *(part for one in told[1:] for part in (own("; "), one)))


def _why_found(finding: Finding, known: frozenset[str]) -> Iterator[tuple[SafeText, SafeText]]:
    """The finding with its title, then each different piece of its evidence once, and how often it is there.

    `known` are the reasons for the lane's state, which are told above and are not told again.
    """
    text = FindingText(finding)
    since = joined(own(" since "), clock(finding.since)) if finding.since is not None else own("")
    label = joined(own("finding: "), text.kind, own(" ("), text.look.word, own(")"), since)
    yield label, own("as its state says") if finding.title in known else safe_text(text.title, limit=800)
    told = [part for part in (joined(own("since then "), text.cost) if text.cost else own(""), text.progress) if part]
    if told:
        yield own(""), joined(told[0], *(part for one in told[1:] for part in (own("; "), one)))
    if to_do := text.to_do({}, on_page=True):
        yield own(""), joined(own("what to do: "), to_do)
    new = [one for one in finding.evidence if one.text not in known]
    for said, times in Counter(evidence_text(one).text for one in new).items():
        often = joined(number(times), own(" times: ")) if times > 1 else own("")
        yield own(""), joined(often, safe_text(said, limit=800))


def _burns(lane: Lane) -> list[SafeText]:
    made: list[SafeText] = []
    for burn in lane.burn:
        made += [duration(burn.window_s), own(": "), number(burn.tokens), own(" tokens; ")]
    return made
