"""A conversation as lines: prompts, texts, calls with their results, diffs, errors, and usage at the right edge."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from enum import StrEnum
from typing import Any, cast

from tui.agents.tools import WHOLE_BOUND, fields_of
from tui.conversation.blocks import Block, BlockKind
from tui.io.json_fields import compact_json
from tui.model.diff import DiffLine, FileDiff, Sign
from tui.model.event import Origin, ToolKind
from tui.model.frozen import frozen
from tui.text.cell_width import cut, width
from tui.text.format import compact, date, duration, number, time_of_day
from tui.text.safe_text import SafeText, safe_path, safe_text
from tui.text.styled_text import Line, Span, blank, column, fit_line, joined, line_width, own, spread, word
from tui.view.doubt import at_least
from tui.view.json_out import iso, usage_json
from tui.view.markdown import is_markdown, markdown_lines

LINE_CHARS = 2_000
"""The most characters of one line of text that are shown; the rest is cut."""
OPEN_LINES = 5_000
"""The most lines of one block that are shown when it is unfolded."""
TIME_CELLS = 10
USAGE_CELLS = 24
FOUND = "key"
"""The role of words that a search found."""
WIDE = 72
"""From this width on, the time is shown at the left."""
NUMBERED_CELLS = 60
"""From this width of a diff on, lines have their numbers before and after the change."""
WIDEST = 5_000
"""At this width nothing is wrapped, and the usage directly follows the text instead of standing at the right edge."""


class Fold(StrEnum):
    """How much of a block is shown."""

    SHORT = "short"
    """Prompts, texts, plans and failures. A call is one line; its result is not shown."""
    USUAL = "usual"
    OPEN = "open"
    WHOLE = "whole"
    """All lines, however many."""


@frozen
class Shown:
    """How many lines of a text are shown while it is folded: from its beginning and from its end."""

    head: int
    tail: int = 0


_SHOWN: dict[BlockKind, Shown] = {
    BlockKind.PROMPT: Shown(40),
    BlockKind.TEXT: Shown(400),
    BlockKind.THINKING: Shown(2),
    BlockKind.CALL: Shown(12),
    BlockKind.RESULT: Shown(4, 6),
    BlockKind.PLAN: Shown(40),
    BlockKind.ERROR: Shown(6),
    BlockKind.NOTE: Shown(4),
}
_RESULTS_SHOWN: dict[ToolKind, Shown] = {ToolKind.READ: Shown(2), ToolKind.EDIT: Shown(0), ToolKind.PLAN: Shown(0)}
"""For the results of tools whose output says little. Failed results are shown like those of all other tools."""
OUTPUT_STATED = 50
"""A count of output tokens that may still grow is shown from this number on. Below it, it says nothing: Claude Code
first writes a small number for each call."""
_CLIENT_TAGS = re.compile(r"</?(?:tool_use_error|system-reminder|local-command-stdout|local-command-stderr)>")
"""Tags that a client puts around a result. They are not shown."""
JSON_LINES = 400
"""The most lines of a result in JSON, which is shown with one field per line; the rest is cut."""
_DIFF_SHOWN = Shown(24)

_ORIGINS: dict[str, SafeText] = {
    Origin.PERSON: own("person"),
    Origin.AGENT: own("another agent"),
    Origin.COMMAND: own("command"),
    Origin.QUEUED: own("person, while it worked"),
    Origin.UNKNOWN: own("prompt"),
}
_GLYPHS: dict[BlockKind, tuple[SafeText, str]] = {
    BlockKind.PROMPT: (own("▌"), "key"),
    BlockKind.TEXT: (own("●"), "accent"),
    BlockKind.THINKING: (own("∴"), "dim"),
    BlockKind.CALL: (own("▸"), "state.working"),
    BlockKind.RESULT: (own(" "), "dim"),
    BlockKind.PLAN: (own("☰"), "accent"),
    BlockKind.ERROR: (own("✗"), "stop"),
    BlockKind.NOTE: (own("·"), "dim"),
}
_TEXT_ROLES: dict[BlockKind, str] = {
    BlockKind.PROMPT: "strong",
    BlockKind.TEXT: "text",
    BlockKind.THINKING: "dim",
    BlockKind.CALL: "text",
    BlockKind.RESULT: "dim",
    BlockKind.PLAN: "text",
    BlockKind.ERROR: "stop",
    BlockKind.NOTE: "dim",
}
_ITEM_GLYPHS: dict[str, Span] = {
    "completed": word("✓ ", "good"),
    "in_progress": word("▸ ", "state.working"),
}
_SIGNS: dict[Sign, tuple[SafeText, str]] = {
    Sign.ADDED: (own("+ "), "diff.added"),
    Sign.REMOVED: (own("- "), "diff.removed"),
    Sign.SAME: (own("  "), "dim"),
    Sign.PLACE: (own("⋯ "), "dim"),
}
_BAR = word("│ ", "dim")


def block_lines(
    block: Block,
    cells: int,
    fold: Fold = Fold.USUAL,
    before: Block | None = None,
    zone: tzinfo | None = None,
) -> list[Line]:
    """The lines of one block, each at most `cells` wide.

    `before` is the block above: a result directly below its call has no heading, and a line with the date stands before
    the first block of a day. `zone` is the zone of the times; None: this machine's.
    """
    if fold is Fold.SHORT and not _is_said(block):
        return []
    timed = cells >= WIDE
    left = TIME_CELLS if timed else 0
    room = cells - left - 2
    lines: list[Line] = []
    head = _head(block, room, is_below_call=_is_below_call(block, before))
    body = _body(block, room, fold)
    if head is not None:
        lines.append(_with_usage(block, head, room))
    elif body and block.usage is not None:
        # The text is not cut to make room for the usage, which stands beside the first line or, if that line is long,
        # below the last.
        if line_width(body[0]) + USAGE_CELLS <= room:
            body[0] = _with_usage(block, body[0], room)
        else:
            body.append(_with_usage(block, (), room))
    lines += body
    if not lines:
        return []
    glyph, role = _glyph(block)
    at = time_of_day(block.at, zone) if block.at is not None else own("")
    first: Line = (Span(glyph, role), word(" "))
    margin: Line = (word(" "), Span(_padded(at, TIME_CELLS - 1), "dim")) if timed else ()
    empty = blank(left + 2)
    made: list[Line] = [(*margin, *first, *lines[0])]
    made += [(empty, *line) for line in lines[1:]]
    gap: list[Line] = [()] if block.kind in (BlockKind.PROMPT, BlockKind.TEXT) and before is not None else []
    return [*gap, *_new_day(block, before, zone), *(fit_line(line, cells) for line in made)]


def run_lines(
    call: Block, result: Block, count: int, cells: int, before: Block | None = None, zone: tzinfo | None = None
) -> list[Line]:
    """One line for equal calls in a row: `npm test, 6 times, same result`. `call` and `result` are the first of them.

    `before` and `zone` as for `block_lines`.
    """
    left = TIME_CELLS if cells >= WIDE else 0
    glyph, role = _glyph(result) if result.is_error or result.refused else _glyph(call)
    times = joined(own(", "), number(count), own(" times, same result"))
    failed = own(": failed") if result.failed else own(": refused") if result.refused else own("")
    name = safe_text(call.title, limit=40)
    room = cells - left - 4 - width(name) - width(times) - width(failed)
    at = time_of_day(call.at, zone) if call.at is not None else own("")
    margin: Line = (word(" "), Span(_padded(at, TIME_CELLS - 1), "dim")) if left else ()
    first, _, rest = call.summary.partition("\n")
    summary = cut(safe_text(f"{first} …" if rest else first, limit=400), max(8, room))
    line: Line = (
        *margin, Span(glyph, role), word(" "), Span(name, "title"), word("  "), Span(summary, "text"),
        Span(times, "key"), Span(failed, "stop"),
    )  # fmt: skip
    return [*_new_day(call, before, zone), fit_line(line, cells)]


def _is_said(block: Block) -> bool:
    """Whether a block is shown in the short form."""
    return block.kind not in (BlockKind.THINKING, BlockKind.RESULT) or block.failed or block.refused


def _new_day(block: Block, before: Block | None, zone: tzinfo | None) -> list[Line]:
    """A line with the date, between two blocks of different days."""
    if block.at is None or before is None or before.at is None:
        return []
    day = date(block.at, zone)
    return [] if day == date(before.at, zone) else [(Span(joined(own("── "), day, own(" ──")), "section"),)]


def is_folded(block: Block, cells: int) -> bool:
    """Whether unfolding the block would show more of it."""
    room = cells - (TIME_CELLS if cells >= WIDE else 0) - 2
    return len(_body(block, room, Fold.OPEN)) > len(_body(block, room, Fold.USUAL))


def block_json(block: Block) -> dict[str, Any]:
    """A block as JSON. Texts are whole, with secrets masked."""
    made: dict[str, Any] = {
        "kind": block.kind.value, "at": iso(block.at), "offset": block.place.offset, "title": _whole(block.title),
        "summary": _whole(block.summary), "text": _whole(block.text), "call": block.call, "failed": block.failed,
        "refused": block.refused,
        "exit_code": block.exit_code, "duration_s": block.duration_s, "subagent": block.spawned,
        "usage": usage_json(block.usage) if block.usage is not None else None,
        "files": [{"path": _whole(diff.path), "added": diff.added, "removed": diff.removed,
                   "diff": _whole("\n".join(f"{line.sign}{line.text}" for line in diff.lines))}
                  for diff in block.diffs],
        "items": [{"text": _whole(item.text), "status": item.status} for item in block.items],
    }  # fmt: skip
    return {name: value for name, value in made.items() if value not in ("", None, [])}


def _whole(text: str) -> SafeText:
    return safe_text(text, limit=WHOLE_BOUND, lines=True)


def with_marks(line: Line, words: str) -> Line:
    """The line with each occurrence of `words` within one of its spans marked. The case of letters does not matter."""
    if not words:
        return line
    made: list[Span] = []
    for span in line:
        text = span.text
        folded = text.casefold()
        if words not in folded or len(folded) != len(text):
            made.append(span)
            continue
        at = 0
        while (found := folded.find(words, at)) >= 0:
            made += [Span(SafeText(text[at:found]), span.role),
                     Span(SafeText(text[found : found + len(words)]), FOUND)]  # fmt: skip
            at = found + len(words)
        made.append(Span(SafeText(text[at:]), span.role))
    return tuple(made)


def block_text(block: Block) -> SafeText:
    """All of a block's text, for the clipboard."""
    parts = [line.text if line.sign is Sign.PLACE else f"{line.sign}{line.text}"
             for diff in block.diffs for line in diff.lines]  # fmt: skip
    if block.diffs:
        text = "\n".join(parts)
    elif block.kind is BlockKind.CALL:
        text = "\n".join(_arguments(block)) or block.summary
    else:
        text = block.text
    return safe_text(text, limit=200_000, lines=True)


