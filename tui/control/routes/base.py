"""The base class of routes. A route reports whether it leads to a lane, with the reason, and acts on the lane."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar

from tui.control.folder import ControlFolder
from tui.control.refused import Refused
from tui.control.routes.asked import Asked
from tui.control.routes.gate_client import Session
from tui.control.routes.tmux.client import Pane
from tui.model.control import Route, RouteKind
from tui.model.frozen import frozen
from tui.model.pending import Answer, PendingRequest
from tui.model.snapshot import Lane


@frozen
class Surroundings:
    """The sessions, panes and gates of this machine, read once for all lanes."""

    sessions: Mapping[str, Session] = field(default_factory=dict[str, Session])
    waiting: frozenset[str] = frozenset()
    """Keys of idle sessions whose hook waits to be woken."""
    panes: Mapping[int, Pane] = field(default_factory=dict[int, Pane])
    """The panes by the pid of the process that tmux started in them."""
    no_tmux: str = ""
    """The reason why no pane is known at all; empty if panes could be listed."""
    asked: tuple[Asked, ...] = ()
    """The requests for whose answers hooks wait, the oldest first."""
    installed: bool = False
    """True if the gate's files are in the folder: it was installed for some agent at some time."""


class RouteDriver(ABC):
    """One kind of route. Refuses what it cannot do."""

    kind: ClassVar[RouteKind]
    doc: ClassVar[str] = ""
    """What it is, in words that follow its name in the glossary."""
    place: ClassVar[int]
    """Its rank by strength, the strongest first."""
    acts_at_boundaries: ClassVar[bool] = False
    """True if it acts when the agent is about to call a tool or its model, so that no work is lost."""
    reaches_subagents: ClassVar[bool] = False
    """True if it can act on one subagent alone."""
    carries_text: ClassVar[bool] = True
    ends_turn: ClassVar[bool] = False
    """True if it pauses by ending the running turn."""
    is_last_resort: ClassVar[bool] = False
    """True if it is never chosen by default while another route is open."""

    def __init__(self, folder: ControlFolder) -> None:
        """`folder` is the control folder."""
        self._folder = folder

    @abstractmethod
    def probe(self, lane: Lane, main: Lane, around: Surroundings) -> Route:
        """Returns the route to a lane of the session of `main`: open or shut, with the reason.

        The verbs declare which routes they use: see `VerbSpec.effects`.
        """

    def question_refusal(self, main: Lane) -> str:
        """The reason why it must not act while a question is open in the client; empty if it may."""
        del main
        return ""

    def tell(self, main: Lane, text: str) -> str:
        """Gives a text, as a prompt or into the running turn. Returns what it did, in words.

        Raises:
            Refused: it was not given.
        """
        raise Refused(f"{self.kind.value} carries no text")

    def end_turn(self, main: Lane) -> str:
        """Ends the running turn. Returns what it did, in words.

        Raises:
            Refused: it was not ended.
        """
        raise Refused(f"{self.kind.value} cannot end a turn")

    def pending(self, lane: Lane, main: Lane, around: Surroundings) -> tuple[PendingRequest, ...]:
        """The requests of the lane that wait for a person, as its client states them, the oldest first."""
        del lane, main, around
        return ()

    def answer(self, main: Lane, request: PendingRequest, answer: Answer, order: str) -> str:
        """Answers exactly this request for an order.

        Returns the result as far as it is known, in words; empty: not known yet.

        Raises:
            Refused: it was not answered.
        """
        raise Refused(f"{self.kind.value} cannot answer a request")

    def open(self, why: str, *, takes_text: bool = True) -> Route:
        """An open route to a lane. `takes_text`: a text that is given by it now will be read."""
        return Route(self.kind, True, why, takes_text)

    def shut(self, why: str) -> Route:
        """A shut route to a lane, with the reason."""
        return Route(self.kind, False, why)
