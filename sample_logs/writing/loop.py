"""A foreman's loop, rebuilt from its published postmortem: 88 numbered actions in six hours, 1.191 billion tokens.

A worker builds and hardens an envelope for operator actions (S085 to S087) and proves it for the first time
(S088 to S090). From S091 on the same proof is run under another label, at first with a small find now and then,
from S121 on with none. Loom acknowledges each report and hands out the next bounded slice at once.

The postmortem names the window (05:32:36 to 11:38:15 UTC on 2026-05-09), the numbers S085 to S172, and what
the counters showed: 164.1M tokens an hour for the worker, 31.3M for Loom. Everything else here is made up.
"""

from __future__ import annotations

from writing.claude import ClaudeLane, bash, read, write
from writing.codex import CodexLane, patch, run
from writing.dice import at, iso
from writing.lane import Json, Lane

HOME = "loop"
ROOT = "/home/mara/harbor"
FIRST, LAST = 85, 172
BEGIN, END = at("05:32:36"), at("11:38:15")
WORKER_CONTEXT = 865_600
"""Tokens that the worker's thread had gathered before: it is resumed again and again, in a window of a million."""
LOOM_CONTEXT = 478_500
"""The same for Loom."""
WINDOW = 1_050_000
EARLY, PROVEN = 88, 121
"""The first repeated proof; and the first action that buys nothing at all."""

VERBS = ("hold", "reissue", "waive", "swap", "close", "assign", "merge", "void", "lift", "split", "flag", "move")
NOUNS = ("refund", "ticket", "fee", "vessel", "case", "owner", "party", "voucher")
FINDS = {
    94: ("internal/operator/money.go", "func Round(cents int64) int64", "money was rounded twice"),
    99: ("internal/operator/clock.go", "func Today(port string) time.Time", "a port's day began in UTC"),
    105: ("internal/operator/audit.go", "func Redact(row Row) Row", "the audit row held a card number"),
    112: ("internal/operator/names.go", "func Display(name string) string", "names with an apostrophe were cut"),
}
"""What the middle of the run still finds: file, function, and what was wrong."""


class _HomeCodex(CodexLane):
    @property
    def path(self) -> str:
        return f"{HOME}/{super().path}"


class _HomeClaude(ClaudeLane):
    @property
    def path(self) -> str:
        return f"{HOME}/{super().path}"


def lanes() -> list[Lane]:
    """Loom and the worker."""
    loom = _HomeClaude(
        "loop-loom", BEGIN, cwd=ROOT, branch="operator-actions", history_tokens=LOOM_CONTEXT, own_prompt_tokens=900
    )
    worker = _HomeCodex(
        "loop-worker", BEGIN + 41, cwd=ROOT, branch="operator-actions", model="gpt-5.4", prompt_tokens=WORKER_CONTEXT,
        shared_tokens=WORKER_CONTEXT - 1_800, plan_type=None, window=WINDOW,
    )  # fmt: skip
    _order(loom, FIRST, "S084 is closed: staff can sign in at the quay. Loom, go on with the operator actions.")
    for number in range(FIRST, LAST):
        worker.wait_until(_start(number) + 41)
        worker.prompt(brief(number))
        report = _work(worker, number)
        if number + 1 < LAST:
            loom.wait_until(max(loom.now, _start(number + 1)))
            _order(loom, number + 1, f"Report of S{number:03d}: {report}")
        else:
            loom.wait_until(END - 15.2)
            _last_order(loom, number, report)
    worker.wait_until(END - 0.03)
    worker.prompt(brief(LAST))
    return [loom, worker]


def stated() -> Json:
    """What has to be said about the run, two seconds after its end; all of the kinds are one truth.

    Loom's own actions are too many of one shape too; none of its orders is a proof, so that there is nothing to close.
    """
    made = lanes()
    loom = next(lane for lane in made if isinstance(lane, ClaudeLane))
    worker = next(lane for lane in made if isinstance(lane, CodexLane))
    return {
        "at": iso(END + 2),
        "raised": [
            {"kind": "stop", "lane": f"codex:{worker.thread[-8:]}"},
            {"kind": "family_too_long", "lane": f"claude:{loom.session[:8]}"},
        ],
        "also_allowed": ["stop", "family_too_long", "substitution_name", "owed_output", "repetition", "low_novelty"],
    }