# -- heads ----------------------------------------------------------------------------------------


def _is_below_call(block: Block, before: Block | None) -> bool:
    return before is not None and before.kind is BlockKind.CALL and before.call == block.call


def _glyph(block: Block) -> tuple[SafeText, str]:
    if block.kind is BlockKind.RESULT and block.failed:
        return own("✗"), "stop"
    if block.refused:
        return own("·"), "warn"
    return _GLYPHS[block.kind]


def _head(block: Block, cells: int, *, is_below_call: bool) -> Line | None:
    match block.kind:
        case BlockKind.PROMPT:
            return (Span(_ORIGINS.get(block.title, own("prompt")), "key"),)
        case BlockKind.CALL:
            return (Span(safe_text(block.title, limit=40), "title"), word("  "), Span(_summary(block, cells), "text"))
        case BlockKind.RESULT:
            return _result_head(block, cells, is_below_call=is_below_call)
        case BlockKind.PLAN:
            return _plan_head(block)
        case BlockKind.THINKING:
            return (word("thinking", "dim"),)
        case BlockKind.NOTE:
            return (Span(safe_text(block.title, limit=60), "warn"),) if block.title else None
        case _:
            return None


def _plan_head(block: Block) -> Line:
    if not block.items:
        return (word("plan", "section"),)
    done = sum(item.status == "completed" for item in block.items)
    counts = joined(number(done), own(" of "), number(len(block.items)), own(" done"))
    return (word("plan  ", "section"), Span(counts, "dim"))


