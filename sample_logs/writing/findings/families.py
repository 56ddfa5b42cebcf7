"""Actions that follow each other in one thread: when they are one move under many labels, and when they are not."""

from __future__ import annotations

from writing.codex import Call, patch, run
from writing.dice import at
from writing.findings.case import Case, Thread

ROOT = "/home/mara/harbor"
TOGETHER = ("stop", "family_too_long", "substitution_name", "owed_output", "repetition")
"""A repeated proof family is all of these at once, as soon as it is long enough."""


def cases() -> list[Case]:
    """Each kind of a family's finding, and its look-alike."""
    return [_stop(), _migration(), _tuning(), _repairs(), _tills(), _policy(), _owed(), _closed_out()]


def _thread(case: str, name: str, clock: str, branch: str) -> Thread:
    return Thread(
        name, at(clock), cwd=ROOT, branch=branch, case=case, prompt_tokens=38_400, shared_tokens=31_000, plan_type=None
    )


# -- stop ---------------------------------------------------------------------------------------------------

ACTIONS = (
    "refund-hold", "reissue-ticket", "waive-fee", "swap-vessel", "merge-party", "void-voucher", "assign-owner",
    "lift-flag", "move-crossing", "split-case",
)  # fmt: skip


def _stop() -> Case:
    lane = _thread("stop/raised", "stop", "09:00:10", "operator-actions")
    for number, label in enumerate(ACTIONS, 201):
        _prove(lane, f"S{number}", label)
        lane.wait(lane.dice.between(11, 19))
    return Case("stop/raised", [lane], (("stop", lane),), TOGETHER)


def _prove(lane: Thread, name: str, label: str) -> None:
    """The same checks, the same guards, and it ends well each time."""
    dice, file = lane.dice, label.replace("-", "_")
    title = "".join(part.title() for part in label.split("-"))
    lane.prompt(
        f"{name} prove operator action {label} envelope. Same guards: session, own port, one audit row. Bounded: this "
        f"action only. Write docs/operator/{name}.md and report."
    )
    lane.step(
        run("sed -n '1,60p' internal/operator/envelope.go", "package operator\n\nfunc (e *Envelope) Run(", 0.1, 1_900),
        out=140,
        secs=9,
        say=f"I put {label} into the envelope and prove it.",
    )
    lane.step(
        patch(ROOT, f"internal/operator/actions/{file}.go",
              f"+package actions\n+\n+// {title} runs in the envelope.\n+func {title}(e *Envelope, b Booking) error {{\n"
              f'+\treturn e.Run(b, "{label}")\n+}}', new=True),
        patch(ROOT, f"internal/operator/actions/{file}_test.go",
              f"+package actions\n+\n+func TestEnvelope{title}(t *testing.T) {{\n+\tprove(t, {title})\n+}}", new=True),
        out=dice.whole(690, 760), secs=dice.between(24, 31),
    )  # fmt: skip
    lane.step(
        run(f"go test -run TestEnvelope{title} ./internal/operator/actions",
            f"ok  harbor/internal/operator/actions  {dice.between(0.7, 1.2):.2f}s", dice.between(9, 12), 120),
        run("go test -run 'TestSession|TestOtherPort|TestAuditRow' ./internal/operator",
            f"ok  harbor/internal/operator  {dice.between(3.6, 4.6):.2f}s", dice.between(13, 17), 120),
        out=70, secs=dice.between(6, 8),
    )  # fmt: skip
    lane.step(
        run(f"./scripts/prove.sh {label}",
            f"POST /operator/{label} 200\nrequest {dice.uuid()}\nsession ok\nport ok\naudit row {dice.whole(410_000, 980_000)}",
            dice.between(8, 12), 210),
        run(f"./scripts/prove.sh {label} --other-port", f"POST /operator/{label} 403\nrequest {dice.uuid()}\nno row",
            dice.between(5, 7), 160),
        out=110, secs=dice.between(7, 9),
    )  # fmt: skip
    lane.step(
        patch(ROOT, f"docs/operator/{name}.md", f"+# {name}\n+\n+{label}: session ok, port ok, audit ok.", new=True),
        run(f"git commit -qam '{name} {label}' && git log -1 --format=%h", dice.hex(7), 0.6, 40),
        out=210,
        secs=dice.between(11, 14),
    )
    lane.done(f"{name} done: {label} proven in the envelope. Session, port and audit green; commit {dice.hex(7)}.")


