"""Markdown of agents' texts as lines: headings, lists, quotes, code, tables; bold, italic and code within a line.

Markup only changes the look. Nothing is hidden: the address of a link follows its words, HTML is shown as it was
written, and everything else is shown as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tui.text.cell_width import width
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, joined, line_width, own, word

TEXT_BOUND = 50_000
"""The most characters of a text that is read as Markdown; a longer one is shown as plain lines."""
LINE_CHARS = 2_000
"""The most characters that are shown of one line of code, or of one piece of text."""
LEAST_ROOM = 8
"""The least width of words in cells, however deep the lists and quotes around them are."""
DEEPEST = 20
"""Levels of lists and quotes. A text with more is shown as it was written."""
COLUMN_LEAST, WORD_MOST = 6, 24
"""The least width of a table's column in cells, and the longest word that is never broken in one.

A table that does not fit is shown row by row, each cell behind its title; without titles as it was written.
"""
BOLD, ITALIC, CODE, HEADING = "markdown.bold", "markdown.italic", "markdown.code", "markdown.heading"
MARK, ADDRESS = "dim", "dim"
"""Roles for marked words and for addresses."""
_BULLETS = (own("• "), own("◦ "), own("▪ "))
_RoleOf = Callable[[str], str]
_LANGUAGE = re.compile(r"[\w+#.-]{1,20}")
"""What usually stands behind the sign of a code block. It is not shown."""
_TASK = re.compile(r"\[([ xX])\] ")


@cache
def _parser() -> MarkdownIt:
    # HTML, entities, escapes and definitions of links stay text, because nothing that was written may be hidden.
    hidden = ["entity", "escape", "reference", "lheading", "html_block", "html_inline"]
    made = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST})
    return made.enable(["table", "strikethrough"]).disable(hidden)


def is_markdown(text: str) -> bool:
    """Whether reading the text as Markdown can change its look."""
    return len(text) <= TEXT_BOUND and _MARKS.search(text) is not None


_MARKS = re.compile(r"[*_`#|>~\[]|^\s*(?:[-+]|\d{1,3}[.)])\s", re.MULTILINE)


def markdown_lines(text: str, cells: int, role: str = "text") -> list[Line]:
    """The lines of a text, each at most `cells` wide. `role` is that of words without markup."""
    tokens = _parser().parse(text)
    if any(token.level >= DEEPEST - 1 for token in tokens):  # the parser leaves out what is nested deeper
        return [line for raw in text.split("\n") for line in _as_written(raw, max(LEAST_ROOM, cells), role)]
    return _Writer(text, tokens, max(LEAST_ROOM, cells), role).lines()


def _as_written(raw: str, cells: int, role: str) -> list[Line]:
    return wrap_spans([Span(safe_text(raw.rstrip(), limit=LINE_CHARS), role)], cells) or [()]


class _Writer:
    def __init__(self, text: str, tokens: list[Token], cells: int, role: str) -> None:
        self._source = text.split("\n")
        self._tokens = tokens
        self._cells = cells
        self._role = role
        self._made: list[Line] = []
        self._indent: list[Line] = []
        """The left part of each line: a bar for each quote, blanks for each list."""
        self._marker: Line = ()
        """The bullet or number that the next line begins with, in place of the innermost blanks."""
        self._lists: list[int | None] = []
        """The open lists: the next number, or None for bullets."""
        self._is_tight = False

    def lines(self) -> list[Line]:
        at = 0
        while at < len(self._tokens):
            at = self._take(at)
        while self._made and not self._made[-1]:
            self._made.pop()
        return self._made

    def _take(self, at: int) -> int:
        """Writes the token at this index. Returns the index after what was written."""
        token = self._tokens[at]
        match token.type:
            case "heading_open":
                self._gap()
                self._write(_spans(self._tokens[at + 1], HEADING, self._role_of))
                return at + 3
            case "inline":
                self._write(_spans(token, self._role, self._role_of))
            case "paragraph_open":
                if not token.hidden:
                    self._gap()
            case "bullet_list_open" | "ordered_list_open":
                if not self._lists:
                    self._gap()
                self._lists.append(_first_number(token) if token.type == "ordered_list_open" else None)
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                self._begin_item()
            case "list_item_close":
                self._end_item()
            case "blockquote_open":
                self._gap()
                self._indent.append((word("▏ ", MARK),))
            case "blockquote_close":
                self._indent.pop()
            case "fence" | "code_block":
                self._code(token)
            case "hr":
                self._gap()
                self._write([Span(SafeText("─" * min(24, self._room)), MARK)])
            case "table_open":
                return self._table(at)
            case _:
                pass
        return at + 1

    @property
    def _room(self) -> int:
        return self._cells - sum(line_width(part) for part in self._left())

    def _left(self) -> list[Line]:
        """The left part of a line. Its innermost parts are left out if too little room would remain."""
        parts: list[Line] = [*self._indent[:-1], self._marker or self._indent[-1]] if self._indent else []
        used = 0
        for index, part in enumerate(parts):
            used += line_width(part)
            if used > self._cells - LEAST_ROOM:
                return parts[:index]
        return parts

    def _role_of(self, kind: str) -> str:
        return {"strong": BOLD, "em": ITALIC, "s": MARK}.get(kind, self._role)

    def _gap(self) -> None:
        """Writes an empty line between blocks, but none at the beginning and none within a list's item."""
        if self._made and self._made[-1] and not self._marker and not self._lists:
            self._made.append(())

    def _begin_item(self) -> None:
        number = self._lists[-1] if self._lists else None
        if number is None:
            marker = _BULLETS[min(len(self._lists), len(_BULLETS)) - 1]
        else:
            marker = safe_text(f"{number}. ", limit=12)
            self._lists[-1] = number + 1
        if self._marker:  # an item that begins with a list
            self._write([])
        self._marker = (Span(marker, MARK),)
        self._indent.append((Span(SafeText(" " * width(marker)), self._role),))

    def _end_item(self) -> None:
        if self._marker:
            self._write([])
        self._indent.pop()

    def _write(self, spans: Sequence[Span]) -> None:
        """Writes spans, wrapped; a span that is a line break begins a new line."""
        lines = wrap_spans(spans, self._room) or [()]
        for line in lines:
            self._line(line)

    def _line(self, line: Line) -> None:
        left = [span for part in self._left() for span in part]
        self._marker = ()
        self._made.append((*left, *line))

    def _code(self, token: Token) -> None:
        if not self._lists:
            self._gap()
        info = token.info.strip()
        if info and _LANGUAGE.fullmatch(info) is None:
            self._line((word("│ ", MARK), Span(safe_text(info, limit=LINE_CHARS), MARK)))
        for raw in token.content.rstrip("\n").split("\n"):
            code = safe_text(raw.rstrip(), limit=LINE_CHARS)
            for piece in wrap_spans([Span(code, CODE)], self._room - 2) or [()]:
                self._line((word("│ ", MARK), *piece))

    def _table(self, at: int) -> int:
        rows: list[list[list[Span]]] = []
        end = at + 1
        while self._tokens[end].type != "table_close":
            token = self._tokens[end]
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                is_head = self._tokens[end - 1].type == "th_open"
                rows[-1].append(_spans(token, BOLD if is_head else self._role, self._role_of))
            end += 1
        self._gap()
        first, last = self._tokens[at].map or (0, 0)
        written = self._source[first:last]
        has_more = any(raw.strip().strip("|").count("|") >= len(rows[0]) for raw in written)  # cells without a column
        widths = None if has_more else _widths(rows, self._room)
        if widths is None and not has_more and _are_records(rows):
            for row in rows[1:]:
                self._record(rows[0], row)
            return end + 1
        if widths is None:
            for raw in written:
                self._write([Span(safe_text(raw.rstrip(), limit=LINE_CHARS), self._role)])
            return end + 1
        for index, row in enumerate(rows):
            self._row(row, widths)
            if index == 0:
                self._line((Span(SafeText("─" * (sum(widths) + 2 * (len(widths) - 1))), MARK),))
        return end + 1

    def _record(self, titles: list[list[Span]], row: list[list[Span]]) -> None:
        """A row of a table that is too wide: its cells one after the other, each behind its title."""
        spans: list[Span] = []
        for title, cell in zip(titles, row, strict=False):
            if not cell:
                continue
            if spans:
                spans.append(Span(SafeText(" · "), MARK))
            spans += [Span(joined(one.text, own(" ")), MARK) for one in title] + cell
        for index, line in enumerate(wrap_spans(spans, max(LEAST_ROOM, self._room - 2))):
            self._line((Span(_BULLETS[0] if index == 0 else own("  "), MARK), *line))

    def _row(self, row: list[list[Span]], widths: list[int]) -> None:
        columns = [wrap_spans(cell, cells) for cell, cells in zip(row, widths, strict=False)]
        for index in range(max(map(len, columns), default=0)):
            line: list[Span] = []
            for column, cells in zip(columns, widths, strict=False):
                piece = column[index] if index < len(column) else ()
                line += [*piece, Span(SafeText(" " * (cells - line_width(piece) + 2)), self._role)]
            self._line(_trimmed(line))


