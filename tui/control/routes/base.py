"""Routes as objects: each says whether it leads to a lane, with the reason, and acts on it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar

from tui.control.folder import ControlFolder
from tui.control.refused import Refused
from tui.control.routes.gate_client import Session
from tui.control.routes.tmux.client import Pane
from tui.model.control import Route, RouteKind
from tui.model.frozen import frozen
from tui.model.snapshot import Lane


@frozen
class Surroundings:
    """What leads anywhere on this machine, looked up once for all lanes."""

    sessions: Mapping[str, Session] = field(default_factory=dict[str, Session])
    waiting: frozenset[str] = frozenset()
    """Keys of idle sessions whose hook waits to be woken."""
    panes: Mapping[int, Pane] = field(default_factory=dict[int, Pane])
    """By the pid of the process that tmux started in them."""
    no_tmux: str = ""
    """Why no pane is known at all."""
    installed: bool = False
    """The gate lies in the folder: it was installed for some agent at some time."""


class RouteDriver(ABC):
    """One kind of route. What a route cannot do it refuses."""

    kind: ClassVar[RouteKind]
    place: ClassVar[int]
    """Its strength; the strongest first."""
    acts_at_boundaries: ClassVar[bool] = False
    """It acts when the agent is about to call a tool or its model, and loses nothing."""
    tells_subagents: ClassVar[bool] = False
    """It can act on one subagent alone."""
    carries_text: ClassVar[bool] = True
    ends_turn: ClassVar[bool] = False
    """It pauses by ending the turn that runs."""
    is_last_resort: ClassVar[bool] = False
    """Never the first choice where there is another."""

    def __init__(self, folder: ControlFolder) -> None:
        """`folder` is the folder for control."""
        self._folder = folder

    @abstractmethod
    def probe(self, lane: Lane, main: Lane, around: Surroundings) -> Route:
        """Whether it leads to a lane of the session of `main`, and how that is known, or why not.

        Which verbs go by a route is stated by the verbs: see `VerbSpec.effects`.
        """

    def question_refusal(self, main: Lane) -> str:
        """Why it may do nothing while a question is open in the client; empty if it may."""
        del main
        return ""

    def tell(self, main: Lane, text: str) -> str:
        """Gives a text, as a prompt or into the turn that runs; gives in words what it did.

        Raises:
            Refused: it was not given.
        """
        raise Refused(f"{self.kind.value} carries no text")

    def end_turn(self, main: Lane) -> str:
        """Ends the turn that runs; gives in words what it did.

        Raises:
            Refused: it was not ended.
        """
        raise Refused(f"{self.kind.value} cannot end a turn")

    def open(self, why: str, *, takes_text: bool = True) -> Route:
        """The route as it leads to a lane. `takes_text`: a text that is given by it now is read."""
        return Route(self.kind, True, why, takes_text)

    def shut(self, why: str) -> Route:
        """The route as it does not."""
        return Route(self.kind, False, why)
