"""Findings on the real app: the list, moving between them, their evidence, muting."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.geometry import Region
from textual.widgets import Input

from tests.fleets import circling, crowd, harbor
from tests.screen.apps import Stage, shipped_themes, strips_of
from tui.model.finding import FindingKind
from tui.model.snapshot import Fleet
from tui.screen.themes import Styles

SIZES = [(80, 24), (120, 40), (200, 60)]
LOOP, FOREMAN, NIGHT, ASKS = "claude:e1c55d07", "codex:9d1e44b0", "claude:b20f7a6e", "claude:c81d7e02"


async def typed(pilot, *words):
    for word in words:
        await pilot.press(*("space" if char == " " else char for char in word))


@pytest.mark.parametrize("size", SIZES)
async def test_a_finding_of_severity_stop_is_first_with_its_reason(size):
    stage = Stage(circling())
    async with stage.app.run_test(size=size) as pilot:
        await pilot.pause()
        rows = stage.text().splitlines()[3:5]
        assert "only the name differs" in rows[0]
        assert "npm install" in rows[1]
        assert "×12 same error" in rows[1]
        assert "2 stop" in stage.text().splitlines()[0]


async def test_only_the_row_of_the_severe_lane_is_filled():
    stage = Stage(crowd(), "mono")
    async with stage.app.run_test(size=(120, 60)) as pilot:
        await pilot.pause()
        await pilot.press("G")
        await pilot.press("g", "j")
        mono = next(spec for spec in shipped_themes().specs if spec.name == "mono")
        filled = Styles(mono).of("pill.stop")
        strips = strips_of(stage.app)
        where = [y for y, strip in enumerate(strips[3:30]) for segment in strip
                 if segment.style == filled and "same error" in segment.text]  # fmt: skip
        assert where == [0]


async def test_the_list_opens_selects_and_closes():
    stage = Stage(circling())
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("f")
        await pilot.pause()
        text = stage.text()
        for words in (
            "FINDINGS",
            "2 stop · 2 warn · 1 info · 1 needs you · 2 past",
            "unverified claim",
            "file collision",
        ):
            assert words in text
        await pilot.press("j")
        assert stage.screen.table.cursor == FOREMAN
        await pilot.press("j")
        assert stage.screen.table.cursor == ASKS
        await pilot.press("k", "k")
        assert stage.screen.table.cursor == LOOP
        await pilot.press("f")
        await pilot.pause()
        assert "FINDINGS" not in stage.text()
        assert stage.screen.focused is stage.screen.table


async def test_enter_opens_the_lane_with_that_findings_evidence_and_escape_returns_to_the_list():
    stage = Stage(circling())
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("f", "G", "k", "k", "k")
        entry = stage.screen.findings.entry
        assert entry is not None
        assert entry.finding.kind is FindingKind.FAMILY_TOO_LONG
        await pilot.press("enter")
        await pilot.pause()
        text = stage.text()
        assert entry.finding.title[:30] in text.splitlines()[7] + text.splitlines()[8]
        await pilot.press("escape")
        await pilot.pause()
        assert stage.screen.focused is stage.screen.findings
        await pilot.press("escape")
        await pilot.pause()
        assert "FINDINGS" not in stage.text()


async def test_next_and_previous_move_through_findings_by_severity():
    stage = Stage(circling())
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        seen = []
        for _ in range(4):
            await pilot.press("n")
            seen.append(stage.screen.table.cursor)
        assert seen[:2] == stage.screen.rows.order[:2]
        assert seen == [FOREMAN, LOOP, ASKS, "claude:77aa0c3d"]  # stopped by a usage limit, without a finding
        await pilot.press("N")
        assert stage.screen.table.cursor == ASKS
        assert "3 of 7 to look at · needs you" in stage.text()


async def test_the_line_about_the_step_follows_what_happens_and_goes_with_its_finding():
    fleet = circling()
    stage = Stage(fleet)
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("n", "n")
        await pilot.pause()
        assert "2 of 7 to look at · looping: npm install failed 12 times" in stage.text()
        changed = [
            replace(one, title="npm install failed 13 times") if one.lane == LOOP else one for one in fleet.findings
        ]
        gone = [one for one in changed if one.lane != FOREMAN]
        stage.show(replace(fleet, findings=tuple(gone), version=3))
        await pilot.pause()
        assert "1 of 5 to look at · looping: npm install failed 13 times" in stage.text()
        stage.show(replace(fleet, findings=tuple(one for one in gone if one.lane != LOOP), version=4))
        await pilot.pause()
        assert "to look at" not in stage.text()


async def test_moving_to_a_finding_unfolds_its_lane_or_names_the_filter():
    fleet = circling()
    parent = fleet.lanes[0].id
    child = replace(fleet.lanes[-2], parent=parent, depth=1)
    lanes = (fleet.lanes[0], child, *(each for each in fleet.lanes[1:] if each.id != child.id))
    stage = Stage(replace(fleet, lanes=lanes))
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        stage.screen.table.move_to(parent)
        await pilot.press("z")
        assert child.id not in stage.screen.rows.order
        await pilot.press("n", "n")
        assert stage.screen.table.cursor == child.id
        await pilot.press("slash", *"codex", "enter", "n")
        await pilot.pause()
        assert "the filter hides its lane" in stage.text()


async def test_muting_asks_for_a_reason_and_can_be_undone():
    stage = Stage(circling())
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("n", "n", "m")
        await pilot.pause()
        assert 'why is "looping" fine here?' in stage.text()
        await typed(pilot, "registry is down")
        await pilot.press("enter")
        await pilot.pause()
        text = stage.text()
        assert "×12 same error" not in text
        assert "1 stop" in text.splitlines()[0]
        assert "“registry is down”" in text, "the lane's page says so"
        await pilot.press("f")
        await pilot.pause()
        assert "1 muted" in stage.text()
        await pilot.press("G", "m")
        await pilot.pause()
        assert "×12 same error" in stage.text()
        assert "muted" not in stage.text().splitlines()[20]


async def test_a_mute_needs_a_reason_and_escape_cancels():
    stage = Stage(circling())
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("n", "m", "enter")
        await pilot.pause()
        assert "a mute needs a reason" in stage.text()
        await pilot.press("x", "escape")
        await pilot.pause()
        assert "×12 same error" in stage.text()
        assert stage.screen.focused is stage.screen.table
        await pilot.press("m")
        await pilot.pause()
        assert stage.screen.query_one("#mute", Input).value == ""


async def test_mute_without_a_finding_gives_a_notice():
    stage = Stage(harbor())
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("m")
        await pilot.pause()
        assert "nothing to mute here" in stage.text()
        await pilot.press("f")
        await pilot.pause()
        assert "no findings" in stage.text()


async def test_the_cursor_stays_on_its_finding_while_others_are_added():
    fleet = circling()
    stage = Stage(replace(fleet, findings=fleet.findings[1:]))
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("f", "j")
        chosen = stage.screen.findings.entry
        assert chosen is not None
        stage.show(replace(fleet, version=9))
        await pilot.pause()
        now = stage.screen.findings.entry
        assert now is not None
        assert now.id == chosen.id


async def test_a_finding_can_be_clicked():
    stage = Stage(circling())
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("f")
        await pilot.pause()
        await pilot.click("#findings", offset=(20, 3))
        assert stage.screen.table.cursor == FOREMAN


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("loop", {LOOP, FOREMAN, NIGHT}), ("loop:error", {LOOP}), ("finding:stop", {LOOP, FOREMAN}),
        ("finding:unverified", {"claude:5f0c21aa"}), ("loop !finding:stop", {NIGHT}),
    ],
)  # fmt: skip
async def test_filters_match_findings(text, found):
    stage = Stage(circling())
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("slash")
        await typed(pilot, text)
        await pilot.press("enter")
        await pilot.pause()
        assert set(stage.screen.rows.order) == found


async def test_sorting_by_repetition_puts_the_worst_first():
    stage = Stage(circling())
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        stage.screen.arguments["sort"].run("repetition")
        await pilot.pause()
        assert stage.screen.rows.order[:3] == [FOREMAN, LOOP, NIGHT]
        assert "sort repetition" in stage.text()
        assert "LOOP▼" in stage.text()


async def test_a_row_is_not_redrawn_for_changes_elsewhere():
    stage = Stage(circling())
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        table = stage.screen.table
        drawn: list[Region] = []
        refresh = table.refresh
        table.refresh = lambda *regions, **options: (drawn.extend(regions), refresh(*regions, **options))[1]
        fleet = stage.fleet
        spent = tuple(replace(each, tokens_since=(each.tokens_since or 0) + 1) for each in fleet.findings)
        changed = replace(fleet.lanes[0], calls=fleet.lanes[0].calls + 1)
        stage.show(replace(fleet, findings=spent, lanes=(changed, *fleet.lanes[1:]), version=3))
        await pilot.pause()
        titles = 1
        row = stage.screen.rows.order.index(changed.id) + titles
        assert drawn == [Region(0, row, table.size.width, 1)]


async def test_each_drawn_fleet_is_passed_to_the_listener():
    heard: list[Fleet] = []
    stage = Stage(circling(), notify=heard.append)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert heard
        fleet = harbor()
        stage.show(fleet)
        assert heard[-1] is fleet


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("keys", [(), ("f",), ("n", "enter"), ("n", "n", "enter"), ("n", "m"), ("question_mark",)])
async def test_plain_ascii_on_request(size, keys):
    stage = Stage(circling(), ascii_only=True)
    async with stage.app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        assert stage.text().isascii()
