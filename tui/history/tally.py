"""The account of one transcript for the index: its lanes, and each call that a lane states, with its own counts.

It knows nothing of other transcripts. Who owns a call that several lanes state is decided in `settle`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tui.agents.counting import Span
from tui.ledger.calls import CallBook, larger
from tui.ledger.keys import key_of
from tui.ledger.lane import LaneLedger
from tui.model.event import Event, Inherited, LaneInfo, Limit, Prompt, Unknown, UsageReported
from tui.model.usage import Usage, classes

HOWS = (Inherited.NO, Inherited.YES, Inherited.GUESS_NO, Inherited.GUESS_YES)
"""Whether a call was inherited, by the number that stands for it in the index."""


class CountedCall(NamedTuple):
    """One call as the lines of one lane state it."""

    key: int
    """64 bits of a hash of the call's key."""
    at: float | None
    model: str | None
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    cache_write_other: int
    output: int
    reasoning: int
    provisional: bool
    how: int
    counter: int | None
    """64 bits of a hash of the cumulative counter, for agents with such counters."""
    cwd: str | None
    branch: str | None


class CountedLane(NamedTuple):
    """One lane of a transcript. Texts are masked. Times are seconds UTC."""

    local: str
    session: str
    agent_id: str | None
    agent_type: str | None
    parent_session: str | None
    parent_call: str | None
    forked: bool
    title: str
    title_rank: int
    cwd: str | None
    first_cwd: str | None
    branch: str | None
    version: str | None
    started: float | None
    last: float | None
    has_unread_usage: bool
    calls: tuple[CountedCall, ...]
    """In the order of the transcript."""

    @property
    def kind(self) -> int:
        """Ranks lanes that state the same call, before the time: see `LaneLedger.rank`."""
        return 3 if self.local else 2 if self.forked else 1 if self.agent_id else 0


_FACTS = (
    "session", "agent_id", "agent_type", "parent_session", "parent_call", "forked", "title", "title_rank", "cwd",
    "first_cwd", "branch", "version", "started", "last_event", "has_unread_usage",
)  # fmt: skip
"""Attributes of a ledger, in the order of the fields of `CountedLane` after the first one."""


class _Call:
    """A call while its transcript is read."""

    __slots__ = ("at", "branch", "counter", "cwd", "how", "model", "provisional", "usage")

    def __init__(
        self, at: float | None, model: str | None, usage: Usage, provisional: bool, how: int, counter: int | None,
        cwd: str | None, branch: str | None,
    ) -> None:  # fmt: skip
        self.at, self.model, self.usage = at, model, usage
        self.provisional, self.how, self.counter = provisional, how, counter
        self.cwd, self.branch = cwd, branch

    def grow(self, usage: Usage, model: str | None, *, provisional: bool) -> None:
        """Takes what a further line states, as `CallBook.spend` does."""
        self.usage = larger(self.usage, usage)
        self.provisional = self.provisional and provisional
        self.model = self.model if self.model is not None else model


class _Lane:
    """A lane while its transcript is read. The ledger takes its facts, not its calls."""

    __slots__ = ("calls", "ledger", "newest", "newest_key")

    def __init__(self, ledger: LaneLedger) -> None:
        self.ledger = ledger
        self.calls: dict[int, _Call] = {}
        self.newest, self.newest_key = "", 0
        """The call of the newest line: the lines of one call mostly follow each other."""

    def spend(
        self, name: str, at: float | None, model: str | None, usage: Usage, provisional: bool, how: int,
        counter: tuple[int, ...] | None,
    ) -> None:  # fmt: skip
        """Takes what one line states about a call. `name` is its key."""
        if name == self.newest:
            key = self.newest_key
        else:
            key = self.newest_key = key_of(name)
            self.newest = name
        call = self.calls.get(key)
        if call is None:
            ledger = self.ledger
            counted = key_of(repr(counter)) if counter is not None else None
            self.calls[key] = _Call(at, model, usage, provisional, how, counted, ledger.cwd, ledger.branch)
        else:
            call.grow(usage, model, provisional=provisional)

    def counted(self, local: str) -> CountedLane:
        """The lane as a value."""
        facts = (getattr(self.ledger, name) for name in _FACTS)
        make = CountedCall._make
        calls = tuple(
            make(
                (
                    key,
                    one.at,
                    one.model,
                    *classes(one.usage),
                    one.provisional,
                    one.how,
                    one.counter,
                    one.cwd,
                    one.branch,
                )
            )
            for key, one in self.calls.items()
        )
        return CountedLane._make((local, *facts, calls))