def _summary(block: Block, cells: int) -> SafeText:
    """The first line of the summary beside the tool's name."""
    first, _, rest = block.summary.partition("\n")
    text = safe_text(f"{first} …" if rest else first, limit=400)
    return cut(text, max(8, cells - width(safe_text(block.title, limit=40)) - 2))


def _result_head(block: Block, cells: int, *, is_below_call: bool) -> Line | None:
    """The heading of a result; None if there is nothing to say."""
    spans: list[Span] = []
    if not is_below_call:
        name = joined(own("result of "), safe_text(block.title or "a call", limit=40))
        spans.append(Span(name, "dim"))
        if block.summary:
            rest = cells - line_width(spans) - 2 - (USAGE_CELLS if block.failed or block.spawned else 0)
            spans += [word("  "), Span(_summary(block, rest), "dim")]
    if block.failed:
        spans += [word("  " if spans else "", "dim"), word("failed", "stop")]
    if block.refused:
        spans += [word("  " if spans else "", "dim"), word("refused by a person", "warn")]
    if block.exit_code is not None and block.exit_code != 0:
        spans += [word("  " if spans else ""), Span(joined(own("exit "), number(block.exit_code)), "stop")]
    if block.spawned is not None:
        started = joined(own("subagent "), safe_text(block.spawned, limit=40))
        spans += [word("  " if spans else ""), Span(started, "accent")]
    if block.duration_s is not None and block.duration_s >= 1:
        spans += [word("  " if spans else ""), Span(joined(own("took "), duration(block.duration_s)), "dim")]
    if not block.text.strip() and not block.failed and not block.refused and block.spawned is None:
        spans += [word("  " if spans else ""), word("no output", "dim")]
    return tuple(spans) if spans else None


