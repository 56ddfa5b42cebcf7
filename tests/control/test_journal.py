"""The states that an operator's orders had given lanes at a time, from the audit log."""

from __future__ import annotations

from tui.control.audit import AuditRecord
from tui.control.read_only import ReadOnlyControl
from tui.control.recorded_orders import RecordedOrders
from tui.model.control import Held, Stage
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.snapshot import Fleet

LANE = LaneId("claude:5f0c21aa")


def entry(at: float, verb: Verb, order: str, stage: Stage, words: str = "x", lane: str = LANE) -> AuditRecord:
    return AuditRecord(at, "ann", verb.value, lane, order, stage.value, "gate", words, "", "")


LOG = (
    entry(10, Verb.PAUSE, "a", Stage.REQUESTED),
    entry(11, Verb.PAUSE, "a", Stage.ACKNOWLEDGED),
    entry(12, Verb.PAUSE, "a", Stage.EFFECTIVE, "paused before its next tool"),
    entry(30, Verb.RESUME, "b", Stage.REQUESTED),
    entry(31, Verb.PAUSE, "a", Stage.WITHDRAWN),
    entry(31, Verb.RESUME, "b", Stage.EFFECTIVE),
    entry(40, Verb.REDIRECT, "c", Stage.REQUESTED),
    entry(42, Verb.REDIRECT, "c", Stage.EFFECTIVE),
    entry(60, Verb.CLOSE, "d", Stage.REQUESTED),
    entry(70, Verb.CLOSE, "d", Stage.OVERDUE, "no end after 10 s"),
    entry(80, Verb.CLOSE, "d", Stage.EFFECTIVE),
)


def held(at: float) -> Held | None:
    control = RecordedOrders(LOG).control_at(at).get(LANE)
    return control.held if control else None


def test_the_state_at_each_time():
    told = [(9, None), (10, Held.PAUSING), (11.5, Held.PAUSING), (12, Held.PAUSED), (29, Held.PAUSED)]
    told += [(32, None), (40, Held.REDIRECTING), (43, Held.REDIRECTING), (48, None)]
    told += [(60, Held.CLOSING), (75, Held.CLOSING), (80, Held.CLOSED), (1000, Held.CLOSED)]
    assert [(at, held(at)) for at, _ in told] == told


def test_words_come_from_the_log_and_overdue_is_shown():
    journal = RecordedOrders(LOG)
    assert journal.control_at(20)[LANE].words == "paused before its next tool"
    assert journal.control_at(75)[LANE].overdue


def test_a_resume_ends_a_pause_whose_end_was_not_written():
    log = [one for one in LOG if one.stage != Stage.WITHDRAWN.value]
    assert LANE not in RecordedOrders(log).control_at(35)


def test_refused_orders_and_unknown_lines_hold_no_lane():
    log = [
        entry(1, Verb.PAUSE, "a", Stage.REFUSED),
        AuditRecord(2, "x", "bake", "l", "b", "requested", "gate", "", "", ""),
    ]
    assert RecordedOrders(log).control_at(5) == {}


def test_a_recording_refuses_verbs_and_shows_its_log_up_to_the_time():
    service = ReadOnlyControl(RecordedOrders(LOG), lambda: 12.0)
    (plan,) = service.plans(Verb.PAUSE, [LANE], Fleet(at=12.0, lanes=()))
    assert "recording" in plan.refused
    assert service.give([plan], Fleet(at=12.0, lanes=())) == []
    assert [one.at for one in service.log()] == [10, 11, 12]
    assert service.look(Fleet(at=12.0, lanes=()))[LANE].held is Held.PAUSED
