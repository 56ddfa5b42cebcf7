"""Imports point one way, and nothing but safe text reaches a widget."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TUI = ROOT / "tui"
UI = sorted((TUI / "screen").rglob("*.py"))
CORE = sorted(path for path in TUI.rglob("*.py") if "screen" not in path.relative_to(TUI).parts)

HEADLESS = [
    "tui.cli.main", "tui.cli.commands.lanes", "tui.cli.commands.findings", "tui.cli.commands.events", "tui.cli.commands.explain",
    "tui.cli.commands.doctor", "tui.cli.commands.config", "tui.cli.commands.completion", "tui.cli.commands.notices", "tui.fleet.live",
    "tui.view.detail", "tui.config.load", "tui.control.tmux", "tui.control.channels", "tui.sources.watch",
]  # fmt: skip


def test_imports_point_down():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", HEADLESS)
def test_the_commands_never_pay_for_the_screen(module):
    # A static check cannot see what an import pulls in at run time.
    code = f"import {module}, sys; sys.exit('textual' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{module} imports textual\n{done.stderr}"


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            target = node.func
            name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
            yield name, node


MARKUP_SINKS = {
    "Static", "Label", "Button", "DataTable", "RichLog", "Log", "Markdown", "Tree", "OptionList", "Select", "Collapsible",
    "Tab", "Tabs", "TabbedContent", "Digits", "Link", "notify", "add_row", "add_column", "update_cell", "write_line",
    "from_markup", "Text", "Content", "Toast", "set_options", "add_option",
}  # fmt: skip
MARKUP_ATTRIBUTES = {"tooltip", "border_title", "border_subtitle", "sub_title"}


@pytest.mark.parametrize("path", UI, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_widget_that_parses_markup_is_given_text(path):
    used = {name for name, _ in calls(path)} & MARKUP_SINKS
    assert not used, f"{path.name} uses {used}: draw a SafeText through widgets/lines.py instead"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assigned = {
        target.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute)
    }
    assert not assigned & MARKUP_ATTRIBUTES


@pytest.mark.parametrize("path", UI, ids=lambda path: str(path.relative_to(ROOT)))
def test_text_is_drawn_in_one_place_only(path):
    drawn = {name for name, _ in calls(path)} & {"Segment"}
    assert not drawn or path.name == "lines.py"


@pytest.mark.parametrize(
    "path", [*UI, *sorted((TUI / "cli").rglob("*.py"))], ids=lambda path: str(path.relative_to(ROOT))
)
def test_safe_text_is_made_in_the_view_alone(path):
    made = [ast.unparse(node) for name, node in calls(path) if name == "SafeText"]
    assert not made, f"made by hand: {made}; use safe_text, or own() for a literal"


def test_safe_text_by_hand_takes_no_field_of_a_lane():
    # In the view, SafeText(...) wraps our own digits and pieces of safe texts; a raw field of a model never.
    raw_fields = {
        "title",
        "doing",
        "summary",
        "text",
        "cwd",
        "branch",
        "tool",
        "path",
        "name",
        "why",
        "session",
        "model",
        "project",
    }
    for path in sorted((TUI / "view").rglob("*.py")):
        for name, node in calls(path):
            if name != "SafeText":
                continue
            touched = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)} & raw_fields
            assert not touched, f"{path.name}:{node.lineno} wraps {touched} without safe_text"


TIMELESS = [
    path
    for path in CORE
    if path.relative_to(TUI).parts[0] in ("model", "text", "ledger", "judge", "fleet", "replay", "view", "config")
]


@pytest.mark.parametrize("path", TIMELESS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_core_reads_no_clock(path):
    clocks = {"time", "monotonic", "perf_counter", "now", "utcnow", "today"}
    for name, node in calls(path):
        if name in clocks and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            assert node.func.value.id not in ("time", "datetime", "date"), f"{path.name}:{node.lineno} reads the clock"
