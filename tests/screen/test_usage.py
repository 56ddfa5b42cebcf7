"""The screen of all usage."""

from __future__ import annotations

from datetime import date, datetime

from tests.screen.apps import Stage, at_rest
from tests.view.test_usage_page import DAYS, WEEKS, used
from tui.history.sync import Coverage
from tui.history.usage import Asked, By, Per
from tui.screen.usage import UsageScreen


async def test_u_opens_the_usage_and_keys_change_the_periods_and_groups_of_its_table():
    asked: list[Asked] = []

    def read(questions):
        asked.append(questions[-1])
        return [DAYS, WEEKS, [used(None, 3_000_000, "harbor")]]

    stage = Stage(usage=read)
    async with stage.running() as pilot:
        await pilot.press("U")
        await at_rest(pilot)
        assert isinstance(pilot.app.screen, UsageScreen)
        assert "PER WEEK BY PROJECT" in stage.text()
        assert "harbor" in stage.text()
        await pilot.press("p", "B")
        await at_rest(pilot)
        assert "PER MONTH BY LANE" in stage.text()
        await pilot.press("p")
        await at_rest(pilot)
        assert [(one.per, one.by) for one in (asked[0], asked[-1])] == [(Per.WEEK, By.PROJECT), (None, By.LANE)]
        await pilot.press("B")
        await at_rest(pilot)
        assert "ALL TIME BY AGENT" in stage.text(), "a table of one row would say nothing"
        await pilot.press("escape")
        await at_rest(pilot)
        assert pilot.app.screen is pilot.app.main


async def test_what_cannot_be_read_is_said():
    def read(_):
        raise OSError("disk gone")

    stage = Stage(usage=read)
    async with stage.running() as pilot:
        await pilot.press("U")
        await at_rest(pilot)
        assert "not read: disk gone" in stage.text()


async def test_a_part_of_the_history_is_said_with_the_day_from_which_on_it_is_complete():
    last = datetime.fromisoformat("2026-05-05T12:00").astimezone().timestamp()
    stage = Stage(usage=lambda _: [DAYS, WEEKS, [used(date(2026, 5, 4), 3_000_000, "harbor"),
                                                 used(date(2026, 5, 6), 2_000_000, "pier")]],
                  coverage=Coverage(58, 100, last), history=lambda: 0.42)  # fmt: skip
    async with stage.running() as pilot:
        assert "history 42%" in stage.text()
        await pilot.press("U")
        await at_rest(pilot)
        shown = stage.text()
        assert "42% of the history read, complete since 6 May 2026" in shown
        assert "≥3.00M" in next(line for line in shown.splitlines() if "harbor" in line)
        assert "≥" not in next(line for line in shown.splitlines() if "pier" in line)