def _first_number(token: Token) -> int:
    start = token.attrGet("start")
    return start if isinstance(start, int) else 1


BREAK = Span(SafeText("\n"))
"""A line break among spans."""


def _spans(token: Token, role: str, role_of: _RoleOf) -> list[Span]:
    """The words of an inline token with their roles."""
    made: list[Span] = []
    roles = [role]
    addresses: list[str] = []
    for child in token.children or ():
        match child.type:
            case "text":
                made.append(Span(_task(safe_text(child.content, limit=LINE_CHARS), is_first=not made), roles[-1]))
            case "code_inline":
                made.append(Span(safe_text(child.content, limit=LINE_CHARS), CODE))
            case "softbreak" | "hardbreak":
                made.append(BREAK)
            case "strong_open" | "em_open" | "s_open":
                kind = child.type.removesuffix("_open")
                roles.append(roles[-1] if roles[-1] in (BOLD, HEADING) else role_of(kind))
            case "strong_close" | "em_close" | "s_close":
                roles.pop()
            case "link_open":
                addresses.append(_target(child, "href"))
                roles.append("accent")
            case "link_close":
                roles.pop()
                made += _address(addresses.pop(), made)
            case "image":
                shown = safe_text(f"[image: {child.content}]", limit=LINE_CHARS)
                made += [Span(shown, ADDRESS), *_address(_target(child, "src"), made)]
            case _:
                made.append(Span(safe_text(child.content, limit=LINE_CHARS), roles[-1]))
    return made


