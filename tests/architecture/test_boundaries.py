"""Imports point one way, and nothing but safe text reaches a widget."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import textual.widgets

import tui.model
from tui.cli.command import all_commands

ROOT = Path(__file__).resolve().parents[2]
TUI = ROOT / "tui"
READERS_OF_THE_CLOCK = {"agents", "cli", "control", "io", "report", "screen", "sources"}
"""Packages that may ask what time it is; the others are told."""
COMMANDS_OF_THE_SCREEN = {"config", "demo", "replay", "tour"}
"""Commands that may load Textual: they open the screen, or check the names of its keys."""
PLAIN_WIDGETS = {"Input", "TextArea"}
"""Widgets of Textual that take text as it is, without markup."""
MARKUP_METHODS = {
    "notify", "add_row", "add_column", "update_cell", "write_line", "from_markup", "set_options", "add_option",
}  # fmt: skip
MARKUP_CLASSES = {"Text", "Content", "Toast"}
MARKUP_ATTRIBUTES = {"tooltip", "border_title", "border_subtitle", "sub_title"}


@cache
def modules(package: str = "") -> tuple[Path, ...]:
    """The Python files of a package of `tui`, or all."""
    found = tuple(sorted((TUI / package).rglob("*.py")))
    assert found, f"there is no package {package}"
    return found


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            target = node.func
            name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
            yield name, node


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


# -- imports ------------------------------------------------------------------------------------------


def test_imports_point_down():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_but_the_screens_loads_textual():
    # A static check cannot see what an import pulls in at run time.
    names = [dotted(path) for path in modules() if path not in modules("screen") and path.name != "__main__.py"]
    code = "import importlib, sys\nfor name in sys.argv[1:]:\n importlib.import_module(name)\n assert 'textual' not in sys.modules, name"
    done = subprocess.run([sys.executable, "-c", code, *names], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_commands_without_a_screen_load_no_textual_while_they_run(tmp_path):
    names = {command.name for command in all_commands()}
    assert names > COMMANDS_OF_THE_SCREEN
    code = """
import contextlib, io, sys
from tui.cli.main import main
for name in sys.argv[2:]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), contextlib.suppress(SystemExit):
        main([name, sys.argv[1]])
    assert "textual" not in sys.modules, name
