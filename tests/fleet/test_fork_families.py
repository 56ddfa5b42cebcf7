"""Forks of one thread whose own transcript is missing, late, or there: each call once, doubts shown."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest

from tests.agents.builders import Record, codex_count, codex_event, codex_meta, codex_turn, codex_usage, encode
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.model.snapshot import Fleet
from tui.model.trust import Trust
from tui.sources.transcript import Transcript
from tui.text.safe_text import safe_text
from tui.view.header import HeaderFacts, header_lines
from tui.view.lanes_json import lanes_json
from tui.view.plain import lanes_table, page_text

NOW = 1_785_800_000.0
MIDNIGHT = NOW - 86_400
PREFIX = [codex_usage(20_000 + 700 * n, 15_000, 400 + n) for n in range(6)]
OWN_A = [codex_usage(85_000 + n, 83_000, 188 + n) for n in range(3)]
OWN_B = [codex_usage(1_000 + 10 * n, 100, 20 + n) for n in range(2)]
REST_OF_PARENT = [codex_usage(30_000, 29_000, 77)]
FOLDER = "/home/ada/.codex/sessions/2026/08/03"
Transcripts = dict[str, list[Record]]


def rollout(name: str, calls: Iterable[Record], *, hour: float, forked_from: str | None = "old-parent") -> list[Record]:
    """A rollout of before threads and turns had ids that tell their time; its lines stand a second apart."""
    extra = {"forked_from_id": forked_from} if forked_from else {}
    lines = [codex_meta(name, seconds=hour * 60, **extra), codex_turn(seconds=hour * 60)]
    total = codex_usage()
    for number, call in enumerate(calls, 1):
        total = {field: total[field] + call[field] for field in total}
        lines.append(codex_count(total, call, seconds=hour * 60 + number))
    return lines


def family(*, with_parent: bool = False) -> Transcripts:
    made = {
        "a": rollout("sibling-a", PREFIX + OWN_A, hour=10),
        "b": rollout("sibling-b", PREFIX + OWN_B, hour=20),
    }
    if with_parent:
        made["p"] = rollout("old-parent", PREFIX + REST_OF_PARENT, hour=0, forked_from=None)
    return made


def fed(supervisor: Supervisor, transcripts: Transcripts, order: Iterable[str], *, looking: bool) -> Fleet:
    """Feeds each transcript as often as it is named in this order, a part each time.

    `looking`: a picture is made after each part, as on a live screen.
    """
    names = list(order)
    readers = {name: Transcript(path_of(name)) for name in transcripts}
    left = {name: names.count(name) for name in names}
    for name in names:
        lines = transcripts[name]
        size = -(-len(lines) // left[name])
        left[name] -= 1
        part, transcripts = lines[:size], transcripts | {name: lines[size:]}
        events = readers[name].feed(b"".join(encode(line) + b"\n" for line in part))
        supervisor.feed(path_of(name), readers[name].agent or "", events)
        if looking:
            supervisor.snapshot(NOW, MIDNIGHT)
    return supervisor.snapshot(NOW, MIDNIGHT)


def path_of(name: str) -> str:
    return f"{FOLDER}/rollout-{name}.jsonl"


def tokens(calls: Iterable[Record]) -> int:
    return sum(call["total_tokens"] for call in calls)


def told(fleet: Fleet) -> dict[str, tuple[int, bool]]:
    return {lane.session: (lane.usage.total, Trust.PROVISIONAL in lane.trust) for lane in fleet.lanes}


@pytest.mark.parametrize("looking", [False, True])
@pytest.mark.parametrize("order", ["ab", "ba"])
def test_without_their_parent_siblings_count_what_they_share_once(order: str, looking: bool) -> None:
    fleet = fed(Supervisor(PriceTable.shipped()), family(), order, looking=looking)
    assert told(fleet) == {
        "sibling-a": (tokens(PREFIX + OWN_A), False),
        "sibling-b": (tokens(OWN_B), True),  # what it leaves out may be its own: two forks can do the same
    }
    assert fleet.totals.total == tokens(PREFIX + OWN_A + OWN_B)


@pytest.mark.parametrize(
    "order", [*map("".join, itertools.permutations("abp")), "abpabp", "bpabpa", "ppabab", "abbapp"]
)
@pytest.mark.parametrize("looking", [False, True])
def test_a_parent_that_turns_up_settles_to_the_exact_figures(order: str, looking: bool) -> None:
    fleet = fed(Supervisor(PriceTable.shipped()), family(with_parent=True), order, looking=looking)
    assert told(fleet) == {
        "old-parent": (tokens(PREFIX + REST_OF_PARENT), False),
        "sibling-a": (tokens(OWN_A), False),
        "sibling-b": (tokens(OWN_B), False),
    }


def test_a_sibling_that_goes_away_leaves_the_shared_calls_to_the_other_one() -> None:
    supervisor = Supervisor(PriceTable.shipped())
    fed(supervisor, family(), "ab", looking=True)
    supervisor.forget(path_of("a"))
    assert told(supervisor.snapshot(NOW, MIDNIGHT)) == {"sibling-b": (tokens(PREFIX + OWN_B), False)}


def test_a_parent_that_goes_away_leaves_the_shared_calls_to_its_forks() -> None:
    supervisor = Supervisor(PriceTable.shipped())
    fed(supervisor, family(with_parent=True), "pab", looking=True)
    supervisor.forget(path_of("p"))
    fleet = supervisor.snapshot(NOW, MIDNIGHT)
    assert fleet.totals.total == tokens(PREFIX + OWN_A + OWN_B)
    assert told(fleet)["sibling-b"] == (tokens(OWN_B), True)


def test_a_fork_of_another_thread_shares_nothing() -> None:
    transcripts = {"a": family()["a"], "c": rollout("cousin", PREFIX + OWN_B, hour=20, forked_from="another")}
    fleet = fed(Supervisor(PriceTable.shipped()), transcripts, "ac", looking=False)
    assert told(fleet)["cousin"] == (tokens(PREFIX + OWN_B), False)


def test_siblings_that_differ_from_their_first_call_on_lose_nothing() -> None:
    transcripts = {"a": rollout("sibling-a", OWN_A, hour=10), "b": rollout("sibling-b", OWN_B + OWN_A, hour=20)}
    fleet = fed(Supervisor(PriceTable.shipped()), transcripts, "ab", looking=False)
    assert told(fleet) == {"sibling-a": (tokens(OWN_A), False), "sibling-b": (tokens(OWN_B + OWN_A), False)}


def test_a_second_file_of_one_fork_is_no_doubt() -> None:
    one = family()["a"]
    fleet = fed(Supervisor(PriceTable.shipped()), {"a": one, "z": one}, "az", looking=False)
    assert sorted((lane.usage.total, Trust.PROVISIONAL in lane.trust) for lane in fleet.lanes) == [
        (0, False),
        (tokens(PREFIX + OWN_A), False),
    ]


def test_a_copy_that_only_time_tells_is_left_out_as_a_lower_bound() -> None:
    lines = rollout("sibling-a", PREFIX, hour=10)
    burst = [line | {"timestamp": lines[0]["timestamp"]} for line in lines]
    fleet = fed(
        Supervisor(PriceTable.shipped()), {"a": burst + rollout("x", PREFIX + OWN_A, hour=30)[-3:]}, "a", looking=False
    )
    assert told(fleet) == {"sibling-a": (tokens(OWN_A), True)}


def test_a_lower_bound_is_told_in_the_row_in_the_sums_and_in_the_json() -> None:
    fleet = fed(Supervisor(PriceTable.shipped()), family(), "ab", looking=False)
    rows = [str(row) for row in page_text(lanes_table(fleet, 120))]
    assert [row for row in rows if "≥2.05k" in row], rows
    assert "≥" in rows[-1]
    header = header_lines(fleet, HeaderFacts(since=safe_text(""), source=safe_text("")), 120)
    assert "≥" in "".join(str(span.text) for span in header[1])
    made = lanes_json(fleet)
    assert "provisional" in made["totals_trust"]
    assert {lane["session"]: "provisional" in lane["trust"] for lane in made["lanes"]} == {
        "sibling-a": False,
        "sibling-b": True,
    }


def test_usage_in_a_line_that_nobody_reads_makes_a_lower_bound() -> None:
    lines = rollout("single", OWN_A, hour=10, forked_from=None)
    more = codex_event("turn.completed", usage=OWN_A[0], seconds=660)
    fleet = fed(Supervisor(PriceTable.shipped()), {"a": [*lines, more]}, "a", looking=False)
    assert told(fleet) == {"single": (tokens(OWN_A), True)}
