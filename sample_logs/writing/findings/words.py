"""What a lane says against what it did: plans made twice, claims without a run, work that broke off, questions."""

from __future__ import annotations

from writing.claude import OLD, Tool, bash, edit, grep, read, todos, write
from writing.codex import patch, plan, poll, run
from writing.dice import at
from writing.findings.case import Case, Session, Thread

WEB = "/home/mara/harbor-web"
ROOT = "/home/mara/harbor"


def cases() -> list[Case]:
    """Double planning, unverified claims, hard stops, missing tools, stalled lanes and waiting ones."""
    return [
        _planned_twice(), _planned_once(), _unverified(), _verified(), _cut_off(), _finished(), _no_tool(), _told_of_none(),
        _stalled(), _busy(), _asks(), _was_answered(),
    ]  # fmt: skip


def _session(case: str, name: str, clock: str, cwd: str, branch: str, model: str = "claude-sonnet-4-5") -> Session:
    return Session(name, at(clock), cwd=cwd, branch=branch, version=OLD, cache="1h", model=model, own_prompt_tokens=3_400,
                   case=case)  # fmt: skip


# -- double_planning ----------------------------------------------------------------------------------------

STEPS = (
    "Add a table luggage_tags: booking, tag number, kind, weight in grams, printed at; migration 0052 with a way back",
    "Add internal/luggage with Tag, Store and a Postgres store; numbers come from the sequence luggage_tag_numbers",
    "Weights above 32 kg are refused with luggage.ErrTooHeavy; bicycles and wheelchairs have no weight limit",
    "POST /bookings/{id}/tags in internal/web; the answer has the number and the label as ZPL for the quay's printers",
    "The kiosk prints the label; without a printer it shows the number in large digits",
    "Tests: store, limit, bicycle, two kiosks that ask at one moment; no test may need a printer",
)
PLAN = (
    "Implement luggage tags. The plan is agreed with the quay, do not change it:\n\n"
    + "\n".join(f"{number}. {step}." for number, step in enumerate(STEPS, 1))
    + "\n\nFiles: db/migrations/0052_luggage_tags.sql, internal/luggage/{tag,store,postgres}.go, internal/web/tags.go, "
    "kiosk/label.go. Do the steps in this order and commit after each."
)
OWN_PLAN = "# Luggage tags: implementation plan\n\n" + "\n\n".join(
    f"## Step {number}\n\n{step}.\n\nWhy: {why}\nRisk: {risk}\nDone when: {done}"
    for number, (step, why, risk, done) in enumerate(
        zip(STEPS,
            ("Tags need a place of their own beside bookings.", "The store hides Postgres from the kiosk.",
             "The crew may not lift more.", "The kiosk asks over HTTP as for everything else.",
             "Passengers leave without a label otherwise.", "Two kiosks stand side by side at every pier."),
            ("The migration could lock bookings.", "Numbers could be given twice.", "Scales differ by 200 g.",
             "ZPL differs between the printers.", "The font is not on every kiosk.", "Tests could hang on a printer."),
            ("migration 0052 goes up and down.", "the store's tests pass.", "32.1 kg is refused.", "curl shows a label.",
             "the number is readable from 2 m.", "go test ./... is green."), strict=True), 1)
)  # fmt: skip


