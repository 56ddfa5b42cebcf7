"""Rate limits as the service stated them to Codex. Almost every token count has them beside it, mostly unchanged."""

from __future__ import annotations

from tui.io.json_fields import Record, Where, integer, number, obj, text
from tui.model.event import Limit

LIMITS_BOUND = 64
FULL_PERCENT = 100.0

_WINDOWS = ("primary", "secondary")
"""Only `window_minutes` tells which of the two is the five-hour window and which the weekly one."""


class LimitBook:
    """Gives a limit again only when it changed."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Limit] = {}

    def events(self, limits: Record, where: Where) -> list[Limit]:
        """Events for the windows that are new or changed."""
        found: list[Limit] = []
        limit_id = text(limits.get("limit_id"))
        for which in _WINDOWS:
            limit = _window(limits, which, limit_id, where)
            if limit is None:
                continue
            key = (limit_id or "", which)
            known = self._known.get(key)
            if known is not None and _facts(known) == _facts(limit):
                continue
            if len(self._known) >= LIMITS_BOUND and key not in self._known:
                del self._known[next(iter(self._known))]
            self._known[key] = limit
            found.append(limit)
        return found

    def refused(self, where: Where) -> Limit:
        """The limit because of which the service refused a request, which is stated without saying which one it was.

        It is the window that is known to be used up, of several the one that resets last. If none is, nothing is known
        of it but that it was reached.
        """
        full = [
            limit
            for limit in self._known.values()
            if limit.used_percent is not None and limit.used_percent >= FULL_PERCENT and _is_open(limit, where.at)
        ]
        if not full:
            return Limit(*where, None, None, None, None, reached=True)
        last = max(full, key=lambda limit: limit.resets_at or 0.0)
        return Limit(*where, last.name, last.window_minutes, last.used_percent, last.resets_at, last.plan, reached=True)


def _facts(limit: Limit) -> tuple[object, ...]:
    return (limit.used_percent, limit.window_minutes, limit.resets_at, limit.plan, limit.reached)


def _is_open(limit: Limit, at: float | None) -> bool:
    """Whether the window has not been reset yet at that time (seconds UTC)."""
    return limit.resets_at is None or at is None or limit.resets_at > at


def _window(limits: Record, which: str, limit_id: str | None, where: Where) -> Limit | None:
    stated = obj(limits.get(which))
    # The oldest builds wrote the windows without nesting.
    used = _percent(stated.get("used_percent", limits.get(f"{which}_used_percent")))
    minutes = integer(stated.get("window_minutes", limits.get(f"{which}_window_minutes")))
    if used is None and minutes is None:
        return None
    resets = number(stated.get("resets_at"))
    wait = number(stated.get("resets_in_seconds"))
    if resets is None and wait is not None and where.at is not None:
        resets = where.at + wait
    reached = text(limits.get("rate_limit_reached_type")) is not None and (used is None or used >= FULL_PERCENT)
    name = text(limits.get("limit_name")) or limit_id
    return Limit(*where, name, minutes, used, resets, text(limits.get("plan_type")), reached)


def _percent(value: object) -> float | None:
    stated = number(value)
    return stated if stated is not None and stated >= 0 else None
