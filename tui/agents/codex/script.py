"""Reads the script of a Codex call in code mode without running it: its calls, their arguments, and its prints.

In code mode the model writes JavaScript, and the script calls the tools: `await tools.exec_command({cmd: "ls"})`. The
script is parsed and walked in the order in which it would run, with the values that it states. The result of a call is
unknown, and so is every value that depends on it. If a condition is unknown, both branches are walked; a loop with an
unknown number of rounds is walked once. Size, depth, steps and calls are bounded. Nothing is executed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from tui.agents.codex.script_methods import NOT_KNOWN, call_method, flat, property_of
from tui.agents.codex.script_values import (
    UNDEFINED,
    Json,
    Kept,
    Plain,
    Text,
    Unknown,
    as_text,
    calls_of,
    is_fields,
    is_list,
    joined,
)
from tui.io.json_fields import array, compact_json, obj

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

SIZE_BOUND = 128 * 1024
"""In characters. A longer script is not parsed."""
TEXT_BOUND = SIZE_BOUND
"""The longest text that the script may build, in characters."""
DEPTH_BOUND = 48
STEPS_BOUND = 1500
CHARS_PER_STEP = 8
"""A long script may take more steps than `STEPS_BOUND`, in proportion to its length."""
ROUNDS_BOUND = 64
CALLS_BOUND = 64
PRINTS_BOUND = 256
REMEMBERED = 64

_STATEMENTS_SKIPPED = frozenset({"comment", "empty_statement", "hash_bang_line", ";", "{", "}"})
_ESCAPE = re.compile(r"u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[\s\S])")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}


class ScriptCall(NamedTuple):
    """A call of a tool. `args` is JSON; where a part of it is not known it holds the part's source as `${…}`.

    `whole`: nothing of the arguments is unknown. `sure`: it was made, and went well, if the script ended well. `many`:
    it is in a loop with an unknown number of rounds. `polls`: the number of the call of this script whose running
    command it polls.
    """

    tool: str
    args: Any
    whole: bool = True
    sure: bool = True
    many: bool = False
    polls: int | None = None


class Print(NamedTuple):
    """One item that the script prints.

    `sure`: it is printed exactly once; otherwise perhaps not at all, and with `many` any number of times.
    """

    value: object
    sure: bool = True
    many: bool = False


class Script(NamedTuple):
    """The calls and prints of a script. `unread` says why a part of it could not be read; empty if all was read.

    `notifies`: it may send texts to the model before it ends.
    """

    calls: tuple[ScriptCall, ...] = ()
    prints: tuple[Print, ...] = ()
    unread: str = ""
    notifies: bool = False


@lru_cache(maxsize=REMEMBERED)
def read_script(source: str) -> Script:
    """The calls and prints of a script, in the order of execution. Never raises."""
    if len(source) > SIZE_BOUND:
        return Script(unread="the script is too long")
    data = source.encode("utf-8", "replace")
    tree = _parser().parse(data)
    walk = _Walk(data)
    walk.run(tree.root_node)
    unread = walk.unread
    if not unread and tree.root_node.has_error:
        unread = "the script is not JavaScript" if not walk.calls else ""
    return Script(tuple(walk.calls), tuple(walk.prints), unread, walk.notifies)


@lru_cache(maxsize=1)
def _parser() -> Parser:
    # Imported only for the first script, because most transcripts have none.
    import tree_sitter
    import tree_sitter_javascript

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language()))


class _Tool(NamedTuple):
    """A tool as a function of the script."""

    name: str


class _Native(NamedTuple):
    """A function or object of the language or the client."""

    name: str


class _Method(NamedTuple):
    receiver: object
    name: str


class _Function(NamedTuple):
    node: Node
    scope: _Scope


class _Scope:
    __slots__ = ("names", "outer")

    def __init__(self, outer: _Scope | None = None) -> None:
        self.names: dict[str, object] = {}
        self.outer = outer

    def find(self, name: str) -> _Scope | None:
        scope: _Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.outer
        return scope


class _StopError(Exception):
    """A bound was reached."""


class _LeaveError(Exception):
    """Control leaves a loop, a function or the script. `how`: break, continue, return, exit."""

    def __init__(self, how: str, value: object = UNDEFINED) -> None:
        self.how = how
        self.value = value


_TOOLS, _PRINT = _Native("tools"), _Native("text")
_GIVEN: dict[str, object] = {
    "tools": _TOOLS,
    "undefined": UNDEFINED,
    "NaN": Unknown("NaN"),
    **{
        name: _Native(name)
        for name in (
            "text", "image", "audio", "generatedImage", "notify", "exit", "store", "load", "yield_control",
            "setTimeout", "JSON", "Promise", "Object", "Array", "String", "Number", "Boolean", "globalThis",
        )
    },
}  # fmt: skip


class _Walk:
    """One walk through one script."""

    def __init__(self, data: bytes) -> None:
        self.calls: list[ScriptCall] = []
        self.prints: list[Print] = []
        self.unread = ""
        self.notifies = False
        self._data = data
        self._steps = STEPS_BOUND + len(data) // CHARS_PER_STEP
        self._depth = 0
        self._unsure = 0
        """The number of unknown conditions around the current place."""
        self._many = 0
        self._left = False
        """True after an end (return, break) that may or may not be reached."""

    def run(self, program: Node) -> None:
        scope = _Scope()
        try:
            self._block(program, scope)
        except _LeaveError:
            pass
        except _StopError:
            self.unread = self.unread or "the script does too much"

    # -- statements -----------------------------------------------------------------------------------

    def _block(self, node: Node, scope: _Scope) -> None:
        children = node.children
        for child in children:
            if child.type in ("function_declaration", "generator_function_declaration"):
                name = child.child_by_field_name("name")
                if name is not None:
                    scope.names[self._text(name)] = _Function(child, scope)
        for child in children:
            if child.type not in _STATEMENTS_SKIPPED:
                self._statement(child, scope)

    def _statement(self, node: Node, scope: _Scope) -> None:
        handler = _STATEMENTS.get(node.type)
        self._enter()
        try:
            if handler is not None:
                handler(self, node, scope)
            else:
                self._value(node, scope)
        finally:
            self._depth -= 1

    def _expression_statement(self, node: Node, scope: _Scope) -> None:
        for child in node.named_children:
            self._value(child, scope)

    def _declaration(self, node: Node, scope: _Scope) -> None:
        for child in node.named_children:
            name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
            if name is not None:
                self._bind(name, self._value(value, scope) if value is not None else UNDEFINED, scope)

    def _function_declared(self, node: Node, scope: _Scope) -> None:
        """Does nothing, because the function was declared when its block began."""

    def _if(self, node: Node, scope: _Scope) -> None:
        known = truth(self._field(node, "condition", scope))
        ways = (node.child_by_field_name("consequence"), node.child_by_field_name("alternative"))
        if known is not None:
            way = ways[0 if known else 1]
            if way is not None:
                self._branch(way, scope)
            return
        for way in ways:
            if way is not None:
                self._perhaps(way, scope)

    def _branch(self, node: Node, scope: _Scope) -> None:
        if node.type == "else_clause":
            for child in node.named_children:
                self._branch(child, scope)
        elif node.type == "statement_block":
            self._block(node, _Scope(scope))
        else:
            self._statement(node, scope)

    def _perhaps(self, node: Node, scope: _Scope, *, many: bool = False) -> None:
        """Walks code that may or may not be reached."""
        self._unsure += 1
        self._many += many
        try:
            self._branch(node, scope)
        except _LeaveError:
            self._left = True  # uncertain: the following code is walked, but may never be reached
        finally:
            self._unsure -= 1
            self._many -= many

    def _for(self, node: Node, scope: _Scope) -> None:
        inner = _Scope(scope)
        start = node.child_by_field_name("initializer")
        if start is not None:
            self._statement(start, inner)
        body, condition = node.child_by_field_name("body"), node.child_by_field_name("condition")
        step = node.child_by_field_name("increment")
        if body is None:
            return
        for _ in range(ROUNDS_BOUND):
            known = truth(self._loop_condition(condition, inner))
            if known is None:
                self._perhaps(body, inner, many=True)
                return
            if not known or self._round(body, inner):
                return
            if step is not None:
                self._value(step, inner)
        raise _StopError

    def _loop_condition(self, node: Node | None, scope: _Scope) -> object:
        if node is None or node.type in (";", "empty_statement"):
            return Unknown("true")  # the loop ends by a `break` that may or may not be reached
        if node.type == "expression_statement":
            return self._value(node.named_children[0], scope) if node.named_children else Unknown("true")
        return self._value(node, scope)

    def _while(self, node: Node, scope: _Scope) -> None:
        body, condition = node.child_by_field_name("body"), node.child_by_field_name("condition")
        if body is None or condition is None:
            return
        if node.type == "do_statement" and self._round(body, scope):
            return
        for _ in range(ROUNDS_BOUND):
            value = self._value(condition, scope)
            known = truth(value) if value is not True else None
            if known is None:
                self._perhaps(body, scope, many=True)
                return
            if not known or self._round(body, scope):
                return
        raise _StopError

    def _for_of(self, node: Node, scope: _Scope) -> None:
        left, body = node.child_by_field_name("left"), node.child_by_field_name("body")
        over = self._field(node, "right", scope)
        if left is None or body is None:
            return
        operator = node.child_by_field_name("operator")
        items = _items(over, names=operator is not None and operator.type == "in")
        if items is None:
            inner = _Scope(scope)
            self._bind(left, Unknown(self._text(left), calls_of(over)), inner)
            self._perhaps(body, inner, many=True)
            return
        for item in items[:ROUNDS_BOUND]:
            inner = _Scope(scope)
            self._bind(left, item, inner)
            if self._round(body, inner):
                return
        if len(items) > ROUNDS_BOUND:
            raise _StopError

    def _round(self, body: Node, scope: _Scope) -> bool:
        """One round of a loop; True if it was the last."""
        try:
            self._branch(body, scope)
        except _LeaveError as leave:
            if leave.how not in ("break", "continue"):
                raise
            return leave.how == "break"
        return False

    def _try(self, node: Node, scope: _Scope) -> None:
        body, handler = node.child_by_field_name("body"), node.child_by_field_name("handler")
        last = node.child_by_field_name("finalizer")
        if body is not None:
            self._perhaps(body, scope)
        if handler is not None and (caught := handler.child_by_field_name("body")) is not None:
            inner = _Scope(scope)
            name = handler.child_by_field_name("parameter")
            if name is not None:
                self._bind(name, Unknown(self._text(name)), inner)
            self._perhaps(caught, inner)
        if last is not None and (body := last.child_by_field_name("body")) is not None:
            self._branch(body, scope)

    def _switch(self, node: Node, scope: _Scope) -> None:
        self._field(node, "value", scope)
        body = node.child_by_field_name("body")
        for case in body.named_children if body is not None else ():
            for child in case.named_children:
                self._perhaps(child, scope)

    def _return(self, node: Node, scope: _Scope) -> None:
        value = self._value(node.named_children[0], scope) if node.named_children else UNDEFINED
        raise _LeaveError("return", value)

    def _throw(self, node: Node, scope: _Scope) -> None:
        for child in node.named_children:
            self._value(child, scope)
        raise _LeaveError("throw")

    def _break(self, node: Node, scope: _Scope) -> None:
        raise _LeaveError("break")

    def _continue(self, node: Node, scope: _Scope) -> None:
        raise _LeaveError("continue")

    def _scoped(self, node: Node, scope: _Scope) -> None:
        self._block(node, _Scope(scope))

    # -- names ----------------------------------------------------------------------------------------

    def _bind(self, pattern: Node, value: object, scope: _Scope) -> None:
        """Declares the names of a pattern."""
        self._enter()
        try:
            kind = pattern.type
            if kind in ("identifier", "shorthand_property_identifier_pattern"):
                scope.names[self._text(pattern)] = value
            elif kind in ("assignment_pattern", "object_assignment_pattern"):
                left = pattern.child_by_field_name("left")
                if value is UNDEFINED:
                    value = self._field(pattern, "right", scope)
                if left is not None:
                    self._bind(left, value, scope)
            elif kind == "object_pattern":
                self._bind_fields(pattern, value, scope)
            elif kind == "array_pattern":
                self._bind_items(pattern, value, scope)
        finally:
            self._depth -= 1

    def _bind_fields(self, pattern: Node, value: object, scope: _Scope) -> None:
        taken: set[str] = set()
        for part in pattern.named_children:
            if part.type == "rest_pattern":
                rest = _without(value, taken, self._text(part))
                for name in part.named_children:
                    self._bind(name, rest, scope)
                continue
            left = part.child_by_field_name("left") if part.type == "object_assignment_pattern" else part
            key = part.child_by_field_name("key") if part.type == "pair_pattern" else left
            target = part.child_by_field_name("value") if part.type == "pair_pattern" else part
            if key is None or target is None:
                continue
            name = self._key(key, scope)
            if not isinstance(name, str):
                continue
            taken.add(name)
            self._bind(target, self._property(value, name, self._text(key)), scope)

    def _bind_items(self, pattern: Node, value: object, scope: _Scope) -> None:
        at = 0
        for part in pattern.children:
            if part.type == ",":
                at += 1
            elif part.type == "rest_pattern":
                rest = value[at:] if is_list(value) else Unknown(self._text(part), calls_of(value))
                for name in part.named_children:
                    self._bind(name, rest, scope)
            elif part.is_named:
                item = self._property(value, at, self._text(part))
                self._bind(part, item, scope)

    def _assigned(self, target: Node | None, value: object, scope: _Scope) -> None:
        if target is None:
            return
        if target.type == "identifier":
            name = self._text(target)
            owner = scope.find(name)
            held = owner.names[name] if owner is not None else UNDEFINED
            # After an assignment that may not have happened, the name has either value.
            if self._unsure and owner is not scope and held is not UNDEFINED and held is not None:
                value = Unknown(name, calls_of(value) | calls_of(held))
            (owner or scope).names[name] = value
        elif target.type in ("member_expression", "subscript_expression"):
            held = self._field(target, "object", scope)
            inner = target.child_by_field_name("property")
            if is_fields(held) and inner is not None:
                held[self._text(inner)] = value
            elif is_list(held):
                at = self._field(target, "index", scope)
                if isinstance(at, int) and 0 <= at < len(held):
                    held[at] = value
            elif is_fields(held):
                key = self._field(target, "index", scope)
                if isinstance(key, str):
                    held[key] = value
        else:
            self._bind(target, value, scope)

    # -- expressions ----------------------------------------------------------------------------------

    def _value(self, node: Node, scope: _Scope) -> object:
        self._enter()
        try:
            handler = _EXPRESSIONS.get(node.type)
            if handler is not None:
                return handler(self, node, scope)
            return self._unread_expression(node, scope)
        finally:
            self._depth -= 1

    def _field(self, node: Node, name: str, scope: _Scope) -> object:
        child = node.child_by_field_name(name)
        return self._value(child, scope) if child is not None else UNDEFINED

    def _unread_expression(self, node: Node, scope: _Scope) -> object:
        """An expression of an unknown form. Its parts are walked for the calls in them."""
        calls: frozenset[int] = frozenset()
        for child in node.named_children:
            calls |= calls_of(self._value(child, scope))
        return Unknown(self._text(node), calls)

    def _string(self, node: Node, _scope: _Scope) -> object:
        data = self._data[node.start_byte : node.end_byte]
        if b"\\" not in data:
            return data[1:-1].decode("utf-8", "replace")
        if data[:1] == b'"':
            try:
                # Most texts are also valid JSON, and a patch contains hundreds of escapes.
                return orjson.loads(data)
            except orjson.JSONDecodeError:
                pass
        return _whole("".join(self._pieces(node)))

    def _pieces(self, node: Node) -> list[str]:
        return [
            _unescaped(self._text(child)) if child.type == "escape_sequence" else self._text(child)
            for child in node.children
            if child.type in ("string_fragment", "escape_sequence", "html_character_reference")
        ]

    def _template(self, node: Node, scope: _Scope) -> object:
        parts: list[object] = []
        for child in node.children:
            if child.type == "string_fragment":
                parts.append(self._text(child))
            elif child.type == "escape_sequence":
                parts.append(_unescaped(self._text(child)))
            elif child.type == "template_substitution" and child.named_children:
                parts.append(self._value(child.named_children[0], scope))
        made = joined(parts, self._text(node), TEXT_BOUND)
        if isinstance(made, Text):
            return Text(tuple(_whole(part) if isinstance(part, str) else part for part in made.parts))
        return _whole(made) if isinstance(made, str) else made

    def _number(self, node: Node, _scope: _Scope) -> object:
        try:
            written = self._text(node).replace("_", "").rstrip("n")
            is_whole = written.isdigit() or written[:2].lower() in ("0x", "0o", "0b")
            value = int(written[:24], 0) if is_whole and not written.startswith("00") else float(written)
        except ValueError:
            return Unknown(self._text(node))
        return value if abs(value) < 2**53 else float(value)

    def _identifier(self, node: Node, scope: _Scope) -> object:
        name = self._text(node)
        owner = scope.find(name)
        if owner is not None:
            return owner.names[name]
        return _GIVEN[name] if name in _GIVEN else Unknown(name)

    def _object(self, node: Node, scope: _Scope) -> object:
        made: dict[str, object] = {}
        for part in node.named_children:
            if part.type == "pair":
                key, value = part.child_by_field_name("key"), part.child_by_field_name("value")
                if key is None or value is None:
                    continue
                name = self._key(key, scope)
                held = self._value(value, scope)
                made[name if isinstance(name, str) else self._text(key)] = held
            elif part.type == "shorthand_property_identifier":
                made[self._text(part)] = self._identifier(part, scope)
            elif part.type == "spread_element" and part.named_children:
                spread = self._value(part.named_children[0], scope)
                if is_fields(spread):
                    made.update(spread)
                elif spread is not UNDEFINED and spread is not None:
                    made[self._text(part)] = Unknown(self._text(part), calls_of(spread))
            elif part.type == "method_definition" and (key := part.child_by_field_name("name")) is not None:
                made[self._text(key)] = _Function(part, scope)
        return made

    def _key(self, node: Node, scope: _Scope) -> object:
        if node.type == "string":
            return self._string(node, scope)
        if node.type == "computed_property_name":
            return as_text(self._value(node.named_children[0], scope)) if node.named_children else None
        return self._text(node)

    def _array(self, node: Node, scope: _Scope) -> object:
        made: list[object] = []
        for part in node.named_children:
            if part.type == "spread_element" and part.named_children:
                spread = self._value(part.named_children[0], scope)
                items = _items(spread)
                if items is None:
                    return Unknown(self._text(node), calls_of(made) | calls_of(spread))
                made += items
            elif part.type != "comment":
                made.append(self._value(part, scope))
        return made

    def _inner(self, node: Node, scope: _Scope) -> object:
        """The expression in parentheses or behind `await`."""
        made: object = UNDEFINED
        for child in node.named_children:
            if child.type != "comment":
                made = self._value(child, scope)
        return made

    def _member(self, node: Node, scope: _Scope) -> object:
        held = self._field(node, "object", scope)
        name = node.child_by_field_name("property")
        return self._property(held, self._text(name) if name is not None else "", self._text(node))

    def _subscript(self, node: Node, scope: _Scope) -> object:
        held, index = self._field(node, "object", scope), self._field(node, "index", scope)
        if isinstance(index, str | int) and not isinstance(index, bool):
            return self._property(held, index, self._text(node))
        if held is _TOOLS:
            return _Tool("")
        return Unknown(self._text(node), calls_of(held) | calls_of(index))

    def _property(self, held: object, name: str | int, source: str) -> object:
        if held is _TOOLS:
            return _Tool(str(name))
        if isinstance(held, Unknown):
            path = (*held.path, str(name)) if held.path is not None and len(held.path) < DEPTH_BOUND else None
            return Unknown(source, held.calls, path)
        if isinstance(held, _Native):
            return _GIVEN.get(str(name), UNDEFINED) if held.name == "globalThis" else _Method(held, str(name))
        found = property_of(held, name)
        if found is not NOT_KNOWN:
            return found
        return _Method(held, str(name)) if isinstance(name, str) else Unknown(source, calls_of(held))

    def _binary(self, node: Node, scope: _Scope) -> object:
        # A sum of many parts is nested to the left; it is walked in a loop, since the depth is bounded.
        terms: list[tuple[str, Node]] = []
        first = node
        while first.type == "binary_expression":
            left, right = first.child_by_field_name("left"), first.child_by_field_name("right")
            operator = first.child_by_field_name("operator")
            if left is None or right is None or operator is None:
                return self._unread_expression(first, scope)
            terms.append((operator.type, right))
            first = left
        value = self._value(first, scope)
        for operator, right in reversed(terms):
            value = self._operated(operator, value, right, node, scope)
        return value

    def _operated(self, operator: str, left: object, right: Node, node: Node, scope: _Scope) -> object:
        if operator in ("&&", "||", "??"):
            known = truth(left) if operator != "??" else _is_something(left)
            if known is not None:
                is_left = known if operator != "&&" else not known
                return left if is_left else self._value(right, scope)
            self._unsure += 1
            other = self._value(right, scope)
            self._unsure -= 1
            if operator != "&&" and isinstance(left, Unknown) and other in ([], {}, "", None):
                return left  # `r.content || []` is either the content or empty
            return Unknown(self._text(node), calls_of(left) | calls_of(other))
        value = self._value(right, scope)
        if operator == "+":
            if _is_number(left) and _is_number(value):
                return _number_of(left + value)  # type: ignore[operator]
            if isinstance(left, str | Text) or isinstance(value, str | Text) or isinstance(left, Json):
                return joined([left, value], self._text(node), TEXT_BOUND)
        found = _compared(operator, left, value)
        return found if found is not None else Unknown(self._text(node), calls_of(left) | calls_of(value))

    def _unary(self, node: Node, scope: _Scope) -> object:
        value = self._field(node, "argument", scope)
        operator = node.child_by_field_name("operator")
        known = truth(value)
        if operator is not None and operator.type == "!" and known is not None:
            return not known
        if operator is not None and operator.type == "-" and _is_number(value):
            return -value  # type: ignore[operator]
        return Unknown(self._text(node), calls_of(value))

    def _ternary(self, node: Node, scope: _Scope) -> object:
        condition = self._field(node, "condition", scope)
        known = truth(condition)
        if known is not None:
            return self._field(node, "consequence" if known else "alternative", scope)
        self._unsure += 1
        calls = calls_of(condition)
        try:
            for name in ("consequence", "alternative"):
                calls |= calls_of(self._field(node, name, scope))
        finally:
            self._unsure -= 1
        return Unknown(self._text(node), calls)

    def _assignment(self, node: Node, scope: _Scope) -> object:
        value = self._field(node, "right", scope)
        self._assigned(node.child_by_field_name("left"), value, scope)
        return value

    def _augmented(self, node: Node, scope: _Scope) -> object:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        if left is None or right is None or operator is None:
            return UNDEFINED
        value = self._operated(operator.type.rstrip("="), self._value(left, scope), right, node, scope)
        self._assigned(left, value, scope)
        return value

    def _update(self, node: Node, scope: _Scope) -> object:
        target, operator = node.child_by_field_name("argument"), node.child_by_field_name("operator")
        value = self._field(node, "argument", scope)
        by = 1 if operator is not None and operator.type == "++" else -1
        made = _number_of(value + by) if _is_number(value) else Unknown(self._text(node))  # type: ignore[operator]
        self._assigned(target, made, scope)
        return made

    def _function(self, node: Node, scope: _Scope) -> object:
        return _Function(node, scope)

    def _sequence(self, node: Node, scope: _Scope) -> object:
        return self._inner(node, scope)

    def _new(self, node: Node, scope: _Scope) -> object:
        made = node.child_by_field_name("constructor")
        args = self._arguments(node, scope)
        if made is not None and self._text(made) == "Promise":
            for given in args:
                self._called_perhaps(given, ())
        return Unknown(self._text(node), calls_of(args))

    # -- calls ----------------------------------------------------------------------------------------

    def _arguments(self, node: Node, scope: _Scope) -> list[object]:
        given = node.child_by_field_name("arguments")
        if given is None:
            return []
        if given.type == "template_string":
            return [self._value(given, scope)]
        made = self._array(given, scope)
        return made if is_list(made) else [made]

    def _call(self, node: Node, scope: _Scope) -> object:
        function = self._field(node, "function", scope)
        args = self._arguments(node, scope)
        if isinstance(function, _Tool):
            return self._tool_called(function, args, node)
        if isinstance(function, _Function):
            return self._invoked(function, args)
        if isinstance(function, _Native):
            return self._native_called(function.name, args, node)
        if isinstance(function, _Method):
            return self._method_called(function, args, node)
        if isinstance(function, Unknown) and function.path:
            return self._of_result(function, args, node)
        return self._unknown_called(calls_of(function), args, node)

    def _of_result(self, function: Unknown, args: list[object], node: Node) -> object:
        """The value of a method of a call's result."""
        name = function.path[-1] if function.path else ""
        if name in ("then", "finally") and args:
            return self._called(args[0], [Unknown(function.source.rsplit(".", 1)[0], function.calls, ())])
        if name == "catch":
            self._called_perhaps(args[0] if args else None, ())
            return Unknown(function.source, function.calls, ())
        return self._unknown_called(function.calls, args, node)

    def _unknown_called(self, calls: frozenset[int], args: list[object], node: Node) -> object:
        """The value of an unknown function, which may call the functions that it is given any number of times."""
        for given in args:
            calls |= calls_of(given)
        for given in args:
            if isinstance(given, _Function | _Tool) or given is _PRINT:
                self._many += 1
                self._called_perhaps(given, (Unknown("item", calls), Unknown("index")))
                self._many -= 1
        return Unknown(self._text(node), calls)

    def _called_perhaps(self, function: object, args: tuple[object, ...]) -> None:
        self._unsure += 1
        try:
            self._called(function, list(args))
        except _LeaveError:
            self._left = True
        finally:
            self._unsure -= 1

    def _called(self, function: object, args: list[object]) -> object:
        """Calls a value as a function."""
        if isinstance(function, _Function):
            return self._invoked(function, args)
        if isinstance(function, _Tool):
            return self._tool_called(function, args[:1], None)
        if isinstance(function, _Native):
            return self._native_called(function.name, args, None)
        return Unknown("…", calls_of(args))

    def _invoked(self, function: _Function, args: list[object]) -> object:
        scope = _Scope(function.scope)
        node = function.node
        self._enter()
        try:
            self._bind_parameters(node, args, scope)
            body = node.child_by_field_name("body")
            if body is None:
                return UNDEFINED
            if body.type != "statement_block":
                return self._value(body, scope)
            unsure = self._unsure
            try:
                self._block(body, scope)
            except _LeaveError as leave:
                if leave.how != "return":
                    raise
                return leave.value if unsure == self._unsure else Unknown("…", calls_of(leave.value))
            return UNDEFINED
        finally:
            self._depth -= 1

    def _bind_parameters(self, node: Node, args: list[object], scope: _Scope) -> None:
        alone = node.child_by_field_name("parameter")
        given = node.child_by_field_name("parameters")
        names = [alone] if alone is not None else given.named_children if given is not None else []
        for at, name in enumerate(names):
            if name.type == "rest_pattern":
                for inner in name.named_children:
                    self._bind(inner, args[at:], scope)
            else:
                self._bind(name, args[at] if at < len(args) else UNDEFINED, scope)

    def _tool_called(self, tool: _Tool, args: list[object], node: Node | None) -> object:
        if len(self.calls) >= CALLS_BOUND:
            raise _StopError
        source = self._text(node) if node is not None else f"tools.{tool.name}"
        if not tool.name:
            self.unread = self.unread or "it chooses a tool while it runs"
        given: object = args[0] if args else {}
        plain = Plain(given)
        held = obj(given).get("session_id")
        polls = None
        if isinstance(held, Unknown) and len(held.calls) == 1:
            polls = next(iter(held.calls))
        number = len(self.calls)
        sure = not self._unsure and not self._left
        self.calls.append(
            ScriptCall(
                tool.name or "exec",
                plain.value if tool.name else {"input": source},
                plain.whole and bool(tool.name),
                sure,
                self._many > 0,
                polls,
            )
        )
        return Unknown(source, frozenset((number,)), ())

    def _native_called(self, name: str, args: list[object], node: Node | None) -> object:
        match name:
            case "text" | "image" | "audio" | "generatedImage":
                if len(self.prints) < PRINTS_BOUND:
                    sure = not self._unsure and not self._left
                    self.prints.append(Print(Kept(args[0] if args else UNDEFINED).value, sure, self._many > 0))
                return UNDEFINED
            case "notify":
                self.notifies = True
                return UNDEFINED
            case "exit":
                raise _LeaveError("exit")
            case "setTimeout":
                self._called_perhaps(args[0] if args else None, ())
                return UNDEFINED
            case "String" if args:
                made = as_text(args[0])
                return made if made is not None else Unknown("String(…)", calls_of(args))
            case "Boolean" if args:
                known = truth(args[0])
                return known if known is not None else Unknown("Boolean(…)", calls_of(args))
            case _:
                return Unknown(self._text(node) if node is not None else f"{name}(…)", calls_of(args))

    def _method_called(self, method: _Method, args: list[object], node: Node) -> object:
        held, name = method.receiver, method.name
        if isinstance(held, _Native):
            return self._native_method(held.name, name, args, node)
        if is_list(held) and name in _EACH and args:
            return self._each(held, name, args[0], node)
        if name == "then" and args:
            return self._called(args[0], [held])
        if name in ("catch", "finally"):
            self._called_perhaps(args[0] if args else None, ())
            return held
        found = call_method(held, name, args, TEXT_BOUND)
        if found is not NOT_KNOWN:
            return found
        return self._unknown_called(calls_of(held), args, node)

    def _native_method(self, owner: str, name: str, args: list[object], node: Node) -> object:
        given: object = args[0] if args else UNDEFINED
        match owner, name:
            case "JSON", "stringify":
                if given is UNDEFINED:
                    return UNDEFINED
                plain = Plain(given)
                return compact_json(plain.value) if plain.whole else Json(given)
            case "JSON", "parse":
                return Unknown(self._text(node), calls_of(given))
            case "Promise", "all" | "allSettled" | "resolve":
                if name == "allSettled" and is_list(given):
                    return [{"status": Unknown("status"), "value": one} for one in array(given)]
                return given
            case "Object", "entries" | "keys" | "values" if is_fields(given):
                fields = given
                if name == "entries":
                    return [[key, value] for key, value in fields.items()]
                return list(fields) if name == "keys" else list(fields.values())
            case "Object", "assign" if is_fields(given) and all(is_fields(one) for one in args):
                for one in args[1:]:
                    given.update(obj(one))
                return given
            case "Object", "fromEntries" if is_list(given):
                pairs = [array(pair) for pair in array(given)]
                if all(len(pair) == 2 and isinstance(pair[0], str) for pair in pairs):
                    return {pair[0]: pair[1] for pair in pairs}
                return Unknown(self._text(node), calls_of(given))
            case "Array", "from" if is_list(given):
                items = list(given)
                return self._each(items, "map", args[1], node) if len(args) > 1 else items
            case _:
                return self._unknown_called(calls_of(args), args, node)

    def _each(self, items: list[object], name: str, function: object, node: Node) -> object:
        """A method that calls a function for each item."""
        made: list[object] = []
        for at, item in enumerate(items[:ROUNDS_BOUND]):
            made.append(self._called(function, [item, at, items]))
        if len(items) > ROUNDS_BOUND:
            raise _StopError
        if name == "map":
            return made
        if name == "forEach":
            return UNDEFINED
        if name == "flatMap":
            return flat(made)
        known = [truth(one) for one in made]
        if None in known:
            return Unknown(self._text(node), calls_of(items) | calls_of(made))
        kept = [item for item, keep in zip(items, known, strict=False) if keep]
        match name:
            case "filter":
                return kept
            case "find":
                return kept[0] if kept else UNDEFINED
            case "some":
                return bool(kept)
            case _:
                return len(kept) == len(items)

    # -- inside ---------------------------------------------------------------------------------------

    def _enter(self) -> None:
        self._depth += 1
        self._steps -= 1
        if self._depth > DEPTH_BOUND or self._steps < 0:
            raise _StopError

    def _text(self, node: Node) -> str:
        return self._data[node.start_byte : node.end_byte].decode("utf-8", "replace")


