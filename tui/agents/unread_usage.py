"""Finds out whether a line of an unknown type states usage. Then tokens were used that no reader counts."""

from __future__ import annotations

from tui.io.json_fields import Record, integer, obj

_USAGES = ("usage", "token_usage", "last_token_usage", "total_token_usage")
_COUNTS = ("input_tokens", "output_tokens", "total_tokens")
_WITHIN = ("message", "payload", "info", "response", "data")


def states_usage(record: Record) -> bool:
    """Whether the line states usage, at its top or one level below, where clients put it."""
    return any(_has_usage(place) for place in (record, *(obj(record.get(name)) for name in _WITHIN)))


def _has_usage(place: Record) -> bool:
    return any((integer(obj(place.get(usage)).get(count)) or 0) > 0 for usage in _USAGES for count in _COUNTS)