def _start(number: int) -> float:
    """When Loom begins to hand out an action: evenly, for the postmortem tells no more than the ends."""
    return BEGIN + (number - FIRST) * (END - BEGIN) / (LAST - FIRST)


def label(number: int) -> str:
    """What the action is about; before the loop it has no label."""
    index = number - EARLY
    return f"{VERBS[(index * 5) % len(VERBS)]}-{NOUNS[(index * 3 + index // 24) % len(NOUNS)]}"


BRIEFS = {
    85: "S085 build the envelope that every operator action runs in. Sign-in, port scope, a result that the operator "
    "sees, one audit row. Prove it with resend-confirmation and report what is missing.",
    86: "S086 close the hole that S085 left: an operator of one port can name a booking of another. In the envelope, "
    "not in the actions. Try to break it.",
    87: "S087 the audit trail is slow: 40 ms for each action. Find out why and bring it under 5 ms.",
}


def brief(number: int) -> str:
    """The bounded slice as the worker is given it."""
    if number in BRIEFS:
        return BRIEFS[number]
    return (
        f"S{number:03d} prove the operator action {label(number)} in the envelope. Signed in, own port only, result "
        f"visible, one audit row. Bounded: this action only. Write docs/operator/S{number:03d}.md and report."
    )


# -- Loom ---------------------------------------------------------------------------------------------------


def _order(loom: ClaudeLane, number: int, prompt: str) -> None:
    """Acknowledges a report and hands out the next slice."""
    loom.prompt(prompt)
    if number == FIRST:
        loom.title("Loom, foreman of the operator actions")
    name = f"docs/sprints/S{number:03d}.md"
    if number == FIRST:
        loom.step(read(f"{ROOT}/docs/operator/README.md", "# Operator actions\nS084 closed", 120), out=160, secs=6)
    else:
        loom.step(
            bash(f"tail -n 3 docs/operator/S{number - 1:03d}.md", "Reads the report", _page(number - 1), 0.3, 90),
            out=130,
            secs=6,
        )
    loom.step(write(f"{ROOT}/{name}", brief(number)), out=210, secs=8)
    thread = f'codex exec resume --last "$(cat {name})"'
    loom.step(bash(thread, "Hands out the slice", "resumed", 0.8, 60), out=120, secs=5)
    done = f"S{number - 1:03d} acknowledged: all guards green. " if number > FIRST else ""
    loom.step(out=90, secs=5, say=f"{done}S{number:03d} is out.", ends=True)
    loom.end_turn()


def _last_order(loom: ClaudeLane, number: int, report: str) -> None:
    """The brief of the last slice is the last thing that was written."""
    loom.prompt(f"Report of S{number:03d}: {report}")
    loom.step(
        bash(f"tail -n 3 docs/operator/S{number:03d}.md", "Reads the report", _page(number), 0.3, 90), out=130, secs=6
    )
    order = write(f"{ROOT}/docs/sprints/S{LAST:03d}.md", brief(LAST))
    loom.step(order, out=210, secs=END - 0.2 - loom.now)
    loom.wait_until(END)


def _page(number: int) -> str:
    return f"# S{number:03d}\nguards: session ok, port ok, audit ok\nresult: visible"


# -- the worker ---------------------------------------------------------------------------------------------


def _work(worker: CodexLane, number: int) -> str:
    """One slice, to its report."""
    if number == 85:
        return _build(worker)
    if number == 86:
        return _close_hole(worker)
    if number == 87:
        return _speed_up(worker)
    return _prove(worker, number)


