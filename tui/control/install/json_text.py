"""Finds positions and style of the values in a JSON text, so that some can be changed while all other text stays.

Reads JSON (RFC 8259) and what editors add to it: a byte order mark, `//` and `/* */` comments, a trailing comma.
Nothing is normalised: a node is a range of the text. `Style` contains the line ends, the indentation, and the spaces
after colons and commas.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Any

from tui.model.frozen import frozen

DEEPEST = 100
"""Maximum nesting of containers; settings have about six levels."""

_SPACE = re.compile(r"[ \t\r\n]+")
_LINE_COMMENT = re.compile(r"//[^\r\n]*")
_BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"true|false|null")
_BOM = "\ufeff"


class JsonTextError(Exception):
    """A mistake in the text and its place. `line` and `column` count from 1, in characters."""

    def __init__(self, text: str, offset: int, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.line, self.column = line_and_column(text, offset)


class JsonKind(StrEnum):
    """The kind of a JSON value."""

    OBJECT = "an object"
    ARRAY = "an array"
    STRING = "a string"
    NUMBER = "a number"
    WORD = "true, false or null"


@frozen
class JsonNode:
    """A value: `text[start:end]`.

    `entries` are the members of an object or the items of an array, in the order of the text.
    """

    kind: JsonKind
    start: int
    end: int
    entries: tuple[JsonItem, ...] = ()

    def members(self, key: str) -> list[JsonItem]:
        """All members with this key. A text may contain several; readers use the last."""
        return [entry for entry in self.entries if entry.key == key]

    def member(self, key: str) -> JsonNode | None:
        """The value that readers use for this key: the last one."""
        found = self.members(key)
        return found[-1].value if found else None

    @property
    def trailing_comma(self) -> bool:
        """True if a comma follows its last entry."""
        return bool(self.entries) and self.entries[-1].comma is not None


@frozen
class JsonItem:
    """A member of an object, or an item of an array (`key` is None): `text[start:value.end]`."""

    key: str | None
    start: int
    value: JsonNode
    comma: int | None
    """The offset of the comma after it; None if there is none."""

    @property
    def end(self) -> int:
        """The offset at which its value ends."""
        return self.value.end


@frozen
class JsonDocument:
    """A parsed text. `root` is None if the text contains only white space and comments."""

    text: str
    root: JsonNode | None
    extras: int | None
    """The offset of the first comment or trailing comma, which strict readers refuse; None for plain JSON."""

    def value(self, node: JsonNode) -> Any:
        """The Python value of a node; of equal keys the last one counts."""
        match node.kind:
            case JsonKind.OBJECT:
                return {entry.key: self.value(entry.value) for entry in node.entries}
            case JsonKind.ARRAY:
                return [self.value(entry.value) for entry in node.entries]
            case _:
                return json.loads(self.text[node.start : node.end])


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, counted from 1. A byte order mark is not counted."""
    before = text[:offset].removeprefix(_BOM)
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def scan(text: str) -> JsonDocument:
    """Parses the text.

    Raises:
        JsonTextError: it is not JSON, not even with comments, or it is nested more than 100 levels deep.
    """
    return _Scanner(text).document()


def after_comments(text: str, offset: int) -> int:
    """The end of the last comment in the white space at `offset`; `offset` itself if there is no comment."""
    found = _last_comment(text, offset)
    return offset if found is None else found[1]


def ends_in_line_comment(text: str, offset: int) -> bool:
    """True if the last comment in the white space at `offset` is a `//` comment.

    Text after it must begin on a new line.
    """
    found = _last_comment(text, offset)
    return found is not None and text.startswith("//", found[0])


