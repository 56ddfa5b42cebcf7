"""Prints the conversation of one lane, and follows it."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from tui.agents.base import Agent
from tui.agents.registry import find, sniff
from tui.cli.ansi import Painter
from tui.cli.arguments import JudgeWhat
from tui.cli.common import CommandError, Common, warn
from tui.cli.lanes import lane_called, read_once
from tui.conversation.blocks import Block
from tui.conversation.conversation import Conversation, is_error
from tui.conversation.line_file import LineFile
from tui.io.compressed import BrokenArchive
from tui.io.files import Refused
from tui.model.frozen import frozen
from tui.view.conversation import WIDEST, Fold, block_json, block_lines
from tui.view.json_out import dumps

FOLLOW_S = 0.25
"""Seconds between two reads of a transcript that is followed."""
JUST_BEFORE_S = 0.001
"""The smallest difference of times in seconds: transcripts state milliseconds."""
UNWRAPPED = WIDEST
"""Cells of lines in a pipe."""
HEAD_BYTES = 1 << 20
"""Number of bytes at the beginning of a file in which its agent is recognised."""


@frozen
class LogsOptions:
    """The options of the command."""

    tail: int | None = None
    """Only this many of the last entries."""
    since: float | None = None
    """Only entries from this time on, in seconds UTC."""
    until: float | None = None
    """Only entries before this time, in seconds UTC."""
    errors: bool = False
    words: bool = False
    """True if only prompts, texts, plans and failures are printed."""
    whole: bool = False
    """True if entries are not cut."""
    follow: bool = False
    json: bool = False
    width: int | None = None
    """Cells at which lines are wrapped; None: the terminal's width, and nowhere if the output is none."""


def print_logs(common: Common, wanted: str, options: LogsOptions) -> int:
    """Prints the conversation of the lane of that name, or of a transcript.

    Raises:
        CommandError: there is no such lane, or its transcript cannot be read.
    """
    try:
        conversation = _opened(common, wanted)
    except (Refused, BrokenArchive, OSError) as error:
        raise CommandError(f"the transcript cannot be read: {error}") from error
    printer = _Printer(options)
    try:
        offset = _begin(conversation, options)
        offset = printer.take_all(conversation.read(offset), offset)
        printer.print_tail()
        sys.stdout.flush()  # a reader that has ended is noticed here, not when Python ends
        while options.follow:
            time.sleep(FOLLOW_S)
            if conversation.was_replaced:
                conversation.close()
                conversation, offset = _opened_again(conversation), 0
                warn("the transcript was replaced: what follows is the new one from its start")
            offset = printer.take_all(conversation.read_on(offset), offset)
            sys.stdout.flush()
    finally:
        conversation.close()
    return 0


def _opened_again(conversation: Conversation) -> Conversation:
    try:
        return conversation.opened_again()
    except (Refused, BrokenArchive, OSError) as error:
        raise CommandError(f"the transcript was replaced, and what has its name cannot be read: {error}") from error


def _begin(conversation: Conversation, options: LogsOptions) -> int:
    """The offset from which entries are read: for a tail without a filter, not far before the end."""
    if options.since is not None:
        return conversation.offset_at(options.since - JUST_BEFORE_S)
    if options.tail is None or options.until is not None:
        return 0
    if options.errors:
        return _last_errors(conversation, options.tail)
    conversation.go_to_end()
    while len(conversation.blocks) <= options.tail and conversation.load_before():
        pass
    return conversation.start


def _last_errors(conversation: Conversation, count: int) -> int:
    """The offset from which there are `count` errors, found from the end."""
    offset, found = conversation.size, 0
    for blocks in conversation.read_back(offset):
        for block in reversed(blocks):
            if found >= count:
                return offset
            if is_error(block):
                found, offset = found + 1, block.place.offset
    return 0


def _opened(common: Common, wanted: str) -> Conversation:
    path = Path(wanted)
    if path.is_file():
        return Conversation(str(path), _agent_of(path))
    fleet = read_once(common, judge=JudgeWhat.RECENT)  # findings are of no use here
    try:
        lane = lane_called(fleet, wanted)
    except CommandError:
        if common.paths or common.since is not None or not fleet.lanes:
            raise
        lane = lane_called(read_once(Common(since="all", config=common.config), judge=JudgeWhat.RECENT), wanted)
    agent = find(lane.agent)
    if agent is None:
        raise CommandError(f"{lane.agent} is no agent that lanewatch knows")
    return Conversation(lane.path, agent, lane.local)


def _agent_of(path: Path) -> Agent:
    file = LineFile(str(path))
    lines, _ = file.after(0, HEAD_BYTES)
    size = file.size
    file.close()
    if not size:
        raise CommandError(f"{path}: empty so far")
    for line in lines:
        name = sniff(line.data)
        agent = find(name) if name is not None else None
        if agent is not None:
            return agent
    raise CommandError(f"{path}: not a transcript that lanewatch knows")


class _Printer:
    """Prints blocks as they come, or keeps the last ones until `print_tail`."""

    def __init__(self, options: LogsOptions) -> None:
        self._options = options
        self._kept: list[Block] | None = [] if options.tail is not None else None
        self._before: Block | None = None
        self._painter = Painter.for_output()
        self._cells = options.width or _cells()
        self._fold = Fold.WHOLE if options.whole else Fold.SHORT if options.words else Fold.USUAL

    def take_all(self, pieces: Iterable[tuple[list[Block], int]], offset: int) -> int:
        """Prints or keeps the blocks of all pieces.

        Returns the offset at which the last one ends; `offset` if there is none.
        """
        for blocks, end in pieces:
            self._take(blocks)
            offset = end
        return offset

    def _take(self, blocks: Iterable[Block]) -> None:
        wanted = list(self._wanted(blocks))
        if self._kept is not None and self._options.tail is not None:
            self._kept = [*self._kept, *wanted][-self._options.tail :] if self._options.tail else []
            return
        self._print(wanted)

    def print_tail(self) -> None:
        """Prints the kept blocks. From now on every block is printed at once."""
        kept, self._kept = self._kept, None
        self._print(kept or [])

    def _wanted(self, blocks: Iterable[Block]) -> Iterator[Block]:
        since, until = self._options.since, self._options.until
        for block in blocks:
            if self._options.errors and not is_error(block):
                continue
            if block.at is None or ((since is None or block.at >= since) and (until is None or block.at < until)):
                yield block

    def _print(self, blocks: list[Block]) -> None:
        for block in blocks:
            if self._options.json:
                sys.stdout.write(dumps(block_json(block)) + "\n")
                continue
            for line in block_lines(block, self._cells, self._fold, self._before):
                sys.stdout.write(f"{self._painter.text(line)}\n")
            self._before = block


def _cells() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() or "COLUMNS" in os.environ else UNWRAPPED
