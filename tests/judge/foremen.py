"""Foremen: rounds of work that are handed out one after the other, in one lane, to subagents or to fresh sessions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tests.judge.lanes import Script
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.model.event import Call, Event, LaneInfo, Origin, Result, ToolKind
from tui.model.snapshot import Fleet

LABELS = (
    "refund-hold", "reissue-ticket", "waive-fee", "swap-vessel", "close-case", "assign-owner", "merge-party",
    "void-voucher", "lift-ban", "split-berth", "move-crate", "flag-guest",
)  # fmt: skip

Words = Callable[[Random, int, str], str]
"""Gives the prompt of a round from its number and its label."""


def numbered(random: Random, number: int, label: str) -> str:
    """The same words each time."""
    del random
    return f"S{number:03} prove the operator action {label} in the envelope"


_ORDER = ("next", "following", "another", "one more", "subsequent", "further", "additional", "a fresh")
_SIZE = ("bounded", "limited", "scoped", "small", "narrow", "contained", "tight", "compact")
_PIECE = ("slice", "piece", "increment", "step", "chunk", "portion", "unit", "part")
_SHOW = ("prove", "verify", "demonstrate", "confirm", "validate", "show", "establish", "check")


def in_synonyms(random: Random, number: int, label: str) -> str:
    """Other words each time, which mean the same."""
    return (
        f"{_ORDER[number % 8].capitalize()} {random.choice(_SIZE)} {random.choice(_PIECE)}: "
        f"{_SHOW[(number * 3) % 8]} {label}"
    )


def without_label(random: Random, number: int, label: str) -> str:
    """Other words each time; what it is about stands in a file that the worker reads."""
    del label
    return f"{_ORDER[(number * 5) % 8].capitalize()} {random.choice(_SIZE)} {random.choice(_PIECE)}, as agreed."


_HELD_OUT = (
    "Carry on with {0}, just that and no more.",
    "Time for {0} now; keep it to a minimum.",
    "{0} is up. Same guard rails, report when green.",
    "Let us tick off {0} as well.",
    "Your assignment: make sure {0} behaves.",
    "We still lack evidence for {0}. Get it.",
    "Kindly do {0}, then stop and tell me.",
    "Go ahead and cover {0} in like manner.",
    "Pick up {0}. Nothing outside of it.",
    "Round {1}, subject {0}: gather the usual evidence.",
    "After that, see to {0}.",
    "Yet another: {0}. Be brief.",
)


def held_out(random: Random, number: int, label: str) -> str:
    """Words that were written down once and that no rule was tuned on."""
    del random
    return _HELD_OUT[number % len(_HELD_OUT)].format(label, number)


Work = Callable[[Script, Random, int, str], None]


def proof(script: Script, random: Random, number: int, label: str) -> None:
    """The work of a round that proves what was proven before, under another label."""
    name = label.replace("-", "_")
    script.read("CLAUDE.md", "# Rules\nGo 1.25. Tests before commits.")
    script.read("internal/operator/envelope.go", "package operator\nfunc Run() {}\n// guards: session route tenant")
    if random.random() < 0.3:
        script.run(f"rg -n {name} internal", "")
    script.edit(f"internal/operator/{name}.go", f"package operator\\n\\nfunc {name}() {{\\n\\treturn Run({label})\\n}}")
    script.run(f"go test -run Test_{name} ./internal/operator", f"ok internal/operator {random.random():.2f}s")
    if random.random() < 0.2:
        script.run("git status --short", f" M internal/operator/{name}.go")
    script.run("go test -run TestGuards ./internal/session", "ok 3 guards")
    request = random.randrange(1 << 32)
    script.run(f"./scripts/prove.sh {label}", f"POST /operator/{label} 200 request {request:08x}\naudit row written")
    script.spend(11_000_000).say(f"{label} is proven.")


def uneven_proof(script: Script, random: Random, number: int, label: str) -> None:
    """The same work with more or less around it: other looks, a test that fails once, a look at the difference."""
    name = label.replace("-", "_")
    looks = (
        ("cat docs/plan.md", "the plan\nsessions first"), ("git log --oneline -3", "1a2b3c4 envelope"),
        ("ls internal/operator", "envelope.go\nguards.go"), ("git diff --stat", " 1 file changed"),
        ("go version", "go version go1.25 linux/amd64"),
    )  # fmt: skip
    script.read("CLAUDE.md", "# Rules\nGo 1.25. Tests before commits.")
    for command, answer in random.sample(looks, random.randrange(3)):
        script.run(command, answer)
    script.read("internal/operator/envelope.go", "package operator\nfunc Run() {}\n// guards: session route tenant")
    script.edit(f"internal/operator/{name}.go", f"package operator\\n\\nfunc {name}() {{\\n\\treturn Run({label})\\n}}")
    if random.random() < 0.3:
        script.run(f"go test -run Test_{name} ./internal/operator", f"undefined: {name}\nFAIL", ok=False)
        script.edit(f"internal/operator/{name}.go", f"import operator {name}")
    script.run(f"go test -run Test_{name} ./internal/operator", f"ok internal/operator {random.random():.2f}s")
    script.run("go test -run TestGuards ./internal/session", "ok 3 guards")
    request = random.randrange(1 << 32)
    script.run(f"./scripts/prove.sh {label}", f"POST /operator/{label} 200 request {request:08x}\naudit row written")
    if random.random() < 0.4:
        script.run(f"git commit -qam 'operator: {label}'", "")
    script.spend(11_000_000).say(f"{label} is proven.")


MODULES = (
    ("auth", "token_expiry cookie_domain refresh_race", "sessions expire at midnight UTC, not local"),
    ("billing", "invoice_rounding vat_id dunning", "half cents are rounded twice in totals"),
    ("search", "stemming rank boost_field", "umlauts are stemmed before they are folded"),
    ("mail", "bounce_queue smtp_starttls retries", "a bounce without an id blocks the queue"),
    ("audit", "trail_signature chain clock_skew", "the chain breaks where two rows share an instant"),
    ("export", "csv_locale columns quoting", "semicolons in names split a column"),
    ("seats", "deck cabin hold_release", "a hold that expires in checkout frees the wrong cabin"),
    ("fares", "season discount child_rate", "child rates stack with the off-season discount"),
    ("crew", "shift roster rest_hours", "rest hours wrap at the change of the year"),
    ("docks", "berth tide draught", "draught is compared in feet and metres"),
    ("cargo", "manifest weight hazard", "the hazard class is lost where two crates are merged"),
    ("notify", "channel quiet_hours digest", "quiet hours are taken in the server's zone"),
)
"""Modules of a list: the name, what is in it, and what is found there."""


def module_work(script: Script, random: Random, number: int, label: str) -> None:
    """The work of a round on a module of its own, in one manner."""
    name, inside, found = MODULES[number % len(MODULES)]
    del label
    script.read("CLAUDE.md", "# Rules\nGo 1.25. Tests before commits.")
    script.read(f"packages/{name}/client.go", "\n".join(f"func {word}(in {word}) error {{" for word in inside.split()))
    first, *rest = inside.split()
    script.edit(f"packages/{name}/client.go", f"func {first}(ctx Context) error {{\\n\\t// {found}")
    count = random.randrange(5, 60)
    script.run(f"go test ./packages/{name}", f"--- FAIL: Test_{first}: {found}\nFAIL", ok=False)
    script.edit(f"packages/{name}/client.go", "\\n".join(f"\\tif err := {word}(ctx); err != nil" for word in rest))
    script.run(f"go test ./packages/{name}", f"ok packages/{name} {count} tests\ncoverage of {first} {count + 20}%")
    script.run("go vet ./...", "")
    script.spend(900_000).say(f"{name}: {found}; mended.")


def one_lane(words: Words, work: Work = proof, rounds: int = 8, seed: int = 1) -> Supervisor:
    """A worker that is prompted again and again."""
    random = Random(seed)
    script = Script()
    for number in range(rounds):
        script.prompt(words(random, number, LABELS[number % len(LABELS)]), Origin.AGENT)
        work(script, random, number, LABELS[number % len(LABELS)])
        script.end()
    supervisor = Supervisor(PriceTable({}, {}))
    supervisor.feed(
        "worker.jsonl", "claude", [LaneInfo("", 900.0, 0, session="w-1", cwd="/home/mara/harbor"), *script.events]
    )
    return supervisor


def subagents(words: Words, work: Work = proof, rounds: int = 8, seed: int = 1) -> Supervisor:
    """A foreman whose one turn starts a fresh subagent for each round."""
    random = Random(seed)
    foreman = Script()
    foreman.prompt("Work off the operator actions until all are proven.")
    files: list[tuple[str, list[Event]]] = []
    for number in range(rounds):
        label = LABELS[number % len(LABELS)]
        order = words(random, number, label)
        worker = Script(foreman.at + 1)
        worker.prompt(order, Origin.AGENT)
        work(worker, random, number, label)
        worker.end()
        call = f"task-{number}"
        foreman.at += 1
        foreman.events.append(
            Call(
                "",
                foreman.at,
                number * 1000 + 1,
                call,
                "Agent",
                ToolKind.AGENT,
                f'{{"prompt":"{order}"}}',
                f"round {number}",
            )
        )
        foreman.at = worker.at + 2
        done = f"{label} is proven." if work is proof else f"{MODULES[number % len(MODULES)][2]}; mended."
        foreman.events.append(
            Result("", foreman.at, number * 1000 + 2, call, True, done, len(done), spawned=f"a{number:03}")
        )
        foreman.spend(300_000)
        info = LaneInfo(
            "",
            worker.events[0].at,
            0,
            session="f-1",
            agent_id=f"a{number:03}",
            parent_call=call,
            cwd="/home/mara/harbor",
        )
        files.append((f"agent-a{number:03}.jsonl", [info, *worker.events]))
    supervisor = Supervisor(PriceTable({}, {}))
    supervisor.feed(
        "f-1.jsonl", "claude", [LaneInfo("", 900.0, 0, session="f-1", cwd="/home/mara/harbor"), *foreman.events]
    )
    for path, events in files:
        supervisor.feed(path, "claude", events)
    return supervisor


def sessions(
    words: Words,
    work: Work = proof,
    rounds: int = 8,
    seed: int = 1,
    folder: str = "/home/mara/harbor",
    agent: str = "claude",
) -> Supervisor:
    """A foreman whose one turn starts a fresh session of its own for each round.

    `folder` may have `{}` for a number, `agent` is the foreman's own.
    """
    random = Random(seed)
    foreman = Script()
    foreman.prompt("Work off the operator actions until all are proven.")
    files: list[tuple[str, list[Event]]] = []
    for number in range(rounds):
        label = LABELS[number % len(LABELS)]
        order = words(random, number, label)
        worker = Script(foreman.at + 6)
        worker.prompt(order, Origin.PERSON)
        work(worker, random, number, label)
        worker.end()
        foreman.at += 1
        seconds = worker.at - foreman.at
        foreman.run(
            f"codex exec '{order}'", f"{label} is proven." if work is proof else f"{label}: mended.", seconds=seconds
        )
        foreman.spend(300_000)
        cwd = folder.format(number)
        info = LaneInfo("", worker.events[0].at, 0, session=f"w-{number}", cwd=cwd)
        files.append((f"w-{number}.jsonl", [info, *worker.events]))
    supervisor = Supervisor(PriceTable({}, {}))
    supervisor.feed(
        "f-1.jsonl", agent, [LaneInfo("", 900.0, 0, session="f-1", cwd="/home/mara/harbor"), *foreman.events]
    )
    for path, events in files:
        supervisor.feed(path, "codex", events)
    return supervisor


FAMILY = ("stop", "family_too_long", "substitution_name", "owed_output")


def told(fleet: Fleet, kinds: Sequence[str] = FAMILY) -> list[str]:
    """The kinds that hold."""
    return sorted({one.kind.value for one in fleet.findings if one.kind.value in kinds})
