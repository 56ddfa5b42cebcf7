"""The page of what-if: where a policy or a finding would have acted in a recording, and the usage after that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui.fleet.policy import Rules
from tui.model.evidence import LaneId
from tui.model.finding import Finding, FindingKind
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet
from tui.replay.what_if import CAVEAT, Act, Saved, Saving
from tui.text.format import compact, duration, number, percent
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, blank, column, joined, line_width, own, word
from tui.view.checklist import wrapped
from tui.view.doubt import cost_words, priced_words
from tui.view.finding_text import FindingText
from tui.view.json_out import cost_json, iso, usage_json
from tui.view.names import name_of
from tui.view.scrubber import clock

SCHEMA = 1
LANES_SHOWN = 12
NAME_CELLS, TOKENS_CELLS, COST_CELLS, DURATION_CELLS = 34, 8, 10, 6


@frozen
class Case:
    """One question with its answer. `title` names the finding or the policy that would have acted."""

    title: SafeText
    saved: Saved


EXAMPLE = Rules(pause=frozenset({FindingKind.STOP}))
"""The rules that are tried if no policy is on."""


def policy_title(rules: Rules) -> SafeText:
    """`this policy run: pause on stop, repetition; close on owed_output; pause above 50,000,000 tokens per hour`."""
    parts: list[SafeText] = []
    for verb, kinds in ((own("pause on "), rules.pause), (own("close on "), rules.close)):
        if kinds:
            parts.append(joined(verb, safe_text(", ".join(sorted(kinds)), limit=200)))
    if rules.lane_hourly_tokens:
        parts.append(joined(own("pause above "), number(rules.lane_hourly_tokens), own(" tokens per hour")))
    said = joined(*(joined(own("; "), part) if at else part for at, part in enumerate(parts)))
    return joined(own("this policy run: "), said)


def finding_title(finding: Finding) -> SafeText:
    """`somebody closed its lane when this was raised: the same work for 4 prompts that differ only in a name`."""
    return joined(own("somebody closed its lane when this was raised: "), FindingText(finding).title)


def what_if_lines(cases: Sequence[Case], end: Fleet, cells: int) -> list[Line]:
    """The page. `end` is the snapshot at the end of the recording."""
    lines: list[Line] = []
    names = {lane.id: name_of(lane) for lane in end.lanes}
    for case in cases:
        lines += [*_hanging((word(" had "),), case.title, "strong", cells), ()]
        lines += _answer(case.saved, names, end.totals.total, cells)
        lines.append(())
    lines += _hanging((word(" "),), safe_text(CAVEAT), "dim", cells)
    return lines


def _answer(saved: Saved, names: Mapping[LaneId, SafeText], total: int, cells: int) -> list[Line]:
    if not saved.acts:
        return [(word("   it would have done nothing", "dim"),)]
    lines: list[Line] = []
    for act in saved.acts[:LANES_SHOWN]:
        name = names.get(act.lane, safe_text(act.lane))
        head = (
            word("   "),
            Span(clock(act.at, with_day=True), "text"),
            word("  "),
            Span(safe_text(act.verb), "accent"),
        )
        lines += _hanging((*head, word("  ")), name, "text", cells)
        lines += _hanging((blank(5),), safe_text(act.rule, limit=300), "dim", cells)
    lines += _more(len(saved.acts) - LANES_SHOWN, own(" more acts"))
    spent = joined(compact(saved.usage.total), own(" tokens"))
    if total:
        spent = joined(spent, own(", "), percent(saved.usage.total / total), own(" of the run"))
    priced = joined(own(" ("), priced_words(saved.cost), own(")")) if priced_words(saved.cost) else own("")
    sum_line = joined(
        spent, own(", "), cost_words(saved.cost), priced, own(", "), duration(saved.seconds), own(" spent after it")
    )
    lines += [(), *_hanging((word("   in all  ", "dim"),), sum_line, "stop", cells)]
    ordered = sorted(saved.lanes, key=lambda one: -one.usage.total)
    lines += [_lane(one, names, cells) for one in ordered[:LANES_SHOWN] if one.usage.total]
    return [*lines, *_more(sum(1 for one in ordered[LANES_SHOWN:] if one.usage.total), own(" more lanes"))]


def _lane(saving: Saving, names: Mapping[LaneId, SafeText], cells: int) -> Line:
    name_cells = max(8, min(NAME_CELLS, cells - 11 - 2 - TOKENS_CELLS - COST_CELLS - 2 - DURATION_CELLS))
    return (
        blank(11), column(names.get(saving.lane, safe_text(saving.lane)), name_cells, "text"), word("  "),
        column(compact(saving.usage.total), TOKENS_CELLS, "text", right=True),
        column(cost_words(saving.cost, COST_CELLS), COST_CELLS, "text", right=True), word("  "),
        Span(duration(saving.seconds), "dim"),
    )  # fmt: skip


def _more(count: int, words: SafeText) -> list[Line]:
    return [(blank(5), Span(joined(own("and "), number(count), words), "dim"))] if count > 0 else []


def _hanging(head: Line, text: SafeText, role: str, cells: int) -> list[Line]:
    indent = line_width(head)
    first, *rest = wrapped(text, max(20, cells - indent))
    return [(*head, Span(first, role)), *((blank(indent), Span(row, role)) for row in rest)]


def what_if_json(cases: Sequence[Case]) -> dict[str, Any]:
    """The stable JSON of `lanewatch what-if`: times in ISO 8601 UTC, tokens, US dollars, seconds."""
    return {"schema": SCHEMA, "caveat": CAVEAT, "cases": [_case_json(case) for case in cases]}


def _case_json(case: Case) -> dict[str, Any]:
    saved = case.saved
    return {
        "had": case.title, "acts": [_act_json(act) for act in saved.acts],
        "spent_after": {
            "usage": usage_json(saved.usage), "cost_usd": saved.cost.exact_usd,
            "cost": cost_json(saved.cost), "seconds": round(saved.seconds, 3),
            "lanes": [
                {
                    "id": one.lane, "usage": usage_json(one.usage), "cost_usd": one.cost.exact_usd,
                    "cost": cost_json(one.cost), "seconds": round(one.seconds, 3),
                }
                for one in saved.lanes
            ],
        },
    }  # fmt: skip


def _act_json(act: Act) -> dict[str, Any]:
    return {"at": iso(act.at), "lane": act.lane, "verb": act.verb.value, "rule": safe_text(act.rule, limit=600)}
