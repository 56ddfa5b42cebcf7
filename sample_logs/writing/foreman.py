"""The beginning of a foreman's loop: Loom hands its workers one bounded slice after the other.

S085 and S086 build and harden something. From S087 on each slice proves the same thing again
under another name, each passes at once, and nobody asks what it was good for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from writing.codex import CodexLane, patch, plan, poll, run, spawn_agent, wait_agent
from writing.dice import at
from writing.lane import Lane

ROOT = "/home/mara/harbor"
NICKNAMES = ("Noether", "Hopper", "Kepler", "Curie", "Lamarr", "Banneker")
FIRST, LAST = 85, 90
LABELS = ("refund-hold", "reissue-ticket", "waive-fee", "swap-vessel")
RULES = (
    "Loom: foreman of the operator actions. Staff at the quay must be able to act on a booking, and every "
    "action needs the same proof: signed in, own port only, result visible, one audit row. Workers do the work, one "
    "bounded slice each. When a worker reports, acknowledge it and hand out the next bounded slice at once. "
    "Do not stop between slices."
)


Work = Callable[[CodexLane], str | None]
"""What a worker does; the result is its report, or None if it is still at work."""


def lanes() -> list[Lane]:
    """Loom and its six workers."""
    loom = CodexLane(
        "loom", at("09:00:20"), cwd=ROOT, branch="operator-actions", prompt_tokens=24_400, shared_tokens=21_000
    )
    loom.prompt(RULES)
    loom.entitle("Loom, foreman of the operator actions")
    loom.step(
        run(
            "cat docs/operator/S0*.md",
            "# Operator actions\n\nS084 closed: staff can sign in at the quay.",
            0.2,
            46_200,
        ),
        run("ls internal/operator", "doc.go\nsession.go\nsession_test.go", 0.1, 120),
        out=310,
        secs=20,
        think="**Reading where the sprint stands**",
    )
    workers = [_slice(loom, FIRST, "Build the action envelope", BRIEF_85, NICKNAMES[0], _build_envelope)]
    _review(loom, FIRST)
    workers.append(_slice(loom, FIRST + 1, "Close the other-port hole", BRIEF_86, NICKNAMES[1], _guard_tenants))
    _review(loom, FIRST + 1)
    for number, label, nickname in zip(range(FIRST + 2, LAST + 1), LABELS, NICKNAMES[2:], strict=True):
        brief = _brief(number, label)
        workers.append(
            _slice(loom, number, f"Prove {label}", brief, nickname, partial(_prove, number=number, label=label))
        )
    return [loom, *workers]


def _review(loom: CodexLane, number: int) -> None:
    """In the beginning Loom still looks at what it was handed."""
    loom.step(
        run(
            f"cat docs/operator/S{number:03d}.md && git diff --stat HEAD~1",
            f"# S{number:03d}\n 6 files changed",
            0.2,
            2_600,
        ),
        out=190,
        secs=19,
        think="**Is the report true?**",
    )


BRIEF_85 = (
    "S085: build the envelope that every operator action runs in. Sign-in check, port scope, a result that the "
    "operator sees, one audit row. Prove it with one real action: resend-confirmation. Report what is missing."
)
BRIEF_86 = (
    "S086: S085 left one hole: an operator of one port can name a booking of another. Close it in the envelope, not "
    "in the actions, and try to break it. Report what you tried."
)


def _brief(number: int, label: str) -> str:
    return (
        f"S{number:03d}: prove the operator action {label} in the envelope. Signed in, own port only, result "
        f"visible, one audit row. Bounded: this action only. Write docs/operator/S{number:03d}.md and report."
    )


def _slice(loom: CodexLane, number: int, about: str, brief: str, nickname: str, work: Work) -> CodexLane:
    """One slice: Loom spawns a worker and waits, the worker works and reports."""
    thinking = 19.0
    worker = CodexLane(
        f"S{number:03d}",
        loom.now + thinking + 0.02,
        cwd=ROOT,
        branch="operator-actions",
        parent=loom,
        nickname=nickname,
        prompt_tokens=41_300,
        shared_tokens=38_500,
    )
    said = f"S{number - 1:03d} acknowledged: all four guards green. " if number > FIRST else ""
    loom.step(
        spawn_agent(brief, worker),
        out=230 + len(brief) // 4,
        secs=thinking,
        say=f"{said}Next bounded slice: S{number:03d}.",
    )
    worker.prompt(brief)
    worker.entitle(f"S{number:03d} {about}")
    report = work(worker)
    thinking = 9.0
    waited = worker.now - loom.now - thinking + 0.06
    loom.step(wait_agent(worker, waited, report), out=80, secs=thinking)
    if report is not None:
        loom.notify(worker, report)
    return worker


def _build_envelope(lane: CodexLane) -> str:
    steps = ("Read the session code", "Write the envelope", "Audit rows", "Prove resend-confirmation")
    lane.step(
        plan((steps[0], "in_progress"), *((step, "pending") for step in steps[1:])),
        run("sed -n '1,220p' internal/operator/session.go", "package operator\n\ntype Session struct {", 0.1, 9_400),
        run(
            "rg -n 'audit' internal db/migrations | head -40",
            "db/migrations/0031_audit.sql:3:CREATE TABLE audit (",
            0.2,
            2_100,
        ),
        out=420,
        secs=24,
        think="**Planning the envelope**",
        say="I read what a session knows before I decide what the envelope checks.",
    )
    lane.step(
        run("sed -n '1,180p' internal/booking/store.go", "package booking\n\nfunc (s *Store) Port(", 0.1, 8_800),
        out=140,
        secs=14,
    )
    lane.step(
        patch(
            ROOT,
            "internal/operator/envelope.go",
            "+package operator\n+\n+// Run checks the guards, runs the action, shows it, writes the audit row.\n"
            "+func (e *Envelope) Run(ctx context.Context, s Session, a Action) (Result, error) {\n"
            "+\tif !s.Valid(e.now()) {\n+\t\treturn Result{}, ErrSignedOut\n+\t}",
            new=True,
        ),
        out=3_900,
        secs=156,
        think="**One place for all four guards**",
    )
    lane.step(
        patch(
            ROOT,
            "internal/operator/audit.go",
            "+package operator\n+\n+// Row is one line of the audit: who, where, what, result.",
            new=True,
        ),
        run("go vet ./internal/operator", "", 11, 40),
        out=1_700,
        secs=75,
    )
    lane.step(
        run(
            "go test ./internal/operator/...",
            "--- FAIL: TestAuditRowOnError (0.01s)\n    audit_test.go:52: rows = 0, want 1",
            71,
            1_600,
            code=1,
        ),
        out=150,
        secs=15,
    )
    lane.step(
        patch(
            ROOT,
            "internal/operator/envelope.go",
            "-\tresult, err := a.Do(ctx)\n+\tdefer e.audit(ctx, s, a)\n+\tresult, err := a.Do(ctx)",
        ),
        out=880,
        secs=53,
        think="**A failed action has to leave a row too**",
        say="An action that fails left no row. The row is now written on every way out.",
    )
    lane.step(run("go test -race ./internal/operator/...", "", 30, 40, goes_on="7719"), out=90, secs=12)
    lane.step(poll("7719", "ok  harbor/internal/operator  4.882s", 52, 260), out=60, secs=7)
    lane.step(
        patch(
            ROOT,
            "internal/operator/actions/resend.go",
            "+package actions\n+\n+// ResendConfirmation sends the mail of a booking once more.",
            new=True,
        ),
        run("./scripts/prove.sh resend-confirmation", "signed-in ok\nport ok\nvisible ok\naudit 1 row", 61, 300),
        out=1_540,
        secs=80,
    )
    lane.step(
        patch(
            ROOT,
            "docs/operator/S085.md",
            "+# S085\n+\n+Envelope with four guards. Open: an operator can name a booking of another port.",
            new=True,
        ),
        plan(*((step, "completed") for step in steps)),
        out=690,
        secs=39,
    )
    report = (
        "S085 done: envelope with sign-in, port scope, visible result and one audit row, also when the action fails. "
        "Proven with resend-confirmation. Missing: the port of the booking itself is not checked."
    )
    lane.step(out=330, secs=22, say=report, ends=True)
    return report


def _guard_tenants(lane: CodexLane) -> str:
    lane.step(
        run("sed -n '1,140p' internal/operator/envelope.go", "package operator\n\nfunc (e *Envelope) Run(", 0.1, 7_900),
        run("psql harbor -c '\\d bookings'", " port_id | bigint | not null", 0.6, 1_200),
        out=240,
        secs=20,
        think="**Where does a booking's port come from?**",
    )
    lane.step(
        patch(
            ROOT,
            "internal/operator/scope.go",
            "+package operator\n+\n+// Within is true if the booking's own port is the operator's.",
            new=True,
        ),
        patch(
            ROOT,
            "internal/operator/envelope.go",
            "+\tif !e.within(ctx, s, a.Booking()) {\n+\t\treturn Result{}, ErrOtherPort\n+\t}",
        ),
        out=1_960,
        secs=99,
        say="The check belongs into the envelope: no action can forget it there.",
    )
    lane.step(run("go test ./internal/operator/...", "ok  harbor/internal/operator  3.1s", 66, 300), out=110, secs=14)
    lane.step(
        patch(
            ROOT,
            "internal/operator/break_test.go",
            "+package operator\n+\n+func TestCannotReachOtherPort(t *testing.T) { // 14 ways",
            new=True,
        ),
        run(
            "go test -run TestCannotReachOtherPort ./internal/operator",
            "--- FAIL: merged booking (0.01s)\n    reached port 7 from port 3",
            58,
            900,
            code=1,
        ),
        out=2_480,
        secs=121,
        think="**Trying to break it**",
    )
    lane.step(
        patch(
            ROOT,
            "internal/operator/scope.go",
            "-\treturn b.Port == s.Port\n+\treturn all(b.Legs, func(l Leg) bool { return l.Port == s.Port })",
        ),
        out=760,
        secs=56,
        say="A merged booking has legs of two ports. Each leg counts now.",
    )
    lane.step(
        run("go test -race ./internal/operator/...", "ok  harbor/internal/operator  5.4s", 88, 300), out=100, secs=14
    )
    lane.step(
        patch(
            ROOT,
            "docs/operator/S086.md",
            "+# S086\n+\n+14 ways to reach another port tried, one worked (merged bookings), closed.",
            new=True,
        ),
        out=520,
        secs=32,
    )
    report = "S086 done: the envelope checks the port of every leg. Tried 14 ways around it; one got through, closed."
    lane.step(out=290, secs=20, say=report, ends=True)
    return report


def _prove(lane: CodexLane, number: int, label: str) -> str | None:
    """The same move with another label. The last one is still at it."""
    lane.step(
        run("sed -n '1,140p' internal/operator/envelope.go", "package operator\n\nfunc (e *Envelope) Run(", 0.1, 8_300),
        run("ls internal/operator/actions", "resend.go\nresend_test.go", 0.1, 60),
        out=210,
        secs=lane.dice.between(17, 22),
        say=f"I add {label} to the envelope and prove it.",
    )
    name = "".join(part.title() for part in label.split("-"))
    file = label.replace("-", "_")
    lane.step(
        patch(
            ROOT,
            f"internal/operator/actions/{file}.go",
            f"+package actions\n+\n+// {name} runs in the envelope.",
            new=True,
        ),
        patch(
            ROOT,
            f"internal/operator/actions/{file}_test.go",
            f"+package actions\n+\n+func TestEnvelope{name}(t *testing.T) {{",
            new=True,
        ),
        out=lane.dice.whole(1_420, 1_540),
        secs=lane.dice.between(70, 80),
    )
    lane.step(
        run(
            f"go test -run TestEnvelope{name} ./internal/operator/actions",
            "ok  harbor/internal/operator/actions  0.9s",
            61,
            260,
        ),
        out=96,
        secs=lane.dice.between(12, 15),
    )
    guards = run(
        "go test -run 'TestSession|TestCannotReachOtherPort|TestAuditRow' ./internal/operator",
        "ok  harbor/internal/operator  4.1s",
        83,
        260,
    )
    guards.pending = number == LAST
    lane.step(guards, out=104, secs=lane.dice.between(12, 15), say="The four guards once more.")
    if number == LAST:
        return None
    lane.step(
        run(f"./scripts/prove.sh {label}", "signed-in ok\nport ok\nvisible ok\naudit 1 row", 66, 300),
        out=92,
        secs=lane.dice.between(12, 15),
    )
    lane.step(
        patch(
            ROOT,
            f"docs/operator/S{number:03d}.md",
            f"+# S{number:03d}\n+\n+{label} proven in the envelope: four guards green.",
            new=True,
        ),
        out=lane.dice.whole(480, 520),
        secs=lane.dice.between(29, 34),
    )
    report = (
        f"S{number:03d} done: {label} proven in the envelope. Signed in, own port only, result visible, one audit row."
    )
    lane.step(out=lane.dice.whole(240, 262), secs=lane.dice.between(17, 20), say=report, ends=True)
    return report
