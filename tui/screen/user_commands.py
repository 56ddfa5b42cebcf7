"""Commands of the user on the lanes screen: a key runs a program for the lane at the cursor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from textual.app import SuspendNotSupported

from tui.control.command_run import CommandLog, Ended, NotRun, Prepared, in_background, in_tmux, on_screen, prepared
from tui.control.user_commands import UserCommand
from tui.model.snapshot import Lane
from tui.screen.confirm import QuestionScreen
from tui.screen.control_client import ControlClient
from tui.screen.controller import Command, Controller, Host
from tui.screen.programs import interrupts_for_the_program
from tui.screen.widgets.lane_table import LaneTable
from tui.text.format import duration, number
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, blank, broken, joined, own

_LONGEST_WORD = 64 * 1024


class UserCommandsController(Controller):
    """Prepares, asks, runs, and tells the result."""

    def __init__(
        self,
        host: Host,
        table: LaneTable,
        control: ControlClient,
        commands: Sequence[UserCommand],
        log: CommandLog | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` returns seconds of a monotonic clock."""
        self._host = host
        self._table = table
        self._control = control
        self._commands = commands
        self._log = log
        self._clock = clock

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        return {one.name: lambda command=one: self._begin(command) for one in self._commands}

    def _begin(self, command: UserCommand) -> None:
        cursor = self._table.cursor
        lane = self._host.lanes.get(cursor) if cursor is not None else None
        log = self._log
        if log is None or self._control.refusal:
            why = safe_text(self._control.refusal or "there is no audit log")
            self._host.tell(joined(_title(command), own(" was not run: "), why), loud=True)
        elif lane is None:
            self._host.tell(own("there is no lane under the cursor"), loud=True)
        else:
            preparing = self._host.preparing() if command.confirm else nullcontext()
            self._host.start(self._run(command, lane, log, preparing), group="user command")

    async def _run(
        self, command: UserCommand, lane: Lane, log: CommandLog, preparing: AbstractContextManager[None]
    ) -> None:
        order, ready = "", None
        try:
            with preparing:
                ready = await asyncio.to_thread(prepared, command, lane)
                if command.confirm and not await self._host.ask(self._question(ready)):
                    self._host.tell(joined(_title(command), own(": cancelled")))
                    return
            order = await asyncio.to_thread(log.begin, ready)
            self._host.tell(joined(_title(command), own(" …")))
            words, stage = await self._start(ready)
        except (NotRun, SuspendNotSupported) as error:
            words, stage = safe_text(str(error), limit=300), "refused"
        if order and ready is not None:
            trouble = await asyncio.to_thread(log.end, ready, order, stage, words)
            words = joined(words, safe_text(f"; {trouble}" if trouble else "", limit=300))
        what = own(" was not run: ") if stage == "refused" else own(": ")
        self._host.tell(joined(_title(command), what, words), loud=stage != "done")

    async def _start(self, ready: Prepared) -> tuple[SafeText, str]:
        """Runs it. Returns the result in words, and the stage for the audit log."""
        if ready.command.run in ("pane", "window"):
            pane = await asyncio.to_thread(in_tmux, ready)
            return joined(own("runs in pane "), safe_text(pane, limit=20)), "done"
        if ready.command.run == "screen":
            with self._host.suspended(), interrupts_for_the_program():
                ended = on_screen(ready)
        else:
            ended = await in_background(ready)
        return _result(ended), "done" if ended.code == 0 else "failed"

    def _question(self, ready: Prepared) -> QuestionScreen:
        title = joined(_title(ready.command), own(" for "), safe_text(ready.lane, limit=60))
        return QuestionScreen(title, lambda cells: _word_lines(ready, cells), self._host.pen, self._clock)


def _title(command: UserCommand) -> SafeText:
    return safe_text(command.name, limit=40)


def _result(ended: Ended) -> SafeText:
    """The exit code, the time it took, and the last line of its output."""
    last = next((line for line in reversed(ended.output.splitlines()) if line.strip()), "")
    words = joined(own("exit code "), number(ended.code), own(" after "), duration(ended.seconds))
    return joined(words, own(": "), safe_text(last.strip(), limit=160)) if last else words


def _word_lines(ready: Prepared, cells: int) -> list[Line]:
    """Each word of the command on a row of its own, so that none can look like two; a long one goes on indented."""
    lines = [line for one in ready.argv for line in _rows_of(one, own(" "), cells)]
    if ready.folder is not None:
        lines += [(), *_rows_of(ready.folder, own(" in "), cells)]
    return lines


def _rows_of(text: str, lead: SafeText, cells: int) -> list[Line]:
    first, *rest = broken(safe_text(text, limit=_LONGEST_WORD), max(10, cells - 4))
    return [(Span(lead, "dim"), Span(first, "text")), *((blank(4), Span(row, "text")) for row in rest)]