def _planned_twice() -> Case:
    """Ten minutes in, and still nothing is done: the plan that it was given is there three times more."""
    lane = _session("double_planning/raised", "w-plan-twice", "09:00:00", ROOT, "luggage-tags", "claude-opus-4-6")
    lane.prompt(PLAN)
    lane.title("Luggage tags")
    lane.step(
        think="The plan has six steps. Before I begin I should think through the whole of it: the table, the store, the "
        "limit, the route, the kiosk and the tests, what depends on what, and where it could go wrong.",
        say="I will first work out an implementation plan.",
        out=5_800,
        secs=118,
    )
    lane.step(todos(*((step, "pending") for step in STEPS)), out=900, secs=21)
    lane.step(
        say="Plan for luggage tags:\n\n1. Add the table luggage_tags with booking, tag number, kind, weight in grams and "
        "printed at (migration 0052, with a way back)\n2. Add internal/luggage with Tag, Store and the Postgres store, "
        "numbers from the sequence luggage_tag_numbers\n3. Refuse weights above 32 kg with luggage.ErrTooHeavy, bicycles "
        "and wheelchairs excepted\n4. POST /bookings/{id}/tags in internal/web, answering with the label as ZPL\n5. The "
        "kiosk prints the label or shows the number in large digits\n6. Tests: store, limit, bicycle, two kiosks at one "
        "moment\n\nI write this down so that it is not lost.",
        out=6_900,
        secs=141,
    )
    lane.step(write(f"{ROOT}/docs/plans/luggage-tags.md", OWN_PLAN), out=9_600, secs=187)
    lane.step(todos(*((f"Step {number}: {step}", "pending") for number, step in enumerate(STEPS, 1))), out=1_300, secs=27,
              say="The plan is written. I bring the list in line with it.")  # fmt: skip
    return Case("double_planning/raised", [lane], (("double_planning", lane),))


def _planned_once() -> Case:
    lane = _session("double_planning/quiet", "w-plan-once", "09:01:00", ROOT, "luggage-tags-2", "claude-opus-4-6")
    lane.prompt(PLAN)
    lane.title("Luggage tags, as planned")
    lane.step(
        todos(("Table", "in_progress"), *((name, "pending") for name in ("Store", "Limit", "Route", "Kiosk", "Tests"))),
        out=240,
        secs=9,
        say="The plan is clear. I begin with the table.",
    )
    _first_steps(lane)
    return Case("double_planning/quiet", [lane])


def _first_steps(lane: Session) -> None:
    """The table and the store, then the turn ends: the rest is for another day."""
    lane.step(
        bash("ls db/migrations | tail -2", "Last migrations", "0050_port_scope.sql\n0051_notices.sql", 0.2, 40),
        out=90,
        secs=7,
    )
    lane.step(
        write(f"{ROOT}/db/migrations/0052_luggage_tags.sql",
              "-- up\nCREATE SEQUENCE luggage_tag_numbers;\nCREATE TABLE luggage_tags (\n  booking bigint NOT NULL,\n"
              "  number bigint PRIMARY KEY,\n  kind text NOT NULL,\n  grams int,\n  printed_at timestamptz\n);\n-- down\nDROP TABLE luggage_tags;\n"),
        bash("make migrate && make migrate-down && make migrate", "Up, down, up", "0052 up\n0052 down\n0052 up", 6, 60),
        out=620, secs=25,
    )  # fmt: skip
    lane.step(
        write(f"{ROOT}/internal/luggage/store.go",
              "package luggage\n\ntype Store interface {\n\tAdd(ctx context.Context, t Tag) (int64, error)\n}\n"),
        write(f"{ROOT}/internal/luggage/postgres.go",
              "package luggage\n\nconst add = `insert into luggage_tags values ($1, nextval('luggage_tag_numbers'), $2, $3)`\n"),
        out=1_450, secs=58,
    )  # fmt: skip
    lane.step(
        bash("go test ./internal/luggage/", "Run its tests", "ok  \tharbor/internal/luggage\t0.9s", 5, 50),
        out=90,
        secs=8,
    )
    lane.step(
        bash("git add -A && git commit -qm 'Luggage tags: table and store'", "Commit", "", 0.5, 30), out=80, secs=7
    )
    lane.done(
        "Table and store are in, each committed; the tests of internal/luggage pass. Limit, route, kiosk and the rest follow."
    )


# -- unverified_claim ---------------------------------------------------------------------------------------


