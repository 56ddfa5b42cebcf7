"""Actions: slices of a lane's work, each from one prompt or assignment to the next."""

from __future__ import annotations

from collections.abc import Iterable

from tui.model.action_name import action_name
from tui.model.event import Origin
from tui.model.snapshot import Action
from tui.model.usage import ZERO, Usage

FILES_LIMIT = 200


class ActionBook:
    """The actions of one lane. The ledger adds and removes usage; everything else comes from the events."""

    __slots__ = ("_actions", "_at", "_frozen")

    def __init__(self) -> None:
        self._actions: list[_Open] = []
        self._frozen: dict[int, Action] = {}
        self._at: dict[int, int] = {}
        """Index of an action by the offset of its prompt."""

    @classmethod
    def restored(cls, count: int, actions: Iterable[Action]) -> ActionBook:
        """The book of a lane that has ended: it had `count` actions, of which these are still known."""
        made = cls()
        made._actions = [_FORGOTTEN] * count
        made._frozen = {action.index: action for action in actions}
        made._at = {action.offset: action.index for action in actions}
        return made

    def __len__(self) -> int:
        return len(self._actions)

    @property
    def current(self) -> int:
        """Index of the running action; opens a nameless one if the lane began without a prompt."""
        if not self._actions:
            self.start("", Origin.UNKNOWN, None, 0)
        return len(self._actions) - 1

    def start(self, prompt: str, origin: Origin, at: float | None, offset: int) -> None:
        """Starts an action at a prompt; the running action ends there."""
        if self._actions and self._actions[-1].outcome == "running":
            self.close("ended")
        name, title = action_name(prompt)
        index = len(self._actions)
        if index == 1 and self._actions[0].is_blank:
            index = 0  # nothing happened before the first prompt: it is the first action
            self._actions.clear()
            self._frozen.clear()
            self._at.clear()
        self._at[offset] = index
        self._actions.append(_Open(index, name, title, origin, at, offset))

    def touch(self, at: float | None) -> None:
        """Notes that something happened in the running action."""
        index = self.current
        action = self._actions[index]
        if action.started is None:
            action.started = at
        if at is not None:
            action.last_event = at
        self._frozen.pop(index, None)

    def reopen(self) -> None:
        """Reopens the last action: work continues after its turn seemed to be over."""
        if not self._actions:
            return
        index = self.current
        if self._actions[index].outcome != "running":
            self._actions[index].outcome = "running"
            self._frozen.pop(index, None)

    def close(self, outcome: str) -> None:
        """Closes the running action with `ended`, `interrupted` or `cut_off`."""
        index = self.current
        self._actions[index].outcome = outcome
        self._frozen.pop(index, None)

    def count_call(self) -> None:
        """Counts a tool call in the running action."""
        self._actions[self.current].calls += 1

    def count_error(self) -> None:
        """Counts a failed tool call in the running action."""
        self._actions[self.current].errors += 1

    def note_spent(self) -> None:
        """Notes that the running action used tokens."""
        self._actions[self.current].has_spent = True

    def add_file(self, path: str) -> None:
        """Notes that the running action changed a file."""
        files = self._actions[self.current].files
        if len(files) < FILES_LIMIT:
            files[path] = None

    def add_usage(self, index: int, usage: Usage) -> None:
        """Adds usage to an action; negative usage takes it away."""
        self._actions[index].usage += usage
        self._frozen.pop(index, None)

    def find(self, offset: int) -> Action | None:
        """The action whose prompt is at this offset; None if there is none."""
        index = self._at.get(offset)
        return None if index is None else self._freeze(index)

    def newest(self, limit: int) -> tuple[Action, ...]:
        """The newest `limit` actions, oldest first."""
        first = max(0, len(self._actions) - limit)
        return tuple(self._freeze(index) for index in range(first, len(self._actions)))

    def _freeze(self, index: int) -> Action:
        known = self._frozen.get(index)
        if known is not None:
            return known
        made = self._actions[index].freeze()
        self._frozen[index] = made
        return made


class _Open:
    __slots__ = (
        "calls", "errors", "files", "has_spent", "index", "last_event", "name", "offset", "origin", "outcome",
        "started", "title", "usage",
    )  # fmt: skip

    def __init__(self, index: int, name: str, title: str, origin: Origin, at: float | None, offset: int) -> None:
        self.index = index
        self.name = name
        self.title = title
        self.origin = origin
        self.started = at
        self.last_event = at
        self.offset = offset
        self.usage: Usage = ZERO
        self.has_spent = False
        """True if the lane's own lines state usage in this action, even if another lane owns that usage in the end."""
        self.calls = 0
        self.errors = 0
        self.files: dict[str, None] = {}
        self.outcome = "running"

    @property
    def is_blank(self) -> bool:
        """True if it was opened without a prompt and nothing was done in it."""
        return not (self.name or self.calls or self.has_spent or self.files)

    def freeze(self) -> Action:
        return Action(
            index=self.index, name=self.name, title=self.title, origin=self.origin, started=self.started,
            last_event=self.last_event, usage=self.usage, calls=self.calls, errors=self.errors,
            files=tuple(self.files), outcome=self.outcome, offset=self.offset,
        )  # fmt: skip


_FORGOTTEN = _Open(-1, "", "", Origin.UNKNOWN, None, -1)
"""Stands for the older actions of a lane that has ended."""
