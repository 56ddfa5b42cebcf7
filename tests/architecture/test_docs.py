"""README.md and docs/: what they name exists, their links lead somewhere, and all that is declared is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.agents.registry import AGENTS
from tui.cli.command import PROGRAM, all_commands, watch
from tui.config.load import parse_settings
from tui.config.schema import SECTIONS
from tui.control.verbs.registry import all_verbs
from tui.judge.findings.registry import all_findings
from tui.screen.bindings import SCOPES, TYPED
from tui.screen.keymap import KeyTable, mistakes_in
from tui.settings.declare import settings_in
from tui.view.columns.registry import all_columns, all_sorts
from tui.view.lanes_json import lane_fields

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
TOP = [ROOT / name for name in ("README.md", "SECURITY.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES = [*TOP, *sorted(DOCS.glob("*.md"))]
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def code_in(page: str) -> Iterator[str]:
    """What stands in code, inline or in blocks, line by line and without the comments of a shell."""
    blocks = re.findall(r"(?ms)^```\w*\n(.*?)^```", page)
    yield from (line.partition("  #")[0].strip() for block in blocks for line in block.splitlines())
    yield from re.findall(r"`([^`]+)`", re.sub(r"(?ms)^```.*?^```", "", page).replace("\n", " "))


def anchors_of(page: Path) -> set[str]:
    """The anchors of a page's headings, as the code host and mkdocs make them."""
    titles = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf-8"))
    plain = [re.sub(r"[^\w\s-]", "", title.lower()) for title in titles]
    return {re.sub(r"[\s]+", "-", title.strip()) for title in plain}


# -- what they name -----------------------------------------------------------------------------------


@every_page
def test_commands_and_options_exist(page: Path):
    commands = {command.name: command for command in all_commands()}
    for line in code_in(page.read_text(encoding="utf-8")):
        for said in re.findall(rf"(?:^|[|;&$] ?){PROGRAM}\b([^|;&]*)", line):
            words = said.split()
            name = words[0] if words and re.fullmatch(r"[a-z][a-z-]+", words[0]) else ""
            assert not name or name in commands, f"{line}: there is no such command"
            given = (commands[name] if name else watch()).parser()
            options = {option for action in given._actions for option in action.option_strings}
            unknown = set(re.findall(r"(?<!\S)(--?[a-z][a-z-]*)", said)) - options - {"--help"}
            assert not unknown, line


@every_page
def test_targets_of_make_exist(page: Path):
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    for line in code_in(page.read_text(encoding="utf-8")):
        said = re.fullmatch(r"make((?: [a-z-]+)+)", line)
        assert said is None or set(said[1].split()) <= targets, line


@every_page
def test_examples_of_the_configuration_are_valid(page: Path):
    for block in re.findall(r"(?ms)^```toml\n(.*?)^```", page.read_text(encoding="utf-8")):
        loaded = parse_settings(block)
        assert not [*loaded.problems, *mistakes_in(loaded.settings)]


@every_page
def test_links_lead_to_files_and_headings(page: Path):
    text = re.sub(r"`[^`\n]*`", "", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (page.parent / path) if path else page
        assert file.is_file(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors_of(file), f"{page.name}: {target}"


def test_the_site_has_every_page():
    listed = set(re.findall(r": ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE))
    assert listed == {"index.md", *(page.name for page in PAGES if page.name != "README.md")}


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 130


# -- what is declared ---------------------------------------------------------------------------------


def test_what_the_docs_are_checked_for_is_found():
    counts = {
        "commands": len(all_commands()), "keys": sum(map(len, SCOPES.values())), "columns": len(all_columns()),
        "orders": len(all_sorts()), "JSON keys": len(lane_fields()), "findings": len(all_findings()),
        "settings": sum(len(settings_in(section)) for section in SECTIONS.values()), "typed": len(TYPED),
        "verbs": len(all_verbs()), "agents": len(AGENTS),
    }  # fmt: skip
    least = {"commands": 20, "keys": 90, "columns": 15, "JSON keys": 20, "findings": 15, "settings": 60}
    assert all(counts[what] >= least.get(what, 2) for what in counts), counts


def test_every_command_and_option_is_told():
    page = text_of("commands.md")
    for command in (watch(), *all_commands()):
        _, begun, part = page.partition(f"## {PROGRAM} {command.name}".strip() + "\n")
        assert begun, command.name
        part = part.partition("\n## ")[0]
        for action in command.parser()._actions:
            assert "--help" in action.option_strings or all(option in part for option in action.option_strings)


def test_every_key_and_typed_command_is_told():
    page = text_of("keys.md")
    for where, keys in SCOPES.items():
        assert re.search(rf"(?mi)^## (?:in )?{where}$", page)
        for key in keys:
            assert f"| `{key.id}` |" in page
    shown = KeyTable({})
    assert f"| `{shown.keys_of('lane.next')}` |" in page
    assert all(f"`:{typed.name} " in page for typed in TYPED)


def test_every_column_order_and_json_key_is_told():
    page = text_of("columns.md")
    assert all(f"| `{column.name}` |" in page for column in all_columns())
    assert all(f"| `{sort.name}` |" in page for sort in all_sorts())
    assert all(f"| `{field.key}` |" in page for field in lane_fields())
    for column in all_columns():
        assert all(f"`{key.name}:`" in page or f"`{key.name}>`" in page for key in column.filters)


def test_every_finding_is_told_and_has_its_example():
    page, examples = text_of("findings.md"), text_of("examples.md")
    sampled = {path.name for path in (ROOT / "sample_logs" / "findings").iterdir() if path.is_dir()}
    for spec in all_findings():
        assert f"| `{spec.kind.value}` |" in page
        part = examples.partition(f"(`{spec.kind.value}`)")[2].partition("\n## ")[0]
        assert not part or re.search(rf"(?m)^({'|'.join(spec.severities)})  \S", part), "what is said of it"
        assert bool(part) == (spec.kind.value in sampled)


def test_every_setting_is_told_in_its_section():
    page = text_of("configuration.md")
    for name, section in SECTIONS.items():
        _, begun, part = page.partition(f"## [{name}]\n")
        assert begun, name
        part = part.partition("\n## ")[0]
        assert all(f"| `{key}` |" in part for key in settings_in(section))


def test_every_agent_and_verb_is_told():
    assert all(f"| `{agent.name}` |" in text_of("agents.md") for agent in AGENTS)
    assert all(f"| {agent.title} |" in (ROOT / "README.md").read_text(encoding="utf-8") for agent in AGENTS)
    assert all(re.search(rf"(?m)^\| {spec.verb.value} \|", text_of("control.md")) for spec in all_verbs())


# -- the moving picture -------------------------------------------------------------------------------


def test_the_moving_picture_is_light_and_loads_nothing():
    picture = text_of("tour.svg")
    assert len(picture.encode()) < 500_000
    assert "<script" not in picture
    assert "@font-face" not in picture
    assert set(re.findall(r"(?:href|src)=\"(.)", picture)) == {"#"}
    assert re.findall(r"https?://[^\s\"<]+", picture.replace("https://harbour.example", "")) == [
        "http://www.w3.org/2000/svg"
    ]


def test_the_moving_picture_shows_this_version():
    shown = {word for text in re.findall(r">([^<>]+)</text>", text_of("tour.svg")) for word in text.split()}
    titles = {column.title for column in all_columns() if column.rank is not None and column.title}
    assert len(titles & shown) >= 6, "make picture films it anew"
    assert {"paused", "working"} <= shown
