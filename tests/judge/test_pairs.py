"""Lanes that go in circles together: one finding for the pair, with evidence from both sides."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.judge.lanes import Script
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.model.event import Call, Event, LaneInfo, Origin, Prompt, Result, ToolKind
from tui.model.finding import Finding

END = 20_000.0
THANKS = (
    "Acknowledged, thanks. Standing by.", "Noted with thanks.", "Thanks, standing by.", "Acknowledged. Noted, thanks.",
)  # fmt: skip
NEWS = (
    "The ferry table has a tide column now, migration 0044.", "Prices read it: berth fees follow the draught.",
    "I renamed Quote to Offer in the web client.", "Offer needs a currency, see issue about Swiss francs.",
    "Currency is in; the invoice test found rounding of half cents.", "Rounding goes to even now, accounts agreed.",
)  # fmt: skip


class Pair:
    """Two sessions that write to each other by a relay."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.ada: list[Event] = [Prompt("", 1000.0, 1, "Do the ferry table.", Origin.PERSON)]
        self.lio: list[Event] = [Prompt("", 1000.0, 1, "Do the price page.", Origin.PERSON)]
        self._count = 0

    def call(self, lane: list[Event], tool: str, args: str, answer: str, kind: ToolKind = ToolKind.MCP) -> None:
        self._count += 1
        self.at += 5
        name = f"call-{self._count}"
        lane.append(Call("", self.at, self._count * 100, name, tool, kind, args, ""))
        self.at += 5
        lane.append(Result("", self.at, self._count * 100 + 50, name, True, answer, len(answer)))

    def message(self, text: str, *, back: bool = False) -> Pair:
        """A message of one lane, which the other one reads."""
        writer, reader, name = (self.lio, self.ada, "lio") if back else (self.ada, self.lio, "ada")
        self.call(writer, "relay__post", f'{{"to":"x","text":"{text}"}}', '{"ok":true}')
        self.call(reader, "relay__wait", '{"timeout_s":300}', f'{{"from":"{name}","text":"{text}"}}')
        return self

    def edit(self, text: str) -> Pair:
        """One of them changes a file."""
        self.call(self.ada, "Edit", f'{{"file_path":"a.py","new_string":"{text}"}}', "updated", ToolKind.EDIT)
        return self

    def findings(self) -> list[Finding]:
        """The loops that are told."""
        supervisor = Supervisor(PriceTable({}, {}))
        for name, events in (("lio", self.lio), ("ada", self.ada)):
            supervisor.feed(f"{name}.jsonl", "claude", [LaneInfo("", 900.0, 0, session=name, cwd=f"/{name}"), *events])
        return loops(supervisor)


def loops(supervisor: Supervisor) -> list[Finding]:
    return [one for one in supervisor.snapshot(END, 0.0).findings if one.kind.value == "repetition"]


def talk(texts: Sequence[str], rounds: int) -> Pair:
    pair = Pair()
    for number in range(rounds):
        pair.message(texts[(2 * number) % len(texts)]).message(texts[(2 * number + 1) % len(texts)], back=True)
    return pair


def test_two_lanes_that_only_thank_each_other_are_told_once_with_evidence_of_both():
    [found] = talk(THANKS, 9).findings()
    assert found.key == "repetition:pair:claude:lio"
    assert found.lane == "claude:ada", "it began"
    assert "rounds of messages" in found.title
    assert {one.path for one in found.evidence} == {"ada.jsonl", "lio.jsonl"}


def test_two_lanes_that_tell_each_other_news_are_left_alone():
    assert not talk(NEWS, 3).findings()


def test_two_lanes_that_thank_each_other_while_files_change_are_left_alone():
    pair = Pair()
    for number in range(9):
        pair.message(THANKS[number % 2]).edit(f"line {number}").message(THANKS[1 + number % 2], back=True)
    assert not [one for one in pair.findings() if "pair:" in one.key]


