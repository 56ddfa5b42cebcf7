"""Blocks: the parts of a conversation in the order of the transcript.

Each is made of one or several events of one line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from tui.model.diff import FileDiff, Hunk, numbered_lines
from tui.model.event import (
    ApiError,
    AssistantText,
    Call,
    Compact,
    Edit,
    EditLines,
    Event,
    Limit,
    Mark,
    Plan,
    PlanItem,
    Prompt,
    Reasoning,
    Result,
    State,
    ToolKind,
    UnreadableLine,
    UsageReported,
)
from tui.model.frozen import frozen
from tui.model.usage import Usage

PARTS_KEPT = 1_000
"""The most blocks of one line. Agents write a few; more would delay the screen."""
CALLS_KEPT = 4096
"""The number of calls whose names are kept for their results."""

DiffsOf = Callable[[Call], tuple[FileDiff, ...]]
"""Returns the changes of files that a call states; empty if it states none."""


class BlockKind(StrEnum):
    """The kind of a block."""

    PROMPT = "prompt"
    TEXT = "text"
    THINKING = "thinking"
    CALL = "call"
    RESULT = "result"
    PLAN = "plan"
    ERROR = "error"
    """An error of the service or the client, a limit that was reached, or a line that cannot be read."""
    NOTE = "note"
    """An event without a text of its own: an interruption, a refusal, a compaction."""


class Place(NamedTuple):
    """The place of a block: the byte offset of its line, and its number among the blocks of that line."""

    offset: int
    part: int


@frozen
class Block:
    """One part of a conversation. All texts are raw.

    `title` is the origin of a prompt, the tool of a call or a result, the occasion of a note. `summary` names a call
    in one line; a result carries that of its call.
    """

    kind: BlockKind
    place: Place
    at: float | None
    title: str = ""
    summary: str = ""
    text: str = ""
    call: str = ""
    tool_kind: ToolKind = ToolKind.OTHER
    failed: bool = False
    refused: bool = False
    """True for the result of a call that a person refused; such a call did not fail."""
    exit_code: int | None = None
    duration_s: float | None = None
    spawned: str | None = None
    """Agent id of the subagent that the call started."""
    diffs: tuple[FileDiff, ...] = ()
    items: tuple[PlanItem, ...] = ()
    items_before: tuple[PlanItem, ...] = ()
    """The items of the plan before this one; empty if it was not read."""
    usage: Usage | None = None
    """Usage of the model call that the block is part of; for display, never for sums."""
    usage_key: str = ""
    """Identifies that model call. A later report of the same call corrects the one before."""
    usage_may_grow: bool = False
    """True if the count of its output is a lower bound."""

    @property
    def has_words(self) -> bool:
        """Whether it shows more than usage."""
        return self.kind is not BlockKind.NOTE or bool(self.title or self.text)

    @property
    def is_error(self) -> bool:
        """Whether it is an error, or a call's failure."""
        return self.failed or self.kind is BlockKind.ERROR


_BY_MODEL = frozenset({BlockKind.TEXT, BlockKind.THINKING, BlockKind.CALL})
"""Blocks that a model wrote: only they have usage."""


def with_last_usage(blocks: list[Block]) -> list[Block]:
    """The blocks with one usage for each model call, which is that of its last report, on a block that the model wrote.

    Usage on another block goes to the nearest such block before it in the same turn that has no usage; if there is
    none, to the next block that the model wrote.
    """
    last = {block.usage_key: block.place for block in blocks if block.usage_key}
    made: list[Block] = []
    waiting: Block | None = None
    for each in blocks:
        is_corrected = bool(each.usage_key) and last[each.usage_key] != each.place
        block = _without_usage(each) if is_corrected else each
        if block.usage is not None and block.kind not in _BY_MODEL:
            if not _give_back(made, block):
                waiting = block
            block = _without_usage(block)
        elif waiting is not None and block.kind in _BY_MODEL:
            if block.usage is None:
                block = _with_usage_of(block, waiting)
            waiting = None
        if block.has_words:
            made.append(block)
    return made