class Tally:
    """The lanes and calls of one transcript, while it is read."""

    def __init__(self, path: str, agent: str) -> None:
        self._path = path
        self._agent = agent
        self._book = CallBook()
        self._lanes: dict[str, _Lane] = {}

    @property
    def is_empty(self) -> bool:
        """True if no line gave an event."""
        return not self._lanes

    def take(self, events: Iterable[Event]) -> None:
        """Takes events in the order of the transcript."""
        for event in events:
            lane = self._lanes.get(event.lane) or self._lane(event.lane)
            ledger = lane.ledger
            if isinstance(event, UsageReported):
                how = HOWS.index(event.inherited)
                lane.spend(event.key, event.at, event.model, event.usage, event.provisional, how, event.counter)
            elif isinstance(event, LaneInfo | Prompt):
                ledger.apply(event)
                continue
            elif isinstance(event, Limit):
                continue
            elif isinstance(event, Unknown):
                ledger.has_unread_usage |= event.states_usage
            at = event.at
            if at is not None:
                _note(ledger, at)

    def call(
        self, lane: str, key: str, at: float | None, model: str | None, usage: Usage, *, provisional: bool = False,
        counter: tuple[int, ...] | None = None,
    ) -> None:  # fmt: skip
        """See `Calls.call`."""
        found = self._lanes.get(lane) or self._lane(lane)
        if at is not None:
            _note(found.ledger, at)
        found.spend(key, at, model, usage, provisional, 0, counter)

    def end(self, spans: Mapping[str, Span]) -> bool:
        """Takes the times of lines that gave no events.

        False if such a line is older than all events of its lane. Then only the agent's reader can tell when it began.
        """
        for local, span in spans.items():
            first, last = span.settled()
            if first is None or last is None:
                continue
            ledger = (self._lanes.get(local) or self._lane(local)).ledger
            if ledger.started is None or first < ledger.started:
                return False
            ledger.last_event = max(last, ledger.last_event or last)
        return True

    def lanes(self) -> list[CountedLane]:
        """The lanes so far."""
        return [lane.counted(local) for local, lane in self._lanes.items()]

    def restore(self, lanes: Iterable[CountedLane]) -> None:
        """Continues with lanes that were counted before."""
        for counted in lanes:
            lane = self._lane(counted.local)
            for name, value in zip(_FACTS, counted[1:], strict=False):
                setattr(lane.ledger, name, value)
            for call in counted.calls:
                lane.calls[call.key] = _Call(
                    call.at, call.model, Usage(*call[3:10]), call.provisional, call.how, call.counter, call.cwd,
                    call.branch,
                )  # fmt: skip

    def _lane(self, local: str) -> _Lane:
        ledger = LaneLedger(self._agent, self._path, local, self._book)
        main = self._lanes.get("")
        if local:
            ledger.session = main.ledger.session if main is not None else ""
        made = self._lanes[local] = _Lane(ledger)
        return made


def _note(ledger: LaneLedger, at: float) -> None:
    """Notes the time of an event, in seconds UTC."""
    if ledger.started is None or at < ledger.started:
        ledger.started = at
    if ledger.last_event is None or at > ledger.last_event:
        ledger.last_event = at
