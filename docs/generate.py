"""Writes the parts of README.md and docs/*.md that are made from declarations: `make docs`.

A part stands between two marks: `<!-- generated: commands -->` and `<!-- end -->`. What stands around it is written by
hand. With `--check` nothing is written, and the exit code is 1 if a part is not as it would be written.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from pathlib import Path

from tui.agents import registry
from tui.agents.base import Agent
from tui.budget.budget import BudgetTable
from tui.cli.command import PROGRAM, Command, all_commands, watch
from tui.cli.lanes import read_once
from tui.cli.session import Common
from tui.config.defaults import toml_value
from tui.config.schema import SECTIONS
from tui.control.routes.registry import DRIVERS
from tui.control.user_commands import PLACEHOLDERS, REFUSED, UserCommand
from tui.control.verbs.registry import all_verbs
from tui.judge.findings.base import FindingSpec
from tui.judge.findings.registry import all_findings
from tui.model.control import RouteKind
from tui.model.finding import Finding
from tui.screen.bindings import SCOPES, TYPED
from tui.screen.keymap import KeyTable
from tui.settings.declare import settings_in
from tui.text.times import DURATION_WORDS, TIME_WORDS
from tui.view.columns.base import Column
from tui.view.columns.registry import all_columns, all_sorts, plain_columns, screen_columns
from tui.view.finding_text import SEVERITIES, FindingText
from tui.view.lanes_json import lane_fields
from tui.view.states import LOOKS

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "sample_logs"
PART = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table. A bar in a cell is escaped."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


# -- commands ----------------------------------------------------------------------------------------


def command_table() -> str:
    """All commands, a row each."""
    return table(("command", "what it does"), (_command_row(command) for command in (watch(), *all_commands())))


def _command_row(command: Command) -> tuple[str, str]:
    usage = command.usage if command.usage.startswith(PROGRAM) else f"{PROGRAM} {command.usage}"
    options = ", ".join(f"`{option}`" for option in re.findall(r"--?[a-z-]+(?: [A-Z]+)?", command.options))
    return f"`{usage}`", f"{command.summary}; {options}" if options else command.summary


def command_pages() -> str:
    """Each command with its arguments and options."""
    return "\n".join(_command_page(command) for command in (watch(), *all_commands()))


def _command_page(command: Command) -> str:
    rows = [
        (f"`{_named(action)}`", _help(action))
        for action in command.parser()._actions
        if "--help" not in action.option_strings
    ]
    title = f"{PROGRAM} {command.name}".strip()
    parts = [f"## {title}\n", f"{command.description}\n"]
    parts += [table(("argument or option", "what it is"), rows)] if rows else []
    parts += [f"{command.epilog}\n"] if command.epilog else []
    parts += ["```sh\n" + "\n".join(command.example_lines()) + "\n```\n"] if command.examples else []
    return "\n".join(parts)


def _named(action: argparse.Action) -> str:
    metavar = action.metavar if isinstance(action.metavar, str) else " ".join(action.metavar or ())
    metavar = metavar or ("|".join(map(str, action.choices)) if action.choices else "")
    if action.nargs == "?":
        metavar = f"[{metavar}]"
    names = ", ".join(action.option_strings)
    return (f"{names} {metavar}" if action.nargs != 0 else names).strip()


def _help(action: argparse.Action) -> str:
    choices = f" ({', '.join(map(str, action.choices))})" if action.choices and action.metavar else ""
    return f"{action.help or ''}{choices}".strip() or "which one"


# -- agents ------------------------------------------------------------------------------------------


def agent_table() -> str:
    """Every agent: its name in filters and JSON, its homes, and what lanewatch can do beside reading it."""
    head = ("`agent:`", "agent", "homes", "gate", "live processes", "daemon", "resumed by")
    return table(head, map(_agent_row, registry.AGENTS))


def _agent_row(agent: Agent) -> tuple[str, ...]:
    can = ("yes" if one else "" for one in (agent.hooks, agent.program or agent.evidence, agent.daemon))
    resumed = f"`{agent.resume_command} ID`" if agent.resume_command else ""
    return f"`{agent.name}`", agent.title, agent.homes.words, *can, resumed


def effect_table() -> str:
    """What each verb does to a lane, by the route that it takes."""
    rows = (
        (f"`{spec.verb.value}`", *(spec.effects.get(route, "not possible") for route in RouteKind))
        for spec in all_verbs()
    )
    return table(("verb", *(f"`{route.value}`" for route in RouteKind)), rows)


# -- findings and settings ---------------------------------------------------------------------------


def finding_table() -> str:
    """Every kind of finding: as the screen calls it, as commands and the configuration do, and what it says."""
    head = (
        "finding",
        "`--kind`, `off`, `pause`",
        "what it says",
        "severity",
        "suggests",
        "seen on real sessions",
        "progress would be",
        "what to do",
    )
    return table(head, map(_finding_row, all_findings()))


def _finding_row(spec: FindingSpec) -> tuple[str, ...]:
    severities = ", ".join(severity.value for severity in spec.severities)
    suggests = f"`{spec.suggest.value}`" if spec.suggest is not None else ""
    seen = "not yet" if spec.is_unproven else "yes"
    return spec.words, f"`{spec.kind.value}`", spec.doc, severities, suggests, seen, spec.progress, spec.to_do


def limit_table() -> str:
    """Every threshold of the judge."""
    return setting_table("judge")


def setting_pages() -> str:
    """Each section of the configuration."""
    pages = (
        f"## [{name}]\n\n{(section.__doc__ or '').strip()}\n\n{setting_table(name)}"
        for name, section in SECTIONS.items()
    )
    return "\n".join(pages)


def user_command_table() -> str:
    """The keys of a command of the user, and what may stand in braces."""
    placeholders = ((f"`{{{name}}}`", doc) for name, doc in PLACEHOLDERS.items())
    refused = ((f"`{{{name}}}`", f"refused: {why}") for name, why in REFUSED.items())
    return f"{rows_of(UserCommand)}\n{table(('placeholder', 'what it stands for'), (*placeholders, *refused))}"


def budget_table() -> str:
    """The keys of a budget."""
    return rows_of(BudgetTable)


def setting_table(section: str) -> str:
    """The keys of one section."""
    return rows_of(SECTIONS[section])


def rows_of(section: type) -> str:
    """The keys of a class of settings."""
    rows = (
        (f"`{key}`", f"`{toml_value(setting.default)}`", setting.kind.expects, setting.doc)
        for key, setting in settings_in(section).items()
    )
    return table(("key", "default", "may be", "what it does"), rows)


# -- examples of findings ----------------------------------------------------------------------------


def example_pages() -> str:
    """Each kind of finding with its samples: what is said of one, and the look-alike of which nothing is said."""
    stories = _stories()
    return "\n".join(_example(spec, *stories[spec.kind.value]) for spec in all_findings() if spec.kind.value in stories)


def _stories() -> dict[str, tuple[str, str]]:
    """Of each kind what happens in its two samples, from the table of the samples' page."""
    page = (SAMPLES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| `([a-z_]+)` \| ([^|\n]+) \| ([^|\n]+) \|$", page)
    return {kind: (raised, quiet) for kind, raised, quiet in rows}


def _example(spec: FindingSpec, raised: str, quiet: str) -> str:
    folder = f"findings/{spec.kind.value}/raised"
    at = json.loads((SAMPLES / "expected_findings.json").read_text(encoding="utf-8"))[folder]["at"]
    found = [one for one in said_of(folder) if one.kind is spec.kind]
    said = "\n".join(line for one in found for line in _said(FindingText(one), one.severity.value))
    return (
        f"## {spec.words} (`{spec.kind.value}`)\n\n{spec.doc}\n\n"
        f"**Raised**: {raised}.\n\n"
        f"```\n$ {PROGRAM} findings sample_logs/{folder} --at {at}\n{said}\n```\n\n"
        f"**Quiet**: {quiet}.\n"
    )


def _said(text: FindingText, severity: str) -> list[str]:
    """The sentence about a finding and what to do, as lines of a page."""
    parts = ((f"{severity:<4}  ", text.sentence(None)), ("      what to do: ", text.to_do({})))
    return [textwrap.fill(f"{lead}{words}", 100, subsequent_indent="      ") for lead, words in parts if words]


@cache
def said_of(folder: str) -> tuple[Finding, ...]:
    """The findings in a folder of samples at the time that is stated for it."""
    stated = json.loads((SAMPLES / "expected_findings.json").read_text(encoding="utf-8"))[folder]
    limits = "".join(f"{name} = {value}\n" for name, value in stated.get("judge", {}).items())
    with tempfile.TemporaryDirectory() as home:
        config = Path(home) / "config.toml"
        config.write_text(f"[judge]\n{limits}", encoding="utf-8")
        common = Common((str(SAMPLES / folder),), None, str(config))
        fleet = read_once(common, datetime.fromisoformat(stated["at"]).timestamp())
    return fleet.findings


# -- keys --------------------------------------------------------------------------------------------


def key_tables() -> str:
    """Every key, by the place where it works, with the id that the configuration takes."""
    shown = KeyTable({}).keys_of
    tables = (f"## In {where}\n\n" if where != "anywhere" else "## Anywhere\n\n" for where in SCOPES)
    return "\n".join(
        title
        + table(("key", "what it does", "id"), ((f"`{shown(key.id)}`", key.description, f"`{key.id}`") for key in keys))
        for title, keys in zip(tables, SCOPES.values(), strict=True)
    )


def typed_table() -> str:
    """Every command that is typed after a colon with an argument."""
    return table(("command", "what it does"), ((f"`:{typed.name} {typed.argument}`", typed.doc) for typed in TYPED))


# -- the glossary ------------------------------------------------------------------------------------


def terms(rows: Iterable[tuple[str, str]]) -> str:
    """Terms with their meanings, a line each."""
    lines = (f"**{term}**: {meaning.rstrip('.')}." for term, meaning in rows)
    return "".join(f"{textwrap.fill(line, 125, initial_indent='- ', subsequent_indent='  ')}\n" for line in lines)


def state_terms() -> str:
    """Every state of a lane, by its word on the screen."""
    return terms((look.word, look.meaning) for look in LOOKS.values())


def severity_terms() -> str:
    """Every severity, most severe first."""
    return terms((look.word, look.meaning) for look in SEVERITIES.values())


def finding_terms() -> str:
    """Every kind of finding, by its name on the screen."""
    return terms((spec.words, f"{_lower(spec.doc)} (`{spec.kind.value}`)") for spec in all_findings())


def verb_terms() -> str:
    """Every verb."""
    return terms((spec.title, _lower(spec.summary)) for spec in all_verbs())


def route_terms() -> str:
    """Every route, the strongest first."""
    return terms((route.kind.value, route.doc) for route in sorted(DRIVERS, key=lambda route: route.place))


def heading_terms() -> str:
    """Every heading of the lane table, from left to right."""
    return terms((title, one.doc) for one in all_columns() for title in (one.title, one.wide_title) if title)


def command_terms() -> str:
    """Every command of the shell."""
    return terms((command.name, _lower(command.summary)) for command in all_commands())


def section_terms() -> str:
    """Every section of the configuration."""
    return terms((f"[{name}]", _lower((section.__doc__ or "").strip())) for name, section in SECTIONS.items())


def _lower(sentence: str) -> str:
    """A sentence as the part after a colon."""
    return f"{sentence[:1].lower()}{sentence[1:].rstrip('.')}"


# -- columns -----------------------------------------------------------------------------------------


def column_table() -> str:
    """Every column of the lane table."""
    return table(
        ("column", "heading", "what it shows", "on the screen", "in `lanes`", "filter"), map(_column_row, all_columns())
    )


def _column_row(column: Column) -> tuple[str, ...]:
    signs = [(key.name, ":" if key.text is not None else ">") for key in column.filters]
    filters = " ".join(f"`{name}{sign}`" for name, sign in signs)
    return (
        f"`{column.name}`",
        column.title,
        column.doc,
        _rank(column, screen_columns()),
        _rank(column, plain_columns()),
        filters,
    )


def _rank(column: Column, columns: tuple[Column, ...]) -> str:
    return str(columns.index(column) + 1) if column in columns else ""


def sort_table() -> str:
    """Every order of the rows."""
    columns = {column.sort: column for column in all_columns() if column.sort is not None}
    rows = ((f"`{sort.name}`", sort.label, f"`{columns[sort].name}`") for sort in all_sorts())
    return table(("`screen.sort`", "the status line says", "column"), rows)


def json_table() -> str:
    """Every key of a lane in `lanes --json`."""
    return table(("key of a lane", "what it holds"), ((f"`{field.key}`", field.doc) for field in lane_fields()))


# -- writing -----------------------------------------------------------------------------------------

PARTS: dict[str, Callable[[], str]] = {
    "state-terms": state_terms,
    "severity-terms": severity_terms,
    "finding-terms": finding_terms,
    "verb-terms": verb_terms,
    "route-terms": route_terms,
    "heading-terms": heading_terms,
    "command-terms": command_terms,
    "section-terms": section_terms,
    "agent-table": agent_table,
    "effect-table": effect_table,
    "command-table": command_table,
    "command-pages": command_pages,
    "finding-table": finding_table,
    "limit-table": limit_table,
    "example-pages": example_pages,
    "key-tables": key_tables,
    "typed-table": typed_table,
    "setting-pages": setting_pages,
    "user-commands": user_command_table,
    "budget-table": budget_table,
    "durations": lambda: f"{DURATION_WORDS}\n",
    "times": lambda: f"{DURATION_WORDS} {TIME_WORDS}\n",
    "column-table": column_table,
    "sort-table": sort_table,
    "json-table": json_table,
}


def pages() -> dict[Path, str]:
    """Each page with a generated part, as it should be."""
    found: dict[Path, str] = {}
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        text = path.read_text(encoding="utf-8")
        if PART.search(text):
            found[path] = PART.sub(lambda part: f"{part[1]}{PARTS[part['name']]()}{part[3]}", text)
    return found


def main(args: list[str]) -> int:
    """Writes the pages, or with --check tells which are not as they should be."""
    stale = [path for path, text in pages().items() if path.read_text(encoding="utf-8") != text]
    for path in stale:
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
        if "--check" not in args:
            path.write_text(pages()[path], encoding="utf-8")
    return 1 if stale and "--check" in args else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