MODULES = (
    ("booking", 14, "a hold that ran out came back as a 500; it is ErrGone now", "TestHoldGone", "want ErrGone, got nil"),
    ("fare", 9, "two sentinel errors were compared by their text in the web tests", "TestRoundedFare", "errors.Is(err, ErrFare) = false"),
    ("refund", 22, "the batch swallowed every error but the last: errors.Join now", "TestBatchRefund", "3 errors, reported 1"),
    ("notices", 5, "nothing behaved differently", "", ""),
    ("search", 11, "a time-out of the index is a warning and no failure", "TestIndexTimeout", "context deadline exceeded"),
    ("audit", 7, "rows were written after the error had been returned; order changed", "TestRowOnError", "rows = 0, want 1"),
    ("session", 4, "ErrSignedOut moved here from operator, two importers changed", "", "import cycle not allowed"),
    ("pay", 31, "the card provider's codes are a table; four were unknown to us", "TestProviderCodes", "code 51: no entry"),
)  # fmt: skip


def _migration() -> Case:
    """Asked for, over a stated list: each module is another file, another surprise."""
    lane = _thread("stop/quiet", "migration", "09:02:00", "one-error-type")
    count = len(MODULES)
    for number, (module, places, learned, test, failure) in enumerate(MODULES, 1):
        lane.prompt(
            f"Port internal/{module} to the new error type ({number} of {count}). The list is docs/errors.md. "
            "Tell me what behaved differently."
        )
        lane.step(
            run(f"rg -n 'errors.New|fmt.Errorf' internal/{module} | wc -l", str(places), 0.2, 40),
            run(f"sed -n '1,80p' internal/{module}/errors.go", f"package {module}\n\nvar Err{module.title()} =", 0.1, 900 + 40 * places),
            out=160, secs=lane.dice.between(8, 15),
        )  # fmt: skip
        lane.step(
            patch(ROOT, f"internal/{module}/errors.go",
                  f"-var Err{module.title()} = errors.New(\"{module}\")\n+var Err{module.title()} = fault.Of(\"{module}\")"),
            out=300 + 31 * places, secs=14 + places * 1.9,
        )  # fmt: skip
        if module in ("fare", "pay", "session"):
            lane.step(run(f"rg -ln '{module}.Err' --type go", f"internal/web/{module}.go\ncmd/quay/main.go", 0.2, 160),
                      out=90, secs=8)  # fmt: skip
            lane.step(patch(ROOT, f"internal/web/{module}.go", f"-\tif err.Error() == \"{module}\" {{\n+\tif errors.Is(err, {module}.Err) {{"),
                      out=240, secs=17)  # fmt: skip
        if failure:
            said = f"--- FAIL: {test}\n    {failure}" if test else f"package harbor/internal/{module}\n\t{failure}"
            lane.step(run(f"go test ./internal/{module}/...", said, 5 + places, 190, code=1), out=90, secs=7)
            lane.step(
                patch(ROOT, f"internal/{module}/{'codes' if module == 'pay' else module}.go",
                      f"-\treturn err\n+\treturn fault.Wrap(err, \"{learned.split()[1]}\")"),
                out=420, secs=31, say=f"In {module} {learned}.",
            )  # fmt: skip
        lane.step(run(f"go test ./internal/{module}/...", f"ok  harbor/internal/{module}  {1 + places / 9:.1f}s\n{places + 12} tests", 6 + places, 90),
                  out=70, secs=7)  # fmt: skip
        lane.done(f"{module}: {places} places ported, {number} of {count} modules. What is different: {learned}.")
        lane.wait(lane.dice.between(20, 60))
    return Case("stop/quiet", [lane])


# -- family_too_long ----------------------------------------------------------------------------------------

TUNINGS = (
    ("The seat search takes 640 ms at the 95th percentile, 300 is what we promised. Try a larger work_mem first.", "work_mem = 64MB", 612),
    ("Still far off. See whether the planner likes a lower random_page_cost better.", "random_page_cost = 1.1", 598),
    ("Hm. Does it help to keep statements prepared on the pooler?", "max_prepared_statements = 200", 571),
    ("Give parallel workers a chance, the machine has sixteen cores.", "max_parallel_workers_per_gather = 4", 633),
    ("Back to the cache then: what do bigger shared buffers buy us?", "shared_buffers = 12GB", 566),
    ("Perhaps jit costs more than it gives on these short queries.", "jit = off", 549),
    ("One thing left: statistics on the legs are coarse.", "default_statistics_target = 500", 544),
    ("What about the genetic optimiser, with fourteen joins?", "geqo_threshold = 16", 552),
)  # fmt: skip


