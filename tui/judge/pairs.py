"""Lanes that go in circles together: one finding for the pair, on the lane that starts the rounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tui.judge.detector import Raised
from tui.judge.exchange import Exchange, ExchangeSummary, Round, Said, Side, SideSummary
from tui.judge.findings.repetition import REPETITION
from tui.model.evidence import Evidence
from tui.model.finding import Severity
from tui.model.frozen import frozen

KNOWN_BY = 2
"""Two lanes are partners if each received at least this many texts of the other."""
STOP_FROM = 8.0
"""Points from which on the severity is `STOP`."""
AT_WORK = 0.5
"""A lane with more changes of files per round than this makes progress, whatever texts it writes."""
SHOWN = 3
TEXT = 40


@frozen
class Party:
    """A lane as a partner: its key, its name, its transcript, its exchange, and the helpers that it started."""

    key: str
    name: str
    path: str
    exchange: Exchange | ExchangeSummary
    helpers: Mapping[str, tuple[str, Evidence]]
    """For each call that started a helper: the helper's name, and its first prompt in its own transcript."""


class Pair(NamedTuple):
    """A finding with the lane that it is on, and with the partner if that is a single lane."""

    key: str
    other: str | None
    began: float | None
    raised: Raised


def pairs(parties: Iterable[Party]) -> list[Pair]:
    """All pairs with a finding, each once."""
    parties = list(parties)
    found: list[Pair] = []
    told: set[frozenset[str]] = set()
    for party in parties:
        if party.exchange.helpers.since is not None:
            found.append(_with_helpers(party, party.exchange.helpers))
        if party.exchange.writing.since is None:
            continue
        other = _partner(party, parties)
        if other is None or frozenset((party.key, other.key)) in told:
            continue
        mine = party.exchange.writing
        began = (mine.first.at if mine.first is not None else None) or 0.0
        if sum(at >= began for at in other.exchange.changes) > AT_WORK * mine.count:
            continue
        told.add(frozenset((party.key, other.key)))
        first, second = _by_beginning(party, other)
        found.append(_with_each_other(first, second, _first_met(party, other)))
    return found


def sender_of(receivers: Sequence[Party], parties: Iterable[Party]) -> Party | None:
    """The lane from which the receivers got the most texts lately; None if there is none.

    One equal text may be chance: a commit message may be another lane's prompt. So two are needed.
    """
    keys = {receiver.key for receiver in receivers}
    best, most = None, KNOWN_BY - 1
    for party in parties:
        if party.key in keys:
            continue
        sent = party.exchange.sent
        count = sum(said.mark in sent for receiver in receivers for said in receiver.exchange.received)
        if count > most:
            best, most = party, count
    return best


def _partner(party: Party, parties: list[Party]) -> Party | None:
    for other in parties:
        if other.key == party.key:
            continue
        there = sum(said.mark in party.exchange.sent for said in other.exchange.received)
        back = sum(said.mark in other.exchange.sent for said in party.exchange.received)
        if there >= KNOWN_BY and back >= KNOWN_BY:
            return other
    return None


def _first_met(one: Party, other: Party) -> float | None:
    """The time of the first known text between the two; None if unknown."""
    met = [said.at for said in other.exchange.received if said.mark in one.exchange.sent]
    met += [said.at for said in one.exchange.received if said.mark in other.exchange.sent]
    return min((at for at in met if at is not None), default=None)


def _by_beginning(one: Party, other: Party) -> tuple[Party, Party]:
    """Both lanes, the one that began the rounds first."""
    times = [party.exchange.writing.first for party in (one, other)]
    first, second = ((said.at or 0.0) if said is not None else float("inf") for said in times)
    if first != second:
        return (one, other) if first < second else (other, one)
    return (one, other) if one.key < other.key else (other, one)


def _with_helpers(party: Party, side: Side | SideSummary) -> Pair:
    last = side.rounds[-1]
    title = (
        f"{side.count} rounds with its subagents repeated what was said before and made no new change to a file: "
        f"asked “{_cut(last.given.text)}”, got “{_cut(last.returned.text)}”"
    )
    evidence: list[Evidence] = []
    for one in list(side.rounds)[-SHOWN:]:
        evidence.append(_evidence("asked", one.given, party))
        known = party.helpers.get(one.call)
        if known is not None:
            evidence.append(known[1])
        evidence.append(_evidence("got", one.returned, party))
    began = side.first.at if side.first is not None else None
    return Pair(party.key, None, began, _raised(side, title, evidence, "helpers"))


def _with_each_other(party: Party, other: Party, began: float | None) -> Pair:
    mine = party.exchange.writing
    side = mine if mine.rounds else other.exchange.writing
    teller = party if mine.rounds else other
    last = side.rounds[-1]
    title = (
        f"this lane and {other.name} exchanged {side.count} rounds of messages that repeat what was said before, and "
        f"made no new change to a file: “{_cut(last.given.text)}”, “{_cut(last.returned.text)}”"
    )
    evidence: list[Evidence] = []
    for one in list(side.rounds)[-SHOWN:]:
        evidence.append(_evidence("wrote", one.given, teller))
        evidence.append(_there(one, other if teller is party else party, teller))
    return Pair(party.key, other.key, began, _raised(side, title, evidence, other.name))


def _there(one: Round, other: Party, teller: Party) -> Evidence:
    """The answer as evidence, in the transcript of the lane that wrote it, or else in that of the lane that read it."""
    written = [said for said in other.exchange.sent.values() if said.text and said.text in one.returned.text]
    return _evidence("wrote", written[-1], other) if written else _evidence("got", one.returned, teller)


def _evidence(what: str, said: Said, party: Party) -> Evidence:
    return Evidence(f"{party.name} {what}: {said.text}", said.at, party.path, said.offset)


def _raised(side: Side | SideSummary, title: str, evidence: list[Evidence], subject: str) -> Raised:
    severity = Severity.STOP if side.points >= STOP_FROM else Severity.WARN
    since = side.since[0] if side.since is not None else None
    return REPETITION.raised(f"pair:{subject}", severity, since, title, tuple(evidence))


def _cut(text: str) -> str:
    return text if len(text) <= TEXT else f"{text[: TEXT - 1]}…"