def _unverified() -> Case:
    lane = _session("unverified_claim/raised", "w-claim", "10:00:00", WEB, "currency")
    lane.prompt("Prices must be shown in the passenger's currency. All tests have to pass.")
    lane.title("Prices in the passenger's currency")
    lane.step(
        grep("formatPrice", f"{WEB}/src", "src/price.ts:4:export function formatPrice(cents: number) {", 300),
        out=130,
        secs=9,
    )
    lane.step(
        read(
            f"{WEB}/src/price.ts", "export function formatPrice(cents: number) {\n  return `€ ${cents / 100}`;\n}", 500
        ),
        out=90,
        secs=7,
    )
    lane.step(
        edit(f"{WEB}/src/price.ts", "formatPrice(cents: number)", "formatPrice(cents: number, currency: Currency)", 4),
        out=380,
        secs=21,
    )
    lane.step(bash("pnpm vitest run", "Run the tests", "FAIL src/FareList.test.tsx > shows the fare\n  expected '€ 12.00', got 'NaN'\nTests  1 failed | 88 passed (89)", 14, 210, code=1),
              out=80, secs=7)  # fmt: skip
    lane.step(
        edit(f"{WEB}/src/FareList.tsx", "formatPrice(fare.cents)", "formatPrice(fare.cents, passenger.currency)", 31),
        out=190,
        secs=14,
    )
    lane.step(bash("pnpm vitest run", "Run the tests", "Tests  89 passed (89)", 14, 90), out=70, secs=7)
    lane.step(edit(f"{WEB}/src/price.ts", "cents / 100", "cents / (10 ** currency.digits)", 5), out=260, secs=17,
              say="One more thing: yen have no cents.")  # fmt: skip
    lane.step(
        edit(f"{WEB}/src/Checkout.tsx", "formatPrice(total)", "formatPrice(total, passenger.currency)", 77),
        out=180,
        secs=13,
    )
    lane.done("Prices are shown in the passenger's currency, yen without decimals. All tests pass.")
    return Case("unverified_claim/raised", [lane], (("unverified_claim", lane),))


def _verified() -> Case:
    """The proof is a scratch file that no one would take for a test runner by its name."""
    lane = Thread("w-proof", at("10:02:00"), cwd=ROOT, branch="rounding", plan_type=None, prompt_tokens=26_000, shared_tokens=24_000,
                  case="unverified_claim/quiet")  # fmt: skip
    lane.prompt(
        "Group fares are rounded twice. Repair it, and show that it is right; pytest does not run on this machine."
    )
    lane.step(
        run("rg -n 'round\\(' tools/fares", "tools/fares/group.py:18: round(round(x, 2) * n, 2)", 0.2, 90),
        out=120,
        secs=9,
    )
    lane.step(run("python -m pytest -q tools/fares", "No module named pytest", 0.4, 40, code=1), out=90, secs=7)
    lane.step(
        patch(ROOT, "tools/fares/group.py", "-    return round(round(x, 2) * n, 2)\n+    return round(x * n, 2)"),
        out=210,
        secs=14,
    )
    lane.step(
        patch(ROOT, "scratch/check_group.py",
              "+from tools.fares.group import group\n+\n+cases = ((1.005, 3, 3.02), (12.5, 4, 50.0), (0.1, 3, 0.3))\n"
              "+for x, n, want in cases:\n+    assert group(x, n) == want\n+print(f\"{len(cases)} passed\")", new=True),
        out=420, secs=24, say="Without pytest I check it by hand, in a scratch file.",
    )  # fmt: skip
    lane.step(
        run(
            "python scratch/check_group.py",
            "Traceback (most recent call last):\nAssertionError: 3.01",
            0.6,
            120,
            code=1,
        ),
        out=90,
        secs=8,
    )
    lane.step(
        patch(
            ROOT,
            "tools/fares/group.py",
            "-    return round(x * n, 2)\n+    return float(Decimal(str(x)) * n // CENT * CENT)",
        ),
        out=330,
        secs=22,
    )
    lane.step(run("python scratch/check_group.py", "3 passed", 0.6, 40), out=70, secs=7)
    lane.done("Group fares are rounded once, in decimal. Verified: all three checks pass.")
    return Case("unverified_claim/quiet", [lane])


