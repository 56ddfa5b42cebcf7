"""No folder but `tui/agents` names an agent, and a new agent needs one folder and one line."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tui
from tui.agents import registry
from tui.agents.base import Agent

PACKAGE = Path(tui.__file__).parent
NAMES = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(agent.name for agent in registry.AGENTS)})", re.IGNORECASE)
"""An agent's name at the beginning of a word: a longer word may hold a short name by chance."""
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0] != "agents"]
VARIABLES = [name for homes in registry.HOMES for name in homes.variables]

START = """
import contextlib, io, json, sys
from tui.agents import registry
registry.FOLDERS = (*registry.FOLDERS, "tests.architecture.toy")
from tui.cli.main import main
told = {}
for command in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            status = main(command.split())
        except SystemExit as ended:
            status = ended.code
    assert not status, command
    told[command] = out.getvalue()
from docs.generate import PARTS
told["docs"] = PARTS["agent-table"]() + PARTS["command-pages"]()
json.dump(told, sys.stdout)
"""
COMMANDS = (
    "lanes --since all", "lanes --json --since all", "doctor --since all", "--help", "completion bash", "completion zsh",
    "completion fish", "install toybox --dry-run",
)  # fmt: skip
LINES = [
    {"toy": "begin", "at": "2026-05-09T10:00:00Z", "text": "A tower of blocks"},
    {"toy": "ask", "at": "2026-05-09T10:00:01Z", "text": "Build a tower"},
    {"toy": "say", "at": "2026-05-09T10:00:02Z", "text": "It stands"},
]


def texts(tree: ast.Module) -> list[tuple[int, str]]:
    """Literals and names of a module, with their lines; free-standing texts such as docstrings are left out."""
    free = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and id(node) not in free:
            found.append((line, str(node.value)))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found.append((line, ast.unparse(node)))
        else:
            names = (getattr(node, field, None) for field in ("id", "attr", "name", "arg"))
            found += [(line, name) for name in names if isinstance(name, str)]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_other_folder_names_an_agent(path: Path) -> None:
    named = [(line, text) for line, text in texts(ast.parse(path.read_text("utf-8"))) if NAMES.search(text)]
    assert not named


@pytest.mark.parametrize("agent", registry.AGENTS, ids=lambda agent: agent.name)
@pytest.mark.parametrize(
    "code", ["x = '{title}'", "import tui.agents.{name}.reader", "{name}_home = 1", "_{name} = 1", "f({name}=1)"]
)
def test_a_name_would_be_found(agent: Agent, code: str) -> None:
    code = code.format(name=agent.name, title=agent.title)
    assert any(NAMES.search(text) for _, text in texts(ast.parse(code)))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each of `COMMANDS` says where the toy is registered, and the docs; one process runs them all."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "toys" / "toy-session-1"
    folder.mkdir(parents=True)
    (folder / "log.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in LINES))
    env = {**os.environ, "TOYBOX_HOME": str(home / "toys"), "HOME": str(home), "PYTHONPATH": str(PACKAGE.parent)}
    for name in (*VARIABLES, "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        env.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-c", START, *COMMANDS], check=False, env=env, capture_output=True, text=True, cwd=home
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_toy_agent_is_in_the_table_and_json(told: dict[str, str]) -> None:
    assert "A tower of blocks" in told["lanes --since all"]
    (lane,) = json.loads(told["lanes --json --since all"])["lanes"]
    assert lane["agent"] == "toybox"
    assert lane["session"] == "toy-session-1", "its folder is the session: no line states it"
    assert lane["recording"] is None


def test_a_toy_agent_is_in_doctor_and_help(told: dict[str, str]) -> None:
    assert "toys  1 transcripts" in told["doctor --since all"]
    assert "toybox version not stated" in told["doctor --since all"]
    assert "$TOYBOX_HOME or ~/.toybox" in told["--help"]
    assert ", ".join(("NO_COLOR", *VARIABLES, "TOYBOX_HOME")) in " ".join(told["--help"].split())


def test_a_toy_agent_is_in_completion_and_docs(told: dict[str, str]) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "toybox" in told[f"completion {shell}"]
    docs = told["docs"]
    assert "| `toybox` | Toybox | $TOYBOX_HOME or ~/.toybox | yes |" in docs
    assert "\\|".join((*(agent.name for agent in registry.gated()), "toybox")) in docs, "a bar in a table is escaped"


def test_a_gate_for_a_toy_agent_is_planned(told: dict[str, str]) -> None:
    assert "hooks.json" in told["install toybox --dry-run"]


def test_a_new_agent_is_one_folder_and_one_line() -> None:
    """The only line elsewhere is that of the registry, which `START` stands for."""
    folder = Path(__file__).parent / "toy"
    declared = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert declared == {"agent", "files", "homes"}
    sys.stdout.write("\na new agent needs 1 folder and 1 line in agents/registry.py\n")
