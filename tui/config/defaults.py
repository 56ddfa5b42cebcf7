"""The configuration file that changes nothing: every key with its default and what it does. Also its reference."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import cast

from tui.config.keys import BindingSpec
from tui.config.schema import SECTIONS
from tui.settings.declare import settings_in

_WIDTH = 100
_HEAD = """\
The configuration of lanewatch. Every key stands here with its default: keep what you change, delete the rest.
Times are seconds, or text such as "90s", "15m", "24h", "7d".
"""
_KEYS = """\
Other keys, by the id of what they do: `lanewatch config --keys` lists them all. Several keys are separated by commas;
no key at all is "". A key that would mean two things in one place is refused.
"""


def annotated_defaults(bindings: Iterable[BindingSpec] = ()) -> str:
    """A TOML document. `bindings` are listed, commented out, as examples for the `keys` section."""
    parts = [*_comment(_HEAD), ""]
    for name, section in SECTIONS.items():
        parts += [*_comment(section.__doc__ or ""), f"[{name}]"]
        for key, setting in settings_in(section).items():
            parts += [*_comment(f"{setting.doc} ({setting.kind.expects})"), f"{key} = {toml_value(setting.default)}"]
        parts.append("")
    parts += [*_comment(_KEYS), "[keys]"]
    parts += [f'# "{spec.id}" = {toml_value(",".join(spec.keys))}  # {spec.description}' for spec in bindings]
    return "\n".join(parts) + "\n"


def _comment(text: str) -> Iterator[str]:
    for line in textwrap.wrap(" ".join(text.split()), _WIDTH - 2, break_long_words=False, break_on_hyphens=False):
        yield f"# {line}"


def toml_value(value: object) -> str:
    """A default as TOML has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, tuple):
        return "[" + ", ".join(map(toml_value, cast("tuple[object, ...]", value))) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)
