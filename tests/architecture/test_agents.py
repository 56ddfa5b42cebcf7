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
import sys
from tui.agents import registry
registry.FOLDERS = (*registry.FOLDERS, "tests.architecture.toy")
if sys.argv[1] == "docs":
    from docs.generate import PARTS
    print(PARTS["agent-table"](), PARTS["command-pages"]())
    sys.exit()
from tui.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
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


def run(tmp_path: Path, *args: str) -> str:
    home = tmp_path / "toys"
    (home / "toy-session-1").mkdir(parents=True, exist_ok=True)
    (home / "toy-session-1" / "log.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in LINES))
    env = {**os.environ, "TOYBOX_HOME": str(home), "HOME": str(tmp_path), "PYTHONPATH": str(PACKAGE.parent)}
    for name in (*VARIABLES, "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        env.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-c", START, *args], check=False, env=env, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_toy_agent_is_in_the_table_and_json(tmp_path: Path) -> None:
    assert "A tower of blocks" in run(tmp_path, "lanes", "--since", "all")
    (lane,) = json.loads(run(tmp_path, "lanes", "--json", "--since", "all"))["lanes"]
    assert lane["agent"] == "toybox"
    assert lane["session"] == "toy-session-1", "its folder is the session: no line states it"
    assert lane["recording"] is None


def test_a_toy_agent_is_in_doctor_and_help(tmp_path: Path) -> None:
    told = run(tmp_path, "doctor", "--since", "all")
    assert "toys  1 transcripts" in told
    assert "toybox version not stated" in told
    told = run(tmp_path, "--help")
    assert "$TOYBOX_HOME or ~/.toybox" in told
    assert ", ".join(("NO_COLOR", *VARIABLES, "TOYBOX_HOME")) in " ".join(told.split())


def test_a_toy_agent_is_in_completion_and_docs(tmp_path: Path) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "toybox" in run(tmp_path, "completion", shell)
    docs = run(tmp_path, "docs")
    assert "| `toybox` | Toybox | $TOYBOX_HOME or ~/.toybox | yes |" in docs
    assert "\\|".join((*(agent.name for agent in registry.gated()), "toybox")) in docs, "a bar in a table is escaped"


def test_a_gate_for_a_toy_agent_is_planned(tmp_path: Path) -> None:
    assert "hooks.json" in run(tmp_path, "install", "toybox", "--dry-run")


def test_a_new_agent_is_one_folder_and_one_line() -> None:
    """The only line elsewhere is that of the registry, which `START` stands for."""
    folder = Path(__file__).parent / "toy"
    declared = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert declared == {"agent", "homes"}
    sys.stdout.write("\na new agent needs 1 folder and 1 line in agents/registry.py\n")