def _with_usage(block: Block, line: Line, cells: int) -> Line:
    usage = block.usage
    if usage is None or cells < 50:
        return line
    is_stated = not block.usage_may_grow or usage.output >= OUTPUT_STATED
    output = at_least(compact(usage.output), is_lower_bound=block.usage_may_grow) if is_stated else own("?")
    right: Line = (
        word("  in ", "dim"), Span(compact(usage.total - usage.output), "usage.input"),
        word(" out ", "dim"), Span(output, "usage.output" if is_stated else "dim"),
    )  # fmt: skip
    if cells >= WIDEST - TIME_CELLS - 2:
        return (*line, *right)
    return spread(line, right, cells)


# -- bodies ---------------------------------------------------------------------------------------


def _body(block: Block, cells: int, fold: Fold) -> list[Line]:
    if block.diffs:
        return [] if fold is Fold.SHORT else _diffs(block.diffs, cells, fold)
    if block.kind is BlockKind.PLAN:
        return _plan(block, cells, fold)
    if block.kind is BlockKind.CALL:
        return _call_body(block, cells, fold)
    if block.kind is BlockKind.TEXT and is_markdown(block.text):
        return _markdown(block.text.strip("\n"), cells, _SHOWN[BlockKind.TEXT], fold)
    lines = _lines_of(block)
    shown = _SHOWN[block.kind]
    if block.kind is BlockKind.RESULT and not block.failed:
        shown = _RESULTS_SHOWN.get(block.tool_kind, shown)
    return _text(lines, cells, shown, fold, _role(block), bar=block.kind is BlockKind.RESULT)


def _lines_of(block: Block) -> list[str]:
    """The lines of a block's text. A result that is JSON on one line gives one line per field."""
    text = block.text
    if block.kind is BlockKind.RESULT:
        text = _CLIENT_TAGS.sub("", text)
        fields = _json_lines(text.strip())
        if fields:
            return fields
    return text.strip("\n").split("\n") if text.strip() else []