def _without_usage(block: Block) -> Block:
    return replace(block, usage=None, usage_key="", usage_may_grow=False)


def _with_usage_of(block: Block, other: Block) -> Block:
    return replace(block, usage=other.usage, usage_key=other.usage_key, usage_may_grow=other.usage_may_grow)


def _give_back(made: list[Block], usage: Block) -> bool:
    for index in range(len(made) - 1, -1, -1):
        block = made[index]
        if block.kind is BlockKind.PROMPT or (block.kind in _BY_MODEL and block.usage is not None):
            return False
        if block.kind in _BY_MODEL:
            made[index] = _with_usage_of(block, usage)
            return True
    return False


class _Named(NamedTuple):
    tool: str
    summary: str
    kind: ToolKind


_MARKS = {
    Mark.INTERRUPTED: "interrupted",
    Mark.DENIED: "refused by a person",
    Mark.HOOK_STOPPED: "stopped by a hook",
    Mark.ENDED: "ended",
}


class BlockMaker:
    """Makes blocks of a lane's events, in their order. Keeps the names of calls until their results come.

    `lane` is the lane's name inside the transcript; events of other lanes are left out.
    """

    def __init__(self, lane: str, diffs_of: DiffsOf) -> None:
        self._lane = lane
        self._diffs_of = diffs_of
        self._calls: dict[str, _Named] = {}
        self._hunks: dict[str, list[EditLines]] = {}
        """The numbered lines of edits, by their calls."""
        self._items: tuple[PlanItem, ...] = ()
        """The newest plan."""

    def blocks(self, events: Iterable[Event | UnreadableLine], offset: int) -> list[Block]:
        """The blocks of one line, which begins at `offset`. Usage goes to the line's first block.

        Usage on a line without other blocks gives a block without text.
        """
        made: list[Block] = []
        usage: UsageReported | None = None
        left_out = 0
        for event in events:
            if len(made) >= PARTS_KEPT and not isinstance(event, UsageReported):
                left_out += 1
                continue
            if isinstance(event, UnreadableLine):
                text = f"this line cannot be read: {event.why}"
                made.append(Block(BlockKind.ERROR, Place(offset, len(made)), None, text=text))
            elif event.lane == self._lane:
                if isinstance(event, UsageReported):
                    usage = event
                elif isinstance(event, EditLines):
                    self._note_lines(event)
                elif _is_refusal(event) and (at := _last_failure(made)) is not None:
                    made[at] = replace(made[at], failed=False, refused=True)
                elif (block := self._block(event, Place(offset, len(made)))) is not None:
                    made.append(block)
        if left_out:
            text = f"{left_out:,} more parts of this line are not shown"
            made.append(Block(BlockKind.NOTE, Place(offset, len(made)), None, "too many parts", text=text))
        if usage is None:
            return made
        if not made:
            return [Block(BlockKind.NOTE, Place(offset, 0), usage.at, usage=usage.usage, usage_key=usage.key,
                          usage_may_grow=usage.provisional)]  # fmt: skip
        return [_with_usage(made[0], usage), *made[1:]]

    def _note_lines(self, event: EditLines) -> None:
        if len(self._hunks) >= CALLS_KEPT:
            del self._hunks[next(iter(self._hunks))]
        self._hunks.setdefault(event.call, []).append(event)

    @property
    def numbered_calls(self) -> int:
        """The number of calls for which numbered lines were stated so far."""
        return len(self._hunks)

    def numbered(self, block: Block) -> Block:
        """The block; a call whose result stated the changed lines with their numbers gets these lines."""
        stated = self._hunks.get(block.call)
        if block.kind is not BlockKind.CALL or stated is None or not block.diffs:
            return block
        diffs = tuple(_numbered(diff, stated) for diff in block.diffs)
        return block if diffs == block.diffs else replace(block, diffs=diffs)

    def named(self, block: Block) -> Block:
        """The block; a result that was made before its call was seen gets the call's name."""
        named = self._calls.get(block.call)
        if block.kind is not BlockKind.RESULT or block.title or named is None:
            return block
        return replace(block, title=named.tool, summary=named.summary, tool_kind=named.kind)

    def _block(self, event: Event, place: Place) -> Block | None:
        match event:
            case Prompt():
                return Block(BlockKind.PROMPT, place, event.at, event.origin.value, text=event.text)
            case AssistantText():
                return Block(BlockKind.TEXT, place, event.at, text=event.text) if event.text.strip() else None
            case Reasoning():
                return Block(BlockKind.THINKING, place, event.at, text=event.text) if event.text.strip() else None
            case Call():
                return self._call(event, place)
            case Result():
                return self._result(event, place)
            case Plan():
                before, self._items = self._items, event.items
                return Block(BlockKind.PLAN, place, event.at, text=event.text, items=event.items, items_before=before)
            case _:
                return _happened(event, place)

    def _call(self, event: Call, place: Place) -> Block:
        if len(self._calls) >= CALLS_KEPT:
            del self._calls[next(iter(self._calls))]
        self._calls[event.call] = _Named(event.tool, event.summary, event.tool_kind)
        return Block(
            BlockKind.CALL, place, event.at, event.tool, event.summary, event.args, event.call, event.tool_kind,
            diffs=self._diffs_of(event),
        )  # fmt: skip

    def _result(self, event: Result, place: Place) -> Block:
        named = self._calls.get(event.call, _Named("", "", ToolKind.OTHER))
        return Block(
            BlockKind.RESULT, place, event.at, named.tool, named.summary, event.text, event.call, named.kind,
            failed=event.ok is False, exit_code=event.exit_code, duration_s=event.duration_s, spawned=event.spawned,
        )  # fmt: skip


