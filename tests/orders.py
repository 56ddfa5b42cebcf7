"""Invented orders, an audit log and a fleet whose lanes are held: for views and screens."""

from __future__ import annotations

from dataclasses import replace

from tests.fleets import harbor
from tests.screen.fake_service import ROUTES
from tui.control.audit import AuditRecord
from tui.model.control import Held, LaneControl, Order, OrderStep, RouteKind, Stage
from tui.model.finding import Verb
from tui.model.snapshot import Fleet, LaneState


def audit_log() -> list[AuditRecord]:
    """Two orders as the log keeps them."""
    who = "ann (pts/1, pid 4711)"
    base = 1778320800.0

    def line(at, verb, lane, order, stage, words, reason="", text="", route="gate"):
        return AuditRecord(base + at, who, verb, lane, order, stage, route, words, reason, text, "s")

    return [
        line(
            0,
            "pause",
            "claude:5f0c21aa",
            "a",
            "requested",
            "pauses before its next tool or model call; nothing is lost",
            "finding stop:1",
        ),
        line(0.21, "pause", "claude:5f0c21aa", "a", "acknowledged", "the gate pauses it at PostToolBatch"),
        line(
            0.4,
            "pause",
            "claude:5f0c21aa",
            "a",
            "took effect",
            "paused before its next model call (0.4 s and 0 tokens later)",
        ),
        line(
            95,
            "close",
            "codex:0b77d1e2",
            "b",
            "requested",
            "writes its closing summary, then ends; after 10 min it is stopped",
            "",
            "Stop here: begin no new work.",
        ),
        line(96.2, "close", "codex:0b77d1e2", "b", "acknowledged", "the gate gave it at PostToolUse"),
        line(695, "close", "codex:0b77d1e2", "b", "overdue", "no end after 600 s: its loop is stopped at the gate"),
        line(
            711,
            "close",
            "codex:0b77d1e2",
            "b",
            "acknowledged",
            "SIGINT to process 812 (its loop did not stop)",
            route="process",
        ),
        line(711.2, "close", "codex:0b77d1e2", "b", "took effect", "process exited", route="process"),
    ]


def held_fleet() -> Fleet:
    """A fleet with a lane in every state that the service make."""
    fleet = harbor()
    words = {
        Held.PAUSING: ("not seen after 10 s: Bash runs for 41 s", True),
        Held.PAUSED: ("paused before its next model call (0.4 s and 0 tokens later)", False),
        Held.REDIRECTING: ("the gate gave it at PostToolBatch", False),
        Held.CLOSING: ("writing its closing summary", False),
        Held.CLOSED: ("process exited", False),
    }
    lanes = list(fleet.lanes)
    for place, (held, (text, overdue)) in enumerate(words.items()):
        control = LaneControl(ROUTES, held, fleet.at - 20, text, overdue, f"{place:04d}")
        lanes[place] = replace(lanes[place], state=LaneState(held.value), control=control)
    return replace(fleet, lanes=tuple(lanes))


def late_pause() -> Order:
    """A pause of the first lane that has not come: its stronger step is offered."""
    fleet = harbor()
    lane, at = fleet.lanes[0], fleet.at - 20
    steps = (
        OrderStep(at, Stage.REQUESTED, RouteKind.GATE, "pauses before its next tool or model call; nothing is lost"),
        OrderStep(at + 0.1, Stage.ACKNOWLEDGED, RouteKind.GATE, "the gate has read it"),
        OrderStep(at + 10, Stage.OVERDUE, RouteKind.GATE, "not seen after 10 s: Bash runs for 41 s"),
    )
    return Order(
        "0000", Verb.PAUSE, lane.id, lane.agent, lane.session, None, RouteKind.GATE, "ann (pts/1, pid 7)", at,
        "finding repetition:go test", "", at + 10, steps, "interrupt it by tmux: Bash is cut off",
    )  # fmt: skip