def _json_lines(text: str) -> list[str]:
    """`name: value` for each value in a JSON object on one line; empty if the text is no such object."""
    if not text.startswith("{") or not text.endswith("}") or "\n" in text or len(text) > WHOLE_BOUND:
        return []
    fields = fields_of(text)
    made: list[str] = []
    for name, value in _leaves(fields, ""):
        if len(made) >= JSON_LINES:
            return [*made, "…"]
        made += f"{name}: {value}".split("\n")
    return made


def _leaves(value: object, name: str) -> Iterator[tuple[str, str]]:
    """The values in an object with their names, such as `status.a1.completed`; a list is one value."""
    fields = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    if fields:
        for key, inner in fields.items():
            yield from _leaves(inner, f"{name}.{key}" if name else key)
    else:
        yield name, value if isinstance(value, str) else compact_json(cast("object", value))


def _role(block: Block) -> str:
    return "text" if block.kind is BlockKind.RESULT and block.failed else _TEXT_ROLES[block.kind]


def _call_body(block: Block, cells: int, fold: Fold) -> list[Line]:
    lines = list(_arguments(block))
    if fold is Fold.SHORT:
        return []
    if fold is Fold.USUAL:
        if block.tool_kind is not ToolKind.SHELL or len(lines) <= 1 or "\n" not in block.summary:
            return []  # the heading shows it
        lines = lines[1:]
    elif lines and block.summary.startswith(lines[0]):
        lines = lines[1:]  # the heading shows that line
    return _text(lines, cells, _SHOWN[BlockKind.CALL], fold, "text", bar=False)


def _arguments(block: Block) -> Iterable[str]:
    """The arguments of a call, one per line. Of a shell call, only the command, as it is."""
    args = fields_of(block.text)
    if not args:
        return block.text.split("\n") if block.text not in ("", "{}") else []
    command = args.get("command", args.get("cmd"))
    if block.tool_kind is ToolKind.SHELL and isinstance(command, str):
        return command.strip("\n").split("\n")
    lines: list[str] = []
    for name, value in args.items():
        text = value if isinstance(value, str) else compact_json(value)
        lines += f"{name}: {text}".split("\n")
    return lines


def _plan(block: Block, cells: int, fold: Fold) -> list[Line]:
    made: list[Line] = []
    items = block.items
    if fold in (Fold.SHORT, Fold.USUAL) and block.items_before:
        items = tuple(item for item in items if item not in block.items_before)
    for item in items:
        glyph = _ITEM_GLYPHS.get(item.status, word("○ ", "dim"))
        role = "dim" if item.status == "completed" else "text"
        made.append((glyph, Span(cut(safe_text(item.text, limit=300), cells - 2), role)))
    if block.text.strip():
        made += _markdown(block.text.strip(), cells, _SHOWN[BlockKind.PLAN], fold)
    return made


def _markdown(text: str, cells: int, shown: Shown, fold: Fold) -> list[Line]:
    lines = markdown_lines(text, cells)
    most = len(lines) if fold is Fold.WHOLE else OPEN_LINES if fold is Fold.OPEN else shown.head
    hidden = len(lines) - most
    if hidden <= 1:
        return lines
    return [*lines[:most], (Span(joined(own("⋯ "), number(hidden), own(" more lines")), "key"),)]


def _text(lines: list[str], cells: int, shown: Shown, fold: Fold, role: str, *, bar: bool) -> list[Line]:
    room = cells - (2 if bar else 0)
    if fold is Fold.WHOLE:
        shown = Shown(len(lines))
    head, tail = (OPEN_LINES, 0) if fold is Fold.OPEN else (shown.head, shown.tail)
    if not head:
        return []
    hidden = len(lines) - head - tail
    if hidden <= 1:  # a line that says "1 more line" takes as much room as that line
        head, tail, hidden = len(lines), 0, 0
    made: list[Line] = []
    first, last = lines[:head], lines[len(lines) - tail :] if tail else []
    while hidden > 0 and first and not first[-1].strip():  # no blank line before the one that says what is hidden
        first, hidden = first[:-1], hidden + 1
    for line in first:
        made += _wrapped(line, room, role)
    if hidden > 0:
        made.append((Span(joined(own("⋯ "), number(hidden), own(" more lines")), "key"),))
        for line in last:
            made += _wrapped(line, room, role)
    return [(_BAR, *line) for line in made] if bar else made


