"""The account of a lane that has ended as plain data, and a ledger made of it, which takes no more events."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from tui.io.plain_values import made, packed
from tui.ledger.actions import ActionBook
from tui.ledger.burn import BurnMeter, SavedMeter
from tui.ledger.lane import LaneLedger, ModelTotal
from tui.ledger.past_calls import LoadCalls, PastCalls
from tui.ledger.waits import WaitBook
from tui.model.event import ApiError, Limit, Mark, PlanItem
from tui.model.frozen import frozen
from tui.model.snapshot import Action, CheckRun, FileTouch, OpenCall, PersonPrompt, PullRequest
from tui.model.usage import Usage

KEPT: dict[str, Any] = {
    "session": str, "parent_session": str | None, "parent_call": str | None, "agent_id": str | None,
    "agent_type": str | None, "forked": bool, "title": str, "title_rank": int, "cwd": str | None,
    "first_cwd": str | None, "branch": str | None, "version": str | None, "headless": bool | None,
    "effort": str | None, "usage": Usage, "inherited": Usage, "model": str | None, "newest_call": int | None,
    "provisional": dict[int, None], "is_lower_bound": bool, "context_used": int | None, "context_window": int | None,
    "open_calls": dict[str, OpenCall], "tool_calls": int, "tool_errors": int, "longest": dict[str, float],
    "spawned": dict[str, None], "background": dict[str, None], "pull": PullRequest | None, "plan": tuple[PlanItem, ...],
    "files": dict[str, FileTouch], "doing": str, "unknown": dict[str, int], "has_unread_usage": bool,
    "started": float | None, "last_event": float | None, "last_offset": int, "prompted": PersonPrompt | None,
    "last_kind": str, "turn_open": bool, "turn_since": float | None, "turn_ended_by": Mark | None, "ended": bool,
    "limit": Limit | None, "fault": ApiError | None, "turns_without_usage": int, "version_count": int,
}  # fmt: skip
"""The attributes of a ledger that are kept as they are, with their types."""
LEFT = frozenset((
    "_is_long", "agent", "path", "local", "embedded", "_book", "_rows", "today", "_day", "sequence", "guesses", "past",
    "models", "meter", "actions", "waits", "checks", "_between",
))  # fmt: skip
"""The other attributes: `Account` has a field for each of them, or they depend on where and when it is shown."""


@frozen
class Account:
    """What a ledger says."""

    kept: list[Any]
    """The attributes of `KEPT` as plain data."""
    models: list[tuple[str | None, int, Usage, Usage]]
    """Each model with its calls, its usage, and the part of it in calls with a long prompt."""
    meter: SavedMeter
    action_count: int
    actions: list[Action]
    """The newest ones, and those that were asked for."""
    waits: tuple[float, list[tuple[float, float]]]
    tests: CheckRun | None
    between: list[tuple[float, float | None, int]]
    """Times between which the lane's tokens are known: see `LaneLedger.tokens_between`."""


def account_of(ledger: LaneLedger, newest: int, offsets: Container[int]) -> Account:
    """The account of a lane, with its `newest` actions and those with prompts at these offsets."""
    count = len(ledger.actions)
    actions = [
        action for action in ledger.actions.newest(count) if action.index >= count - newest or action.offset in offsets
    ]
    return Account(
        [packed(kind, getattr(ledger, name)) for name, kind in KEPT.items()],
        [(model, total.calls, total.usage, total.long) for model, total in ledger.models.items()],
        ledger.meter.saved, count, actions, ledger.waits.saved, ledger.checks.tests, ledger.known_between,
    )  # fmt: skip


def calls_of(ledger: LaneLedger) -> PastCalls:
    """The calls that a lane owns and pays for."""
    return PastCalls.of(call for call in ledger.calls if call.owner is ledger and not call.free)


def restore(ledger: LaneLedger, account: Account, calls: LoadCalls) -> None:
    """Gives a new ledger the account that another one of the same lane had. `calls` gives its calls when asked."""
    for (name, kind), data in zip(KEPT.items(), account.kept, strict=True):
        setattr(ledger, name, made(kind, data))
    for model, count, usage, long in account.models:
        total = ledger.models[model] = ModelTotal()
        total.calls, total.usage, total.long = count, usage, long
    ledger.meter = BurnMeter.restored(account.meter)
    ledger.actions = ActionBook.restored(account.action_count, account.actions)
    ledger.waits = WaitBook.restored(*account.waits)
    ledger.checks.tests = account.tests
    ledger.past = calls
    ledger.know_between(account.between)
