"""Codex's counters: whatever a client does and however its version writes it, the sum is what was spent.

`Client` writes a rollout as the real one does: one counter per thread and process, whose newest value stands in every
`token_count` beside the newest word on any limit.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.agents.builders import (
    Record,
    codex_count,
    codex_meta,
    codex_record,
    codex_turn,
    codex_usage,
    only,
    read_all,
)
from tui.agents.codex.reader import CodexReader
from tui.model.event import UsageReported
from tui.model.usage import ZERO, Usage

NOTHING = codex_usage()
WINDOW = 258_400
MODELS = ("gpt-5.3-codex", "gpt-5-mini", "codex-auto-review")
LIMITS = (None, "codex", "codex_bengalfox")


def plus(one: Record, other: Record) -> Record:
    return {name: one[name] + other[name] for name in one}


@st.composite
def calls(draw: st.DrawFn) -> Record:
    """One call's usage: often small and often equal to another's, so that values meet by chance."""
    size = draw(st.sampled_from([2, 2, 400_000]))
    cached, written, fresh = (draw(st.integers(0, size)) for _ in range(3))
    output = draw(st.integers(1, size))
    return codex_usage(cached + written + fresh, cached, output, draw(st.integers(0, output)), written)


@dataclass
class Client:
    """One process that works on the thread."""

    total: Record = field(default_factory=lambda: NOTHING)
    last: Record = field(default_factory=lambda: NOTHING)
    model: str = ""
    states_last: bool = True
    has_records: bool = False
    states_thread: bool = True

    def count(self, limit: str | None) -> Record:
        """A token_count: the counter as it stands. The oldest clients stated nothing before the first call."""
        if self.total == NOTHING:
            return codex_count(None, limit_id=limit)
        return codex_count(self.total, self.last if self.states_last else None, limit_id=limit)

    def call(self, usage: Record, number: int) -> list[Record]:
        """A call, up to where its token_count would follow."""
        self.total, self.last = plus(self.total, usage), usage
        lines = [codex_turn(model=self.model)] if self.model else []
        if self.has_records:
            lines.append(codex_record(usage, self.total if self.states_thread else None, f"resp_{number}"))
        return lines

    def fill_window(self) -> None:
        """The context was full: the client puts the size of the window in place of all counts."""
        full = NOTHING | {"total_tokens": WINDOW}
        self.last = NOTHING | {"total_tokens": max(WINDOW - self.total["total_tokens"], 0)}
        self.total = full


@dataclass
class Told:
    """A rollout and what it cost."""

    lines: list[Record]
    spent: list[Record]

    def call(self, client: Client, usage: Record) -> None:
        """One more call of a client, up to where its token_count would follow."""
        self.lines += client.call(usage, len(self.spent))
        self.spent.append(usage)


@st.composite
def rollouts(draw: st.DrawFn, *, states_last: bool = True) -> Told:
    """One thread, gone on with by a newer client after some time."""
    client = Client(states_last=states_last)
    told = Told([codex_meta()], [])
    switches = draw(st.booleans())
    upgraded_at = draw(st.integers(0, 14))
    states_thread = draw(st.booleans()) or not states_last
    limit = st.sampled_from(LIMITS if draw(st.booleans()) else (None,))
    for step in range(draw(st.integers(0, 14))):
        if step >= upgraded_at:
            client.has_records, client.states_thread = True, states_thread
        match draw(st.sampled_from(["call", "call", "call", "refresh", "empty", "full", "unshown"])):
            case "call":
                client.model = draw(st.sampled_from(MODELS)) if switches else ""
                stale = client.count(draw(limit))
                told.call(client, draw(calls()))
                if client.has_records and draw(st.booleans()):
                    told.lines.append(stale)  # limits were refreshed before the call was added to the counter
                told.lines += [client.count(draw(limit)) for _ in range(draw(st.sampled_from([1, 1, 2, 3])))]
            case "refresh":
                told.lines.append(client.count(draw(limit)))
            case "empty":
                told.lines.append(codex_count(None, limit_id=draw(limit)))
            case "full":
                client.fill_window()
                told.lines.append(client.count(draw(limit)))
            case _ if client.has_records:
                told.call(client, draw(calls()))  # a compaction: no token_count until something else is counted
            case _:
                pass
    return told


@st.composite
def restarts(draw: st.DrawFn, *, has_records: bool) -> Told:
    """A counter that starts again from nothing, as where a client did not read the old one."""
    told = Told([codex_meta()], [])
    left: list[Record] = []
    for _ in range(draw(st.integers(1, 3))):
        client = Client(has_records=has_records, states_thread=draw(st.booleans()))
        for index in range(draw(st.integers(1, 4))):
            usage = draw(calls())
            # Without records nothing tells a first call that leads to a counter's value from that one told again.
            assume(has_records or index > 0 or usage not in left)
            told.call(client, usage)
            told.lines += [client.count(None)] * draw(st.integers(1, 2))
        left.append(client.total)
    return told


@st.composite
def shared_rollouts(draw: st.DrawFn) -> Told:
    """Two clients write the same rollout in turns, each with its own counter, far apart or from one value on."""
    base = draw(st.sampled_from([codex_usage(10**9, 10**8, 10**7), NOTHING]))
    has_records = draw(st.booleans())
    clients = [Client(has_records=has_records), Client(total=base, has_records=has_records)]
    told = Told([codex_meta()], [])
    for number in range(draw(st.integers(1, 12))):
        client = clients[draw(st.integers(0, 1))]
        fresh = 1000 * 2**number  # of its own size, so that no sum of one client's calls is one of the other's
        usage = draw(calls()) if base["total_tokens"] else codex_usage(fresh, 0, 1)
        told.call(client, usage)
        told.lines.append(client.count(draw(st.sampled_from(LIMITS))))
        if base["total_tokens"] and not has_records and draw(st.booleans()):
            told.lines += [each.count(draw(st.sampled_from(LIMITS))) for each in clients if each.last != NOTHING]
    return told


def read(lines: list[Record]) -> list[UsageReported]:
    return only(read_all(CodexReader(), *lines), UsageReported)


def tokens(spent: list[Record]) -> int:
    return sum(each["total_tokens"] for each in spent)


def assert_exact(told: Told) -> None:
    found = read(told.lines)
    assert [event.usage.total for event in found] == [each["total_tokens"] for each in told.spent]
    assert sum((event.usage for event in found), ZERO) == Usage(
        input=sum(each["input_tokens"] - each["cached_input_tokens"] - each["cache_write_input_tokens"] for each in told.spent),
        cache_read=sum(each["cached_input_tokens"] for each in told.spent),
        cache_write_other=sum(each["cache_write_input_tokens"] for each in told.spent),
        output=sum(each["output_tokens"] for each in told.spent),
        reasoning=sum(each["reasoning_output_tokens"] for each in told.spent),
    )  # fmt: skip
    assert len({event.key for event in found}) == len(found)


@given(rollouts())
def test_one_thread_over_any_models_limits_and_versions(told: Told) -> None:
    assert_exact(told)


@given(rollouts(states_last=False))
def test_a_counter_without_the_last_call_gives_what_it_grew_by(told: Told) -> None:
    found = read(told.lines)
    assert sum(event.usage.total for event in found) == tokens(told.spent)


@given(st.booleans().flatmap(lambda has_records: restarts(has_records=has_records)))
def test_a_counter_that_starts_again_loses_and_repeats_nothing(told: Told) -> None:
    assert_exact(told)


@given(shared_rollouts())
def test_counters_of_two_clients_are_told_apart_by_their_values(told: Told) -> None:
    assert_exact(told)
