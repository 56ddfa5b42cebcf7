"""Nothing told to one Supervisor is seen by another, also where one reads shards of the other."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.replay.playing import SAMPLES, loaded, midnight, recorded, supervisor
from tui.fleet.refresh import EXACT
from tui.fleet.supervisor import Supervisor
from tui.judge.findings.collision import Touch
from tui.model.control import Held, LaneControl
from tui.model.event import LaneInfo, Origin, Prompt
from tui.model.snapshot import ProcessFact, Scan
from tui.replay.checkpoints import ReplayIndexer

RECORDING = recorded(SAMPLES / "findings" / "collision" / "raised")
AT = RECORDING.end


def test_control_told_to_the_cursor_is_not_seen_in_the_whole():
    player = loaded(recorded(SAMPLES / "loop"))
    player.seek(player.last)
    lanes = [lane.id for lane in player.snapshot().lanes]
    before = player.whole()
    player.supervisor.apply_control({lane: LaneControl(held=Held.PAUSED, since=player.at) for lane in lanes})
    assert {lane.state.value for lane in player.snapshot().lanes} == {"paused"}
    after = player.whole()
    assert after == before
    assert all(one is other for one, other in zip(after.lanes, before.lanes, strict=True))


def indexed() -> ReplayIndexer:
    """What owns all shards."""
    indexer = ReplayIndexer(RECORDING, supervisor(EXACT), midnight)
    while indexer.step(1 << 20):
        pass
    return indexer


def borrower_of(indexer: ReplayIndexer) -> Supervisor:
    """A Supervisor that borrows every shard that can be lent."""
    borrower = supervisor(EXACT)
    shards = [indexer.lend(members[0]) for members in RECORDING.groups.all()]
    borrower.exchange_shards(
        indexer.writes([len(log) for log in RECORDING.logs]), borrow=[shard for shard in shards if shard is not None]
    )
    return borrower


PATHS = [log.path for log in RECORDING.logs]
INDEXER = indexed()
LANES = [lane.id for lane in INDEXER.supervisor.snapshot(AT, midnight(AT)).lanes]
SESSIONS = [(lane.agent, lane.session, lane.cwd) for lane in INDEXER.supervisor.snapshot(AT, midnight(AT)).lanes]

CONTROLS = st.dictionaries(
    st.sampled_from(LANES),
    st.builds(LaneControl, held=st.sampled_from([None, *Held]), since=st.just(AT), words=st.text("ab ", max_size=3)),
)
PROCESSES = st.lists(
    st.builds(
        lambda who, status: ProcessFact(7, who[1], None, who[2], who[0], status, None, None, "registry"),
        st.sampled_from(SESSIONS),
        st.sampled_from([None, "busy", "idle", "waiting"]),
    ),
    max_size=3,
)
TOLD = st.one_of(
    st.tuples(st.just("control"), CONTROLS),
    st.tuples(st.just("processes"), PROCESSES),
    st.tuples(st.just("registries"), st.lists(st.just("/"), max_size=1)),
    st.tuples(st.just("owner"), st.sampled_from(["", "of a bundle"])),
    st.tuples(st.just("scan"), st.integers(0, 9)),
    st.tuples(st.just("day"), st.floats(AT - 90_000, AT)),
    st.tuples(st.just("writes"), st.sampled_from(PATHS)),
    st.tuples(st.just("child"), st.sampled_from(SESSIONS)),
    st.tuples(st.just("time"), st.floats(-7200, 90_000)),
)


def tell(told: Supervisor, kind: str, what: object) -> None:
    if kind == "control":
        told.apply_control(what)
    elif kind == "processes":
        told.observe(what, [])
    elif kind == "registries":
        told.observe([], what)
    elif kind == "owner":
        for path in PATHS:
            told.apply_owner(path, what)
    elif kind == "scan":
        told.set_scan(Scan(what, 9, what, 9))
    elif kind == "day":
        told.turn_day(what)
    elif kind == "writes":
        told.exchange_shards([Touch(f"{path}\0", "/home/mara/x.py", AT - 1, what, 0) for path in PATHS])
    elif kind == "child":
        agent, session, _ = what
        info = LaneInfo("", AT, 0, session=f"child of {session}", parent_session=session)
        told.feed(f"/{session}.jsonl", agent, [info, Prompt("", AT, 9, "go", Origin.PERSON)], told.new_shard())


@settings(max_examples=40, deadline=None)
@given(st.lists(TOLD, min_size=1, max_size=4))
def test_what_a_borrower_is_told_is_not_seen_by_the_owner(said):
    assert is_unseen(borrower_of(INDEXER), INDEXER.supervisor, said)


@settings(max_examples=10, deadline=None)
@given(st.lists(TOLD, min_size=1, max_size=4))
def test_what_the_owner_is_told_is_not_seen_by_a_borrower(said):
    indexer = indexed()
    assert is_unseen(indexer.supervisor, borrower_of(indexer), said)


def is_unseen(told: Supervisor, other: Supervisor, said: list) -> bool:
    """True if the other's snapshot is equal after all was told, though it is made anew."""
    before = other.snapshot(AT, midnight(AT))
    for kind, what in said:
        tell(told, kind, what)
        told.snapshot(AT + what if kind == "time" else AT, midnight(AT))
    other.set_scan(Scan(1, 2, 1, 2))
    after = other.snapshot(AT, midnight(AT))
    other.set_scan(before.scan)
    assert after is not before
    return replace(after, scan=before.scan, version=before.version) == before
