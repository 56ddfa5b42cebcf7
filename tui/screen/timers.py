"""Calls that come after some time, and never fail to come.

A timer of Textual that fires once drops its call if the thread is held up for longer than its time just as it begins.
What waits for such a call, such as the next frame, would never come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.message_pump import MessagePump


def after(pump: MessagePump, seconds: float, callback: Callable[[], object]) -> None:
    """Calls `callback` among the messages of `pump` after so many seconds, unless it is closed by then."""
    asyncio.get_running_loop().call_later(max(0.0, seconds), pump.call_later, callback)
