"""The Supervisor's pictures: the same while nothing changed, new as soon as anything did."""

from __future__ import annotations

from tui.fleet.state import Thresholds
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.model.event import (
    AssistantText,
    Call,
    LaneInfo,
    Limit,
    Mark,
    Origin,
    Prompt,
    Result,
    State,
    ToolKind,
    UnreadableLine,
    UsageReported,
)
from tui.model.snapshot import LaneState
from tui.model.usage import Usage

AT = 1_000_000.0


def started(**info: object) -> Supervisor:
    supervisor = Supervisor(PriceTable.shipped())
    supervisor.feed(
        "/a.jsonl", "claude", [LaneInfo("", AT, 0, session="s1", **info), Prompt("", AT, 0, "go", Origin.PERSON)]
    )  # type: ignore[arg-type]
    return supervisor


def test_nothing_new_is_the_same_picture():
    supervisor = started()
    first = supervisor.snapshot(AT + 1, 0)
    assert supervisor.snapshot(AT + 1.5, 0) is first
    assert supervisor.snapshot(AT + 1.9, 0).lanes[0] is first.lanes[0]


def test_a_skip_alone_is_news():
    supervisor = started()
    supervisor.snapshot(AT + 1, 0)
    supervisor.feed("", "", [UnreadableLine("/b", 3, 9, "why")])
    assert supervisor.snapshot(AT + 1.1, 0).skipped_lines == 1


def test_a_limit_alone_is_news_and_an_older_word_is_not():
    supervisor = started()
    supervisor.snapshot(AT + 1, 0)
    supervisor.feed("/a.jsonl", "claude", [Limit("", AT + 1, 0, "codex", 300, 40.0, AT + 900)])
    assert supervisor.snapshot(AT + 1.1, 0).limits[0].used_percent == 40.0
    supervisor.feed("/a.jsonl", "claude", [Limit("", AT, 0, "codex", 300, 10.0, AT + 900)])
    assert supervisor.snapshot(AT + 1.2, 0).limits[0].used_percent == 40.0


def test_a_subagent_finds_its_parent_whichever_comes_first():
    for order in (("p", "c"), ("c", "p")):
        supervisor = Supervisor(PriceTable.shipped())
        feeds = {
            "p": (
                "/p.jsonl",
                [LaneInfo("", AT, 0, session="s"), Call("", AT, 0, "t1", "Agent", ToolKind.AGENT, "{}", "x")],
            ),
            "c": (
                "/c.jsonl",
                [
                    LaneInfo("", AT, 0, session="s", agent_id="a1", parent_session="s"),
                    UsageReported("", AT, 0, "k", "m", Usage(output=5)),
                ],
            ),
        }
        for name in order:
            supervisor.feed(feeds[name][0], "claude", feeds[name][1])
        supervisor.feed("/p.jsonl", "claude", [Result("", AT + 1, 0, "t1", True, "", 0, spawned="a1")])
        fleet = supervisor.snapshot(AT + 2, 0)
        assert [(lane.id, lane.parent, lane.depth) for lane in fleet.lanes] == [
            ("claude:s", None, 0),
            ("claude:s/a1", "claude:s", 1),
        ]
        assert fleet.lanes[0].tree_usage.total == 5
        assert fleet.lanes[0].usage.total == 0


def test_circles_of_parents_and_very_deep_descents_end():
    supervisor = Supervisor(PriceTable.shipped())
    for number in range(400):
        parent = f"s{(number + 1) % 400}"
        supervisor.feed(
            f"/{number}.jsonl", "codex", [LaneInfo("", AT + number, 0, session=f"s{number}", parent_session=parent)]
        )
    fleet = supervisor.snapshot(AT + 999, 0)
    assert len(fleet.lanes) == 400
    assert len({lane.id for lane in fleet.lanes}) == 400
    assert max(lane.depth for lane in fleet.lanes) < 120


def test_two_files_of_one_session_are_two_lanes_with_names_of_their_own():
    supervisor = Supervisor(PriceTable.shipped())
    for path in ("/a.jsonl", "/b.jsonl", "/c.jsonl"):
        supervisor.feed(path, "claude", [LaneInfo("", AT, 0, session="5f0c21aa-0000-4000-8000-000000000000")])
    ids = [lane.id for lane in supervisor.snapshot(AT, 0).lanes]
    assert len(set(ids)) == 3
    assert ids[0] == "claude:5f0c21aa"


def test_today_begins_at_the_given_midnight_and_follows_it():
    supervisor = started()
    supervisor.feed(
        "/a.jsonl",
        "claude",
        [
            UsageReported("", AT - 50, 0, "old", "m", Usage(output=1)),
            UsageReported("", AT + 1, 0, "new", "m", Usage(output=2)),
        ],
    )
    assert supervisor.snapshot(AT + 2, AT).totals_today.total == 2
    assert supervisor.snapshot(AT + 3, AT - 100).totals_today.total == 3
    assert supervisor.snapshot(AT + 4, AT + 2).totals_today.total == 0


def test_what_is_taken_back_is_gone_at_once():
    supervisor = started()
    assert len(supervisor.snapshot(AT + 1, 0).lanes) == 1
    supervisor.forget("/a.jsonl")
    assert supervisor.snapshot(AT + 1.1, 0).lanes == ()


def test_a_listener_hears_each_event_after_it_was_taken():
    heard: list[tuple[str, str, int]] = []

    def listen(ledger, judge, event):
        heard.append((event.kind, ledger.session, len(judge.actions())))

    supervisor = Supervisor(PriceTable.shipped(), listener=listen)
    events = [
        LaneInfo("", AT, 0, session="s1"),
        UnreadableLine("/a", 1, 0, "x"),
        Prompt("", AT, 9, "go", Origin.PERSON),
    ]
    supervisor.feed("/a.jsonl", "claude", events)
    assert heard == [("lane", "s1", 0), ("prompt", "s1", 1)]


def test_a_silent_lane_is_looked_at_less_often_and_its_state_is_at_most_half_a_minute_late():
    supervisor = started()
    supervisor.feed("/a.jsonl", "claude", [AssistantText("", AT, 0, "Done."), State("", AT, 0, Mark.TURN_ENDED)])
    made = [(silent, supervisor.snapshot(AT + silent, 0).lanes[0]) for silent in range(1, 700)]
    idle = next(silent for silent, lane in made if lane.state is LaneState.IDLE)
    truly = Thresholds().idle_after_s
    assert truly < idle <= truly + 30
    assert len({id(lane) for silent, lane in made if silent > 200}) < 25


def test_the_snapshot_of_a_silent_lane_is_made_again_when_the_clock_goes_back_or_something_is_new():
    supervisor = started()
    supervisor.feed("/a.jsonl", "claude", [State("", AT, 0, Mark.TURN_ENDED)])
    assert supervisor.snapshot(AT + 400, 0).lanes[0].state is LaneState.WAITING
    assert supervisor.snapshot(AT + 401, 0).at == AT + 401
    assert supervisor.snapshot(AT + 100, 0).lanes[0].state is LaneState.WAITING
    supervisor.feed("/a.jsonl", "claude", [Prompt("", AT + 402, 0, "more", Origin.PERSON)])
    assert supervisor.snapshot(AT + 402, 0).lanes[0].state is not LaneState.WAITING