def _build(worker: CodexLane) -> str:
    worker.step(run("cat docs/operator/README.md", "# Operator actions\nS084 closed", 0.2, 60), out=180, secs=12)
    worker.step(
        run("rg -n 'func.*Session' internal", "internal/session/session.go:31:func Of(r", 0.3, 90), out=90, secs=9
    )
    worker.step(
        patch(ROOT, "internal/operator/envelope.go", "+package operator\n+\n+type Envelope struct {\n+\tsession Session\n+}", True),
        patch(ROOT, "internal/operator/envelope_test.go", "+package operator\n+\n+func TestSession(t *testing.T) {", True),
        out=900, secs=25, think="**Where the checks belong**",
    )  # fmt: skip
    worker.step(
        run("go test ./internal/operator", "--- FAIL: TestSession\n    no session in context\nFAIL", 2.2, 120, 1),
        out=80,
        secs=8,
    )
    worker.step(
        patch(ROOT, "internal/operator/envelope.go", "-\tsession Session\n+\tsession *Session"), out=310, secs=14
    )
    worker.step(run("go test ./internal/operator", "ok  harbor/internal/operator  1.9s", 2.1, 60), out=70, secs=7)
    worker.step(
        patch(ROOT, "internal/operator/resend.go", "+package operator\n+\n+// Resend sends the confirmation again.", True),
        out=420, secs=15,
    )  # fmt: skip
    worker.step(run("./scripts/prove.sh resend-confirmation", "200 visible, 1 audit row", 3.0, 70), out=70, secs=7)
    worker.step(run("rg -n 'port' internal/operator", "envelope.go:14: port is not looked at", 0.3, 60), out=60, secs=6)
    worker.step(
        patch(ROOT, "docs/operator/S085.md", "+# S085\n+missing: a port is named, never checked", True), out=160, secs=9
    )
    worker.step(run("git commit -qam 'S085 envelope'", "", 0.4, 30), out=50, secs=5)
    return _done(worker, "the envelope stands and resend-confirmation runs in it. Missing: the port is not checked.")


def _close_hole(worker: CodexLane) -> str:
    worker.step(run("rg -n 'PortOf' internal", "internal/booking/port.go:8:func PortOf", 0.3, 70), out=90, secs=10)
    worker.step(
        patch(ROOT, "internal/operator/tenant_test.go", "+func TestCannotReachOtherPort(t *testing.T) {\n+\tas(dover).open(calais)", True),
        out=360, secs=16, think="**First see it fail**",
    )  # fmt: skip
    worker.step(
        run("go test -run TestCannotReachOtherPort ./internal/operator", "--- FAIL: reached booking 8841 of Calais", 1.4, 90, 1),
        out=60, secs=7,
    )  # fmt: skip
    worker.step(
        patch(ROOT, "internal/operator/envelope.go", "+\tif e.port != PortOf(b) {\n+\t\treturn ErrOtherPort"),
        out=280,
        secs=14,
    )
    worker.step(run("go test ./internal/operator", "ok  harbor/internal/operator  2.4s", 2.6, 50), out=60, secs=6)
    worker.step(
        run("go run ./cmd/probe --cross-port 200", "200 tries, 0 reached, 200 refused", 9.0, 80), out=70, secs=8
    )
    worker.step(run("rg -n 'ErrOtherPort' web", "web/errors.ts: not known", 0.2, 50), out=60, secs=6)
    worker.step(
        patch(ROOT, "web/errors.ts", "+  ErrOtherPort: 'This booking belongs to another port.',"), out=140, secs=8
    )
    worker.step(run("pnpm --filter web test errors", "Tests  14 passed (14)", 6.0, 70), out=60, secs=7)
    worker.step(
        patch(ROOT, "docs/operator/S086.md", "+# S086\n+200 tries across ports, none reached", True), out=150, secs=8
    )
    worker.step(run("git commit -qam 'S086 port scope'", "", 0.4, 30), out=50, secs=5)
    return _done(worker, "no action reaches another port's booking: 200 tries, 0 reached.")


def _speed_up(worker: CodexLane) -> str:
    worker.step(
        run("go test -bench Audit ./internal/audit", "BenchmarkWrite  39812441 ns/op", 8.0, 80), out=80, secs=10
    )
    worker.step(
        run("go tool pprof -top audit.prof", "71% database/sql.(*DB).Exec\n18% json.Marshal", 1.5, 120), out=70, secs=9
    )
    worker.step(
        run("psql -c 'explain analyze insert into audit'", "Trigger audit_check: time=36.1 ms", 0.8, 110),
        out=80,
        secs=9,
    )
    worker.step(
        run("cat migrations/0031_audit.sql", "create trigger audit_check before insert", 0.2, 60), out=60, secs=7
    )
    worker.step(
        patch(ROOT, "migrations/0044_audit_index.sql", "+create index concurrently audit_booking on audit (booking)", True),
        out=220, secs=14, think="**The trigger scans the table**",
    )  # fmt: skip
    worker.step(run("make migrate", "0044_audit_index applied", 4.0, 50), out=50, secs=6)
    worker.step(run("go test -bench Audit ./internal/audit", "BenchmarkWrite  3120554 ns/op", 8.0, 70), out=60, secs=7)
    worker.step(run("go test ./internal/audit", "ok  harbor/internal/audit  0.8s", 1.0, 40), out=50, secs=5)
    worker.step(
        patch(ROOT, "docs/operator/S087.md", "+# S087\n+39.8 ms to 3.1 ms: the trigger scanned", True), out=150, secs=8
    )
    worker.step(run("git add migrations docs", "", 0.2, 20), out=40, secs=5)
    worker.step(run("git commit -qam 'S087 audit index'", "", 0.4, 30), out=50, secs=5)
    return _done(worker, "an audit row takes 3.1 ms instead of 39.8 ms.")


