"""Usage of a Claude message: its call, its tokens, and corrections by later lines.

The key of a call is only the message's id if Claude's service gave it (`msg_...`): the id stays the same when a side
question repeats the parent's messages with new request ids, and when resumed and forked sessions copy them. Other
services for the same client give ids that need not be unique; for them the request id is part of the key.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tui.io.json_fields import Record, Where, array, count, obj, stated_count, text
from tui.model.event import UsageReported
from tui.model.usage import Usage, classes

SYNTHETIC = "<synthetic>"
"""The model of messages that the client made up itself. They use no tokens."""

PLACEHOLDER_OUTPUT = 32
"""The lines of a streaming message may repeat the output count of its first moment: 1 to about 30 were seen."""

EXTRA_CALLS = frozenset({"compaction", "advisor_message"})
"""Iterations that are separate model calls and are not included in the message's own counts."""

REMEMBERED_CALLS = 64
"""The number of newest calls that are remembered. Lines of one message are close together; copies further apart are
matched by key elsewhere."""

LONG_WINDOW = 1_000_000


class Measured(NamedTuple):
    """One model call as one line states it."""

    key: str
    model: str | None
    usage: Usage
    context_used: int | None
    provisional: bool


def measure(message: Record, record: Record, offset: int) -> list[Measured]:
    """The calls of an assistant line: the message's own first, then its extra ones.

    Empty if the line states no usage or the client made it up.

    Raises:
        BadLine: a count is invalid.
    """
    usage = obj(message.get("usage"))
    if not usage or message.get("model") == SYNTHETIC or record.get("isApiErrorMessage") is True:
        return []
    key = _key(message, record, offset)
    model = text(message.get("model"))
    own = _usage(usage)
    provisional = is_provisional(message.get("stop_reason"), own)
    iterations = [obj(one) for one in array(usage.get("iterations"))]
    calls = [Measured(key, _tier(model, usage), own, _context(own, iterations), provisional)]
    for index, one in enumerate(iterations):
        if text(one.get("type")) in EXTRA_CALLS:
            extra_model = text(one.get("model")) or model
            calls.append(Measured(f"{key}#{index}", _tier(extra_model, one), _usage(one), None, provisional=False))
    return calls


def is_provisional(stop_reason: object, usage: Usage) -> bool:
    """Whether the output count may be that of the first moment of a stream."""
    return stop_reason is None and usage.output <= PLACEHOLDER_OUTPUT


def _key(message: Record, record: Record, offset: int) -> str:
    message_id = text(message.get("id"))
    request_id = text(record.get("requestId"))
    if message_id is None:
        # The line's own id stays the same in copies. Without one, only the place of the line distinguishes calls.
        session = text(record.get("sessionId")) or ""
        return request_id or text(record.get("uuid")) or f"{session}@{offset}"
    if message_id.startswith("msg_") or request_id is None:
        return message_id
    return f"{message_id}:{request_id}"


def _usage(stated: Record) -> Usage:
    parts = obj(stated.get("cache_creation"))
    short = count(parts, "ephemeral_5m_input_tokens") if parts else 0
    long = count(parts, "ephemeral_1h_input_tokens") if parts else 0
    output = count(stated, "output_tokens")
    details = obj(stated.get("output_tokens_details"))
    thinking = (stated_count(details, "thinking_tokens") or 0) if details else 0
    return Usage(
        count(stated, "input_tokens"),
        count(stated, "cache_read_input_tokens"),
        short,
        long,
        # The parts may all be zero while the sum is not; older lines have no parts.
        max(0, count(stated, "cache_creation_input_tokens") - short - long),
        output,
        min(thinking, output),
    )


def _context(own: Usage, iterations: list[Record]) -> int:
    """Tokens in the model's context.

    They are those of the largest round, since the top level may be the sum of the rounds.
    """
    if len(iterations) < 2:
        return own.input + own.cache_read + own.cache_write
    rounds = [_usage(one) for one in iterations if text(one.get("type")) not in EXTRA_CALLS]
    return max(one.input + one.cache_read + one.cache_write for one in rounds or [own])


def _tier(model: str | None, usage: Record) -> str | None:
    return tier_of(model, usage.get("speed"))


def tier_of(model: str | None, speed: object) -> str | None:
    """The model with its tier: the fast tier of a model has its own prices."""
    return f"{model}-fast" if model is not None and speed == "fast" else model


class SpendBook:
    """Gives a call again only if a line states more about it than the lines before."""

    def __init__(self) -> None:
        self._seen: dict[str, Measured] = {}
        self._last: tuple[object, ...] = ()

    def calls(self, message: Record, record: Record, offset: int) -> list[Measured]:
        """The calls that `measure` finds in the line; none if they are the same as in the line before.

        Raises:
            BadLine: a count is invalid.
        """
        message_id = text(message.get("id"))
        told = (message_id, record.get("requestId"), message.get("stop_reason"), message.get("usage"))
        if message_id is not None and told == self._last:
            return []  # most lines: a message has one line per block, each with the whole usage
        calls = measure(message, record, offset)
        self._last = told if calls else ()
        return calls

    def news(self, calls: list[Measured], where: Where, *, gauge: bool) -> list[UsageReported]:
        """Events for the calls that are new or grew. `gauge` is False if the context is not that of one lane."""
        events: list[UsageReported] = []
        for call in calls:
            if not self.is_news(call):
                continue
            window = LONG_WINDOW if call.model is not None and "[1m]" in call.model else None
            context = call.context_used if gauge else None
            events.append(UsageReported(*where, call.key, call.model, call.usage, context, window, call.provisional))
        return events

    def saved(self) -> list[list[object]]:
        """The remembered calls as plain JSON, for `restored`."""
        return [[one.key, one.model, list(classes(one.usage)), one.provisional] for one in self._seen.values()]

    @classmethod
    def restored(cls, saved: Any) -> SpendBook:
        """The book that `saved` described."""
        made = cls()
        for key, model, counts, provisional in saved:
            made._seen[key] = Measured(key, model, Usage(*counts), None, provisional)
        return made

    def is_news(self, call: Measured) -> bool:
        """Whether a line states a new call, or more about a known one. It is remembered."""
        known = self._seen.pop(call.key, None)
        if known is None:
            if len(self._seen) >= REMEMBERED_CALLS:
                del self._seen[next(iter(self._seen))]
            self._seen[call.key] = call
            return True
        says_more = call.usage.total >= known.usage.total and (
            call.usage != known.usage or (known.provisional and not call.provisional)
        )
        self._seen[call.key] = call if says_more else known
        return says_more