def test_a_person_who_says_something_new_begins_anew():
    pair = talk(THANKS, 5)
    pair.ada.append(Prompt("", pair.at + 1, 9000, "Now please do the berth table of Calais.", Origin.PERSON))
    assert not [one for one in pair.findings() if "pair:" in one.key]


def test_a_split_of_the_events_changes_nothing():
    pair = talk(THANKS, 9)
    whole = pair.findings()
    supervisor = Supervisor(PriceTable({}, {}))
    supervisor.feed("ada.jsonl", "claude", [LaneInfo("", 900.0, 0, session="ada", cwd="/ada")])
    supervisor.feed("lio.jsonl", "claude", [LaneInfo("", 900.0, 0, session="lio", cwd="/lio")])
    for cut in range(0, max(len(pair.ada), len(pair.lio)), 3):
        supervisor.feed("ada.jsonl", "claude", pair.ada[cut : cut + 3])
        supervisor.snapshot(2000.0, 0.0)
        supervisor.feed("lio.jsonl", "claude", pair.lio[cut : cut + 3])
    assert loops(supervisor) == whole


def foreman(orders: Sequence[str], answers: Sequence[str], rounds: int, edits: Sequence[str] = ()) -> Supervisor:
    """A lane that starts a helper in each round."""
    script = Script()
    script.prompt("Implement the stock sender as in docs/station.md")
    supervisor = Supervisor(PriceTable({}, {}))
    helpers: list[tuple[str, list[Event]]] = []
    for number in range(rounds):
        order, answer = orders[number % len(orders)], answers[number % len(answers)]
        if edits:
            script.edit("src/sender.rs", edits[number % len(edits)])
        call, helper = f"task-{number}", f"h{number:03}"
        script.at += 10
        place = 100_000 + number * 1000
        script.events.append(
            Call("", script.at, place, call, "Agent", ToolKind.AGENT, f'{{"prompt":"{order}"}}', order[:20])
        )
        info = LaneInfo("", script.at + 1, 0, session="f-1", agent_id=helper, parent_call=call, cwd="/repo")
        helpers.append((f"{helper}.jsonl", [info, Prompt("", script.at + 1, 10, order, Origin.AGENT)]))
        script.at += 30
        script.events.append(Result("", script.at, place + 1, call, True, answer, len(answer), spawned=helper))
    supervisor.feed("f-1.jsonl", "claude", [LaneInfo("", 900.0, 0, session="f-1", cwd="/repo"), *script.events])
    for path, events in helpers:
        supervisor.feed(path, "claude", events)
    return supervisor


REVIEW = "Review the diff of src/sender.rs and say approve or what to change."
WANTS = ("Changes requested: take this out into a helper.", "Changes requested: inline this, no helper is needed.")


def test_an_author_and_a_reviewer_who_set_a_file_back_and_forth_are_told_once():
    supervisor = foreman([REVIEW], WANTS, 10, ["fn send() { inline }", "fn send() { helper() }"])
    [found] = loops(supervisor)
    assert found.key == "repetition:pair:helpers"
    assert found.lane == "claude:f-1"
    assert {one.path for one in found.evidence} > {"f-1.jsonl"}
    assert any("was asked: Review the diff" in one.text for one in found.evidence)


@pytest.mark.parametrize(
    ("orders", "answers", "edits"),
    [
        ([REVIEW], [f"Changes requested: {word}." for word in ("rename x to berth", "handle empty lists", "no unwrap here")], ["a", "b", "c"]),
        ([f"Ticket {number}: settle the fares of port {number}." for number in range(100, 110)], ["The ticket is done, all checks pass."], []),
    ],
    ids=["a review that converges", "a queue of tickets"],
)  # fmt: skip
def test_helpers_that_get_on_are_left_alone(orders, answers, edits):
    rounds = 3 if edits else 10
    assert not [one for one in loops(foreman(orders, answers, rounds, edits)) if "pair:" in one.key]