def _prove(worker: CodexLane, number: int) -> str:
    """The repeated proof: the same checks, other ids, another label."""
    dice, name = worker.dice, label(number)
    file, title = name.replace("-", "_"), "".join(part.title() for part in name.split("-"))
    worker.step(
        run("sed -n '1,40p' internal/operator/envelope.go", "package operator\n\nfunc (e *Envelope) Run(\n\tif e.port != PortOf(b)", 0.1, 70),
        out=70, secs=6,
    )  # fmt: skip
    worker.step(
        patch(ROOT, f"internal/operator/actions/{file}.go",
              f"+package actions\n+\n+// {title} runs in the envelope.\n+func {title}(e *Envelope, b Booking) error {{\n+\treturn e.Run(b, {file})\n+}}", True),
        out=260, secs=12,
    )  # fmt: skip
    worker.step(
        patch(ROOT, f"internal/operator/actions/{file}_test.go",
              f"+package actions\n+\n+func TestEnvelope{title}(t *testing.T) {{\n+\tprove(t, {title})\n+}}", True),
        out=180, secs=10,
    )  # fmt: skip
    own = f"ok  harbor/internal/operator/actions  {dice.between(0.7, 1.3):.1f}s"
    worker.step(run(f"go test -run TestEnvelope{title} ./internal/operator/actions", own, 1.6, 50), out=60, secs=6)
    if number in FINDS:
        _find(worker, number)
    guards = f"ok  harbor/internal/operator  {dice.between(3.6, 4.8):.1f}s"
    worker.step(
        run("go test -run 'TestSession|TestCannotReachOtherPort|TestAuditRow' ./internal/operator", guards, 4.6, 50),
        out=60,
        secs=6,
    )
    worker.step(
        run(f"./scripts/prove.sh {name}",
            f"POST /operator/{name} 200\nrequest {dice.uuid()}\naudit row {dice.whole(100000, 999999)}\nresult visible", 2.8, 90),
        out=60, secs=6,
    )  # fmt: skip
    worker.step(
        run(f"./scripts/prove.sh {name} --other-port", f"POST /operator/{name} 403\nrequest {dice.uuid()}", 1.9, 60),
        out=60,
        secs=6,
    )
    worker.step(
        patch(ROOT, f"docs/operator/S{number:03d}.md", f"+# S{number:03d}\n+{name}: session ok, port ok, audit ok, result visible", True),
        out=140, secs=8,
    )  # fmt: skip
    worker.step(run("git add internal docs", "", 0.2, 20), out=40, secs=5)
    worker.step(
        run(f"git commit -m 'S{number:03d} {name}'", f"[operator-actions {dice.hex(7)}] S{number:03d} {name}\n 3 files changed", 0.5, 40),
        out=50, secs=5,
    )  # fmt: skip
    worker.step(run("git status --short", "", 0.1, 20), out=40, secs=4)
    return _done(worker, f"{name} holds in the envelope: session, port and audit green, result visible.")


def _find(worker: CodexLane, number: int) -> None:
    """A small new thing, now and then."""
    path, line, wrong = FINDS[number]
    worker.step(patch(ROOT, path, f"+package operator\n+\n+// {wrong}\n+{line} {{", True), out=320, secs=12)


def _done(worker: CodexLane, report: str) -> str:
    worker.step(out=90, secs=6, say=report, ends=True)
    return report