def _tuning() -> Case:
    """Eight settings tried in one manner and the goal never met: nothing is proven, and no name follows from another."""
    lane = _thread("family_too_long/raised", "tuning", "10:04:00", "search-latency")
    for prompt, setting, p95 in TUNINGS:
        lane.prompt(prompt)
        name = setting.split(" ")[0]
        lane.step(
            run(f"psql harbor -Atc 'show {name}'", "4MB" if "mem" in name else "default", 0.2, 40), out=80, secs=7
        )
        lane.step(patch(ROOT, "deploy/postgres.conf", f"+{setting}"), out=130, secs=10)
        lane.step(run("make db-reload", "reloaded, 1 setting changed", 4.0, 40), out=60, secs=6)
        lane.step(
            run("./scripts/bench-search.sh --goal 300",
                f"requests 4000\np50 {p95 // 3} ms\np95 {p95} ms\np99 {p95 * 2 + 41} ms\nGOAL MISSED: p95 {p95} > 300",
                lane.dice.between(62, 71), 190, code=1),
            out=70, secs=6,
        )  # fmt: skip
        lane.step(patch(ROOT, "docs/search-latency.md", f"+| {setting} | {p95} ms |"), out=120, secs=9)
        lane.done(f"{setting}: p95 is {p95} ms. The goal is still missed.")
        lane.wait(lane.dice.between(25, 80))
    return Case("family_too_long/raised", [lane], (("family_too_long", lane),), ("owed_output",))


def _repairs() -> Case:
    """Four repairs of one manner, no more, each in another place; then somebody writes down what they had in common."""
    lane = _thread("family_too_long/quiet", "repairs", "10:10:00", "quay-repairs")
    found = (
        ("The display at pier 2 goes dark at noon. Why?", "display", "internal/display/sleep.go", "timer fired at 12:00:00",
         "-\tif now.Hour() >= 12 {\n+\tif idle > 30*time.Minute {", "It slept by the clock and not by idle time."),
        ("Now the gate lets people through twice with one ticket, have a look.", "gate", "internal/gate/scan.go",
         "scan 8841 accepted\nscan 8841 accepted", "-\tgo g.mark(t)\n+\tg.mark(t)", "The mark was set in the background."),
        ("Printed boarding lists miss the bicycles since Tuesday.", "print", "internal/print/list.go", "columns: name, seat",
         "+\tcols = append(cols, bicycle(b))", "The column went with the paper's width."),
        ("And the horn test writes into the real log of departures...", "horn", "internal/horn/test.go",
         "departure aurora 06:00 TEST", "-\tlog := departures\n+\tlog := trials", "It had no log of its own."),
    )  # fmt: skip
    for prompt, service, path, seen, lines, why in found:
        lane.prompt(prompt)
        lane.step(run(f"journalctl -u {service} -n 40", seen, 0.3, 700), out=110, secs=12)
        lane.step(run(f"sed -n '1,120p' {path}", f"package {service}", 0.1, 2_300), out=90, secs=9)
        lane.step(patch(ROOT, path, lines), out=330, secs=26, say=why)
        lane.step(
            run(f"go test ./internal/{service}/...", f"ok  harbor/internal/{service}  0.{len(path)}s", 7, 60),
            out=60,
            secs=6,
        )
        lane.done(f"{why} Repaired, its tests are green.")
        lane.wait(lane.dice.between(60, 200))
    lane.prompt("Good. Closeout: what do the four have in common, and what should we look for elsewhere?")
    lane.step(run("git log --oneline -4 --stat", "4 commits, 4 files changed", 0.2, 240), out=120, secs=10)
    lane.step(
        patch(ROOT, "docs/closeout-quay.md",
              "+# Quay repairs, closeout\n+\n+Two of four took a clock or a log that belongs to another service. To look at: kiosk, scales.",
              new=True),
        out=700, secs=41,
    )  # fmt: skip
    lane.done("Closed out: two of the four shared a resource of another service. kiosk and scales should be looked at.")
    return Case("family_too_long/quiet", [lane])