# -- hard_stop ----------------------------------------------------------------------------------------------


def _cut_off() -> Case:
    """The plan's limit comes while a call is still out, and half of the plan is open."""
    lane = Thread("w-cut", at("11:00:00"), cwd=ROOT, branch="quiet-hours", prompt_tokens=31_000, shared_tokens=28_000,
                  case="hard_stop/raised")  # fmt: skip
    steps = ("Rule for quiet hours", "Notices wait until six", "A late ferry is told at once", "Tests over midnight")
    lane.prompt("No notices to passengers between ten and six, except when a ferry of that night is late.")
    lane.step(plan((steps[0], "in_progress"), *((step, "pending") for step in steps[1:])),
              run("rg -n 'func Send' internal/notices", "internal/notices/send.go:22:func Send(", 0.2, 80), out=240, secs=13)  # fmt: skip
    lane.step(patch(ROOT, "internal/notices/quiet.go", "+package notices\n+\n+func quiet(t time.Time) bool {\n+\treturn t.Hour() >= 22 || t.Hour() < 6\n+}", new=True),
              out=520, secs=34)  # fmt: skip
    lane.step(run("go test ./internal/notices/", "ok  harbor/internal/notices  1.4s", 7, 50), out=70, secs=7)
    lane.step(plan((steps[0], "completed"), (steps[1], "in_progress"), *((step, "pending") for step in steps[2:])),
              patch(ROOT, "internal/notices/send.go", "+\tif quiet(s.now()) {\n+\t\treturn s.later(n)\n+\t}"), out=480, secs=29)  # fmt: skip
    call = run("go test -race ./internal/notices/...", "", 0, 0)
    call.pending = True
    lane.step(call, out=80, secs=9)
    lane.hit_limit(
        "You've hit your usage limit. To get more access now, send a request to your admin or try again at 2:12 PM."
    )
    return Case("hard_stop/raised", [lane], (("hard_stop", lane),))


def _finished() -> Case:
    """The limit comes too, but to the next question: what was begun is done."""
    lane = _session("hard_stop/quiet", "w-finished", "11:02:00", WEB, "print-css")
    lane.prompt("The ticket prints on two pages. One is enough.")
    lane.title("Ticket on one page")
    lane.step(
        todos(("Find the page break", "in_progress"), ("Repair it", "pending"), ("Print to PDF and look", "pending")),
        out=150,
        secs=8,
    )
    lane.step(read(f"{WEB}/src/print.css", "@media print {\n  .terms { break-before: page; }", 600), out=90, secs=7)
    lane.step(edit(f"{WEB}/src/print.css", "break-before: page;", "font-size: 7pt;", 2), out=170, secs=12)
    lane.step(
        bash("pnpm pdf ticket && pdfinfo out/ticket.pdf | grep Pages", "Count the pages", "Pages:           1", 9, 60),
        out=80,
        secs=7,
    )
    lane.step(todos(("Find the page break", "completed"), ("Repair it", "completed"), ("Print to PDF and look", "completed")),
              bash("git commit -qam 'Ticket on one page'", "Commit", "", 0.4, 30), out=130, secs=8)  # fmt: skip
    lane.done("The terms had a page of their own; now the ticket is one page.")
    lane.wait(340)
    lane.prompt("Thank you. Now have a look at the boarding list.")
    lane.hit_limit("You've hit your limit · resets 2:10pm (UTC)")
    lane.end_turn()
    return Case("hard_stop/quiet", [lane])


# -- missing_tool -------------------------------------------------------------------------------------------


def _missing(name: str, args: dict[str, object]) -> Tool:
    text = f"<tool_use_error>Error: No such tool available: {name}</tool_use_error>"
    return Tool(name, args, text, f"Error: No such tool available: {name}", 0.05, 40, failed=True)