def _last_comment(text: str, offset: int) -> tuple[int, int] | None:
    scanner = _Scanner(text)
    last: tuple[int, int] | None = None
    while True:
        start = scanner.skip_space(offset)
        end = scanner.comment_end(start)
        if end is None:
            return last
        last, offset = (start, end), end


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._extras: int | None = None

    def document(self) -> JsonDocument:
        start = self.skip(1 if self._text.startswith(_BOM) else 0)
        if start == len(self._text):
            return JsonDocument(self._text, None, self._extras)
        root = self._value(start, 0)
        end = self.skip(root.end)
        if end != len(self._text):
            raise JsonTextError(self._text, end, "there is text after the end of the settings")
        return JsonDocument(self._text, root, self._extras)

    def skip(self, offset: int) -> int:
        """The offset after white space and comments."""
        while True:
            offset = self.skip_space(offset)
            end = self.comment_end(offset)
            if end is None:
                return offset
            self._note(offset)
            offset = end

    def skip_space(self, offset: int) -> int:
        found = _SPACE.match(self._text, offset)
        return found.end() if found else offset

    def comment_end(self, offset: int) -> int | None:
        """The end of the comment at `offset`; None if there is no comment."""
        if self._text.startswith("//", offset):
            found = _LINE_COMMENT.match(self._text, offset)
        elif self._text.startswith("/*", offset):
            found = _BLOCK_COMMENT.match(self._text, offset)
        else:
            return None
        if found is None:
            raise JsonTextError(self._text, offset, "a comment is not closed")
        return found.end()

    def _note(self, offset: int) -> None:
        if self._extras is None:
            self._extras = offset

    def _value(self, start: int, depth: int) -> JsonNode:
        if depth > DEEPEST:
            raise JsonTextError(self._text, start, f"nested more than {DEEPEST} levels deep")
        match self._text[start : start + 1]:
            case "{":
                return self._container(JsonKind.OBJECT, start, "}", depth)
            case "[":
                return self._container(JsonKind.ARRAY, start, "]", depth)
            case '"':
                return JsonNode(JsonKind.STRING, start, self._string_end(start))
            case _:
                return self._scalar(start)

    def _scalar(self, start: int) -> JsonNode:
        for kind, pattern in ((JsonKind.NUMBER, _NUMBER), (JsonKind.WORD, _WORD)):
            found = pattern.match(self._text, start)
            if found:
                return JsonNode(kind, start, found.end())
        raise JsonTextError(self._text, start, "a value is expected here")

    def _string_end(self, start: int) -> int:
        found = _STRING.match(self._text, start)
        if found is None:
            raise JsonTextError(self._text, start, "a string is not closed, or holds what JSON does not allow in one")
        return found.end()

    def _container(self, kind: JsonKind, start: int, close: str, depth: int) -> JsonNode:
        entries: list[JsonItem] = []
        offset = self.skip(start + 1)
        while not self._text.startswith(close, offset):
            if entries and entries[-1].comma is None:
                raise JsonTextError(self._text, offset, f"a comma or {close} is expected here")
            entry = self._entry(kind, offset, depth)
            entries.append(entry)
            offset = self.skip(entry.end if entry.comma is None else entry.comma + 1)
        if entries and entries[-1].comma is not None:
            self._note(entries[-1].comma)
        return JsonNode(kind, start, offset + 1, tuple(entries))

    def _entry(self, kind: JsonKind, start: int, depth: int) -> JsonItem:
        key: str | None = None
        at = start
        if kind is JsonKind.OBJECT:
            if not self._text.startswith('"', start):
                raise JsonTextError(self._text, start, "a name in double quotes or } is expected here")
            end = self._string_end(start)
            key = json.loads(self._text[start:end])
            colon = self.skip(end)
            if not self._text.startswith(":", colon):
                raise JsonTextError(self._text, colon, "a colon is expected here")
            at = self.skip(colon + 1)
        value = self._value(at, depth + 1)
        comma = self.skip(value.end)
        return JsonItem(key, start, value, comma if self._text.startswith(",", comma) else None)


_BLANK = " \t"


@frozen
class Style:
    """The style for new text. `flat`: the file has everything on one line."""

    newline: str
    unit: str
    """The white space of one level of indentation."""
    colon: str
    gap: str
    """The white space after a comma within a line."""
    flat: bool

    @classmethod
    def of(cls, document: JsonDocument) -> Style:
        """The style of the document's first members; two spaces of indentation if there are none."""
        text, root = document.text, document.root
        first_end = text.find("\n")
        newline = "\r\n" if first_end > 0 and text[first_end - 1] == "\r" else "\n"
        if root is None or not root.entries:
            return cls(newline, "  ", ": ", " ", flat=False)
        first = root.entries[0]
        colon = _colon(text[first.start : first.value.start])
        if not opens_line(text, first.start):
            gap = " " if (first.comma is None and colon.endswith(" ")) or _spaced(text, first.comma) else ""
            return cls(newline, "  ", colon, gap, flat=True)
        unit = line_indent(text, first.start).removeprefix(line_indent(text, root.start))
        return cls(newline, unit or "  ", colon, " ", flat=False)

    def rendered(self, value: Any, indent: str, *, flat: bool = False) -> str:
        """A value as text in this style. `indent` is the indentation of the line in which it begins."""
        if flat or self.flat:
            return json.dumps(value, ensure_ascii=False, separators=("," + self.gap, self.colon))
        lines = json.dumps(value, ensure_ascii=False, indent=self.unit, separators=(",", self.colon))
        return lines.replace("\n", self.newline + indent)


def line_indent(text: str, offset: int) -> str:
    """The white space at the beginning of the line that contains `offset`."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return line[: len(line) - len(line.lstrip(_BLANK))]


def opens_line(text: str, offset: int) -> bool:
    """True if only white space precedes `offset` in its line, and the line is not the first one."""
    begin = text.rfind("\n", 0, offset)
    return begin >= 0 and not text[begin + 1 : offset].strip(_BLANK)


def _colon(member: str) -> str:
    between = member[member.rfind('"') + 1 :]
    return between if not between.strip(": \t") else ": "


def _spaced(text: str, comma: int | None) -> bool:
    return comma is not None and text.startswith(" ", comma + 1)