# -- substitution_name --------------------------------------------------------------------------------------


def _tills() -> Case:
    """The next name follows from the last by putting in another pier; yet half of the tills do not add up."""
    lane = _thread("substitution_name/raised", "tills", "11:00:00", "tills")
    tills = (
        (3, 2, "2 of 418 rows differ\n#77120 41.50 / 14.50\n#77302 missing in bank\nFAIL", "41.50 was typed as 14.50"),
        (4, 0, "391 rows, all found", ""),
        (5, 1, "bank file has no header of pier 5\nFAIL", "the bank sends pier 5 under its old number"),
        (
            6,
            1,
            "1 of 102 rows differs\n#80011 booked twice\nFAIL",
            "one ticket was booked twice at the change of shift",
        ),
    )
    for pier, code, said, why in tills:
        name = f"S3{pier + 8}"
        lane.prompt(f"{name} reconcile the till of pier {pier} with the bank")
        lane.step(
            run(f"./tills/export.sh --pier {pier} --day 2026-05-08", f"tills/pier{pier}.csv written", 3, 60),
            out=90,
            secs=9,
        )
        lane.step(
            run(f"head -3 tills/pier{pier}.csv", f"ticket,amount\n#{77000 + pier * 500},12.00", 0.1, 120),
            out=60,
            secs=6,
        )
        lane.step(run(f"python tills/reconcile.py --pier {pier} --strict", said, 11, 200, code=code), out=80, secs=7)
        lane.step(
            patch(ROOT, "tills/2026-05-08.md", f"+pier {pier}: {said.splitlines()[0]}{'; ' + why if why else ''}"),
            out=140,
            secs=12,
        )
        lane.done(f"{name}: {said.splitlines()[0]}. {why or 'Nothing to do.'}")
        lane.wait(lane.dice.between(20, 45))
    return Case("substitution_name/raised", [lane], (("substitution_name", lane),))


def _policy() -> Case:
    """Numbered in a row and about one thing, but each name is a question that the one before has raised."""
    lane = _thread("substitution_name/quiet", "policy", "11:05:00", "refund-policy")
    lane.prompt("S321 decide who may refund without a second signature")
    lane.step(
        run("rg -n 'second_signature' internal", "internal/refund/rules.go:41: second_signature = 200", 0.2, 90),
        out=120,
        secs=12,
    )
    lane.step(
        patch(ROOT, "internal/refund/rules.go", "-second_signature = 200\n+second_signature = 80"), out=280, secs=24
    )
    lane.step(run("go test ./internal/refund/...", "ok  harbor/internal/refund  2.2s", 8, 60), out=60, secs=7)
    lane.done("S321: above 80 a second signature is needed.")
    lane.wait(90)
    lane.prompt("S322 why could the night shift refund 140 alone after that?")
    lane.step(
        run(
            'psql harbor -c "select * from refunds where amount > 80 and signer2 is null"',
            " 8841 | 140.00 | night | kiosk-4",
            0.8,
            120,
        ),
        out=140,
        secs=13,
    )
    lane.step(run("ssh kiosk-4 harbor --version", "harbor 4.1.0", 2, 40), out=90, secs=9)
    lane.done("S322: kiosk-4 still runs 4.1.0 and decides by itself.")
    lane.wait(60)
    lane.prompt("S323 no kiosk may decide about money at all: move the rule to the server")
    lane.step(run("rg -ln 'refund.Decide' kiosk", "kiosk/till.go", 0.2, 50), out=110, secs=10)
    lane.step(
        patch(ROOT, "kiosk/till.go", "-\td := refund.Decide(b)\n+\td, err := server.Decide(ctx, b.ID)"),
        patch(ROOT, "internal/web/decide.go", "+package web\n+\n+func decide(w http.ResponseWriter, r *http.Request) {", new=True),
        out=1_240, secs=77,
    )  # fmt: skip
    lane.step(
        run(
            "go test ./kiosk/... ./internal/web/...",
            "--- FAIL: TestOfflineTill\n    dial tcp: refused",
            12,
            140,
            code=1,
        ),
        out=100,
        secs=9,
    )
    lane.step(
        patch(ROOT, "kiosk/till.go", "+\tif errors.Is(err, server.ErrOffline) {\n+\t\treturn ErrLater\n+\t}"),
        out=340,
        secs=27,
    )
    lane.step(
        run("go test ./kiosk/... ./internal/web/...", "ok  harbor/kiosk  1.9s\nok  harbor/internal/web  3.0s", 12, 80),
        out=70,
        secs=7,
    )
    lane.done("S323: the server decides; a till without a line to it says so and asks the passenger to wait.")
    lane.wait(70)
    lane.prompt("S324 tell the quay staff, in one page, what is different on Monday")
    lane.step(
        patch(
            ROOT,
            "docs/quay/monday.md",
            "+# From Monday on\n+\n+Refunds above 80 need two people. No line, no refund: offer a voucher.",
            new=True,
        ),
        out=520,
        secs=33,
    )
    lane.done("S324: docs/quay/monday.md, one page.")
    return Case("substitution_name/quiet", [lane])


