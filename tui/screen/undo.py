"""Undo on the lanes screen: one stack of what the operator did, verbs and changes of the arrangement alike."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping

from tui.model.evidence import LaneId
from tui.model.frozen import frozen
from tui.screen.controller import Command, Controller, Host, Mode
from tui.screen.split import SplitController
from tui.screen.table_order import TableController
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import joined, own
from tui.view.choices import Choices, change_words
from tui.view.names import name_of

MOST = 100
"""The most things that can be undone one after the other."""
NOTHING = own("nothing to undo")
MOMENT_S = 0.4
"""Seconds after which another key press confirms; a key that is held down repeats sooner."""


@frozen
class Done:
    """One thing that the operator did."""

    words: SafeText
    undo: Callable[[], None]
    """Undoes it and says so."""
    is_here: Callable[[], bool] = lambda: True
    """Whether it is about what the operator looks at now: of a verb, whether its lane is at the cursor."""


class UndoController(Controller):
    """Undoes the last thing that the operator did.

    Verbs and tags are added by their controllers (`add`). Changes of the arrangement are found by comparison, because
    keys, commands and the mouse make them in many places: whoever is about to act calls `note` first.
    """

    def __init__(
        self,
        host: Host,
        ordering: TableController,
        split: SplitController,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` returns seconds of a monotonic clock."""
        self._host = host
        self._ordering = ordering
        self._split = split
        self._stack: deque[Done] = deque(maxlen=MOST)
        self._clock = clock
        self._newest: Done | None = None
        """What was done last, if nothing was undone since."""
        self._asked: tuple[Done, float] | None = None
        """What was named in place of being undone, since it is not here, and when a key was pressed for it last."""
        self._noted: Choices | None = None
        """The choices as they were noted last; None before the screen has begun."""

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        return {"undo": self.undo}

    def begin(self) -> None:
        """Lets changes count from now on. Called once the screen has the choices that were remembered."""
        self._noted = self.choices

    @property
    def choices(self) -> Choices:
        """The present choices."""
        return self._ordering.choices(self._split.share)

    def note(self) -> None:
        """Adds what changed since the last call. A filter that is being typed counts when it is kept."""
        if self._noted is None or self._host.is_in(Mode.FILTERING):
            return
        before, now = self._noted, self.choices
        self._noted = now
        if now != before:
            words, back = change_words(before, now, self._name), change_words(now, before, self._name)
            self._push(Done(words, lambda: self._restore(before, words, back)))

    def add(self, words: SafeText, undo: Callable[[], None], is_here: Callable[[], bool] = lambda: True) -> None:
        """Adds something else that the operator did; `undo` undoes it and says so. `is_here`: see `Done`."""
        self.note()
        self._push(Done(words, undo, is_here))

    def _push(self, done: Done) -> None:
        self._newest = done
        self._stack.append(done)

    def undo(self) -> None:
        """Undoes the last thing that was done."""
        if not self.undo_last():
            self._host.tell(NOTHING)

    def undo_last(self) -> bool:
        """Undoes the last thing that was done. False if there is none.

        After the first one, a verb on a lane that is not at the cursor is named first, and undone by another key press,
        a moment later: a key that is held down must not let other lanes go.
        """
        self.note()
        if not self._stack:
            return False
        done = self._stack[-1]
        if done is not self._newest and not done.is_here() and not self._is_confirmed(done):
            self._host.tell(joined(own("not at the cursor: "), done.words, own("; u again undoes it")))
            return True
        self._newest = self._asked = None
        self._stack.pop().undo()
        return True

    def _is_confirmed(self, done: Done) -> bool:
        now = self._clock()
        asked, self._asked = self._asked, (done, now)
        return asked is not None and asked[0] is done and now - asked[1] >= MOMENT_S

    @property
    def next_words(self) -> SafeText:
        """What would be undone now; empty if nothing."""
        return self._stack[-1].words if self._stack else own("")

    def _restore(self, choices: Choices, words: SafeText, back: SafeText) -> None:
        self._ordering.restore(choices)
        self._split.restore(choices.split)
        self._noted = self.choices
        self._host.tell(joined(own("undone: "), words, own(" · now: "), back))

    def _name(self, lane: LaneId) -> SafeText:
        found = self._host.lanes.get(lane)
        return name_of(found) if found is not None else safe_text(lane, limit=60)