def _wrapped(raw: str, cells: int, role: str) -> list[Line]:
    text = safe_text(raw.rstrip(), limit=LINE_CHARS)
    return [(Span(piece, role),) for piece in wrap_cells(text, cells)]


def wrap_cells(text: SafeText, cells: int) -> list[SafeText]:
    """The text in lines of at most `cells`, broken at blanks if possible. Blanks at the left are kept."""
    made: list[SafeText] = []
    begin = 0
    while (end := _fitting(text, begin, cells)) < len(text):
        blank_at = text.rfind(" ", begin + cells // 3, end + 1)
        end = blank_at if blank_at > begin else end
        made.append(SafeText(text[begin:end]))
        begin = end + 1 if text[end] == " " else end
    if begin < len(text) or not made:
        made.append(SafeText(text[begin:]))
    return made


def _fitting(text: SafeText, begin: int, cells: int) -> int:
    """The end of the part of the text from `begin` on that fits into `cells`; it has at least one character."""
    if text.isascii():
        return min(begin + max(1, cells), len(text))
    used = 0
    for index in range(begin, len(text)):
        used += width(SafeText(text[index]))
        if used > cells:
            return max(begin + 1, index)
    return len(text)


def _diffs(diffs: tuple[FileDiff, ...], cells: int, fold: Fold) -> list[Line]:
    made: list[Line] = []
    for diff in diffs:
        counts: Line = (
            Span(joined(own("+"), number(diff.added)), "diff.added"), word(" "),
            Span(joined(own("-"), number(diff.removed)), "diff.removed"),
        )  # fmt: skip
        path = safe_path(diff.path, limit=max(12, cells - line_width(counts) - 2))
        made.append((Span(path, "accent"), word("  "), *counts))
        made += _diff_lines(diff, cells, fold)
    return made


def _diff_lines(diff: FileDiff, cells: int, fold: Fold) -> list[Line]:
    lines = diff.lines
    most = len(lines) if fold is Fold.WHOLE else OPEN_LINES if fold is Fold.OPEN else _DIFF_SHOWN.head
    hidden = len(lines) - most
    if hidden <= 1:
        most, hidden = len(lines), 0
    made: list[Line] = []
    digits = len(str(len(lines))) if diff.is_whole else len(str(diff.most)) if diff.most else 0
    is_narrow = cells < NUMBERED_CELLS
    count = 0
    for line in lines[:most]:
        sign, role = _SIGNS[line.sign]
        count += line.sign in (Sign.ADDED, Sign.SAME)
        margin: Line = ()
        if digits:
            margin = _whole_margin(line, count, digits) if diff.is_whole else _margin(line, digits, is_narrow=is_narrow)
        text = cut(safe_text(line.text.rstrip(), limit=LINE_CHARS), max(8, cells - 2 - line_width(margin)))
        made.append((*margin, Span(sign, role), Span(text, role)))
    if hidden > 0:
        made.append((Span(joined(own("⋯ "), number(hidden), own(" more lines")), "key"),))
    return made


def _whole_margin(line: DiffLine, count: int, digits: int) -> Line:
    shown = SafeText(str(count)) if line.sign is not Sign.REMOVED else own("")
    return (column(shown, digits, "dim", right=True), word(" "))


def _margin(line: DiffLine, digits: int, *, is_narrow: bool) -> Line:
    """The numbers of a line before and after the change; on a narrow screen one of them, the later if it has both."""
    old, new = (SafeText(str(one)) if one is not None else own("") for one in (line.old, line.new))
    if is_narrow:
        return (column(new or old, digits, "dim", right=True), word(" "))
    return (column(old, digits, "dim", right=True), word(" "), column(new, digits, "dim", right=True), word(" "))


def _padded(text: SafeText, cells: int) -> SafeText:
    return joined(text, SafeText(" " * max(0, cells - width(text))))
