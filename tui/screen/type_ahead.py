"""Keys in the order in which they were typed: each has had its whole effect before the next one is handled."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import cast

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.screen import Screen
from textual.signal import Signal

from tui.screen.timers import after

Typed = events.Key | events.Paste
FALLBACK_S = 0.2
"""Seconds after which keys go on if the screen whose layout they wait for was closed meanwhile."""


class TypeAhead:
    """The keys and pastes that wait for the one before them.

    A key passes through the widget with the focus and all above it before its binding is found, and what it opens has
    the focus some messages later. Keys that are typed fast, or come in one piece from a terminal, would by then have
    reached the widget that had the focus before, where a letter of a text is a command.
    """

    def __init__(self, app: App[None], handle: Callable[[events.Event], Awaitable[None]]) -> None:
        """`handle` is the app's own handling of a key or paste."""
        self._app = app
        self._handle = handle
        self._waiting: deque[Typed] = deque()
        self._is_followed = False
        """True until the last key has had its effect."""
        self._preparing = 0
        """The number of dialogs that are being prepared."""
        self._behind: Screen[object] | None = None
        """The screen on which the first of these dialogs was asked for."""
        self._changes = 0
        """The number of changes of the screen so far."""

    def begin(self) -> None:
        """Follows changes of the screen. Called once, when the app runs."""
        # Textual does not state the type of the screens' results.
        changes = cast("Signal[object]", self._app.screen_change_signal)  # pyright: ignore[reportUnknownMemberType]
        changes.subscribe(self._app, self._screen_changed, immediate=True)

    async def take(self, typed: Typed) -> None:
        """Handles a key or a paste, now or after those before it."""
        self._waiting.append(typed)
        await self._go_on()

    def forget(self) -> None:
        """Drops the keys that wait, because what they were typed for does not open."""
        self._waiting.clear()

    def preparing(self) -> AbstractContextManager[None]:
        """Lets keys wait from now on, while a dialog is prepared and until it is open.

        If no dialog was opened at the end of the block, these keys are dropped.
        """
        if not self._preparing:
            self._behind = self._app.screen
        self._preparing += 1
        return _Preparing(self._prepared, self._changes)

    def _prepared(self, changes: int) -> None:
        self._preparing -= 1
        if changes == self._changes:
            self.forget()
        self._follow_if_idle()

    @property
    def _is_held(self) -> bool:
        return self._preparing > 0 and self._app.screen is self._behind

    async def _go_on(self) -> None:
        while self._waiting and not self._is_followed:
            if self._is_held and not self._is_interrupted():
                return
            typed = self._waiting.popleft()
            reader = self._app.focused
            await self._handle(typed)
            if isinstance(typed, events.Key) and reader and reader.check_consume_key(typed.key, typed.character):
                continue  # a letter of a text has no other effect
            self._follow(0, has_moved=False)

    def _is_interrupted(self) -> bool:
        """True if ctrl+c waits. The keys before it are dropped."""
        for place, typed in enumerate(self._waiting):
            if isinstance(typed, events.Key) and typed.key == "ctrl+c":
                for _ in range(place):
                    self._waiting.popleft()
                return True
        return False

    # -- behind a key -----------------------------------------------------------------------------

    def _screen_changed(self, _: object) -> None:
        self._changes += 1
        self._follow_if_idle()

    def _follow_if_idle(self) -> None:
        if not self._is_followed:
            self._follow(0, has_moved=True)

    def _target(self) -> DOMNode:
        return self._app.focused or self._app.screen

    def _follow(self, rounds: int, *, has_moved: bool) -> None:
        """Goes the way of a key, behind it and what it caused: through the queues of the widgets up to the app."""
        self._is_followed = True
        target = self._target()
        self._step(target, lambda: self._arrived(target, rounds, has_moved=has_moved))

    def _step(self, node: DOMNode | None, arrived: Callable[[], Awaitable[None]]) -> None:
        while node is not None and node is not self._app:
            if node.call_later(self._step, node.parent, arrived):
                return
            node = node.parent  # it is closed already
        self._app.call_later(arrived)

    async def _arrived(self, target: DOMNode, rounds: int, *, has_moved: bool) -> None:
        """Goes round once more: the binding of a key is found at the end of its way, and may send a message on it."""
        if self._target() is not target:
            self._follow(0, has_moved=True)
        elif rounds == 0:
            self._follow(1, has_moved=has_moved)
        elif has_moved:
            self._after_layout()
        else:
            await self._end()

    def _after_layout(self) -> None:
        """Waits until what has the focus now is drawn."""
        is_over = False

        async def end() -> None:
            nonlocal is_over
            if not is_over:
                is_over = True
                await self._end()

        self._app.call_after_refresh(end)
        after(self._app, FALLBACK_S, end)

    async def _end(self) -> None:
        self._is_followed = False
        await self._go_on()


class _Preparing(AbstractContextManager[None]):
    """The time in which a dialog is prepared: begun when it is made, and over with the block."""

    def __init__(self, end: Callable[[int], None], changes: int) -> None:
        self._end = end
        self._changes = changes

    def __exit__(self, *_: object) -> None:
        self._end(self._changes)