_EACH = frozenset({"map", "forEach", "flatMap", "filter", "find", "some", "every"})


def truth(value: object) -> bool | None:
    """Whether a condition holds; None if unknown."""
    if isinstance(value, Unknown | Json):
        return None
    if isinstance(value, Text):
        return True if any(isinstance(part, str) and part for part in value.parts) else None
    if value is UNDEFINED or value is None:
        return False
    return True if (is_list(value) or is_fields(value)) else bool(value)


def _is_something(value: object) -> bool | None:
    return None if isinstance(value, Unknown) else value is not UNDEFINED and value is not None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number_of(value: float) -> float:
    return value if abs(value) < 2**53 else float(value)


def _compared(operator: str, left: Any, right: Any) -> object:
    """The result of an operator on two known values; None if unknown."""
    plain = (str, int, float, bool, type(None))
    if not all(isinstance(value, plain) or value is UNDEFINED for value in (left, right)):
        return None
    match operator:
        case "===" | "==":
            return type(left) is type(right) and left == right if not _is_number(left) else left == right
        case "!==" | "!=":
            return not _compared("===", left, right)
        case "<" | ">" | "<=" | ">=" if (_is_number(left) and _is_number(right)) or (
            isinstance(left, str) and isinstance(right, str)
        ):
            return {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[operator]
        case "-" | "*" if _is_number(left) and _is_number(right):
            return _number_of(left - right if operator == "-" else float(left) * float(right))
        case "/" | "%" if _is_number(left) and _is_number(right) and right:
            return left / right if operator == "/" else left % right
        case _:
            return None


def _items(value: object, *, names: bool = False) -> list[Any] | None:
    """The items that a loop visits; None if unknown."""
    if is_list(value):
        items = value
        return [str(at) for at in range(len(items))] if names else items
    if is_fields(value) and names:
        return list(obj(value))
    if isinstance(value, str) and not names and len(value) <= ROUNDS_BOUND:
        return list(value)
    return None


def _without(value: object, taken: set[str], source: str) -> object:
    if is_fields(value):
        return {key: one for key, one in obj(value).items() if key not in taken}
    # The rest of a result is that result without the properties named before.
    path = value.path if isinstance(value, Unknown) else None
    return Unknown(source, calls_of(value), path)


def _unescaped(escape: str) -> str:
    match = _ESCAPE.fullmatch(escape, 1)
    if match is None:
        return escape[1:]
    if match[4] is not None:
        return _LETTERS.get(match[4], match[4])
    code = int(match[1] or match[2] or match[3], 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"


def _whole(text: str) -> str:
    """The text with escaped surrogate pairs joined."""
    if text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


_Statement = Callable[[_Walk, "Node", _Scope], None]
_Expression = Callable[[_Walk, "Node", _Scope], object]

# pyright: reportPrivateUsage=false
_STATEMENTS: dict[str, _Statement] = {
    "expression_statement": _Walk._expression_statement,
    "lexical_declaration": _Walk._declaration,
    "variable_declaration": _Walk._declaration,
    "function_declaration": _Walk._function_declared,
    "generator_function_declaration": _Walk._function_declared,
    "if_statement": _Walk._if,
    "for_statement": _Walk._for,
    "for_in_statement": _Walk._for_of,
    "while_statement": _Walk._while,
    "do_statement": _Walk._while,
    "try_statement": _Walk._try,
    "switch_statement": _Walk._switch,
    "return_statement": _Walk._return,
    "throw_statement": _Walk._throw,
    "break_statement": _Walk._break,
    "continue_statement": _Walk._continue,
    "statement_block": _Walk._scoped,
}

_EXPRESSIONS: dict[str, _Expression] = {
    "string": _Walk._string,
    "template_string": _Walk._template,
    "number": _Walk._number,
    "true": lambda _walk, _node, _scope: True,
    "false": lambda _walk, _node, _scope: False,
    "null": lambda _walk, _node, _scope: None,
    "undefined": lambda _walk, _node, _scope: UNDEFINED,
    "identifier": _Walk._identifier,
    "object": _Walk._object,
    "array": _Walk._array,
    "parenthesized_expression": _Walk._inner,
    "await_expression": _Walk._inner,
    "member_expression": _Walk._member,
    "subscript_expression": _Walk._subscript,
    "binary_expression": _Walk._binary,
    "unary_expression": _Walk._unary,
    "ternary_expression": _Walk._ternary,
    "assignment_expression": _Walk._assignment,
    "augmented_assignment_expression": _Walk._augmented,
    "update_expression": _Walk._update,
    "arrow_function": _Walk._function,
    "function_expression": _Walk._function,
    "sequence_expression": _Walk._sequence,
    "new_expression": _Walk._new,
    "call_expression": _Walk._call,
}
