"""Divides the output of a script among its calls, as far as its prints show.

A script prints the results of its calls in its own form: `text(r.output)`, `text(JSON.stringify(r))`, `text("exit " +
r.exit_code)`. Each print is a value with holes for the unknown parts; an item of the output fills the holes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from tui.agents.codex.script import Print, Script
from tui.agents.codex.script_values import DEPTH_BOUND, Json, Text, Unknown, calls_of, is_fields, is_list
from tui.io.json_fields import array, compact_json, integer, number, obj, text

STATES_BOUND = 4096
_HEAD = 600
_STATED = re.compile(r'"(exit_code|session_id)":(-?\d{1,10})')
_WHOLE_NUMBER = re.compile(r"-?\d{1,10}")


@dataclass(slots=True)
class Share:
    """The part of the output that belongs to one call.

    `texts` are its parts in order; `session` names a command that keeps running.
    """

    texts: list[str] = field(default_factory=list[str])
    exit_code: int | None = None
    session: int | None = None
    duration_s: float | None = None

    @property
    def is_told(self) -> bool:
        """Whether the output states anything about the call."""
        return bool(self.texts) or self.exit_code is not None or self.session is not None


@dataclass(slots=True)
class Division:
    """`shares` by the number of the call; `rest` belongs to no single call."""

    shares: list[Share]
    rest: list[str] = field(default_factory=list[str])


def divide(script: Script, items: Sequence[str], *, ended: bool) -> Division:
    """Divides the items of an output. `ended`: the script ended well, so that every print was executed."""
    made = Division([Share() for _ in script.calls])
    matched = _aligned(script.prints, items, ended=ended)
    if matched is None:
        return _undivided(made, items)
    for printed, item in matched:
        pieces = _pieces(printed.value, item)
        owners = calls_of(printed.value)
        if pieces is None or any(len(unknown.calls) != 1 for unknown, _ in pieces if unknown.calls):
            pieces = [(Unknown("", owners), item)]
        for unknown, piece in pieces:
            if len(unknown.calls) == 1:
                _give(made.shares[next(iter(unknown.calls))], unknown, piece)
            elif unknown.calls:
                made.rest.append(item)
    if len(made.shares) == 1 and not made.shares[0].is_told:
        return _undivided(made, items)
    return made


def _undivided(made: Division, items: Sequence[str]) -> Division:
    if len(made.shares) == 1:
        made.shares[0].texts += items
        for item in items:
            _give_stated(made.shares[0], item)
    else:
        made.rest += items
    return made


# -- matching prints and items ---------------------------------------------------------------------


def _aligned(prints: Sequence[Print], items: Sequence[str], *, ended: bool) -> list[tuple[Print, str]] | None:
    """The items, each with the print that made it; None if no order of prints fits."""
    if len(prints) * len(items) > STATES_BOUND:
        return None
    if len(prints) == len(items) and all(printed.sure for printed in prints):
        each = list(zip(prints, items, strict=True))
        return each if all(_fits(printed.value, item) for printed, item in each) else None
    # Computed from the end: whether the prints from `index` on can make the items from `at` on.
    can = [[False] * (len(items) + 1) for _ in range(len(prints) + 1)]
    can[len(prints)][len(items)] = True
    for index in range(len(prints) - 1, -1, -1):
        printed = prints[index]
        may_skip = not printed.sure
        for at in range(len(items), -1, -1):
            can[index][at] = ((may_skip or (not ended and at == len(items))) and can[index + 1][at]) or (
                at < len(items)
                and (can[index + 1][at + 1] or (printed.many and can[index][at + 1]))
                and _fits(printed.value, items[at])
            )
    if not can[0][0]:
        return None
    found: list[tuple[Print, str]] = []
    index = at = 0
    while index < len(prints) and at < len(items):
        printed = prints[index]
        is_taken = _fits(printed.value, items[at])
        if is_taken and printed.many and can[index][at + 1]:
            found.append((printed, items[at]))
            at += 1
        elif is_taken and can[index + 1][at + 1]:
            found.append((printed, items[at]))
            index, at = index + 1, at + 1
        else:
            index += 1
    return found


def _fits(value: object, item: str) -> bool:
    if isinstance(value, str):
        return value == item
    if isinstance(value, Text):
        return _holes(value, item) is not None
    if isinstance(value, Json | dict | list):
        return item[:1] in ("{", "[", '"')
    return True


# -- dividing an item --------------------------------------------------------------------------------


def _pieces(value: object, item: Any, depth: int = 0) -> list[tuple[Unknown, Any]] | None:
    """The values that fill the holes of a print; None if the item does not fit."""
    if isinstance(value, Unknown):
        return [(value, item)]
    if depth > DEPTH_BOUND:
        return None
    if isinstance(value, Text):
        return _holes(value, item) if isinstance(item, str) else None
    if isinstance(value, Json):
        return _of_json(value.value, item, depth)
    if (is_fields(value) or is_list(value)) and isinstance(item, str):
        return _of_json(value, item, depth)
    found: list[tuple[Unknown, Any]] = []
    if is_fields(value) and is_fields(item):
        fields = obj(item)
        for key, one in obj(value).items():
            if key in fields:
                found += _pieces(one, fields[key], depth + 1) or []
    elif is_list(value) and is_list(item):
        for one, given in zip(array(value), array(item), strict=False):
            found += _pieces(one, given, depth + 1) or []
    return found


def _of_json(value: object, item: Any, depth: int) -> list[tuple[Unknown, Any]] | None:
    if not isinstance(item, str):
        return None
    if isinstance(value, Unknown):
        return [(value, item)]
    try:
        return _pieces(value, orjson.loads(item), depth + 1)
    except orjson.JSONDecodeError:
        return None


def _holes(value: Text, item: str) -> list[tuple[Unknown, Any]] | None:
    """The texts between the known parts of a text."""
    found: list[tuple[Unknown, Any]] = []
    at = 0
    open_hole: Unknown | Json | None = None
    last = len(value.parts) - 1
    for index, part in enumerate(value.parts):
        if not isinstance(part, str):
            if open_hole is not None:
                both = calls_of(open_hole) | calls_of(part)
                open_hole = Unknown("", both)
            else:
                open_hole = part
            continue
        where = item.rfind(part, at) if index == last else item.find(part, at)
        if where < 0 or (open_hole is None and where != at) or (index == last and where + len(part) != len(item)):
            return None
        if open_hole is not None:
            found += _filled(open_hole, item[at:where])
            open_hole = None
        at = where + len(part)
    if open_hole is not None:
        found += _filled(open_hole, item[at:])
    return found


def _filled(hole: Unknown | Json, piece: str) -> list[tuple[Unknown, Any]]:
    if isinstance(hole, Unknown):
        return [(hole, piece)]
    return _of_json(hole.value, piece, 0) or [(Unknown("", calls_of(hole)), piece)]


def _give(share: Share, unknown: Unknown, piece: Any) -> None:
    """Adds what a print states about a call to its share."""
    match unknown.path:
        case ("exit_code",):
            share.exit_code = _whole(piece)
        case ("session_id",):
            share.session = _whole(piece)
        case () if isinstance(piece, str) and piece[:1] == "{":
            _give_object(share, piece)
        case () if is_fields(piece):
            _give_fields(share, obj(piece), "")
        case _:
            share.texts.append(piece if isinstance(piece, str) else compact_json(piece))


def _give_object(share: Share, item: str) -> None:
    try:
        fields = obj(orjson.loads(item))
    except orjson.JSONDecodeError:
        _give_stated(share, item)  # it was cut in the middle: exit code and session are at its beginning
        share.texts.append(item)
        return
    _give_fields(share, fields, item)


def _give_fields(share: Share, fields: dict[str, Any], item: str) -> None:
    """Adds a command's result: its output, its exit code, or the session in which it keeps running."""
    is_command = "exit_code" in fields or "session_id" in fields or "chunk_id" in fields
    if not is_command and not (isinstance(fields.get("output"), str) and len(fields) <= 2):
        share.texts.append(item or compact_json(fields))
        return
    share.exit_code = integer(fields.get("exit_code"))
    share.session = integer(fields.get("session_id")) if share.exit_code is None else None
    took = number(fields.get("wall_time_seconds"))
    share.duration_s = took if took is not None and took >= 0 else None
    if isinstance(fields.get("output"), str):
        share.texts.append(text(fields.get("output")) or "")


def _give_stated(share: Share, item: str) -> None:
    if not item.startswith("{"):
        return
    for name, value in _STATED.findall(item[:_HEAD]):
        if name == "exit_code":
            share.exit_code = int(value)
        else:
            share.session = int(value)


def _whole(piece: Any) -> int | None:
    if isinstance(piece, str):
        stripped = piece.strip()
        return int(stripped) if _WHOLE_NUMBER.fullmatch(stripped) else None
    return integer(piece)
