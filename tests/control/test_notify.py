"""The notifier: each finding is reported once, several in one notice; old, muted and less severe ones are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.findings import NOW, circling, finding
from tui.control.notify import AGAIN_S, Notice, NoticeRules, Notifier
from tui.model.evidence import LaneId
from tui.model.finding import Finding, FindingKind, Severity
from tui.model.snapshot import Fleet, Scan


class Ear:
    """A channel that stores its notices."""

    def __init__(self) -> None:
        self.heard: list[list[str]] = []
        self.closed = False

    def send(self, notice: Notice) -> None:
        self.heard.append([one.key for one in notice.findings])

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def ear() -> Ear:
    return Ear()


def notifier(ear: Ear, *, muted: set[str] = frozenset(), **rules: object) -> Notifier:
    made = NoticeRules(**rules)  # type: ignore[arg-type]
    return Notifier(made, [ear], lambda one: one if one.key in muted else None, began=NOW)


def fleet(*findings: Finding, scan: Scan | None = None) -> Fleet:
    return replace(circling(), findings=findings, scan=scan or Scan(10, 10, 2, 2))


def new(key: str, after: float = 1.0, **changes: object) -> Finding:
    """A finding that was proven after the notifier started."""
    return finding(key, since=NOW + after, **changes)


def test_a_new_finding_is_reported_once(ear: Ear) -> None:
    told = notifier(ear)
    assert told.take(fleet(), NOW) is None
    made = told.take(fleet(new("a")), NOW + 2)
    assert made is not None
    assert made.findings == (new("a"),)
    for later in range(3, 200, 7):
        assert told.take(fleet(new("a")), NOW + later) is None
    assert ear.heard == [["a"]]


def test_findings_from_before_the_start_are_not_reported(ear: Ear) -> None:
    told = notifier(ear)
    for later in (0, 1, 60):
        told.take(fleet(finding("old", since=NOW - 1)), NOW + later)
    # A session that is continued brings its history with it, which is old too.
    told.take(fleet(finding("old", since=NOW - 1), finding("older", since=NOW - 90_000)), NOW + 61)
    assert ear.heard == []


def test_a_finding_without_a_time_is_old_while_history_is_read(ear: Ear) -> None:
    told = notifier(ear)
    told.take(fleet(finding("first", since=None)), NOW)
    told.take(fleet(finding("first", since=None), finding("read", since=None), scan=Scan(1, 10, 1, 2)), NOW + 1)
    told.take(fleet(finding("first", since=None), finding("read", since=None)), NOW + 2)
    assert ear.heard == []
    told.take(fleet(finding("live", since=None)), NOW + 3)
    assert ear.heard == [["live"]]


def test_a_finding_proven_while_history_is_read_is_reported_at_once(ear: Ear) -> None:
    notifier(ear).take(fleet(new("a"), scan=Scan(1, 10, 1, 2)), NOW + 2)
    assert ear.heard == [["a"]]


def test_several_findings_are_one_notice_with_the_most_severe_first(ear: Ear) -> None:
    told = notifier(ear, severity=Severity.INFO)
    told.take(fleet(new("a", severity=Severity.INFO), new("b", severity=Severity.STOP), new("c")), NOW + 2)
    assert ear.heard == [["b", "c", "a"]]


def test_findings_during_the_cooldown_become_one_notice(ear: Ear) -> None:
    told = notifier(ear, cooldown_s=30)
    told.take(fleet(new("a")), NOW + 2)
    told.take(fleet(new("a"), new("b")), NOW + 3)
    told.take(fleet(new("a"), new("b"), new("c"), new("d")), NOW + 10)
    told.take(fleet(new("a"), new("b"), new("d")), NOW + 31.9)  # c ended before it could be reported
    assert ear.heard == [["a"]]
    told.take(fleet(new("a"), new("b"), new("d")), NOW + 32)
    assert ear.heard == [["a"], ["b", "d"]]


def test_the_same_key_in_another_lane_is_another_finding(ear: Ear) -> None:
    told = notifier(ear, cooldown_s=0)
    told.take(fleet(new("a")), NOW + 2)
    told.take(fleet(new("a"), new("a", lane=LaneId("claude:other"))), NOW + 3)
    told.take(fleet(new("a"), new("a", lane=None)), NOW + 4)
    assert ear.heard == [["a"], ["a"], ["a"]]


def test_a_recurring_finding_is_reported_again_only_after_an_hour(ear: Ear) -> None:
    told = notifier(ear, cooldown_s=0)
    told.take(fleet(new("a")), NOW + 2)
    told.take(fleet(), NOW + 3)
    told.take(fleet(new("a", 60)), NOW + 61)
    assert ear.heard == [["a"]]
    told.take(fleet(), NOW + 62)
    told.take(fleet(), NOW + 62 + AGAIN_S)
    told.take(fleet(new("a", 4000)), NOW + 63 + AGAIN_S)
    assert ear.heard == [["a"], ["a"]]


def test_a_muted_finding_is_not_reported_even_after_unmuting(ear: Ear) -> None:
    muted = {"a"}
    told = notifier(ear, muted=muted)
    told.take(fleet(new("a")), NOW + 2)
    muted.clear()
    told.take(fleet(new("a")), NOW + 3)
    assert ear.heard == []


def test_less_severe_findings_and_other_kinds_are_not_reported(ear: Ear) -> None:
    told = notifier(ear, severity=Severity.WARN, kinds=frozenset({FindingKind.declare("collision")}), cooldown_s=0)
    told.take(fleet(new("mild", severity=Severity.INFO, kind=FindingKind.declare("collision")), new("other")), NOW + 2)
    assert ear.heard == []
    told.take(fleet(new("mild", severity=Severity.WARN, kind=FindingKind.declare("collision"))), NOW + 3)
    assert ear.heard == [["mild"]]


def test_closing_the_notifier_closes_its_channels(ear: Ear) -> None:
    notifier(ear).close()
    assert ear.closed
