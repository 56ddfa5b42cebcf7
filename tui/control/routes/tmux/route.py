"""The tmux pane of a lane's client as a route: keys and text into this pane only."""

from __future__ import annotations

import contextlib
from collections.abc import Generator

from tui.agents.process import CWD, SHARED_DAEMON
from tui.agents.registry import pane_of, probe_of
from tui.control.refused import Refused
from tui.control.routes.base import RouteDriver, Surroundings
from tui.control.routes.process import target_of
from tui.control.routes.tmux import typing
from tui.control.routes.tmux.client import pane_above
from tui.control.routes.tmux.terminals import takes_keys, unreachable_reason
from tui.control.subjects import open_question
from tui.model.control import Route, RouteKind
from tui.model.snapshot import Lane


class PaneRoute(RouteDriver):
    """Sends no key while a question is open: Enter would answer it with Yes, Escape with No."""

    kind = RouteKind.TMUX
    doc = "keys and text that are typed into the tmux pane of the session"
    place = 30
    ends_turn = True

    def probe(self, lane: Lane, main: Lane, around: Surroundings) -> Route:
        """See `RouteDriver.probe`."""
        if main.process is None:
            return self.shut("no tmux pane: process not found")
        if main.process.source == SHARED_DAEMON:
            return self.shut("its loop lives in a daemon: no pane is certain to be its own")
        if around.no_tmux:
            return self.shut(around.no_tmux)
        pane = pane_above(main.process.pid, around.panes)
        if pane is None:
            return self.shut("no tmux pane: its process runs outside tmux")
        if main.process.source == CWD:
            return self.shut(f"pane {pane.id} only seems to be its own (by its folder alone)")
        if why := unreachable_reason(main.process.pid, pane.id, pane.tty):
            return self.shut(why)
        if not takes_keys(pane.tty):
            return self.shut(f"it reads no keys in pane {pane.id}: it runs without a screen of its own")
        return self.open(f"pane {pane.id} of session {pane.session} shows it")

    def question_refusal(self, main: Lane) -> str:
        """See `RouteDriver.question_refusal`."""
        asks = open_question(main)
        return f"{asks}: answer it first" if asks else ""

    def end_turn(self, main: Lane) -> str:
        """Ends the turn with the Escape key. See `RouteDriver.end_turn`."""
        waiting = probe_of(main.agent).queued_prompts(main.path)
        if waiting:
            raise Refused(f"{waiting} prompt(s) wait in its queue: Escape would send them, not stop it")
        with self._typing(main) as aim:
            typing.interrupt(aim, draft_stays=main.process is not None and main.process.status == "busy")
            return f"Escape to pane {aim.pane}"

    def tell(self, main: Lane, text: str) -> str:
        """Pastes the text and submits it. See `RouteDriver.tell`."""
        with self._typing(main) as aim:
            typing.paste(aim, typing.clean(text), pane_of(main.agent).settle_s)
            return f"pasted into pane {aim.pane} and submitted"

    def leave(self, main: Lane) -> str:
        """Types the client's exit command. Returns what it did, in words.

        Raises:
            Refused: it was not typed.
        """
        with self._typing(main) as aim:
            text = pane_of(main.agent).exit_text
            typing.leave(aim, text)
            return f"{text} to pane {aim.pane}"

    @contextlib.contextmanager
    def _typing(self, main: Lane) -> Generator[typing.Aim]:
        """Checks that keys may be sent to the client's pane, and yields the pane."""
        if why := self.question_refusal(main):
            raise Refused(why)
        try:
            target = target_of(main)
            yield typing.aim_at(target.pid, target.start)
        except typing.TypingRefused as error:
            raise Refused(str(error)) from error
