"""Evaluates properties and methods of known values in a script: the most common ones of texts and lists."""

from __future__ import annotations

from typing import Any, Final

from tui.agents.codex.script_values import UNDEFINED, Json, Text, Unknown, calls_of, is_fields, is_list, joined
from tui.io.json_fields import array, obj

ITEMS_BOUND = 1000


class NotKnown:
    """Stands for an unknown property, or a method that is not implemented here."""


NOT_KNOWN: Final = NotKnown()


def property_of(held: object, name: str | int) -> object:
    """A property of a known value; `NOT_KNOWN` if it may be a method or is unknown."""
    if is_fields(held):
        fields = obj(held)
        return fields.get(str(name), UNDEFINED) if str(name) in fields or not _is_open(fields) else NOT_KNOWN
    if is_list(held):
        items = array(held)
        if name == "length":
            return len(items)
        at = int(name) if isinstance(name, int) or name.isdecimal() else -1
        return NOT_KNOWN if at < 0 else items[at] if at < len(items) else UNDEFINED
    if isinstance(held, str):
        if name == "length":
            return len(held)
        if isinstance(name, int):
            return held[name] if 0 <= name < len(held) else UNDEFINED
    return NOT_KNOWN


def _is_open(fields: dict[str, Any]) -> bool:
    """Whether something unknown was spread into the object."""
    return any(key.startswith("...") for key in fields)


def call_method(held: object, name: str, args: list[object], bound: int) -> object:
    """The result of a method; `NOT_KNOWN` if it is not implemented here. `bound`: the longest text in characters."""
    if is_list(held):
        return _of_list(array(held), name, args, bound)
    if isinstance(held, str):
        return _of_text(held, name, args, bound)
    if isinstance(held, Text | Json) and name in ("trim", "trimEnd", "trimStart", "toString"):
        return held
    if isinstance(held, int | float) and name == "toString" and not args:
        return joined([held], "", bound)
    return NOT_KNOWN


def _of_list(items: list[Any], name: str, args: list[object], bound: int) -> object:
    numbers = [one for one in args if isinstance(one, int)]
    match name:
        case "join":
            between = args[0] if args else ","
            if not isinstance(between, str):
                return NOT_KNOWN
            parts: list[object] = []
            for item in items:
                parts += [between, "" if item is None or item is UNDEFINED else item]
            return joined(parts[1:], "[…].join()", bound)
        case "push" | "unshift":
            if len(items) + len(args) > ITEMS_BOUND:
                return NOT_KNOWN
            items[len(items) if name == "push" else 0 : len(items) if name == "push" else 0] = args
            return len(items)
        case "concat":
            made = list(items)
            for one in args:
                if isinstance(one, Unknown):
                    return Unknown("[…].concat()", calls_of(items) | one.calls)
                made += array(one) if is_list(one) else [one]
            return made if len(made) <= ITEMS_BOUND else NOT_KNOWN
        case "slice" if len(numbers) == len(args):
            return items[slice(*(numbers[:2] or [None]))]
        case "entries":
            return [[at, item] for at, item in enumerate(items)]
        case "values":
            return list(items)
        case "keys":
            return list(range(len(items)))
        case "reverse" | "toReversed":
            return items[::-1]
        case "flat" if all(not isinstance(item, Unknown) for item in items):
            return flat(items)
        case "at" if args and isinstance(args[0], int):
            return items[args[0]] if -len(items) <= args[0] < len(items) else UNDEFINED
        case "includes" if args and all(isinstance(item, str | int | float) for item in items):
            return args[0] in items if isinstance(args[0], str | int | float) else NOT_KNOWN
        case _:
            return NOT_KNOWN


def flat(items: list[Any]) -> list[Any]:
    """The items with inner lists flattened."""
    made: list[Any] = []
    for item in items:
        made += array(item) if is_list(item) else [item]
    return made


def _of_text(held: str, name: str, args: list[object], bound: int) -> object:
    texts = [one for one in args if isinstance(one, str)]
    numbers = [one for one in args if isinstance(one, int)]
    match name:
        case "trim" | "toString" | "trimEnd" | "trimStart":
            return {"trim": held.strip(), "trimEnd": held.rstrip(), "trimStart": held.lstrip()}.get(name, held)
        case "toLowerCase" | "toUpperCase":
            return held.lower() if name == "toLowerCase" else held.upper()
        case "replaceAll" | "replace" if len(texts) == len(args) == 2 and "$" not in texts[1]:
            found = held.count(texts[0]) if name == "replaceAll" else 1
            if len(held) + found * len(texts[1]) > bound:
                return NOT_KNOWN
            return held.replace(texts[0], texts[1], -1 if name == "replaceAll" else 1)
        case "split" if len(texts) == len(args) == 1:
            made = held.split(texts[0]) if texts[0] else list(held[: ITEMS_BOUND + 1])
            return made if len(made) <= ITEMS_BOUND else NOT_KNOWN
        case "slice" | "substring" if len(numbers) == len(args):
            return held[slice(*(numbers[:2] or [None]))]
        case "repeat" if numbers and numbers[0] >= 0 and len(held) * numbers[0] <= bound:
            return held * numbers[0]
        case "concat":
            return joined([held, *args], "…", bound)
        case "startsWith" | "endsWith" | "includes" if len(texts) == len(args) == 1:
            is_end = held.endswith(texts[0]) if name == "endsWith" else texts[0] in held
            return held.startswith(texts[0]) if name == "startsWith" else is_end
        case "padStart" | "padEnd" if numbers and numbers[0] <= 1000 and len(args) == 1:
            return held.rjust(numbers[0]) if name == "padStart" else held.ljust(numbers[0])
        case _:
            return NOT_KNOWN