"""
    logs = ROOT / "sample_logs" / "findings" / "stop" / "raised"
    done = subprocess.run(
        [sys.executable, "-c", code, str(logs), *sorted(names - COMMANDS_OF_THE_SCREEN)], cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_no_module_but_the_reports_loads_templates():
    # Scans of history and pictures decode with msgspec; they are imported only by those who use them.
    those = {
        *modules("report"),
        TUI / "cli" / "report.py",
        TUI / "cli" / "pictures.py",
        TUI / "history" / "pictures.py",
        *(path for path in modules("agents") if path.name == "counting.py"),
    }
    names = [dotted(path) for path in modules() if path not in those and path.name != "__main__.py"]
    code = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    assert not {"jinja2", "markupsafe", "msgspec"} & set(sys.modules), name
"""
    done = subprocess.run([sys.executable, "-c", code, *names], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


NOT_FOR_HELP = {
    "tui.config", "tui.fleet", "tui.io", "tui.judge", "tui.ledger", "tui.replay", "tui.report", "tui.screen",
    "tui.settings", "tui.sources", "tui.view", "hyperscan", "jinja2", "msgspec", "orjson", "psutil", "rich", "shtab",
    "textual", "watchfiles",
}  # fmt: skip
"""Packages, ours and others, that no help page needs."""
NAME_AGENTS = {"install", "uninstall"}
"""Commands whose help names the agents that have hooks."""


def test_help_loads_neither_agents_nor_what_a_command_does():
    names = {command.name for command in all_commands()}
    assert names > NAME_AGENTS
    code = """
import contextlib, io, sys
from tui.cli.main import main
for name in sys.argv[1].split(","):
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.suppress(SystemExit):
        main([*filter(None, [name]), "--help"])
    assert "--help" in told.getvalue()
    print(name or "lanewatch", *sys.modules)
"""
    asked = ",".join(["", *sorted(names - NAME_AGENTS)])
    done = subprocess.run([sys.executable, "-c", code, asked], cwd=ROOT, capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        name, *loaded = line.split()
        assert "tui.cli.command" in loaded
        packages = {".".join(module.split(".")[: 2 if module.startswith("tui.") else 1]) for module in loaded}
        assert not packages & NOT_FOR_HELP, name
        ours = {
            module.split(".")[-1] for module in loaded if module.startswith("tui.agents.") and module.count(".") > 2
        }
        assert ours <= {"homes"}, name


CHEAP = {
    "argparse",
    "functools",
    "re",
    "sys",
    "os",
    "typing",
    "dataclasses",
    "collections.abc",
    "pathlib",
    "__future__",
}
CHEAP_OF_OURS = {"tui", "tui.cli", "tui.cli.command", "tui.control.verbs.base", "tui.control.verbs.registry"}


def test_declarations_of_commands_import_nothing_dear_and_no_other_command():
    # Help and completion import all of them.
    for path in modules("cli/commands"):
        for node in tree(path).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert set(names) <= CHEAP | CHEAP_OF_OURS, place(path, node)


# -- safe text ----------------------------------------------------------------------------------------


def test_no_widget_that_parses_markup_is_given_text():
    sinks = {name for name in textual.widgets.__all__ if name not in PLAIN_WIDGETS} | MARKUP_METHODS | MARKUP_CLASSES
    used = [f"{place(path, node)} {name}" for path in modules("screen") for name, node in calls(path) if name in sinks]
    assert not used, "draw a SafeText through widgets/lines.py instead"
    assigned = [
        f"{place(path, node)} {target.attr}"
        for path in modules("screen")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute) and target.attr in MARKUP_ATTRIBUTES
    ]
    assert not assigned


def test_text_is_drawn_in_one_place_only():
    drawn = {path.name for path in modules("screen") for name, _ in calls(path) if name == "Segment"}
    assert drawn == {"lines.py"}


def test_screen_and_commands_make_no_safe_text_by_hand():
    made = [
        f"{place(path, node)} {ast.unparse(node)}"
        for package in ("screen", "cli")
        for path in modules(package)
        for name, node in calls(path)
        if name == "SafeText"
    ]
    assert not made, "use safe_text, or own() for a literal"


def texts_of_the_model() -> set[str]:
    """The names of all fields of the model that hold a text, which may be that of a transcript."""
    found: set[str] = set()
    for info in pkgutil.iter_modules(tui.model.__path__, "tui.model."):
        for _, kind in inspect.getmembers(importlib.import_module(info.name), dataclasses.is_dataclass):
            found |= {field.name for field in dataclasses.fields(kind) if field.type in ("str", "str | None")}
    return found


def test_safe_text_by_hand_takes_no_field_of_the_model():
    # In the view, SafeText(...) wraps our own digits and pieces of safe texts; a raw field of the model never.
    raw = texts_of_the_model()
    assert {"title", "doing", "cwd", "branch", "session", "project"} <= raw
    wrapped = [
        f"{place(path, node)} {sorted(touched)}"
        for path in modules("view")
        for name, node in calls(path)
        if name == "SafeText"
        and (touched := {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)} & raw)
    ]
    assert not wrapped, "wrapped without safe_text"


# -- time ---------------------------------------------------------------------------------------------


def test_the_core_reads_no_clock():
    packages = {path.name for path in TUI.iterdir() if (path / "__init__.py").exists()}
    assert packages > READERS_OF_THE_CLOCK
    clocks = {"time", "monotonic", "perf_counter", "now", "utcnow", "today"}
    read = [
        place(path, node)
        for package in sorted(packages - READERS_OF_THE_CLOCK)
        for path in modules(package)
        for name, node in calls(path)
        if name in clocks and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("time", "datetime", "date")
    ]  # fmt: skip
    assert not read
