"""The whole chain, from bytes to pictures: any split, any interleaving, any watching end in the same figures."""

from __future__ import annotations

import json
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.model.snapshot import Fleet
from tui.sources.transcript import Transcript

START = 1_778_317_200.0
NOW = START + 3000
MIDNIGHT = START - 9 * 3600


def stamp(second: int) -> str:
    return f"2026-05-09T09:{second // 60 % 60:02}:{second % 60:02}.000Z"


def encode(lines: Sequence[dict[str, object]]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def prompt(session: str, second: int, text: str) -> dict[str, object]:
    return {
        "type": "user", "sessionId": session, "uuid": f"u{session}{second}", "timestamp": stamp(second),
        "cwd": "/home/ada/harbor", "version": "2.1.329", "isSidechain": False, "message": {"role": "user", "content": text},
    }  # fmt: skip


def message(
    session: str, second: int, key: str, output: int, block: dict[str, object] | None = None
) -> dict[str, object]:
    return {
        "type": "assistant", "sessionId": session, "uuid": f"a{session}{second}", "timestamp": stamp(second),
        "requestId": f"req_{key}", "cwd": "/home/ada/harbor", "version": "2.1.329", "isSidechain": False,
        "message": {
            "id": f"msg_{key}", "role": "assistant", "model": "claude-opus-4-6", "stop_reason": None,
            "content": [block or {"type": "text", "text": f"step {second}"}],
            "usage": {"input_tokens": 3, "cache_read_input_tokens": 900 + len(key) * 7, "cache_creation_input_tokens": 40,
                      "cache_creation": {"ephemeral_5m_input_tokens": 40, "ephemeral_1h_input_tokens": 0},
                      "output_tokens": output},
        },
    }  # fmt: skip


@st.composite
def homes(draw: st.DrawFn) -> dict[str, bytes]:
    """A few Claude sessions; some repeat calls of others, as resumed and forked ones do."""
    files: dict[str, bytes] = {}
    shared = [f"shared{index}" for index in range(4)]
    for number in range(draw(st.integers(1, 3))):
        session = f"{number:08d}-0000-4000-8000-000000000000"
        lines = [prompt(session, number, f"HARB-{number} do the thing")]
        second = 10 + number
        for index in range(draw(st.integers(0, 5))):
            key = draw(st.sampled_from([*shared, f"own{number}{index}"]))
            for _ in range(draw(st.integers(1, 3))):
                second += draw(st.integers(0, 40))
                lines.append(message(session, second, key, draw(st.integers(1, 500))))
        files[f"/home/ada/.claude/projects/harbor/{session}.jsonl"] = encode(lines)
    return files


def watched(files: dict[str, bytes], order: Sequence[tuple[str, int]], looks: bool) -> Fleet:
    """Feeds the files in pieces, in the order given; with `looks`, asks for a picture after every piece."""
    supervisor = Supervisor(PriceTable.shipped())
    transcripts = {path: Transcript(path) for path in files}
    places = dict.fromkeys(files, 0)
    for path, size in [*order, *((path, len(data)) for path, data in files.items())]:
        piece = files[path][places[path] : places[path] + size]
        places[path] += len(piece)
        events = transcripts[path].feed(piece)
        supervisor.feed(path, transcripts[path].agent or "", events)
        if looks:
            supervisor.snapshot(NOW - 1000 + places[path] / 100, MIDNIGHT)
    return supervisor.snapshot(NOW, MIDNIGHT)


def figures(fleet: Fleet) -> list[object]:
    """What must be the same, lane by lane, in an order of its own."""
    return sorted(
        (lane.path, lane.usage, lane.inherited, lane.calls, lane.cost_usd, lane.burn, lane.spark, lane.state, lane.title,
         lane.actions, lane.context, lane.trust, lane.tree_usage, lane.started, lane.last_event)
        for lane in fleet.lanes
    )  # fmt: skip


def once(files: dict[str, bytes]) -> int:
    """The total by a few independent lines: each message id once, each class its largest."""
    best: dict[str, list[int]] = {}
    for data in files.values():
        for line in data.splitlines():
            said = json.loads(line).get("message", {})
            if "usage" in said:
                usage = said["usage"]
                now = [
                    usage[name]
                    for name in (
                        "input_tokens",
                        "cache_read_input_tokens",
                        "cache_creation_input_tokens",
                        "output_tokens",
                    )
                ]
                best[said["id"]] = [max(pair) for pair in zip(now, best.get(said["id"], now), strict=True)]
    return sum(map(sum, best.values()))


@settings(max_examples=examples(120), deadline=None)
@given(st.data(), homes(), st.booleans())
def test_any_split_any_interleaving_and_any_watching_end_in_the_same_figures(data, files, looks):
    pieces = st.lists(st.tuples(st.sampled_from(sorted(files)), st.integers(0, 700)), max_size=40)
    at_once = watched(files, [], looks=False)
    live = watched(files, data.draw(pieces), looks=looks)
    assert figures(live) == figures(at_once)
    assert live.totals == at_once.totals
    assert live.totals_today == at_once.totals_today
    assert at_once.totals.total == once(files)
    assert at_once.totals.total == sum(lane.usage.total for lane in at_once.lanes)
    assert at_once.totals.total == sum(action.usage.total for lane in at_once.lanes for action in lane.actions)


@settings(max_examples=examples(60), deadline=None)
@given(homes(), st.data())
def test_a_file_that_is_read_anew_counts_once(files, data):
    supervisor = Supervisor(PriceTable.shipped())
    for path, content in files.items():
        supervisor.feed(path, "claude", Transcript(path).feed(content))
    for path in data.draw(st.lists(st.sampled_from(sorted(files)), max_size=4)):
        supervisor.forget(path)
        supervisor.feed(path, "claude", Transcript(path).feed(files[path]))
    assert supervisor.snapshot(NOW, MIDNIGHT).totals.total == once(files)
    assert figures(supervisor.snapshot(NOW, MIDNIGHT)) == figures(watched(files, [], looks=False))
