"""What stands where at each width, as text: one file per page, made by the view alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from tests.conversation.samples import every_kind
from tests.fleets import circling, crowd, harbor
from tests.orders import audit_log, held_fleet, late_pause
from tests.screen.fake_service import FakeService
from tui.model.evidence import LaneId
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.snapshot import Fleet
from tui.screen.bindings import SCOPES
from tui.screen.findings_model import SessionMutes
from tui.text.safe_text import safe_text
from tui.text.styled_text import Line, line_width, own
from tui.view.arrange import Arrangement, arrange, has_children
from tui.view.columns.base import RowContext
from tui.view.columns.registry import first_sort
from tui.view.control_lines import audit_page, control_section
from tui.view.conversation import Fold, block_lines
from tui.view.counterfactual import could_have_lines
from tui.view.detail import detail_lines, explain_lines
from tui.view.empty import empty_lines
from tui.view.filter import Filter
from tui.view.findings import EntryRow, entry_line, head_line, header_counts, listed_findings
from tui.view.flags import flags_of
from tui.view.header import HeaderFacts, header_lines
from tui.view.help import HelpKey, help_lines
from tui.view.lane_findings import judged_of
from tui.view.lane_line import empty_columns, filled_columns, lane_line, layout, steady_peak, title_line
from tui.view.names import name_of
from tui.view.plans import plan_lines, quoted_evidence, text_lines
from tui.view.scrubber import ScrubberFacts, ScrubMark, scrubber_lines
from tui.view.skips import skip_lines
from tui.view.status import StatusFacts, status_lines

WIDTHS = (60, 80, 100, 110, 120, 200)
"""Usual terminals, and the widths from which the header names its states and a lane has two columns."""
WINDOW = 1
FOREMAN, LOOP = LaneId("codex:9d1e44b0"), LaneId("claude:e1c55d07")


def muted(fleet: Fleet) -> SessionMutes:
    """The second of the fleet's findings is muted."""
    mutes = SessionMutes()
    mutes.mute(fleet.findings[1], "registry is down", fleet.at)
    return mutes


def lanes_page(
    fleet: Fleet,
    cells: int,
    *,
    wanted: str = "",
    mutes: SessionMutes | None = None,
    marked: frozenset[LaneId] = frozenset(),
) -> list[Line]:
    """Header, table and status line."""
    entries = listed_findings(fleet, mutes or SessionMutes())
    flags = flags_of(fleet, entries)
    chosen = Filter(wanted)
    order = arrange(fleet, Arrangement(first_sort(), filter=chosen), flags=flags).order
    lanes = {lane.id: lane for lane in fleet.lanes}
    peak = steady_peak(max((lanes[lane].burn[WINDOW].tokens for lane in order), default=0))
    columns = layout(cells, without=empty_columns(filled_columns([lanes[lane] for lane in order], flags)))
    facts = HeaderFacts(own("last 24h"), own("live"), WINDOW, findings=header_counts(entries))
    lines = [*header_lines(fleet, facts, cells), title_line(columns, cells, first_sort())]
    parents = has_children(fleet)
    for lane in order:
        row = RowContext(
            fleet.at, peak, WINDOW, "-" if lane in parents else "", flag=flags.get(lane), marked=lane in marked
        )
        lines.append(lane_line(lanes[lane], columns, row, cells))
    if not order:
        lines += empty_lines(fleet, cells)
    status = StatusFacts(first_sort(), False, chosen, len(order), len(fleet.lanes), 300, marked=len(marked))
    return [*lines, *status_lines(status, cells)]


def findings_page(fleet: Fleet, cells: int, mutes: SessionMutes | None = None) -> list[Line]:
    """The list of findings."""
    entries = listed_findings(fleet, mutes or SessionMutes())
    names = {lane.id: name_of(lane) for lane in fleet.lanes}
    rows = [
        entry_line(entry, EntryRow(names.get(entry.lane, own("all lanes")), fleet.at, False), cells)
        for entry in entries
    ]
    return [head_line(entries, cells), *rows]


def lane_page(fleet: Fleet, lane_id: LaneId, cells: int, *, kind: FindingKind | None = None) -> list[Line]:
    """A lane in full; the finding of this kind first."""
    lane = next(lane for lane in fleet.lanes if lane.id == lane_id)
    entries = listed_findings(fleet, SessionMutes())
    chosen = next((entry.id for entry in entries if entry.lane == lane_id and entry.finding.kind is kind), None)
    lines = detail_lines(lane, cells, fleet.at, window=WINDOW, judged=judged_of(lane, fleet, entries, chosen))
    return [*lines, *control_section(lane, [late_pause()], cells, own("+"))]


def question_page(verb: Verb, text: str, cells: int, *, low: bool = False) -> list[Line]:
    """What is asked before a verb is given to all lanes, some of which refuse it."""
    fleet = harbor()
    lanes = {lane.id: lane for lane in fleet.lanes}
    refused = dict.fromkeys([lane.id for lane in fleet.lanes[5:]], "already ended")
    plans = FakeService(refused=refused).plans(verb, list(lanes), fleet)
    plans[0] = replace(plans[0], also=(fleet.lanes[1].id,), warning="Bash is cut off")
    return [*text_lines(text, cells, low=low), *plan_lines(plans, lanes, cells)]


