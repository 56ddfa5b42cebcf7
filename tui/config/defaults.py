"""A configuration file that changes nothing: every key with its default and what it does.

The reference in docs/ is made from the same declarations.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import cast

from tui.config.keys import BindingSpec
from tui.config.load import TABLES
from tui.config.schema import SECTIONS
from tui.settings.declare import settings_in
from tui.text.times import DURATION_WORDS

_WIDTH = 100
_HEAD = """\
The configuration of lanewatch. It lists every key with its default: keep what you change, delete the rest.
"""
_KEYS = """\
Your own keys, by the id of the binding: `lanewatch config --keys` lists all ids. Several keys are separated by commas;
"" means no key. A key with two meanings in one place is refused.
"""


def annotated_defaults(bindings: Iterable[BindingSpec] = ()) -> str:
    """A TOML document. `bindings` are listed as commented examples in the `keys` section."""
    parts = [*_comment(f"{_HEAD}{DURATION_WORDS}"), ""]
    for name, section in SECTIONS.items():
        parts += [*_comment(section.__doc__ or ""), f"[{name}]"]
        for key, setting in settings_in(section).items():
            parts += [*_comment(f"{setting.doc} ({setting.kind.expects})"), f"{key} = {toml_value(setting.default)}"]
        parts.append("")
    for name, table in TABLES.items():
        parts += [*_comment(table.__doc__ or ""), f"# [[{name}]]"]
        for key, setting in settings_in(table).items():
            parts += [*_comment(f"{setting.doc} ({setting.kind.expects})"), f"# {key} = {toml_value(setting.default)}"]
        parts.append("")
    parts += [*_comment(_KEYS), "[keys]"]
    parts += [f'# "{spec.id}" = {toml_value(",".join(spec.keys))}  # {spec.description}' for spec in bindings]
    return "\n".join(parts) + "\n"


def _comment(text: str) -> Iterator[str]:
    for line in textwrap.wrap(" ".join(text.split()), _WIDTH - 2, break_long_words=False, break_on_hyphens=False):
        yield f"# {line}"


def toml_value(value: object) -> str:
    """A default value as written in TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, tuple):
        return "[" + ", ".join(map(toml_value, cast("tuple[object, ...]", value))) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)
