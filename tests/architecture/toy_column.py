"""Registers a column that is declared outside the package, and prints what the program then shows of it.

Run in a process of its own with a folder for files: what is declared is read once, when the program starts.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

FOLDER = Path(sys.argv[1])
ROOT = Path(__file__).resolve().parents[2]

COLUMN = '''
"""Tool calls that failed."""

from tui.text.format import number
from tui.text.styled_text import Span, own
from tui.view.columns.base import Column, FilterKey, JsonField, Sort

COLUMNS = (
    Column(
        name="failed",
        place=101,
        rank=31,
        plain_rank=31,
        title=own("FAILED"),
        doc=own("tool calls that failed"),
        signs=((own("0"), own("none did")),),
        cells=7,
        right=True,
        cell=lambda lane, row, cells: Span(number(lane.tool_errors), "warn"),
        sort=Sort("failed", 31, own("failed calls"), lambda lane, alarm: (lane.tool_errors,), descending=True),
        filters=(FilterKey("failed", lambda lane: str(lane.tool_errors)),),
        json=(JsonField("tool_errors", 141, "Tool calls that failed.", lambda lane: lane.tool_errors),),
    ),
)
'''


def register() -> None:
    """The column as one more file of `tui/view/columns`."""
    from tui.view import columns

    (FOLDER / "failed.py").write_text(COLUMN)
    columns.__path__.append(str(FOLDER))


def docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def screen() -> dict[str, object]:
    """The table of the real app, sorted by the column, and filtered by it."""
    from tests.fleets import harbor
    from tests.screen.apps import Stage

    fleet = harbor()
    lanes = tuple(replace(each, tool_errors=at) for at, each in enumerate(fleet.lanes))
    stage = Stage(replace(fleet, lanes=lanes))
    async with stage.running((240, 40)) as pilot:
        stage.screen.arguments["sort"].run("failed")
        await pilot.pause()
        sorted_by, order = stage.text(), list(stage.screen.rows.order)
        await pilot.press("slash", *"failed:3", "enter")
        await pilot.pause()
        filtered = list(stage.screen.rows.order)
    errors = {each.id: each.tool_errors for each in lanes if each.parent is None}
    return {
        "screen": sorted_by, "order": [errors[each] for each in order if each in errors],
        "filtered": [errors.get(each) for each in filtered],
    }  # fmt: skip


def main() -> None:
    register()
    from tests.fleets import harbor
    from tui.config.defaults import annotated_defaults
    from tui.config.load import parse_settings
    from tui.screen.table_order import sort_values
    from tui.view.help import help_lines
    from tui.view.lanes_json import lanes_json
    from tui.view.plain import lanes_table, page_text

    generated = docs()
    named = parse_settings('[screen]\ncolumns = ["name", "failed"]\nsort = "failed"')
    found = {
        **asyncio.run(screen()),
        "plain": [str(line) for line in page_text(lanes_table(harbor(), 200))],
        "json": lanes_json(harbor())["lanes"][0],
        "settings": [list(named.settings.screen.columns), named.settings.screen.sort, len(named.problems)],
        "refused": [str(problem) for problem in parse_settings('[screen]\ncolumns = ["failing"]').problems],
        "defaults": annotated_defaults(),
        "help": ["".join(span.text for span in line).rstrip() for line in help_lines({}, 80)],
        "typed": [value.text for value in sort_values()],
        "column docs": generated.column_table(),
        "sort docs": generated.sort_table(),
        "json docs": generated.json_table(),
        "setting docs": generated.setting_table("screen"),
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