def _target(link: Token, name: str) -> str:
    """The address of a link, with its title."""
    title = link.attrGet("title")
    address = str(link.attrGet(name) or "")
    return f'{address} "{title}"' if title else address


def _task(text: SafeText, *, is_first: bool) -> SafeText:
    """A task's box in front of a list's item as a glyph."""
    box = _TASK.match(text) if is_first else None
    if box is None:
        return text
    return SafeText(("☐ " if box[1] == " " else "☑ ") + text[box.end() :])


def _address(address: str, made: list[Span]) -> list[Span]:
    """The address behind a link's words, unless the words are the address."""
    shown = safe_text(address, limit=LINE_CHARS)
    if not shown or (made and made[-1].text in (shown, shown.removeprefix("mailto:"))):
        return []
    return [Span(SafeText(f" ({shown})"), ADDRESS)]


def wrap_spans(spans: Sequence[Span], cells: int) -> list[Line]:
    """Spans in lines of at most `cells`, broken at blanks where there are any, and at each `BREAK`."""
    made: list[Line] = []
    line: list[Span] = []
    used = 0
    for span in spans:
        if span is BREAK:
            made.append(tuple(line))
            line, used = [], 0
            continue
        for piece in _PIECES.findall(span.text):
            size = width(SafeText(piece))
            if used + size > cells and used > 0 and not piece.isspace() and size <= cells:
                made.append(_trimmed(line))
                line, used = [], 0
            if used == 0 and made and piece.isspace():
                continue  # a wrapped line does not begin with a blank
            rest = piece
            while used + width(SafeText(rest)) > cells:
                head = _fitting(rest, cells - used)
                if not head and used == 0:
                    head = rest[0]
                line.append(Span(SafeText(rest[: len(head)]), span.role))
                made.append(_trimmed(line))
                line, used, rest = [], 0, rest[len(head) :].lstrip(" ")
            if rest:
                line.append(Span(SafeText(rest), span.role))
                used += width(SafeText(rest))
    if line or not made:
        made.append(tuple(line))
    return [_merged(each) for each in made]


_PIECES = re.compile(r"\s+|\S+")


def _fitting(text: str, cells: int) -> str:
    """The longest beginning of the text that fits into `cells`."""
    if text.isascii():
        return text[: max(0, cells)]
    used = 0
    for index, char in enumerate(text):
        used += width(SafeText(char))
        if used > cells:
            return text[:index]
    return text


def _trimmed(line: list[Span]) -> Line:
    while line and line[-1].text.isspace():
        line = line[:-1]
    return tuple(line)


def _merged(line: Line) -> Line:
    """Joins neighbouring spans of one role."""
    made: list[Span] = []
    for span in line:
        if made and made[-1].role == span.role:
            made[-1] = Span(joined(made[-1].text, span.text), span.role)
        else:
            made.append(span)
    return tuple(made)


def _are_records(rows: list[list[list[Span]]]) -> bool:
    """Whether a table has rows, each cell has a title, and none has several lines."""
    return len(rows) > 1 and all(rows[0]) and not any(span is BREAK for row in rows for cell in row for span in cell)


def _widths(rows: list[list[list[Span]]], cells: int) -> list[int] | None:
    """The width of each column so that all fit, the widest ones wrapped between words; None if that is not possible."""
    count = max(map(len, rows), default=0)
    if not count or any(span is BREAK for row in rows for cell in row for span in cell):
        return None
    room = cells - 2 * (count - 1)
    by_column = [[row[index] for row in rows if index < len(row)] for index in range(count)]
    widths = [max((line_width(cell) for cell in column), default=0) for column in by_column]
    least = [
        max(min(COLUMN_LEAST, wide), _longest_word(column)) for wide, column in zip(widths, by_column, strict=True)
    ]
    if sum(least) > room or room < COLUMN_LEAST * count:
        return None
    while sum(widths) > room:
        widest = max((index for index in range(count) if widths[index] > least[index]), key=lambda index: widths[index])
        second = max(
            (value for index, value in enumerate(widths) if index != widest and value < widths[widest]), default=0
        )
        widths[widest] -= max(1, min(sum(widths) - room, widths[widest] - max(second, least[widest])))
    return widths


def _longest_word(column: list[list[Span]]) -> int:
    """The width of the longest word in the cells of a column, at most `WORD_MOST`: a longer one is broken."""
    texts = ("".join(span.text for span in cell) for cell in column)
    longest = max((width(SafeText(piece)) for text in texts for piece in text.split()), default=0)
    return min(longest, WORD_MOST)