def _numbered(diff: FileDiff, stated: list[EditLines]) -> FileDiff:
    hunks: tuple[Hunk, ...] = next((one.hunks for one in stated if is_file(diff.path, one.path)), ())
    return replace(diff, lines=tuple(numbered_lines(hunks)), is_whole=False) if hunks else diff


def is_file(named: str, path: str) -> bool:
    """Whether both name one file. One of them may be only the end of the path."""
    return named == path or path.endswith(f"/{named}") or named.endswith(f"/{path}")


def _is_refusal(event: Event) -> bool:
    return isinstance(event, State) and event.mark is Mark.DENIED


def _last_failure(made: list[Block]) -> int | None:
    """The index of the last failed result; its text is that of a refusal which is told after it."""
    return next((at for at in range(len(made) - 1, -1, -1) if made[at].failed), None)


def _with_usage(block: Block, usage: UsageReported) -> Block:
    return replace(block, usage=usage.usage, usage_key=usage.key, usage_may_grow=usage.provisional)


def _happened(event: Event, place: Place) -> Block | None:
    match event:
        case ApiError():
            status = f"{event.status} " if event.status is not None else ""
            return Block(BlockKind.ERROR, place, event.at, text=f"{status}{event.text}")
        case Limit() if event.reached:
            return Block(BlockKind.ERROR, place, event.at, text=f"limit reached: {event.name or 'not named'}")
        case State() if event.mark in _MARKS:
            return Block(BlockKind.NOTE, place, event.at, _MARKS[event.mark], text=event.detail)
        case Compact():
            return Block(BlockKind.NOTE, place, event.at, "context compacted", text=_compaction(event))
        case Edit() if not event.by_lane:
            return Block(BlockKind.NOTE, place, event.at, "changed by somebody else", text=event.path)
        case _:
            return None


def _compaction(event: Compact) -> str:
    before = f"{event.before_tokens:,}" if event.before_tokens is not None else "?"
    after = f"{event.after_tokens:,}" if event.after_tokens is not None else "?"
    return f"{before} tokens before, {after} after"