def could_have_page(verb: Verb, cells: int) -> list[Line]:
    """What a verb could have done to the foreman, with four million tokens spent after it."""
    now = circling()
    lane = next(lane for lane in now.lanes if lane.id == FOREMAN)
    later = replace(lane, usage=replace(lane.usage, output=lane.usage.output + 4_000_000), last_event=now.at + 5400)
    end = replace(
        now,
        at=now.at + 5400,
        totals=replace(now.totals, output=now.totals.output + 4_000_000),
        lanes=tuple(later if one.id == lane.id else one for one in now.lanes),
    )
    return could_have_lines(verb, lane, now, end, now.findings[0], cells)


def scrubber_page(share: float, cells: int) -> list[Line]:
    """A run of six hours, with a stop and a verb given."""
    start, end = 1_778_304_756.0, 1_778_326_695.0
    marks = (
        ScrubMark(start + 1555, Severity.STOP),
        ScrubMark(start + 3000, Severity.WARN),
        ScrubMark(end - 3600, None),
    )
    burn = [(column * 37) % 11 for column in range(366)]
    return scrubber_lines(
        ScrubberFacts(start, end, start + share * (end - start), start, 60.0, burn, marks, 60.0, True, end), cells
    )


def keys_page(cells: int) -> list[Line]:
    """Keys and glyphs."""
    scopes = {
        where: [HelpKey(safe_text(key.keys.split(",")[0]), safe_text(key.description)) for key in keys]
        for where, keys in SCOPES.items()
    }
    return help_lines(scopes, cells)


def conversation_page(cells: int, fold: Fold) -> list[Line]:
    """One block of each kind."""
    blocks = every_kind()
    before = [None, *blocks]
    return [
        line for above, block in zip(before, blocks, strict=False) for line in block_lines(block, cells, fold, above)
    ]


LONG_TEXT = quoted_evidence(circling().findings[0]) + "Stop here.\nSay what is proven, what is not.\nThen end.\n"

PAGES: dict[str, Callable[[int], list[Line]]] = {
    "lanes": lambda cells: lanes_page(harbor(), cells),
    "lanes-judged": lambda cells: lanes_page(circling(), cells),
    "lanes-muted": lambda cells: lanes_page(circling(), cells, mutes=muted(circling())),
    "lanes-crowd": lambda cells: lanes_page(crowd(), cells),
    "lanes-filtered": lambda cells: lanes_page(harbor(), cells, wanted="state:wor"),
    "lanes-held-and-marked": lambda cells: lanes_page(
        held_fleet(), cells, marked=frozenset(lane.id for lane in held_fleet().lanes[::3])
    ),
    "lanes-none": lambda cells: lanes_page(replace(harbor(), lanes=()), cells),
    "findings": lambda cells: findings_page(circling(), cells),
    "findings-muted": lambda cells: findings_page(circling(), cells, muted(circling())),
    "lane": lambda cells: lane_page(harbor(), harbor().lanes[0].id, cells),
    "lane-repeating": lambda cells: lane_page(circling(), LOOP, cells),
    "lane-stop": lambda cells: lane_page(circling(), FOREMAN, cells),
    "lane-family-first": lambda cells: lane_page(circling(), FOREMAN, cells, kind=FindingKind.FAMILY_TOO_LONG),
    "lane-held": lambda cells: lane_page(held_fleet(), held_fleet().lanes[0].id, cells),
    "explain": lambda cells: explain_lines(harbor().lanes[0], cells, harbor().at),
    "skips": lambda cells: skip_lines(harbor(), cells),
    "help": keys_page,
    "audit": lambda cells: audit_page(audit_log(), cells),
    "question-pause": lambda cells: question_page(Verb.PAUSE, "", cells),
    "question-close": lambda cells: question_page(Verb.CLOSE, LONG_TEXT, cells),
    "question-on-a-low-screen": lambda cells: question_page(Verb.CLOSE, LONG_TEXT, cells, low=True),
    "could-have-paused": lambda cells: could_have_page(Verb.PAUSE, cells),
    "could-have-closed": lambda cells: could_have_page(Verb.CLOSE, cells),
    "conversation": lambda cells: conversation_page(cells, Fold.USUAL),
    "conversation-unfolded": lambda cells: conversation_page(cells, Fold.OPEN),
    "scrubber": lambda cells: [*scrubber_page(0.02, cells), *scrubber_page(0.9, cells)],
}


class TextFile(SingleFileSnapshotExtension):
    """One text file per page."""

    _file_extension = "txt"
    _write_mode = WriteMode.TEXT


@pytest.mark.parametrize("name", PAGES)
def test_layout(snapshot, name):
    parts = []
    for cells in WIDTHS:
        lines = PAGES[name](cells)
        rows = ["".join(span.text for span in line).rstrip() for line in lines]
        parts.append("\n".join([f"== {cells} cells", *rows]))
    assert "\n\n".join(parts) + "\n" == snapshot(extension_class=TextFile)


@pytest.mark.parametrize("cells", [80, 100, 120])
def test_the_texts_of_the_help_are_whole(cells: int):
    rows = [HelpKey(safe_text("/"), safe_text("Filter lanes: words, key:value, !not, and the names of saved views"))]
    lines = help_lines({"the table": rows}, cells)
    said = " ".join(" ".join(span.text for span in line) for line in lines)
    for part in ("Filter", "key:value,", "names of", "views"):
        assert part in said
    assert all(line_width(line) <= cells for line in lines)
    assert "…" not in said