# -- owed_output --------------------------------------------------------------------------------------------


def _owed() -> Case:
    """Seven ports through one door; after the fifth somebody should have written the list, and no one does."""
    return _ports("owed_output/raised", "ports", "12:00:00", 7, closes=False)


def _closed_out() -> Case:
    """The same door four times, and then the matrix of what is covered and what is not."""
    return _ports("owed_output/quiet", "ports-closed", "12:03:00", 4, closes=True)


PORTS = ("dover", "calais", "ostend", "esbjerg", "kiel", "turku", "tallinn")


def _ports(case: str, name: str, clock: str, count: int, *, closes: bool) -> Case:
    lane = _thread(case, name, clock, "port-scope")
    for number, port in enumerate(PORTS[:count], 401):
        _check_port(lane, f"S{number}", port)
        lane.wait(lane.dice.between(9, 21))
    if not closes:
        return Case(case, [lane], (("owed_output", lane),), tuple(kind for kind in TOGETHER if kind != "owed_output"))
    lane.prompt(f"S{401 + count} coverage matrix: which ports and which guards are proven, and what is missing?")
    lane.step(run("ls docs/ports", "\n".join(f"S{401 + n}.md" for n in range(count)), 0.1, 60), out=90, secs=8)
    lane.step(
        run("psql harbor -Atc 'select name from ports order by 1'", "\n".join(sorted(PORTS)), 0.3, 70), out=110, secs=9
    )
    lane.step(
        patch(ROOT, "docs/ports/matrix.md",
              "+| port | session | scope | audit |\n+|---|---|---|---|\n" + "".join(f"+| {port} | yes | yes | yes |\n" for port in PORTS[:count])
              + "".join(f"+| {port} | by the same code | by the same code | no proof |\n" for port in PORTS[count:]), new=True),
        out=640, secs=38,
    )  # fmt: skip
    lane.done(
        "The matrix stands: four ports proven, three by the same code. One thing is missing: an audit row of a port without a quay."
    )
    return Case(case, [lane])


def _check_port(lane: Thread, name: str, port: str) -> None:
    dice = lane.dice
    lane.prompt(
        f"{name} prove the scope guard for the port of {port}. Report when it is green, then comes the next one."
    )
    lane.step(
        run(f"./scripts/seed.sh --port {port}", f"booking {dice.whole(10_000, 99_999)} of {port}", 2.2, 70),
        out=80,
        secs=7,
    )
    lane.step(
        patch(ROOT, f"tests/scope/{port}_test.go", f"+package scope\n+\n+func Test{port.title()}(t *testing.T) {{\n+\tscope(t, \"{port}\")\n+}}", new=True),
        out=260, secs=15,
    )  # fmt: skip
    lane.step(
        run(f"go test -run Test{port.title()} ./tests/scope", f"ok  harbor/tests/scope  {dice.between(1.1, 1.9):.2f}s", dice.between(8, 11), 70),
        out=60, secs=6,
    )  # fmt: skip
    lane.step(
        run(f"./scripts/prove.sh scope --port {port}", f"session ok\nscope ok\naudit row {dice.whole(410_000, 980_000)}\nrequest {dice.uuid()}", dice.between(6, 9), 130),
        out=60, secs=6,
    )  # fmt: skip
    lane.step(_page(name, port), out=150, secs=9)
    lane.done(f"{name} done: the scope guard holds for {port}.")


def _page(name: str, port: str) -> Call:
    return patch(ROOT, f"docs/ports/{name}.md", f"+# {name}\n+\n+{port}: session ok, scope ok, audit ok.", new=True)
