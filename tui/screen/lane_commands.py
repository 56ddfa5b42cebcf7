"""Commands that show or copy facts about a lane, and change nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from tui.control.routes.tmux import client as tmux
from tui.model.snapshot import Lane
from tui.screen.control_client import ControlClient
from tui.screen.controller import Command, Controller, Host
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import joined, own
from tui.view.control_lines import audit_page
from tui.view.detail import explain_lines
from tui.view.skips import skip_lines


class LaneCommands(Controller):
    """Pages about the lane at the cursor and about the fleet, the clipboard, and the lane's tmux pane."""

    def __init__(
        self,
        host: Host,
        control: ControlClient,
        lane: Callable[[], Lane | None],
        copy: Callable[[SafeText], SafeText],
    ) -> None:
        """`lane` returns the lane at the cursor; `copy` puts a text into a clipboard and returns its name."""
        self._host = host
        self._control = control
        self._lane = lane
        self._copy_text = copy

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        return {
            "explain": self.explain, "skips": self.skips, "audit": self.audit, "copy_id": self.copy_id,
            "copy_path": self.copy_path, "jump": self.jump,
        }  # fmt: skip

    def explain(self) -> None:
        """Shows the reasons for the lane's state, and the source of each of its numbers."""
        lane, fleet = self._lane(), self._host.fleet
        if lane is not None and fleet is not None:
            title = joined(own("explain · "), safe_text(lane.id))
            self._host.open_page(title, lambda cells: explain_lines(lane, cells, fleet.at))

    def skips(self) -> None:
        """Shows the lines and files that could not be read."""
        fleet = self._host.fleet
        if fleet is not None:
            title = own("skips · what could not be read, and why")
            self._host.open_page(title, lambda cells: skip_lines(fleet, cells))

    def audit(self) -> None:
        """Shows the audit log: who asked what of which lane, and the result."""

        async def work() -> None:
            with self._host.preparing():
                entries = await self._control.log()
                title = own("audit · who asked what of which lane, and the result")
                self._host.open_page(title, lambda cells: audit_page(entries, cells), from_end=True)

        self._host.start(work(), group="audit", exclusive=True)

    def copy_id(self) -> None:
        """Copies the lane's session id."""
        lane = self._lane()
        if lane is not None:
            self._copy(safe_text(lane.session or lane.id))

    def copy_path(self) -> None:
        """Copies the path of the lane's transcript."""
        lane = self._lane()
        if lane is not None:
            self._copy(safe_text(lane.path, limit=4096))

    def _copy(self, text: SafeText) -> None:
        where = self._copy_text(text)
        self._host.tell(joined(text, own(": "), where))

    def jump(self) -> None:
        """Shows the lane's tmux pane."""
        lane = self._lane()
        if lane is None:
            return

        async def work() -> None:
            found, words = await asyncio.to_thread(jump_to, lane)
            self._host.tell(words, loud=not found)

        self._host.start(work(), group="jump", exclusive=True)


def jump_to(lane: Lane) -> tuple[bool, SafeText]:
    """Brings the tmux pane of the lane's process to the front. Waits for tmux, so call it from a thread.

    Returns True and where the pane is, or False and why there is none.
    """
    if lane.process is None:
        return False, own("no tmux pane: process not found")
    try:
        pane = tmux.pane_of(lane.process.pid, start=lane.process.start)
        if pane is None:
            return False, own("no tmux pane: its process runs outside tmux")
        tmux.jump(pane)
    except tmux.TmuxError as error:
        return False, safe_text(str(error), limit=200)
    return True, joined(own("went to "), safe_text(f"{pane.session}:{pane.window} {pane.id}", limit=120))
