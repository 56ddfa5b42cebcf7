"""No module imports itself by way of others: the modules of `tui` have an order, in each folder too."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

Imports = Mapping[str, set[str]]
"""The modules that each module imports."""

FOUND_BY_A_REGISTRY = {"tui.agents.registry": "tui.agents.*.agent", "tui.control.verbs.registry": "tui.control.verbs.*"}
"""Imports by a computed name, which the syntax does not show. The registry of commands is left out: the command
`completion` needs all commands, and gets them while it runs."""


def all_modules(root: Path) -> dict[str, Path]:
    """The modules of the package below `root`, by their dotted names."""
    return {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for path in (root / "tui").rglob("*.py")
    }


def imports_of(root: Path, *, for_types: bool) -> Imports:
    """What each module imports, within its functions too; `for_types`: also what only a type checker imports."""
    modules = all_modules(root)
    imports: dict[str, set[str]] = {}
    for name, path in modules.items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imports[name] = {
            module
            for node in statements(tree, for_types=for_types)
            for module in imported_by(node, package, modules)
            if module != name
        }
    for registry, pattern in FOUND_BY_A_REGISTRY.items():
        if registry in imports:
            found = {name for name in modules if Path(name.replace(".", "/")).match(pattern.replace(".", "/"))}
            imports[registry] |= found - {registry}
    return imports


def statements(tree: ast.AST, *, for_types: bool) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" and not for_types:
            continue
        yield node
        yield from statements(node, for_types=for_types)


def imported_by(node: ast.AST, package: str, modules: Mapping[str, Path]) -> Iterator[str]:
    """The modules that a statement names: `from a import b` is `a.b` if that is a module, else `a`."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in modules)
    elif isinstance(node, ast.ImportFrom):
        above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        source = ".".join([*above, *([node.module] if node.module else [])])
        for alias in node.names:
            name = f"{source}.{alias.name}"
            if name in modules or source in modules:
                yield name if name in modules else source


def circle(imports: Imports) -> list[str]:
    """One circle of modules, each imported by the next; empty if there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return error.args[1]
    return []


@pytest.mark.parametrize("for_types", [False, True], ids=["when the program runs", "for the type checker too"])
def test_no_module_imports_itself_by_way_of_others(for_types):
    # No circle of imports for the type checker is left either. Such an import may be added where it saves the start
    # of a command the cost of loading a module, not to hide a circle.
    imports = imports_of(ROOT, for_types=for_types)
    assert len(imports) > 100
    found = circle(imports)
    assert not found, "a circle of imports: move what the modules share into a module below them"


@pytest.mark.parametrize(
    ("one", "other", "for_types"),
    [
        ("from tui.other import b", "import tui.one", False),
        ("from tui import other", "from . import one", False),
        ("from .other import b", "def late():\n    from tui.one import a", False),
        ("from tui.other import b", "if TYPE_CHECKING:\n    from tui.one import a", True),
    ],
)
def test_a_circle_is_found(tmp_path, one, other, for_types):
    (tmp_path / "tui").mkdir()
    for name, text in (("__init__", ""), ("one", one), ("other", other), ("alone", "import tui.one")):
        (tmp_path / "tui" / f"{name}.py").write_text(text)
    assert set(circle(imports_of(tmp_path, for_types=True))) == {"tui.one", "tui.other"}
    assert bool(circle(imports_of(tmp_path, for_types=False))) is not for_types