def _no_tool() -> Case:
    """An agent that was given no shell goes on asking for one."""
    lane = _session("missing_tool/raised", "w-no-tool", "12:00:00", ROOT, "port-names")
    lane.prompt("Rename the port of Esbjerg to Esbjerg Havn everywhere and run the tests.")
    lane.title("Rename a port")
    lane.step(_missing("Bash", {"command": "rg -ln Esbjerg", "description": "Where the name stands"}), out=90, secs=7)
    lane.step(Tool("Glob", {"pattern": "**/ports*"}, f"{ROOT}/internal/ports/names.go\n{ROOT}/web/ports.json", secs=0.3, tokens=90),
              out=80, secs=6, say="No shell. I look with what I have.")  # fmt: skip
    lane.step(
        read(f"{ROOT}/internal/ports/names.go", 'package ports\n\nvar names = map[int]string{7: "Esbjerg"}', 700),
        out=90,
        secs=7,
    )
    lane.step(edit(f"{ROOT}/internal/ports/names.go", '7: "Esbjerg"', '7: "Esbjerg Havn"', 3), out=140, secs=9)
    lane.step(
        _missing("Bash", {"command": "go test ./internal/ports/", "description": "Run the tests"}), out=80, secs=7
    )
    lane.step(edit(f"{ROOT}/web/ports.json", '"Esbjerg"', '"Esbjerg Havn"', 9), out=130, secs=9)
    lane.step(
        _missing("Bash", {"command": "pnpm vitest run ports", "description": "Tests of the front end"}), out=80, secs=7
    )
    lane.step(_missing("BashOutput", {"bash_id": "1"}), out=60, secs=6)
    lane.step(read(f"{ROOT}/web/ports.json", '[\n  {"id": 7, "name": "Esbjerg Havn"},', 900), out=90, secs=7)
    lane.done("The port is called Esbjerg Havn in both files. I could not run the tests: there is no shell here.")
    return Case("missing_tool/raised", [lane], (("missing_tool", lane),))


def _told_of_none() -> Case:
    """Others' missing tools: in a log that is read, and a program of the shell's that is not installed."""
    lane = _session("missing_tool/quiet", "w-log", "12:02:00", ROOT, "agents-log")
    lane.prompt("Last night's agents did nothing at all. Read logs/agents/2026-05-08.log and tell me why.")
    lane.title("Why the agents did nothing")
    seen = "02:14 rename-ports: Error: No such tool available: Bash\n02:14 rename-ports: Error: No such tool available: Bash\n02:15 rename-ports: gave up"
    lane.step(read(f"{ROOT}/logs/agents/2026-05-08.log", seen, 1_900), out=120, secs=9)
    lane.step(
        bash(
            "jq -r .tools logs/agents/rename-ports.json",
            "Which tools it was given",
            "bash: line 1: jq: command not found",
            0.2,
            40,
            code=127,
        ),
        out=80,
        secs=7,
    )
    lane.step(bash("python -c 'import json; print(json.load(open(\"logs/agents/rename-ports.json\"))[\"tools\"])'", "The same without jq", "['Read', 'Edit', 'Glob']", 0.3, 40),
              out=90, secs=8)  # fmt: skip
    lane.step(
        bash(
            "git log -3 --format='%h %s' -- agents/rename-ports.toml",
            "Who took it away",
            "c41e09a Agents get no shell at night",
            0.3,
            60,
        ),
        out=80,
        secs=7,
    )
    lane.done("They were given Read, Edit and Glob and no shell since c41e09a; each asked for Bash twice and gave up.")
    return Case("missing_tool/quiet", [lane])


# -- stalled and needs_input --------------------------------------------------------------------------------


def _e2e(lane: Thread, number: int, *, hangs: bool = False) -> None:
    session = str(5120 + number)
    lane.step(run("make e2e", "chromium started", 30, 60, goes_on=session), out=70, secs=7)
    rest = poll(session, "" if hangs else f"{38 + number} scenarios, all passed in 3m{10 + number}s", 160 + number, 90)
    rest.pending = hangs
    lane.step(rest, out=40, secs=5)


