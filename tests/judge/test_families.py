"""Families of actions: when the next one differs by label alone, and when a batch gets on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.judge import foremen
from tests.judge.lanes import Script
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.model.event import Event, LaneInfo, Prompt
from tui.model.finding import FindingKind
from tui.model.snapshot import Fleet

VERBS = [
    "refund-hold",
    "reissue-ticket",
    "waive-fee",
    "swap-vessel",
    "close-case",
    "assign-owner",
    "merge-party",
    "void-voucher",
    "lift-ban",
]


TOPICS = (
    "token_expiry_cookie", "invoice_rounding_vat", "index_stemming_rank", "bounce_queue_smtp", "trail_signature_chain",
    "csv_columns_locale", "deck_cabin_hold", "season_discount_rule", "shift_rest_roster",
)  # fmt: skip


def prove(script: Script, number: int, verb: str, *, checks: str = "ok 3 guards", ok: bool = True) -> Script:
    """One action of the loop: the same proof under another label."""
    script.prompt(f"S{number:03} prove the operator action {verb} in the envelope")
    script.read("internal/operator/envelope.go", "package operator\nfunc Run() {}\n// guards: session route tenant")
    name = verb.replace("-", "_")
    script.edit(f"internal/operator/{name}.go", f"func {name}() in the envelope")
    script.run(f"go test -run Test_{name} ./internal/operator", f"ok internal/operator {number / 100:.2f}s", ok=ok)
    script.run("go test -run TestGuards ./internal/session", checks)
    script.run(
        f"./scripts/prove.sh {verb}", f"POST /operator/{verb} 200 request {number * 7919:08x}\naudit row written"
    )
    return script.spend(11_000_000).say(f"{verb} is proven.").end()


def early(script: Script) -> Script:
    """Three actions that are really different."""
    script.prompt("S001 build the envelope for operator actions")
    script.read("docs/plan.md", "the plan\nsessions first").edit("internal/session/guard.go", "func Guard()")
    script.run("go vet ./...", "no issues").run("go test ./internal/session", "FAIL TestGuard: no tenant", ok=False)
    script.edit("internal/session/guard.go", "func Guard(tenant)").run("go test ./internal/session", "ok").spend(
        9_000_000
    ).end()
    script.prompt("S002 close the hole in route scope")
    script.run("rg -n route internal", "internal/route/scope.go:4: func Scope").edit("internal/route/scope.go", "deny")
    script.run("make lint", "clean").spend(9_000_000).end()
    script.prompt("S003 the tenant check needs an index")
    script.run("psql -c 'explain select'", "Seq Scan on tenants").edit("migrations/0007.sql", "create index")
    script.run("make migrate", "0007 applied").spend(9_000_000).end()
    return script


def fleet_of(events: list[Event]) -> Fleet:
    supervisor = Supervisor(PriceTable({}, {}))
    supervisor.feed("lane.jsonl", "claude", [LaneInfo("", 900.0, 0, session="s-1"), *events])
    last = max(event.at or 0.0 for event in events)
    return supervisor.snapshot(last + 1, 0.0)


def kinds(fleet: Fleet) -> set[str]:
    return {finding.kind.value for finding in fleet.findings}


def test_stop_is_raised_where_the_fourth_label_begins():
    script = early(Script())
    for number, verb in enumerate(VERBS[:3], start=4):
        prove(script, number, verb)
    assert not fleet_of(script.events).findings
    script.prompt(f"S007 prove the operator action {VERBS[3]} in the envelope")
    began = script.at
    fleet = fleet_of(script.events)
    [stop] = [finding for finding in fleet.findings if finding.kind is FindingKind.STOP]
    assert stop.since == began
    assert stop.severity == "stop"
    assert "for 4 prompts that differ only in a name, with the same checks and results: S004 to S007" in stop.title
    [family] = fleet.families
    assert family.template == "S<n> prove the operator action <…> in the envelope"
    assert [member.words for member in family.members[:3]] == [(verb,) for verb in VERBS[:3]]
    assert all(condition.holds for condition in family.conditions)
    assert family.answer.startswith("nothing new") or "S006 0%" in family.answer


def test_the_tokens_since_are_those_of_the_members_from_the_flag_on():
    script = early(Script())
    for number, verb in enumerate(VERBS, start=4):
        prove(script, number, verb)
    fleet = fleet_of(script.events)
    stop = next(finding for finding in fleet.findings if finding.kind is FindingKind.STOP)
    assert stop.tokens_since == 11_000_000 * (len(VERBS) - 3)
    assert fleet.families[0].tokens == 11_000_000 * len(VERBS)
    assert FindingKind.OWED_OUTPUT in kinds(fleet)


def test_a_lesser_word_on_the_same_family_is_not_said_beside_the_graver_one():
    script = early(Script())
    for number, verb in enumerate(VERBS, start=4):
        prove(script, number, verb)
    assert not kinds(fleet_of(script.events)) & {"family_too_long", "substitution_name"}


def test_guardrails_that_change_are_no_proven_envelope():
    script = early(Script())
    for number, verb in enumerate(VERBS, start=4):
        prove(script, number, verb, ok=number % 2 == 0)
    found = kinds(fleet_of(script.events))
    assert "stop" not in found


def test_an_output_that_was_owed_ends_it():
    script = early(Script())
    for number, verb in enumerate(VERBS[:5], start=4):
        prove(script, number, verb)
    script.prompt("S009 coverage matrix of the operator actions in the envelope, then close out")
    script.edit("docs/coverage.md", "| action | session | route |").run("make docs", "written").end()
    fleet = fleet_of(script.events)
    assert not fleet.findings
    assert any(finding.kind is FindingKind.STOP and finding.until for finding in fleet.past_findings)


def test_a_new_frontier_ends_it():
    script = early(Script())
    for number, verb in enumerate(VERBS[:5], start=4):
        prove(script, number, verb)
    script.prompt("Why does the nightly report run out of memory?")
    script.read("report.py", "def report(): rows").run("ps aux", "report 900 MB")
    assert not fleet_of(script.events).findings


def test_a_migration_over_modules_is_a_batch_that_gets_on():
    script = Script()
    for number, name in enumerate(["auth", "billing", "search", "mail", "audit", "export", "seats", "fares", "crew"]):
        script.prompt(f"Migrate package {name} to the new client")
        what = TOPICS[number]
        script.read(
            f"packages/{name}/client.py", "\n".join(f"{word} = {what}({word[::-1]})" for word in what.split("_"))
        )
        script.edit(f"packages/{name}/client.py", f"class Client: {what}")
        script.run(f"pytest packages/{name}", f"{7 + number} passed in 0.{number}s\n{what} covers {60 + number}%")
        script.spend(50_000).end()
    fleet = fleet_of(script.events)
    assert not fleet.findings


def test_a_finite_batch_says_so_and_is_left_alone():
    script = Script()
    for number in range(1, 12):
        prove(script, number, VERBS[number % len(VERBS)])
    count = iter(range(1, 41))
    told = [
        replace(event, text=f"{event.text} ({next(count)} of 40)") if isinstance(event, Prompt) else event
        for event in script.events
    ]
    assert not fleet_of(told).findings


def test_short_talk_neither_joins_nor_ends_a_family():
    script = early(Script())
    for number, verb in enumerate(VERBS[:5], start=4):
        prove(script, number, verb)
        script.prompt("ok, go on").say("Going on.").end()
    assert "stop" in kinds(fleet_of(script.events))


def test_over_lanes_in_the_order_of_time():
    supervisor = Supervisor(PriceTable({}, {}))
    scripts: list[tuple[str, Script]] = []
    at = 1000.0
    for number, verb in enumerate(VERBS[:5], start=4):
        script = prove(Script(at), number, verb)
        at = script.at
        scripts.append((f"worker-{number}", script))
    for name, script in reversed(scripts):  # history comes newest first
        info = LaneInfo("", script.events[0].at, 0, session=name, cwd="/home/mara/harbor")
        supervisor.feed(f"{name}.jsonl", "codex", [info, *script.events])
        supervisor.snapshot(at, 0.0)
    fleet = supervisor.snapshot(at + 1, 0.0)
    [stop] = [finding for finding in fleet.findings if finding.kind is FindingKind.STOP]
    assert stop.lane == "codex:worker-8"
    assert stop.since == scripts[3][1].events[0].at


def test_two_foremen_side_by_side_in_one_folder_are_two_families():
    supervisor = Supervisor(PriceTable({}, {}))
    for name, start, first in (("one", 1000.0, 88), ("two", 1030.0, 401)):
        script = Script(start)
        for number, verb in enumerate(VERBS[:6], start=first):
            prove(script, number, verb)
        info = LaneInfo("", start, 0, session=name, cwd="/home/mara/harbor")
        supervisor.feed(f"{name}.jsonl", "codex", [info, *script.events])
    fleet = supervisor.snapshot(script.at + 1, 0.0)
    stops = [finding for finding in fleet.findings if finding.kind is FindingKind.STOP]
    assert {stop.lane for stop in stops} == {"codex:one", "codex:two"}
    for stop in stops:
        paths = {evidence.path for evidence in stop.evidence if evidence.path is not None}
        assert paths == {f"{str(stop.lane).removeprefix('codex:')}.jsonl"}


@settings(max_examples=examples(25), deadline=None)
@given(st.data())
def test_findings_do_not_depend_on_how_the_events_come(data: st.DataObject):
    script = early(Script())
    for number, verb in enumerate(VERBS[:6], start=4):
        prove(script, number, verb)
    for _ in range(8):
        script.run("make deploy", "error: no credentials", ok=False)
    whole = fleet_of(script.events)
    events: list[Event] = [LaneInfo("", 900.0, 0, session="s-1"), *script.events]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=6)))
    supervisor = Supervisor(PriceTable({}, {}))
    begin = 0
    for cut in [*cuts, len(events)]:
        part = events[begin:cut]
        supervisor.feed("lane.jsonl", "claude", part)
        supervisor.snapshot(max([event.at or 0.0 for event in part], default=0.0), 0.0)
        begin = cut
    fleet = supervisor.snapshot(script.at + 1, 0.0)
    assert fleet.findings == whole.findings
    assert fleet.past_findings == whole.past_findings
    assert [(family.id, family.members, family.conditions) for family in fleet.families] == [
        (family.id, family.members, family.conditions) for family in whole.families
    ]


@pytest.mark.parametrize("title", ["fix cache leak", "design billing api", "S091 why does it fail?"])
def test_other_names_are_no_substitution(title):
    from tui.judge.names import fits

    assert not fits("S090 operator action assign-owner proof", title)


def test_names_by_substitution():
    from tui.judge.names import fits

    assert fits("S090 operator action assign-owner proof", "S091 operator action close-ticket proof")


@pytest.mark.parametrize("title", ["Checked limited pieces further", "Another limited piece, checking waive-fee"])
def test_names_in_words_of_the_family(title):
    from tui.judge.names import is_related

    assert is_related(["Next bounded slice: prove it", "Further limited pieces: check it"], title)
    assert not is_related(
        ["Next bounded slice: prove it", "Further limited pieces: check it"], "Why is the report empty?"
    )


def test_tags_of_a_client_make_no_names_alike():
    from tui.judge.names import is_related

    earlier = [
        '<teammate-message teammate_id="a" summary="Docks are done">',
        '<teammate-message teammate_id="b" summary="Fares">',
    ]
    assert not is_related(earlier, '<teammate-message teammate_id="c" summary="Rosters wrap at midnight">')


FORMS: dict[str, Callable[..., Supervisor]] = {
    "one lane": foremen.one_lane,
    "subagents": foremen.subagents,
    "sessions": foremen.sessions,
    "sessions beside their foreman's": partial(foremen.sessions, agent="codex"),
    "sessions in copies": partial(foremen.sessions, folder="/home/mara/harbor-w{}"),
    "sessions in worktrees": partial(foremen.sessions, folder="/home/mara/harbor/.worktrees/task-{}-x"),
}
END = 20_000.0


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("words", [foremen.numbered, foremen.in_synonyms, foremen.held_out])
@pytest.mark.parametrize("work", [foremen.proof, foremen.uneven_proof])
def test_the_sixth_round_is_told_whatever_it_is_called_and_whoever_works(form, words, work):
    for seed in range(3):
        fleet = FORMS[form](words, work, rounds=6, seed=seed).snapshot(END, 0.0)
        assert {"stop", "family_too_long"} & set(foremen.told(fleet)), seed


@pytest.mark.parametrize("form", FORMS)
def test_rounds_are_told_whose_orders_do_not_say_what_they_are_about(form):
    for seed in range(3):
        fleet = FORMS[form](foremen.without_label, foremen.proof, rounds=6, seed=seed).snapshot(END, 0.0)
        assert {"stop", "family_too_long"} & set(foremen.told(fleet)), seed


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("words", [foremen.numbered, foremen.in_synonyms, foremen.held_out, foremen.without_label])
def test_a_foreman_that_works_off_a_list_of_modules_is_left_alone(form, words):
    for seed in range(2):
        fleet = FORMS[form](words, foremen.module_work, rounds=12, seed=seed).snapshot(END, 0.0)
        assert not [one for one in (*fleet.findings, *fleet.past_findings) if one.kind.value in foremen.FAMILY]


@pytest.mark.parametrize("words", [foremen.numbered, foremen.in_synonyms, foremen.held_out, foremen.without_label])
def test_a_stop_never_says_that_something_is_new(words):
    seen = 0
    for seed in range(6):
        for rounds in range(4, 10):
            fleet = foremen.one_lane(words, foremen.uneven_proof, rounds, seed).snapshot(END, 0.0)
            for finding in fleet.findings:
                if finding.kind is FindingKind.STOP:
                    [family] = [one for one in fleet.families if one.id == finding.family]
                    assert all(condition.holds for condition in family.conditions)
                    assert family.answer.startswith(("nothing new", "almost nothing new", "little new"))
                    seen += 1
    assert seen


@pytest.mark.parametrize("form", [form for form in FORMS if form != "one lane"])
def test_the_verb_is_for_the_foreman_while_it_lives(form):
    supervisor = FORMS[form](foremen.in_synonyms, foremen.proof, rounds=6)
    last = max(lane.last_event or 0.0 for lane in supervisor.snapshot(END, 0.0).lanes)
    [stop] = [one for one in supervisor.snapshot(last + 1, 0.0).findings if one.kind is FindingKind.STOP]
    assert (stop.suggest, stop.suggest_for) == (
        "close",
        "claude:f-1" if form != "sessions beside their foreman's" else "codex:f-1",
    )
