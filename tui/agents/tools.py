"""Kinds of tools, names of calls, and limits for the texts of events."""

from __future__ import annotations

import contextlib
import hashlib
import posixpath
import re
from collections.abc import Generator, Mapping
from contextvars import ContextVar
from typing import cast

import orjson

from tui.io.json_fields import Record, array, number, obj, text
from tui.model.event import ToolKind

PROMPT_BOUND = 16_000
SAY_BOUND = 8_000
THINK_BOUND = 4_000
ARGS_BOUND = 8_000
RESULT_BOUND = 6_000
SUMMARY_BOUND = 300
_EFFORT = re.compile(r"[a-z][a-z0-9_-]{0,19}")
_LAST_WORD = re.compile(r"(?<=\s)\S{1,200}\Z")
DETAIL_BOUND = 300
"""Limits in characters. Events are sent between processes and are kept, so a result of 40 MB must be cut."""

WHOLE_BOUND = 40_000_000
"""The limit in characters if whole texts are requested."""
_whole = ContextVar("whole", default=False)

LIMIT_BOUND_MS = 10**9
"""The longest time that counts as a limit, in milliseconds: eleven days."""

_NAMED_BY = (
    "command", "cmd", "file_path", "notebook_path", "pattern", "query", "url", "description", "task_name", "path",
    "subject", "skill", "question", "message", "prompt", "plan", "chars", "bash_id", "task_id", "taskId", "to",
    "targets",
)  # fmt: skip
"""The arguments that may name a call, the most informative first."""

_ABSOLUTE = re.compile(r"^(?:/|~|[A-Za-z]:[\\/]|\\\\)")


def kind_of(tool: str, kinds: Mapping[str, ToolKind]) -> ToolKind:
    """The kind of a tool by its name; `kinds` are those of an agent's own tools, with names in lower case."""
    known = kinds.get(tool) or kinds.get(tool.lower())
    if known is not None:
        return known
    return ToolKind.MCP if tool.startswith("mcp__") else ToolKind.OTHER


def summary_of(args: Record) -> str:
    """The argument that names the call best for a person; "" if there is none."""
    for key in _NAMED_BY:
        if key in args and (named := as_words(args[key])):
            return clipped(named, SUMMARY_BOUND)
    first = obj(next(iter(array(args.get("questions"))), None))
    return clipped(text(first.get("question")) or "", SUMMARY_BOUND)


def clipped(value: str, bound: int) -> str:
    """The first `bound` characters, without a word that crosses the bound: half a secret cannot be recognised."""
    if len(value) <= bound or value[bound].isspace():
        return value[:bound]
    words = _LAST_WORD.search(value, 0, bound)
    return value[: words.start()] if words is not None else value[:bound]


def as_words(value: object) -> str | None:
    """A command as one text, also if it is given as a list of words; None if the value is no text or list."""
    if isinstance(value, str):
        return value
    words = [word for word in array(value) if isinstance(word, str)]
    if len(words) > 2 and words[1] in ("-c", "-lc", "-Command"):  # ["bash", "-lc", the command that a person sees]
        return words[-1]
    return " ".join(words)


def seconds_of_limit(milliseconds: object) -> float | None:
    """A time limit in seconds, from one in milliseconds; None if there is none."""
    stated = number(milliseconds)
    return stated / 1000 if stated is not None and 0 < stated <= LIMIT_BOUND_MS else None


@contextlib.contextmanager
def whole_texts() -> Generator[None]:
    """Lets readers keep texts whole, up to `WHOLE_BOUND`, while the block runs: for showing a conversation."""
    before = _whole.set(True)
    try:
        yield
    finally:
        _whole.reset(before)


def keeps_whole() -> bool:
    """Whether texts are kept whole now."""
    return _whole.get()


def _is_within(whole: str, bound: int) -> bool:
    # The variable is read only for long texts: most texts are short.
    return len(whole) <= bound or (_whole.get() and len(whole) <= WHOLE_BOUND)


def bounded(whole: str, bound: int) -> str:
    """The text itself, or its beginning up to the bound with the number of characters left out."""
    if _is_within(whole, bound):
        return whole
    bound = max(bound, WHOLE_BOUND if _whole.get() else 0)
    return f"{whole[:bound]} [... {len(whole) - bound} characters left out]"


def head_and_tail(whole: str, bound: int = RESULT_BOUND) -> str:
    """The text itself, or two thirds of the bound from its beginning and one third from its end.

    The result of a command is at the end of its output, and the reason for it usually at the beginning.
    """
    if _is_within(whole, bound):
        return whole
    bound = max(bound, WHOLE_BOUND if _whole.get() else 0)
    tail = bound // 3
    head = bound - tail
    return f"{whole[:head]}\n[... {len(whole) - bound} characters left out]\n{whole[-tail:]}"


def bounded_args(args: str) -> str:
    """The arguments themselves, or their beginning with a digest of the whole.

    Without the digest, two large files with the same beginning would look like the same call made twice.
    """
    if _is_within(args, ARGS_BOUND):
        return args
    digest = hashlib.blake2b(args.encode("utf-8", "replace"), digest_size=8).hexdigest()
    return f"{args[:ARGS_BOUND]} [... {len(args) - ARGS_BOUND} characters left out, digest {digest}]"


def fields_of(args: str) -> Record:
    """The arguments of a call (`Call.args`) as an object; empty if they were cut or are not an object."""
    try:
        return obj(orjson.loads(args))
    except orjson.JSONDecodeError:
        return {}


def absolute(path: str, cwd: str | None) -> str:
    """The absolute path. It must only be compared and shown, never opened."""
    if cwd is None or _ABSOLUTE.match(path):
        return path
    return posixpath.normpath(posixpath.join(cwd, path))


def joined_text(content: object) -> str:
    """The text of a message's or a result's content, which may be a text, an object or a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(part for part in map(_part_text, array(cast("object", content))) if part)
    return _part_text(content)


def _part_text(part: object) -> str:
    if isinstance(part, str):
        return part
    fields = obj(part)
    said = fields.get("text")
    if isinstance(said, str):
        return said
    kind = fields.get("type")
    return f"[{kind}]" if kind in ("image", "document", "input_image") else ""


def effort_in(stated: object) -> str | None:
    """The name of a reasoning effort; None if it is not stated, or is no single word."""
    return stated if isinstance(stated, str) and _EFFORT.fullmatch(stated) is not None else None