def _checkin(case: str, name: str, clock: str) -> Thread:
    lane = Thread(
        name,
        at(clock),
        cwd=ROOT,
        branch="check-in",
        plan_type=None,
        prompt_tokens=25_000,
        shared_tokens=23_000,
        case=case,
    )
    lane.prompt(
        "Let passengers check in from 48 hours before departure, it was 24. The end-to-end tests have to stay green."
    )
    lane.step(
        run("rg -n '24 \\* time.Hour' internal", "internal/checkin/window.go:9:\tOpens = 24 * time.Hour", 0.2, 110),
        out=110,
        secs=8,
    )
    _e2e(lane, 0)
    lane.step(
        patch(ROOT, "internal/checkin/window.go", "-\tOpens = 24 * time.Hour\n+\tOpens = 48 * time.Hour"),
        out=130,
        secs=9,
    )
    _e2e(lane, 1)
    lane.step(
        patch(ROOT, "internal/notices/checkin.go", "-a day before\n+two days before"),
        out=150,
        secs=11,
        say="The mail says when, too.",
    )
    _e2e(lane, 2, hangs=True)
    return lane


def _stalled() -> Case:
    """The tests take three minutes, and now forty have passed: nobody looks at the browser that hangs."""
    lane = _checkin("stalled/raised", "w-stalled", "13:00:00")
    return Case("stalled/raised", [lane], (("stalled", lane),), at=lane.now + 40 * 60)


def _busy() -> Case:
    """The same, looked at while the tests still run as long as they always do."""
    lane = _checkin("stalled/quiet", "w-busy", "13:20:00")
    return Case("stalled/quiet", [lane], at=lane.now + 120)


def _question(lane: Session) -> Tool:
    ask = Tool("AskUserQuestion", {"questions": [{
        "question": "Dogs cost 8 on the night ferry and 5 by day. Which one counts for a crossing that leaves at 22:00 and arrives at 02:00?",
        "header": "Dogs", "multiSelect": False,
        "options": [{"label": "By departure", "description": "5: it leaves by day"}, {"label": "By arrival", "description": "8: it arrives at night"}],
    }]}, pending=True)  # fmt: skip
    lane.step(ask, out=260, secs=21, say="One price is not decided.")
    return ask


def _dogs(case: str, name: str, clock: str) -> tuple[Session, Tool]:
    lane = _session(case, name, clock, ROOT, "dogs")
    lane.prompt("Add dogs to the fares. Ask me if a price is not clear.")
    lane.title("Fares for dogs")
    lane.step(read(f"{ROOT}/docs/fares/animals.md", "# Animals\n\nDogs: 5 by day, 8 by night.", 300), out=110, secs=8)
    lane.step(grep("func Fare", f"{ROOT}/internal/fare", "internal/fare/fare.go:12:func Fare(", 90), out=80, secs=7)
    return lane, _question(lane)


def _asks() -> Case:
    lane, _ = _dogs("needs_input/raised", "w-asks", "14:00:00")
    return Case("needs_input/raised", [lane], (("needs_input", lane),), at=lane.now + 4 * 60)


def _was_answered() -> Case:
    lane, ask = _dogs("needs_input/quiet", "w-answered", "14:02:00")
    ask.secs = 131
    ask.result = 'User has answered your questions: "Dogs"="By departure". You can now continue with the user\'s answers in mind.'
    lane.answer(ask)
    lane.step(
        write(f"{ROOT}/internal/fare/dog.go", "package fare\n\n// Dog counts by departure.\nfunc Dog(dep time.Time) int {\n\tif night(dep) {\n\t\treturn 800\n\t}\n\treturn 500\n}\n"),
        out=340, secs=19,
    )  # fmt: skip
    lane.step(
        bash("go test ./internal/fare/", "Run its tests", "ok  \tharbor/internal/fare\t0.7s", 5, 50), out=70, secs=7
    )
    lane.done("Dogs have a fare, by departure. The tests of internal/fare pass.")
    return Case("needs_input/quiet", [lane], at=lane.now + 4 * 60)
