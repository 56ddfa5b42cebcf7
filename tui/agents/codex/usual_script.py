"""Reads the most common scripts of code mode without a parser: one tool call with plain values, and one print.

In code mode the model writes JavaScript that calls the tools. Four of five scripts have this form. The result is the
same as that of `script.read_script`, in a tenth of the time. Scripts of any other form must be read with `read_script`.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from tui.agents.codex.script import SIZE_BOUND, Print, Script, ScriptCall
from tui.agents.codex.script_values import Json, Unknown

_B = r"[ \t\r\n]*+"  # any number of blanks
_STRING = r'"(?:[^"\\\x00-\x1f\x7f\u2028\u2029]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
_KEY = r'(?:[A-Za-z_][A-Za-z0-9_]{0,40}|"[A-Za-z_][A-Za-z0-9_]{0,40}")'
_VALUE = rf"(?:{_STRING}|0|[1-9][0-9]{{0,14}}|true|false)(?![\w.])"
_PAIR = rf"{_KEY}{_B}:{_B}{_VALUE}{_B}"
_NAME = r"(?:r|res|result|resp|response|out|output|o|p|patch|data)[0-9]?"
_CALL = re.compile(
    rf"{_B}(?:const|let|var)[ \t]+(?P<name>{_NAME}){_B}={_B}await[ \t]+"
    rf"(?P<call>tools\.(?P<tool>[A-Za-z_][A-Za-z0-9_]{{0,80}})\({_B}\{{{_B}(?P<pairs>{_PAIR}(?:,{_B}{_PAIR}){{0,15}}),?{_B}\}}"
    rf"{_B}\)){_B};{_B}text\((?P<shown>(?P=name)(?P<field>\.output)?|JSON\.stringify\((?P=name)\))\){_B};?{_B}\Z"
)
_PATCH = re.compile(
    rf"{_B}(?:const|let|var)[ \t]+(?P<name>{_NAME}){_B}={_B}(?P<text>{_STRING}){_B};"
    rf"{_B}text\(await[ \t]+(?P<call>tools\.apply_patch\((?P=name)\))\){_B};?{_B}\Z"
)
_READ_PAIR = re.compile(rf'"?([A-Za-z0-9_]+)"?{_B}:{_B}({_VALUE})')
_OF_CALL = frozenset((0,))
"""The calls on which a value depends: the first and only one."""


def usual_script(source: str) -> Script | None:
    """The calls and prints of a script of the common form; None if it has another form."""
    if len(source) > SIZE_BOUND:
        return None
    try:
        return _one_call(source) or _one_patch(source)
    except orjson.JSONDecodeError:
        return None  # a string holds half of a surrogate pair


def _one_call(source: str) -> Script | None:
    match = _CALL.match(source)
    if match is None:
        return None
    args: dict[str, Any] = {key: orjson.loads(value) for key, value in _READ_PAIR.findall(match["pairs"])}
    held = Unknown(match["call"], _OF_CALL, ())
    shown = match["shown"]
    value: object = held
    if match["field"]:
        value = Unknown(shown, _OF_CALL, ("output",))
    elif shown != match["name"]:
        value = Json(held)
    return Script((ScriptCall(match["tool"], args),), (Print(value),))


def _one_patch(source: str) -> Script | None:
    match = _PATCH.match(source)
    if match is None:
        return None
    call = ScriptCall("apply_patch", orjson.loads(match["text"]))
    return Script((call,), (Print(Unknown(match["call"], _OF_CALL, ())),))
